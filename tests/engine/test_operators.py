"""Every operator, on what is there, what is absent, what is unseen and what is of the wrong type."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from engine_rows import REGISTRY, Json, inventory, judged, said, tag_table
from reference.judgement import Judgement, Leaf

from scanner.engine.fields.tag_table import HELP, TagTable
from scanner.engine.language.operators import OPERATORS
from scanner.engine.traffic.prefixes import PREFIX_OPERATORS, listed
from scanner.model.truth import Truth
from scanner.policy.operators import NEGATIVES, OPERANDS

FALSE, UNKNOWN, TRUE = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
TRUTHS = {True: TRUE, False: FALSE, None: UNKNOWN}


def registry(properties: Json, **changes: Any) -> Json:
    return {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": properties, **changes}


def asked(condition: str, *rows: Json, tags: TagTable | None = None, **parameters: Any) -> Judgement:
    """What a condition says of a registry."""
    return judged(condition, inventory(*rows), tags=tags, parameters=parameters)


def on(value: object, operator: str, operand: object) -> Judgement:
    """What an operator says of a value in a row."""
    text = msgspec.json.encode({"field": "properties.x", operator: operand}).decode()
    return asked(text, registry({"x": value}))


def leaf(judgement: Judgement) -> Leaf:
    [only] = judgement.because()
    return only


TABLE: list[tuple[object, str, object, bool | None]] = [
    ("Enabled", "equals", "enabled", True),
    ("ENABLED", "equals", "Enabled", True),
    ("straße", "equals", "STRASSE", True),
    ("Enabled", "equals", "Disabled", False),
    (True, "equals", True, True),
    (False, "equals", True, False),
    (True, "equals", "true", None),
    ("true", "equals", True, None),
    (1, "equals", True, None),
    (True, "equals", 1, None),
    (1, "equals", 1, True),
    (1, "equals", 1.0, True),
    (2, "equals", 1, False),
    (1, "equals", "1", None),
    ("1", "equals", 1, None),
    ([1], "equals", 1, None),
    ({"a": 1}, "equals", "a", None),
    ("b", "in", ["a", "B"], True),
    ("c", "in", ["a", "b"], False),
    (2, "in", [1, 2], True),
    (3, "in", [1, 2], False),
    ("a", "in", [1, "a"], True),
    ("b", "in", [1, "a"], None),
    ([1], "in", [1], None),
    ("SystemAssigned, UserAssigned", "contains", "systemassigned", True),
    ("UserAssigned", "contains", "SystemAssigned", False),
    (["a", "B"], "contains", "b", True),
    (["a"], "contains", "b", False),
    (["ab"], "contains", "a", False),
    ([], "contains", "a", False),
    ([1, 2], "contains", 2, True),
    ([1], "contains", 2, False),
    ([True], "contains", True, True),
    (["a", 1], "contains", "a", True),
    (["a", 1], "contains", "b", None),
    ([{"a": 1}], "contains", "a", None),
    ("a", "contains", 1, None),
    (12, "contains", 1, None),
    ({"a": 1}, "contains", "a", None),
    ("contoso.azurecr.io", "like", "*.AzureCR.io", True),
    ("contoso.azurecr.io", "like", "contoso.*", True),
    ("contoso.azurecr.io", "like", "con*.io", True),
    ("contoso", "like", "contoso", True),
    ("contoso", "like", "contos", False),
    ("contoso", "like", "*", True),
    ("contoso", "like", "contoso*", True),
    ("CONTOSO.io", "like", "contoso.*", True),
    ("aba", "like", "ab*ba", False),
    ("abba", "like", "ab*ba", True),
    ("xab", "like", "a*b", False),
    ("abx", "like", "a*b", False),
    ("a.b", "like", "a?b", False),
    (5, "like", "*", None),
    (["eastus", "AzureContainerRegistry.EastUS"], "like", "AzureContainerRegistry*", True),
    (["a", "b"], "like", "c*", False),
    (["a", 5], "like", "c*", None),
    (1, "less", 2, True),
    (2, "less", 2, False),
    (1.5, "less", 2, True),
    ("1.2", "less", "1.10", True),
    ("1.10", "less", "1.2", False),
    ("v1.10", "less", "v1.2", True),
    ("A", "less", "b", True),
    ("b", "less", "A", False),
    ("B", "less", "a", False),
    ("a", "less", "B", True),
    ("a", "less", "A", False),
    ("1.2", "less", "a", True),
    ("a", "less", "1.2", False),
    ("2023-07-01", "less", "2025-04-01", True),
    ("10", "less", "9", True),
    (True, "less", 2, None),
    (1, "less", "2", None),
    ("1", "less", 2, None),
    ([1], "less", 2, None),
    (2, "lessOrEquals", 2, True),
    (3, "lessOrEquals", 2, False),
    ("1.10", "lessOrEquals", "1.10", True),
    ("a", "lessOrEquals", 1, None),
    (3, "greater", 2, True),
    (2, "greater", 2, False),
    ("b", "greater", "A", True),
    ("a", "greater", 1, None),
    (2, "greaterOrEquals", 2, True),
    (1, "greaterOrEquals", 2, False),
    (None, "greaterOrEquals", 2, False),
    ("a", "greaterOrEquals", 1, None),
    ("10.0.0.0/8", "prefixLengthLess", 16, True),
    ("10.0.0.0/16", "prefixLengthLess", 16, False),
    ("10.0.0.0/16", "prefixLengthLessOrEquals", 16, True),
    ("10.0.0.0/17", "prefixLengthLessOrEquals", 16, False),
    ("10.0.0.0/17", "prefixLengthGreater", 16, True),
    ("10.0.0.0/16", "prefixLengthGreater", 16, False),
    ("10.0.0.0/16", "prefixLengthGreaterOrEquals", 16, True),
    ("10.0.0.0/15", "prefixLengthGreaterOrEquals", 16, False),
    ("10.0.0.1", "prefixLengthGreaterOrEquals", 32, True),
    ("10.0.0.0/33", "prefixLengthLess", 16, None),
    ("2603::/16", "prefixLengthLess", 64, None),
    ("all", "prefixLengthGreater", 16, None),
    (7, "prefixLengthGreater", 16, None),
    ("8.8.8.8", "publicIPv4", True, True),
    ("8.8.8.0/24", "publicIPv4", True, True),
    ("10.1.2.3", "publicIPv4", True, False),
    ("10.1.2.3", "publicIPv4", False, True),
    ("8.8.8.8", "publicIPv4", False, False),
    ("0.0.0.0/0", "publicIPv4", True, False),
    ("2603::1", "publicIPv4", True, False),
    ("all", "publicIPv4", True, False),
    (8, "publicIPv4", True, None),
]


@pytest.mark.parametrize(("value", "operator", "operand", "truth"), TABLE)
def test_an_operator_on_a_value(value: object, operator: str, operand: object, truth: bool | None) -> None:
    assert on(value, operator, operand).truth is TRUTHS[truth]


@pytest.mark.parametrize(
    ("value", "negative", "operand", "truth"),
    [
        (value, negative, operand, truth)
        for value, operator, operand, truth in TABLE
        for negative, positive in NEGATIVES.items()
        if positive == operator
    ],
)
def test_a_negative_is_not_its_positive(
    value: object, negative: str, operand: object, truth: bool | None
) -> None:
    assert on(value, negative, operand).truth is TRUTHS[truth].negated()


def test_the_negatives_are_these_four() -> None:
    assert NEGATIVES == {
        "notEquals": "equals",
        "notIn": "in",
        "notContains": "contains",
        "notLike": "like",
    }


def test_every_word_has_a_truth_or_is_the_negation_of_one_that_has() -> None:
    assert {*OPERATORS, *PREFIX_OPERATORS, *NEGATIVES, "exists", "nsgAllows"} == set(OPERANDS)


ON_A_FIELD: dict[str, object] = {
    "equals": "a", "in": ["a"], "contains": "a", "like": "a*", "less": 1, "lessOrEquals": 1, "greater": 1,
    "greaterOrEquals": 1, "prefixLengthLess": 8, "prefixLengthLessOrEquals": 8, "prefixLengthGreater": 8,
    "prefixLengthGreaterOrEquals": 8, "publicIPv4": False,
}  # fmt: skip


@pytest.mark.parametrize(("operator", "operand"), ON_A_FIELD.items())
def test_on_absent_every_positive_operator_is_false(operator: str, operand: object) -> None:
    judgement = on(None, operator, operand)

    assert judgement.truth is FALSE
    assert leaf(judgement).text == "is not set"


@pytest.mark.parametrize(("negative", "positive"), NEGATIVES.items())
def test_on_absent_every_negative_operator_is_true(negative: str, positive: str) -> None:
    judgement = on(None, negative, ON_A_FIELD[positive])

    assert judgement.truth is TRUE
    assert leaf(judgement).text == "is not set"


EVERY = {
    **ON_A_FIELD, **{negative: ON_A_FIELD[positive] for negative, positive in NEGATIVES.items()},
    "exists": True, "coversServiceTag": "T", "overlapsServiceTag": "T", "insideServiceTag": "T",
}  # fmt: skip


@pytest.mark.parametrize(("operator", "operand"), [*EVERY.items(), ("exists", False)])
def test_on_unseen_every_operator_is_unknown(operator: str, operand: object) -> None:
    field = "properties.networkRuleBypassAllowedForTasks"
    text = msgspec.json.encode({"field": field, operator: operand}).decode()

    judgement = asked(text, registry({}, apiVersion="2023-07-01"))

    assert judgement.truth is UNKNOWN
    assert said(judgement) == [
        f"contoso: {field} could not be seen (read with an apiVersion older than 2025-05-01-preview)"
    ]
    assert leaf(judgement).reason == "read with an apiVersion older than 2025-05-01-preview"
    assert leaf(judgement).help == "an ARM read shows it; scan with --arm-reads auto"
    assert leaf(judgement).row is not None


@pytest.mark.parametrize(
    ("value", "wanted", "truth"),
    [("x", True, TRUE), ("x", False, FALSE), (None, True, FALSE), (None, False, TRUE), ("", True, FALSE),
     (0, True, TRUE), (False, True, TRUE), ([], True, TRUE), ({}, False, FALSE)],
)  # fmt: skip
def test_exists_asks_whether_a_field_is_set(value: object, wanted: bool, truth: Truth) -> None:
    assert on(value, "exists", wanted).truth is truth


@pytest.mark.parametrize(("wanted", "truth"), [("true", FALSE), ("false", TRUE)])
def test_a_default_that_azure_assumes_is_not_set(wanted: str, truth: Truth) -> None:
    judgement = asked(f"{{ field: properties.publicNetworkAccess, exists: {wanted} }}", registry({}))

    assert judgement.truth is truth
    assert said(judgement) == ["contoso: properties.publicNetworkAccess is 'Enabled' (Azure's default)"]
    assert leaf(judgement).assumed is True


def test_a_default_compares_as_a_value() -> None:
    judgement = asked("{ field: properties.publicNetworkAccess, equals: enabled }", registry({}))

    assert judgement.truth is TRUE
    assert leaf(judgement).actual == "Enabled"
    assert leaf(judgement).assumed is True


def test_the_wrong_type_is_told() -> None:
    judgement = on("true", "equals", True)

    assert said(judgement) == ["contoso: properties.x is 'true', and equals cannot compare it with True"]
    assert leaf(judgement).reason == "equals cannot compare it with True"


def test_a_leaf_holds_what_was_asked_and_what_was_there() -> None:
    found = leaf(on("a", "in", ["b", "c"]))

    assert (found.resource, found.field, found.operator) == (REGISTRY, "properties.x", "in")
    assert (found.expected, found.actual, found.assumed, found.optional) == (["b", "c"], "a", False, False)
    assert (found.missing, found.excess, found.reason, found.help) == (None, None, None, None)
    assert found.row is not None


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ('{ field: properties.x, equals: "{name}" }', TRUE),
        ('{ field: properties.x, equals: "{location}" }', FALSE),
        ('{ field: properties.x, equals: "{properties.gone}" }', FALSE),
        ('{ field: properties.x, notEquals: "{properties.gone}" }', TRUE),
        ('{ field: properties.x, in: ["{properties.gone}", contoso] }', TRUE),
        ('{ field: properties.x, notIn: ["{properties.gone}", contoso] }', FALSE),
        ('{ field: properties.x, in: ["{properties.gone}"] }', FALSE),
        ('{ field: properties.x, like: "{name}*" }', TRUE),
        ('{ field: properties.x, like: "{properties.n}" }', UNKNOWN),
        ('{ field: properties.x, less: "{properties.n}" }', UNKNOWN),
        ('{ field: properties.x, equals: "{param.gone}" }', FALSE),
        ('{ field: properties.x, equals: "{other.most}" }', FALSE),
        ('{ field: properties.x, equals: "{tasks}" }', FALSE),
        ('{ field: properties.n, less: "{param.most}" }', TRUE),
        ('{ field: properties.n, equals: "{param.most}" }', FALSE),
        ('{ field: properties.n, equals: "{param.most}0" }', UNKNOWN),
        ('{ field: properties.x, equals: "{properties.networkRuleBypassAllowedForTasks}" }', UNKNOWN),
        ('{ field: properties.x, in: [a, "{properties.networkRuleBypassAllowedForTasks}"] }', UNKNOWN),
        ('{ field: properties.gone, equals: "{properties.networkRuleBypassAllowedForTasks}" }', UNKNOWN),
        ("{ field: properties.gone, exists: false }", TRUE),
    ],
)  # fmt: skip
def test_an_operand_is_filled_from_the_resource_and_the_parameters(condition: str, truth: Truth) -> None:
    row = registry({"x": "contoso", "n": 3}, location="East US", apiVersion="2023-07-01")

    assert asked(condition, row, most=5).truth is truth


def test_an_unseen_operand_is_told() -> None:
    condition = '{ field: properties.x, equals: "{properties.networkRuleBypassAllowedForTasks}" }'

    judgement = asked(condition, registry({"x": "a"}, apiVersion="2023-07-01"))

    reason = "read with an apiVersion older than 2025-05-01-preview"
    assert leaf(judgement).text == f"is 'a', and what to compare it with could not be seen ({reason})"
    assert leaf(judgement).reason == reason
    assert leaf(judgement).help == "an ARM read shows it; scan with --arm-reads auto"
    assert leaf(judgement).expected is None


# ---- service tags

EASTUS = "AzureContainerRegistry.eastus"
"""20.42.66.0/24 and 40.71.10.216/29, and an IPv6 prefix that nobody asks for."""

FIELD = '"properties.networkRuleSet.ipRules[*].value"'


def firewall(*values: object, **changes: Any) -> Json:
    return registry({"networkRuleSet": {"ipRules": [{"value": value} for value in values]}}, **changes)


def against(
    operator: str, tag: str, *values: object, tags: TagTable | None = None, rest: str = ""
) -> Judgement:
    return asked(f'{{ field: {FIELD}, {operator}: "{tag}"{rest} }}', firewall(*values), tags=tags)


def test_rules_that_hold_every_ipv4_prefix_cover_a_tag() -> None:
    judgement = against("coversServiceTag", EASTUS, "20.42.66.0/23", "40.71.10.216/29")

    assert judgement.truth is TRUE
    assert said(judgement) == [
        f"contoso: properties.networkRuleSet.ipRules[*].value covers 2 of 2 IPv4 prefixes of {EASTUS}"
    ]
    assert leaf(judgement).missing == ()
    assert leaf(judgement).excess == ("20.42.67.0/24",)


def test_what_rules_leave_out_is_missing_to_the_address() -> None:
    judgement = against("coversServiceTag", EASTUS, "20.42.66.0/25", "20.42.66.129", "9.9.9.9", "no rule", 7)

    assert judgement.truth is FALSE
    assert leaf(judgement).missing == (
        "20.42.66.128/32", "20.42.66.130/31", "20.42.66.132/30", "20.42.66.136/29", "20.42.66.144/28",
        "20.42.66.160/27", "20.42.66.192/26", "40.71.10.216/29",
    )  # fmt: skip
    assert leaf(judgement).excess == ("9.9.9.9/32",)
    assert leaf(judgement).actual == ["20.42.66.0/25", "20.42.66.129", "9.9.9.9", "no rule", 7]
    assert leaf(judgement).expected == EASTUS
    assert leaf(judgement).text == (
        f"covers 0 of 2 IPv4 prefixes of {EASTUS}; missing 20.42.66.128/32, 20.42.66.130/31, "
        "20.42.66.132/30, 20.42.66.136/29, 20.42.66.144/28, 20.42.66.160/27, 20.42.66.192/26, 40.71.10.216/29"
    )


def test_one_prefix_of_two_is_told_as_such() -> None:
    judgement = against("coversServiceTag", EASTUS, "20.42.66.0/24")

    assert leaf(judgement).text == f"covers 1 of 2 IPv4 prefixes of {EASTUS}; missing 40.71.10.216/29"


def test_no_rules_cover_nothing() -> None:
    judgement = against("coversServiceTag", EASTUS)

    assert judgement.truth is FALSE
    assert leaf(judgement).missing == ("20.42.66.0/24", "40.71.10.216/29")
    assert leaf(judgement).excess == ()


def test_a_registry_without_a_rule_set_covers_nothing() -> None:
    row = {"id": REGISTRY, "sku": {"name": "Basic"}, "properties": {}}

    judgement = asked(f"{{ field: {FIELD}, coversServiceTag: {EASTUS} }}", row)

    assert judgement.truth is FALSE
    assert leaf(judgement).actual == []
    assert leaf(judgement).row is not None


def test_a_rule_without_a_value_is_no_rule() -> None:
    row = registry({"networkRuleSet": {"ipRules": [{"action": "Allow"}, {"value": "20.42.66.1"}]}})

    judgement = asked(f"{{ field: {FIELD}, overlapsServiceTag: {EASTUS} }}", row)

    assert judgement.truth is TRUE
    assert leaf(judgement).actual == ["20.42.66.1"]


def test_rules_that_share_an_address_overlap_a_tag() -> None:
    judgement = against("overlapsServiceTag", EASTUS, "20.42.0.0/16", "9.9.9.9", "40.71.10.223")

    assert judgement.truth is TRUE
    assert leaf(judgement).text == f"has 20.42.0.0/16, 40.71.10.223, which overlaps {EASTUS}"
    assert leaf(judgement).excess == ("20.42.0.0/16", "40.71.10.223")
    assert leaf(judgement).missing is None


def test_rules_beside_a_tag_do_not_overlap_it() -> None:
    judgement = against("overlapsServiceTag", EASTUS, "20.42.67.0/24", "40.71.10.215", "40.71.10.224")

    assert judgement.truth is FALSE
    assert leaf(judgement).text == f"has no rule that overlaps {EASTUS}"
    assert leaf(judgement).excess == ()


def test_a_rule_within_a_tag_lies_inside_it() -> None:
    judgement = against("insideServiceTag", EASTUS, "20.42.66.0/23", "20.42.66.7")

    assert judgement.truth is TRUE
    assert leaf(judgement).text == f"has 20.42.66.7, which lies inside {EASTUS}"
    assert leaf(judgement).excess == ("20.42.66.7",)


def test_a_wider_rule_does_not_lie_inside() -> None:
    judgement = against("insideServiceTag", EASTUS, "20.42.66.0/23")

    assert judgement.truth is FALSE
    assert leaf(judgement).text == f"has no rule that lies inside {EASTUS}"


@pytest.mark.parametrize(
    ("rules", "region", "truth"),
    [
        (["20.42.66.7"], "eastus", FALSE),
        (["20.42.66.7"], "East US", FALSE),
        (["20.42.66.7"], "westus", TRUE),
        (["13.64.180.9"], "eastus", TRUE),
        (["13.64.180.9"], "WestUS", FALSE),
        (["9.9.9.9"], "eastus", FALSE),
        ([], "eastus", FALSE),
    ],
)
def test_except_region_leaves_one_regions_tag_out(rules: list[str], region: str, truth: Truth) -> None:
    rest = f', exceptRegion: "{region}"'

    judgement = against("insideServiceTag", "AzureContainerRegistry", *rules, rest=rest)

    assert judgement.truth is truth


def test_a_list_is_compared_without_a_star() -> None:
    text = f"{{ field: properties.dataEndpointHostNames, insideServiceTag: {EASTUS} }}"
    of = inventory(
        {"id": REGISTRY, "properties": {"dataEndpointHostNames": ["VirtualNetwork", "20.42.66.9", "9.9.9.9"]}}
    )

    judgement = judged(text, of, tags=tag_table())

    assert judgement.truth is TRUE
    assert leaf(judgement).text == f"has 20.42.66.9, which lies inside {EASTUS}"


def test_except_region_is_told_in_the_text() -> None:
    rest = ', exceptRegion: "eastus"'
    where = "AzureContainerRegistry of a region other than eastus"

    inside = against("insideServiceTag", "AzureContainerRegistry", "13.64.180.9", rest=rest)
    outside = against("insideServiceTag", "AzureContainerRegistry", "9.9.9.9", rest=rest)
    nothing = against("insideServiceTag", "AzureContainerRegistry", rest=rest)

    assert leaf(inside).text == f"has 13.64.180.9, which lies inside {where}"
    assert leaf(outside).text == f"has no rule that lies inside {where}"
    assert leaf(nothing).text == f"has no rule inside {where}"


def test_except_region_of_a_service_without_regional_tags_is_unknown() -> None:
    judgement = against("insideServiceTag", "Storage", "9.9.9.9", rest=', exceptRegion: "eastus"')

    assert judgement.truth is UNKNOWN
    assert leaf(judgement).text == "cannot be compared (the service tags have no regional Storage)"
    assert leaf(judgement).help == HELP


EMPTY = tag_table({"AzureContainerRegistry.eastus": []})
VANISHED = tag_table({"AzureContainerRegistry.westus": ["13.64.180.0/24"]})
SIX = tag_table({"AzureContainerRegistry.eastus": ["2603:1030::/32"]})
GOVERNMENT = tag_table(of="AzureGovernment")
NONE = tag_table(None)

UNUSABLE = [
    (VANISHED, f"the service tags have no {EASTUS}"),
    (EMPTY, f"the service tag {EASTUS} has no IPv4 prefix"),
    (SIX, f"the service tag {EASTUS} has no IPv4 prefix"),
    (GOVERNMENT, "the service tags are those of the cloud USGovernment, not Public"),
    (NONE, "no service tags are at hand"),
]


@pytest.mark.parametrize(("tags", "reason"), UNUSABLE)
@pytest.mark.parametrize("operator", ["coversServiceTag", "overlapsServiceTag", "insideServiceTag"])
def test_a_tag_that_cannot_be_compared_with_is_unknown_and_never_true(
    operator: str, tags: TagTable, reason: str
) -> None:
    judgement = against(operator, EASTUS, "20.42.66.0/24", tags=tags)

    assert judgement.truth is UNKNOWN
    assert leaf(judgement).text == f"cannot be compared ({reason})"
    assert leaf(judgement).reason == reason
    assert leaf(judgement).help == HELP
    assert "--service-tags" in HELP


@pytest.mark.parametrize("tags", [tags for tags, _ in UNUSABLE])
@pytest.mark.parametrize("operator", ["overlapsServiceTag", "insideServiceTag"])
@pytest.mark.parametrize("rest", ["", ', exceptRegion: "eastus"'])
def test_texts_that_are_no_ipv4_are_no_rules_whatever_is_known_of_the_tag(
    operator: str, tags: TagTable, rest: str
) -> None:
    rest = rest if operator == "insideServiceTag" else ""

    judgement = against(operator, EASTUS, "VirtualNetwork", "2603:1030::/32", "*", tags=tags, rest=rest)

    assert judgement.truth is FALSE
    assert leaf(judgement).reason is None


@pytest.mark.parametrize(("tags", "reason"), [UNUSABLE[3], UNUSABLE[4]])
def test_except_region_takes_usable_tags_too(tags: TagTable, reason: str) -> None:
    rest = ', exceptRegion: "eastus"'

    judgement = against("insideServiceTag", "AzureContainerRegistry", "9.9.9.9", tags=tags, rest=rest)

    assert (judgement.truth, leaf(judgement).reason) == (UNKNOWN, reason)


@pytest.mark.parametrize("tags", [tags for tags, _ in UNUSABLE])
def test_without_rules_overlaps_and_inside_are_false_whatever_the_tags(tags: TagTable) -> None:
    overlaps = against("overlapsServiceTag", EASTUS, tags=tags)
    inside = against("insideServiceTag", EASTUS, tags=tags)
    covers = against("coversServiceTag", EASTUS, tags=tags)

    assert (overlaps.truth, leaf(overlaps).text) == (FALSE, f"has no rule that overlaps {EASTUS}")
    assert (inside.truth, leaf(inside).text) == (FALSE, f"has no rule inside {EASTUS}")
    assert covers.truth is UNKNOWN


def test_tags_that_do_not_name_their_cloud_are_taken() -> None:
    assert against("overlapsServiceTag", EASTUS, "20.42.66.1", tags=tag_table(of="")).truth is TRUE


def test_a_tag_is_found_whatever_its_case() -> None:
    assert against("overlapsServiceTag", "azurecontainerregistry.EASTUS", "20.42.66.1").truth is TRUE


def test_the_tag_of_the_registrys_region_is_found_by_its_normal_name() -> None:
    condition = f"{{ field: {FIELD}, overlapsServiceTag: 'AzureContainerRegistry.{{location}}' }}"

    judgement = asked(condition, firewall("20.42.66.1", location="East US"))

    assert judgement.truth is TRUE
    assert leaf(judgement).expected == "AzureContainerRegistry.eastus"


@pytest.mark.parametrize("operator", ["coversServiceTag", "overlapsServiceTag"])
def test_a_tag_whose_name_is_not_known_is_unknown(operator: str) -> None:
    condition = f"{{ field: {FIELD}, {operator}: 'AzureContainerRegistry.{{location}}' }}"

    judgement = asked(condition, firewall("20.42.66.1"))

    assert judgement.truth is UNKNOWN
    assert leaf(judgement).text == "cannot be compared (the name of the service tag is not known)"


def test_why_the_name_of_a_tag_is_not_known_is_told() -> None:
    name = "{properties.networkRuleBypassAllowedForTasks}"

    judgement = asked(
        f"{{ field: {FIELD}, coversServiceTag: '{name}' }}", firewall("1.1.1.1", apiVersion="2023-07-01")
    )

    reason = "read with an apiVersion older than 2025-05-01-preview"
    assert leaf(judgement).text == f"cannot be compared ({reason})"
    assert leaf(judgement).help == "an ARM read shows it; scan with --arm-reads auto"


def test_a_named_key_inside_of_members_is_found_without_case() -> None:
    text = f'{{ field: "properties.a[*].m[{{name}}]", overlapsServiceTag: {EASTUS} }}'

    assert asked(text, registry({"a": [{"m": {"CONTOSO": "20.42.66.1"}}]})).truth is TRUE
    assert asked(text, registry({"a": [{"m": {"other": "20.42.66.1"}}, {}]})).truth is FALSE


@pytest.mark.parametrize("region", ["{location}", "{properties.networkRuleBypassAllowedForTasks}"])
def test_a_region_that_is_not_known_is_unknown(region: str) -> None:
    text = f"{{ field: {FIELD}, insideServiceTag: AzureContainerRegistry, exceptRegion: '{region}' }}"

    judgement = asked(text, firewall("13.64.180.9", apiVersion="2023-07-01"))

    assert judgement.truth is UNKNOWN


def test_a_lone_text_is_one_rule() -> None:
    text = f"{{ field: properties.x, overlapsServiceTag: {EASTUS} }}"

    assert asked(text, registry({"x": "20.42.66.1"})).truth is TRUE
    assert asked(text, registry({"x": ["9.9.9.9", "20.42.66.1"]})).truth is TRUE
    assert asked(text, registry({})).truth is FALSE


@pytest.mark.parametrize(
    ("operator", "rules", "truth"),
    [
        ("coversServiceTag", ["20.42.66.0/24", "40.71.10.216/29"], TRUE),
        ("coversServiceTag", ["20.42.66.0/24"], UNKNOWN),
        ("overlapsServiceTag", ["20.42.66.1"], TRUE),
        ("overlapsServiceTag", [], UNKNOWN),
        ("insideServiceTag", ["20.42.66.1"], TRUE),
        ("insideServiceTag", ["9.9.9.9"], UNKNOWN),
    ],
)
def test_a_rule_that_is_no_object_may_be_any_rule(operator: str, rules: list[str], truth: Truth) -> None:
    row = registry({"networkRuleSet": {"ipRules": ["odd", *({"value": rule} for rule in rules)]}})

    judgement = asked(f"{{ field: {FIELD}, {operator}: {EASTUS} }}", row)

    assert judgement.truth is truth
    assert (leaf(judgement).reason == "a member is no object") is (truth is UNKNOWN)


def test_a_tag_that_cannot_be_compared_with_is_told_before_an_odd_rule() -> None:
    row = registry({"networkRuleSet": {"ipRules": ["odd"]}})

    judgement = asked(f"{{ field: {FIELD}, coversServiceTag: {EASTUS} }}", row, tags=NONE)

    assert leaf(judgement).text == "cannot be compared (no service tags are at hand)"


def test_rules_that_are_no_array_are_unknown() -> None:
    row = registry({"networkRuleSet": {"ipRules": {"value": "20.42.66.1"}}})

    judgement = asked(f"{{ field: {FIELD}, overlapsServiceTag: {EASTUS} }}", row)

    assert judgement.truth is UNKNOWN
    assert leaf(judgement).text == "could not be seen (it is no array)"


def test_a_long_list_of_prefixes_is_cut_in_the_text() -> None:
    eight = [f"10.0.0.{number}/32" for number in range(8)]

    assert listed(eight) == ", ".join(eight)
    assert listed([*eight, "10.0.0.8/32"]) == f"{', '.join(eight)} and 1 more"
    assert listed([*eight, *eight]) == f"{', '.join(eight)} and 8 more"


@pytest.mark.parametrize(
    ("tags", "truth"),
    [
        ({"A.eastus": ["20.0.0.0/24"], "A.westus": ["13.0.0.0/24"]}, Truth.FALSE),
        ({"A.eastus": ["20.0.0.0/24"], "A.westus": []}, Truth.UNKNOWN),
        ({"A.eastus": ["20.0.0.0/24"], "A.westus": ["2603::/32"], "A.uksouth": []}, Truth.UNKNOWN),
        ({"A.eastus": ["20.0.0.0/24"]}, Truth.UNKNOWN),
        ({"A.eastus": ["20.0.0.0/24"], "A.westus": ["13.0.0.0/24"], "A.uksouth": []}, Truth.UNKNOWN),
        ({"A.eastus": [], "A.westus": ["20.0.0.0/23"], "A.uksouth": []}, Truth.TRUE),
        ({"A.eastus": [], "A.westus": ["13.0.0.0/24"]}, Truth.FALSE),
        ({"A.eastus": [], "A.westus": ["13.0.0.0/24"], "A.uksouth": ["2603::/32"]}, Truth.FALSE),
    ],
)
def test_tags_of_other_regions_without_a_prefix_say_nothing(
    tags: Mapping[str, list[str]], truth: Truth
) -> None:
    row = {"id": REGISTRY, "properties": {"networkRuleSet": {"ipRules": [{"value": "20.0.0.0/24"}]}}}
    text = (
        '{ field: "properties.networkRuleSet.ipRules[*].value", insideServiceTag: A, exceptRegion: eastus }'
    )

    assert judged(text, inventory(row), tags=tag_table(tags)).truth is truth
