"""The difference of two lists of service tags on a terminal: the lists, the tags, then the firewalls."""

from scanner.network.tags.changes import ChangeKind, TagChange
from scanner.network.tags.comparison import AffectedRegistry, TagListComparison
from scanner.network.tags.effects import EffectState
from scanner.report.console.layout import Layout
from scanner.report.tags.address_table import heading
from scanner.report.tags.diff_wording import MEANINGS, effects, lines, summary, verdict
from scanner.text.printable import printable

MOST = 12
_KINDS = {
    ChangeKind.VANISHED: "bold red",
    ChangeKind.EMPTIED: "bold red",
    ChangeKind.EMPTY: "yellow",
    ChangeKind.NEW: "green",
    ChangeKind.FILLED: "green",
    ChangeKind.CHANGED: "bold",
    ChangeKind.UNCHANGED: "dim",
}
_STATES = {
    EffectState.AFFECTED: "bold red",
    EffectState.UNKNOWN: "bold yellow",
    EffectState.UNAFFECTED: "green",
}
_VERDICTS = {0: "bold green", 1: "bold red", 3: "bold yellow"}
_SIGNS = {"+": "green", "-": "red"}


def render(comparison: TagListComparison, *, width: int, color: bool, verbose: bool = False) -> str:
    """The difference for a reader; what is unchanged or unaffected is counted, and listed if verbose."""
    page = Layout(width, color)
    most = None if verbose else MOST
    heading(page, "Older", comparison.old)
    heading(page, "Newer", comparison.new)
    page.line((summary(comparison.changes), "bold"), lead=("Tags   ", "dim"))
    for said in comparison.known:
        page.line((printable(said), ""), lead=("Known  ", "dim"))
    told = [each for each in comparison.changes if verbose or each.kind is not ChangeKind.UNCHANGED]
    if told:
        page.heading("Tags")
    for change in told:
        _change(page, change, most)
    if comparison.registries is not None:
        page.heading("Registries")
        for each in sorted(comparison.registries, key=_rank):
            if verbose or each.effect.state is not EffectState.UNAFFECTED:
                _registry(page, each, most)
        for said in comparison.unseen[:most]:
            page.line((printable(said), ""), lead=("not seen  ", "bold yellow"))
    page.blank()
    word, why = verdict(comparison)
    code = comparison.exit_code
    page.line((word, _VERDICTS[code]), (f": {why} (exit code {code})", ""))
    return page.text()


def _rank(touched: AffectedRegistry) -> tuple[int, str]:
    return list(EffectState).index(touched.effect.state), touched.registry.key


def _change(page: Layout, change: TagChange, most: int | None) -> None:
    meaning = MEANINGS[change.kind]
    page.line(
        (printable(change.name), "bold"),
        (f"  {meaning}" if meaning else "", "dim"),
        lead=(f"{change.kind.value:<10}", _KINDS[change.kind]),
    )
    for sign, words in lines(change, most):
        page.line((words, ""), indent=10, lead=(f"{sign} ", _SIGNS[sign]))


def _registry(page: Layout, touched: AffectedRegistry, most: int | None) -> None:
    registry, effect = touched.registry, touched.effect
    page.line(
        (printable(registry.name), "bold"),
        (printable(f"  {registry.location or 'region unknown'}: {effect.reason}"), ""),
        lead=(f"{effect.state.value:<12}", _STATES[effect.state]),
    )
    page.whole(printable(registry.id), "dim", indent=12)
    for said in effects(touched, most):
        page.line((printable(said), ""), indent=12)
