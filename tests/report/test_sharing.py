"""What findings have in common is written once, and no finding is told as another."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

import junit_xml
import pytest

from scanner.model.truth import Truth
from scanner.policy.model import Severity, Status
from scanner.report import csv_findings, html, junit
from scanner.report.console import scan_table
from scanner.report.sarif import document
from scanner.result.finding import Advice, Evidence, Exempted, Finding, Ungated, Verdict
from scanner.result.report import Report
from scanner.text.printable import printable_json

Maker = Callable[..., Any]


@pytest.fixture
def findings(a_finding: Maker, a_policy: Maker, a_resource: Maker, evidence: Maker) -> list[Finding]:
    """Findings that differ from the first in one thing each, on resources of their own."""
    place = "/subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerRegistry/registries/"
    shared = evidence("w", Truth.UNKNOWN, field="f", text='is "100%" <b>', help="ask").fact
    bare = evidence("w", field="g", text="is ';=1'", missing=("10.0.0.0/8",), excess=("11.0.0.0/8",))
    changes: list[dict[str, Any]] = [
        {},
        {"verdict": Verdict.UNKNOWN, "gates": None, "not_gating_because": Ungated.NOT_ASKED},
        {"verdict": Verdict.UNKNOWN, "gates": Verdict.UNKNOWN},
        {"verdict": Verdict.PASS, "gates": None, "ways": ("w",)},
        {"verdict": Verdict.PASS, "gates": None, "ways": ("v", "w")},
        {"gates": None, "not_gating_because": Ungated.PREVIEW},
        {"gates": None, "not_gating_because": Ungated.BASELINE, "in_baseline": True},
        {"verdict": Verdict.EXEMPT, "gates": None, "exemption": Exempted("waiver", "=a", "b", "2027")},
        {"verdict": Verdict.EXEMPT, "gates": None, "exemption": Exempted("waiver", "=b", "b", "2027")},
        {"evidence": (bare,)},
        {"policy": a_policy("ACR202", "other", severity=Severity.LOW, status=Status.PREVIEW, title="Other")},
        {"remediation": (Advice("w", "Do.", ("az x <y>",)),)},
    ]
    return [
        a_finding(
            **{
                "resource": a_resource(f"{place}r{number % 3}/tasks/t{number}%s"),
                "evidence": (Evidence(shared, f"{place}r{number}", "w"), bare),
                "message": f'Of "{number}" & more.',
                "remediation": (),
                **change,
            }
        )
        for number, change in enumerate(changes)
    ]


def cases(report: Report) -> Iterator[str]:
    for case in ET.fromstring(junit.render(report)).iter("testcase"):
        yield ET.tostring(case, encoding="unicode").strip()


def rows(report: Report) -> Iterator[str]:
    yield from csv_findings.render(report).splitlines(keepends=True)[1:]


def results(report: Report) -> Iterator[str]:
    for line in document.render_full(report).splitlines():
        if '"partialFingerprints"' in line:
            yield re.sub(r'"ruleIndex":\d+', '"ruleIndex":0', line.removesuffix(","))


def details(report: Report) -> Iterator[str]:
    """What the terminal says of each fail and unknown, from its resource on."""
    for width, color in ((80, True), (160, False)):
        text = scan_table.render(report, width=width, color=color)
        for block in text.split("\n\n"):
            if "/tasks/t" in block and "EXEMPT" not in block:
                yield block


def of_page(report: Report) -> Iterator[str]:
    """The findings of the page with their texts in place of positions."""
    text = "".join(html.pieces(report))
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    texts = data["texts"]
    for _, resource, verdict, gates, reason, message, evidence, advice, baseline in data["findings"]:
        lines = [(depth, mark, texts[said]) for depth, mark, said in evidence]
        steps = [(way, texts[said], [texts[each] for each in commands]) for way, said, commands in advice]
        place = [texts[said] for said in data["resources"][resource]]
        why = reason if reason < 0 else texts[reason]
        yield json.dumps(
            [place, verdict, gates, why, texts[message], lines, steps and steps[0][1:], baseline]
        )


@pytest.mark.parametrize("told", [cases, rows, results, details, of_page])
def test_a_finding_is_told_among_others_as_it_is_alone(
    told: Callable[[Report], Iterator[str]], findings: list[Finding], a_report: Maker
) -> None:
    among = [text for text in told(a_report(*findings, complete=True)) if "acr-scan" not in text]
    alone = [
        text
        for finding in findings
        for text in told(a_report(finding, complete=True))
        if "acr-scan" not in text
    ]
    assert sorted(among) == sorted(alone)
    assert len(set(among)) == len(among) >= 7


def test_suites_are_what_junit_xml_makes_of_the_same_cases(
    task_report: Report, hostile_report: Report, findings: list[Finding], a_report: Maker
) -> None:
    for report in (task_report, hostile_report, a_report(*findings)):
        text = junit.render(report)
        for suite in ET.fromstring(text):
            assert f"  {_by_junit_xml(suite)}\n" in text


def _by_junit_xml(suite: ET.Element) -> str:
    made = []
    for case in suite:
        made.append(junit_xml.TestCase(case.get("name"), classname=case.get("classname")))
        for reason in case:
            getattr(made[-1], f"add_{reason.tag}_info")(reason.get("message"), reason.text)
    element = junit_xml.TestSuite(suite.get("name"), made).build_xml_doc()
    element.attrib.pop("disabled")
    ET.indent(element, level=1)
    return ET.tostring(element, encoding="unicode")


def test_results_are_compact_json(
    task_report: Report, hostile_report: Report, findings: list[Finding], a_report: Maker
) -> None:
    for report in (task_report, hostile_report, a_report(*findings)):
        lines = list(results(report))
        assert len(lines) == len(report.findings)
        for line in lines:
            again = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
            assert printable_json(again).replace("\ufffd", r"\ufffd") == line


def test_cases_of_a_policy_stand_in_one_suite(findings: list[Finding], a_report: Maker) -> None:
    report = a_report(*findings)
    suites = ET.fromstring(junit.render(report)).findall("testsuite")
    wanted = [len(list(group)) for _, group in groupby(report.findings, key=lambda each: each.policy.id)]
    assert [len(suite) for suite in suites[1:]] == wanted
