"""SARIF 2.1.0: the fails for GitHub code scanning, or every finding for tools that know the whole format.

What GitHub takes: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from scanner.policy.model import Policy
from scanner.report.evidence import doubts
from scanner.report.renderer import BatchRenderer, Piece, PolicySections, joined, render_all, text_of
from scanner.report.sarif.result import ResultRenderer, as_json, own_result, unlinked
from scanner.report.sarif.rules import rules
from scanner.report.spool import Sections
from scanner.report.top_findings import top_findings
from scanner.result.finding import Verdict
from scanner.result.report import Report
from scanner.text.printable import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULTS = 5_000
"""GitHub stores no more, and refuses a run of more than 25,000."""
SIZE = 9_500_000
"""GitHub refuses more than 10 MB after gzip; the difference is for all that is no result."""
MOST = 10
"""How many leaves of a way and commands of a remedy GitHub is told."""
MOST_NOTICES = 1000


@dataclass
class _Room:
    """What GitHub takes, and how many fails there was no room for once the results are written."""

    results: int
    size: int
    left_out: int = 0


def render_full(report: Report) -> str:
    """The report as SARIF, a result on each line."""
    return text_of(full_pieces(report, render_all(report.findings, renderer(report.run.policies))))


def full_pieces(report: Report, sections: Sections) -> Iterator[Piece]:
    """The same, with results that are rendered already."""
    return _pieces(report, _Room(0, 0), None, _without_first_comma(joined(sections)))


def pieces(report: Report, *, results: int = RESULTS, size: int = SIZE) -> Iterator[Piece]:
    """The same with the gravest fails that there is room for: `results` of them, `size` bytes after gzip."""
    room = _Room(results, size)
    return _pieces(report, room, MOST_NOTICES, _listed(_fails(report, room)))


def _pieces(report: Report, room: _Room, notices: int | None, results: Iterator[Piece]) -> Iterator[Piece]:
    yield f'{{"$schema":{as_json(SCHEMA)},"version":"2.1.0","runs":[{{\n'
    yield f'"tool":{{"driver":{{"name":"acr-scan","version":{as_json(report.run.tool_version)},"rules":[\n'
    yield from _listed(map(as_json, rules(report.run.policies)))
    yield '\n]}},\n"results":[\n'
    yield from results
    invocation = _invocation(report, room, notices)
    yield f'\n],\n"invocations":[{as_json(invocation)}],\n'
    yield f'"properties":{as_json(_properties(report))}\n}}]}}\n'


def _listed(members: Iterator[str]) -> Iterator[str]:
    separator = ""
    for member in members:
        yield f"{separator}{member}"
        separator = ",\n"


def renderer(policies: Sequence[Policy]) -> BatchRenderer:
    """Renders results, each after a comma; the policies are those of the run."""
    result = ResultRenderer(_numbers(policies), None).result
    return PolicySections(lambda finding: f",\n{result(finding)}")


def _without_first_comma(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for first in pieces:
        yield first.removeprefix(b",\n")
        break
    yield from pieces


def _fails(report: Report, room: _Room) -> Iterator[str]:
    """The fails that there is room for; then, if the scan cannot vouch, a result that says why."""
    numbers = _numbers(report.run.policies)
    made, packer, packed, written = ResultRenderer(numbers, MOST), zlib.compressobj(), 0, 0
    for finding in top_findings(report.findings, room.results - 1, (Verdict.FAIL,)):
        line = made.result(finding)
        packed += len(packer.compress(line.encode()))
        if packed > room.size:
            break
        yield line
        written += 1
    room.left_out = report.verdicts[Verdict.FAIL] - written
    if reasons := "; ".join(_reasons(report, room)):
        yield as_json(own_result(reasons, len(numbers)))


def _numbers(policies: Sequence[Policy]) -> Mapping[str, int]:
    return {policy.id: number for number, policy in enumerate(policies)}


def _reasons(report: Report, room: _Room) -> Iterator[str]:
    """Why what is not in the file is no proof that all is well."""
    yield from doubts(report)
    if unknown := report.gating[Verdict.UNKNOWN]:
        yield f"verdicts that gate but are unknown, and so are no alerts: {unknown}"
    if room.left_out:
        yield f"fails that are left out because GitHub keeps no more: {room.left_out}"


def _invocation(report: Report, room: _Room, most: int | None) -> dict[str, Any]:
    return {
        "executionSuccessful": not any(doubts(report)),
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [
            {"descriptor": {"id": identifier}, "level": level, "message": {"text": unlinked(text)}}
            for identifier, level, text in _news(report, room, most)
        ],
    }


def _news(report: Report, room: _Room, most: int | None) -> Iterator[tuple[str, str, str]]:
    """Kind, level and text of all that a reader of the file has to know besides the findings."""
    for doubt in doubts(report):
        yield "doubt", "error", doubt
    if room.left_out:
        said = f"fails that are left out: {room.left_out}; --sarif-full and --json have them"
        yield "left-out", "warning", said
    for notice in islice(report.notices, most):
        said = ": ".join(part for part in (notice.where, notice.reason) if part)
        help_ = f"\nhelp: {printable(notice.help)}" if notice.help else ""
        yield printable(notice.kind), "warning", f"{printable(said) or printable(notice.kind)}{help_}"
    if most is not None and len(report.notices) > most:
        said = f"notices that are left out: {len(report.notices) - most}; --json has them"
        yield "left-out", "warning", said


def _properties(report: Report) -> dict[str, Any]:
    run = report.run
    return {
        "collected": run.collected,
        "evaluated": run.evaluated,
        "source": run.source,
        "complete": run.complete,
        "policyDigest": run.policy_digest,
        "registries": report.registries,
        "verdicts": {verdict.value: report.verdicts[verdict] for verdict in Verdict},
    }
