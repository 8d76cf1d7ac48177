"""A plan as Bicep: the registry with all of its settings that were seen, and what is new around it."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.report.plan.grouped_steps import (
    StepsByResource,
    Symbols,
    TaskChange,
    group_steps,
    identity_of,
    notes,
    writable,
)
from scanner.report.plan.quoting import Raw, bicep, bicep_value
from scanner.report.plan.wording import DELAY, about, besides, commented, heading
from scanner.result.plan import CreateEndpoint, CreatePool, Plan, RegistryPlan, SendLogs, Target
from scanner.text.printable import printable

STABLE, SUBNETS = "2025-11-01", "2026-03-01-preview"
"""Versions of the registry: stable, and the one that takes virtual network rules."""
TASKS = "2025-03-01-preview"

COMPARE = (
    "A deployment writes the whole registry. Settings that could not be seen are not below: "
    "compare first, by az deployment group what-if."
)


def render(plan: Plan) -> str:
    """The template. It is for one resource group; the marks say where one group's part ends."""
    return "".join(_parts(plan))


def _parts(plan: Plan) -> Iterator[str]:
    yield commented(heading(plan), "//")
    yield commented(besides(plan), "//")
    inputs = {each.name: each for registry in plan.registries for each in registry.inputs}
    symbols = Symbols()
    for name, known in inputs.items():
        symbols.name(name)
        yield f"\n@description({bicep(printable(known.means))})\nparam {name} string\n"
    for registry in plan.registries:
        yield "\n"
        yield commented(about(registry), "//")
        if registry.steps:
            yield from _registry(registry, symbols)


def _registry(plan: RegistryPlan, symbols: Symbols) -> Iterator[str]:
    target, steps = plan.target, group_steps(plan)
    place = (
        f"--resource-group {printable(target.resource_group)} --subscription {printable(target.subscription)}"
    )
    yield f"// az deployment group create {place} --template-file <this part>\n"
    yield commented((printable(note) for note in notes(plan)), "//")
    registry = symbols.name("registry", target.name)
    yield from _settings(target, steps, registry)
    for endpoint in steps.endpoints:
        yield from _endpoint(target, endpoint, registry, symbols)
    pools = {pool.name: symbols.name("pool", target.name, pool.name) for pool in steps.pools}
    for pool in steps.pools:
        yield _pool(target, pool, registry, pools[pool.name])
    for scaled in steps.scaled:
        yield from _scaled(target, scaled.pool, registry, symbols)
    for name, change in steps.tasks.items():
        yield from _task(target, name, change, registry, symbols)
    for logs in steps.logs:
        yield _logs(logs, registry, symbols.name("logs", target.name))
    for deleted in steps.deleted:
        gone = f"az acr agentpool delete --registry {printable(target.name)} --name {printable(deleted.pool)}"
        yield f"// Bicep deletes nothing; afterwards: {gone}\n"


def _settings(target: Target, steps: StepsByResource, symbol: str) -> Iterator[str]:
    """The registry: as a resource where a setting changes, else as one that exists."""
    if not steps.settings:
        declared = f"resource {symbol} 'Microsoft.ContainerRegistry/registries@{STABLE}' existing"
        yield f"\n{declared} = {bicep_value({'name': target.name})}\n"
        return
    rules = target.settings.get("networkRuleSet")
    subnets = isinstance(rules, Mapping) and bool(rules.get("virtualNetworkRules"))
    body: dict[str, Any] = {"name": target.name, "location": target.location or ""}
    body["sku"] = {"name": target.sku or "Premium"}
    if target.tags:
        body["tags"] = target.tags
    identity = identity_of(target.identity)
    if identity is not None:
        body["identity"] = identity
    body["properties"] = writable(target.settings)
    yield f"\n// {COMPARE}\n// {DELAY}\n"
    version = SUBNETS if subnets else STABLE
    yield f"resource {symbol} 'Microsoft.ContainerRegistry/registries@{version}' = {bicep_value(body)}\n"


def _pool(target: Target, pool: CreatePool, registry: str, symbol: str) -> str:
    properties = {
        "count": 1,
        "tier": "S1",
        "os": "Linux",
        "virtualNetworkSubnetResourceId": Raw(pool.subnet.name),
    }
    body = {
        "parent": Raw(registry),
        "name": pool.name,
        "location": target.location or "",
        "properties": properties,
    }
    return _declared(symbol, f"Microsoft.ContainerRegistry/registries/agentPools@{TASKS}", body)


def _scaled(target: Target, pool: str, registry: str, symbols: Symbols) -> Iterator[str]:
    given = symbols.name("properties", target.name, pool)
    yield f"\n@description({bicep(f'The properties of the agent pool {printable(pool)} as they are now.')})\n"
    yield f"param {given} object\n"
    body = {
        "parent": Raw(registry),
        "name": pool,
        "location": target.location or "",
        "properties": Raw(f"union({given}, {{ count: 1 }})"),
    }
    symbol = symbols.name("pool", target.name, pool)
    yield _declared(symbol, f"Microsoft.ContainerRegistry/registries/agentPools@{TASKS}", body)


def _task(target: Target, name: str, change: TaskChange, registry: str, symbols: Symbols) -> Iterator[str]:
    symbol, kind = (
        symbols.name("task", target.name, name),
        f"Microsoft.ContainerRegistry/registries/tasks@{TASKS}",
    )
    body: dict[str, Any] = {"parent": Raw(registry), "name": name}
    if change.properties or change.identity is not None:
        given = symbols.name("properties", target.name, name)
        what = f"The properties of the task {printable(name)}"
        means = f"{what} as your template has them: step, trigger, and so on."
        yield f"\n@description({bicep(means)})\nparam {given} object\n"
        body["location"] = target.location or ""
        body["identity"] = {"type": change.identity or "SystemAssigned"}
        body["properties"] = Raw(f"union({given}, {bicep_value(change.properties, 1)})")
        yield _declared(symbol, kind, body)
    else:
        yield f"\nresource {symbol} '{kind}' existing = {bicep_value(body)}\n"
    if change.role is not None:
        definition = f"'Microsoft.Authorization/roleDefinitions', {bicep(change.role.definition)}"
        role = {
            "scope": Raw(registry),
            "name": Raw(f"guid({registry}.id, {symbol}.id, {bicep(change.role.definition)})"),
            "properties": {
                "principalId": Raw(f"{symbol}.identity.principalId"),
                "principalType": "ServicePrincipal",
                "roleDefinitionId": Raw(f"subscriptionResourceId({definition})"),
            },
        }
        yield f"\n// {change.role.role}"
        own = symbols.name("role", target.name, name)
        yield _declared(own, "Microsoft.Authorization/roleAssignments@2022-04-01", role)


def _endpoint(target: Target, act: CreateEndpoint, registry: str, symbols: Symbols) -> Iterator[str]:
    to = {"privateLinkServiceId": Raw(f"{registry}.id"), "groupIds": ["registry"]}
    symbol, zone = symbols.name("endpoint", target.name), symbols.name("zone", target.name)
    yield "\n// An endpoint lies in the region of its network; your networks may have the zone already."
    yield _declared(
        symbol,
        "Microsoft.Network/privateEndpoints@2024-05-01",
        {
            "name": act.name,
            "location": target.location or "",
            "properties": {
                "subnet": {"id": Raw(act.subnet.name)},
                "privateLinkServiceConnections": [{"name": act.name, "properties": to}],
            },
        },
    )
    yield _declared(
        zone, "Microsoft.Network/privateDnsZones@2024-06-01", {"name": act.zone, "location": "global"}
    )
    network = Raw(f"split({act.subnet.name}, '/subnets/')[0]")
    link = {"virtualNetwork": {"id": network}, "registrationEnabled": False}
    body = {"parent": Raw(zone), "name": act.name, "location": "global", "properties": link}
    links = "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01"
    yield _declared(symbols.name("link", target.name), links, body)
    zones = [{"name": "registry", "properties": {"privateDnsZoneId": Raw(f"{zone}.id")}}]
    group = {"parent": Raw(symbol), "name": "default", "properties": {"privateDnsZoneConfigs": zones}}
    groups = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01"
    yield _declared(symbols.name("records", target.name), groups, group)


def _logs(act: SendLogs, registry: str, symbol: str) -> str:
    properties = {
        "workspaceId": Raw(act.workspace.name),
        "logs": [{"categoryGroup": "audit", "enabled": True}],
    }
    body = {"scope": Raw(registry), "name": "acr-scan", "properties": properties}
    return _declared(symbol, "Microsoft.Insights/diagnosticSettings@2021-05-01-preview", body)


def _declared(symbol: str, kind: str, body: Mapping[str, Any]) -> str:
    return f"\nresource {symbol} '{kind}' = {bicep_value(body)}\n"
