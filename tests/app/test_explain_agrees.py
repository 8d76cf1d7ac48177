"""Explain and the policies answer alike: on the sample, and on all that was recorded of Azure."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from recordings import CORPORA
from test_real_data import WEEKLY, everything

from scanner.app.explain import access_of
from scanner.app.options import ScanOptions
from scanner.app.scan.run import collect_and_judge
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.resource import Resource, parent_key
from scanner.model.truth import Truth
from scanner.result.access import Access, Entry
from scanner.result.finding import Finding, Verdict
from scanner.result.report import REGISTRIES

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"
VERDICTS = {Truth.TRUE: Verdict.PASS, Truth.FALSE: Verdict.FAIL, Truth.UNKNOWN: Verdict.UNKNOWN}


@dataclass(frozen=True)
class Both:
    """The table of every registry, and the findings by policy and resource."""

    tables: Sequence[Access]
    findings: Mapping[tuple[str, str], Finding]

    def finding(self, policy: str, of: Resource | str) -> Finding:
        return self.findings[policy, of.lower() if isinstance(of, str) else of.key]


def both(asked: ScanOptions) -> Both:
    seen = collect_and_judge(asked)
    world = InventoryWorld(seen.inventory, TagTable(seen.tags, seen.inventory.cloud))
    tables = [access_of(world, registry) for registry in seen.inventory.of_type(REGISTRIES)]
    return Both(tables, {(each.policy.id, each.resource.key): each for each in seen.report.findings})


def closed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A recorded registry that somebody closed since; anything else as it is."""
    if body["type"].lower() != REGISTRIES or "properties" not in body:
        return body
    rules = {**(body["properties"].get("networkRuleSet") or {}), "defaultAction": "Deny"}
    properties = {**body["properties"], "networkRuleSet": rules}
    return {**body, "sku": {"name": "Premium"}, "properties": properties}


@pytest.fixture(
    scope="module",
    params=["contoso", *product(CORPORA, ["", "all there", "all closed"])],
    ids=lambda param: param if isinstance(param, str) else f"{param[0].name}, {param[1]}".rstrip(", "),
)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """The sample; what was recorded; where nothing else exists; and if it were all closed."""
    if request.param == "contoso":
        return both(ScanOptions(CONTOSO))
    corpus, how = request.param
    path = tmp_path_factory.mktemp("recorded") / "rows.ndjson"
    change = closed if how == "all closed" else dict
    path.write_text("".join(json.dumps(change(body)) + "\n" for body in everything(corpus)), "utf-8")
    return both(ScanOptions(path, service_tags=corpus.folder / WEEKLY, assume_complete=how != ""))


def rows(table: Access, *kinds: str) -> list[Entry]:
    return [entry for entry in table.entries if entry.kind in kinds]


def row(table: Access, kind: str) -> Entry:
    [found] = rows(table, kind)
    return found


def compared(seen: Both, wrong: Callable[[Access], object]) -> None:
    """No registry of which something is wrong; and there are registries."""
    found = {table.registry.id: fault for table in seen.tables if (fault := wrong(table))}
    assert seen.tables
    assert found == {}


@pytest.mark.slow
def test_the_internet_gets_in_where_acr101_fails(seen: Both) -> None:
    def wrong(table: Access) -> object:
        verdict = seen.finding("ACR101", table.registry).verdict
        reaches = row(table, "internet").reaches
        return reaches is None or VERDICTS[reaches.negated()] is not verdict

    compared(seen, wrong)


@pytest.mark.slow
def test_a_task_has_the_verdict_and_the_ways_of_acr201(seen: Both) -> None:
    judged = defaultdict[Verdict, int](int)

    def wrong(table: Access) -> object:
        faults = []
        for entry in rows(table, "task"):
            if entry.resource is not None:
                finding = seen.finding("ACR201", entry.resource)
                judged[finding.verdict] += 1
                if not alike(entry, finding, row(table, "internet")):
                    faults.append((entry, finding.verdict, finding.ways))
        return faults

    def alike(entry: Entry, finding: Finding, internet: Entry) -> bool:
        if finding.verdict is Verdict.NOT_APPLICABLE:
            idle = entry.reaches is None and entry.by.startswith(("disabled", "a system task"))
            return idle or (internet.reaches is Truth.TRUE and entry.reaches is Truth.TRUE)
        return (
            entry.reaches is not None
            and VERDICTS[entry.reaches] is finding.verdict
            and entry.ways == finding.ways
        )

    compared(seen, wrong)
    registries = {table.registry.key for table in seen.tables}
    tasks = [key for policy, key in seen.findings if policy == "ACR201" and parent_key(key) in registries]
    assert sum(judged.values()) == len(tasks) > 0


def test_quick_runs_have_the_verdict_and_the_ways_of_acr211(seen: Both) -> None:
    def wrong(table: Access) -> object:
        entry, finding = row(table, "quick-run"), seen.finding("ACR211", table.registry)
        if finding.verdict is Verdict.NOT_APPLICABLE:
            return entry.reaches is not Truth.TRUE or entry.ways
        return (
            entry.reaches is None
            or VERDICTS[entry.reaches] is not finding.verdict
            or entry.ways != finding.ways
        )

    compared(seen, wrong)


def test_trusted_services_get_in_where_neither_acr301_nor_acr303_fails(seen: Both) -> None:
    def wrong(table: Access) -> object:
        entry = row(table, "trusted-services")
        verdicts = {seen.finding(policy, table.registry).verdict for policy in ("ACR301", "ACR303")}
        if Verdict.FAIL in verdicts:
            return entry.reaches is not Truth.FALSE
        return verdicts == {Verdict.PASS} and entry.reaches is not Truth.TRUE

    compared(seen, wrong)


def test_whoever_is_in_use_is_whom_acr301_and_acr302_know_of(seen: Both) -> None:
    def wrong(table: Access) -> object:
        said = row(table, "trusted-services").evidence
        used = any(line.startswith("in use: ") for line in said)
        doubted = any(line.startswith("in use? ") for line in said)
        match seen.finding("ACR302", table.registry).verdict:
            case Verdict.PASS:
                return not used
            case Verdict.FAIL:
                return used or doubted
            case Verdict.UNKNOWN:
                return used
        return seen.finding("ACR301", table.registry).verdict is Verdict.FAIL and not used

    compared(seen, wrong)


def test_an_entrance_of_acr102_is_a_row_that_says_yes(seen: Both) -> None:
    def wrong(table: Access) -> object:
        finding = seen.finding("ACR102", table.registry)
        endpoints = {entry.reaches for entry in rows(table, "private-endpoint")}
        rules = {entry.reaches for entry in rows(table, "ip-rule", "subnet")}
        faults = []
        if finding.verdict is not Verdict.NOT_APPLICABLE:
            faults += ["endpoint"] * (("private-endpoint" in finding.ways) != (Truth.TRUE in endpoints))
            faults += ["rules"] * (Truth.TRUE in rules and "network-rules" not in finding.ways)
        if finding.verdict is Verdict.FAIL:
            faults += ["entrance"] * (bool({Truth.TRUE, Truth.UNKNOWN} & (endpoints | rules)))
        return faults

    compared(seen, wrong)


def test_dns_leads_to_the_endpoints_where_acr601_passes(seen: Both) -> None:
    def wrong(table: Access) -> object:
        finding = seen.finding("ACR601", table.registry)
        lines = [line for entry in rows(table, "private-endpoint") for line in entry.evidence]
        astray = any(line.startswith(("DNS leads to the public", "DNS is not whole")) for line in lines)
        match finding.verdict:
            case Verdict.PASS:
                return not lines or not all(line.startswith("DNS leads to it") for line in lines)
            case Verdict.FAIL:
                return not astray
            case _:
                return astray

    compared(seen, wrong)


def test_what_is_compared_has_every_verdict_on_tasks() -> None:
    found = both(ScanOptions(CONTOSO)).findings

    verdicts = {each.verdict for (policy, _), each in found.items() if policy == "ACR201"}
    assert verdicts >= {Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}


def test_the_table_of_every_registry_has_every_kind_of_row_that_always_is(seen: Both) -> None:
    always = {"internet", "trusted-services", "quick-run", "home-region"}

    compared(seen, lambda table: always - {entry.kind for entry in table.entries})
