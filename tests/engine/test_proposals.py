"""What is proposed for a finding, and why nothing is."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import shipped_pack

from scanner.engine.compile.questions import Questions
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Gap, Inventory, by_id
from scanner.model.resource import Row, Source, type_of_id
from scanner.network.service_tags import parse_service_tags
from scanner.remediation.proposals import proposals
from scanner.remediation.registry_view import (
    NotPossible,
    PlanPreferences,
    ProposedSteps,
    RegistryView,
    idle,
    symbol,
)
from scanner.result.plan import AddRule, AssignRole, CreatePool, RemoveRule, ScalePool, UsePool

HOME = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/fabrikam"
KIND = "microsoft.containerregistry/registries"
TERMS = shipped_pack.pack().terms
POLICIES = {policy.id: policy for policy in shipped_pack.pack().policies}
VALUES = [
    {"name": f"AzureContainerRegistry.{region}", "properties": {"addressPrefixes": [prefix]}}
    for region, prefix in (("EastUS", "20.0.0.0/24"), ("UKSouth", "51.0.0.0/24"))
]
TAGS = parse_service_tags({"cloud": "Public", "values": VALUES}, source="file", published=None)


def row(below: str, properties: Mapping[str, Any], **rest: Any) -> Row:
    identifier = f"{HOME}{below}"
    body = {"id": identifier, "location": "eastus", "properties": properties, **rest}
    return Row(identifier, type_of_id(identifier) or "", body, Source.ARM, "2026-03-01-preview")


def sight(
    *below: Row,
    gaps: Iterable[str] = (),
    tags: bool = True,
    wishes: PlanPreferences | None = None,
    **settings: Any,
) -> RegistryView:
    """What is seen of a registry whose firewall names two clients."""
    rules = settings.pop("rules", ["9.9.9.9", "9.9.9.10"])
    properties = {
        "loginServer": "fabrikam.azurecr.io",
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {
            "defaultAction": "Deny",
            "ipRules": [{"value": rule} for rule in rules],
            "virtualNetworkRules": settings.pop("subnets", []),
        },
        **settings,
    }
    for name in gaps:
        del properties[name]
    inventory = Inventory(
        by_id([row("", properties, sku={"name": "Premium"}), *below]),
        None,
        tuple(Gap(f"{KIND}/properties.{name}", "", "no permission") for name in gaps),
    )
    world = InventoryWorld(inventory, TagTable(TAGS if tags else None, "Public"))
    return RegistryView(
        world, Questions(world, TERMS), inventory.resources[HOME.lower()], wishes or PlanPreferences()
    )


def said(policy: str, seen: RegistryView, below: str = "") -> list[str]:
    """The reasons why nothing is proposed."""
    resource = seen.world.inventory.resources[f"{HOME}{below}".lower()]
    return [
        each.reason for each in proposals(POLICIES[policy], seen, resource) if isinstance(each, NotPossible)
    ]


def options(policy: str, seen: RegistryView, below: str = "") -> list[ProposedSteps]:
    resource = seen.world.inventory.resources[f"{HOME}{below}".lower()]
    return [each for each in proposals(POLICIES[policy], seen, resource) if isinstance(each, ProposedSteps)]


@pytest.mark.parametrize("policy", ["ACR105", "ACR106", "ACR109", "ACR206", "ACR207"])
def test_rules_that_were_not_seen_are_not_changed(policy: str) -> None:
    seen = sight(gaps=["networkRuleSet"])

    assert options(policy, seen) == []
    assert "could not be seen" in said(policy, seen)[0]


@pytest.mark.parametrize("policy", ["ACR106", "ACR206", "ACR207"])
def test_without_service_tags_no_rule_is_the_regions(policy: str) -> None:
    assert options(policy, sight(tags=False)) == []
    assert said(policy, sight(tags=False)) != []


def test_rules_of_a_closed_registry_are_no_way_in() -> None:
    closed = sight(publicNetworkAccess="Disabled")

    assert said("ACR206", closed) == ["public network access is not Enabled, so no IP rule has an effect"]
    assert options("ACR206", sight())[0].acts == (AddRule("20.0.0.0/24"),)


def test_rules_that_admit_nobody_go_and_those_that_also_admit_somebody_are_asked_about() -> None:
    rules = ["10.0.0.0/8", "9.9.9.9", "junk", "2001:db8::/32"]

    assert options("ACR105", sight(rules=rules))[0].acts == tuple(map(RemoveRule, [rules[0], *rules[2:]]))
    assert said("ACR105", sight(rules=["172.0.0.0/8"])) == [
        "172.0.0.0/8 also holds public addresses; narrow it to those that clients come from"
    ]


def test_a_rule_that_is_no_text_cannot_be_named() -> None:
    assert said("ACR105", sight(rules=[7])) == ["an IP rule is no text, so no command can name it"]
    assert said("ACR109", sight(subnets=[{"id": "/n/subnets/a"}, 7])) == [
        "a virtual network rule names no subnet"
    ]


def test_a_list_without_a_free_place_is_said_to_be_full() -> None:
    rules = ["20.0.0.0/26", "20.0.0.64/26", "9.9.9.9"]

    assert said("ACR206", sight(rules=rules, wishes=PlanPreferences(limit=3, budget=3))) == [
        "all 3 of 3 rules are in use, and none can go first"
    ]


def test_rules_of_the_region_are_merged_and_idle_ones_dropped_only_if_that_is_enough() -> None:
    rules = ["20.0.0.0/25", "20.0.0.128/25", "10.0.0.1", "9.9.9.9"]

    assert [each.acts for each in options("ACR106", sight(rules=rules, wishes=PlanPreferences(house=3)))] == [
        (AddRule("20.0.0.0/24"), RemoveRule("20.0.0.0/25"), RemoveRule("20.0.0.128/25")),
        (
            AddRule("20.0.0.0/24"),
            RemoveRule("20.0.0.0/25"),
            RemoveRule("20.0.0.128/25"),
            RemoveRule("10.0.0.1"),
        ),
    ]
    assert options("ACR106", sight(rules=rules, wishes=PlanPreferences(house=1))) == []
    assert (
        "hold the same addresses in 2 prefixes"
        in said("ACR106", sight(rules=rules, wishes=PlanPreferences(house=1)))[0]
    )


def task(name: str = "t", **properties: Any) -> Row:
    own = {"status": "Enabled", "provisioningState": "Succeeded", **properties}
    return row(f"/tasks/{name}", own, identity={"type": "None"})


def ways(seen: RegistryView) -> list[str | None]:
    resource = seen.world.inventory.resources[f"{HOME}/tasks/t".lower()]
    return [each.way for each in proposals(POLICIES["ACR201"], seen, resource)]


def test_ways_come_in_order_and_the_preferred_one_first() -> None:
    assert ways(sight(task())) == ["agent-pool", "bypass", "ip-rules"]
    assert ways(sight(task(), wishes=PlanPreferences(prefer="ip-rules"))) == [
        "ip-rules",
        "agent-pool",
        "bypass",
    ]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (sight(task(), endpointProtocol="IPv4AndIPv6"), "dual-stack runs no tasks at all"),
        (sight(task(platform={"os": "Windows"})), "run Linux only, and the task is one of Windows"),
        (sight(task(), loginServer=None), "the login server of fabrikam could not be seen"),
    ],
)
def test_a_way_that_is_not_open_says_why(seen: RegistryView, reason: str) -> None:
    assert any(reason in each for each in said("ACR201", seen, "/tasks/t"))


def test_a_pool_that_is_ready_is_used_and_a_new_one_gets_a_free_name() -> None:
    network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"
    ready = {
        "count": 1,
        "provisioningState": "Succeeded",
        "virtualNetworkSubnetResourceId": f"{network}/subnets/a",
    }
    rule = {"virtualNetworkSubnetResourceId": f"{network}/subnets/a"}

    used = options("ACR201", sight(task(), row("/agentPools/Tasks", ready), subnets=[rule]), "/tasks/t")
    made = options("ACR201", sight(task(), row("/agentPools/Tasks", {**ready, "count": 0})), "/tasks/t")

    assert used[0].acts == (UsePool("t", "Tasks"),)
    assert [each.name for each in made[0].acts if isinstance(each, CreatePool)] == ["tasks-2"]


def test_a_pool_without_machines_is_scaled_and_one_that_failed_is_made_anew() -> None:
    placed = {"count": 0, "virtualNetworkSubnetResourceId": "/v/subnets/a", "provisioningState": "Succeeded"}
    failed = {**placed, "provisioningState": "Failed"}
    elsewhere = {"count": 1, "provisioningState": "Succeeded"}

    (scaled,) = options("ACR204", sight(row("/agentPools/p", placed)), "/agentPools/p")
    (anew,) = options("ACR204", sight(row("/agentPools/p", failed), task(agentPoolName="P")), "/agentPools/p")

    (moved,) = options("ACR204", sight(row("/agentPools/p", elsewhere)), "/agentPools/p")
    assert [type(each).__name__ for each in moved.acts] == ["CreateEndpoint", "CreatePool", "DeletePool"]
    assert scaled.acts == (ScalePool("p"),)
    assert [type(each).__name__ for each in anew.acts] == [
        "CreateEndpoint",
        "CreatePool",
        "UsePool",
        "DeletePool",
    ]


def test_a_role_follows_the_mode_of_the_registry() -> None:
    abac = sight(task(), roleAssignmentMode="AbacRepositoryPermissions")

    assert isinstance(options("ACR203", sight(task()), "/tasks/t")[0].acts[0], AssignRole)
    roles = [options("ACR203", seen, "/tasks/t")[0].acts[0] for seen in (sight(task()), abac)]
    assert [each.role for each in roles if isinstance(each, AssignRole)] == [
        "AcrPush",
        "Container Registry Repository Writer",
    ]


def test_a_registry_that_admits_nobody_yet_is_not_closed() -> None:
    nobody = sight(rules=[])

    assert options("ACR101", nobody) == []
    assert said("ACR101", nobody)[0].startswith("who else needs the registry is not known")


def test_a_rule_is_idle_if_it_admits_nobody_over_the_internet() -> None:
    assert [idle(rule) for rule in ("10.0.0.1", "junk", "9.9.9.9", "0.0.0.0/0")] == [True, True, False, False]


def test_names_of_inputs_are_plain_and_do_not_collide() -> None:
    assert symbol("Contoso1") == "contoso1"
    assert symbol("a-b") != symbol("a.b")
    assert symbol("a-b").isidentifier()
