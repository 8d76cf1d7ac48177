"""Seeing less never decides more, nor otherwise: the promise behind the third truth value.

For the shipped pack on generated inventories, and for each way of seeing less:

* a fail stays fail or becomes unknown;
* an unknown stays unknown;
* a pass stays pass or becomes unknown;
* what does not apply stays so, becomes unknown, or passes where the requirement is seen to hold
  (`when` implies `require`); it never fails.

Rows of one resource agree here, and a key that is taken away is taken from all of them: where rows contradict
each other, the first that is seen has the say, and seeing less of it gives the say to another.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from operator import itemgetter
from typing import Any

import pytest
import shipped_pack
from engine_rows import GROUP, REGISTRIES, REGISTRY, SUBSCRIPTION, Json, inventory, tag_table
from hypothesis import given, settings
from hypothesis import strategies as st
from network_rows import (
    IP_GROUP,
    NETWORK,
    PARENT,
    POLICY,
    collection,
    collection_group,
    firewall,
    firewall_policy,
    nsg,
    security_rule,
)
from scanned import scan_all

from scanner.catalog.fields import resource_types
from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Gap, Inventory, Read
from scanner.model.resource import type_of_id
from scanner.result.finding import Verdict

pytestmark = pytest.mark.slow

PACK = shipped_pack.pack()
TAGS = tag_table()
NO_TAGS = tag_table(None)

BY_ID = itemgetter("id")
SUBNETS = [f"{NETWORK}/virtualNetworks/{name}/subnets/s" for name in ("hub", "spoke")]

ALLOWED: Mapping[Verdict, set[Verdict]] = {
    Verdict.PASS: {Verdict.PASS, Verdict.UNKNOWN},
    Verdict.FAIL: {Verdict.FAIL, Verdict.UNKNOWN},
    Verdict.UNKNOWN: {Verdict.UNKNOWN},
    Verdict.NOT_APPLICABLE: {Verdict.NOT_APPLICABLE, Verdict.UNKNOWN, Verdict.PASS},
}
"""What a verdict may become where less is seen."""

# ---- generated inventories, as rows of Azure


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object with most of its members."""
    optional = {name: st.tuples(one_of(True, True, True, False), member) for name, member in members.items()}
    return st.fixed_dictionaries(optional).map(
        lambda made: {name: value for name, (there, value) in made.items() if there}
    )


def one_of(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


OK = "Succeeded"
STATES = one_of(OK, OK, OK, OK, OK, "Creating", "Failed")
VERSIONS = one_of("2025-11-01", "2026-03-01-preview", "2025-11-01", "2019-05-01", "2020-11-01-preview",
                  "2023-07-01", "2025-05-01-preview", "")  # fmt: skip
TASK_VERSIONS = one_of("2025-03-01-preview", "2025-03-01-preview", "2019-06-01-preview", "2019-04-01", "")
SOURCES = one_of("arm", "arm", "resourceGraph")
WHOLE = ["20.42.66.0/24", "40.71.10.216/29"]
RULES = one_of(WHOLE, WHOLE, WHOLE[:1], [*WHOLE, "odd"], ["20.42.66.0/25"], ["13.64.180.1"], []).map(
    lambda values: [{"value": value} for value in values]
)
CONNECTIONS = st.lists(
    st.builds(
        lambda name, status: {
            "properties": {
                "privateEndpoint": {"id": f"{NETWORK}/privateEndpoints/{name}"},
                "privateLinkServiceConnectionState": {"status": status},
            }
        },
        one_of("pe1", "pe1", "pe2", "gone"),
        one_of("Approved", "Approved", "Pending"),
    ),
    max_size=2,
)
REGISTRY_ROW = st.fixed_dictionaries(
    {
        "id": st.just(REGISTRY),
        "location": one_of("eastus", "East US", "eastus", "westus", "nowhere"),
        "sku": st.builds(lambda name: {"name": name}, one_of("Premium", "Premium", "Premium", "Basic")),
        "apiVersion": VERSIONS,
        "source": SOURCES,
        "properties": some(
            loginServer=st.just("contoso.azurecr.io"),
            provisioningState=STATES,
            publicNetworkAccess=one_of("Enabled", "Disabled", None),
            networkRuleSet=some(defaultAction=one_of("Deny", "Deny", "Allow"), ipRules=RULES),
            networkRuleBypassOptions=one_of("AzureServices", "None"),
            networkRuleBypassAllowedForTasks=st.booleans(),
            adminUserEnabled=st.booleans(),
            anonymousPullEnabled=st.booleans(),
            dataEndpointEnabled=st.booleans(),
            roleAssignmentMode=one_of("LegacyRegistryPermissions", "AbacRepositoryPermissions"),
            privateEndpointConnections=CONNECTIONS,
            policies=some(
                exportPolicy=some(status=one_of("enabled", "disabled")),
                azureADAuthenticationAsArmPolicy=some(status=one_of("enabled", "disabled")),
            ),
        ),
    }
)
SYSTEM = {"contoso.azurecr.io": {"identity": "[system]"}}
CREDENTIALS = one_of(
    {"sourceRegistry": {"loginMode": "None"}, "customRegistries": SYSTEM},
    {"sourceRegistry": {"loginMode": "None"}, "customRegistries": SYSTEM},
    None,
    {},
    {"sourceRegistry": None},
    {"sourceRegistry": {"loginMode": "None"}},
    {"sourceRegistry": {"loginMode": "None"}, "customRegistries": SYSTEM},
    {"sourceRegistry": {"identity": "[system]"}, "customRegistries": {"contoso.azurecr.io": None}},
    {"customRegistries": {"Contoso.azurecr.io": {"identity": "system"}}},
)  # fmt: skip
PRINCIPAL, ACR_PUSH = "5a5a5a5a-0000-4000-8000-00000000000a", "8311e382-0749-4cb8-b61a-304f252e45ec"
TASK_ROW = st.fixed_dictionaries(
    {
        "name": one_of("one", "two"),
        "apiVersion": TASK_VERSIONS,
        "source": SOURCES,
        "identity": one_of(
            None,
            {"type": "None"},
            {"type": "SystemAssigned", "principalId": PRINCIPAL},
            {"type": "SystemAssigned, UserAssigned"},
        ),
        "properties": some(
            status=one_of("Enabled", "Enabled", "Enabled", "Disabled"),
            provisioningState=STATES,
            isSystemTask=one_of(False, False, False, True),
            agentPoolName=one_of("pool1", "POOL1", "pool2", "gone"),
            credentials=CREDENTIALS,
        ),
    }
).map(lambda made: {"id": f"{REGISTRY}/tasks/{made.pop('name')}", **made})
POOL_ROW = st.fixed_dictionaries(
    {
        "name": one_of("pool1", "pool2"),
        "apiVersion": TASK_VERSIONS,
        "source": SOURCES,
        "properties": some(
            count=one_of(1, 1, 2, 0),
            provisioningState=STATES,
            virtualNetworkSubnetResourceId=one_of(*SUBNETS),
        ),
    }
).map(lambda made: {"id": f"{REGISTRY}/agentPools/{made.pop('name')}", **made})
AUTHORIZATION = "providers/Microsoft.Authorization"
PUSHES = {"actions": ["Microsoft.ContainerRegistry/registries/pull/read"], "notActions": []}
ROLES: list[Json] = [
    {
        "id": f"/{AUTHORIZATION}/roleDefinitions/{ACR_PUSH}",
        "name": ACR_PUSH,
        "properties": {"permissions": [PUSHES]},
    },
    *(
        {
            "id": f"{scope}/{AUTHORIZATION}/roleAssignments/{name}",
            "properties": {"principalId": PRINCIPAL, "scope": scope, "roleDefinitionId": ACR_PUSH, **more},
        }
        for scope, name, more in (
            (REGISTRY, "here", {}),
            (GROUP, "above", {}),
            (f"{GROUP}2", "elsewhere", {}),
            (REGISTRY, "bound", {"condition": "c"}),
        )
    ),
]
ZONE = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
NAMES: list[Json] = [
    {"id": ZONE, "name": "privatelink.azurecr.io"},
    {
        "id": f"{ZONE}/virtualNetworkLinks/hub",
        "properties": {
            "virtualNetwork": {"id": f"{NETWORK}/virtualNetworks/hub"},
            "virtualNetworkLinkState": "Completed",
        },
    },
    {"id": f"{ZONE}/A/contoso", "properties": {}},
    {"id": f"{ZONE}/A/contoso.eastus.data", "properties": {}},
]
TAG_NAMES = ["AzureContainerRegistry", "AzureContainerRegistry.EastUS", "Storage.eastus", "Internet", "*"]
RULE = st.builds(
    security_rule,
    one_of("one", "two"),
    access=one_of("Allow", "Allow", "Deny"),
    direction=one_of("Outbound", "Outbound", "Inbound"),
    priority=st.integers(100, 104),
    protocol=one_of("Tcp", "*"),
    sourceAddressPrefix=one_of(*TAG_NAMES),
    destinationAddressPrefix=one_of(*TAG_NAMES, "20.42.66.0/24"),
    destinationPortRange=one_of("443", "*", "80"),
)
TELLING = one_of(
    security_rule("out", destinationAddressPrefix="AzureContainerRegistry"),
    security_rule("layers", destinationAddressPrefix="Storage.eastus", priority=101),
    security_rule("prefix", destinationAddressPrefix="20.42.66.0/24", priority=102),
    security_rule("closed", destinationAddressPrefix="Internet", access="Deny", priority=103),
    security_rule("in", direction="Inbound", sourceAddressPrefix="AzureContainerRegistry"),
    security_rule("all", direction="Inbound", sourceAddressPrefix="Internet", priority=104),
)
"""Rules that policies look for."""
APPLICATION = st.builds(
    lambda names, action: collection(
        "names", {"name": "out", "ruleType": "ApplicationRule", "targetFqdns": names}, action=action
    ),
    st.lists(
        one_of("contoso.azurecr.io", "*.azurecr.io", "mcr.microsoft.com", "*.blob.core.windows.net"),
        min_size=1,
        max_size=3,
    ),
    one_of("Allow", "Allow", "Deny"),
)
ADDRESSES = st.builds(
    lambda ends, groups: collection(
        "addresses",
        {
            "name": "tag",
            "ruleType": "NetworkRule",
            "ipProtocols": ["TCP"],
            "destinationPorts": ["443"],
            "destinationAddresses": ends,
            "destinationIpGroups": groups,
        },
    ),
    st.lists(one_of("AzureContainerRegistry", "20.42.66.0/25", "13.64.180.1"), max_size=2),
    one_of([], [], [IP_GROUP]),
)
GUARDS = st.builds(
    lambda rules, collections, inherits: [
        nsg(*rules, subnets=[{"id": SUBNETS[0]}]),
        firewall(firewallPolicy={"id": POLICY}),
        firewall_policy(POLICY, **({"basePolicy": {"id": PARENT}} if inherits else {})),
        firewall_policy(PARENT),
        *(
            collection_group(POLICY if index else PARENT, str(index), each)
            for index, each in enumerate(collections)
        ),
        {"id": IP_GROUP, "properties": {"ipAddresses": ["20.42.66.0/26"]}},
        {
            "id": f"{NETWORK}/networkWatchers/east/flowLogs/log",
            "properties": {"targetResourceId": f"{NETWORK}/virtualNetworks/hub"},
        },
    ],
    st.lists(st.one_of(TELLING, TELLING, RULE), min_size=2, max_size=5),
    st.lists(st.one_of(APPLICATION, APPLICATION, ADDRESSES), min_size=1, max_size=3),
    st.booleans(),
)
NEIGHBORS = st.lists(
    one_of(
        {"id": f"{NETWORK}/privateEndpoints/pe1", "properties": {"subnet": {"id": SUBNETS[0]}}},
        {"id": f"{NETWORK}/privateEndpoints/pe2", "properties": {"subnet": {"id": SUBNETS[1]}}},
        {
            "id": f"{NETWORK}/virtualNetworks/hub",
            "properties": {
                "virtualNetworkPeerings": [
                    {
                        "properties": {
                            "peeringState": "Connected",
                            "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/spoke"},
                        }
                    }
                ]
            },
        },
        {"id": f"{REGISTRY}/cacheRules/hub", "properties": {"sourceRepository": "docker.io/*"}},
        {
            "id": f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml",
            "properties": {"containerRegistry": REGISTRY},
        },
        {
            "id": f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/app",
            "properties": {
                "imageRegistryCredentials": [{"server": "contoso.azurecr.io", "identity": "i"}],
                "containers": [],
            },
        },
        {
            "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers",
            "properties": {
                "pricingTier": "Standard",
                "extensions": [{"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "True"}],
            },
        },
        {"id": f"{REGISTRY}/webhooks/w", "properties": {"serviceScheme": "https", "status": "enabled"}},
        *ROLES,
        *NAMES,
        {
            "id": f"{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/audit",
            "properties": {"workspaceId": "/w", "logs": [{"categoryGroup": "audit", "enabled": True}]},
        },
    ),
    max_size=8,
    unique_by=BY_ID,
)
ROWS = st.builds(
    lambda registry, others, tasks, pools, neighbors, guards: [
        registry,
        *({**registry, **other} for other in others),
        *tasks,
        *({**task, "source": "resourceGraph", "apiVersion": "2019-04-01"} for task in tasks[:1]),
        *pools,
        *neighbors,
        *guards,
    ],
    REGISTRY_ROW,
    st.lists(st.fixed_dictionaries({"apiVersion": VERSIONS, "source": SOURCES}), max_size=2),
    st.lists(TASK_ROW, min_size=1, max_size=2, unique_by=BY_ID),
    st.lists(POOL_ROW, max_size=2, unique_by=BY_ID),
    NEIGHBORS,
    GUARDS,
)
TYPES = sorted(resource_types())
COLLECTED = st.one_of(st.just(frozenset(TYPES)), st.frozensets(st.sampled_from(TYPES)))
READS = st.lists(
    st.builds(
        lambda what, status: Read(REGISTRY.lower(), what, "2025-11-01", status, 0),
        one_of("agentPools", "cacheRules", "tasks"),
        one_of(200, 200, 403),
    ),
    max_size=3,
)

# ---- judging, and seeing less


def verdicts(of: Inventory, tags: TagTable = TAGS) -> dict[tuple[str, str], Verdict]:
    """Every verdict of the shipped pack, by policy and resource."""
    findings = scan_all(of, tags, PACK.policies, PACK.terms)
    return {(finding.policy.id, finding.resource.key): finding.verdict for finding in findings}


def check(before: Mapping[tuple[str, str], Verdict], after: Mapping[tuple[str, str], Verdict]) -> None:
    """Of what is still judged, no verdict was turned around."""
    for finding, verdict in after.items():
        assert verdict in ALLOWED[before[finding]], (finding, before[finding], verdict)


def paths(node: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key in an object, and in the objects in it."""
    for name, value in node.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from paths(value, (*above, name))


FIXED = {"id", "apiVersion", "source"}


def without(rows: list[Json], key: str, path: tuple[str, ...]) -> list[Json]:
    """The rows, those of one resource without what stands at a path."""
    kept = [deepcopy(row) for row in rows]  # rows may share what they hold
    for row in kept:
        node: Any = row if row["id"].lower() == key else {}
        for name in path[:-1]:
            node = node.get(name) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.pop(path[-1], None)
    return kept


def pattern(path: tuple[str, ...]) -> str:
    """A path as a gap writes it: a registry's name in the credentials is data."""
    spelt = ["[*]" if ".azurecr." in name else name for name in path]
    return ".".join(spelt).replace(".[*]", "[*]")


@settings(max_examples=300, deadline=None)
@given(ROWS, COLLECTED, READS, st.data())
def test_a_field_that_becomes_unseen_turns_no_verdict_around(
    rows: list[Json], collected: frozenset[str], reads: list[Read], data: st.DataObject
) -> None:
    before = verdicts(inventory(*rows, collected=collected, reads=reads))
    row = data.draw(st.sampled_from(rows))
    key = str(row["id"]).lower()
    path = data.draw(st.sampled_from([each for each in paths(row) if each[0] not in FIXED] or [("gone",)]))
    gap = Gap(f"{type_of_id(key)}/{pattern(path)}", key, "refused")

    after = inventory(*without(rows, key, path), collected=collected, reads=reads, gaps=[gap])

    check(before, verdicts(after))


@settings(max_examples=150, deadline=None)
@given(ROWS, COLLECTED, READS, st.data())
def test_a_field_that_was_never_there_and_is_refused_turns_no_verdict_around(
    rows: list[Json], collected: frozenset[str], reads: list[Read], data: st.DataObject
) -> None:
    before = verdicts(inventory(*rows, collected=collected, reads=reads))
    key = data.draw(st.sampled_from(sorted({str(row["id"]).lower() for row in rows})))
    resource_type = type_of_id(key)
    assert resource_type is not None
    path = data.draw(st.sampled_from(sorted(resource_types()[resource_type].prefixes)))

    after = inventory(
        *rows, collected=collected, reads=reads, gaps=[Gap(f"{resource_type}/{path}", key, "refused")]
    )

    check(before, verdicts(after))


@settings(max_examples=150, deadline=None)
@given(ROWS, COLLECTED, READS, st.sampled_from(TYPES))
def test_a_type_that_is_not_collected_turns_no_verdict_around(
    rows: list[Json], collected: frozenset[str], reads: list[Read], dropped: str
) -> None:
    before = verdicts(inventory(*rows, collected=collected, reads=reads))
    fewer = [row for row in rows if type_of_id(str(row["id"])) != dropped]
    lists = {f"{REGISTRIES}/{what.lower()}": what for what in ("agentPools", "cacheRules", "tasks")}
    unread = [read for read in reads if read.what != lists.get(dropped)]

    kept = inventory(*rows, collected=collected - {dropped}, reads=reads)
    gone = inventory(*fewer, collected=collected - {dropped}, reads=unread)
    refused = inventory(*fewer, collected=collected, reads=unread, gaps=[Gap(dropped, "", "refused")])

    for after in (kept, gone, refused):
        check(before, verdicts(after))


@settings(max_examples=100, deadline=None)
@given(ROWS, COLLECTED, READS, st.data())
def test_a_list_that_was_not_read_turns_no_verdict_around(
    rows: list[Json], collected: frozenset[str], reads: list[Read], data: st.DataObject
) -> None:
    before = verdicts(inventory(*rows, collected=collected, reads=reads))
    fewer = [read for read in reads if data.draw(st.booleans())]

    after = inventory(*rows, collected=collected, reads=fewer)

    check(before, verdicts(after))


@settings(max_examples=100, deadline=None)
@given(ROWS, COLLECTED, READS)
def test_without_service_tags_no_verdict_is_turned_around(
    rows: list[Json], collected: frozenset[str], reads: list[Read]
) -> None:
    of = inventory(*rows, collected=collected, reads=reads)
    before = verdicts(of)

    check(before, verdicts(of, NO_TAGS))
    check(before, verdicts(of, tag_table(of="AzureChina")))
    check(before, verdicts(of, tag_table({})))


@settings(max_examples=100, deadline=None)
@given(ROWS, COLLECTED, READS)
def test_a_subscription_that_was_not_scanned_turns_no_verdict_around(
    rows: list[Json], collected: frozenset[str], reads: list[Read]
) -> None:
    before = verdicts(inventory(*rows, collected=collected, reads=reads))

    after = inventory(*rows, collected=collected, reads=reads, subscriptions=())

    check(before, verdicts(after))


@settings(max_examples=50, deadline=None)
@given(ROWS, COLLECTED, READS, st.randoms(use_true_random=False))
def test_the_order_of_rows_of_different_rank_does_not_matter(
    rows: list[Json], collected: frozenset[str], reads: list[Read], order: Any
) -> None:
    unlike = list(
        {(str(row["id"]).lower(), row.get("source"), row.get("apiVersion")): row for row in rows}.values()
    )
    shuffled = list(unlike)
    order.shuffle(shuffled)

    one = inventory(*unlike, collected=collected, reads=reads)
    other = inventory(*shuffled, collected=collected, reads=reads)

    assert verdicts(one) == verdicts(other)
