"""The results file holds what its schema and its readers rely on."""

import json
import math
from collections.abc import Callable
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from scanner.model.truth import Truth
from scanner.report import json_results
from scanner.result import results_format
from scanner.result.finding import Advice, Verdict
from scanner.result.report import Notice, Report

Maker = Callable[..., Any]


@pytest.fixture
def schema() -> Any:
    return json.loads((resources.files("scanner.result") / "results.schema.json").read_text("utf-8"))


def written(report: Report, *, all_results: bool = False) -> Any:
    return json.loads(json_results.render(report, all_results=all_results))


def test_the_schema_is_one_and_lets_nothing_unknown_in(schema: Any) -> None:
    Draft202012Validator.check_schema(schema)
    closed = [part for part in parts(schema) if "properties" in part]
    assert len(closed) == 14
    assert all(part["additionalProperties"] is False for part in closed)
    assert all(part["required"] == list(part["properties"]) for part in closed)
    assert all(
        "description" in member
        for part in closed
        for member in part["properties"].values()
        if "$ref" not in member
    )


def test_the_schema_is_that_of_the_records(schema: Any) -> None:
    assert schema == results_format.json_schema(), "run make docs"


def parts(schema: Any) -> list[Any]:
    if isinstance(schema, dict):
        return [schema, *(part for member in schema.values() for part in parts(member))]
    return []


def test_every_report_validates(
    schema: Any, task_report: Report, hostile_report: Report, a_report: Maker
) -> None:
    validator = Draft202012Validator(schema)
    for report in (task_report, hostile_report, a_report(), a_report(service_tags=None, collected=None)):
        validator.validate(written(report, all_results=True))


def test_keys_are_those_of_the_contract_in_its_order(task_report: Report) -> None:
    document = written(task_report)
    assert list(document) == ["format", "tool", "run", "summary", "notices", "results"]
    assert list(document["run"]) == [
        "collected", "evaluated", "source", "scope", "complete", "rows", "serviceTags", "policies"
    ]  # fmt: skip
    assert list(document["summary"]) == [
        "registries", "pass", "fail", "unknown", "exempt", "notApplicable", "gating"
    ]  # fmt: skip
    result = document["results"][-3]
    assert list(result) == [
        "policy", "name", "severity", "status", "verdict", "gates", "resource", "way", "ways", "message",
        "evidence", "remediation", "exemption", "baseline", "fingerprint",
    ]  # fmt: skip
    assert list(document["results"][2]["evidence"][0]) == [
        "way", "resource", "field", "operator", "expected", "actual", "truth", "assumed", "source",
        "apiVersion", "reason", "help", "missing", "excess", "text",
    ]  # fmt: skip


def test_a_result_in_full(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    leaf = evidence(
        "ip-rules", Truth.UNKNOWN, missing=("10.0.0.0/8",), excess=(), source=None, api_version=None
    )
    finding = a_finding(evidence=(leaf,), remediation=(Advice("ip-rules", "Allow it.", ("az acr x",)),))
    [result] = written(a_report(finding))["results"]
    registry = (
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Shop"
        "/providers/Microsoft.ContainerRegistry/registries/contoso"
    )
    assert result == {
        "policy": "ACR201",
        "name": "task-network-path",
        "severity": "high",
        "status": "stable",
        "verdict": "fail",
        "gates": "fail",
        "resource": {
            "id": f"{registry}/tasks/nightly",
            "name": "nightly",
            "type": "microsoft.containerregistry/registries/tasks",
            "location": "eastus",
            "resourceGroup": "Shop",
            "subscriptionId": "11111111-2222-3333-4444-555555555555",
        },
        "way": None,
        "ways": [],
        "message": "Task nightly has no working path to contoso, so its runs will be refused.",
        "evidence": [
            {
                "way": "ip-rules",
                "resource": f"{registry}/tasks/nightly",
                "field": "properties.agentPoolName",
                "operator": "exists",
                "expected": True,
                "actual": None,
                "truth": "unknown",
                "assumed": False,
                "source": None,
                "apiVersion": None,
                "reason": None,
                "help": None,
                "missing": ["10.0.0.0/8"],
                "excess": [],
                "text": "is not set",
            }
        ],
        "remediation": [{"way": "ip-rules", "text": "Allow it.", "commands": ["az acr x"]}],
        "exemption": None,
        "baseline": False,
        "fingerprint": "081efc9b65005bb27c04f7ab0c66f9ea",
    }


def test_an_exempt_result_says_by_whom_and_until_when(a_report: Maker, a_finding: Maker) -> None:
    [result] = written(a_report(a_finding(Verdict.EXEMPT)))["results"]
    assert result["exemption"] == {
        "category": "waiver",
        "reason": "moves to a pool in March",
        "owner": "team-build",
        "expiresOn": "2026-12-31",
    }


def test_the_first_way_that_holds_is_the_way(a_report: Maker, a_finding: Maker) -> None:
    [result] = written(a_report(a_finding(Verdict.PASS, ways=("bypass", "ip-rules"))))["results"]
    assert (result["way"], result["ways"]) == ("bypass", ["bypass", "ip-rules"])


def test_what_is_not_applicable_is_counted_and_listed_when_asked_for(task_report: Report) -> None:
    few, all_ = written(task_report), written(task_report, all_results=True)
    assert few["summary"] == all_["summary"]
    assert few["summary"] == {
        "registries": 2,
        "pass": 1,
        "fail": 3,
        "unknown": 1,
        "exempt": 1,
        "notApplicable": 1,
        "gating": {"fail": 2, "unknown": 1},
    }
    assert (len(few["results"]), len(all_["results"])) == (6, 7)


def test_the_circumstances_of_the_run(a_report: Maker) -> None:
    report = a_report(notices=(Notice("k", "w", "r"),), parameters={"ACR104": {"widest": 8}})
    document = written(report)
    assert document["notices"] == [{"kind": "k", "where": "w", "reason": "r", "help": None}]
    assert document["run"] == {
        "collected": "2026-11-02T06:00:00Z",
        "evaluated": "2026-11-02T06:00:00Z",
        "source": "snapshot",
        "scope": {"subscriptions": ["11111111-2222-3333-4444-555555555555"]},
        "complete": True,
        "rows": {"read": 60, "judged": 41, "context": 19, "unusable": 0},
        "serviceTags": {"cloud": "Public", "changeNumber": "346", "published": None, "source": "file"},
        "policies": {"count": 0, "digest": "sha256:00", "parameters": {"ACR104": {"widest": 8}}},
    }


def test_hostile_text_stays_equal_and_cannot_move_a_terminal(hostile_report: Report, hostile: str) -> None:
    text = json_results.render(hostile_report, all_results=True)
    assert {result["message"] for result in json.loads(text)["results"]} == {
        hostile.replace("\ud800", "\ufffd")
    }
    assert not set(text) & set("\x1b\x00\x07\u202e\u200b\ufeff\ud800\ufffe")
    assert "Grün" in text
    text.encode("utf-8")


def test_values_that_json_lacks_become_those_it_has(
    a_report: Maker, a_finding: Maker, evidence: Maker
) -> None:
    leaf = evidence(
        expected=MappingProxyType({"a": frozenset({"y", "x"}), "b": date(2026, 1, 2)}),
        actual=[math.nan, math.inf, 1.5, 2**70],
    )
    [result] = written(a_report(a_finding(evidence=(leaf,))))["results"]
    assert result["evidence"][0]["expected"] == {"a": ["x", "y"], "b": "2026-01-02"}
    assert result["evidence"][0]["actual"] == [None, None, 1.5, 1180591620717411303424]


def test_what_is_empty_is_not_what_is_null(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    leaves = (
        evidence("", actual="", missing=(), excess=("10.0.0.0/8", "a"), reason="r", help="h"),
        evidence(None, actual=[], missing=None, excess=None, reason="", help=None, assumed=True),
    )
    advice = (Advice("", "t", ()), Advice(None, "u", ("a", "b")))
    [result] = written(a_report(a_finding(evidence=leaves, remediation=advice)))["results"]
    keys = ("way", "actual", "missing", "excess", "reason", "help", "source", "assumed")
    assert [[each[key] for key in keys] for each in result["evidence"]] == [
        ["", "", [], ["10.0.0.0/8", "a"], "r", "h", "arm", False],
        [None, [], None, None, "", None, "arm", True],
    ]
    assert result["remediation"] == [
        {"way": "", "text": "t", "commands": []},
        {"way": None, "text": "u", "commands": ["a", "b"]},
    ]


def test_everything_stands_at_its_depth(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    leaves = (
        evidence("a", expected={"k": [1, {}]}, actual=["x"], missing=("10.0.0.0/8", "b"), excess=("c",)),
        evidence(None, missing=()),
    )
    advice = (Advice("a", "t", ("x", "y")), Advice(None, "u", ()))
    one = a_finding(evidence=leaves, remediation=advice, ways=("a", "b"))
    exempt = a_finding(Verdict.EXEMPT)
    text = json_results.render(a_report(one, exempt), all_results=True)
    assert text == msgspec.json.format(text, indent=1) + "\n"


def test_the_text_is_indented_and_ends_with_a_newline(task_report: Report) -> None:
    text = json_results.render(task_report, all_results=False)
    assert text.startswith('{\n "format": 1,\n "tool": {\n  "name": "acr-scan",')
    assert text.endswith("]\n}\n")
    assert text == json_results.render(task_report, all_results=False)
