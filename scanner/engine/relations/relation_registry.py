"""Relations that take more than a name or an id: who needs a registry, and which endpoints a pool reaches."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.engine.relations.client_names import registries_by_name, registries_without_data
from scanner.engine.relations.client_rules import ineffective_tag_rules
from scanner.engine.relations.client_tags import registries_by_tag, registries_without_storage
from scanner.engine.relations.dns import endpoints_without_records, endpoints_without_zone
from scanner.engine.relations.flow_logs import networks_without_flow_log
from scanner.engine.relations.inbound_exposure import rules_beside_the_tag, rules_from_the_tag, wide_tag_rules
from scanner.engine.relations.microsoft_registry import (
    mcr_rules_without_data,
    mcr_tag_rules_alone,
    rules_for_mcr,
)
from scanner.engine.relations.peerings import peered
from scanner.engine.relations.pool_services import admin_rules, detours, services_out_of_reach
from scanner.engine.relations.roles import (
    container_groups_unable_to_pull,
    roles_beyond_pull_and_push,
    roles_to_pull_or_push,
    workspaces_unable_to_pull,
)
from scanner.engine.relations.service_rules import rules_by_address
from scanner.engine.relations.subnets import network_security_group
from scanner.engine.traffic.network_rules import rules
from scanner.model.resource import Absent, Related, Resource, Unseen, Value, parent_key
from scanner.model.store import ResourceIndex

GROUPS = "microsoft.containerinstance/containergroups"
PLANS = "microsoft.security/pricings"
NETWORKS = "microsoft.network/virtualnetworks"
ENDPOINTS = "microsoft.network/privateendpoints"

SCANNING_PLANS = frozenset({"containers", "cloudposture"})
SCANNING_EXTENSION = "containerregistriesvulnerabilityassessments"
"""The extension of a Defender plan that scans registries: FACTS, "Trusted services"."""


def container_groups_by_identity(facts: RelationQueries, registry: Resource) -> Related:
    """Container groups in the scanned scope that pull from a registry by an identity, not a password."""
    server = facts.field(registry, "properties.loginServer")
    if not isinstance(server, Value):
        return Related(unseen=Unseen(f"the login server of {registry.name} could not be seen"))
    pulling, uncertain = facts.once("container groups by server", lambda: _by_server(facts))
    targets = pulling(str(server.value).lower())
    return Related(targets, uncertain, facts.proven_anywhere(GROUPS))


def _by_server(facts: RelationQueries) -> tuple[ResourceIndex, tuple[Unseen, ...]]:
    """The container groups that pull from a server by an identity; and those that may from any."""
    uncertain = list[Unseen]()

    def pulled() -> Iterator[tuple[str, Resource]]:
        for group in facts.inventory.of_type(GROUPS):
            servers = _pulled_by_identity(facts, group)
            if isinstance(servers, Unseen):
                uncertain.append(servers)
            else:
                yield from ((server, group) for server in servers)

    return facts.inventory.index_by(pulled()), tuple(uncertain)


def _pulled_by_identity(facts: RelationQueries, group: Resource) -> set[str] | Unseen:
    """The servers of entries with an identity; where a server has no entry, of images, by the group's own."""
    logins = facts.field(group, "properties.imageRegistryCredentials")
    containers = facts.field(group, "properties.containers")
    identity = facts.field(group, "identity.type")
    for answer in (logins, containers, identity):
        if isinstance(answer, Unseen):
            return Unseen(f"how {group.name} pulls could not be seen: {answer.reason}")
    entries = list(objects(logins))
    servers = {text(entry, "server") for entry in entries if text(entry, "identity")}
    if isinstance(identity, Value) and str(identity.value).lower() != "none":
        images = [text(at(container, "properties"), "image") for container in objects(containers)]
        named = {image.partition("/")[0] for image in images if "/" in image}
        servers |= named - {text(entry, "server") for entry in entries}
    return servers


def defender_registry_scanning(facts: RelationQueries, registry: Resource) -> Related:
    """The Defender plans of a registry's subscription that scan registries."""
    plans: ResourceIndex = facts.once("Defender plans by subscription", lambda: _plans(facts))
    targets, uncertain = [], []
    for plan in plans(registry.subscription):
        if plan.name.lower() in SCANNING_PLANS:
            match _scans(facts, plan):
                case True:
                    targets.append(plan)
                case Unseen() as unseen:
                    uncertain.append(unseen)
    return Related(tuple(targets), tuple(uncertain), facts.proven(registry, PLANS))


def _plans(facts: RelationQueries) -> ResourceIndex:
    return facts.inventory.index_by((plan.subscription, plan) for plan in facts.inventory.of_type(PLANS))


def _scans(facts: RelationQueries, plan: Resource) -> bool | Unseen:
    tier = facts.field(plan, "properties.pricingTier")
    if not isinstance(tier, Value):
        return Unseen(f"the tier of the Defender plan {plan.name} could not be seen")
    if str(tier.value).lower() != "standard":
        return False
    extensions = facts.field(plan, "properties.extensions")
    if not isinstance(extensions, Value):
        return Unseen(f"the extensions of the Defender plan {plan.name} could not be seen")
    switches = [
        each.get("isEnabled") for each in objects(extensions) if text(each, "name") == SCANNING_EXTENSION
    ]
    if None in switches:
        return Unseen(f"whether the Defender plan {plan.name} scans registries could not be seen")
    return any(str(switch).lower() == "true" for switch in switches)


def reachable_endpoints(facts: RelationQueries, pool: Resource) -> Related:
    """The registry's Approved private endpoints in a pool's network, or in one directly peered with it."""
    subnet = facts.field(pool, "properties.virtualNetworkSubnetResourceId")
    match subnet:
        case Absent():
            return Related()
        case Unseen():
            return Related(unseen=subnet)
    registries = facts.related(pool, "registry")
    if not registries.targets:
        return Related(unseen=registries.unseen)
    connections = facts.field(registries.targets[0], "properties.privateEndpointConnections")
    if isinstance(connections, Unseen):
        return Related(unseen=connections)
    network = parent_key(str(subnet.value).lower())
    approved = [connection for connection in objects(connections) if _status(connection) in {"approved", ""}]
    reached = [_reached(facts, connection, network) for connection in approved]
    return Related(
        tuple(endpoint for endpoint in reached if isinstance(endpoint, Resource)),
        tuple(endpoint for endpoint in reached if isinstance(endpoint, Unseen)),
    )


def _status(connection: Mapping[str, Any]) -> str:
    """The state of a private endpoint connection in lower case; empty where it does not show."""
    return text(at(connection, "properties", "privateLinkServiceConnectionState"), "status")


def _reached(facts: RelationQueries, connection: Mapping[str, Any], network: str) -> Resource | Unseen:
    """The endpoint of a connection, if it lies in a network or a peered one; else what is unseen."""
    named = at(connection, "properties", "privateEndpoint").get("id")
    if not _status(connection):
        return Unseen("the state of a private endpoint connection could not be seen")
    endpoint = facts.by_id(named, ENDPOINTS)
    if endpoint is None:
        return Unseen(f"the private endpoint {str(named).rsplit('/', 1)[-1]} is not in the scanned scope")
    if isinstance(endpoint, Unseen):
        return endpoint
    subnet = facts.field(endpoint, "properties.subnet.id")
    if not isinstance(subnet, Value):
        return Unseen(f"the subnet of the private endpoint {endpoint.name} could not be seen")
    other = parent_key(str(subnet.value).lower())
    if other == network or peered(facts, network, other) or peered(facts, other, network):
        return endpoint
    return Unseen(f"the private endpoint {endpoint.name} lies in another network, {other.rsplit('/', 1)[-1]}")


DERIVED_RELATIONS: Mapping[str, Callable[[RelationQueries, Resource], Related]] = {
    "adminRules": admin_rules,
    "containerGroupsByIdentity": container_groups_by_identity,
    "containerGroupsUnableToPull": container_groups_unable_to_pull,
    "defenderRegistryScanning": defender_registry_scanning,
    "detours": detours,
    "endpointsWithoutRecords": endpoints_without_records,
    "endpointsWithoutZone": endpoints_without_zone,
    "ineffectiveTagRules": ineffective_tag_rules,
    "mcrRulesWithoutData": mcr_rules_without_data,
    "mcrTagRulesAlone": mcr_tag_rules_alone,
    "networkSecurityGroup": network_security_group,
    "networksWithoutFlowLog": networks_without_flow_log,
    "reachableEndpoints": reachable_endpoints,
    "registriesByName": registries_by_name,
    "registriesByTag": registries_by_tag,
    "registriesWithoutData": registries_without_data,
    "registriesWithoutStorage": registries_without_storage,
    "rolesBeyondPullAndPush": roles_beyond_pull_and_push,
    "rolesToPullOrPush": roles_to_pull_or_push,
    "rules": rules,
    "rulesBesideTheTag": rules_beside_the_tag,
    "rulesByAddress": rules_by_address,
    "rulesForMcr": rules_for_mcr,
    "rulesFromTheTag": rules_from_the_tag,
    "servicesOutOfReach": services_out_of_reach,
    "wideTagRules": wide_tag_rules,
    "workspacesUnableToPull": workspaces_unable_to_pull,
}
