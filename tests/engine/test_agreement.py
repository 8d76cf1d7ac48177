"""Compiled policies say what the reference says: of any estate, and of resources that differ in one thing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from agreement import agree_on
from engine_rows import GROUP, SUBSCRIPTION, Json, condition, inventory, tag_table, term
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.inventory import Inventory
from scanner.policy.model import Policy, Severity, Status
from scanner.policy.templates import Template

PROVIDER = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
REGISTRIES = "microsoft.containerregistry/registries"
TASKS, POOLS, WEBHOOKS = (f"{REGISTRIES}/{kind}" for kind in ("tasks", "agentpools", "webhooks"))
ENDPOINTS = "microsoft.network/privateendpoints"
TERMS = {
    each.name: each
    for each in (
        term("closed", REGISTRIES, "{ field: properties.publicNetworkAccess, equals: Disabled }"),
        term("on", TASKS, "{ field: properties.status, equals: Enabled }"),
        term("beside", TASKS, "{ of: registry, count: { of: tasks, where: { is: on } }, greater: 1 }"),
    )
}


def policy(require: str, resource_type: str, when: str | None = None) -> Policy:
    parsed = condition(require)
    return Policy(
        id="ACR999",
        name="example",
        title="Things should be good",
        severity=Severity.HIGH,
        status=Status.STABLE,
        since="0.1",
        resources=(resource_type,),
        why="Because.",
        when=None if when is None else condition(when),
        require=parsed,
        messages={verdict: Template.parse("{name}") for verdict in ("pass", "fail", "unknown")},
        remediation=(),
        references=(),
        parameters={},
        exceptions=None,
        spot=parsed.spot,
    )


# a small estate in which much is alike

PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "publicNetworkAccess": st.sampled_from(["Disabled", "Enabled", "", None, 1, True]),
        "anonymousPullEnabled": st.sampled_from([True, False, None]),
        "networkRuleSet": st.sampled_from(
            [
                None,
                "Deny",
                {"defaultAction": "Deny", "ipRules": []},
                {"defaultAction": "Allow", "ipRules": [{"value": "20.42.66.0/24"}, {"value": None}]},
                {"defaultAction": "Allow", "ipRules": [{"value": "20.42.66.0/24"}, {"value": "10.0.0.0/8"}]},
            ]
        ),
        "provisioningState": st.sampled_from(["Succeeded", "Creating", "Failed"]),
        "loginServer": st.sampled_from(["a.azurecr.io", "b.azurecr.io"]),
        "privateEndpointConnections": st.lists(
            st.sampled_from(["one", "two", "gone"]).map(
                lambda name: {"properties": {"privateEndpoint": {"id": f"{NETWORK}/privateEndpoints/{name}"}}}
            ),
            max_size=2,
        ),
    },
)
TASK = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["Enabled", "Disabled", None]),
        "agentPoolName": st.sampled_from(["pool", "other", "", None]),
        "credentials": st.sampled_from(
            [
                None,
                {"customRegistries": {"a.azurecr.io": {"identity": "[system]"}}},
                {"customRegistries": None},
            ]
        ),
    },
)
HOOK = st.fixed_dictionaries({}, optional={"serviceScheme": st.sampled_from([None, "https", ""])})
SEEN = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["arm", "resourceGraph"]),
        "apiVersion": st.sampled_from(["2019-05-01", "2020-11-01-preview", "2025-11-01", None]),
    }
)


@st.composite
def registry(draw: st.DrawFn, name: str) -> list[Json]:
    place = f"{PROVIDER}/{name}"
    rows: list[Json] = []
    if draw(st.integers(0, 4)):
        sku = draw(st.sampled_from([{"name": "Premium"}, {"name": "Basic"}, None]))
        rows.append({"id": place, "sku": sku, "location": "eastus", "properties": draw(PROPERTIES)})
    named = draw(st.sets(st.sampled_from(["daily", "nightly"])))
    rows += [{"id": f"{place}/tasks/{task}", "properties": draw(TASK)} for task in named]
    if draw(st.booleans()):
        rows.append({"id": f"{place}/agentPools/pool", "properties": {"tier": draw(st.sampled_from("AB"))}})
    if draw(st.booleans()):
        rows.append({"id": f"{place}/webhooks/hook", "properties": draw(HOOK)})
    return [{**each, **draw(SEEN)} for each in rows]


@st.composite
def estates(draw: st.DrawFn) -> Inventory:
    rows = [each for name in "abcde" for each in draw(registry(name))]
    for name in ("one", "two"):
        place = draw(st.sampled_from(["eastus", "westus"]))
        rows.append({"id": f"{NETWORK}/privateEndpoints/{name}", "location": place, "properties": {}})
    collected = draw(st.sets(st.sampled_from([TASKS, POOLS, ENDPOINTS, WEBHOOKS])))
    return inventory(*rows, collected={REGISTRIES, *collected}, subscriptions=(SUBSCRIPTION,))


# conditions of every kind

RULES = "properties.networkRuleSet.ipRules[*]"
SERVER = "{registry.properties.loginServer}"
OF_REGISTRIES = (
    "{ field: properties.publicNetworkAccess, equals: Disabled }",
    "{ field: properties.anonymousPullEnabled, equals: false }",
    "{ field: properties.networkRuleSet.defaultAction, notEquals: Deny }",
    "{ field: location, in: [East US] }",
    "{ field: name, in: [a, b, d] }",
    "{ field: id, like: '*c' }",
    '{ field: properties.loginServer, equals: "{name}.azurecr.io" }',
    "{ is: closed }",
    f"{{ count: {{ field: '{RULES}' }}, greater: 1 }}",
    f"{{ count: {{ field: '{RULES}', where: {{ field: value, like: 20* }} }}, equals: 1 }}",
    f'{{ field: "{RULES}.value", insideServiceTag: AzureContainerRegistry.eastus }}',
    "{ count: { of: tasks, where: { is: on } }, greaterOrEquals: 1 }",
    "{ count: { of: agentPools }, less: 1 }",
    "{ of: privateEndpoints, field: location, equals: eastus }",
    "{ count: { of: privateEndpoints, where: { field: location, equals: eastus } }, lessOrEquals: 1 }",
    "{ of: tasks, field: properties.agentPoolName, exists: true }",
)
OF_TASKS = (
    "{ is: on }",
    "{ field: properties.agentPoolName, equals: pool }",
    f'{{ field: "properties.credentials.customRegistries[{SERVER}].identity", exists: true }}',
    "{ of: registry, is: closed }",
    "{ of: agentPool, field: properties.tier, equals: A }",
    '{ field: properties.agentPoolName, notEquals: "{registry.name}" }',
    "{ is: beside }",
)
OF_HOOKS = (
    "{ field: properties.serviceScheme, equals: https }",
    "{ field: properties.serviceHost, exists: true }",
    "{ of: registry, is: closed }",
)


def conditions(leaves: Sequence[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"{{ allOf: [{', '.join(parts)}] }}"),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"{{ anyOf: [{', '.join(parts)}] }}"),
            inner.map(lambda part: f"{{ not: {part} }}"),
        ),
        max_leaves=5,
    )


def requirements(leaves: Sequence[str]) -> st.SearchStrategy[str]:
    """Conditions with named ways below nothing but allOf and anyOf."""
    inner = conditions(leaves)
    way = st.tuples(st.sampled_from(["path", "door"]), inner).map(
        lambda named: f"{{ way: {named[0]}, allOf: [{named[1]}] }}"
    )
    parts = st.lists(st.one_of(way, inner), min_size=1, max_size=3).map(", ".join)
    group = st.tuples(st.sampled_from(["allOf", "anyOf"]), parts).map(
        lambda each: f"{{ {each[0]}: [{each[1]}] }}"
    )
    return st.one_of(
        inner, way, group, st.tuples(group, inner).map(lambda two: f"{{ anyOf: [{', '.join(two)}] }}")
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    kind, leaves = draw(
        st.sampled_from([(REGISTRIES, OF_REGISTRIES), (TASKS, OF_TASKS), (WEBHOOKS, OF_HOOKS)])
    )
    when = draw(st.one_of(st.none(), conditions(leaves)))
    return policy(draw(requirements(leaves)), kind, when)


# pairs that differ in one thing, which each time is to be told apart


def two(**differing: tuple[Any, Any]) -> list[Json]:
    """Two registries that differ in these properties."""
    return [
        {"id": f"{PROVIDER}/{name}", "properties": {key: values[number] for key, values in differing.items()}}
        for number, name in enumerate("ab")
    ]


def tasks(*properties: Json, registries: Sequence[Json] = ({}, {}), name: str = "nightly") -> list[Json]:
    """A task in each of two registries, with the registry's properties."""
    rows: list[Json] = []
    for place, task, registry_ in zip("ab", properties, registries, strict=True):
        rows.append({"id": f"{PROVIDER}/{place}", "properties": registry_})
        rows.append({"id": f"{PROVIDER}/{place}/tasks/{name}", "properties": task})
    return rows


def connected(*names: str) -> list[Json]:
    return [{"properties": {"privateEndpoint": {"id": name}}} for name in names]


def seen(**differing: tuple[str, str]) -> list[Json]:
    """Two registries whose rows were come by in different ways."""
    ways = ({key: values[number] for key, values in differing.items()} for number in (0, 1))
    common = {"source": "resourceGraph", "apiVersion": "2025-11-01"}
    return [{**each, **common, **way} for each, way in zip(two(), ways, strict=True)]


ONE, OTHER = (f"{NETWORK}/privateEndpoints/{name}" for name in ("one", "other"))
ENDPOINT_ROWS: list[Json] = [{"id": ONE, "location": "eastus"}, {"id": OTHER, "location": "eastus"}]
GONE = "/subscriptions/00000000-0000-0000-0000-00000000000f/resourceGroups/x/providers"
LONG = [{"value": f"20.42.66.{number}"} for number in range(9)]


@pytest.mark.parametrize(
    ("rows", "require", "when", "kind"),
    [
        pytest.param(
            [*two(privateEndpointConnections=(connected(ONE, ONE), connected(ONE, OTHER))), *ENDPOINT_ROWS],
            "{ of: privateEndpoints, field: location, equals: westus }",
            None,
            REGISTRIES,
            id="whom a relation leads to twice",
        ),
        pytest.param(
            [*two(privateEndpointConnections=(connected(ONE, ONE), connected(ONE, OTHER))), *ENDPOINT_ROWS],
            "{ field: properties.publicNetworkAccess, exists: true }",
            "{ of: privateEndpoints, field: location, equals: westus }",
            REGISTRIES,
            id="whom a relation of `when` leads to twice",
        ),
        pytest.param(
            two(
                privateEndpointConnections=(
                    connected(f"{GONE}/Microsoft.Network/privateEndpoints/x"),
                    connected(f"{GONE}/Microsoft.Network/privateEndpoints/y"),
                )
            ),
            "{ of: privateEndpoints, field: location, equals: westus }",
            None,
            REGISTRIES,
            id="why one could not be seen",
        ),
        pytest.param(
            two(publicNetworkAccess=(True, 1)),
            "{ field: properties.publicNetworkAccess, equals: true }",
            None,
            REGISTRIES,
            id="true and 1",
        ),
        pytest.param(
            two(),
            "{ field: name, like: a* }",
            None,
            REGISTRIES,
            id="names that the rows leave out",
        ),
        pytest.param(
            two(),
            "{ field: properties.publicNetworkAccess, exists: false }",
            "{ field: id, like: '*b' }",
            REGISTRIES,
            id="ids",
        ),
        pytest.param(
            two(publicNetworkAccess=(0.0, -0.0)),
            "{ field: properties.publicNetworkAccess, equals: 1 }",
            None,
            REGISTRIES,
            id="zeros",
        ),
        pytest.param(
            two(publicNetworkAccess=(1, 1.0)),
            "{ field: properties.publicNetworkAccess, equals: 2 }",
            None,
            REGISTRIES,
            id="1 and 1.0",
        ),
        pytest.param(
            tasks({"credentials": None}, {"credentials": ""}),
            "{ field: properties.credentials.sourceRegistry.loginMode, equals: None }",
            None,
            TASKS,
            id="null, which a list may keep back, and empty",
        ),
        pytest.param(
            [
                *tasks({"status": "Enabled"}, {"status": "Disabled"}, name="daily"),
                *tasks({"status": "Disabled"}, {"status": "Enabled"})[1::2],
            ],
            "{ count: { of: tasks, where: { is: on } }, equals: 1 }",
            None,
            REGISTRIES,
            id="which of them is counted",
        ),
        pytest.param(
            [
                *tasks({"status": "Enabled"}, {}, name="daily")[:2],
                *tasks({}, {"status": "Enabled"})[2:],
            ],
            "{ count: { of: tasks, where: { is: on } }, equals: 1 }",
            None,
            REGISTRIES,
            id="the name of what is counted",
        ),
        pytest.param(
            tasks(
                *[{"credentials": {"customRegistries": {"x.io": {"identity": "me"}, "y.io": {}}}}] * 2,
                registries=({"loginServer": "x.io"}, {"loginServer": "y.io"}),
            ),
            '{ field: "properties.credentials.customRegistries[{registry.properties.loginServer}].identity",'
            " exists: true }",
            None,
            TASKS,
            id="what fills a name in a path",
        ),
        pytest.param(
            tasks({"agentPoolName": "a"}, {"agentPoolName": "a"}),
            '{ field: properties.agentPoolName, equals: "{registry.name}" }',
            None,
            TASKS,
            id="what a field is compared with",
        ),
        pytest.param(
            tasks({"agentPoolName": "pool"}, {"agentPoolName": "pool"}),
            "{ of: agentPool, field: properties.tier, equals: A }",
            None,
            TASKS,
            id="whose list would show a pool",
        ),
        pytest.param(
            [{"id": f"{PROVIDER}/{name}/tasks/nightly"} for name in "ab"],
            "{ of: registry, is: closed }",
            None,
            TASKS,
            id="whose parent could not be seen",
        ),
        pytest.param(
            [
                {"id": f"{PROVIDER}/{name}/webhooks/hook", "properties": properties}
                for name, properties in zip(
                    "abc", ({}, {"serviceScheme": None}, {"serviceScheme": ""}), strict=True
                )
            ],
            "{ field: properties.serviceHost, exists: true }",
            None,
            WEBHOOKS,
            id="whether the address was asked for",
        ),
        pytest.param(
            seen(apiVersion=("2020-11-01-preview", "2023-07-01")),
            "{ field: properties.anonymousPullEnabled, equals: false }",
            None,
            REGISTRIES,
            id="the version a row was read by",
        ),
        pytest.param(
            two(provisioningState=("Creating", "Failed")),
            "{ field: properties.publicNetworkAccess, equals: Disabled }",
            None,
            REGISTRIES,
            id="the state a row was read in",
        ),
        pytest.param(
            seen(source=("arm", "resourceGraph")),
            "{ field: properties.networkRuleBypassAllowedForTasks, equals: true }",
            None,
            REGISTRIES,
            id="who showed a row",
        ),
        pytest.param(
            two(privateEndpointConnections=(connected(f"{GONE}/Microsoft.Network/privateEndpoints/x"), [])),
            "{ count: { of: privateEndpoints, where: { field: location, equals: westus } }, equals: 0 }",
            None,
            REGISTRIES,
            id="who may be counted too",
        ),
        pytest.param(
            [
                *tasks({"status": "Enabled"}, {"status": "Enabled"}, name="daily"),
                *tasks({"provisioningState": "Creating"}, {"status": "Disabled"})[1::2],
            ],
            "{ count: { of: tasks, where: { is: on } }, greaterOrEquals: 1 }",
            None,
            REGISTRIES,
            id="what is unsure and does not matter",
        ),
        pytest.param(
            [*two(), *({"id": f"{PROVIDER}/{name}/webhooks/hook"} for name in "ab")],
            "{ count: { of: webhooks, where: { field: properties.serviceHost, exists: true } }, equals: 0 }",
            None,
            REGISTRIES,
            id="what takes an opt-in read",
        ),
        pytest.param(
            two(networkRuleSet=({"ipRules": LONG}, {"ipRules": LONG[1:]})),
            f"{{ count: {{ field: '{RULES}' }}, greater: 1 }}",
            None,
            REGISTRIES,
            id="long arrays",
        ),
        pytest.param(
            two(publicNetworkAccess=("Disabled", "Enabled")),
            "{ anyOf: [{ way: shut, is: closed }, { way: ajar, not: { is: closed } }] }",
            None,
            REGISTRIES,
            id="a way that does not hold beside one that does",
        ),
    ],
)
def test_what_differs_is_told_of_each(rows: list[Json], require: str, when: str | None, kind: str) -> None:
    for vouched in (False, True):
        of = inventory(*rows, collected=None if vouched else {REGISTRIES, TASKS, WEBHOOKS, ENDPOINTS})
        # once more in the other order: facts are shared with the first resource of a kind
        backwards = replace(of, resources=dict(reversed(list(of.resources.items()))))
        for each in (of, backwards):
            assert agree_on(each, tag_table(), [policy(require, kind, when)], TERMS) > 1


@given(estates(), st.lists(policies(), min_size=1, max_size=3))
def test_of_any_estate_any_policy_tells_what_the_evaluator_does(
    of: Inventory, asked: Sequence[Policy]
) -> None:
    for number, each in enumerate(asked):
        agree_on(of, tag_table(), [Policy(**{**fields_of(each), "id": f"ACR{number:03d}"})], TERMS)


def fields_of(of: Policy) -> dict[str, Any]:
    return {name: getattr(of, name) for name in Policy.__struct_fields__}
