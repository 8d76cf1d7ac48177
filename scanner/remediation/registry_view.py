"""What proposals may ask of the inventory in which they would take effect."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.catalog.limits import SERVICE
from scanner.engine.compile.questions import Questions
from scanner.engine.fields.relation_queries import at, objects, text
from scanner.engine.relations.dns import endpoint_of
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.resource import Resource, Unseen, Value, parent_key
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.service_tags import Tag
from scanner.result.plan import Act

WAYS = ("agent-pool", "bypass", "ip-rules")
"""In the order of preference of Microsoft's article on registries with limited public access."""


@dataclass(frozen=True, slots=True)
class ProposedSteps:
    """Steps that might settle a finding, by a way if its policy has several."""

    acts: tuple[Act, ...]
    way: str | None = None
    notes: tuple[str, ...] = ()
    opened: int = 0
    """Addresses that they open beyond the tag."""


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Why a way is not open."""

    reason: str
    way: str | None = None


Proposal = ProposedSteps | NotPossible


@dataclass(frozen=True, slots=True)
class PlanPreferences:
    """What the reader asked for, and how many IP rules there may be.

    `limit` is Azure's, `house` what a policy allows, and `budget` the one of them that steps may use up:
    a registry that is over the house's figure is not asked to keep it. `widest` is the shortest prefix
    that widening may make.
    """

    prefer: str | None = None
    widen: bool = False
    limit: int = 200
    budget: int = 200
    house: int = 200
    widest: int = 0

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways for a task, the preferred one first."""
        return tuple(sorted(WAYS, key=lambda way: way != self.prefer))


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A registry in an inventory, and what the reader wishes. `worked` where it is about to be closed."""

    world: InventoryWorld
    questions: Questions
    registry: Resource
    wishes: PlanPreferences
    worked: bool = False

    def holds(self, role: str, resource: Resource) -> Truth:
        """The truth of the shared term of a role; UNKNOWN where the pack has no such term."""
        return self.questions.truth(role, resource)

    def text(self, resource: Resource, path: str) -> str | None:
        """A setting as a text, or None where it is not set or was not seen."""
        answer = self.world.field(resource, path)
        return answer.value if isinstance(answer, Value) and isinstance(answer.value, str) else None

    def word(self, path: str) -> str:
        """A setting of the registry in lower case; empty where it is not set or was not seen."""
        return (self.text(self.registry, path) or "").lower()

    @property
    def rules(self) -> Sequence[str] | Unseen:
        """The IP rules as written; an entry that is no text counts as an empty one."""
        members = self.world.members(self.registry, "properties.networkRuleSet.ipRules[*].value")
        if isinstance(members, Unseen):
            return members
        return [
            each.value if isinstance(each, Value) and isinstance(each.value, str) else "" for each in members
        ]

    @property
    def subnets(self) -> Sequence[Any] | Unseen:
        """The virtual network rules."""
        members = self.world.members(self.registry, "properties.networkRuleSet.virtualNetworkRules[*]")
        if isinstance(members, Unseen):
            return members
        return [each.value if isinstance(each, Value) else None for each in members]

    @property
    def tag(self) -> Tag | Unseen:
        """The service tag of the registry's region."""
        return self.world.tags.find(f"{SERVICE}.{self.registry.location}")

    @property
    def tasks(self) -> Sequence[Resource]:
        """The registry's tasks that were seen."""
        return self.world.related(self.registry, "tasks").targets

    @property
    def pools(self) -> Sequence[Resource]:
        """The registry's agent pools that were seen."""
        return self.world.related(self.registry, "agentPools").targets

    @property
    def usable_pool(self) -> Resource | None:
        """A pool that is ready and reaches the registry privately."""
        ready = (
            pool
            for pool in self.pools
            if self.holds("pool-ready", pool) is Truth.TRUE and self.holds("pool-reach", pool) is Truth.TRUE
        )
        return next(ready, None)

    def endpoint_networks(self) -> Iterator[str]:
        """The ids of the networks in which an approved private endpoint of the registry lies."""
        for connection in objects(self.world.field(self.registry, "properties.privateEndpointConnections")):
            state: Mapping[str, Any] = at(connection, "properties", "privateLinkServiceConnectionState")
            endpoint = endpoint_of(self.world, connection)
            if text(state, "status") == "approved" and isinstance(endpoint, Resource):
                subnet = self.text(endpoint, "properties.subnet.id")
                if subnet is not None:
                    yield parent_key(subnet)


def idle(rule: str) -> bool:
    """Whether a rule admits nobody: no IPv4 prefix, or addresses that never arrive over the internet."""
    interval = ipv4.parse(rule)
    return interval is None or ipv4.is_private(interval)


def symbol(name: str) -> str:
    """A name's ASCII letters and digits, for the name of an input; made its own where others are left out."""
    plain = "".join(each if each.isascii() and each.isalnum() else "_" for each in name.lower())
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:6]
    return plain if plain == name.lower() else f"{plain}_{digest}"
