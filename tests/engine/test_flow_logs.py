"""A group's traffic is recorded where a flow log that is on sees every place that the group guards."""

from typing import Any

import pytest
from engine_rows import SUBSCRIPTION, Json, inventory, world
from network_rows import NETWORK, NSG, nsg

from scanner.model.inventory import Gap
from scanner.model.resource import Related

HUB, SPOKE = f"{NETWORK}/virtualNetworks/hub", f"{NETWORK}/virtualNetworks/spoke"
CLIENTS, AGENTS = f"{HUB}/subnets/clients", f"{SPOKE}/subnets/agents"
NIC = f"{NETWORK}/networkInterfaces/nic"
FLOW_LOGS = "microsoft.network/networkwatchers/flowlogs"


def log(name: str, target: str | None, **properties: Any) -> Json:
    known: Json = {"targetResourceId": target, "enabled": True}
    identifier = f"{NETWORK}/networkWatchers/eastus/flowLogs/{name}"
    return {"id": identifier, "properties": {**known, **properties}}


def network(subnet: str, *interfaces: str) -> Json:
    """The network of a subnet in which some interfaces are, as Resource Graph shows it."""
    configurations = [{"id": f"{nic}/ipConfigurations/ipconfig1"} for nic in interfaces]
    held = {"id": subnet, "properties": {"ipConfigurations": configurations}}
    return {"id": subnet.partition("/subnets/")[0], "properties": {"subnets": [held]}}


def guarding(*subnets: str, interfaces: tuple[str, ...] = ()) -> Json:
    listed = {"networkInterfaces": [{"id": each} for each in interfaces]} if interfaces else {}
    return nsg(subnets=[{"id": each} for each in subnets], **listed)


def unrecorded(group: Json, *rows: Json, **options: Any) -> Related:
    of = inventory(group, *rows, **{"collected": {FLOW_LOGS}, **options})
    return world(of).related(of.resources[NSG.lower()], "networksWithoutFlowLog")


def problems(related: Related) -> list[str]:
    """Each problem after the name of its network; nothing else may be wrong."""
    assert (related.uncertain, related.unseen) == ((), None)
    return [f"{each.name}: {each.rows[0].body['properties']['problem']}" for each in related.targets]


def doubts(related: Related) -> list[str]:
    assert (related.targets, related.unseen) == ((), None)
    return [each.reason for each in related.uncertain]


@pytest.mark.parametrize("target", [NSG, CLIENTS, HUB, HUB.upper()])
def test_a_flow_log_records_a_group_by_itself_its_subnet_or_its_network(target: str) -> None:
    assert unrecorded(guarding(CLIENTS), log("mine", target)) == Related()


def test_none_at_all_is_none_once_flow_logs_were_collected() -> None:
    expected = ["hub: no flow log records its subnet clients, which web guards"]

    assert problems(unrecorded(guarding(CLIENTS))) == expected
    assert problems(unrecorded(guarding(CLIENTS), collected=None)) == expected


def test_a_flow_log_of_another_network_or_without_a_target_records_something_else() -> None:
    elsewhere = log("elsewhere", f"{HUB}2"), log("bare", None)

    assert problems(unrecorded(guarding(CLIENTS), *elsewhere)) != []


def test_every_network_of_the_group_needs_a_flow_log() -> None:
    assert problems(unrecorded(guarding(CLIENTS, AGENTS), log("hub", HUB))) == [
        "spoke: no flow log records its subnet agents, which web guards"
    ]
    assert unrecorded(guarding(CLIENTS, AGENTS), log("hub", HUB), log("agents", AGENTS)) == Related()
    assert unrecorded(guarding(CLIENTS, AGENTS), log("group", NSG)) == Related()


def test_the_subnets_of_a_network_are_told_together() -> None:
    others = f"{HUB}/subnets/batch", f"{HUB}/subnets/apps"

    assert problems(unrecorded(guarding(CLIENTS, *others), log("one", CLIENTS))) == [
        "hub: no flow log records its subnets apps, batch, which web guards"
    ]


def test_a_flow_log_that_is_off_records_nothing_and_is_named() -> None:
    off = log("old", HUB, enabled=False)

    assert problems(unrecorded(guarding(CLIENTS), off)) == [
        "hub: no flow log records its subnet clients, which web guards; old is off"
    ]
    assert unrecorded(guarding(CLIENTS), off, log("new", CLIENTS)) == Related()


@pytest.mark.parametrize("target", [NIC, AGENTS, SPOKE, NSG])
def test_a_group_on_an_interface_is_recorded_with_the_interfaces_network(target: str) -> None:
    group = guarding(interfaces=(NIC.upper(),))

    assert unrecorded(group, network(AGENTS, NIC), log("mine", target)) == Related()


def test_the_network_of_an_interface_is_the_one_that_lists_it() -> None:
    group = guarding(interfaces=(NIC,))
    rows = network(CLIENTS, f"{NIC}2"), network(AGENTS, NIC)

    assert problems(unrecorded(group, *rows, log("hub", HUB))) == [
        "spoke: no flow log records its subnet agents, which web guards"
    ]


def test_an_interface_whose_network_is_not_here_may_be_recorded() -> None:
    group = guarding(interfaces=(NIC,))

    assert doubts(unrecorded(group, log("hub", HUB))) == [
        "the network of the interface nic could not be seen"
    ]
    assert unrecorded(group, log("nic", NIC)) == Related()


def test_what_is_unrecorded_is_told_beside_what_is_not_known() -> None:
    related = unrecorded(guarding(CLIENTS, interfaces=(NIC,)))

    assert [each.name for each in related.targets] == ["hub"]
    assert [each.reason for each in related.uncertain] == [
        "the network of the interface nic could not be seen"
    ]


def test_a_group_that_guards_nothing_has_no_network() -> None:
    assert unrecorded(nsg()) == unrecorded(guarding()) == Related()


def test_flow_logs_that_were_not_collected_may_be_there() -> None:
    reason = "Microsoft.Network/networkWatchers/flowLogs was not collected"

    assert doubts(unrecorded(guarding(CLIENTS), collected=set())) == [reason]
    gaps = [Gap(FLOW_LOGS, SUBSCRIPTION, "refused")]
    assert doubts(unrecorded(guarding(CLIENTS, AGENTS), gaps=gaps)) == ["refused"]
    assert unrecorded(guarding(CLIENTS), log("mine", HUB), gaps=gaps) == Related()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("targetResourceId", "what the flow log dim records could not be seen"),
        ("enabled", "whether the flow log dim is on could not be seen"),
    ],
)
def test_a_flow_log_that_does_not_show_all_may_record_the_group(path: str, reason: str) -> None:
    dim = log("dim", HUB, **{path: None})
    gaps = [Gap(f"{FLOW_LOGS}/properties.{path}", "", "refused")]

    assert doubts(unrecorded(guarding(CLIENTS), dim, gaps=gaps)) == [reason]


def test_a_flow_log_without_a_switch_may_be_on() -> None:
    assert doubts(unrecorded(guarding(CLIENTS), log("odd", HUB, enabled=None))) == [
        "whether the flow log odd is on could not be seen"
    ]


@pytest.mark.parametrize("path", ["subnets", "networkInterfaces"])
def test_places_that_could_not_be_seen_may_lack_a_flow_log(path: str) -> None:
    gap = Gap(f"microsoft.network/networksecuritygroups/properties.{path}", "", "refused")

    assert doubts(unrecorded(nsg(**{path: None}), gaps=[gap])) == ["refused"]
