"""Which rows a Resource Graph request may see: subscriptions, a management group, or the tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_azure.graph_rows import GraphRow
from fake_azure.messages import ACCESS_DENIED, graph_error
from fake_azure.world import World

MOST_SUBSCRIPTIONS = 1000
FILTERED = frozenset({"authorizationresources", "policyresources"})
FILTERS: Mapping[str, frozenset[str]] = {
    "atscopeandbelow": frozenset({"at", "below"}),
    "atscopeandabove": frozenset({"at", "above"}),
    "atscopeaboveandbelow": frozenset({"at", "above", "below"}),
    "atscopeexact": frozenset({"at"}),
}


@dataclass(frozen=True)
class Scope:
    """The subscriptions that answer, the ids at, above and below the scope, and whether some are left out."""

    subscriptions: frozenset[str]
    at: frozenset[str]
    above: frozenset[str]
    below: frozenset[str]
    limit_hit: bool

    def sees(self, row: GraphRow, wanted: frozenset[str]) -> bool:
        """Whether a row is seen; only what is inherited needs the filter."""
        if row.table not in FILTERED:
            return row.subscription in self.subscriptions or row.columns["id"].lower() in self.at | self.below
        if row.scope in self.at:
            return "at" in wanted
        if row.scope in self.above:
            return "above" in wanted
        return "below" in wanted and (row.subscription in self.subscriptions or row.scope in self.below)


def scope_of(body: Mapping[str, Any], world: World) -> Scope:
    """The scope that a request's body names; raises a Refusal."""
    subscriptions, groups = body.get("subscriptions"), body.get("managementGroups")
    if subscriptions is not None and groups is not None:
        message = "Subscriptions and management groups cannot be specified together."
        raise graph_error(400, "BadRequest", {"code": "InvalidScope", "message": message})
    if groups is not None:
        return _of_groups([str(group).lower() for group in groups], world)
    if subscriptions is None:
        return _of_tenant(world)
    return _of_subscriptions([str(one).lower() for one in subscriptions], world)


def wanted_filter(options: Mapping[str, Any], version: str) -> frozenset[str]:
    """The authorizationScopeFilter; api-versions before 2021-06-01-preview do not know it and ignore it."""
    asked = options.get("authorizationScopeFilter") or "AtScopeAndBelow"
    if version < "2021-06":
        asked = "AtScopeAndBelow"
    found = FILTERS.get(str(asked).lower())
    if found is None:
        message = f"The value '{asked}' of 'authorizationScopeFilter' is invalid."
        raise graph_error(400, "BadRequest", {"code": "InvalidAuthorizationScopeFilter", "message": message})
    return found


def _of_subscriptions(asked: Sequence[str], world: World) -> Scope:
    if len(asked) > MOST_SUBSCRIPTIONS:
        message = f"The number of subscriptions {len(asked)} exceeds the limit of {MOST_SUBSCRIPTIONS}."
        raise graph_error(400, "BadRequest", {"code": "TooManySubscriptions", "message": message})
    given = [one for one in asked if one]
    if not given:
        message = (
            "There must be at least one subscription that is eligible to contain resources. Given: "
            f"'{', '.join(given)}'."
        )
        raise graph_error(
            400, "BadRequest", {"code": "NoValidSubscriptionsInQueryRequest", "message": message}
        )
    readable = {one.id.lower() for one in world.readable()} & set(given)
    above = {
        f"/providers/microsoft.management/managementgroups/{group}"
        for one in readable
        for group in world.above(one)
    }
    at = {f"/subscriptions/{one}" for one in readable}
    return _answering(readable, at, above | {"/"}, set(), hit=False)


def _of_groups(groups: Sequence[str], world: World) -> Scope:
    known = {name.lower() for name in world.management_groups}
    readable, below, above = set[str](), set[str](), {"/"}
    for group in groups:
        held = set(world.within(group))
        readable |= held & {one.id.lower() for one in world.readable()}
        below |= held
        above |= {_group(one) for one in world.above(group)}
    some, hit = _limited(readable, world)
    at = {_group(group) for group in groups if group in known}
    inner = {_group(one) for one in below & known} | {f"/subscriptions/{one}" for one in some}
    return _answering(some, at, above, inner, hit=hit)


def _of_tenant(world: World) -> Scope:
    some, hit = _limited({one.id.lower() for one in world.readable()}, world)
    below = {_group(group.lower()) for group in world.management_groups} | {
        f"/subscriptions/{one}" for one in some
    }
    return _answering(some, {"/"}, set(), below, hit=hit)


def _group(name: str) -> str:
    return f"/providers/microsoft.management/managementgroups/{name}"


def _limited(readable: set[str], world: World) -> tuple[set[str], bool]:
    return set(sorted(readable)[: world.scope_limit]), len(readable) > world.scope_limit


def _answering(readable: set[str], at: set[str], above: set[str], below: set[str], *, hit: bool) -> Scope:
    if not readable:
        raise graph_error(403, "AccessDenied", ACCESS_DENIED)
    return Scope(frozenset(readable), frozenset(at), frozenset(above), frozenset(below), hit)
