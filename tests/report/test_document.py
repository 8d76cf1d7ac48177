"""SARIF that GitHub takes, that the published schema allows, and that never says less than the exit code."""

import gzip
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
import shipped_pack
from jsonschema import Draft4Validator, FormatChecker
from recordings import CORPORA

from scanner.policy.model import Reference, Severity, Status
from scanner.report import renderer
from scanner.report.sarif import document
from scanner.result.finding import Advice, Ungated, Verdict
from scanner.result.report import Notice, Report

Maker = Callable[..., Any]
Document = dict[str, Any]

TASK = (
    "azure/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/shop/providers"
    "/microsoft.containerregistry/registries/contoso/tasks/"
)


def text_of(report: Report, *, full: bool = False, **changes: Any) -> str:
    return document.render_full(report) if full else renderer.text_of(document.pieces(report, **changes))


def run_of(report: Report, **changes: Any) -> Document:
    document = json.loads(text_of(report, **changes).encode())
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    return dict(run)


def the_result(report: Report, **changes: Any) -> Document:
    [result] = run_of(report, **changes)["results"]
    return dict(result)


def paths(run: Document) -> list[str]:
    return [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]]


@pytest.fixture(scope="module", params=CORPORA, ids=lambda corpus: corpus.name)
def schema(request: pytest.FixtureRequest) -> Draft4Validator:
    """What we know SARIF to demand; and the published schema, where it is."""
    [path] = request.param.files("schemas/sarif-*.json")
    return Draft4Validator(json.loads(path.read_text("utf-8")), format_checker=FormatChecker())


@pytest.mark.parametrize("full", [False, True])
def test_the_published_schema_allows_it(
    schema: Draft4Validator, task_report: Report, hostile_report: Report, a_report: Maker, full: bool
) -> None:
    for report in (task_report, hostile_report, a_report(), a_report(complete=False)):
        document = json.loads(text_of(report, full=full).encode())
        assert [error.message for error in schema.iter_errors(document)] == []


def test_the_schema_refuses_what_is_wrong(schema: Draft4Validator, task_report: Report) -> None:
    document = json.loads(text_of(task_report))
    document["runs"][0]["results"][0]["level"] = "high"
    assert not schema.is_valid(document)


def test_an_upload_has_the_fails_and_the_gravest_first(task_report: Report) -> None:
    run = run_of(task_report)
    assert [(each["ruleId"], each["kind"], each["level"]) for each in run["results"]] == [
        ("ACR201", "fail", "error"),
        ("ACR101", "fail", "warning"),
        ("ACR504", "fail", "error"),
        ("acr-scan", "fail", "error"),
    ]


def test_the_full_file_has_every_finding_in_order_and_its_kind(task_report: Report) -> None:
    run = run_of(task_report, full=True)
    results = [(each["ruleId"], each["properties"]["verdict"]) for each in run["results"]]
    assert results == [(each.policy.id, each.verdict.value) for each in task_report.findings]
    kinds = {each["properties"]["verdict"]: (each["kind"], each["level"]) for each in run["results"]}
    assert kinds == {
        "fail": ("fail", "error"),
        "pass": ("pass", "none"),
        "unknown": ("open", "none"),
        "exempt": ("fail", "error"),
        "notApplicable": ("notApplicable", "none"),
    }


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        (Severity.CRITICAL, "error", "9.5"),
        (Severity.HIGH, "error", "8.0"),
        (Severity.MEDIUM, "warning", "5.5"),
        (Severity.LOW, "note", "3.0"),
        (Severity.INFO, "note", "1.0"),
    ],
)
def test_a_severity_is_a_level_and_a_score_that_github_names_alike(
    a_report: Maker, a_finding: Maker, a_policy: Maker, severity: Severity, level: str, score: str
) -> None:
    run = run_of(a_report(a_finding(policy=a_policy(severity=severity))))
    rule = run["tool"]["driver"]["rules"][0]
    assert run["results"][0]["level"] == rule["defaultConfiguration"]["level"] == level
    assert rule["properties"]["security-severity"] == score


@pytest.mark.parametrize(
    ("changes", "precision"),
    [({}, "very-high"), ({"exceptions": "It guesses."}, "high"), ({"status": Status.PREVIEW}, "medium")],
)
def test_the_precision_is_lower_where_a_policy_guesses(
    a_report: Maker, a_finding: Maker, a_policy: Maker, changes: dict[str, Any], precision: str
) -> None:
    rules = run_of(a_report(a_finding(policy=a_policy(**changes))))["tool"]["driver"]["rules"]
    assert rules[0]["properties"]["precision"] == precision


def test_every_judged_policy_is_a_rule_that_github_takes(a_report: Maker) -> None:
    policies = shipped_pack.pack().policies
    rules = run_of(a_report(policies=policies))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*(policy.id for policy in policies), "acr-scan"]
    for rule, policy in zip(rules, policies, strict=False):
        assert rule["name"] == policy.name
        assert rule["helpUri"] == policy.references[0].url
        assert rule["properties"]["tags"] == ["security", policy.topic, policy.status.value]
        assert policy.references[-1].url in rule["help"]["markdown"]
        assert all(
            remedy.az == () or "```sh\naz " in rule["help"]["markdown"] for remedy in policy.remediation
        )
    for rule in rules:
        texts = [rule[name]["text"] for name in ("shortDescription", "fullDescription", "help")]
        assert all(texts)
        assert max(len(text) for text in texts[:2]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10


def test_a_rule_of_a_policy_that_says_much_or_little(a_report: Maker, a_policy: Maker) -> None:
    much = a_policy(
        title="t" * 2000,
        why="one\n\ntwo",
        exceptions="Not seen: x.",
        references=(Reference("Page", "https://learn.microsoft.com/x", "2026-01-02"),),
        name="n" * 300,
    )
    little = a_policy("X1", why="", spot=a_policy().spot.__class__("x.yaml", 1, ""))
    first, second, _ = run_of(a_report(policies=(much, little)))["tool"]["driver"]["rules"]
    assert first["shortDescription"]["text"] == "t" * 1023 + "…"
    assert first["fullDescription"]["text"] == "one two"
    assert len(first["name"]) == 255
    assert first["help"]["markdown"].endswith(
        "one\n\ntwo\n\n## Exceptions\n\nNot seen: x.\n\n## References\n\n"
        "- [Page](https://learn.microsoft.com/x) (2026-01-02)"
    )
    assert (
        second["fullDescription"]["text"]
        == "Tasks should have a working path to a network-restricted registry"
    )
    assert "helpUri" not in second
    assert second["properties"]["tags"] == ["security", "stable"]


def test_a_result_is_known_by_our_fingerprint_and_names_its_rule(task_report: Report) -> None:
    run = run_of(task_report, full=True)
    rules = run["tool"]["driver"]["rules"]
    for finding, result in zip(task_report.findings, run["results"], strict=True):
        assert result["partialFingerprints"]["primaryLocationLineHash"] == finding.fingerprint
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.policy.id


def test_a_location_is_a_path_for_github_and_the_id_for_others(a_report: Maker, a_finding: Maker) -> None:
    finding = a_finding()
    [location] = the_result(a_report(finding))["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": f"{TASK}nightly"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
    }
    assert location["logicalLocations"] == [
        {"name": "nightly", "fullyQualifiedName": finding.resource.id, "kind": "resource"}
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a b", "a%20b"),
        ("a:b?c#d%e", "a%3Ab%3Fc%23d%25e"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a..b", "a..b"),
        ("ü", "%C3%BC"),
        ("\ud800", "%5C%75%64%38%30%30"),
        ("/x", "x"),
    ],
)
def test_a_path_has_no_character_and_no_step_that_a_uri_would_obey(
    a_report: Maker, a_finding: Maker, a_resource: Maker, name: str, path: str
) -> None:
    key = TASK.removeprefix("azure")
    assert paths(run_of(a_report(a_finding(resource=a_resource(f"{key}{name}"))))) == [f"{TASK}{path}"]


def test_two_spellings_of_an_id_are_one_path(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    spelt = TASK.removeprefix("azure") + "NIGHTLY"
    assert paths(run_of(a_report(a_finding(resource=a_resource(spelt))))) == [f"{TASK}nightly"]


def test_what_was_accepted_is_suppressed_and_the_rest_is_not(
    a_report: Maker, a_finding: Maker, a_resource: Maker
) -> None:
    report = a_report(
        a_finding(Verdict.EXEMPT, resource=a_resource("/a")),
        a_finding(
            gates=None, not_gating_because=Ungated.BASELINE, in_baseline=True, resource=a_resource("/b")
        ),
        a_finding(gates=None, not_gating_because=None, in_baseline=True, resource=a_resource("/c")),
        a_finding(resource=a_resource("/d")),
    )
    suppressions = [each["suppressions"] for each in run_of(report, full=True)["results"]]
    external = {"kind": "external", "status": "accepted"}
    assert suppressions == [
        [{**external, "justification": "exempt until 2026-12-31: moves to a pool in March"}],
        [{**external, "justification": "in the baseline"}],
        [{**external, "justification": "in the baseline"}],
        [],
    ]
    assert paths(run_of(report)) == ["azure/d", "azure/b", "azure/c"]


def test_a_message_is_a_sentence_then_the_grounds_and_what_to_do(
    a_report: Maker, a_finding: Maker, evidence: Maker
) -> None:
    advice = (
        Advice("agent-pool", "Run it on a pool.", tuple(f"az x {number}" for number in range(12))),
        Advice(None, "Or not.", ()),
    )
    report = a_report(a_finding(evidence=(evidence("agent-pool"),), remediation=advice))
    lines = the_result(report)["message"]["text"].split("\n")
    assert lines[:6] == [
        "Task nightly has no working path to contoso, so its runs will be refused.",
        "✗ agent-pool",
        "    nightly: properties.agentPoolName is not set",
        "What to do:",
        "agent-pool: Run it on a pool.",
        "    az x 0",
    ]
    assert lines[-3:] == ["    az x 9", "    … and 2 more", "Or not."]
    assert "    az x 11\nOr not." in the_result(report, full=True)["message"]["text"]


def test_a_message_is_never_empty(a_report: Maker, a_finding: Maker, a_policy: Maker) -> None:
    assert the_result(a_report(a_finding(message="")))["message"]["text"] == a_policy().title
    assert the_result(a_report(a_finding(message="", policy=a_policy(title=""))))["message"]["text"] == "fail"


def test_no_text_of_azure_is_a_link(a_report: Maker, a_finding: Maker) -> None:
    text = the_result(a_report(a_finding(message="[x](https://evil)")))["message"]["text"]
    assert text == "[x] (https://evil)"
    notice = Notice("unseen", "s", "[x](https://evil)")
    [told] = run_of(a_report(a_finding(), notices=(notice,)))["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "s: [x] (https://evil)"


def test_an_upload_over_the_limit_keeps_the_gravest_and_says_how_many_are_missing(
    a_report: Maker, a_finding: Maker, a_policy: Maker, a_resource: Maker
) -> None:
    high, low = a_policy(), a_policy("ACR105", severity=Severity.LOW)
    report = a_report(
        *(a_finding(policy=low, resource=a_resource(f"/low/{number}")) for number in range(5)),
        *(a_finding(policy=high, resource=a_resource(f"/high/{number}")) for number in range(5)),
        a_finding(
            policy=high, resource=a_resource("/preview"), gates=None, not_gating_because=Ungated.PREVIEW
        ),
    )
    run = run_of(report, results=7)
    assert paths(run) == [*(f"azure/high/{number}" for number in range(5)), "azure/low/0", "azure/acr-scan"]
    said = "fails that are left out: 5"
    assert "GitHub keeps no more: 5." in run["results"][-1]["message"]["text"]
    [told] = run["invocations"][0]["toolExecutionNotifications"]
    assert (told["descriptor"]["id"], told["message"]["text"][: len(said)]) == ("left-out", said)
    assert len(run_of(report, results=12)["results"]) == 11
    assert run_of(report, results=12)["invocations"][0]["toolExecutionNotifications"] == []


def test_an_upload_keeps_within_a_size_after_gzip(
    a_report: Maker, a_finding: Maker, a_resource: Maker
) -> None:
    findings = [
        a_finding(resource=a_resource(f"/{number}"), message=os.urandom(2000).hex()) for number in range(500)
    ]
    report = a_report(*findings)
    text = text_of(report, size=500_000)
    run = json.loads(text)["runs"][0]
    assert 300_000 < len(gzip.compress(text.encode(), 6)) < 600_000
    missing = len(findings) - (len(run["results"]) - 1)
    assert f"GitHub keeps no more: {missing}." in run["results"][-1]["message"]["text"]


@pytest.mark.parametrize("full", [False, True])
def test_an_incomplete_inventory_is_no_success(a_report: Maker, a_finding: Maker, full: bool) -> None:
    notice = Notice("unreadable-subscription", "9999", "403", "ask for Reader")
    run = run_of(a_report(a_finding(), complete=False, notices=(notice,)), full=full)
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    assert [
        (each["descriptor"]["id"], each["level"], each["message"]["text"])
        for each in invocation["toolExecutionNotifications"]
    ] == [
        ("doubt", "error", "incomplete inventory"),
        ("unreadable-subscription", "warning", "9999: 403\nhelp: ask for Reader"),
    ]
    assert run["properties"]["complete"] is False


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"complete": False}, "incomplete inventory"),
        ({"findings": ()}, "nothing was scanned: no resource of any selected policy's type"),
        ({"unknown": True}, "verdicts that gate but are unknown, and so are no alerts: 1"),
    ],
)
def test_github_is_told_that_the_scan_cannot_vouch(
    a_report: Maker, a_finding: Maker, changes: dict[str, Any], said: str
) -> None:
    kept = {"findings": (a_finding(Verdict.PASS),), **changes}
    if kept.pop("unknown", False):
        kept["findings"] = (a_finding(Verdict.UNKNOWN),)
    report = a_report(*kept.pop("findings"), **kept)
    result = the_result(report)
    assert report.exit_code == 3
    assert result["message"]["text"] == f"The scan cannot vouch for what it does not report: {said}."
    assert (result["ruleId"], result["level"]) == ("acr-scan", "error")
    assert result["partialFingerprints"]["primaryLocationLineHash"] == "b17be2ade09bc91c46ef9f5f461ab9b4"


def test_a_clean_scan_has_no_result(a_report: Maker, a_finding: Maker) -> None:
    run = run_of(a_report(a_finding(Verdict.PASS)))
    assert run["results"] == []
    assert run["invocations"] == [
        {"executionSuccessful": True, "exitCode": 0, "toolExecutionNotifications": []}
    ]


def test_too_many_notices_are_counted(a_report: Maker, a_finding: Maker) -> None:
    report = a_report(a_finding(), notices=tuple(Notice("unseen", str(n), "") for n in range(1003)))
    told = run_of(report)["invocations"][0]["toolExecutionNotifications"]
    assert len(told) == 1001
    assert told[-1]["message"]["text"].startswith("notices that are left out: 3;")
    assert len(run_of(report, full=True)["invocations"][0]["toolExecutionNotifications"]) == 1003


@pytest.mark.parametrize("full", [False, True])
def test_hostile_text_hides_nothing(hostile_report: Report, full: bool) -> None:
    text = text_of(hostile_report, full=full)
    text.encode()
    assert not set(text) & set("\x1b\x00\x07\u202e\u200b\ufeff\ud800\ufffe")
    assert len(json.loads(text)["runs"][0]["results"]) == (4 if full else 3)


def test_a_value_that_only_json_can_hold_is_equal_after_reading(
    a_report: Maker, a_finding: Maker, a_resource: Maker
) -> None:
    resource = a_resource("/x/\u202e\x1bgr\u00fcn")
    [location] = the_result(a_report(a_finding(resource=resource)))["locations"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == resource.id
