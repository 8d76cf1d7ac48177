"""`--resource-group` and `--registry`: what is judged, never what is looked at."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from scanner.errors import UsageError, did_you_mean
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.model.store import Resources
from scanner.result.report import REGISTRIES


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """Which resources are judged."""

    resource_groups: Sequence[str] = ()
    registries: Sequence[str] = ()

    def of(self, inventory: Inventory, types: Collection[str]) -> Resources:
        """The resources of some types that are judged; UsageError where an option matches nothing."""
        wanted, resources = self.wanted(inventory), inventory.of_types(types)
        return resources if wanted is None else inventory.subset(filter(wanted, resources))

    def wanted(self, inventory: Inventory) -> Callable[[Resource], bool] | None:
        """Whether a resource is judged; None where all are."""
        groups = {name.lower() for name in self.resource_groups}
        known_groups = _groups(inventory) if groups else set()
        for name in self.resource_groups:
            if name.lower() not in known_groups:
                hint = did_you_mean(name, known_groups)
                raise UsageError(f"--resource-group {name} matches no collected resource{hint}")
        keys = tuple(key for name in self.registries for key in registry_keys(name, inventory))
        if not groups and not keys:
            return None
        return lambda resource: (
            (not groups or (resource.resource_group or "").lower() in groups)
            and (not keys or any(resource.key == key or resource.key.startswith(f"{key}/") for key in keys))
        )


def _groups(inventory: Inventory) -> set[str]:
    """The resource groups of all that was collected, in lower case."""
    return {(each.resource_group or "").lower() for each in inventory.resources.values()} - {""}


def registry_keys(name: str, inventory: Inventory) -> list[str]:
    """The keys of the registries of a name or id; UsageError where there is none."""
    registries = inventory.of_type(REGISTRIES)
    wanted = name.lower().rstrip("/")
    keys = [registry.key for registry in registries if wanted in {registry.key, registry.name.lower()}]
    if not keys:
        hint = did_you_mean(name, (registry.name for registry in registries))
        raise UsageError(f"--registry {name} matches no collected registry{hint}")
    return keys
