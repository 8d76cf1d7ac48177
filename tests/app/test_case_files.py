"""What a case may say: fields of the catalogue, `unseen` and `absent`; a misspelt word is an error."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.app.scan.policy_selection import pack_at
from scanner.authoring.cases import CaseOutcome, read_cases, run_case
from scanner.authoring.scaffold import scaffold
from scanner.errors import PolicyError

Run = Callable[[str], CaseOutcome]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """What comes of the one case of a new policy, written below a world of its own."""
    path, cases = scaffold("network", "closed-registry", tmp_path, "TEAM")

    def outcome(text: str) -> CaseOutcome:
        cases.write_text(f"policy: TEAM001\n{text}\n", "utf-8")
        pack = pack_at(path)
        [case] = read_cases(pack.policies)
        return run_case(case, pack)

    return outcome


CASE = """\
world:
  resource: {{ properties.publicNetworkAccess: Enabled, properties.networkRuleSet: {{ ipRules: [] }} }}
cases:
  - {{ name: a case, expect: {expect}, resource: {{ {resource} }} }}"""


@pytest.mark.parametrize(
    ("resource", "expect"),
    [
        ("properties.publicNetworkAccess: Disabled", "pass"),
        ("properties.publicNetworkAccess: unseen", "unknown"),
        ("properties.publicNetworkAccess: absent, sku.name: Premium", "fail"),
        ("properties.publicNetworkAccess: absent, apiVersion: 2017-10-01", "unknown"),
        ("properties.networkRuleSet.ipRules: absent", "fail"),
        ("properties.networkRuleSet: absent, properties.provisioningState: absent", "fail"),
        ("properties.policies.exportPolicy.status: absent", "fail"),
        ("properties.networkRuleSet: { ipRules: [{ value: 20.0.0.0/24, action: Allow }] }", "fail"),
        ("properties.policies: { trustPolicy: { status: disabled } }", "fail"),
    ],
)
def test_a_case_says_what_its_row_holds(run: Run, resource: str, expect: str) -> None:
    assert run(CASE.format(resource=resource, expect=expect)).complaint is None


def test_a_key_that_is_taken_away_leaves_other_cases_alone(tmp_path: Path) -> None:
    path, cases = scaffold("network", "closed-registry", tmp_path, "TEAM")
    text = CASE.format(resource="properties.networkRuleSet.ipRules: absent", expect="fail")
    cases.write_text(f"policy: TEAM001\n{text}\n  - {{ name: the world, expect: fail }}\n", "utf-8")

    taken, whole = read_cases(pack_at(path).policies)

    rows = [case.world.resource.rows[0].body["properties"]["networkRuleSet"] for case in (taken, whole)]
    assert rows == [{}, {"ipRules": []}]


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            "properties.publicNetworkAcces: Disabled",
            "'properties.publicNetworkAcces' in the catalogue; did you mean 'properties.publicNetworkAcc",
        ),
        ("propertis.publicNetworkAccess: Disabled", "no field 'propertis.publicNetworkAccess'"),
        (
            "properties.networkRuleSet: { defaultActoin: Deny }",
            "no field 'properties.networkRuleSet.defaultActoin'",
        ),
        (
            "properties.networkRuleSet: { ipRules: [{ valu: 20.0.0.0/24 }] }",
            "no field 'properties.networkRuleSet.ipRules[*].valu'",
        ),
    ],
)
def test_a_misspelt_field_is_an_error(run: Run, resource: str, said: str) -> None:
    with pytest.raises(PolicyError) as error:
        run(CASE.format(resource=resource, expect="fail"))

    assert said in str(error.value)
    assert ".test.yaml:5: cases[0]: " in str(error.value)


def test_a_misspelt_key_of_a_case_is_told_from_a_relation(run: Run) -> None:
    with pytest.raises(PolicyError) as error:
        run(CASE.format(resource="", expect="fail").replace("resource: {  }", "resourse: {}"))

    assert "there is no relation 'resourse'; did you mean 'resource'?" in str(error.value)


def test_keys_that_azure_has_and_no_policy_asks_may_stand_inside_of_a_value(run: Run) -> None:
    text = "properties.networkRuleSet: { ipRules: [{ value: 20.0.0.0/24, note: x }], other: 1 }"

    assert run(CASE.format(resource=text, expect="fail")).complaint is None
