"""The table of a scan's findings: each once, in order, whichever way somebody looks at it."""

from operator import itemgetter

import pytest
from made_findings import Told

from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload, scan
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Row, Source
from scanner.model.store import ResourceList
from scanner.policy.load import builtin_folder, load
from scanner.result.finding import Explanation, Finding, Verdict
from scanner.result.finding_table import BATCH_SIZE, FindingTable, PolicyResults
from scanner.result.gate import Gate

PACK = load([builtin_folder()])
PROVIDER = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers"
REGISTRIES = "microsoft.containerregistry/registries"
SIZES = [0, 1, BATCH_SIZE, BATCH_SIZE + 1, 3 * BATCH_SIZE]


def inventory(count: int) -> Inventory:
    registries = [
        f"{PROVIDER}/Microsoft.ContainerRegistry/registries/r{number:05}" for number in range(count)
    ]
    rows = [Row(each, REGISTRIES, {"id": each}, Source.ARM, "2025-11-01") for each in registries]
    for each in registries[::3]:
        task = f"{each}/tasks/t"
        rows.append(Row(task, f"{REGISTRIES}/tasks", {"id": task}, Source.ARM, "2019-04-01"))
    return Inventory(by_id(rows))


def judged(count: int) -> FindingTable:
    policies = [policy for policy in PACK.policies if policy.id in {"ACR101", "ACR202", "ACR901"}]
    tags = TagTable(None, "Public")
    return scan(
        Workload.where(
            lambda _: True, inventory(count), tags, policies, PACK.terms, gate=Gate(), parameters={}
        )
    )


def places(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(each.policy.id, each.resource.key) for each in findings]


@pytest.mark.parametrize("count", SIZES)
def test_each_finding_is_there_once_by_policy_and_resource(count: int) -> None:
    found = judged(count)
    everything = places([*found])
    assert len(found) == len(everything) == 2 * count + -(-count // 3)
    assert everything == sorted({*everything})
    assert [(policy.id, ruling.verdict) for policy, ruling in found.rulings()] == [
        (each.policy.id, each.verdict) for each in found
    ]


@pytest.mark.parametrize("count", SIZES)
def test_findings_have_the_same_numbers_in_every_order(count: int) -> None:
    found = judged(count)
    in_order = list(enumerate(found))

    assert [(n, *places([each])) for n, each in found.at(range(0, len(found), 3))] == [
        (n, *places([each])) for n, each in in_order[::3]
    ]
    by_resource = places([*found.by_resource({*Verdict})])
    assert by_resource == sorted(places([*found]), key=itemgetter(1, 0))
    in_batches = [each for batch in found.by_batch() for _, findings in batch for each in findings]
    assert sorted(places(in_batches)) == places([*found])
    for verdict in Verdict:
        those = [(n, *places([each])) for n, each in in_order if each.verdict is verdict]
        assert [(n, *places([each])) for n, each in found.with_verdicts({verdict})] == those


def test_a_batch_holds_all_findings_on_some_resources() -> None:
    last = ""
    for batch in judged(3 * BATCH_SIZE).by_batch():
        keys = [each.resource.key for _, findings in batch for each in findings]
        assert min(keys) > last
        last = max(keys)


def test_a_table_of_which_a_ruling_is_missing_is_no_table() -> None:
    resources = ResourceList([*inventory(3).resources.values()])
    results = PolicyResults(PACK.policies[0], resources, Told(Explanation("")))
    with pytest.raises(AssertionError, match="0 of 4 findings of ACR101 were judged"):
        FindingTable([results]).check()
