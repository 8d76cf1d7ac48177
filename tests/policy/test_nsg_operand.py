"""What a policy may write behind nsgAllows, and what its author reads who writes something else."""

from pathlib import Path

import pytest

from scanner.app.scan.policy_selection import pack_at
from scanner.app.scan.required_fields import needed_types
from scanner.authoring.case_world import world_of
from scanner.authoring.lint import lint
from scanner.errors import PolicyError, Problem
from scanner.policy.load import Pack, load
from scanner.policy.model import Comparison, Traffic
from scanner.policy.templates import Template
from scanner.text.yaml import parse_yaml

POLICY = """\
id: ACR599
name: storage-out
title: Groups should let storage out
severity: low
status: stable
since: "0.1"
resource: [Microsoft.Network/networkSecurityGroups, Microsoft.Network/azureFirewalls]
why: Layers come from storage.
require: {condition}
messages: { pass: Yes., fail: No., unknown: Perhaps. }
remediation:
  - text: Allow it.
references:
  - title: Groups
    url: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

GROUP = "resource: Microsoft.Network/networkSecurityGroups"
BOTH = "resource: [Microsoft.Network/networkSecurityGroups, Microsoft.Network/azureFirewalls]"


def pack(folder: Path, condition: str) -> Pack:
    file = folder / "clients" / "ACR599-storage-out.yaml"
    file.parent.mkdir()
    file.write_text(POLICY.replace(BOTH, GROUP).replace("{condition}", condition))
    return load([folder])


def problems(folder: Path, condition: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        pack(folder, condition)
    return [f"{each.field}: {each.message}" for each in caught.value.problems]


def allows(operand: str, field: str = "properties.securityRules") -> str:
    return f"{{ field: {field}, nsgAllows: {operand} }}"


def test_outbound_traffic_goes_to_somebody(tmp_path: Path) -> None:
    (policy,) = pack(
        tmp_path, allows("{ direction: Outbound, to: 'Storage.{location}', port: 443 }")
    ).policies

    assert isinstance(policy.require, Comparison)
    assert policy.require.operand == Traffic("Outbound", Template.parse("Storage.{location}"), 443)


def test_inbound_traffic_comes_from_somebody(tmp_path: Path) -> None:
    (policy,) = pack(tmp_path, allows("{ direction: Inbound, from: Internet, port: 22 }")).policies

    assert isinstance(policy.require, Comparison)
    assert policy.require.operand == Traffic("Inbound", Template.parse("Internet"), 22)


@pytest.mark.parametrize(
    "operand",
    [
        "{ direction: Outbound, from: Storage, port: 443 }",
        "{ direction: Inbound, to: Storage, port: 443 }",
        "{ direction: Outbound, to: Storage, from: Storage, port: 443 }",
        "{ direction: Outbound, port: 443 }",
    ],
)
def test_traffic_has_the_end_of_its_direction_and_no_other(tmp_path: Path, operand: str) -> None:
    assert problems(tmp_path, allows(operand)) == [
        "require.nsgAllows: outbound traffic has a `to`, inbound a `from`, and no other end"
    ]


@pytest.mark.parametrize(
    ("operand", "sentence"),
    [
        ("{ to: Storage, port: 443 }", "require.nsgAllows: the key 'direction' is missing"),
        ("{ direction: Outbound, to: Storage }", "require.nsgAllows: the key 'port' is missing"),
        (
            "{ direction: outbound, to: Storage, port: 443 }",
            (
                'require.nsgAllows.direction: expected one of Inbound, Outbound, found "outbound"; '
                "did you mean 'Outbound'?"
            ),
        ),
        (
            "{ direction: Outbound, to: Storage, port: https }",
            'require.nsgAllows.port: expected a whole number, found "https"',
        ),
        (
            "{ direction: Outbound, to: Storage, ports: 443, port: 443 }",
            "require.nsgAllows: unknown key 'ports'; did you mean 'port'?",
        ),
        ("Storage", 'require.nsgAllows: expected a mapping, found "Storage"'),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, operand: str, sentence: str) -> None:
    assert problems(tmp_path, allows(operand)) == [sentence]


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_is_one_of_those_that_there_are(tmp_path: Path, port: int) -> None:
    assert len(problems(tmp_path, allows(f"{{ direction: Outbound, to: Storage, port: {port} }}"))) == 1


def test_lint_refuses_another_field(tmp_path: Path) -> None:
    pack(tmp_path, allows("{ direction: Outbound, to: Storage, port: 443 }", "properties.subnets"))

    assert "nsgAllows is asked of properties.securityRules, the rules of a whole group" in [
        each.message for each in lint(pack_at(tmp_path))
    ]


def test_lint_refuses_a_peer_that_means_nothing(tmp_path: Path) -> None:
    pack(tmp_path, allows("{ direction: Outbound, to: 'Storage.{properties.region}', port: 443 }"))

    assert any(
        "has no 'properties.region' in the catalogue" in each.message for each in lint(pack_at(tmp_path))
    )


def test_the_firewalls_rules_need_their_policies_and_ip_groups(tmp_path: Path) -> None:
    file = tmp_path / "clients" / "ACR599-storage-out.yaml"
    file.parent.mkdir()
    file.write_text(POLICY.replace("{condition}", "{ of: rules, field: properties.access, equals: Allow }"))
    loaded = load([tmp_path])

    assert needed_types(loaded.policies, {}) == {
        "acr-scan/rules",
        "microsoft.network/azurefirewalls",
        "microsoft.network/firewallpolicies",
        "microsoft.network/firewallpolicies/rulecollectiongroups",
        "microsoft.network/ipgroups",
        "microsoft.network/networksecuritygroups",
    }


# ---- a case of a policy on several types


def kind_of_case(folder: Path, resource: str) -> tuple[str | None, list[str]]:
    """The type of a case's resource, and what is wrong with it."""
    file = folder / "clients" / "ACR599-storage-out.yaml"
    file.parent.mkdir()
    file.write_text(POLICY.replace("{condition}", "{ of: rules, field: properties.access, equals: Allow }"))
    (policy,) = load([folder]).policies
    document = parse_yaml(f"cases: [{{ name: x, resource: {resource} }}]", "cases.yaml")
    found: list[Problem] = []
    world = world_of(policy, {}, document.data["cases"][0], document, ("cases", 0), found)
    return None if world is None else world.resource.type, [each.message for each in found]


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("{ name: a }", "microsoft.network/networksecuritygroups"),
        ("{ type: Microsoft.Network/azureFirewalls }", "microsoft.network/azurefirewalls"),
    ],
)
def test_a_case_is_of_the_policys_first_type_unless_it_names_another(
    tmp_path: Path, resource: str, kind: str
) -> None:
    assert kind_of_case(tmp_path, resource) == (kind, [])


def test_a_case_of_a_type_that_the_policy_does_not_judge_is_refused(tmp_path: Path) -> None:
    assert kind_of_case(tmp_path, "{ type: Microsoft.Network/ipGroups }") == (
        None,
        [
            (
                "type is one of Microsoft.Network/networkSecurityGroups, Microsoft.Network/azureFirewalls, "
                "not 'Microsoft.Network/ipGroups'"
            )
        ],
    )
