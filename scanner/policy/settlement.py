"""What stands beside a policy's condition: how a plan settles its fails, what to deploy, what it mirrors."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Settlement(msgspec.Struct, frozen=True):
    """How a plan settles the fails of a policy: by settings, by steps that take code, or not at all."""

    sets: Mapping[str, Any] = {}
    """Settings of the registry by their dotted paths, and their values afterwards."""
    steps: str | None = None
    """The name of the steps that the planner works out."""
    decision: str | None = None
    """What only the owner can say, and why no step is planned."""
    note: str | None = None
    """What to know of the settings, or to do before."""


class Deployment(msgspec.Struct, frozen=True):
    """A resource as a template sets it: `type` is type@api-version, and values in <angle brackets> are open.

    Of a registry, whose name is None, and of what is `partial`, only the settings that matter are here;
    `azurerm` are the same as arguments of azurerm_container_registry, where it has them all. `extends` is
    set for an extension of the registry, `way` where the policy has several.
    """

    type: str
    body: Mapping[str, Any]
    name: str | None = None
    way: str | None = None
    partial: bool = False
    extends: str | None = None
    azurerm: Mapping[str, Any] | None = None


class Mirror(msgspec.Struct, frozen=True):
    """A built-in definition of Azure Policy that asks the same, by its guid and its own name."""

    id: str
    name: str
    version: str
