"""The scan: an inventory, policies and tags in, a report out. No file is read or written here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanner import __version__
from scanner.app.accepting import Accepted
from scanner.app.desk import Makes
from scanner.app.notices import notices
from scanner.app.packs import digest_of
from scanner.app.workers import Workers
from scanner.engine.gate import Gate
from scanner.engine.parts import Part
from scanner.engine.tags import TagTable
from scanner.errors import UsageError, did_you_mean
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.model.store import Resources
from scanner.network.service_tags import ServiceTags
from scanner.policy.load import Pack
from scanner.policy.model import Policy, Status
from scanner.result.report import REGISTRIES, Notice, Report, RowCount, Run, TagSource


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`--resource-group` and `--registry`: what is judged, never what is looked at."""

    resource_groups: Sequence[str] = ()
    registries: Sequence[str] = ()

    def of(self, inventory: Inventory, types: Collection[str]) -> Resources:
        """The resources of some types that are judged; UsageError where an option matches nothing."""
        wanted, resources = self.wanted(inventory), inventory.of_types(types)
        return resources if wanted is None else inventory.these(filter(wanted, resources))

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


@dataclass(frozen=True, slots=True)
class Judged:
    """What a scan is asked for, besides its inventory."""

    pack: Pack
    policies: Sequence[Policy]
    gate: Gate = field(default_factory=Gate)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    narrowing: Narrowing = field(default_factory=Narrowing)
    accepted: Accepted = field(default_factory=Accepted)
    workers: Workers = field(default_factory=Workers)
    lean: bool = False
    """Whether rows may lack what no verdict and no report asks for."""
    tellers: Callable[[Report], Makes] = lambda _: {}
    """What tells of the findings in the formats that are asked for."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where an inventory comes from: `source` is snapshot or azure; times are RFC 3339 or None."""

    source: str
    collected: str | None
    evaluated: str | None
    scope: Mapping[str, Any]


def judge(
    inventory: Inventory,
    tags: ServiceTags | None,
    asked: Judged,
    circumstances: Circumstances,
    more: Sequence[Notice] = (),
) -> Report:
    """The report of a scan; `more` are notices that the inventory does not show."""
    whole = _whole(inventory, tags, asked)
    findings = asked.workers.judge(whole)
    run = Run(
        tool_version=__version__,
        collected=circumstances.collected,
        evaluated=circumstances.evaluated,
        source=circumstances.source,
        scope=circumstances.scope,
        complete=inventory.complete,
        rows=_rows(whole),
        service_tags=None if tags is None else _tag_source(tags),
        policies=tuple(asked.policies),
        policy_digest=digest_of(asked.pack, asked.policies),
        parameters=asked.parameters,
    )
    registries = len(asked.narrowing.of(inventory, (REGISTRIES,)))
    told = (*notices(inventory, tags, nothing=not whole.resources), *more)
    return Report(run, registries, told, findings)


def _whole(inventory: Inventory, tags: ServiceTags | None, asked: Judged) -> Part:
    """All that is judged, and by what."""
    policies = [policy for policy in asked.policies if policy.status is not Status.DEPRECATED]
    types = {kind for policy in policies for kind in policy.types}
    return Part(
        inventory,
        asked.narrowing.of(inventory, types),
        TagTable(tags, inventory.cloud),
        tuple(asked.policies),
        asked.pack.terms,
        asked.gate,
        asked.parameters,
    )


def _rows(whole: Part) -> RowCount:
    """Rows in = judged + context + unusable."""
    judged = whole.resources.rows
    usable, unusable = whole.inventory.rows, len(whole.inventory.unusable)
    return RowCount(usable + unusable, judged, usable - judged, unusable)


def _tag_source(tags: ServiceTags) -> TagSource:
    return TagSource(tags.cloud, tags.change_number, tags.published, tags.source)
