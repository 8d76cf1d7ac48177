"""The words that several reports share: evidence by way, why a finding does not gate, what is in doubt."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import TypeVar

from scanner.model.truth import Truth
from scanner.report.memo import Memo
from scanner.result.finding import Evidence, EvidenceFact, Finding, Verdict
from scanner.result.report import Report
from scanner.text.printable import printable

T = TypeVar("T")

MARKS = {Truth.FALSE: "✗", Truth.UNKNOWN: "?", Truth.TRUE: "✓"}
LONGEST = 600
"""How much of one leaf's text is shown where not everything is."""


def line(depth: int, mark: Truth | None, text: str) -> str:
    """A line of evidence as text, `depth` steps in; `mark` is the truth of what it names, if any."""
    return f"{_STARTS[depth, mark]}{text}"


_STARTS = {
    (depth, mark): f"{'    ' * depth}{'' if mark is None else f'{MARKS[mark]} '}"
    for depth in (0, 1)
    for mark in (None, *Truth)
}


class EvidenceRenderer:
    """How the evidence of many findings is told; what they share is made harmless once.

    `most` limits the leaves of a way, and cuts long texts.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._names = Memo(_name)
        self._grounds = Memo(self._ground)
        self._words: Memo[str, str] = Memo(printable)

    def lines(
        self, finding: Finding, evidence: Iterable[Evidence], make: Callable[[int, Truth | None, str], T]
    ) -> list[T]:
        """A finding's evidence by way: each way with its mark, below it the leaves that decided it.

        Evidence of no way has a mark on each leaf. `make` makes a line of its depth, its mark and a harmless
        text, as `line` does.
        """
        verdict, names, grounds, words = finding.verdict, self._names, self._grounds, self._words
        if verdict is Verdict.UNKNOWN:
            evidence = filter(_telling, evidence)
        lines = []
        for way, group in groupby(evidence, key=_WAY):
            leaves: dict[tuple[str, str | None, Truth], None] = {}
            for leaf in group:
                said, help_, truth = grounds[leaf.fact]
                leaves[f"{names[leaf.resource]}: {said}", help_, truth] = None
            depth = 0
            if way is not None:
                depth = 1
                lines.append(make(0, _truth_of_way(finding, way, leaves), words[way]))
            last = None
            for text, help_, truth in islice(leaves, self._most):
                if last and last != help_:
                    lines.append(make(1, None, f"help: {words[last]}"))
                last = help_
                lines.append(make(depth, _truth_of_leaf(verdict, truth) if way is None else None, text))
            if last:
                lines.append(make(1, None, f"help: {words[last]}"))
            if self._most is not None and len(leaves) > self._most:
                lines.append(make(depth, None, f"… and {len(leaves) - self._most} more"))
        return lines

    def _ground(self, ground: EvidenceFact) -> tuple[str, str | None, Truth]:
        said = ground.sentence
        if self._most is not None and len(said) > LONGEST:
            said = f"{said[:LONGEST]} … and {len(said) - LONGEST} characters more"
        return printable(said), ground.help, ground.truth


_WAY = attrgetter("way")


def _telling(leaf: Evidence) -> bool:
    """Whether a leaf says why its finding is unknown: not if it is settled, and outside of the ways."""
    return leaf.way is not None or leaf.fact.truth is Truth.UNKNOWN


def _name(resource_id: str) -> str:
    return printable(resource_id.rstrip("/").rsplit("/", 1)[-1])


def why_not_gating(finding: Finding) -> str | None:
    """Why a finding that did not pass does not gate; None if it gates, or has nothing to gate."""
    if finding.gates is not None or finding.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return None
    if finding.exemption is not None:
        return printable(f"exempt until {finding.exemption.expires_on}: {finding.exemption.reason}")
    return (
        finding.not_gating_because.value if finding.not_gating_because is not None else finding.verdict.value
    )


def doubts(report: Report) -> Iterator[str]:
    """Why the scan as a whole cannot vouch for its answer; nothing where it can."""
    if not report.run.complete:
        yield "incomplete inventory"
    if report.nothing_scanned:
        yield "nothing was scanned: no resource of any selected policy's type"


def _truth_of_way(finding: Finding, way: str, leaves: Iterable[tuple[str, str | None, Truth]]) -> Truth:
    """What came of a way. A leaf below a `not` has the other truth than its way, so only UNKNOWN tells."""
    for _, _, truth in leaves:
        if truth is Truth.UNKNOWN:
            return truth
    return Truth.TRUE if way in finding.ways else Truth.FALSE


def _truth_of_leaf(verdict: Verdict, leaf: Truth) -> Truth:
    """What a leaf of no way means for its finding; in an unknown one it speaks for itself."""
    if leaf is Truth.UNKNOWN or verdict is Verdict.UNKNOWN:
        return leaf
    return Truth.TRUE if verdict is Verdict.PASS else Truth.FALSE
