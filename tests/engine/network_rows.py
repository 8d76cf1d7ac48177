"""Network security groups, firewalls and what they name, as ARM writes them."""

from collections.abc import Mapping
from typing import Any

from engine_rows import GROUP, Json

NETWORK = f"{GROUP}/providers/Microsoft.Network"
NSG = f"{NETWORK}/networkSecurityGroups/web"
FIREWALL = f"{NETWORK}/azureFirewalls/hub"
POLICY = f"{NETWORK}/firewallPolicies/child"
PARENT = f"{NETWORK}/firewallPolicies/parent"
IP_GROUP = f"{NETWORK}/ipGroups/builders"

POLICIES = "microsoft.network/firewallpolicies"
COLLECTION_GROUPS = f"{POLICIES}/rulecollectiongroups"
IP_GROUPS = "microsoft.network/ipgroups"
ALL = {POLICIES, COLLECTION_GROUPS, IP_GROUPS}


def security_rule(name: str = "rule", **properties: Any) -> Json:
    """A rule as ARM returns it: TCP on 443 is allowed out from anywhere to anywhere, or what it says."""
    known: Json = {
        "access": "Allow",
        "direction": "Outbound",
        "priority": 100,
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "443",
    }
    merged = {**known, **properties}
    return {"name": name, "properties": {key: each for key, each in merged.items() if each is not None}}


def nsg(*rules: Mapping[str, Any], **properties: Any) -> Json:
    return {
        "id": NSG,
        "apiVersion": "2024-05-01",
        "location": "eastus",
        "properties": {"securityRules": list(rules), **properties},
    }


def firewall(**properties: Any) -> Json:
    return {"id": FIREWALL, "apiVersion": "2024-05-01", "properties": properties}


def firewall_policy(identifier: str = POLICY, **properties: Any) -> Json:
    return {"id": identifier, "properties": properties}


def collection_group(policy: str, name: str, *collections: Mapping[str, Any]) -> Json:
    """A rule collection group, as the table networkresources shows it."""
    return {
        "id": f"{policy}/ruleCollectionGroups/{name}",
        "source": "resourceGraph",
        "apiVersion": "2024-01-01",
        "properties": {"priority": 200, "ruleCollections": list(collections)},
    }


def collection(name: str, *rules: Mapping[str, Any], action: str = "Allow", priority: int = 300) -> Json:
    """A collection inside of a rule collection group."""
    return {"name": name, "action": {"type": action}, "priority": priority, "rules": list(rules)}


def classic(name: str, *rules: Mapping[str, Any], action: str = "Allow", priority: int = 300) -> Json:
    """A collection of a firewall without a policy."""
    inner = {"action": {"type": action}, "priority": priority, "rules": list(rules)}
    return {"name": name, "properties": inner}
