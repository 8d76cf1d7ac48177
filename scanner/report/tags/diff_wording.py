"""What the difference of two lists of service tags is called, in text and in Markdown."""

from collections.abc import Iterator, Sequence

from scanner.network import ipv4, ipv6
from scanner.network.tags.changes import ChangeKind, TagChange
from scanner.network.tags.comparison import AffectedRegistry, TagListComparison
from scanner.network.tags.effects import EffectState

MEANINGS = {
    ChangeKind.VANISHED: (
        "not in the newer list, which proves nothing: such tags came back with what they had"
    ),
    ChangeKind.EMPTIED: "listed without a prefix now, which proves nothing of its addresses",
    ChangeKind.EMPTY: "listed without a prefix",
    ChangeKind.NEW: "not in the older list",
    ChangeKind.FILLED: "it had no prefix before",
    ChangeKind.CHANGED: "",
    ChangeKind.UNCHANGED: "the same addresses",
}


def summary(changes: Sequence[TagChange]) -> str:
    """How many tags were compared, and what became of them."""
    counts = [(kind, sum(each.kind is kind for each in changes)) for kind in ChangeKind]
    found = ", ".join(f"{count} {kind.value}" for kind, count in counts if count)
    return f"{len(changes)} compared: {found}"


def lines(change: TagChange, most: int | None) -> Iterator[tuple[str, str]]:
    """Sign and words of what came and left: IPv4 exactly, up to `most` prefixes; IPv6 is counted."""
    for sign, four, six in (
        ("+", change.ipv4.added, change.ipv6.added),
        ("-", change.ipv4.removed, change.ipv6.removed),
    ):
        parts = [listed(ipv4.cidrs(four), most) + f" ({counted(ipv4.size(four))})"] if four else []
        count = len(ipv6.cidrs(six))
        parts += [f"{count} IPv6 prefix{'' if count == 1 else 'es'}"] if count else []
        if parts:
            yield sign, "; ".join(parts)


def listed(names: Sequence[str], most: int | None) -> str:
    """Names with commas; the first `most` of them, and how many more."""
    more = 0 if most is None else len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def counted(addresses: int) -> str:
    """A number of IPv4 addresses."""
    return f"{addresses:,} address{'' if addresses == 1 else 'es'}"


def effects(touched: AffectedRegistry, most: int | None) -> Iterator[str]:
    """What a difference does to a registry, in sentences."""
    effect = touched.effect
    if effect.refused:
        word = "will" if effect.state is EffectState.AFFECTED else "may"
        missing = f"{listed(effect.refused, most)}, which no IP rule admits"
        yield f"Its tasks {word} be refused from {missing}, when these ranges go live."
        tasks = listed(touched.tasks, most)
        yield f"Tasks with no other way: {tasks}." if tasks else _NO_TASKS
    for stale in effect.stale[:most]:
        yield f"Its IP rule {stale.rule} admits {listed(stale.left, most)}, which left the tag."
    if effect.lacking:
        yield f"It lacked {listed(effect.lacking, most)} before, which a scan reports."


_NO_TASKS = "No enabled task is known to need this; quick runs (az acr build, az acr run) do."


def verdict(comparison: TagListComparison) -> tuple[str, str]:
    """The last line: a word, and why."""
    states = comparison.states
    if comparison.registries is None:
        same = all(change.kind is ChangeKind.UNCHANGED for change in comparison.changes)
        why = "no registry was looked at; pass --snapshot PATH or a scope in Azure"
        return "UNCHANGED" if same else "CHANGED", why
    counts = ", ".join(f"{states[state]} {state.value}" for state in EffectState)
    registries = f"of {len(comparison.registries)} registries {counts}"
    if comparison.exit_code == 1:
        return "AFFECTED", registries
    if comparison.exit_code:
        hidden = f"; not seen: {len(comparison.unseen)}" if comparison.unseen else ""
        return "NOT VOUCHED FOR", registries + hidden
    return "OK", registries
