"""The rows of explain, from rows as Azure writes them, judged by the shipped policies' own conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import shipped_pack
from engine_rows import (
    GROUP,
    OTHER_SUBSCRIPTION,
    POOL,
    REGISTRIES,
    REGISTRY,
    SUBSCRIPTION,
    TASK,
    WEBHOOK,
    Json,
    inventory,
    tag_table,
    world,
)
from test_dns import DNS, HOME, connection, endpoint, link, network, records, zone

from scanner.access.public import answer
from scanner.access.registry_query import RegistryQuery
from scanner.app.explain import access_of
from scanner.engine.compile.questions import Questions
from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Inventory, Read
from scanner.model.truth import Truth
from scanner.policy.model import Policy
from scanner.result.access import Entry

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
PREVIEW = "2026-03-01-preview"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub/subnets/agents"
CHILDREN = {f"{REGISTRIES}/{kind}" for kind in ("tasks", "replications", "webhooks")}
SERVICES = {
    "microsoft.machinelearningservices/workspaces",
    "microsoft.containerinstance/containergroups",
    "microsoft.security/pricings",
}
LISTS = [Read(REGISTRY.lower(), what, PREVIEW, 200, 0) for what in ("agentPools", "cacheRules")]


def registry(*rules: str, **properties: Any) -> Json:
    """A Premium registry as ARM shows it by the newest api-version, closed but for these rules."""
    body = {
        "loginServer": "contoso.azurecr.io",
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {
            "defaultAction": "Deny",
            "ipRules": [{"action": "Allow", "value": rule} for rule in rules],
            "virtualNetworkRules": [],
        },
        **properties,
    }
    top = {"id": REGISTRY, "location": "eastus", "sku": {"name": "Premium"}, "apiVersion": PREVIEW}
    return {**top, "properties": {key: value for key, value in body.items() if value is not None}}


def child(identifier: str, location: str | None = "eastus", **properties: Any) -> Json:
    top = {"id": identifier, "apiVersion": "2025-03-01-preview", "properties": properties}
    return top if location is None else {**top, "location": location}


def rows(*found: Json, tags: TagTable | None = None, **bounds: Any) -> Sequence[Entry]:
    """Every row of the table of a registry, in a scope that was collected whole unless a test says else."""
    bounds = {"collected": CHILDREN | SERVICES | DNS, "reads": LISTS, **bounds}
    of = inventory(*found, **bounds)
    return access_of(world(of, tags), of.resources[REGISTRY.lower()]).entries


def judges(of: Inventory) -> tuple[Questions, Mapping[str, Policy]]:
    pack = shipped_pack.pack()
    return Questions(world(of), pack.terms), {policy.id: policy for policy in pack.policies}


def some(kind: str, *found: Json, **bounds: Any) -> list[Entry]:
    return [entry for entry in rows(*found, **bounds) if entry.kind == kind]


def one(kind: str, *found: Json, **bounds: Any) -> Entry:
    [entry] = some(kind, *found, **bounds)
    return entry


OPEN = registry(networkRuleSet={"defaultAction": "Allow", "ipRules": [{"value": "203.0.113.7"}]})
DISABLED_BY = "public network access is 'Disabled' and the default action is 'Deny'"
DISABLED = registry("203.0.113.7", publicNetworkAccess="Disabled")


# ---- the internet, IP rules and subnets


def test_the_rows_stand_from_the_widest_way_in_to_the_narrowest() -> None:
    found = rows(
        registry("203.0.113.7", privateEndpointConnections=[connection()]),
        child(TASK),
        child(WEBHOOK),
        child(f"{REGISTRY}/replications/westus", "westus"),
    )

    kinds = ["internet", "ip-rule", "private-endpoint", "trusted-services", "task", "quick-run"]
    assert [entry.kind for entry in found] == [*kinds, "home-region", "replica", "webhook"]


@pytest.mark.parametrize(
    ("of", "truth", "by"),
    [
        (OPEN, T, "public network access is 'Enabled' and the default action is 'Allow'"),
        (DISABLED, F, "public network access is 'Disabled' and the default action is 'Deny'"),
        (registry(), F, "the default action is 'Deny'"),
        (
            registry(publicNetworkAccess="Disabled", networkRuleSet=None),
            F,
            "public network access is 'Disabled'",
        ),
    ],
)
def test_whether_anybody_gets_in(of: Json, truth: Truth, by: str) -> None:
    entry = one("internet", of)

    assert (entry.reaches, entry.by) == (truth, by)


def test_a_registry_whose_row_is_not_whole_leaves_open_whether_anybody_gets_in() -> None:
    entry = one(
        "internet", registry(provisioningState="Creating", publicNetworkAccess=None, networkRuleSet=None)
    )

    assert entry.reaches is U
    assert "provisioningState Creating" in entry.by


def test_each_ip_rule_says_what_it_is() -> None:
    found = some("ip-rule", registry("20.42.66.0/24", "13.64.180.9", "203.0.113.7", "10.0.0.0/8", "::1"))

    assert [(entry.who, entry.reaches, entry.evidence) for entry in found] == [
        (
            "20.42.66.0/24",
            T,
            ("AzureContainerRegistry.eastus, the tag of its own region: one of its prefixes",),
        ),
        ("13.64.180.9", T, ("AzureContainerRegistry.WestUS, the tag of another region",)),
        ("203.0.113.7", T, ("in no regional AzureContainerRegistry tag: somebody else's addresses",)),
        ("10.0.0.0/8", F, ("private or reserved addresses",)),
        ("::1", F, ("not an IPv4 address or prefix",)),
    ]


def test_without_a_region_or_usable_tags_nobody_says_whose_a_rule_is() -> None:
    nowhere = {**registry("203.0.113.7"), "location": None}

    assert "its region could not be seen" in one("ip-rule", nowhere).evidence[0]
    for tags in (tag_table(None), tag_table(of="China")):
        assert "is not known: " in one("ip-rule", registry("203.0.113.7"), tags=tags).evidence[0]


@pytest.mark.parametrize(("of", "truth"), [(OPEN, T), (DISABLED, F)])
def test_a_rule_does_nothing_on_an_open_or_a_disabled_registry(of: Json, truth: Truth) -> None:
    entry = one("ip-rule", of)

    assert entry.reaches is truth
    assert entry.by != "the rule itself"


def test_a_rule_that_cannot_be_read_is_a_row_too() -> None:
    odd = registry(
        networkRuleSet={"defaultAction": "Deny", "ipRules": ["203.0.113.7", {"value": "203.0.113.8"}]}
    )

    assert [(entry.who, entry.reaches) for entry in some("ip-rule", odd)] == [("203.0.113.8", T), ("", U)]


def test_each_subnet_is_named_by_its_network() -> None:
    rules = [
        {"virtualNetworkSubnetResourceId": SUBNET},
        {"id": SUBNET.replace("agents", "nodes")},
        {"id": "a/b/c"},
        {"x": 1},
    ]
    found = some("subnet", registry(networkRuleSet={"defaultAction": "Deny", "virtualNetworkRules": rules}))

    assert [(entry.who, entry.reaches) for entry in found] == [
        ("hub/agents", T),
        ("hub/nodes", T),
        ("a/b/c", T),
        ("one without an id", U),
    ]
    assert found[0].resource == SUBNET


@pytest.mark.parametrize(("public", "truth"), [("Enabled", U), ("Disabled", F)])
def test_subnets_that_the_api_version_does_not_show(public: str, truth: Truth) -> None:
    old = {
        **registry(publicNetworkAccess=public, networkRuleSet={"defaultAction": "Deny"}),
        "apiVersion": "2025-11-01",
    }
    entry = one("subnet", old)

    by = {U: "whether there are rules could not be seen", F: DISABLED_BY}
    assert (entry.who, entry.reaches, entry.by) == ("", truth, by[truth])
    assert entry.evidence == ("not visible: read with an apiVersion older than 2026-03-01-preview",)


def test_subnets_of_an_open_registry_get_in_whoever_they_are() -> None:
    old = {**registry(networkRuleSet={"defaultAction": "Allow"}), "apiVersion": "2025-11-01"}

    assert one("subnet", old).reaches is T


@pytest.mark.parametrize(
    ("public", "subnets", "truth"),
    [("Enabled", [{"id": SUBNET}], U), ("Disabled", [{"id": SUBNET}], F), ("Enabled", [], F)],
)
def test_a_private_address_may_come_from_a_subnet_that_is_let_in(
    public: str, subnets: list[Json], truth: Truth
) -> None:
    rules = {"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": subnets}
    of = inventory(registry(publicNetworkAccess=public, networkRuleSet=rules))
    here = RegistryQuery(world(of), of.resources[REGISTRY.lower()], *judges(of))

    assert answer(here, "10.0.0.4", (0x0A000004, 0x0A000004)).reaches is truth


# ---- private endpoints and their DNS


def private(*found: Json, **bounds: Any) -> Entry:
    return one("private-endpoint", registry(privateEndpointConnections=[connection()]), *found, **bounds)


def test_an_approved_endpoint_with_a_whole_zone_leads_to_the_registry() -> None:
    entry = private(endpoint(), network(), zone(), link(), *records(*HOME))

    assert (entry.who, entry.reaches, entry.by) == ("pe1", T, "its connection is Approved")
    assert entry.evidence == (
        "DNS leads to it: the zone privatelink.azurecr.io is linked to its network, with every record",
    )
    assert entry.resource == connection()["properties"]["privateEndpoint"]["id"]


def test_a_zone_that_knows_the_registry_and_is_not_linked_leads_to_the_public_endpoint() -> None:
    entry = private(endpoint(), network(), zone(), *records(*HOME))

    assert entry.evidence == (
        "DNS leads to the public endpoint: its network is not linked to the registry's private zone",
    )


def test_a_record_that_is_missing_is_named() -> None:
    entry = private(endpoint(), network(), zone(), link(), *records("contoso"))

    assert entry.evidence == (
        "DNS is not whole: the zone privatelink.azurecr.io has no record of contoso.eastus.data",
    )


def test_dns_is_unknown_out_of_scope_by_servers_of_ones_own_or_with_unseen_replicas() -> None:
    whole = [endpoint(), network(), zone(), link(), *records(*HOME)]

    assert private().evidence == ("DNS unknown: the private endpoint pe1 is not in the scanned scope",)
    assert private(endpoint(), network(servers=["10.0.0.4"])).evidence == (
        "DNS unknown: the network hub asks DNS servers of its own",
    )
    assert "the zone privatelink.azurecr.io" in private(endpoint(), network()).evidence[0]
    unlisted = private(*whole, collected=SERVICES | DNS - {f"{REGISTRIES}/replications"})
    assert unlisted.evidence[0].startswith("DNS unknown: Microsoft.ContainerRegistry/registries/replications")


@pytest.mark.parametrize(
    ("state", "truth"), [("Pending", F), ("Rejected", F), ("approved", T), ("", U), (None, U)]
)
def test_only_an_approved_connection_lets_in(state: str | None, truth: Truth) -> None:
    entry = one("private-endpoint", registry(privateEndpointConnections=[connection(status=state)]))

    assert entry.reaches is truth
    assert bool(entry.evidence) is (truth is T)


def test_connections_that_nobody_saw_or_can_read_are_unknown() -> None:
    old = {**registry(), "apiVersion": "2019-05-01"}

    assert one("private-endpoint", old).who == ""
    assert one("private-endpoint", old).reaches is U
    broken = one("private-endpoint", registry(privateEndpointConnections=["x"]))
    assert (broken.who, broken.reaches) == ("of an unseen name", U)


# ---- trusted services


def plan(tier: str = "Standard") -> Json:
    scanning = [{"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "True"}]
    identifier = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers"
    return {"id": identifier, "properties": {"pricingTier": tier, "extensions": scanning}}


def test_trusted_services_get_in_where_the_option_says_so() -> None:
    allowed, refused = one("trusted-services", registry()), registry(networkRuleBypassOptions="None")

    assert (allowed.reaches, allowed.by) == (
        T,
        "networkRuleBypassOptions is 'AzureServices' (Azure's default)",
    )
    assert allowed.evidence == ("nothing in the scanned scope depends on it",)
    assert one("trusted-services", refused).reaches is F
    assert one("trusted-services", OPEN).by == "the registry is open to the internet"


def test_service_endpoints_shut_trusted_services_out() -> None:
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"virtualNetworkSubnetResourceId": SUBNET}]}
    entry = one("trusted-services", registry(networkRuleSet=rules))

    assert entry.reaches is F
    assert entry.by.endswith("but that does not apply beside its service endpoints")


def test_service_endpoints_shut_trusted_services_out_whatever_the_option_says() -> None:
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": SUBNET}]}
    old = {**registry(networkRuleSet=rules), "apiVersion": "2019-05-01"}

    assert one("trusted-services", old).reaches is F
    assert one("trusted-services", old).by.endswith("but that does not apply beside its service endpoints")
    assert one("trusted-services", registry(networkRuleSet=rules, networkRuleBypassOptions="None")).by == (
        "networkRuleBypassOptions is 'None'"
    )


def test_service_endpoints_that_nobody_saw_leave_trusted_services_open() -> None:
    entry = one(
        "trusted-services",
        {
            **registry(),
            "apiVersion": "2025-11-01",
            "properties": {"networkRuleSet": {"defaultAction": "Deny"}},
        },
    )

    assert entry.reaches is U
    assert entry.by.endswith("which does not apply beside service endpoints, and those could not be seen")


def test_who_depends_on_it_is_named_and_who_may_is_told() -> None:
    used = one(
        "trusted-services", registry(), plan(), collected=CHILDREN | {"microsoft.security/pricings"}, reads=[]
    )

    assert used.evidence == (
        (
            "in use? Machine Learning workspaces could not all be seen "
            "(Microsoft.MachineLearningServices/workspaces was not collected)"
        ),
        (
            "in use? container groups could not all be seen "
            "(Microsoft.ContainerInstance/containerGroups was not collected)"
        ),
        "in use: Defender plan Containers",
        "in use? cache rules could not all be seen (its cacheRules were not listed)",
    )


# ---- tasks and quick runs

BYPASS: Json = {
    "credentials": {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"contoso.azurecr.io": {"identity": "[system]"}},
    }
}
PASSING = {**child(TASK, **BYPASS), "identity": {"type": "SystemAssigned"}}
COVERED = registry("20.42.66.0/24", "40.71.10.216/29", networkRuleBypassAllowedForTasks=True)


def test_a_task_reaches_an_open_registry_as_anybody_does() -> None:
    entry = one("task", OPEN, child(TASK))

    assert (entry.who, entry.reaches, entry.by) == ("nightly", T, "the registry is open to the internet")


def test_a_task_names_every_way_that_works_and_the_evidence_of_these_alone() -> None:
    entry = one("task", COVERED, PASSING)

    assert (entry.reaches, entry.ways) == (T, ("bypass", "ip-rules"))
    assert (
        entry.by == "the bypass, by its system-assigned identity; IP rules that cover the tag of its region"
    )
    assert [line.partition(":")[0] for line in entry.evidence] == ["bypass", "ip-rules"]
    assert entry.evidence[1] == (
        "ip-rules: contoso: publicNetworkAccess is 'Enabled'; networkRuleSet.ipRules[*].value "
        "covers 2 of 2 IPv4 prefixes of AzureContainerRegistry.eastus"
    )
    assert entry.resource == TASK


def test_a_task_without_a_way_says_why_of_each() -> None:
    entry = one("task", registry(), child(TASK))

    assert (entry.reaches, entry.by) == (F, "none of its ways works")
    assert [line.partition(":")[0] for line in entry.evidence] == ["agent-pool", "bypass", "ip-rules"]


def test_a_task_whose_row_shows_too_little_is_unknown() -> None:
    entry = one("task", registry(), {**child(TASK), "source": "resourceGraph", "apiVersion": "2019-04-01"})

    assert entry.reaches is U
    assert entry.by == "not settled: what decides could not be seen"


def test_a_task_that_may_be_a_system_task_is_unknown_where_it_has_no_way() -> None:
    stable = {**child(TASK), "apiVersion": "2019-04-01"}
    pool = {**child(TASK, agentPoolName="none"), "apiVersion": "2019-04-01"}

    found = [one("task", registry(), each) for each in (stable, pool)]

    assert {entry.reaches for entry in found} == {U}
    assert found[1].by == "no way works, but whether it is an enabled task of yours could not be seen"


def test_a_disabled_task_does_not_run_and_says_what_it_would_do() -> None:
    assert one("task", COVERED, child(TASK, status="disabled")).by == (
        "disabled, so it does not run; enabled, it would reach the registry: "
        "IP rules that cover the tag of its region"
    )
    entry = one("task", registry(), child(TASK, status="Disabled"))
    assert (entry.reaches, entry.by) == (
        None,
        "disabled, so it does not run; enabled, it would not reach the registry",
    )
    unsure = {**child(TASK, status="Disabled"), "source": "resourceGraph", "apiVersion": "2019-04-01"}
    assert one("task", registry(), unsure).by.endswith("whether it would reach the registry is not settled")


def test_a_system_task_is_called_one() -> None:
    entry = one("task", registry(), child(TASK, isSystemTask=True))

    assert (entry.reaches, entry.by) == (None, "a system task, which Azure makes for quick runs: see there")


def test_tasks_that_nobody_listed_are_told() -> None:
    none = one("task", registry(), collected=SERVICES)
    some_ = some("task", registry(), child(TASK), collected=SERVICES)

    assert (none.who, none.reaches) == ("", U)
    assert none.by.startswith("whether there are any could not be seen")
    assert some_[1].by.startswith("others could not be seen")


def test_a_dual_stack_registry_runs_no_tasks_whatever_their_ways() -> None:
    dual = registry(endpointProtocol="IPv4AndIPv6")

    for entry in (one("task", dual, child(TASK)), one("quick-run", dual)):
        assert entry.evidence[-1].startswith("a dual-stack registry")


def test_quick_runs_never_use_the_bypass() -> None:
    bypassing = one("quick-run", registry(networkRuleBypassAllowedForTasks=True))
    covered = one("quick-run", COVERED)

    assert (bypassing.reaches, bypassing.ways) == (F, ())
    assert (covered.reaches, covered.ways) == (T, ("ip-rules",))
    assert "no quick run can use the bypass, and --agent-pool names the pool to run on" in covered.evidence
    assert one("quick-run", OPEN).reaches is T


def test_quick_runs_take_a_private_pool_that_reaches_the_registry() -> None:
    of = registry(privateEndpointConnections=[connection()], publicNetworkAccess="Disabled")
    pool = child(POOL, virtualNetworkSubnetResourceId=SUBNET, provisioningState="Succeeded", count=1)
    entry = one("quick-run", of, pool, endpoint(), network())

    assert (entry.reaches, entry.ways, entry.by) == (
        T,
        ("agent-pool",),
        "an agent pool in a subnet that reaches it",
    )


# ---- regions and webhooks


def test_the_home_region_counts_where_the_list_of_replicas_lacks_it() -> None:
    found = rows(registry(dataEndpointEnabled=True), child(f"{REGISTRY}/replications/westus", "West US"))

    assert [
        (entry.kind, entry.who, entry.by) for entry in found if entry.kind in {"home-region", "replica"}
    ] == [
        ("home-region", "eastus", "layers come from contoso.eastus.data.azurecr.io"),
        ("replica", "westus", "layers come from contoso.westus.data.azurecr.io"),
    ]


def test_a_replica_is_told_by_its_region_or_else_by_its_name() -> None:
    found = some(
        "replica",
        registry(dataEndpointEnabled=True),
        child(f"{REGISTRY}/replications/first", "westus"),
        child(f"{REGISTRY}/replications/second", None),
    )

    assert [(entry.who, entry.by) for entry in found] == [
        ("westus", "layers come from contoso.westus.data.azurecr.io"),
        ("second", "the name of its data endpoint could not be seen (its region is not known)"),
    ]


def test_the_home_region_is_told_once_where_the_list_has_it() -> None:
    found = rows(registry(dataEndpointEnabled=True), child(f"{REGISTRY}/replications/eastus"))

    assert [entry.kind for entry in found if entry.who == "eastus"] == ["home-region"]


def test_data_endpoints_follow_the_login_server_and_the_names_that_are_listed() -> None:
    hashed = registry(loginServer="contoso-h4gh.azurecr.io", dataEndpointEnabled=True)
    listed = registry(
        dataEndpointEnabled=True, dataEndpointHostNames=["x.westus.data.z", 7, "own.eastus.data.example"]
    )

    assert one("home-region", hashed).by == "layers come from contoso-h4gh.eastus.data.azurecr.io"
    assert one("home-region", listed).by == "layers come from own.eastus.data.example"


def test_an_approved_private_endpoint_brings_data_endpoints() -> None:
    of = registry(privateEndpointConnections=[connection()], dataEndpointEnabled=False)

    assert one("home-region", of).by == "layers come from contoso.eastus.data.azurecr.io"


@pytest.mark.parametrize(
    ("cloud", "name"),
    [
        ("Public", "*.blob.core.windows.net"),
        ("USGovernment", "*.blob.core.usgovcloudapi.net"),
        ("China", "*.blob.core.chinacloudapi.cn"),
        ("Elsewhere", "the storage accounts of its region"),
    ],
)
def test_without_data_endpoints_layers_come_from_storage(cloud: str, name: str) -> None:
    entry = one("home-region", registry(), cloud=cloud)

    assert (entry.reaches, entry.by, entry.evidence) == (
        None,
        f"layers come from {name}",
        ("it has no data endpoints",),
    )


def test_where_layers_come_from_may_be_unseen() -> None:
    old = {**registry(networkRuleSet=None), "apiVersion": "2019-05-01"}
    serverless = registry(loginServer=None, dataEndpointEnabled=True)
    nowhere = {**registry(dataEndpointEnabled=True), "location": None}

    assert one("home-region", old).by == "where layers come from could not be seen"
    assert one("home-region", serverless).by.endswith("(nor could the login server)")
    assert one("home-region", nowhere).who == "could not be seen"
    assert one("home-region", nowhere).by.endswith("(its region is not known)")


def test_replicas_and_webhooks_that_nobody_listed_are_told() -> None:
    found = rows(
        registry(), child(f"{REGISTRY}/replications/westus", "westus"), child(WEBHOOK), collected=SERVICES
    )

    told = [(entry.kind, entry.reaches, entry.by) for entry in found if not entry.who and entry.reaches is U]
    assert [(kind, by.partition(" (")[0]) for kind, _, by in told] == [
        ("task", "whether there are any could not be seen"),
        ("replica", "others could not be seen"),
        ("webhook", "others could not be seen"),
    ]


def test_a_webhook_names_the_tag_of_its_own_region() -> None:
    entry = one(
        "webhook", registry(), child(WEBHOOK, "westus"), child(f"{REGISTRY}/replications/w", "westus")
    )

    assert (entry.who, entry.reaches, entry.by) == (
        "notify",
        None,
        "its receiver must admit AzureContainerRegistry.WestUS",
    )
    assert entry.evidence == ("IPv4 prefixes of the tag: 1",)


def test_a_webhook_that_is_disabled_or_has_no_replica_says_so() -> None:
    entry = one("webhook", registry(), child(WEBHOOK, "westus", status="disabled"))

    assert entry.evidence[1:] == (
        "disabled, so it sends nothing",
        "no replica of the registry is in westus, so it sends nothing",
    )


def test_a_webhooks_tag_or_region_may_be_unseen() -> None:
    mars, nowhere = child(WEBHOOK, "mars"), child(WEBHOOK, None)

    assert one("webhook", registry(), mars).by == "its receiver must admit AzureContainerRegistry.mars"
    assert (
        one("webhook", registry(), mars).evidence[0] == "the service tags have no AzureContainerRegistry.mars"
    )
    assert one("webhook", registry(), nowhere).by.startswith("its region could not be seen")


def test_a_private_endpoint_of_another_subscription_keeps_its_row() -> None:
    body = connection()
    body["properties"]["privateEndpoint"]["id"] = body["properties"]["privateEndpoint"]["id"].replace(
        SUBSCRIPTION, OTHER_SUBSCRIPTION
    )
    entry = one("private-endpoint", registry(privateEndpointConnections=[body]))

    assert entry.reaches is T
    assert entry.evidence == ("DNS unknown: pe1 lies outside of the scanned subscriptions",)
