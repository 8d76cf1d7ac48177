"""What is true in the stand-in's Azure, and who may see it."""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
TENANT = "72f988bf-0000-4000-8000-0000000000aa"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription; one of another tenant than the world's cannot be read by its tokens."""

    id: str
    name: str = ""
    state: str = "Enabled"
    readable: bool = True
    tenant: str = TENANT


@dataclass
class World:
    """The true state of an Azure tenant, as the newest api-versions would show it.

    The caller has the role Reader on readable subscriptions: `*/read` and no action; `grant` and `deny`
    change that. Resource Graph is granted whole tables only: `refused_tables` maps a table to `AccessDenied`
    or `DisallowedLogicalTableName`. After a change made while a stand-in runs, call `changed`.
    """

    subscriptions: list[Subscription] = field(default_factory=list)
    resources: list[Body] = field(default_factory=list)
    management_groups: dict[str, Sequence[str]] = field(default_factory=dict)
    """The ids of subscriptions and of other groups that each group holds."""
    service_tags: dict[str, Body] = field(default_factory=dict)
    """The API's documents by location; `*` is that of every other location."""
    callbacks: dict[str, Body] = field(default_factory=dict)
    """The serviceUri and customHeaders of webhooks, by id."""
    tenant: str = TENANT
    api_versions: dict[str, Sequence[str]] = field(default_factory=dict)
    """The versions that this cloud supports of a type, where it lags behind."""
    graph_versions: dict[str, str | None] = field(default_factory=dict)
    """The version by which Resource Graph reads a type, where it is not the usual one."""
    graph_shows_unproven: bool = False
    refused_tables: dict[str, str] = field(default_factory=dict)
    withhold: frozenset[str] = frozenset({"list"})
    """Which reads of a task withhold its credentials: `list`, `get`."""
    page_size: int = 100
    tags_page_size: int | None = None
    scope_limit: int = 10_000
    """How many subscriptions a query of a tenant or a management group covers."""
    orders_strings: bool = False
    """Whether `>` compares strings, which Kusto refuses (SEM0064)."""
    granted: list[tuple[str, str]] = field(default_factory=lambda: [("*/read", "/")])
    denied: list[tuple[str, str]] = field(default_factory=list)
    generation: int = 0
    cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def grant(self, action: str, at: str = "/") -> None:
        """Allows an action (a pattern) at an id and below."""
        self.granted.append((action, at))

    def deny(self, action: str, at: str = "/") -> None:
        """Denies an action (a pattern) at an id and below, to ARM reads."""
        self.denied.append((action, at))

    def changed(self) -> None:
        """Makes the stand-in look at the world again."""
        self.generation += 1
        self.cache.clear()

    def may(self, action: str, scope: str) -> bool:
        """Whether the caller may do this there."""
        return any(_covers(rule, action, scope) for rule in self.granted) and not any(
            _covers(rule, action, scope) for rule in self.denied
        )

    def subscription(self, identifier: str) -> Subscription | None:
        wanted = identifier.lower()
        return next((one for one in self.subscriptions if one.id.lower() == wanted), None)

    def readable(self) -> list[Subscription]:
        """The subscriptions of the tenant that the caller may read."""
        return [one for one in self.subscriptions if one.readable and one.tenant == self.tenant]

    def within(self, group: str) -> Iterator[str]:
        """What a management group holds, at any depth: groups and subscriptions, in lower case."""
        held = {name.lower(): members for name, members in self.management_groups.items()}
        waiting, seen = list(held.get(group.lower(), ())), set[str]()
        while waiting:
            member = waiting.pop(0).lower()
            if member not in seen:
                seen.add(member)
                yield member
                waiting.extend(held.get(member, ()))

    def above(self, member: str) -> list[str]:
        """The management groups above a group or subscription, in lower case."""
        return [group.lower() for group in self.management_groups if member.lower() in self.within(group)]

    def by_id(self) -> dict[str, Body]:
        """The resources by lower-cased id."""
        if "by_id" not in self.cache:
            self.cache["by_id"] = {body["id"].lower(): body for body in self.resources}
        found: dict[str, Body] = self.cache["by_id"]
        return found

    def below(self, collection: str) -> list[Body]:
        """The resources of a collection such as `…/registries/r/tasks`, in the order of their ids."""
        if "below" not in self.cache:
            index: dict[str, list[Body]] = {}
            for identifier, body in sorted(self.by_id().items()):
                index.setdefault(identifier.rpartition("/")[0], []).append(body)
            self.cache["below"] = index
        found: list[Body] = self.cache["below"].get(collection.lower(), [])
        return found

    def groups(self) -> dict[str, tuple[str, str]]:
        """Resource groups by lower-cased id: the id as first written, and a location."""
        if "groups" not in self.cache:
            found: dict[str, tuple[str, str]] = {}
            for body in self.resources:
                parts = body["id"].split("/")
                if len(parts) > 4 and parts[3].lower() == "resourcegroups":
                    group = "/".join(parts[:5])
                    found.setdefault(group.lower(), (group, body.get("location", "eastus")))
            self.cache["groups"] = found
        groups: dict[str, tuple[str, str]] = self.cache["groups"]
        return groups


def _covers(rule: tuple[str, str], action: str, scope: str) -> bool:
    pattern, at = rule[0].lower(), rule[1].lower().rstrip("/")
    inside = scope.lower() == at or scope.lower().startswith(f"{at}/")
    return inside and fnmatch.fnmatchcase(action.lower(), pattern)


def type_of(identifier: str) -> str:
    """The type that an id tells of, as it is written there."""
    _, found, rest = f"/{identifier.strip('/')}".rpartition("/providers/")
    parts = rest.split("/")
    if found:
        return "/".join([parts[0], *parts[1::2]])
    named = identifier.strip("/").split("/")[::2]
    return "/".join(["Microsoft.Resources", *named])


def tags_document(
    tags: Mapping[str, Iterable[str]], change_number: str = "74", cloud: str = "Public"
) -> Body:
    """A document of the service tag API, from prefixes by the tag's name."""
    values = []
    for name, prefixes in tags.items():
        service, _, region = name.partition(".")
        values.append(
            {
                "name": name,
                "id": name,
                "serviceTagChangeNumber": change_number,
                "properties": {
                    "changeNumber": "9",
                    "region": region.lower(),
                    "state": "GA",
                    "networkFeatures": ["API", "NSG", "UDR", "FW"],
                    "systemService": service,
                    "addressPrefixes": list(prefixes),
                },
            }
        )
    return {"changeNumber": change_number, "cloud": cloud, "values": values}
