"""Compiled conditions say what the reference says, of many resources in a row: they mix up nothing."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import bench
import pytest
import shipped_pack
from agreement import agree_on, of_leaf, shown
from engine_rows import GROUP, Json, condition, inventory, term, world
from reference.evaluate import Evaluator
from reference.grounds import grounds

from scanner.engine.compile.compiler import Compiler
from scanner.engine.compile.condition import FALSE, UNKNOWN, to_code
from scanner.engine.compile.policy import ways_of
from scanner.engine.fields.opt_in import uses_opt_in_field
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Gap
from scanner.sources.files.snapshot import read_snapshot

REGISTRIES = "microsoft.containerregistry/registries"
TASKS = f"{REGISTRIES}/tasks"
PROPERTIES: tuple[Json, ...] = (
    {},
    {"publicNetworkAccess": None, "networkRuleSet": None},
    {"publicNetworkAccess": "", "networkRuleSet": ""},
    {"publicNetworkAccess": "disabled", "networkRuleSet": {}},
    {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": None, "ipRules": []}},
    {"publicNetworkAccess": 1, "networkRuleSet": []},
    {"publicNetworkAccess": True, "networkRuleSet": "Deny"},
    {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "20.42.66.0/24"}, {}, None, "x"]}},
    {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": None}, {"value": "10.0.0.0/8"}]}},
    {"networkRuleSet": {"ipRules": {"value": "20.42.66.0/24"}}},
    {"anonymousPullEnabled": False, "networkRuleBypassAllowedForTasks": True},
)
VERSIONS = ("2019-05-01", "2020-11-01-preview", "2023-07-01", "2025-11-01", None)
STATES = ("Succeeded", "Creating", None)
SKUS = ("Premium", "Basic", None)
RULES = 'field: "properties.networkRuleSet.ipRules[*].value"'
CONDITIONS = (
    "{ field: properties.publicNetworkAccess, equals: Disabled }",
    "{ field: properties.publicNetworkAccess, notEquals: Disabled }",
    "{ field: properties.publicNetworkAccess, exists: true }",
    "{ field: properties.publicNetworkAccess, exists: false }",
    "{ field: properties.publicNetworkAccess, equals: true }",
    "{ field: properties.publicNetworkAccess, equals: 1 }",
    "{ field: properties.publicNetworkAccess, notIn: [Disabled, 1] }",
    "{ field: properties.publicNetworkAccess, like: dis* }",
    '{ field: properties.publicNetworkAccess, equals: "{param.word}" }',
    '{ field: properties.publicNetworkAccess, equals: "{properties.networkRuleSet.defaultAction}" }',
    "{ field: properties.networkRuleSet.defaultAction, equals: Deny }",
    "{ field: properties.networkRuleSet.ipRules, contains: x }",
    "{ field: properties.anonymousPullEnabled, equals: false }",
    "{ field: properties.networkRuleBypassAllowedForTasks, notEquals: true }",
    "{ field: location, equals: East US }",
    "{ not: { field: properties.networkRuleSet.defaultAction, exists: true } }",
    "{ allOf: [{ field: properties.publicNetworkAccess, exists: true }, { of: tasks, is: on }] }",
    '{ count: { field: "properties.networkRuleSet.ipRules[*]" }, greaterOrEquals: 1 }',
    '{ count: { field: "properties.networkRuleSet.ipRules[*]" }, notEquals: 2 }',
    '{ count: { field: "properties.networkRuleSet.ipRules[*]" }, less: "{param.most}" }',
    """
    count: { field: "properties.networkRuleSet.ipRules[*]", where: { field: value, exists: true } }
    equals: 1
    """,
    """
    count:
      field: "properties.networkRuleSet.ipRules[*]"
      where:
        allOf: [{ field: value, notEquals: 10.0.0.0/8 }, { not: { field: value, publicIPv4: false } }]
    less: 1
    """,
    """
    count:
      field: "properties.networkRuleSet.ipRules[*]"
      where: { anyOf: [{ field: value, prefixLengthLess: 16 }, { field: value, equals: "{location}" }] }
    greater: 0
    """,
    f"{{ {RULES}, overlapsServiceTag: 'AzureContainerRegistry.{{location}}' }}",
    f"{{ {RULES}, coversServiceTag: AzureContainerRegistry.WestUS }}",
    "{ count: { of: tasks, where: { field: properties.status, equals: Enabled } }, greaterOrEquals: 1 }",
    "{ of: tasks, field: properties.status, notEquals: Enabled }",
    "{ is: closed }",
)
TERMS = {
    "closed": term(
        "closed",
        REGISTRIES,
        "anyOf: [{ field: properties.publicNetworkAccess, equals: Disabled },"
        " { field: properties.networkRuleSet.defaultAction, equals: Deny }]",
    )
}
TERMS["on"] = term("on", TASKS, "{ field: properties.status, equals: Enabled }")
PARAMETERS = {"word": "Enabled", "most": 2}


def rows() -> Iterator[Json]:
    """A registry of each kind, twice: of ARM and of Resource Graph; every third has a task."""
    shapes = product(("arm", "resourceGraph"), VERSIONS, STATES, SKUS, PROPERTIES)
    for number, (source, version, state, sku, properties) in enumerate(shapes):
        identifier = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso{number}"
        body: Json = {
            "id": identifier,
            "location": ("eastus", "westus")[number % 2],
            "source": source,
            "apiVersion": version,
        }
        body["sku"] = None if sku is None else {"name": sku}
        body["properties"] = {**properties, "provisioningState": state}
        yield body
        if number % 3 == 0:
            status = {"properties": {"status": ("Enabled", "Disabled")[number % 2]}}
            yield {"id": f"{identifier}/tasks/t", "apiVersion": "2019-04-01", **status}


def gap(
    name: str, what: str = "properties.networkRuleSet", reason: str = "refused", help_: str | None = None
) -> Gap:
    """A refused read of one registry's rules, or of something else."""
    where = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}".lower()
    return Gap(f"{REGISTRIES}/{what}", where, reason, help_)


@pytest.mark.parametrize("gaps", [(), (gap("contoso1"), gap("contoso199"))])
@pytest.mark.parametrize("text", CONDITIONS)
def test_compiled_and_evaluated_agree_on_every_kind_of_row(text: str, gaps: tuple[Gap, ...]) -> None:
    there = world(inventory(*rows(), gaps=gaps, collected={REGISTRIES, TASKS}))
    evaluator = Evaluator(there, TERMS)
    asked = condition(text)
    compiled = Compiler(there, TERMS).on_resource(asked, PARAMETERS)
    registries = there.inventory.of_type(REGISTRIES)
    evaluated = {each.name: to_code(evaluator.judge(asked, each, PARAMETERS).truth) for each in registries}
    assert {each.name: compiled.truth(each, each) for each in registries} == evaluated
    assert len(set(evaluated.values())) > 1, "the rows do not tell this condition from a constant"


OF_OTHERS = (
    "{ of: agentPools, field: properties.count, greater: 0 }",
    "{ of: tasks, is: on }",
    "{ of: tasks, not: { field: properties.agentPoolName, exists: true } }",
    "{ count: { of: agentPools }, equals: 0 }",
    "{ count: { of: agentPools }, greaterOrEquals: 0 }",
    '{ count: { of: agentPools }, less: "{param.most}" }',
    '{ count: { of: tasks }, less: "{properties.most}" }',
    "{ count: { of: tasks, where: { field: properties.agentPoolName, equals: p } }, less: 1 }",
    '{ count: { field: "properties.networkRuleSet.virtualNetworkRules[*]" }, less: 1 }',
    '{ count: { field: "properties.networkRuleSet.virtualNetworkRules[*]" }, less: "{location}" }',
    f"{{ {RULES}, insideServiceTag: AzureContainerRegistry.WestUS }}",
)


POOLS = (
    gap("contoso1", "agentpools", "refused", "ask"),
    gap("contoso2", "agentpools", "refused", "wait"),
    gap("contoso3", "agentpools", "broken off", "wait"),
)


@pytest.mark.parametrize("gaps", [(), (gap("contoso1"), gap("contoso199")), POOLS])
@pytest.mark.parametrize("text", CONDITIONS + OF_OTHERS)
def test_what_decided_is_what_the_evaluator_says(text: str, gaps: tuple[Gap, ...]) -> None:
    there = world(inventory(*rows(), gaps=gaps, collected={REGISTRIES, TASKS}))
    agree_on_grounds(text, there)


def test_why_a_relation_is_not_known_is_told_of_each_row() -> None:
    task = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso/tasks/t"
    shown = product(("arm", "resourceGraph"), ("2018-09-01", "2019-04-01", "2025-03-01-preview", None))
    tasks: list[Json] = [
        {"id": f"{task}{number}", "source": source, "apiVersion": version, "properties": {}}
        for number, (source, version) in enumerate(shown)
    ]
    there = world(inventory(*tasks))
    assert agree_on_grounds("{ of: agentPool, field: properties.count, equals: 1 }", there, TASKS) == len(
        tasks
    )
    assert agree_on_grounds("{ count: { of: agentPool }, equals: 1 }", there, TASKS) == len(tasks)


def agree_on_grounds(text: str, there: InventoryWorld, kind: str = REGISTRIES) -> int:
    """How many facts of a condition there are, of all resources of a type one after the other."""
    asked, evaluator, number = condition(text), Evaluator(there, TERMS), 0
    compiled = Compiler(there, TERMS).on_resource(asked, PARAMETERS)
    for each in there.inventory.of_type(kind):
        judgement = evaluator.judge(asked, each, PARAMETERS)
        found = compiled.grounds(each, each)
        assert found.truth == to_code(judgement.truth), each.name
        evidence = [shown(one) for one in found.evidence]
        assert evidence == [shown(of_leaf(leaf, way)) for way, leaf in grounds(judgement)], each.name
        number += len(evidence)
    return number


def test_a_row_that_does_not_show_an_array_leaves_the_say_to_one_that_does() -> None:
    row: Json = {"id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"}
    arm = {**row, "apiVersion": "2019-05-01", "source": "arm", "properties": {}}
    rules = [{"id": "one"}, "two"]
    properties = {"networkRuleSet": {"virtualNetworkRules": rules}}
    graph = {**row, "apiVersion": "2026-03-01-preview", "source": "resourceGraph", "properties": properties}
    text = """
    count: { field: "properties.networkRuleSet.virtualNetworkRules[*]", where: { field: id, equals: one } }
    less: 2
    """
    assert agree_on_grounds(text, world(inventory(arm, graph))) > 1


def test_the_best_row_that_shows_a_field_has_the_say() -> None:
    row: Json = {"id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"}
    old = {**row, "apiVersion": "2019-05-01", "source": "resourceGraph", "properties": {"a": {"b": 1}}}
    new = {**row, "apiVersion": "2025-11-01", "source": "arm", "properties": {"a": None}}
    there = world(inventory(old, new))
    evaluator = Evaluator(there, {})
    asked = condition("{ field: properties.a.b, exists: true }")
    (registry,) = there.inventory.of_type(REGISTRIES)
    truth = evaluator.judge(asked, registry, {}).truth
    assert Compiler(there, {}).on_resource(asked, {}).truth(registry, registry) == to_code(truth)


def test_what_a_list_keeps_back_is_not_what_is_missing() -> None:
    shown: dict[str, Json] = {"absent": {}, "null": {"credentials": None}, "empty": {"credentials": ""}}
    registry = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"
    tasks = [{"id": f"{registry}/tasks/{name}", "properties": shown[name]} for name in shown]
    there = world(inventory(*({**task, "apiVersion": "2019-04-01"} for task in tasks)))
    asked = condition("{ field: properties.credentials.sourceRegistry.loginMode, equals: None }")
    compiled = Compiler(there, {}).on_resource(asked, {})
    found = {each.name: compiled.truth(each, each) for each in there.inventory.of_type(TASKS)}
    assert found == {"absent": FALSE, "null": UNKNOWN, "empty": FALSE}


@pytest.mark.slow
def test_the_pack_finds_what_its_conditions_evaluate_to(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    bench.write(path, 150)
    pack = shipped_pack.pack()
    snapshot = read_snapshot(path)
    tags = TagTable(snapshot.service_tags, snapshot.cloud)
    assert agree_on(snapshot.inventory, tags, pack.policies, pack.terms) > len(snapshot.inventory.resources)


def test_ways_are_those_of_the_requirement_in_order() -> None:
    asked = condition("""
        anyOf:
          - { way: a, field: properties.x, equals: 1 }
          - allOf: [{ way: b, field: properties.x, equals: 2 }, { field: properties.y, exists: true }]
    """)
    compiled = Compiler(world(inventory()), {}).on_resource(asked, {})
    assert [way.name for way in ways_of(compiled)] == ["a", "b"]


def test_what_takes_an_opt_in_read_is_known_beforehand() -> None:
    pack = shipped_pack.pack()
    asking = {policy.id for policy in pack.policies if uses_opt_in_field(policy, pack.terms)}
    assert asking == {"ACR401", "ACR402"}
