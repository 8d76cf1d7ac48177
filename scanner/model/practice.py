"""What stands beside a policy: the definition that it mirrors, its control, and what to deploy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A built-in definition of Azure Policy, by its own name and guid."""

    id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """A resource as a template sets it: `kind` is type@api-version, and values in <angle brackets> are open.

    Of a registry, whose name is None, and of what is `partial`, only the settings that matter are here;
    `azurerm` are the same as arguments of azurerm_container_registry, where it has them all. `on_registry`
    for a registry's extensions, `way` where the policy has several.
    """

    kind: str
    body: Mapping[str, Any]
    name: str | None = None
    way: str | None = None
    partial: bool = False
    on_registry: bool = False
    azurerm: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """All of it; None and empty where there is nothing of the kind."""

    mirrored: Mirrored | None = None
    mcsb: str | None = None
    deployed: Sequence[Deployed] = ()
