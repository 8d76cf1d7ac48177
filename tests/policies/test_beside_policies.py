"""What stands beside the conditions of the shipped policies: plans, templates, mirrors, controls, roles."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import shipped_pack
from recordings import DATA

from scanner.catalog.fields import resource_types
from scanner.policy.model import Policy
from scanner.remediation.proposals import STEPS

ROOT = Path(__file__).parents[2]
PACK = shipped_pack.pack()
ids = [policy.id for policy in PACK.policies]
SCHEMA = json.loads((ROOT / "scanner/policy/schema.json").read_text("utf-8"))["properties"]
TERMS_SCHEMA = json.loads((ROOT / "scanner/policy/terms.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("policy", PACK.policies, ids=ids)
def test_every_policy_has_something_to_deploy_for_each_of_its_ways(policy: Policy) -> None:
    assert policy.deploy
    assert {one.way for one in policy.deploy} <= {remedy.way for remedy in policy.remediation} | {None}


def test_the_settings_of_a_registry_are_fields_of_the_catalog() -> None:
    known = resource_types()["microsoft.containerregistry/registries"].prefixes

    unknown = [
        (policy.id, leaf)
        for policy in PACK.policies
        for one in policy.deploy
        if one.type.startswith("Microsoft.ContainerRegistry/registries@")
        for leaf in leaves(one.body)
        if leaf not in known or one.name is not None or not one.partial
    ]

    assert unknown == []


def leaves(body: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_every_policy_says_how_a_plan_settles_it() -> None:
    assert [policy.id for policy in PACK.policies if policy.plan is None] == []


def test_the_steps_that_a_policy_may_name_are_those_that_the_planner_has() -> None:
    named = {policy.plan.steps for policy in PACK.policies if policy.plan is not None} - {None}

    assert sorted(SCHEMA["plan"]["properties"]["steps"]["enum"]) == sorted(STEPS)
    assert named == set(STEPS)


def test_every_role_has_its_policy_or_term() -> None:
    of_terms = TERMS_SCHEMA["additionalProperties"]["properties"]["role"]["enum"]

    assert sorted(policy.role for policy in PACK.policies if policy.role) == sorted(SCHEMA["role"]["enum"])
    assert sorted(term.role for term in PACK.terms.values() if term.role) == sorted(of_terms)


@pytest.mark.recordings
@pytest.mark.parametrize("policy", [each for each in PACK.policies if each.mirrors], ids=lambda each: each.id)
def test_a_mirrored_definition_is_microsofts(policy: Policy) -> None:
    folder = DATA / "arm" / "azure-policy-builtin"
    known = {
        each["name"]: each
        for each in map(json.loads, (path.read_text("utf-8") for path in folder.glob("*.json")))
    }

    assert policy.mirrors is not None
    properties = known[policy.mirrors.id]["properties"]

    assert policy.mirrors.name == properties["displayName"]
    assert policy.mirrors.version == properties["metadata"]["version"]


def test_the_mirrors_are_those_of_the_parity_report() -> None:
    mirrored = [policy.id for policy in PACK.policies if policy.mirrors is not None]

    assert mirrored == ["ACR101", "ACR901", "ACR902", "ACR903", "ACR904", "ACR905"]


def test_a_control_is_named_where_microsoft_maps_the_definition() -> None:
    assert {policy.id: policy.controls for policy in PACK.policies if policy.controls} == {
        "ACR101": {"MCSB v1": ("NS-2",)},
        "ACR901": {"MCSB v2 (preview)": ("IM-1",)},
        "ACR905": {"MCSB v2 (preview)": ("NS-2",)},
    }


MODULES = sorted((ROOT / "scanner").rglob("*.py"))


def test_no_module_knows_a_policy_by_its_id() -> None:
    named = {
        path.relative_to(ROOT).as_posix(): re.findall("ACR[0-9]{3}", path.read_text("utf-8"))
        for path in MODULES
    }

    assert {path: found for path, found in named.items() if found} == {}


def test_no_module_knows_a_term_or_a_policy_by_its_name() -> None:
    names = {*PACK.terms, *(policy.name for policy in PACK.policies)}
    found = [
        (path.relative_to(ROOT).as_posix(), node.value)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and names & set(node.value.split())
    ]

    assert found == []
