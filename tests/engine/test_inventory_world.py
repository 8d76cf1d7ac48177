"""Whom a resource leads to, and what proves that there is nobody else."""

from typing import Any

import pytest
from engine_rows import (
    GROUP,
    OTHER_SUBSCRIPTION,
    POOL,
    POOLS,
    REGISTRIES,
    REGISTRY,
    SUBSCRIPTION,
    TASK,
    Json,
    inventory,
    world,
)

from scanner.catalog.relations import relations
from scanner.model.inventory import Gap, Inventory, Read
from scanner.model.resource import Related

TASKS = f"{REGISTRIES}/tasks"
WEBHOOKS = f"{REGISTRIES}/webhooks"
REPLICATIONS = f"{REGISTRIES}/replications"
CACHE_RULES = f"{REGISTRIES}/cacherules"
WORKSPACES = "microsoft.machinelearningservices/workspaces"
GROUPS = "microsoft.containerinstance/containergroups"
PLANS = "microsoft.security/pricings"
ENDPOINTS = "microsoft.network/privateendpoints"
NETWORKS = "microsoft.network/virtualnetworks"

PREMIUM: Json = {
    "id": REGISTRY,
    "sku": {"name": "Premium"},
    "properties": {"loginServer": "contoso.azurecr.io", "provisioningState": "Succeeded"},
}


def lead(of: Inventory, relation: str, resource: str = REGISTRY) -> Related:
    return world(of).related(of.resources[resource.lower()], relation)


def names(related: Related) -> list[str]:
    return [target.name for target in related.targets]


def why(related: Related) -> str | None:
    return None if related.unseen is None else related.unseen.reason


def maybe(related: Related) -> list[str]:
    return [doubt.reason for doubt in related.uncertain]


def listed(what: str, status: int = 200, of: str = REGISTRY) -> Read:
    return Read(of.lower(), what, "2025-11-01", status, 0)


def gap(what: str, where: str = "") -> Gap:
    return Gap(what, where, "refused", "add Reader")


def task(**properties: Any) -> Json:
    return {"id": TASK, "apiVersion": "2025-03-01-preview", "properties": properties}


def pool(name: str = "pool1", **properties: Any) -> Json:
    return {"id": f"{REGISTRY}/agentPools/{name}", "properties": properties}


# ---- parents

CHILDREN = [TASK, POOL, f"{REGISTRY}/webhooks/w", f"{REGISTRY}/replications/westus"]


@pytest.mark.parametrize("child", CHILDREN)
def test_a_parent_is_found_whatever_the_case_of_ids(child: str) -> None:
    of = inventory({**PREMIUM, "id": REGISTRY.upper()}, {"id": child, "properties": {}})

    assert names(lead(of, "registry", child)) == ["CONTOSO"]


@pytest.mark.parametrize("child", CHILDREN)
@pytest.mark.parametrize("collected", [set(), {REGISTRIES}, None])
def test_a_parent_is_never_absent(child: str, collected: set[str] | None) -> None:
    of = inventory({"id": child, "properties": {}}, collected=collected)

    related = lead(of, "registry", child)

    assert (names(related), why(related)) == ([], "no row of the registry was collected")


def test_a_gap_tells_why_a_parent_is_unseen() -> None:
    related = lead(inventory(task(), gaps=[gap(REGISTRIES, SUBSCRIPTION)]), "registry", TASK)

    assert related.unseen is not None
    assert (related.unseen.reason, related.unseen.help) == ("refused", "add Reader")


# ---- children


@pytest.mark.parametrize(
    ("relation", "segment", "child_type"),
    [
        ("tasks", "tasks", TASKS),
        ("webhooks", "webhooks", WEBHOOKS),
        ("replications", "replications", REPLICATIONS),
    ],
)
def test_children_are_proven_by_the_rows_of_a_collected_type(
    relation: str, segment: str, child_type: str
) -> None:
    rows = (PREMIUM, {"id": f"{REGISTRY.lower()}/{segment}/one"}, {"id": f"{REGISTRY}2/{segment}/two"})

    whole = lead(inventory(*rows, collected={child_type}), relation)
    partial = lead(inventory(*rows), relation)

    assert (names(whole), why(whole)) == (["one"], None)
    assert names(partial) == ["one"]
    assert why(partial) == f"Microsoft.ContainerRegistry/registries/{segment} was not collected"


@pytest.mark.parametrize("where", ["", SUBSCRIPTION, REGISTRY.lower(), GROUP.lower()])
def test_a_gap_in_the_subscription_leaves_children_unseen(where: str) -> None:
    related = lead(inventory(PREMIUM, collected={WEBHOOKS}, gaps=[gap(WEBHOOKS, where)]), "webhooks")

    assert related.unseen is not None
    assert (related.unseen.reason, related.unseen.help) == ("refused", "add Reader")


@pytest.mark.parametrize("where", [OTHER_SUBSCRIPTION, f"{REGISTRY}2".lower()])
def test_a_gap_elsewhere_leaves_children_proven(where: str) -> None:
    related = lead(inventory(PREMIUM, collected={WEBHOOKS}, gaps=[gap(WEBHOOKS, where)]), "webhooks")

    assert related == Related()


def test_tasks_are_proven_by_an_arm_list_too() -> None:
    related = lead(inventory(PREMIUM, gaps=[gap(TASKS)], reads=[listed("tasks")]), "tasks")

    assert related == Related()


@pytest.mark.parametrize(
    ("relation", "what", "child_type", "segment"),
    [
        ("agentPools", "agentPools", POOLS, "agentPools"),
        ("cacheRules", "cacheRules", CACHE_RULES, "cacheRules"),
    ],
)
def test_no_rows_in_resource_graph_prove_no_pools_and_no_cache_rules(
    relation: str, what: str, child_type: str, segment: str
) -> None:
    rows = (PREMIUM, {"id": f"{REGISTRY}/{segment}/one", "source": "resourceGraph"})

    collected = lead(inventory(*rows, collected={child_type}), relation)
    read = lead(inventory(*rows, reads=[listed(what)]), relation)

    assert (names(collected), why(collected)) == (["one"], f"its {what} were not listed")
    assert collected.unseen is not None
    assert collected.unseen.help == "scan with --arm-reads auto"
    assert (names(read), why(read)) == (["one"], None)


@pytest.mark.parametrize("relation", ["agentPools", "cacheRules"])
def test_a_list_proves_nothing_if_refused_or_of_another_registry(relation: str) -> None:
    refused = inventory(PREMIUM, reads=[listed(relation, 403)])
    elsewhere = inventory(PREMIUM, reads=[listed(relation, of=f"{REGISTRY}2")])
    other = inventory(PREMIUM, reads=[listed("tasks")])

    assert why(lead(refused, relation)) == f"its {relation} were not listed"
    assert why(lead(elsewhere, relation)) == f"its {relation} were not listed"
    assert why(lead(other, relation)) == f"its {relation} were not listed"


def test_a_gap_tells_why_a_list_was_not_read() -> None:
    related = lead(inventory(PREMIUM, gaps=[gap(POOLS, REGISTRY.lower())]), "agentPools")

    assert related.unseen is not None
    assert (related.unseen.reason, related.unseen.help) == ("refused", "add Reader")


def test_everything_counts_as_listed_where_everything_is_vouched_for() -> None:
    of = inventory(PREMIUM, collected=None)

    for relation in ("tasks", "agentPools", "webhooks", "replications", "cacheRules"):
        assert lead(of, relation) == Related(), relation


# ---- a task's pool


def test_a_pool_is_found_by_its_name_whatever_the_case() -> None:
    of = inventory(PREMIUM, task(agentPoolName="POOL1"), pool(), pool("pool2"))

    assert names(lead(of, "agentPool", TASK)) == ["pool1"]


def test_a_pool_of_another_registry_is_not_it() -> None:
    other = {"id": f"{REGISTRY}2/agentPools/pool1", "properties": {}}
    of = inventory(PREMIUM, task(agentPoolName="pool1"), other, reads=[listed("agentPools")])

    assert lead(of, "agentPool", TASK) == Related()


def test_a_task_without_a_pool_name_has_no_pool() -> None:
    assert lead(inventory(PREMIUM, task(), pool()), "agentPool", TASK) == Related()


def test_a_pool_that_is_not_here_is_absent_only_by_the_list() -> None:
    rows = (PREMIUM, task(agentPoolName="pool1"))

    proven = lead(inventory(*rows, reads=[listed("agentPools")]), "agentPool", TASK)
    collected = lead(inventory(*rows, collected={POOLS}), "agentPool", TASK)
    refused = lead(inventory(*rows, reads=[listed("agentPools", 403)]), "agentPool", TASK)

    assert proven == Related()
    assert why(collected) == why(refused) == "agentPools of its registry were not listed"


def test_a_pool_is_unseen_where_its_registry_or_its_name_is() -> None:
    orphan = lead(inventory(task(agentPoolName="pool1")), "agentPool", TASK)
    graph = {**task(), "source": "resourceGraph"}
    nameless = lead(inventory(PREMIUM, graph, reads=[listed("agentPools")]), "agentPool", TASK)
    odd = lead(inventory(PREMIUM, task(agentPoolName=7)), "agentPool", TASK)

    assert why(orphan) == "agentPools of its registry were not listed"
    assert why(nameless) == "Resource Graph is not known to show it"
    assert why(odd) == "properties.agentPoolName of nightly is no text"


# ---- endpoints by id


def endpoint_id(name: str = "pe1", subscription: str = SUBSCRIPTION) -> str:
    group = f"/subscriptions/{subscription}/resourceGroups/Net"
    return f"{group}/providers/Microsoft.Network/privateEndpoints/{name}"


def connection(status: str | None = "Approved", endpoint: object = None) -> Json:
    state = {} if status is None else {"privateLinkServiceConnectionState": {"status": status}}
    return {"properties": {"privateEndpoint": {"id": endpoint or endpoint_id()}, **state}}


def connected(*connections: object) -> Json:
    return {
        **PREMIUM,
        "properties": {**PREMIUM["properties"], "privateEndpointConnections": list(connections)},
    }


def test_endpoints_are_found_by_id_whatever_the_case() -> None:
    of = inventory(connected(connection(endpoint=endpoint_id().upper())), {"id": endpoint_id()})

    related = lead(of, "privateEndpoints")

    assert (names(related), maybe(related), why(related)) == (["pe1"], [], None)


@pytest.mark.parametrize(
    ("collected", "gaps", "uncertain"),
    [
        (set(), [], ["Microsoft.Network/privateEndpoints was not collected"]),
        ({ENDPOINTS}, [], []),
        (None, [], []),
        ({ENDPOINTS}, [gap(ENDPOINTS, SUBSCRIPTION)], ["refused"]),
        ({ENDPOINTS}, [gap(ENDPOINTS, OTHER_SUBSCRIPTION)], []),
    ],
)
def test_an_endpoint_that_is_not_here_is_gone_only_where_its_type_was_collected(
    collected: set[str] | None, gaps: list[Gap], uncertain: list[str]
) -> None:
    related = lead(inventory(connected(connection()), collected=collected, gaps=gaps), "privateEndpoints")

    assert (names(related), maybe(related), why(related)) == ([], uncertain, None)


@pytest.mark.parametrize("collected", [{ENDPOINTS}, None])
def test_an_endpoint_of_another_subscription_is_unseen(collected: set[str] | None) -> None:
    named = endpoint_id("far", OTHER_SUBSCRIPTION)

    related = lead(inventory(connected(connection(endpoint=named)), collected=collected), "privateEndpoints")

    assert maybe(related) == ["far lies outside of the scanned subscriptions"]


def test_a_connection_without_an_endpoint_may_have_one() -> None:
    related = lead(inventory(connected({"properties": {}}), collected={ENDPOINTS}), "privateEndpoints")

    assert maybe(related) == ["an id is no text"]


def test_endpoints_are_unseen_where_the_connections_are() -> None:
    old = {**PREMIUM, "apiVersion": "2019-05-01"}

    assert why(lead(inventory(old), "privateEndpoints")) == (
        "read with an apiVersion older than 2019-12-01-preview"
    )
    assert lead(inventory(PREMIUM), "privateEndpoints") == Related()


# ---- search: who names this registry

WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml"


def workspace(registry: object = REGISTRY, name: str = "ml", **row: Any) -> Json:
    return {"id": f"{WORKSPACE[:-2]}{name}", "properties": {"containerRegistry": registry}, **row}


def test_workspaces_that_name_a_registry_are_found_whatever_the_case() -> None:
    of = inventory(
        PREMIUM,
        {**PREMIUM, "id": f"{REGISTRY}2"},
        workspace(REGISTRY.upper(), "a"),
        workspace(f"{REGISTRY}2", "b"),
        workspace(None, "c"),
        collected={WORKSPACES},
    )

    related = lead(of, "machineLearningWorkspaces")

    assert (names(related), maybe(related), why(related)) == (["a"], [], None)
    assert names(lead(of, "machineLearningWorkspaces", f"{REGISTRY}2")) == ["b"]


@pytest.mark.parametrize("where", ["", SUBSCRIPTION, OTHER_SUBSCRIPTION, "/subscriptions/x/resourcegroups/y"])
def test_a_gap_anywhere_leaves_a_search_open(where: str) -> None:
    of = inventory(PREMIUM, workspace(), collected={WORKSPACES}, gaps=[gap(WORKSPACES, where)])

    related = lead(of, "machineLearningWorkspaces")

    assert related.unseen is not None
    assert (names(related), related.unseen.reason, related.unseen.help) == (["ml"], "refused", "add Reader")


def test_a_search_of_a_type_that_was_not_collected_is_open() -> None:
    related = lead(inventory(PREMIUM), "machineLearningWorkspaces")

    assert why(related) == "Microsoft.MachineLearningServices/workspaces was not collected"
    assert lead(inventory(PREMIUM, collected=None), "machineLearningWorkspaces") == Related()


@pytest.mark.parametrize(
    "row", [{"id": WORKSPACE}, {"id": WORKSPACE, "properties": {"containerRegistry": 7}}]
)
def test_a_workspace_whose_registry_cannot_be_seen_may_be_one(row: Json) -> None:
    related = lead(inventory(PREMIUM, row, collected={WORKSPACES}), "machineLearningWorkspaces")

    assert maybe(related) == ["properties.containerRegistry of ml could not be seen"]


# ---- container groups


def container_group(
    *logins: Json,
    image: str = "contoso.azurecr.io/app:1",
    identity: str | None = "SystemAssigned",
    **row: Any,
) -> Json:
    properties = {
        "imageRegistryCredentials": list(logins) or None,
        "containers": [{"name": "app", "properties": {"image": image}}],
    }
    who = None if identity is None else {"type": identity}
    group_id = f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/app"
    return {"id": group_id, "identity": who, "properties": properties, **row}


LOGIN = {"server": "Contoso.azurecr.io"}


@pytest.mark.parametrize(
    ("group", "depends"),
    [
        (container_group({**LOGIN, "identity": "/subscriptions/i"}), True),
        (container_group({**LOGIN, "identity": "/subscriptions/i"}, image="other/app", identity=None), True),
        (container_group({**LOGIN, "username": "u"}), False),
        (container_group({**LOGIN, "username": "u", "identity": ""}), False),
        (container_group({**LOGIN, "username": "u"}, {**LOGIN, "identity": "i"}), True),
        (container_group({"server": "other.azurecr.io", "identity": "i"}, image="other.azurecr.io/a"), False),
        (container_group({"server": "other.azurecr.io", "username": "u"}), True),
        (container_group(), True),
        (container_group(image="CONTOSO.azurecr.io/App"), True),
        (container_group(image="contoso.azurecr.io.evil.io/app"), False),
        (container_group(image="docker.io/contoso.azurecr.io/app"), False),
        (container_group(identity=None), False),
        (container_group(identity="None"), False),
        (container_group(identity="UserAssigned"), True),
    ],
)
def test_a_container_group_depends_on_the_registry_from_which_it_pulls_by_identity(
    group: Json, depends: bool
) -> None:
    related = lead(inventory(PREMIUM, group, collected={GROUPS}), "containerGroupsByIdentity")

    assert names(related) == (["app"] if depends else [])
    assert (maybe(related), why(related)) == ([], None)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"properties": None}, None),
        ({}, "properties.imageRegistryCredentials"),
        ({"properties": {"imageRegistryCredentials": [LOGIN]}}, "properties.containers"),
        ({"properties": {"containers": []}, "identity": None}, "identity"),
    ],
)
def test_a_container_group_that_was_not_seen_whole_may_depend_on_it(row: Json, what: str | None) -> None:
    group = {"id": container_group()["id"], "properties": {}, **row}
    gaps = [] if what is None else [gap(f"{GROUPS}/{what}")]

    related = lead(inventory(PREMIUM, group, collected={GROUPS}, gaps=gaps), "containerGroupsByIdentity")

    [reason] = maybe(related)
    assert reason.startswith("how app pulls could not be seen: ")
    assert names(related) == []


def test_a_login_server_compares_without_case() -> None:
    shouted = {**PREMIUM, "properties": {"loginServer": "CONTOSO.azurecr.io"}}

    assert names(lead(inventory(shouted, container_group()), "containerGroupsByIdentity")) == ["app"]


def test_containers_of_another_shape_name_no_image() -> None:
    group = container_group()
    group["properties"]["containers"] = [
        {"name": "app"},
        {"properties": "odd"},
        {"properties": {"image": 7}},
    ]

    related = lead(inventory(PREMIUM, group, collected={GROUPS}), "containerGroupsByIdentity")

    assert related == Related()


def test_container_groups_are_open_like_every_search() -> None:
    elsewhere = inventory(PREMIUM, collected={GROUPS}, gaps=[gap(GROUPS, OTHER_SUBSCRIPTION)])
    uncollected = inventory(PREMIUM)
    nameless = inventory({**PREMIUM, "properties": {}}, collected={GROUPS})

    assert why(lead(elsewhere, "containerGroupsByIdentity")) == "refused"
    assert why(lead(uncollected, "containerGroupsByIdentity")) == (
        "Microsoft.ContainerInstance/containerGroups was not collected"
    )
    assert why(lead(nameless, "containerGroupsByIdentity")) == (
        "the login server of contoso could not be seen"
    )


# ---- Defender plans

SCANNING = {"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "True"}


def plan(name: str = "Containers", tier: str | None = "Standard", *extensions: Json, **changes: Any) -> Json:
    subscription = changes.pop("subscription", SUBSCRIPTION)
    properties = {"pricingTier": tier, "extensions": list(extensions), **changes}
    plan_id = f"/subscriptions/{subscription}/providers/Microsoft.Security/pricings/{name}"
    return {"id": plan_id, "properties": properties}


@pytest.mark.parametrize(
    ("row", "scans"),
    [
        (plan("Containers", "Standard", SCANNING), True),
        (plan("CloudPosture", "Standard", SCANNING), True),
        (plan("containers", "standard", {**SCANNING, "isEnabled": "true"}), True),
        (plan("Containers", "Standard", {**SCANNING, "isEnabled": True}), True),
        (plan("Containers", "Standard", {**SCANNING, "isEnabled": "False"}), False),
        (plan("Containers", "Standard", {**SCANNING, "isEnabled": False}), False),
        (plan("Containers", "Standard", {"name": "AgentlessDiscovery", "isEnabled": "True"}), False),
        (plan("Containers", "Standard"), False),
        (plan("Containers", "Free", SCANNING), False),
        (plan("VirtualMachines", "Standard", SCANNING), False),
        (plan("Containers", "Standard", SCANNING, subscription=OTHER_SUBSCRIPTION), False),
    ],
)
def test_a_defender_plan_scans_where_it_is_paid_and_its_extension_is_on(row: Json, scans: bool) -> None:
    related = lead(inventory(PREMIUM, row, collected={PLANS}), "defenderRegistryScanning")

    assert len(related.targets) == scans
    assert (maybe(related), why(related)) == ([], None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (plan("Containers", None, SCANNING), "the tier of the Defender plan Containers could not be seen"),
        (plan(extensions=None), "the extensions of the Defender plan Containers could not be seen"),
        (plan("Containers", "Standard", {"name": SCANNING["name"]}),
         "whether the Defender plan Containers scans registries could not be seen"),
    ],
)  # fmt: skip
def test_a_defender_plan_that_does_not_show_it_may_scan(row: Json, reason: str) -> None:
    related = lead(inventory(PREMIUM, row, collected={PLANS}), "defenderRegistryScanning")

    assert (names(related), maybe(related)) == ([], [reason])


def test_defender_plans_are_proven_by_subscription() -> None:
    uncollected = lead(inventory(PREMIUM), "defenderRegistryScanning")
    here = lead(
        inventory(PREMIUM, collected={PLANS}, gaps=[gap(PLANS, SUBSCRIPTION)]), "defenderRegistryScanning"
    )
    there = lead(
        inventory(PREMIUM, collected={PLANS}, gaps=[gap(PLANS, OTHER_SUBSCRIPTION)]),
        "defenderRegistryScanning",
    )

    assert why(uncollected) == "Microsoft.Security/pricings was not collected"
    assert why(here) == "refused"
    assert there == Related()


# ---- the endpoints that a pool reaches


def network(name: str, *peerings: tuple[str, str]) -> Json:
    members = [
        {"properties": {"peeringState": state, "remoteVirtualNetwork": {"id": network_id(other)}}}
        for other, state in peerings
    ]
    return {"id": network_id(name), "properties": {"virtualNetworkPeerings": members}}


def network_id(name: str) -> str:
    return f"{GROUP}/providers/Microsoft.Network/virtualNetworks/{name}"


def subnet_id(name: str) -> str:
    return f"{network_id(name)}/subnets/tasks"


def endpoint(net: str, name: str = "pe1") -> Json:
    return {"id": endpoint_id(name), "properties": {"subnet": {"id": subnet_id(net)}}}


IN_HUB = pool(virtualNetworkSubnetResourceId=subnet_id("HUB"))


def reached(*rows: Json, **bounds: Any) -> Related:
    return lead(inventory(*rows, **bounds), "reachableEndpoints", POOL)


def test_an_endpoint_in_the_pools_network_is_reached_whatever_the_case() -> None:
    related = reached(connected(connection()), IN_HUB, endpoint("hub"))

    assert (names(related), maybe(related), why(related)) == (["pe1"], [], None)


@pytest.mark.parametrize(
    "networks",
    [
        [network("hub", ("spoke", "Connected"))],
        [network("spoke", ("HUB", "connected"))],
        [network("hub", ("other", "Connected"), ("spoke", "Connected")), network("spoke")],
    ],
)
def test_an_endpoint_in_a_peered_network_is_reached_by_either_side(networks: list[Json]) -> None:
    related = reached(connected(connection()), IN_HUB, endpoint("spoke"), *networks)

    assert (names(related), maybe(related)) == (["pe1"], [])


@pytest.mark.parametrize(
    "networks",
    [
        [],
        [network("hub"), network("spoke")],
        [network("hub", ("spoke", "Disconnected")), network("spoke", ("hub", "Disconnected"))],
        [network("hub", ("spoke", "Initiated"))],
        [network("hub", ("other", "Connected")), network("other", ("spoke", "Connected"))],
        [{"id": network_id("hub")}],
    ],
)
def test_an_endpoint_in_another_network_may_be_reached(networks: list[Json]) -> None:
    related = reached(connected(connection()), IN_HUB, endpoint("spoke"), *networks)

    assert (names(related), why(related)) == ([], None)
    assert maybe(related) == ["the private endpoint pe1 lies in another network, spoke"]


def test_peerings_of_another_shape_lead_nowhere() -> None:
    odd = {"id": network_id("hub"), "properties": {"virtualNetworkPeerings": 7}}

    related = reached(connected(connection()), IN_HUB, endpoint("spoke"), odd)

    assert maybe(related) == ["the private endpoint pe1 lies in another network, spoke"]


@pytest.mark.parametrize("status", ["Pending", "Rejected", "Disconnected"])
def test_a_connection_that_is_not_approved_leads_nowhere(status: str) -> None:
    related = reached(connected(connection(status)), IN_HUB, endpoint("hub"))

    assert related == Related()


def test_approval_is_read_without_case() -> None:
    assert names(reached(connected(connection("approved")), IN_HUB, endpoint("hub"))) == ["pe1"]


def test_a_connection_whose_state_is_unseen_may_lead_somewhere() -> None:
    related = reached(connected(connection(None)), IN_HUB, endpoint("hub"))

    assert maybe(related) == ["the state of a private endpoint connection could not be seen"]


@pytest.mark.parametrize(
    ("rows", "bounds", "reason"),
    [
        ([], {}, "Microsoft.Network/privateEndpoints was not collected"),
        ([], {"collected": {ENDPOINTS}}, "the private endpoint pe1 is not in the scanned scope"),
        ([], {"collected": {ENDPOINTS}, "gaps": [gap(ENDPOINTS)]}, "refused"),
        ([], {"subscriptions": {OTHER_SUBSCRIPTION}}, "pe1 lies outside of the scanned subscriptions"),
        ([{"id": endpoint_id()}], {}, "the subnet of the private endpoint pe1 could not be seen"),
        (
            [{"id": endpoint_id(), "properties": {}}],
            {},
            "the subnet of the private endpoint pe1 could not be seen",
        ),
    ],
)
def test_an_endpoint_that_was_not_seen_may_be_reached(
    rows: list[Json], bounds: dict[str, Any], reason: str
) -> None:
    related = reached(connected(connection()), IN_HUB, *rows, **bounds)

    assert (names(related), maybe(related), why(related)) == ([], [reason], None)


def test_a_pool_outside_of_any_subnet_reaches_nothing() -> None:
    assert reached(connected(connection()), pool(), endpoint("hub")) == Related()


def test_a_registry_without_connections_is_reached_by_nobody() -> None:
    assert reached(PREMIUM, IN_HUB) == Related()


def test_the_endpoints_are_unseen_where_subnet_registry_or_connections_are() -> None:
    old = {**PREMIUM, "apiVersion": "2019-05-01"}

    assert why(reached(connected(connection()), {"id": POOL})) == "the row has no properties"
    assert why(reached(IN_HUB)) == "no row of the registry was collected"
    assert why(reached(old, IN_HUB)) == "read with an apiVersion older than 2019-12-01-preview"


def test_a_count_of_endpoints_runs_from_those_known_to_all_approved() -> None:
    approved = [connection(endpoint=endpoint_id(name)) for name in ("pe1", "pe2", "pe3")]
    registry = connected(*approved, connection("Pending", endpoint_id("pe4")))

    related = reached(registry, IN_HUB, endpoint("hub"), endpoint("spoke", "pe2"))

    assert names(related) == ["pe1"]
    assert maybe(related) == [
        "the private endpoint pe2 lies in another network, spoke",
        "Microsoft.Network/privateEndpoints was not collected",
    ]


# ---- all of them


def test_a_relation_is_worked_out_once() -> None:
    of = inventory(PREMIUM, task())
    one = world(of)
    registry = of.resources[REGISTRY.lower()]

    assert one.related(registry, "tasks") is one.related(registry, "tasks")
    assert one.related(registry, "tasks") is not one.related(registry, "agentPools")


ALONE = {
    REGISTRIES: connected(connection()),
    TASKS: task(agentPoolName="pool1"),
    POOLS: IN_HUB,
    WEBHOOKS: {"id": f"{REGISTRY}/webhooks/w"},
    REPLICATIONS: {"id": f"{REGISTRY}/replications/westus"},
}


@pytest.mark.parametrize(
    ("asked", "relation"), [(asked, name) for asked in ALONE for name in relations()[asked]]
)
def test_with_nothing_else_collected_no_relation_is_proven_empty(asked: str, relation: str) -> None:
    of = inventory(ALONE[asked])
    [resource] = of.resources.values()

    related = world(of).related(resource, relation)

    assert related.targets == ()
    assert related.unseen is not None or related.uncertain
