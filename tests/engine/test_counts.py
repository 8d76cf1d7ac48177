"""Counts: an interval's answer is that of every number in it, or none."""

from itertools import product

import pytest
from engine_rows import POOL, REGISTRY, WEBHOOK, Json, inventory, judged, said
from reference.judgement import Judgement

from scanner.engine.compile.count import COUNTS, Interval
from scanner.model.inventory import Gap, Inventory, Read
from scanner.model.truth import Truth

FALSE, UNKNOWN, TRUE = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE

BOUNDED = [Interval(low, high) for low, high in product(range(5), repeat=2) if low <= high]
OPEN = [Interval(low, None) for low in range(5)]
NUMBERS = [-1, 0, 1, 2, 3, 4, 5, 6, 1.5]
FAR = 20
"""No number asked for lies beyond, so that an open interval may end here."""


def holds(operator: str, count: float, number: float) -> bool:
    match operator:
        case "equals":
            return count == number
        case "less":
            return count < number
        case "lessOrEquals":
            return count <= number
        case "greater":
            return count > number
        case _:
            return count >= number


@pytest.mark.parametrize("operator", COUNTS)
@pytest.mark.parametrize("interval", [*BOUNDED, *OPEN], ids=str)
def test_an_interval_answers_as_all_its_numbers_do(operator: str, interval: Interval) -> None:
    compare, _ = COUNTS[operator]
    last = FAR if interval.high is None else interval.high

    for number in NUMBERS:
        answers = {holds(operator, count, number) for count in range(interval.low, last + 1)}
        expected = UNKNOWN if len(answers) > 1 else TRUE if answers == {True} else FALSE
        assert compare(interval, number) is expected, number


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(2, 2), "2"),
        (Interval(0, 3), "0 to 3"),
        (Interval(1, None), "1 or more"),
        (Interval(0, 0), "0"),
    ],
)
def test_an_interval_reads_as_words(interval: Interval, text: str) -> None:
    assert str(interval) == text


def rules(*members: object, version: str = "2025-11-01") -> Json:
    properties = {"networkRuleSet": {"ipRules": list(members)}}
    return {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": properties, "apiVersion": version}


RULES = '"properties.networkRuleSet.ipRules[*]"'


def counted(where: str, compare: str, row: Json) -> Judgement:
    text = f"{{ count: {{ field: {RULES}{where and f', where: {where}'} }}, {compare} }}"
    return judged(text, inventory(row), parameters={"most": 2, "word": "many"})


@pytest.mark.parametrize(
    ("compare", "truth", "text"),
    [
        ("equals: 2", TRUE, "counts 2, wanted exactly 2"),
        ("notEquals: 2", FALSE, "counts 2, wanted other than 2"),
        ("less: 2", FALSE, "counts 2, wanted less than 2"),
        ("lessOrEquals: 2", TRUE, "counts 2, wanted at most 2"),
        ("greater: 1", TRUE, "counts 2, wanted more than 1"),
        ("greaterOrEquals: 3", FALSE, "counts 2, wanted at least 3"),
        ('lessOrEquals: "{param.most}"', TRUE, "counts 2, wanted at most 2"),
    ],
)
def test_members_are_counted_and_compared(compare: str, truth: Truth, text: str) -> None:
    judgement = counted("", compare, rules({"value": "1.1.1.1"}, {"value": "2.2.2.2"}))

    assert judgement.truth is truth
    assert said(judgement) == [f"contoso: properties.networkRuleSet.ipRules[*] {text}: 1.1.1.1, 2.2.2.2"]


def test_only_members_that_satisfy_where_count() -> None:
    row = rules({"value": "1.1.1.1"}, {"value": "2.2.2.2"}, {"action": "Allow"})

    assert counted("{ field: value, like: '1*' }", "equals: 1", row).truth is TRUE
    assert counted("{ field: value, exists: false }", "equals: 1", row).truth is TRUE
    assert counted("{ field: value, notEquals: 1.1.1.1 }", "equals: 2", row).truth is TRUE


def test_members_whose_where_is_unknown_make_an_interval_and_stand_in_the_evidence() -> None:
    row = rules({"value": "1.1.1.1"}, {"value": 7}, "odd")

    one = counted("{ field: value, equals: 1.1.1.1 }", "greaterOrEquals: 1", row)
    two = counted("{ field: value, equals: 1.1.1.1 }", "greaterOrEquals: 2", row)
    four = counted("{ field: value, equals: 1.1.1.1 }", "greaterOrEquals: 4", row)

    assert (one.truth, two.truth, four.truth) == (TRUE, UNKNOWN, FALSE)
    assert said(two) == [
        "contoso: properties.networkRuleSet.ipRules[*] counts 1 to 3, wanted at least 2: 1.1.1.1",
        "contoso: value is 7, and equals cannot compare it with '1.1.1.1'",
        "contoso: value could not be seen (a member is no object)",
    ]
    assert len(said(one)) == len(said(four)) == 1
    assert next(two.because()).actual == "1 to 3"
    assert next(two.because()).expected == 2


def test_an_absent_array_counts_0() -> None:
    row = {"id": REGISTRY, "sku": {"name": "Basic"}, "properties": {}}

    judgement = counted("", "equals: 0", row)

    assert judgement.truth is TRUE


def test_an_unseen_array_counts_0_or_more() -> None:
    row = {"id": REGISTRY, "sku": {"name": "Premium"}}

    none, some, any_ = (
        counted("", compare, row) for compare in ("equals: 0", "greater: 0", "greaterOrEquals: 0")
    )

    assert (none.truth, some.truth, any_.truth) == (UNKNOWN, UNKNOWN, TRUE)
    assert said(none) == [
        (
            "contoso: properties.networkRuleSet.ipRules[*] counts 0 or more, wanted exactly 0; "
            "not all could be seen (the row has no properties)"
        )
    ]
    [leaf] = none.because()
    assert leaf.reason == "the row has no properties"
    assert leaf.help == "query Resource Graph with `properties`, or GET it"


def test_an_array_of_the_wrong_type_is_unseen() -> None:
    row = {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": {"networkRuleSet": {"ipRules": "x"}}}

    assert counted("", "equals: 0", row).truth is UNKNOWN


def test_an_array_inside_of_an_array_is_counted_through() -> None:
    properties = {"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": []}, {}, {"b": [{"c": 3}]}]}
    of = inventory({"id": REGISTRY, "properties": properties})

    assert judged('{ count: { field: "properties.a[*].b[*]" }, equals: 3 }', of).truth is TRUE


def test_an_inner_array_that_cannot_be_seen_may_hold_anything() -> None:
    of = inventory({"id": REGISTRY, "properties": {"a": [{"b": [1]}, {"b": "odd"}, "odd"]}})

    assert judged('{ count: { field: "properties.a[*].b[*]" }, equals: 1 }', of).truth is UNKNOWN
    assert judged('{ count: { field: "properties.a[*].b[*]" }, greaterOrEquals: 1 }', of).truth is TRUE


@pytest.mark.parametrize(
    ("operand", "text"),
    [
        ("{param.word}", "counts 1, and 'many' is no number: one without a name"),
        ("{properties.gone}", "counts 1, and None is no number: one without a name"),
        ("{properties.yes}", "counts 1, and True is no number: one without a name"),
    ],
)
def test_an_operand_that_is_no_number_is_unknown(operand: str, text: str) -> None:
    row = {**rules({}), "properties": {"networkRuleSet": {"ipRules": [{}]}, "yes": True}}

    judgement = counted("", f'equals: "{operand}"', row)

    [leaf] = judgement.because()
    assert (judgement.truth, leaf.text, leaf.reason) == (UNKNOWN, text, "its operand is no number")


def test_an_unseen_operand_is_unknown() -> None:
    operand = "{properties.networkRuleBypassAllowedForTasks}"

    judgement = counted("", f'equals: "{operand}"', rules({}, version="2023-07-01"))

    [leaf] = judgement.because()
    assert judgement.truth is UNKNOWN
    assert leaf.text.startswith("counts 1, and what to compare it with could not be seen (read with an apiV")


POOL_ROW = {"id": POOL, "properties": {"tier": "S1"}}
PREMIUM = {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": {}}
LISTED = Read(REGISTRY.lower(), "agentPools", "2025-03-01-preview", 200, 1)


@pytest.mark.parametrize(
    ("reads", "compare", "truth"),
    [
        ([LISTED], "equals: 1", TRUE),
        ([LISTED], "greater: 1", FALSE),
        ([], "equals: 1", UNKNOWN),
        ([], "greater: 1", UNKNOWN),
        ([], "greaterOrEquals: 1", TRUE),
        ([], "less: 1", FALSE),
        ([], "equals: 0", FALSE),
    ],
)
def test_related_resources_are_counted(reads: list[Read], compare: str, truth: Truth) -> None:
    of = inventory(PREMIUM, POOL_ROW, reads=reads)

    assert judged(f"{{ count: {{ of: agentPools }}, {compare} }}", of).truth is truth


def test_where_is_asked_of_the_related_resource() -> None:
    of = inventory(PREMIUM, POOL_ROW, {"id": f"{POOL}2", "properties": {"tier": "S2"}}, reads=[LISTED])
    text = "{ count: { of: agentPools, where: { field: properties.tier, equals: S1 } }, equals: 1 }"

    assert judged(text, of).truth is TRUE


def test_what_is_not_seen_of_related_resources_is_told() -> None:
    judgement = judged("{ count: { of: agentPools }, equals: 0 }", inventory(PREMIUM))

    assert said(judgement) == [
        (
            "contoso: agentPools counts 0 or more, wanted exactly 0; "
            "not all could be seen (its agentPools were not listed)"
        )
    ]
    [leaf] = judgement.because()
    assert leaf.help == "scan with --arm-reads auto"


def test_a_settled_count_is_not_optional() -> None:
    [leaf] = judged("{ count: { of: agentPools }, equals: 0 }", inventory(PREMIUM, reads=[LISTED])).because()

    assert (leaf.truth, leaf.optional, leaf.reason, leaf.help) == (TRUE, False, None, None)


def test_a_settled_count_does_not_tell_what_it_did_not_see() -> None:
    [leaf] = judged("{ count: { of: agentPools }, greaterOrEquals: 0 }", inventory(PREMIUM)).because()

    assert (leaf.truth, leaf.text) == (TRUE, "counts 0 or more, wanted at least 0")
    assert (leaf.optional, leaf.reason, leaf.help) == (False, None, None)


def webhooks(*gaps: Gap) -> Inventory:
    hook = {"id": WEBHOOK, "properties": {"status": "enabled"}}
    return inventory(PREMIUM, hook, collected={"microsoft.containerregistry/registries/webhooks"}, gaps=gaps)


HTTPS = "{ field: properties.serviceScheme, equals: https }"


def test_a_count_that_rests_on_opt_in_reads_alone_is_optional() -> None:
    judgement = judged(f"{{ count: {{ of: webhooks, where: {HTTPS} }}, equals: 1 }}", webhooks())

    assert judgement.truth is UNKNOWN
    assert [leaf.optional for leaf in judgement.because()] == [True, True]


def test_a_count_that_rests_on_more_is_not_optional() -> None:
    gap = Gap("microsoft.containerregistry/registries/webhooks", "", "refused")

    judgement = judged(f"{{ count: {{ of: webhooks, where: {HTTPS} }}, equals: 1 }}", webhooks(gap))

    assert [leaf.optional for leaf in judgement.because()] == [False, True]
