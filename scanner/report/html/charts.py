"""Charts as numbers for SVG: they need no script, print sharply and take their colours from the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scanner.policy.model import Severity
from scanner.report.html.wording import TITLES, moment
from scanner.result.finding import Verdict
from scanner.result.trend import TrendPoint

JUDGED = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT, Verdict.PASS)
LEAST = 1.5
"""Per cent of a ring or bar that even one finding among many gets: none may be too small to see."""
GAP = 0.6


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a ring or bar of length 100, as SVG writes it."""

    verdict: Verdict
    title: str
    count: int
    start: str
    length: str


def donut(verdicts: Mapping[Verdict, int]) -> Sequence[Slice]:
    """What was judged, by verdict; with room between the slices."""
    slices = list(_slices({verdict: verdicts[verdict] for verdict in JUDGED}, 100.0))
    if sum(each.count > 0 for each in slices) == 1:
        return slices
    return [replace(each, length=_number(max(0.0, float(each.length) - GAP))) for each in slices]


@dataclass(frozen=True, slots=True)
class VerdictBar:
    """What did not pass, of one severity; the longest bar is 100 long."""

    severity: Severity
    slices: Sequence[Slice]
    counts: Mapping[Verdict, int]


def bars(severities: Mapping[tuple[Severity, Verdict], int]) -> Sequence[VerdictBar]:
    """A bar for each severity, the gravest first, of how many findings there are of it and each verdict."""
    counts = {
        severity: {verdict: severities.get((severity, verdict), 0) for verdict in JUDGED[:3]}
        for severity in reversed(Severity)
    }
    longest = max(sum(of.values()) for of in counts.values()) or 1
    return [
        VerdictBar(severity, tuple(_slices(of, 100.0 * sum(of.values()) / longest)), of)
        for severity, of in counts.items()
    ]


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One verdict from run to run: the points of a polyline, and what each of them says."""

    verdict: Verdict
    title: str
    points: str
    dots: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart of WIDTH by HEIGHT, its horizontal rules (y, count), and its runs, oldest first."""

    lines: Sequence[TrendLine]
    rules: Sequence[tuple[str, int]]
    runs: Sequence[TrendPoint]


WIDTH, HEIGHT = 1000, 150
"""The drawing area of a trend, in the units of its viewBox."""
MOST_DOTS = 40


def trend(points: Sequence[TrendPoint]) -> Trend | None:
    """How fails, unknowns and exemptions moved; None unless there are two runs to compare."""
    if len(points) < 2:
        return None
    series = {
        Verdict.FAIL: [point.failed for point in points],
        Verdict.UNKNOWN: [point.unknown for point in points],
        Verdict.EXEMPT: [point.exempt for point in points],
    }
    series = {verdict: counts for verdict, counts in series.items() if any(counts)} or {
        Verdict.FAIL: series[Verdict.FAIL]
    }
    step = _step(max(max(counts) for counts in series.values()))
    top = step * max(1, -(-max(max(counts) for counts in series.values()) // step))
    lines = [_line(verdict, counts, points, top) for verdict, counts in series.items()]
    rules = [(_number(HEIGHT - HEIGHT * count / top), count) for count in range(0, top + 1, step)]
    return Trend(lines, rules, points)


def _line(verdict: Verdict, counts: Sequence[int], runs: Sequence[TrendPoint], top: int) -> TrendLine:
    spots = [
        (_number(WIDTH * position / (len(counts) - 1)), _number(HEIGHT - HEIGHT * count / top))
        for position, count in enumerate(counts)
    ]
    said = [
        f"{moment(run.collected)}: {count:,} {TITLES[verdict].lower()}"
        for run, count in zip(runs, counts, strict=True)
    ]
    dots = [(x, y, text) for (x, y), text in zip(spots, said, strict=True)]
    return TrendLine(
        verdict,
        TITLES[verdict],
        " ".join(f"{x},{y}" for x, y in spots),
        dots if len(dots) <= MOST_DOTS else dots[-1:],
    )


def _step(most: int) -> int:
    """1, 2 or 5 times a power of ten, so that at most five rules lie above the base."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 5 * factor * size:
                return factor * size
        size *= 10


def _slices(counts: Mapping[Verdict, int], length: float) -> Iterator[Slice]:
    """The slices of a length, each wide enough to be seen."""
    total = sum(counts.values())
    widths = {
        verdict: max(LEAST, length * count / total) if count else 0.0 for verdict, count in counts.items()
    }
    scale = length / sum(widths.values()) if total and length > LEAST * len(widths) else 1.0
    start = 0.0
    for verdict, count in counts.items():
        width = widths[verdict] * scale
        yield Slice(verdict, TITLES[verdict], count, _number(start), _number(width))
        start += width


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
