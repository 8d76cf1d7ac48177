"""Mutation of policies: the shipped pack has no mutant that its cases do not notice."""

from pathlib import Path

import pytest
import shipped_pack

from scanner.app.scan.policy_selection import pack_at
from scanner.authoring.cases import read_cases
from scanner.authoring.mutations import mutants, survivors
from scanner.authoring.scaffold import scaffold
from scanner.policy.model import Policy

pytestmark = pytest.mark.slow

PACK = shipped_pack.pack()


@pytest.mark.parametrize("policy", PACK.policies, ids=lambda policy: policy.id)
def test_every_change_of_a_shipped_policy_is_noticed_by_a_case(policy: Policy) -> None:
    found = survivors(policy, PACK, read_cases([policy]))

    assert [str(mutant) for mutant in found] == []


def test_a_case_that_is_missing_lets_a_mutant_live(tmp_path: Path) -> None:
    path, _ = scaffold("network", "closed-registry", tmp_path, "TEAM")
    pack = pack_at(path)
    cases = read_cases(pack.policies)

    found = survivors(pack.policies[0], pack, [case for case in cases if case.expect.value == "unknown"])

    assert [mutant.change for mutant in found] == [
        "TEAM001: equals negated",
        "TEAM001: operand became another text",
    ]


def test_a_changed_group_operator_count_and_operand_are_among_the_mutants() -> None:
    policy = next(policy for policy in PACK.policies if policy.id == "ACR201")

    changes = {mutant.change.removeprefix("ACR201: ") for mutant in mutants(policy, PACK)}

    assert {
        "`when` removed",
        "AllOf became AnyOf",
        "AnyOf became AllOf",
        "removed",
        "greaterOrEquals became greater",
        "operand 1 became 2",
        "operand True flipped",
        "operand [0] removed",
        "coversServiceTag became overlapsServiceTag",
        "`where` removed",
        "contains negated",
    } <= changes
