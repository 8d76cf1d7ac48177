"""`acr-scan explain`: the access table of one registry, from the same inventory that policies judge."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import msgspec

from scanner.access.public import answer
from scanner.access.registry_query import RegistryQuery
from scanner.access.table import entries
from scanner.app.options import Listener, ScanOptions
from scanner.app.scan.collect import Collected, collect
from scanner.app.scan.judging import ScanRequest
from scanner.app.scan.resource_filter import ResourceFilter
from scanner.engine.compile.questions import Questions
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.errors import ScanError, UsageError, did_you_mean
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.network import ipv4
from scanner.policy.load import Pack, load
from scanner.policy.model import Is, Policy
from scanner.result.access import Access
from scanner.result.report import REGISTRIES

ASKED = (
    "public-access",
    "entrances",
    "data-endpoints",
    "task-path",
    "quick-run-ways",
    "trusted-services",
    "trusted-service-use",
    "trusted-services-apart",
    "webhook-regions",
    "endpoint-names",
)
"""The roles of policies whose verdicts rest on what the table shows: what they hinge on is read."""


def access_of(world: InventoryWorld, registry: Resource) -> Access:
    """Who reaches a registry, and why: pure, and cheap for many registries of one world.

    Judges by the shipped policies' own conditions (read once), whatever policies a scan selects, and
    compares with `world.tags`. `Access.source` is None: only `explain --from` asks about one address.
    """
    return Access(registry, list(entries(_asking(world, registry))))


def explain(seen: Collected, name: str, source: str | None = None) -> Access:
    """The table of a registry, and the answer for an address; UsageError where there is no such registry."""
    inventory = seen.inventory
    registry = inventory.resources[registry_key(name, inventory)]
    world = InventoryWorld(inventory, TagTable(seen.tags, inventory.cloud))
    found = access_of(world, registry)
    if source is None:
        return found
    return replace(found, source=answer(_asking(world, registry), source.strip(), address(source)))


def collect_for_explain(asked: ScanOptions, name: str, listener: Listener | None = None) -> Collected:
    """What is seen of a scope, and by ARM of one registry what its table rests on."""
    asked.check()
    pack = _shipped()
    request = ScanRequest(pack, _questions(pack), asked.gate, filter=_Sought(registries=(name,)))
    return collect(asked, request, asked.judged_as_of, listener or Listener())


def registry_key(name: str, inventory: Inventory) -> str:
    """The key of the registry of a name or id; UsageError where there is none, or more than one.

    ScanError where no registry could be seen.
    """
    known = inventory.of_type(REGISTRIES)
    if not known and not inventory.complete:
        raise ScanError(f"whether there is a registry {name} could not be seen")
    wanted = name.lower().rstrip("/")
    found = [each for each in known if wanted in {each.key, each.name.lower()}]
    if len(found) > 1:
        ids = "\n  ".join(each.id for each in found)
        raise UsageError(
            f"{name} is the name of {len(found)} registries:\n  {ids}", help="pass the id of one of them"
        )
    if not found:
        hint = did_you_mean(name, (each.name for each in known))
        help_ = "pass the name of a registry in the scope, or its id; its login server is neither"
        lost = "" if inventory.complete else "; but not all of the scope could be seen"
        raise UsageError(f"no registry in the scope has the name or id {name}{hint}{lost}", help=help_)
    return found[0].key


def address(source: str) -> ipv4.Interval:
    """The address of `--from`; UsageError where it is no single IPv4 address."""
    text = source.strip()
    interval = ipv4.parse(text)
    if interval is not None and interval[0] == interval[1]:
        return interval
    if _is_ipv6(text):
        help_ = "a registry's IP rules hold IPv4 only: pass the IPv4 address that the client comes from"
        raise UsageError(f"--from {source} is an IPv6 address", help=help_)
    if interval is not None:
        first = ipv4.cidrs([(interval[0], interval[0])])[0].partition("/")[0]
        raise UsageError(f"--from {source} is a range", help=f"ask for one address of it, such as {first}")
    raise UsageError(f"--from {source} is no IPv4 address", help="write one address, such as 20.42.66.5")


@dataclass(frozen=True, slots=True)
class _Sought(ResourceFilter):
    """The one registry that is asked about."""

    def wanted(self, inventory: Inventory) -> Callable[[Resource], bool]:
        """Whether a resource is the registry or lies below it; UsageError where there is none."""
        key = registry_key(self.registries[0], inventory)
        return lambda resource: resource.key == key or resource.key.startswith(f"{key}/")


def _asking(world: InventoryWorld, registry: Resource) -> RegistryQuery:
    pack = _shipped()
    return RegistryQuery(world, registry, Questions(world, pack.terms), _by_role())


@cache
def _shipped() -> Pack:
    return load((), shipped=True)


@cache
def _by_role() -> Mapping[str, Policy]:
    return _shipped().by_role


def _questions(pack: Pack) -> tuple[Policy, ...]:
    """What verdicts hinge on is read; so the table asks whatever it shows as a policy does.

    Beside its own, a policy asks here of every restricted registry, and one asks who is let in by subnet.
    """
    known, terms = pack.by_role, {term.role: name for name, term in pack.terms.items()}
    services, apart = known["trusted-services"], known["service-endpoints-apart"]
    closed, subnets = Is(services.spot, terms["closed"]), Is(apart.spot, terms["subnets"])
    more = (
        msgspec.structs.replace(services, when=closed),
        msgspec.structs.replace(apart, when=closed, require=subnets),
    )
    return (*(known[each] for each in ASKED), *more)


def _is_ipv6(text: str) -> bool:
    """Whether a text is an IPv6 address or prefix."""
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False).version == 6
    except ValueError:
        return False
