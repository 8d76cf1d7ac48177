"""The registry itself as Terraform: the attributes that azurerm has, and a patch for the others."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.report.plan.grouped_steps import StepsByResource, Symbols, writable
from scanner.report.plan.quoting import Raw, attributes, hcl, hcl_value
from scanner.report.plan.wording import DELAY
from scanner.result.plan import AddRule, RegistryPlan, RemoveRule, RemoveSubnet, SetField, Target

REGISTRY, PREVIEW = "Microsoft.ContainerRegistry/registries@2025-11-01", "2026-03-01-preview"

_RULES = "network_rule_set"
_ARM: Mapping[str, tuple[str, Mapping[Any, Any] | None]] = {
    "adminUserEnabled": ("admin_enabled", None),
    "anonymousPullEnabled": ("anonymous_pull_enabled", None),
    "dataEndpointEnabled": ("data_endpoint_enabled", None),
    "networkRuleBypassAllowedForTasks": ("network_rule_bypass_for_tasks_enabled", None),
    "networkRuleBypassOptions": ("network_rule_bypass_option", None),
    "policies.exportPolicy.status": ("export_policy_enabled", {"enabled": True, "disabled": False}),
    "publicNetworkAccess": ("public_network_access_enabled", {"Enabled": True, "Disabled": False}),
}
"""ARM path below properties → azurerm's attribute, and its values where they are others (azurerm 4.81)."""
_OWNED = (
    "encryption",
    "georeplications",
    "identity",
    "location",
    "quarantine_policy_enabled",
    "resource_group_name",
    "retention_policy_in_days",
    "sku",
    "tags",
    "trust_policy_enabled",
    "zone_redundancy_enabled",
)
"""Attributes that no plan sets."""


def settings(
    plan: RegistryPlan, steps: StepsByResource, symbols: Symbols, provider: Mapping[str, Any]
) -> Iterator[str]:
    target = plan.target
    values: dict[str, Any] = {}
    patched: dict[str, Any] = {}
    subnets = any(isinstance(act, RemoveSubnet) for act in steps.settings)
    for act in steps.settings:
        match act:
            case SetField(path, value) if path.removeprefix("properties.") in _ARM:
                name, words = _ARM[path.removeprefix("properties.")]
                values[name] = value if words is None else words[value]
            case SetField("properties.networkRuleSet.defaultAction") | AddRule() | RemoveRule():
                values[_RULES] = None
            case SetField(path, value):
                _nest(patched, path.split("."), value)
    if subnets:  # azurerm has none of these rules, and would write the set without them
        values.pop(_RULES, None)
        patched.setdefault("properties", {})["networkRuleSet"] = writable(
            target.settings.get("networkRuleSet")
        )
    if values:
        yield f"\n# {DELAY}\n# Where your configuration has the registry, put the attributes there instead.\n"
        yield from _azurerm(target, values, symbols.name(target.name), provider)
    if patched:
        kind = REGISTRY if not subnets else f"Microsoft.ContainerRegistry/registries@{PREVIEW}"
        yield patch(symbols.name(target.name), kind, target.id, patched)


def _azurerm(
    target: Target, values: Mapping[str, Any], symbol: str, provider: Mapping[str, Any]
) -> Iterator[str]:
    """The registry with the planned attributes, all others ignored."""
    at = {"to": Raw(f"azurerm_container_registry.{symbol}"), "id": target.id}
    yield block("import", at).removeprefix("\n")
    place = {
        "name": target.name,
        "resource_group_name": target.resource_group,
        "location": target.location or "",
        "sku": target.sku or "Premium",
    }
    plain_values = {name: value for name, value in values.items() if name != _RULES}
    body = attributes({**provider, **place, **plain_values}, 1)
    rules = _rule_set(target) if _RULES in values else ""
    others = {name for name, _ in _ARM.values()} | {_RULES, *_OWNED}
    ignored = "".join(f"      {name},\n" for name in sorted(others - set(values)))
    lifecycle = f"\n  lifecycle {{\n    ignore_changes = [\n{ignored}    ]\n  }}\n"
    yield f'\nresource "azurerm_container_registry" "{symbol}" {{\n{body}{rules}{lifecycle}}}\n'


def _rule_set(target: Target) -> str:
    """All rules as they are afterwards."""
    held = target.settings.get("networkRuleSet")
    rules = held if isinstance(held, Mapping) else {}
    action = attributes({"default_action": rules.get("defaultAction") or "Allow"}, 2)
    blocks = []
    for rule in rules.get("ipRules") or ():
        value = rule.get("value") if isinstance(rule, Mapping) else None
        each = attributes({"action": "Allow", "ip_range": value if isinstance(value, str) else ""}, 3)
        blocks.append(f"\n    ip_rule {{\n{each}    }}\n")
    return f"\n  network_rule_set {{\n{action}{''.join(blocks)}  }}\n"


def patch(
    symbol: str, kind: str, identifier: str, body: Mapping[str, Any], exports: list[str] | None = None
) -> str:
    said: dict[str, Any] = {"type": kind, "resource_id": identifier, "body": body}
    if exports:
        said["response_export_values"] = Raw(f"[{', '.join(map(hcl, exports))}]")
    return block(f'resource "azapi_update_resource" "{symbol}"', said)


def block(head: str, body: Mapping[str, Any]) -> str:
    return f"\n{head} {hcl_value(body)}\n"


def _nest(node: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        node = node.setdefault(name, {})
    node[path[-1]] = value
