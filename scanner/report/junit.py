"""JUnit XML for CI gates: never green when the exit code is not 0. The only importer of junit_xml."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

import junit_xml

from scanner.report.evidence import doubts, evidence_lines, not_gating
from scanner.report.plain import plain
from scanner.result.finding import Advice, Finding, Verdict, in_order
from scanner.result.report import Notice, Report


def render(report: Report) -> str:
    """A suite per policy, a case per judged resource; and a suite of its own for the inventory."""
    return "".join(pieces(report))


def pieces(report: Report) -> Iterator[str]:
    """The same text, a suite at a time."""
    # junit_xml's own document has attributes that Jenkins does not know, and its indenting loses newlines.
    counts = " ".join(f'{name}="{number}"' for name, number in _counts(report).items())
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="acr-scan" {counts} time="0">\n'
    for suite in _suites(report):
        element = suite.build_xml_doc()
        element.attrib.pop("disabled")
        ET.indent(element, level=1)
        yield f"  {ET.tostring(element, encoding='unicode')}\n"
    yield "</testsuites>\n"


def _counts(report: Report) -> Mapping[str, int]:
    """The counts over all suites, that of the inventory included."""
    cases = [each for each in report.findings if each.verdict is not Verdict.NOT_APPLICABLE]
    return {
        "tests": len(cases) + 1,
        "failures": report.gating[Verdict.FAIL],
        "errors": report.gating[Verdict.UNKNOWN] + any(doubts(report)),
    }


def _suites(report: Report) -> Iterator[Any]:
    yield junit_xml.TestSuite("acr-scan", [_inventory(report)])
    judged = (finding for finding in report.findings if finding.verdict is not Verdict.NOT_APPLICABLE)
    for (policy_id, name), findings in groupby(
        in_order(judged), key=lambda finding: (finding.policy.id, finding.policy.name)
    ):
        cases = [_case(finding, plain(f"{policy_id}.{name}")) for finding in findings]
        yield junit_xml.TestSuite(plain(f"{policy_id} {name}"), cases)


def _inventory(report: Report) -> Any:
    case = junit_xml.TestCase("inventory", classname="acr-scan")
    if reasons := "; ".join(doubts(report)):
        rows = report.run.rows
        counts = (
            f"rows: {rows.read} read, {rows.judged} judged, {rows.context} context, {rows.unusable} unusable"
        )
        notices = [line for notice in report.notices for line in _notice(notice)]
        case.add_error_info(message=reasons, output=_body([counts, *notices]))
    return case


def _case(finding: Finding, classname: str) -> Any:
    case = junit_xml.TestCase(
        plain(finding.resource.key.removeprefix("/subscriptions/")), classname=classname
    )
    reason = not_gating(finding)
    if finding.gates is None and not reason:
        return case
    # Without a message junit_xml would write a pass.
    message = plain(finding.message) or plain(finding.policy.title) or finding.verdict.value
    if finding.gates is Verdict.FAIL:
        case.add_failure_info(message=message, output=_body(_grounds(finding)))
    elif finding.gates is Verdict.UNKNOWN:
        case.add_error_info(message=message, output=_body(_grounds(finding)))
    else:
        case.add_skipped_info(message=reason, output=_body([message, *_grounds(finding)]))
    return case


def _grounds(finding: Finding) -> Iterator[str]:
    policy = finding.policy
    yield plain(f"{policy.id} {policy.name} [{policy.severity.value}] {policy.title}")
    yield plain(finding.resource.id)
    yield from map(str, evidence_lines(finding))
    if finding.remediation:
        yield "What to do:"
    for advice in finding.remediation:
        yield from _advice(advice)


def _advice(advice: Advice) -> Iterator[str]:
    yield plain(f"{advice.way}: {advice.text}" if advice.way else advice.text)
    for command in advice.commands:
        yield f"    {plain(command)}"


def _notice(notice: Notice) -> Iterator[str]:
    yield plain(": ".join(part for part in (notice.kind, notice.where, notice.reason) if part))
    if notice.help:
        yield f"    help: {plain(notice.help)}"


def _body(lines: Sequence[str] | Iterator[str]) -> str:
    return "\n" + "\n".join(lines) + "\n"
