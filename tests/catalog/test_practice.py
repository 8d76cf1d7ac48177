"""What the pages say beside the policies: complete, in the catalogue's words, and as Microsoft names it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import shipped_pack
from recordings import DATA

from scanner.catalog.fields import read_data, resource_types
from scanner.catalog.practice import practice
from scanner.model.practice import Practice
from scanner.policy.model import Policy

PACK = shipped_pack.pack().policies
ids = [policy.id for policy in PACK]


def test_every_policy_and_nothing_else_has_an_entry() -> None:
    assert sorted(read_data("practice.yaml")["practice"]) == sorted(ids)


def test_a_policy_of_somebody_elses_has_nothing_beside_it() -> None:
    assert practice("CON101") == Practice()


@pytest.mark.parametrize("policy", PACK, ids=ids)
def test_every_policy_has_something_to_deploy_for_each_of_its_ways(policy: Policy) -> None:
    deployed = practice(policy.id).deployed

    assert deployed
    assert {one.way for one in deployed} <= {remedy.way for remedy in policy.remediation} | {None}


@pytest.mark.parametrize("policy", PACK, ids=ids)
def test_the_settings_of_a_registry_are_fields_of_the_catalogue(policy: Policy) -> None:
    known = resource_types()["microsoft.containerregistry/registries"].prefixes

    for one in practice(policy.id).deployed:
        if one.kind.startswith("Microsoft.ContainerRegistry/registries@"):
            assert set(leaves(one.body)) <= known
            assert (one.name, one.partial) == (None, True)


def leaves(body: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


@pytest.mark.recordings
@pytest.mark.parametrize("policy", [each for each in ids if practice(each).mirrored is not None])
def test_a_mirrored_definition_is_microsofts(policy: str) -> None:
    mirrored = practice(policy).mirrored
    assert mirrored is not None
    folder = DATA / "arm" / "azure-policy-builtin"
    known = {
        each["name"]: each
        for each in map(json.loads, (path.read_text("utf-8") for path in folder.glob("*.json")))
    }

    properties = known[mirrored.id]["properties"]

    assert (mirrored.name, mirrored.version) == (properties["displayName"], properties["metadata"]["version"])


def test_the_mirrors_are_those_of_the_parity_report() -> None:
    mirrored = [policy for policy in ids if practice(policy).mirrored is not None]

    assert mirrored == ["ACR101", "ACR901", "ACR902", "ACR903", "ACR904", "ACR905"]


def test_a_control_is_named_where_microsoft_maps_the_definition() -> None:
    assert {policy: practice(policy).mcsb for policy in ids if practice(policy).mcsb} == {
        "ACR101": "NS-2 (MCSB v1)",
        "ACR901": "IM-1 (MCSB v2, preview)",
        "ACR905": "NS-2 (MCSB v2, preview)",
    }
