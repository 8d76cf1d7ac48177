"""What a live scan needs of the network around registries is collected, and survives in its snapshot."""

from pathlib import Path
from typing import Any

import pytest
from estates import PLENTY, SHOP, Body, Outcome, pool, registry, resource, run, scan, world
from fake_azure import FakeAzure

NETWORK = f"/subscriptions/{SHOP}/resourceGroups/rg-net/providers/Microsoft.Network"
SPOKE, NSG = f"{NETWORK}/virtualNetworks/spoke", f"{NETWORK}/networkSecurityGroups/agents"
AGENTS = f"{SPOKE}/subnets/agents"
CONFIGURATION = f"{NETWORK}/networkManagers/avnm/securityAdminConfigurations/baseline"


def spoke(**subnet: Any) -> Body:
    held = {"id": AGENTS, "name": "agents", "properties": {"addressPrefix": "10.1.2.0/24", **subnet}}
    return resource(
        SPOKE, "eastus", {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}, "subnets": [held]}
    )


def both(policy: str, folder: Path, *rows: Body) -> list[tuple[str, list[str]]]:
    """The verdict of a policy and its evidence, live and from the snapshot of that scan."""
    with FakeAzure(world(*rows), quota=PLENTY) as azure:
        live = scan(azure, "--select", policy, "--save-snapshot", folder / "kept")
    return [_said(live), _said(run("--snapshot", folder / "kept", "--select", policy))]


def _said(outcome: Outcome) -> tuple[str, list[str]]:
    (result,) = outcome.json["results"]
    return result["verdict"], [each["text"] for each in result["evidence"] if each["truth"] != "false"]


@pytest.mark.parametrize("pascal", [False, True])
def test_rules_of_virtual_network_manager_are_collected(pascal: bool, tmp_path: Path) -> None:
    rule: Body = {
        "access": "Deny",
        "direction": "Outbound",
        "priority": 10,
        "protocol": "Tcp",
        "destinations": [{"addressPrefix": "Storage", "addressPrefixType": "ServiceTag"}],
        "destinationPortRanges": ["443"],
    }
    applied: Body = {"effectiveSecurityAdminConfigurations": [{"id": f"{CONFIGURATION}/snapshots/1"}]}
    if pascal:
        rule, applied = (
            {name[0].upper() + name[1:]: each for name, each in held.items()} for held in (rule, applied)
        )
    contoso = registry("contoso")
    rows = [
        contoso,
        pool(contoso, "pool1", virtualNetworkSubnetResourceId=AGENTS),
        spoke(),
        resource(f"{SPOKE}/providers/Microsoft.Network/effectiveSecurityAdminRules/default", None, applied),
        resource(f"{CONFIGURATION}/ruleCollections/rc/rules/no-storage/snapshots/1", None, rule),
    ]

    rule_text = "the rule no-storage (Deny, priority 10) of Virtual Network Manager"
    reason = f"{rule_text} may come before the security group"
    assert both("ACR205", tmp_path, *rows) == [("unknown", [f"could not be seen ({reason})"] * 2)] * 2


def test_flow_logs_are_collected_and_an_estate_without_them_has_none(tmp_path: Path) -> None:
    rule = {
        "access": "Allow",
        "direction": "Outbound",
        "priority": 100,
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "AzureContainerRegistry",
        "destinationPortRange": "443",
    }
    group = {"securityRules": [{"name": "registry", "properties": rule}], "subnets": [{"id": AGENTS}]}
    rows = registry("contoso"), spoke(networkSecurityGroup={"id": NSG}), resource(NSG, "eastus", group)
    log = resource(
        f"{NETWORK}/networkWatchers/eastus/flowLogs/spoke",
        "eastus",
        {"targetResourceId": SPOKE, "enabled": True},
    )

    unrecorded = "no flow log records its subnet agents, which agents guards"
    assert both("ACR702", tmp_path / "without", *rows) == [("fail", [unrecorded])] * 2
    assert both("ACR702", tmp_path / "with", *rows, log) == [("pass", [])] * 2
