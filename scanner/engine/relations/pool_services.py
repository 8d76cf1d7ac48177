"""Whether an agent pool reaches the services that its runs need: by rules, routes and firewalls."""

from collections.abc import Iterator

from scanner.catalog.limits import POOL_SERVICE_NAMES, POOL_SERVICES, SERVICE_ENDPOINTS
from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.relations.admin_rules import admin_doubt
from scanner.engine.relations.appliances import firewall_at
from scanner.engine.relations.firewall_egress import Service, decide_egress
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.relations.routes import APPLIANCE, NOWHERE, Route, routes_of, routes_to
from scanner.engine.relations.subnets import SECURITY_GROUPS, Subnet, subnet_of
from scanner.engine.traffic.nsg import HTTPS, Flow, decide_group
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth

GLOBAL = frozenset({"AzureActiveDirectory"})
"""Services whose tag has no regions."""

Outcome = Resource | Unseen | None
"""A problem, or why there may be one."""


def detours(facts: RelationQueries, pool: Resource) -> Related:
    """The routes that take a pool's public traffic off the straight way."""
    subnet = subnet_of(facts, pool)
    if subnet is None or isinstance(subnet, Unseen):
        return Related(unseen=subnet)
    routes = routes_of(facts, subnet)
    if isinstance(routes, Unseen):
        return Related(unseen=routes)
    return related_problems(
        problem(route.id, f"sends {route.prefix} to a {route.hop}", route.row)
        for route in routes
        if route.is_detour
    )


def admin_rules(facts: RelationQueries, pool: Resource) -> Related:
    """Why rules of Virtual Network Manager may decide about what a pool sends."""
    subnet = subnet_of(facts, pool)
    if subnet is None or isinstance(subnet, Unseen):
        return Related(unseen=subnet)
    doubts = [admin_doubt(facts, [subnet.network.key], flow) for flow in _flows(facts, pool, subnet)]
    return related_problems((), [doubt for doubt in doubts if doubt is not None])


def services_out_of_reach(facts: RelationQueries, pool: Resource) -> Related:
    """What keeps a pool from the services that its runs need, one by one.

    Of Storage, Key Vault and Event Hubs the registry's region suffices.
    """
    subnet = subnet_of(facts, pool)
    if subnet is None or isinstance(subnet, Unseen):
        return Related(unseen=subnet)
    flows = list(_flows(facts, pool, subnet))
    outcomes = [
        outcome
        for flow in flows
        for outcome in (_past_rules(facts, subnet, flow), *_along_routes(facts, subnet, flow))
    ]
    problems = [each for each in outcomes if isinstance(each, Resource)]
    return related_problems(problems, [each for each in outcomes if isinstance(each, Unseen)])


def _flows(facts: RelationQueries, pool: Resource, subnet: Subnet) -> Iterator[Flow]:
    """What a pool sends; all regions of a service where its registry's is not known."""
    registries = facts.related(pool, "registry").targets
    region = registries[0].location if registries else pool.location
    for service in POOL_SERVICES:
        tag = service if service in GLOBAL or region is None else f"{service}.{region}"
        yield Flow("Outbound", tag, HTTPS, subnet.prefixes)


def _past_rules(facts: RelationQueries, subnet: Subnet, flow: Flow) -> Outcome:
    """What the rules of Virtual Network Manager and of the subnet's group come to."""
    doubt = admin_doubt(facts, [subnet.network.key], flow)
    group = subnet.beside(facts, "networkSecurityGroup", SECURITY_GROUPS)
    if doubt is not None or group is None or isinstance(group, Unseen):
        return doubt or group
    held = facts.field(group, "properties.securityRules")
    if isinstance(held, Unseen):
        return held
    decision = decide_group(facts, group, flow)
    match decision.truth:
        case Truth.TRUE:
            return None
        case Truth.UNKNOWN:
            return Unseen(f"{group.name} {decision.text(flow)}")
        case Truth.FALSE:
            what = f"keeps the subnet {subnet.name} from {flow.peer} on port {HTTPS}"
            rule = f"{group.id}/securityRules/{decision.name}"
            return problem(rule, f"{what} ({decision.effect} in {group.name})", group.rows[0])


def _along_routes(facts: RelationQueries, subnet: Subnet, flow: Flow) -> Iterator[Outcome]:
    """What the routes to a service come to; a service endpoint leads past them."""
    service, _, region = flow.peer.partition(".")
    if subnet.has_service_endpoint(SERVICE_ENDPOINTS.get(service, ()), region or None):
        return
    routes = routes_of(facts, subnet)
    ways = routes if isinstance(routes, Unseen) else routes_to(routes, flow.peer, facts.tags)
    if isinstance(ways, Unseen):
        yield ways
        return
    for route in ways:
        if route.hop.lower() == NOWHERE:
            what = f"drops what the subnet {subnet.name} sends to {flow.peer}"
            yield problem(route.id, what, route.row)
        elif route.hop.lower() == APPLIANCE:
            yield _through_firewall(facts, subnet, flow, route)
        elif not route.is_straight:
            yield Unseen(f"the route {route.name} sends {flow.peer} to a {route.hop}")


def _through_firewall(facts: RelationQueries, subnet: Subnet, flow: Flow, route: Route) -> Outcome:
    """What the firewall behind a route comes to."""
    firewall = firewall_at(facts, subnet.network, route)
    if isinstance(firewall, Unseen):
        return firewall
    service = flow.peer.partition(".")[0]
    names = POOL_SERVICE_NAMES.get(facts.inventory.cloud, {}).get(service, ())
    far_end = Service(names, bool(names) and service not in GLOBAL)
    decision = decide_egress(facts.related(firewall, "rules"), flow, far_end, facts.tags)
    match decision.truth:
        case Truth.TRUE:
            return None
        case Truth.UNKNOWN:
            return Unseen(f"whether {firewall.name} lets {flow} is not known: {decision.rule}")
        case Truth.FALSE:
            through = f"the route {route.name} leads through it"
            what = f"keeps the subnet {subnet.name} from {flow.peer} on port {HTTPS}, by {decision.rule}"
            return problem(firewall.id, f"{what}; {through}", firewall.rows[0])
