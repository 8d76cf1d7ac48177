"""The difference of two lists of service tags as Markdown: a step summary, or an issue."""

import re
from collections.abc import Iterable, Iterator, Sequence

from scanner.network.tags.changes import ChangeKind, TagChange
from scanner.network.tags.comparison import AffectedRegistry, TagListComparison
from scanner.network.tags.effects import EffectState
from scanner.report.tags.address_table import described
from scanner.report.tags.diff_wording import MEANINGS, effects, lines, listed, summary, verdict
from scanner.text.printable import printable

MOST_CELL, MOST_ROWS, MOST_NAMES = 40, 60, 500
"""Prefixes in a cell, registries in the table, and names after it: an issue takes 65,536 characters."""
_REST = {
    EffectState.AFFECTED: "Affected too",
    EffectState.UNKNOWN: "Unknown too",
    EffectState.UNAFFECTED: "Not affected",
}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$@&:-])")


def render(comparison: TagListComparison) -> str:
    """The verdict first, then registries, tags and what is known. Names are shown, never obeyed."""
    return "\n".join([*_blocks(comparison), ""])


def _blocks(comparison: TagListComparison) -> Iterator[str]:
    word, why = verdict(comparison)
    yield "# Service tag changes\n"
    yield f"**{word}**: {escaped(why)}\n"
    if comparison.registries is not None:
        yield from _registries(comparison.registries)
    for said in comparison.unseen:
        yield f"- not seen: {escaped(said)}"
    if comparison.unseen:
        yield ""
    yield "## Tags\n"
    yield f"{escaped(summary(comparison.changes))}\n"
    told = [each for each in comparison.changes if each.kind is not ChangeKind.UNCHANGED]
    if told:
        yield from _table(("Tag", "What", "Came", "Left"), map(_change, told))
    yield "## Known\n"
    yield from (f"- {escaped(said)}" for said in comparison.known)
    for what, one in (("Older", comparison.old), ("Newer", comparison.new)):
        yield f"- {what}: {escaped(f'{one.label}, {described(one)}')}"


def _registries(registries: Sequence[AffectedRegistry]) -> Iterator[str]:
    yield "## Registries\n"
    found = [each for state in EffectState for each in registries if each.effect.state is state]
    told = [each for each in found if each.effect.state is not EffectState.UNAFFECTED][:MOST_ROWS]
    if told:
        yield from _table(("Registry", "State", "Why", "What to know"), map(_registry, told))
    for state in EffectState:
        rest = [each.registry.name for each in found[len(told) :] if each.effect.state is state]
        if rest:
            yield f"{_REST[state]}: {escaped(listed(rest, MOST_NAMES))}\n"


def _registry(touched: AffectedRegistry) -> tuple[str, ...]:
    registry, effect = touched.registry, touched.effect
    place = f"{registry.name} ({registry.location or 'region unknown'})"
    return place, effect.state.value, effect.reason, " ".join(effects(touched, MOST_CELL))


def _change(change: TagChange) -> tuple[str, ...]:
    found = dict(lines(change, MOST_CELL))
    meaning = ": ".join(filter(None, (change.kind.value, MEANINGS[change.kind])))
    return change.name, meaning, found.get("+", ""), found.get("-", "")


def _table(header: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(map(escaped, row))} |"
    yield ""


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", printable(text))
