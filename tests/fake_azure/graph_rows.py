"""The world as Resource Graph's tables show it."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_azure.versions import ACR, copied, dropped, returned
from fake_azure.world import Body, World, type_of

OBJECT, STRING = "object", "string"
COLUMNS: Mapping[str, str] = {
    "id": STRING,
    "name": STRING,
    "type": STRING,
    "tenantId": STRING,
    "kind": STRING,
    "location": STRING,
    "resourceGroup": STRING,
    "subscriptionId": STRING,
    "managedBy": STRING,
    "sku": OBJECT,
    "plan": OBJECT,
    "properties": OBJECT,
    "tags": OBJECT,
    "identity": OBJECT,
    "zones": OBJECT,
    "extendedLocation": OBJECT,
    "apiVersion": STRING,
}

TABLES = frozenset(
    {
        "resources",
        "networkresources",
        "dnsresources",
        "resourcecontainers",
        "authorizationresources",
        "securityresources",
        "policyresources",
    }
)
PROVIDERS = {
    "microsoft.authorization/roleassignments": "authorizationresources",
    "microsoft.authorization/roledefinitions": "authorizationresources",
    "microsoft.authorization/classicadministrators": "authorizationresources",
    "microsoft.authorization": "policyresources",
    "microsoft.policyinsights": "policyresources",
    "microsoft.security": "securityresources",
    "microsoft.resources": "resourcecontainers",
    "microsoft.management": "resourcecontainers",
    "microsoft.insights": None,
    "microsoft.network/effectivesecurityadminrules": "networkresources",
}
MANAGER = "microsoft.network/networkmanagers/securityadminconfigurations"
NESTED = {
    f"{ACR}/agentpools": "resources",
    f"{ACR}/buildtasks": "resources",
    f"{ACR}/replications": "resources",
    f"{ACR}/taskruns": "resources",
    f"{ACR}/tasks": "resources",
    f"{ACR}/webhooks": "resources",
    "microsoft.network/privatednszones/virtualnetworklinks": "resources",
    "microsoft.network/networkwatchers/flowlogs": "resources",
    "microsoft.network/firewallpolicies/rulecollectiongroups": "networkresources",
    f"{MANAGER}/rulecollections/rules/snapshots": "networkresources",
    "microsoft.network/virtualnetworks/subnets/effectiveroutingrules": "networkresources",
}
"""The child types that are indexed; others are not, but for the records of private DNS zones."""

READ_BY = {
    ACR: "2025-11-01",
    f"{ACR}/webhooks": "2025-11-01",
    f"{ACR}/replications": "2025-11-01",
    f"{ACR}/tasks": "2019-04-01",
    f"{ACR}/agentpools": "2019-06-01-preview",
    "microsoft.machinelearningservices/workspaces": "2025-06-01",
    "microsoft.containerinstance/containergroups": "2023-05-01",
    "microsoft.security/pricings": "2024-01-01",
}
"""The api-version of a type's rows: the latest that is no preview, or the first where there is none."""
USUAL = "2024-05-01"

UNPROVEN: Mapping[str, Sequence[str]] = {
    ACR: ("properties.networkRuleBypassAllowedForTasks", "properties.networkRuleSet.virtualNetworkRules"),
    f"{ACR}/tasks": (
        "identity",
        "properties.credentials",
        "properties.agentPoolName",
        "properties.isSystemTask",
    ),
}
"""What no recording shows in a row, whatever its api-version."""

MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})\d*(Z|\+00:00)")


@dataclass(frozen=True, slots=True)
class GraphRow:
    """A row, and where it belongs."""

    table: str
    subscription: str
    scope: str
    columns: Mapping[str, Any]


def graph_rows(world: World) -> Mapping[str, list[GraphRow]]:
    """The rows of each table; kept until the world has changed."""
    if "graph" not in world.cache:
        tables: dict[str, list[GraphRow]] = {table: [] for table in TABLES}
        for row in _rows(world):
            tables[row.table].append(row)
        world.cache["graph"] = tables
    found: Mapping[str, list[GraphRow]] = world.cache["graph"]
    return found


def table_of(kind: str) -> str | None:
    """The one table that shows a type, or None if none does."""
    for key in (kind, kind.partition("/")[0]):
        if key in PROVIDERS:
            return PROVIDERS[key]
    if kind.count("/") == 1:
        return "resources"
    if kind in NESTED:
        return NESTED[kind]
    return "dnsresources" if kind.startswith("microsoft.network/privatednszones/") else None


def _rows(world: World) -> Iterator[GraphRow]:
    for one in world.subscriptions:
        identifier = f"/subscriptions/{one.id}"
        chain = [{"name": group, "displayName": group} for group in world.above(one.id)]
        properties = {
            "state": one.state,
            "subscriptionPolicies": {"quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
            "managementGroupAncestorsChain": chain,
        }
        yield _row(world, {"id": identifier, "name": one.name or one.id, "properties": properties})
    for identifier, location in world.groups().values():
        state = {"provisioningState": "Succeeded"}
        yield _row(world, {"id": identifier, "location": location, "properties": state})
    for group in world.management_groups:
        identifier = f"/providers/Microsoft.Management/managementGroups/{group}"
        yield _row(world, {"id": identifier, "properties": {"displayName": group, "tenantId": world.tenant}})
    for body in world.resources:
        if table_of(str(body.get("type", type_of(body["id"]))).lower()) is not None:
            yield _row(world, body)


def _row(world: World, body: Body) -> GraphRow:
    identifier: str = body["id"]
    kind = str(body.get("type", type_of(identifier))).lower()
    usual = None if table_of(kind) == "resourcecontainers" else READ_BY.get(kind, USUAL)
    version = world.graph_versions.get(kind, usual)
    shown = returned(body, kind, version)
    if not world.graph_shows_unproven:
        for path in UNPROVEN.get(kind, ()):
            dropped(shown, path)
    parts = identifier.split("/")
    subscription = parts[2] if parts[1].lower() == "subscriptions" else ""
    in_group = len(parts) > 4 and parts[3].lower() == "resourcegroups"
    columns = {
        **dict.fromkeys(COLUMNS),
        **{name: value for name, value in shown.items() if name in COLUMNS},
        "id": _recased(parts) if in_group else identifier,
        "name": shown.get("name", parts[-1]),
        "type": kind,
        "tenantId": world.tenant,
        "kind": shown.get("kind") or "",
        "location": str(shown.get("location") or "").replace(" ", "").lower(),
        "resourceGroup": parts[4].lower() if in_group else "",
        "subscriptionId": subscription,
        "managedBy": shown.get("managedBy") or "",
        "properties": _cut(shown.get("properties")),
        "apiVersion": version,
    }
    scope = str((body.get("properties") or {}).get("scope") or identifier.rpartition("/providers/")[0])
    return GraphRow(table_of(kind) or "", subscription.lower(), scope.lower() or "/", columns)


def _recased(parts: Sequence[str]) -> str:
    """The id as one of Resource Graph's sources wrote it, which not always agrees with ARM on case."""
    case = zlib.crc32("/".join(parts).encode()) % 3
    group = {0: parts[4].lower()}.get(case, parts[4])
    word = {1: "resourcegroups"}.get(case, parts[3])
    return "/".join([*parts[:3], word, group, *parts[5:]])


def _cut(value: Any) -> Any:
    """Timestamps cut to milliseconds, and written with seven digits as before."""
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cut(inner) for inner in value]
    if isinstance(value, str) and (found := MOMENT.fullmatch(value)):
        return f"{found[1]}.{found[2]}0000Z"
    return copied(value)
