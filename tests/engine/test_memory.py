"""Findings of resources that are not kept say later what they said at once."""

from array import array

import pytest

from scanner.engine import memory
from scanner.engine.gate import Gate
from scanner.engine.memory import Memory
from scanner.engine.precedents import Precedent
from scanner.engine.scan import judge_of, judged
from scanner.engine.tags import TagTable
from scanner.engine.verdict import Judge, Retold
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Row, Source
from scanner.policy.load import builtin_folder, load
from scanner.result.finding import Finding
from scanner.result.findings import Repeated, Stretch, Stretches

PROVIDER = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers"
REGISTRY = "microsoft.containerregistry/registries"
PACK = load([builtin_folder()])
ASKED = tuple(policy for policy in PACK.policies if policy.id in {"ACR101", "ACR102", "ACR107"})


def inventory(count: int) -> Inventory:
    """Registries, each third alike, and each of the rest unlike all others."""
    rows = []
    for number in range(count):
        spelt = f"{PROVIDER}/Microsoft.ContainerRegistry/registries/r{number:04}"
        rules = [{"value": f"20.0.{number // 250}.{number % 250}", "action": "Allow"}] if number % 3 else []
        properties = {
            "publicNetworkAccess": "Enabled",
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": rules},
            "provisioningState": "Succeeded",
        }
        body = {"id": spelt, "sku": {"name": "Premium"}, "properties": properties}
        rows.append(Row(spelt, REGISTRY, body, Source.ARM, "2025-11-01"))
    return Inventory(by_id(rows))


def judge(there: Inventory) -> Judge:
    return judge_of(there, TagTable(None, "Public"), PACK.terms, Gate(), {})


def findings(there: Inventory) -> Stretches:
    return judged(judge(there), ASKED, there.of_type(REGISTRY))


def said(finding: Finding) -> tuple[object, ...]:
    shown = [(each.resource, each.way, each.ground.sentence) for each in finding.evidence]
    remedies = finding.remediation
    return finding.policy.id, finding.resource.key, finding.verdict, finding.message, shown, remedies


@pytest.mark.parametrize("most", [0, 1, 512])
def test_what_is_kept_says_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", most)
    there = inventory(40)
    at_once = findings(there)
    kept = Memory(judge(there))
    later = Stretches(map(kept.kept, at_once.stretches()), len(at_once))
    assert [said(each) for each in later] == [said(each) for each in at_once]


def test_who_knows_why_is_kept_and_others_look_again() -> None:
    there = inventory(40)
    [stretch] = [Memory(judge(there)).kept(each) for each in findings(there).stretches()]
    assert [type(each) for each in tellers_of(stretch, "ACR101")] == [Precedent]
    assert [type(each) for each in tellers_of(stretch, "ACR102")] == [Precedent, Retold]


def tellers_of(stretch: Stretch, policy: str) -> list[object]:
    [column] = [each for each in stretch.columns if each.policy.id == policy]
    assert isinstance(column.rulings, Repeated)
    return [*column.rulings.tellers]


@pytest.mark.parametrize(
    ("largest", "code"), [(0, "B"), (255, "B"), (256, "H"), (65_535, "H"), (65_536, "L")]
)
def test_numbers_take_as_few_bytes_as_they_can(largest: int, code: str) -> None:
    assert memory.typecode(largest) == code
    assert array(code, [largest])[0] == largest
