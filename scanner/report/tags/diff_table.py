"""The difference of two lists of service tags on a terminal: the lists, the tags, then the firewalls."""

from scanner.network.tags.changes import Kind, TagChange
from scanner.network.tags.comparison import Comparison, Touched
from scanner.network.tags.effects import State
from scanner.report.console.layout import Page
from scanner.report.tags.address_table import heading
from scanner.report.tags.diff_wording import MEANINGS, effects, lines, summary, verdict
from scanner.text.printable import plain

MOST = 12
_KINDS = {
    Kind.VANISHED: "bold red",
    Kind.EMPTIED: "bold red",
    Kind.EMPTY: "yellow",
    Kind.NEW: "green",
    Kind.FILLED: "green",
    Kind.CHANGED: "bold",
    Kind.UNCHANGED: "dim",
}
_STATES = {State.AFFECTED: "bold red", State.UNKNOWN: "bold yellow", State.UNAFFECTED: "green"}
_VERDICTS = {0: "bold green", 1: "bold red", 3: "bold yellow"}
_SIGNS = {"+": "green", "-": "red"}


def render(comparison: Comparison, *, width: int, color: bool, verbose: bool = False) -> str:
    """The difference for a reader; what is unchanged or unaffected is counted, and listed if verbose."""
    page = Page(width, color)
    most = None if verbose else MOST
    heading(page, "Older", comparison.old)
    heading(page, "Newer", comparison.new)
    page.line((summary(comparison.changes), "bold"), lead=("Tags   ", "dim"))
    for said in comparison.known:
        page.line((plain(said), ""), lead=("Known  ", "dim"))
    told = [each for each in comparison.changes if verbose or each.kind is not Kind.UNCHANGED]
    if told:
        page.heading("Tags")
    for change in told:
        _change(page, change, most)
    if comparison.registries is not None:
        page.heading("Registries")
        for each in sorted(comparison.registries, key=_rank):
            if verbose or each.effect.state is not State.UNAFFECTED:
                _registry(page, each, most)
        for said in comparison.unseen[:most]:
            page.line((plain(said), ""), lead=("not seen  ", "bold yellow"))
    page.blank()
    word, why = verdict(comparison)
    code = comparison.exit_code
    page.line((word, _VERDICTS[code]), (f": {why} (exit code {code})", ""))
    return page.text()


def _rank(touched: Touched) -> tuple[int, str]:
    return list(State).index(touched.effect.state), touched.registry.key


def _change(page: Page, change: TagChange, most: int | None) -> None:
    meaning = MEANINGS[change.kind]
    page.line(
        (plain(change.name), "bold"),
        (f"  {meaning}" if meaning else "", "dim"),
        lead=(f"{change.kind.value:<10}", _KINDS[change.kind]),
    )
    for sign, words in lines(change, most):
        page.line((words, ""), indent=10, lead=(f"{sign} ", _SIGNS[sign]))


def _registry(page: Page, touched: Touched, most: int | None) -> None:
    registry, effect = touched.registry, touched.effect
    page.line(
        (plain(registry.name), "bold"),
        (plain(f"  {registry.location or 'region unknown'}: {effect.reason}"), ""),
        lead=(f"{effect.state.value:<12}", _STATES[effect.state]),
    )
    page.whole(plain(registry.id), "dim", indent=12)
    for said in effects(touched, most):
        page.line((plain(said), ""), indent=12)
