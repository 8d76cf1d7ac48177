"""A plan as Terraform: azurerm where it has the attribute, azapi for the rest, and nothing else touched."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.report.plan.grouped_steps import Symbols, TaskChange, group_steps, notes
from scanner.report.plan.quoting import Raw, attributes
from scanner.report.plan.terraform_registry import block, patch, settings
from scanner.report.plan.wording import about, besides, commented, heading
from scanner.result.plan import (
    CreateEndpoint,
    CreatePool,
    Input,
    Plan,
    RegistryPlan,
    SendLogs,
    Target,
)
from scanner.text.printable import printable

TASKS = "2025-03-01-preview"

_HEAD = """
terraform {
  required_providers {
    azapi = {
      source  = "Azure/azapi"
      version = ">= 2.0"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.81"
    }
  }
}

provider "azapi" {}
"""


def render(plan: Plan) -> str:
    """The configuration; attributes that are not planned are ignored, so that nothing else changes."""
    return "".join(_parts(plan))


def _parts(plan: Plan) -> Iterator[str]:
    yield commented(heading(plan), "#")
    yield commented(besides(plan), "#")
    symbols = Symbols()
    planned = [each for each in plan.registries if each.steps]
    providers = {each.target.subscription: "" for each in planned}
    if providers:
        yield _HEAD
    for subscription in providers:
        providers[subscription] = alias = symbols.name("s", subscription[:8])
        body = attributes({"alias": alias, "subscription_id": subscription}, 1)
        yield f'\nprovider "azurerm" {{\n{body}\n  features {{}}\n}}\n'
    for name, known in {each.name: each for registry in planned for each in registry.inputs}.items():
        yield block(f'variable "{name}"', {"type": Raw("string"), "description": printable(known.means)})
    for registry in plan.registries:
        yield "\n"
        yield commented(about(registry), "#")
        if registry.steps:
            yield from _registry(registry, symbols, providers[registry.target.subscription])


def _registry(plan: RegistryPlan, symbols: Symbols, alias: str) -> Iterator[str]:
    target, steps = plan.target, group_steps(plan)
    yield commented((printable(note) for note in notes(plan)), "#")
    provider = {"provider": Raw(f"azurerm.{alias}")}
    yield from settings(plan, steps, symbols, provider)
    for endpoint in steps.endpoints:
        yield from _endpoint(target, endpoint, symbols, provider)
    for pool in steps.pools:
        yield _pool(target, pool, symbols.name(target.name, pool.name), provider)
    for scaled in steps.scaled:
        yield patch(
            symbols.name(target.name, scaled.pool),
            f"Microsoft.ContainerRegistry/registries/agentPools@{TASKS}",
            f"{target.id}/agentPools/{scaled.pool}",
            {"properties": {"count": 1}},
        )
    for name, change in steps.tasks.items():
        yield from _task(target, name, change, symbols, provider)
    for logs in steps.logs:
        yield _logs(target, logs, symbols.name(target.name), provider)
    for deleted in steps.deleted:
        gone = f"az acr agentpool delete --registry {printable(target.name)} --name {printable(deleted.pool)}"
        yield f"\n# Take the pool out of your configuration, or: {gone}\n"


def _pool(target: Target, pool: CreatePool, symbol: str, provider: Mapping[str, Any]) -> str:
    return block(
        f'resource "azurerm_container_registry_agent_pool" "{symbol}"',
        {
            **provider,
            "name": pool.name,
            "resource_group_name": target.resource_group,
            "location": target.location or "",
            "container_registry_name": target.name,
            "instance_count": 1,
            "tier": "S1",
            "virtual_network_subnet_id": _variable(pool.subnet),
        },
    )


def _task(
    target: Target, name: str, change: TaskChange, symbols: Symbols, provider: Mapping[str, Any]
) -> Iterator[str]:
    """An existing task is patched: azurerm would want all of it, secrets included."""
    symbol, identifier = symbols.name(target.name, name), f"{target.id}/tasks/{name}"
    kind = f"Microsoft.ContainerRegistry/registries/tasks@{TASKS}"
    body: dict[str, Any] = {}
    if change.identity is not None:
        body["identity"] = {"type": change.identity}
    if change.properties:
        body["properties"] = change.properties
    if body:
        yield "\n# azapi reads the task and writes it back: give secret values of its step anew.\n"
        exports = ["identity.principalId"] if change.role is not None else []
        yield patch(symbol, kind, identifier, body, exports).removeprefix("\n")
        of = f"azapi_update_resource.{symbol}"
    elif change.role is not None:
        said = {"type": kind, "resource_id": identifier, "response_export_values": ["identity.principalId"]}
        yield block(f'data "azapi_resource" "{symbol}"', said)
        of = f"data.azapi_resource.{symbol}"
    if change.role is not None:
        yield f"\n# {change.role.role}\n"
        role = {
            **provider,
            "scope": target.id,
            "role_definition_name": change.role.role,
            "principal_id": Raw(f"{of}.output.identity.principalId"),
            "principal_type": "ServicePrincipal",
        }
        yield block(f'resource "azurerm_role_assignment" "{symbol}"', role).removeprefix("\n")


def _endpoint(
    target: Target, act: CreateEndpoint, symbols: Symbols, provider: Mapping[str, Any]
) -> Iterator[str]:
    symbol, group = symbols.name(target.name), {"resource_group_name": target.resource_group}
    yield "\n# An endpoint lies in the region of its network; your networks may have the zone already.\n"
    zone = {**provider, "name": act.zone, **group}
    yield block(f'resource "azurerm_private_dns_zone" "{symbol}"', zone).removeprefix("\n")
    link = {
        **provider,
        "name": act.name,
        **group,
        "private_dns_zone_name": Raw(f"azurerm_private_dns_zone.{symbol}.name"),
        "virtual_network_id": Raw(f'split("/subnets/", var.{act.subnet.name})[0]'),
        "registration_enabled": False,
    }
    yield block(f'resource "azurerm_private_dns_zone_virtual_network_link" "{symbol}"', link)
    body = {
        **provider,
        "name": act.name,
        **group,
        "location": target.location or "",
        "subnet_id": _variable(act.subnet),
    }
    to = {
        "name": act.name,
        "private_connection_resource_id": target.id,
        "subresource_names": Raw('["registry"]'),
        "is_manual_connection": False,
    }
    zones = {"name": "default", "private_dns_zone_ids": Raw(f"[azurerm_private_dns_zone.{symbol}.id]")}
    connection = f"\n  private_service_connection {{\n{attributes(to, 2)}  }}\n"
    records = f"\n  private_dns_zone_group {{\n{attributes(zones, 2)}  }}\n"
    head = f'resource "azurerm_private_endpoint" "{symbol}"'
    yield f"\n{head} {{\n{attributes(body, 1)}{connection}{records}}}\n"


def _logs(target: Target, act: SendLogs, symbol: str, provider: Mapping[str, Any]) -> str:
    body = attributes(
        {
            **provider,
            "name": "acr-scan",
            "target_resource_id": target.id,
            "log_analytics_workspace_id": _variable(act.workspace),
        },
        1,
    )
    enabled = f"\n  enabled_log {{\n{attributes({'category_group': 'audit'}, 2)}  }}\n"
    return f'\nresource "azurerm_monitor_diagnostic_setting" "{symbol}" {{\n{body}{enabled}}}\n'


def _variable(known: Input) -> Raw:
    return Raw(f"var.{known.name}")
