"""What an inventory looks like after a step: the same rows, and the changes that Azure would make."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from scanner.catalog.limits import ROLE_ACTIONS
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource, Row, Source, Value, type_of_id
from scanner.result.plan import (
    Act,
    AddCredential,
    AddRule,
    AssignIdentity,
    AssignRole,
    CreateEndpoint,
    CreatePool,
    DeletePool,
    Input,
    RemoveRule,
    RemoveSubnet,
    ScalePool,
    SendLogs,
    SetField,
    SignIn,
    UsePool,
)

VERSION = "2026-03-01-preview"
"""Of rows that a step makes: the newest, which shows every field."""
RULES, SUBNETS = "properties.networkRuleSet.ipRules", "properties.networkRuleSet.virtualNetworkRules"
CONNECTIONS = "properties.privateEndpointConnections"

BodyPath = tuple[str, ...]
Changes = Mapping[BodyPath, Any]


def simulate(inventory: Inventory, registry: str, acts: Iterable[Act]) -> Inventory:
    """The inventory after steps on the registry of a key, taken in order."""
    for act in acts:
        inventory = _after(inventory, inventory.resources[registry], act)
    return inventory


def _after(inventory: Inventory, registry: Resource, act: Act) -> Inventory:
    match act:
        case SetField(path, value):
            return _edited(inventory, registry.key, {tuple(path.split(".")): value})
        case AddRule(rule):
            rules = [*_array(inventory, registry, RULES), {"action": "Allow", "value": rule}]
            return _edited(inventory, registry.key, {tuple(RULES.split(".")): rules})
        case RemoveRule(rule):
            rules = [each for each in _array(inventory, registry, RULES) if _value(each) != rule]
            return _edited(inventory, registry.key, {tuple(RULES.split(".")): rules})
        case RemoveSubnet(subnet):
            kept = [each for each in _array(inventory, registry, SUBNETS) if subnet_of(each) != subnet]
            return _edited(inventory, registry.key, {tuple(SUBNETS.split(".")): kept})
        case CreateEndpoint(name, subnet):
            return _endpoint(inventory, registry, name, subnet)
        case SendLogs(workspace):
            return _logs(inventory, registry, workspace)
        case CreatePool() | ScalePool() | DeletePool():
            return _pool(inventory, registry, act)
        case _:
            return _task(inventory, registry, act)


def _pool(inventory: Inventory, registry: Resource, act: CreatePool | ScalePool | DeletePool) -> Inventory:
    match act:
        case CreatePool(name, subnet):
            properties = {
                "count": 1,
                "tier": "S1",
                "os": "Linux",
                "provisioningState": "Succeeded",
                "virtualNetworkSubnetResourceId": stand_in(registry, subnet),
            }
            return _with(inventory, _row(f"{registry.id}/agentPools/{name}", properties, registry.location))
        case ScalePool(pool):
            return _edited(
                inventory, f"{registry.key}/agentpools/{pool.lower()}", {("properties", "count"): 1}
            )
        case DeletePool(pool):
            gone = f"{registry.key}/agentpools/{pool.lower()}"
            rest = {key: each for key, each in inventory.resources.items() if key != gone}
            return replace(inventory, resources=rest)


def _task(
    inventory: Inventory,
    registry: Resource,
    act: UsePool | AssignIdentity | AssignRole | AddCredential | SignIn,
) -> Inventory:
    key = f"{registry.key}/tasks/{act.task.lower()}"
    match act:
        case UsePool(_, pool):
            return _edited(inventory, key, {("properties", "agentPoolName"): pool})
        case AssignIdentity(_, kind):
            named: Changes = {("identity", "type"): kind, ("identity", "principalId"): _digest(key)}
            return _edited(inventory, key, named)
        case AddCredential(_, server):
            path = ("properties", "credentials", "customRegistries", server)
            return _edited(inventory, key, {path: {"identity": "[system]"}})
        case SignIn(_, abac):
            source = ("properties", "credentials", "sourceRegistry")
            named = {(*source, "identity"): "[system]"} if abac else {(*source, "loginMode"): "None"}
            return _edited(inventory, key, named)
        case AssignRole():
            return _role(inventory, registry, inventory.resources[key], act)


def _endpoint(inventory: Inventory, registry: Resource, name: str, subnet: Input) -> Inventory:
    group = registry.id.partition("/providers/")[0]
    identifier = f"{group}/providers/Microsoft.Network/privateEndpoints/{name}"
    connection = {
        "id": f"{registry.id}/privateEndpointConnections/{name}",
        "name": name,
        "properties": {
            "privateEndpoint": {"id": identifier},
            "privateLinkServiceConnectionState": {"status": "Approved"},
        },
    }
    found = [*_array(inventory, registry, CONNECTIONS), connection]
    inventory = _edited(inventory, registry.key, {tuple(CONNECTIONS.split(".")): found})
    place = {"subnet": {"id": stand_in(registry, subnet)}}
    return _with(inventory, _row(identifier, place, registry.location))


def _logs(inventory: Inventory, registry: Resource, workspace: Input) -> Inventory:
    identifier = f"{registry.id}/providers/Microsoft.Insights/diagnosticSettings/acr-scan"
    logs = [{"categoryGroup": "audit", "enabled": True}]
    return _with(inventory, _row(identifier, {"workspaceId": workspace.name, "logs": logs}, None))


def _role(inventory: Inventory, registry: Resource, task: Resource, act: AssignRole) -> Inventory:
    """An assignment on the registry, and the role's definition, which every tenant has."""
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{act.definition}"
    if definition.lower() not in inventory.resources:
        inventory = _with(inventory, _row(definition, {"permissions": [ROLE_ACTIONS[act.role]]}, None))
    principal = InventoryWorld(inventory, TagTable(None, "")).field(task, "identity.principalId")
    named = _digest(f"{task.key} {act.role}")
    properties = {
        "principalId": principal.value if isinstance(principal, Value) else None,
        "roleDefinitionId": definition,
        "scope": registry.id,
    }
    identifier = f"{registry.id}/providers/Microsoft.Authorization/roleAssignments/{named}"
    return _with(inventory, _row(identifier, properties, None))


def stand_in(registry: Resource, subnet: Input) -> str:
    """An id in the place of a subnet that only the reader knows."""
    group = f"/subscriptions/{registry.subscription}/resourceGroups/input"
    network = subnet.network or f"{group}/providers/Microsoft.Network/virtualNetworks/input"
    return f"{network}/subnets/{subnet.name}"


def subnet_of(rule: Any) -> str | None:
    """The subnet of a virtual network rule, under its key of 2026 or that of 2021."""
    if not isinstance(rule, dict):
        return None
    return rule.get("virtualNetworkSubnetResourceId") or rule.get("id")


def _value(rule: Any) -> Any:
    return rule.get("value") if isinstance(rule, dict) else None


def _array(inventory: Inventory, resource: Resource, path: str) -> Sequence[Any]:
    """The members of an array as the rows show it; none where it was not seen."""
    answer = InventoryWorld(inventory, TagTable(None, "")).field(resource, path)
    return answer.value if isinstance(answer, Value) and isinstance(answer.value, list) else []


def _edited(inventory: Inventory, key: str, changes: Changes) -> Inventory:
    """The inventory with values set in the best row of a resource, whose values win over all others'."""
    resource = inventory.resources[key]
    body: Any = resource.rows[0].body
    for path, value in changes.items():
        body = _set(_shown(body, path[:2], resource.rows[1:]), path, value)
    rows = (msgspec.structs.replace(resource.rows[0], body=body), *resource.rows[1:])
    return replace(inventory, resources={**inventory.resources, key: Resource(key, rows)})


def _shown(body: Any, path: BodyPath, others: Iterable[Row]) -> Any:
    """A body with an object that only another row shows: its other members must not look missing."""
    for row in () if _member(body, path) is not None else others:
        if (found := _member(row.body, path)) is not None:
            return _set(body, path, found)
    return body


def _member(node: Any, path: BodyPath) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _set(node: Any, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    known = dict(node) if isinstance(node, Mapping) else {}
    head, rest = path[0], path[1:]
    name = next((key for key in known if key.lower() == head.lower()), head)
    known[name] = _set(known.get(name), rest, value) if rest else value
    return known


def _with(inventory: Inventory, row: Row) -> Inventory:
    key = row.id.lower()
    known = {**inventory.resources, key: Resource(key, (row,))}
    return replace(inventory, resources={each: known[each] for each in sorted(known)})


def _row(identifier: str, properties: Mapping[str, Any], location: str | None) -> Row:
    kind = type_of_id(identifier) or ""
    body = {"id": identifier, "name": identifier.rsplit("/", 1)[-1], "type": kind, "properties": properties}
    if location is not None:
        body["location"] = location
    return Row(identifier, kind, body, Source.ARM, VERSION)


def _digest(text: str) -> str:
    """A name in the form of those that Azure makes up."""
    digits = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"
