"""JUnit XML for CI gates: never green when the exit code is not 0. The only importer of junit_xml."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

import junit_xml

from scanner.report.evidence import doubts, evidence_lines, not_gating
from scanner.report.plain import plain
from scanner.result.finding import Advice, Finding, Verdict, in_order
from scanner.result.report import Notice, Report

COUNTS = ("tests", "failures", "errors", "skipped", "disabled")


def render(report: Report) -> str:
    """A suite per policy, a case per judged resource; and a suite of its own for the inventory."""
    # junit_xml's own document counts no skipped at the top, and its indenting loses newlines in attributes.
    root = ET.Element("testsuites", name="acr-scan")
    root.extend(suite.build_xml_doc() for suite in _suites(report))
    for count in COUNTS:
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    root.set("time", "0")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


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
    # Without a message junit_xml would write a pass.
    message = plain(finding.message) or plain(finding.policy.title) or finding.verdict.value
    if finding.gates is Verdict.FAIL:
        case.add_failure_info(message=message, output=_body(_grounds(finding)))
    elif finding.gates is Verdict.UNKNOWN:
        case.add_error_info(message=message, output=_body(_grounds(finding)))
    elif reason := not_gating(finding):
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
