"""The XML says what the exit code says, to every reader of JUnit."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import junitparser
import pytest

from scanner.report import junit
from scanner.result.finding import Exempted, Finding, Ungated, Verdict
from scanner.result.report import Notice, Report

Maker = Callable[..., Any]

TASK = (
    "11111111-2222-3333-4444-555555555555/resourcegroups/shop/providers/microsoft.containerregistry"
    "/registries/contoso/tasks/nightly"
)


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit.render(report))


def the_case(report: Report) -> ET.Element:
    """The case of the only finding."""
    case = parsed(report).find("testsuite[2]/testcase")
    assert case is not None
    return case


def test_a_suite_per_policy_and_a_case_per_judged_resource(task_report: Report) -> None:
    root = parsed(task_report)
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("acr-scan", "1"),
        ("ACR101 public-access-restricted", "1"),
        ("ACR201 task-network-path", "4"),
        ("ACR504 client-fqdn-data", "1"),
    ]
    cases = root.findall("testsuite[3]/testcase")
    assert {case.get("classname") for case in cases} == {"ACR201.task-network-path"}
    assert [(str(case.get("name")).rpartition("/")[2], [child.tag for child in case]) for case in cases] == [
        ("good", []),
        ("nightly", ["failure"]),
        ("old", ["skipped"]),
        ("weekly", ["error"]),
    ]


def test_a_case_is_named_by_identity_and_not_by_wording(a_report: Maker, a_finding: Maker) -> None:
    case = the_case(a_report(a_finding(message="anything")))
    assert case.attrib == {"name": TASK, "classname": "ACR201.task-network-path"}


def test_a_failure_has_the_message_and_the_evidence_as_text(task_report: Report) -> None:
    failure = parsed(task_report).find("testsuite[3]/testcase/failure")
    assert failure is not None
    assert (
        failure.get("message") == "Task nightly has no working path to contoso, so its runs will be refused."
    )
    lines = str(failure.text).splitlines()
    assert lines[1] == (
        "ACR201 task-network-path [high] Tasks should have a working path to a network-restricted registry"
    )
    assert lines[3:6] == [
        "✗ agent-pool",
        "    nightly: properties.agentPoolName is not set",
        "    nightly: has no agentPool",
    ]
    assert lines[-13:] == [f"    az acr x --ip 40.71.{number}.0/29" for number in range(13)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verdict": Verdict.FAIL, "not_gating_because": Ungated.PREVIEW}, "the policy is a preview"),
        (
            {"verdict": Verdict.FAIL, "not_gating_because": Ungated.BASELINE, "in_baseline": True},
            "in the baseline",
        ),
        (
            {"verdict": Verdict.FAIL, "not_gating_because": Ungated.BELOW_THRESHOLD},
            "below the threshold of --fail-on",
        ),
        ({"verdict": Verdict.FAIL, "not_gating_because": None}, "fail"),
        (
            {"verdict": Verdict.UNKNOWN, "not_gating_because": Ungated.NOT_ASKED},
            "not asked: it takes an opt-in read",
        ),
        ({"verdict": Verdict.EXEMPT}, "exempt until 2026-12-31: moves to a pool in March"),
    ],
)
def test_what_does_not_gate_is_skipped_with_the_reason(
    a_report: Maker, a_finding: Maker, changes: dict[str, Any], reason: str
) -> None:
    [skipped] = the_case(a_report(a_finding(gates=None, **changes)))
    assert (skipped.tag, skipped.get("message")) == ("skipped", reason)
    assert "Task nightly has no working path" in str(skipped.text)


@pytest.mark.parametrize(("verdict", "tag"), [(Verdict.FAIL, "failure"), (Verdict.UNKNOWN, "error")])
def test_a_finding_without_words_is_no_pass(
    a_report: Maker, a_finding: Maker, verdict: Verdict, tag: str
) -> None:
    [bad] = the_case(a_report(a_finding(verdict, message="")))
    assert bad.tag == tag
    assert bad.get("message") == "Tasks should have a working path to a network-restricted registry"


def test_an_incomplete_inventory_is_an_error_that_lists_the_notices(a_report: Maker) -> None:
    error = parsed(a_report(complete=False, notices=(Notice("unseen", "s1", "403", "ask for Reader"),))).find(
        ".//error"
    )
    assert error is not None
    assert error.get("message") == (
        "incomplete inventory; nothing was scanned: no resource of any selected policy's type"
    )
    assert str(error.text).splitlines() == [
        "",
        "rows: 60 read, 41 judged, 19 context, 0 unusable",
        "unseen: s1: 403",
        "    help: ask for Reader",
    ]


STATES = [
    *((verdict, None) for verdict in Verdict),
    (Verdict.FAIL, Verdict.FAIL),
    (Verdict.UNKNOWN, Verdict.UNKNOWN),
    None,
]


@pytest.mark.parametrize(("first", "second", "complete"), list(product(STATES, STATES, (True, False))))
def test_the_xml_is_green_if_and_only_if_the_exit_code_is_0(
    a_report: Maker, a_finding: Maker, a_policy: Maker, first: Any, second: Any, complete: bool
) -> None:
    findings: list[Finding] = [
        a_finding(state[0], gates=state[1], policy=a_policy(policy_id))
        for policy_id, state in (("ACR101", first), ("ACR102", second))
        if state is not None
    ]
    report: Report = a_report(*findings, complete=complete)
    root = parsed(report)
    red = root.findall(".//failure") + root.findall(".//error")
    assert (not red) is (report.exit_code == 0)
    assert (root.get("failures"), root.get("errors")) != ("0", "0") or not red


def test_the_counts_are_sums_and_those_that_other_parsers_find(
    task_report: Report, hostile_report: Report
) -> None:
    for report in (task_report, hostile_report):
        root = parsed(report)
        for count, tag in {
            "tests": "testcase",
            "failures": "failure",
            "errors": "error",
        }.items():
            assert int(root.get(count, -1)) == sum(int(suite.get(count, -1)) for suite in root)
            assert int(root.get(count, -1)) == len(root.findall(f".//{tag}"))
        skipped = sum(int(suite.get("skipped", -1)) for suite in root)
        assert skipped == len(root.findall(".//skipped"))
        other = junitparser.JUnitXml.fromstring(junit.render(report).encode())
        assert (other.tests, other.failures, other.errors) == tuple(
            int(root.get(count, -1)) for count in ("tests", "failures", "errors")
        )
        cases = [case for suite in other for case in suite]
        assert sum(case.is_failure for case in cases) == other.failures
        assert sum(case.is_error for case in cases) == other.errors
        assert sum(case.is_skipped for case in cases) == skipped


KNOWN_TO_JENKINS: Mapping[str, set[str]] = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "time", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}
"""Of the attributes that Jenkins' junit-10.xsd (jenkinsci/xunit-plugin) allows, those that we need."""


def test_there_is_nothing_that_jenkins_does_not_know(task_report: Report, hostile_report: Report) -> None:
    for report in (task_report, hostile_report):
        for element in parsed(report).iter():
            assert set(element.keys()) <= KNOWN_TO_JENKINS[element.tag], element.tag


def test_hostile_text_neither_breaks_the_xml_nor_hides_in_it(hostile_report: Report) -> None:
    text = junit.render(hostile_report)
    assert not set(text) & set("\x1b\x00\x07\u202e\u200b\ufeff\ud800\ufffe")
    assert "<script>" not in text
    assert "]]>" not in text
    root = ET.fromstring(text.encode("utf-8"))
    shown = (
        '"><script>alert(1)</script>]]>[bold red]x=cmd()'
        r"\x1b[31m\u202e\x00\x07\u200b\ufeff\ud800\ufffeGrün\n"
    )
    assert {str(failure.get("message")) for failure in root.iter("failure")} == {shown}


def test_the_text_is_the_same_each_time_and_has_no_time_in_it(task_report: Report) -> None:
    text = junit.render(task_report)
    assert text == junit.render(task_report)
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="acr-scan" tests="7"')
    assert "timestamp" not in text


def test_a_policy_without_a_judged_resource_has_no_suite(a_report: Maker, a_finding: Maker) -> None:
    root = parsed(a_report(a_finding(Verdict.NOT_APPLICABLE)))
    assert [suite.get("name") for suite in root] == ["acr-scan"]


def test_the_reason_of_an_exemption_is_made_harmless(a_report: Maker, a_finding: Maker) -> None:
    exempted = Exempted("waiver", "\x1b[2J", "me", "2026-01-01")
    [skipped] = the_case(a_report(a_finding(Verdict.EXEMPT, exemption=exempted)))
    assert skipped.get("message") == r"exempt until 2026-01-01: \x1b[2J"
