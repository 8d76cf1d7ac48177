"""What a policy's page says to deploy, in Bicep and in Terraform: what to set, not what is there already."""

from collections.abc import Iterator, Sequence
from typing import Any

from scanner.policy.settlement import Deployment
from scanner.report.plan.quoting import Raw, attributes, bicep, bicep_value, hcl

REST = "what is there already"
REGISTRY = "microsoft.containerregistry/registries"


def bicep_code(deployed: Sequence[Deployment]) -> str:
    """Resource declarations; the registry's own lacks what it has already."""
    return "\n\n".join(_bicep(one, symbol) for one, symbol in _named(deployed))


def terraform_code(deployed: Sequence[Deployment]) -> str:
    """The same: azurerm where it has the arguments, azapi for the rest."""
    return "\n\n".join(_terraform(one, symbol) for one, symbol in _named(deployed))


def _named(deployed: Sequence[Deployment]) -> Iterator[tuple[Deployment, str]]:
    """Each resource with a symbol of its own."""
    taken: list[str] = []
    for one in deployed:
        kind = one.type.partition("@")[0].rpartition("/")[2]
        symbol = "registry" if one.name is None else kind.removesuffix("s")
        taken.append(symbol)
        yield one, symbol if taken.count(symbol) == 1 else f"{symbol}{taken.count(symbol)}"


def _bicep(one: Deployment, symbol: str) -> str:
    name = "<registry>" if one.name is None else one.name
    lines = [f"resource {symbol} {bicep(one.type)} = {{"]
    if _below_registry(one):
        lines.append("  parent: registry")
    if one.extends is not None:
        lines.append("  scope: registry")
    lines.append(f"  name: {bicep(name)}")
    if one.partial:
        lines.append(f"  // {REST}")
    lines += [f"  {key}: {bicep_value(value, 1)}" for key, value in one.body.items()]
    return "\n".join([*lines, "}"])


def _terraform(one: Deployment, symbol: str) -> str:
    if one.azurerm is not None:
        lines = attributes(one.azurerm, 1)
        return f'resource "azurerm_container_registry" "registry" {{\n  # {REST}\n{lines}}}'
    body = {key: value for key, value in one.body.items() if key != "location"}
    registry = Raw("azurerm_container_registry.registry.id")
    said: dict[str, Any] = {"type": one.type}
    if one.name is None:
        said |= {"resource_id": registry}
    else:
        parent = registry if _below_registry(one) or one.extends is not None else _parent(one)
        said |= {"parent_id": parent, "name": one.name}
        said |= {"location": one.body["location"]} if "location" in one.body else {}
    kind = "azapi_update_resource" if one.partial else "azapi_resource"
    return f"resource {hcl(kind)} {hcl(symbol)} {{\n{attributes({**said, 'body': body}, 1)}}}"


def _below_registry(one: Deployment) -> bool:
    return one.name is not None and one.type.lower().startswith(f"{REGISTRY}/")


def _parent(one: Deployment) -> str:
    """What a resource of another service lies in."""
    _, *kinds = one.type.partition("@")[0].split("/")
    return "<id of the resource group>" if len(kinds) == 1 else f"<id of the {kinds[-2]}>"
