"""The words that several reports share: evidence by way, why a finding does not gate, what is in doubt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from scanner.model.truth import Truth
from scanner.report.plain import plain
from scanner.result.finding import Evidence, Finding, Verdict
from scanner.result.report import Report

MARKS = {Truth.FALSE: "✗", Truth.UNKNOWN: "?", Truth.TRUE: "✓"}
LONGEST = 600
"""How much of one leaf's text is shown where not everything is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One harmless line of evidence, `depth` steps in; `mark` is the truth of what it names, if any."""

    depth: int
    mark: Truth | None
    text: str

    def __str__(self) -> str:
        mark = "" if self.mark is None else f"{MARKS[self.mark]} "
        return f"{'    ' * self.depth}{mark}{self.text}"


def evidence_lines(finding: Finding, *, most: int | None = None) -> Iterator[Line]:
    """A finding's evidence by way: each way with its mark, below it the leaves that decided it.

    Evidence of no way has a mark on each leaf. `most` limits the leaves of a way, and cuts long texts.
    """
    for way, group in groupby(_telling(finding), key=lambda evidence: evidence.way):
        leaves = tuple(
            dict.fromkeys(
                (_text(leaf, whole=most is None), leaf.ground.help, leaf.ground.truth) for leaf in group
            )
        )
        if way is not None:
            yield Line(0, _truth_of_way(finding, way, [truth for _, _, truth in leaves]), plain(way))
        depth = 0 if way is None else 1
        shown = leaves[:most]
        for (text, help_, truth), after in zip_longest(shown, shown[1:]):
            yield Line(depth, _truth_of_leaf(finding, truth) if way is None else None, text)
            if help_ and (after is None or after[1] != help_):
                yield Line(1, None, f"help: {plain(help_)}")
        if len(shown) < len(leaves):
            yield Line(depth, None, f"… and {len(leaves) - len(shown)} more")


def _telling(finding: Finding) -> Iterator[Evidence]:
    """The evidence; of an unknown without what is settled outside of its ways: that it applies, say."""
    for leaf in finding.evidence:
        if (
            finding.verdict is not Verdict.UNKNOWN
            or leaf.way is not None
            or leaf.ground.truth is Truth.UNKNOWN
        ):
            yield leaf


def not_gating(finding: Finding) -> str | None:
    """Why a finding that did not pass does not gate; None if it gates, or has nothing to gate."""
    if finding.gates is not None or finding.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return None
    if finding.exemption is not None:
        return plain(f"exempt until {finding.exemption.expires_on}: {finding.exemption.reason}")
    return finding.ungated.value if finding.ungated is not None else finding.verdict.value


def doubts(report: Report) -> Iterator[str]:
    """Why the scan as a whole cannot vouch for its answer; nothing where it can."""
    if not report.run.complete:
        yield "incomplete inventory"
    if report.nothing_scanned:
        yield "nothing was scanned: no resource of any selected policy's type"


def _truth_of_way(finding: Finding, way: str, leaves: Sequence[Truth]) -> Truth:
    """What came of a way. A leaf below a `not` has the other truth than its way, so only UNKNOWN tells."""
    if Truth.UNKNOWN in leaves:
        return Truth.UNKNOWN
    return Truth.TRUE if way in finding.ways else Truth.FALSE


def _truth_of_leaf(finding: Finding, leaf: Truth) -> Truth:
    """What a leaf of no way means for its finding; in an unknown one it speaks for itself."""
    if leaf is Truth.UNKNOWN or finding.verdict is Verdict.UNKNOWN:
        return leaf
    return Truth.TRUE if finding.verdict is Verdict.PASS else Truth.FALSE


def _text(evidence: Evidence, *, whole: bool) -> str:
    name = evidence.resource.rstrip("/").rsplit("/", 1)[-1]
    said = evidence.ground.sentence
    if not whole and len(said) > LONGEST:
        said = f"{said[:LONGEST]} … and {len(said) - LONGEST} characters more"
    return plain(f"{name}: {said}")
