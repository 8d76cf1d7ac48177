"""Inventories, conditions and service tags from the texts that people and Azure write."""

from collections.abc import Iterable, Mapping
from typing import Any

from reference.evaluate import Evaluator
from reference.judgement import Judgement, Leaf

from scanner.engine.compile.compiler import Compiler
from scanner.engine.compile.condition import to_code
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Gap, Inventory, Read, by_id
from scanner.model.resource import Row
from scanner.network.service_tags import parse_service_tags
from scanner.policy.model import Condition, Term
from scanner.policy.parse import Parser
from scanner.sources.rows.row_parser import parse_row
from scanner.text.yaml import parse_yaml

Json = dict[str, Any]

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
OTHER_SUBSCRIPTION = "00000000-0000-0000-0000-000000000002"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/Shop"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"
TASK = f"{REGISTRY}/tasks/nightly"
POOL = f"{REGISTRY}/agentPools/pool1"
WEBHOOK = f"{REGISTRY}/webhooks/notify"

REGISTRIES = "microsoft.containerregistry/registries"
POOLS = f"{REGISTRIES}/agentpools"

TAGS: Json = {
    "AzureContainerRegistry.eastus": ["20.42.66.0/24", "40.71.10.216/29", "2603:1030:210:402::90/125"],
    "AzureContainerRegistry.WestUS": ["13.64.180.0/24"],
    "AzureContainerRegistry.Nowhere6": ["2603:1030::/32"],
}


def row(found: Mapping[str, Any]) -> Row:
    """A row as a snapshot holds it: `source` and `apiVersion` in it, or ARM at 2025-11-01."""
    parsed = parse_row({"source": "arm", "apiVersion": "2025-11-01", **found}, where="test")
    assert isinstance(parsed, Row), parsed
    return parsed


def inventory(
    *rows: Mapping[str, Any],
    collected: Iterable[str] | None = (),
    gaps: Iterable[Gap] = (),
    reads: Iterable[Read] = (),
    subscriptions: Iterable[str] = (SUBSCRIPTION,),
    cloud: str = "Public",
) -> Inventory:
    """Rows, and what was collected: nothing but the rows themselves unless a test says so."""
    return Inventory(
        by_id(map(row, rows)),
        None if collected is None else frozenset(collected),
        tuple(gaps),
        tuple(reads),
        (),
        frozenset(subscriptions),
        cloud,
    )


def tag_table(tags: Mapping[str, Any] | None = TAGS, cloud: str = "Public", of: str = "Public") -> TagTable:
    """Service tags of a cloud `of` a file, for registries of a cloud."""
    if tags is None:
        return TagTable(None, cloud)
    values = [{"name": name, "properties": {"addressPrefixes": prefixes}} for name, prefixes in tags.items()]
    document = {"cloud": of, "values": values}
    return TagTable(parse_service_tags(document, source="file", published=None), cloud)


def world(of: Inventory, tags: TagTable | None = None) -> InventoryWorld:
    """The world of a scan."""
    return InventoryWorld(of, tag_table() if tags is None else tags)


def condition(text: str) -> Condition:
    """A condition as a policy writes it."""
    document = parse_yaml(text, "condition.yaml")
    parser = Parser(document)
    parsed = parser.condition(document.data, (), ways=True)
    assert parser.problems == []
    return parsed


def term(name: str, resource: str, text: str) -> Term:
    """A term as `_terms.yaml` writes it."""
    parsed = condition(text)
    return Term(name, "A word.", resource.lower(), parsed, parsed.spot)


def judged(
    text: str,
    of: Inventory,
    resource: str = REGISTRY,
    *,
    tags: TagTable | None = None,
    terms: Iterable[Term] = (),
    parameters: Mapping[str, Any] | None = None,
) -> Judgement:
    """What a condition says of a resource; compiled, it says the same."""
    evaluator = Evaluator(world(of, tags), {each.name: each for each in terms})
    asked, about = condition(text), of.resources[resource.lower()]
    found = evaluator.judge(asked, about, parameters or {})
    compiled = Compiler(evaluator.world, evaluator.terms).on_resource(asked, parameters or {})
    assert compiled.truth(about, about) == to_code(found.truth)
    assert compiled.grounds(about, about).truth == to_code(found.truth)
    return found


def said(judgement: Judgement) -> list[str]:
    """The evidence, as a console prints it: name, field, text."""
    return [line(leaf) for leaf in judgement.because()]


def line(leaf: Leaf) -> str:
    """One leaf as a console prints it."""
    return f"{leaf.resource.rsplit('/', 1)[-1]}: {leaf.sentence}"
