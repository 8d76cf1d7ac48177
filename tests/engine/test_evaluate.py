"""Conditions, verdicts, evidence, messages and remedies: the one walk over the language."""

from pathlib import Path
from typing import Any

import pytest
import shipped_pack
from engine_rows import (
    POOL,
    POOLS,
    REGISTRIES,
    REGISTRY,
    TASK,
    WEBHOOK,
    Json,
    inventory,
    judged,
    said,
    tag_table,
    term,
)
from scanned import scan_all

from scanner.engine.compile.policy import implied
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload, scan
from scanner.model.inventory import Gap, Inventory, Read
from scanner.model.resource import RequiredRead, Source
from scanner.model.truth import Truth
from scanner.policy.load import load
from scanner.result.finding import Evidence, Finding, Ungated, Verdict
from scanner.result.gate import Gate

FALSE, UNKNOWN, TRUE = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
TASKS = f"{REGISTRIES}/tasks"
LISTED = Read(REGISTRY.lower(), "agentPools", "2025-03-01-preview", 200, 0)

PREMIUM: Json = {
    "id": REGISTRY,
    "location": "East US",
    "sku": {"name": "Premium"},
    "properties": {"loginServer": "contoso.azurecr.io", "publicNetworkAccess": "Disabled"},
}


def registry(properties: Json | None = None, **changes: Any) -> Json:
    return {**PREMIUM, **changes, "properties": {**PREMIUM["properties"], **(properties or {})}}


def task(properties: Json | None = None, **changes: Any) -> Json:
    return {"id": TASK, "apiVersion": "2025-03-01-preview", "properties": properties or {}, **changes}


def pool(properties: Json | None = None, name: str = "pool1") -> Json:
    return {"id": f"{REGISTRY}/agentPools/{name}", "properties": properties or {}}


# ---- groups


YES = "{ field: properties.yes, equals: 1 }"
NO = "{ field: properties.yes, equals: 2 }"
MAYBE = "{ field: properties.networkRuleBypassAllowedForTasks, equals: true }"
ROW = {"id": REGISTRY, "properties": {"yes": 1}, "apiVersion": "2023-07-01"}


@pytest.mark.parametrize(
    ("text", "truth", "fields"),
    [
        (f"{{ allOf: [{YES}, {YES}] }}", TRUE, ["yes", "yes"]),
        (f"{{ allOf: [{YES}, {MAYBE}] }}", UNKNOWN, ["networkRuleBypassAllowedForTasks"]),
        (f"{{ allOf: [{YES}, {MAYBE}, {NO}] }}", FALSE, ["yes"]),
        (f"{{ anyOf: [{NO}, {NO}] }}", FALSE, ["yes", "yes"]),
        (f"{{ anyOf: [{NO}, {MAYBE}] }}", UNKNOWN, ["networkRuleBypassAllowedForTasks"]),
        (f"{{ anyOf: [{NO}, {MAYBE}, {YES}] }}", TRUE, ["yes"]),
        (f"{{ not: {YES} }}", FALSE, ["yes"]),
        (f"{{ not: {NO} }}", TRUE, ["yes"]),
        (f"{{ not: {MAYBE} }}", UNKNOWN, ["networkRuleBypassAllowedForTasks"]),
        (f"{{ not: {{ allOf: [{YES}, {NO}] }} }}", TRUE, ["yes"]),
        (f"{{ not: {{ not: {{ anyOf: [{YES}, {MAYBE}] }} }} }}", TRUE, ["yes"]),
        (f"{{ not: {{ anyOf: [{YES}, {MAYBE}] }} }}", FALSE, ["yes"]),
    ],
)
def test_only_the_leaves_that_decided_are_evidence(text: str, truth: Truth, fields: list[str]) -> None:
    judgement = judged(text, inventory(ROW))

    assert judgement.truth is truth
    assert [leaf.field.removeprefix("properties.") for leaf in judgement.because()] == fields


# ---- of


@pytest.mark.parametrize(
    "operator",
    ["equals: S1", "notEquals: S1", "exists: true", "exists: false", "notIn: [S1]", "notContains: S",
     "notLike: S*"],
)  # fmt: skip
def test_of_without_a_target_is_false_under_any_operator(operator: str) -> None:
    of = inventory(PREMIUM, task(), reads=[LISTED])
    text = f"{{ of: agentPool, field: properties.tier, {operator} }}"

    plain = judged(text, of, TASK)
    outer = judged(f"{{ not: {text} }}", of, TASK)
    inner = judged(f"{{ of: agentPool, not: {{ field: properties.tier, {operator} }} }}", of, TASK)

    assert (plain.truth, outer.truth, inner.truth) == (FALSE, TRUE, FALSE)
    assert said(plain) == said(outer) == said(inner) == ["nightly: has no agentPool"]


def test_of_without_a_target_is_a_leaf_about_the_asking_resource() -> None:
    judgement = judged("{ of: agentPool, field: properties.tier, exists: true }", inventory(task()), TASK)

    [leaf] = judgement.because()
    assert (leaf.resource, leaf.field, leaf.operator, leaf.expected) == (
        TASK,
        "agentPool",
        "of",
        "agentPool",
    )


@pytest.mark.parametrize("operator", ["equals: Premium", "notEquals: Premium", "exists: false"])
def test_of_with_an_unseen_target_is_unknown(operator: str) -> None:
    text = f"{{ of: registry, field: sku.name, {operator} }}"

    plain = judged(text, inventory(task()), TASK)
    outer = judged(f"{{ not: {text} }}", inventory(task()), TASK)

    assert (plain.truth, outer.truth) == (UNKNOWN, UNKNOWN)
    assert said(plain) == ["nightly: registry could not be seen (no row of the registry was collected)"]
    [leaf] = plain.because()
    assert (leaf.truth, leaf.reason) == (UNKNOWN, "no row of the registry was collected")
    assert leaf.needs == (RequiredRead(REGISTRY, "self"),)


@pytest.mark.parametrize(
    ("tiers", "read", "truth"),
    [
        (["S1", "S2"], True, TRUE),
        (["S2", "S3"], True, FALSE),
        (["S1", "S2"], False, TRUE),
        (["S2", "S3"], False, UNKNOWN),
        (["S2", 7], True, UNKNOWN),
        (["S1", 7], True, TRUE),
    ],
)
def test_of_several_targets_asks_whether_some_one_satisfies(
    tiers: list[object], read: bool, truth: Truth
) -> None:
    pools = [pool({"tier": tier}, f"pool{number}") for number, tier in enumerate(tiers)]
    of = inventory(PREMIUM, *pools, reads=[LISTED] if read else [])

    assert judged("{ of: agentPools, field: properties.tier, equals: S1 }", of).truth is truth


def test_of_several_targets_all_are_evidence_of_none() -> None:
    of = inventory(PREMIUM, pool({"tier": "S2"}), pool({"tier": "S3"}, "pool2"), reads=[LISTED])

    judgement = judged("{ of: agentPools, field: properties.tier, equals: S1 }", of)

    assert said(judgement) == ["pool1: properties.tier is 'S2'", "pool2: properties.tier is 'S3'"]


def test_each_possible_target_is_a_doubt_of_its_own() -> None:
    connections = [{"properties": {"privateEndpoint": {"id": f"{REGISTRY}/{name}/x"}}} for name in "ab"]
    of = inventory(registry({"privateEndpointConnections": connections}))

    judgement = judged("{ of: privateEndpoints, field: location, exists: true }", of)

    assert judgement.truth is UNKNOWN
    assert len(said(judgement)) == 2


def test_of_may_stand_on_a_group_a_term_and_a_count() -> None:
    of = inventory(PREMIUM, task())
    premium = term("premium", REGISTRIES, "{ field: sku.name, equals: Premium }")

    group = judged("{ of: registry, allOf: [{ field: sku.name, equals: Premium }] }", of, TASK)
    word = judged("{ of: registry, is: premium }", of, TASK, terms=[premium])
    count = judged("{ of: registry, count: { of: tasks }, greaterOrEquals: 1 }", of, TASK)

    assert (group.truth, word.truth, count.truth) == (TRUE, TRUE, TRUE)


# ---- placeholders


def test_a_placeholder_speaks_of_the_policys_resource_inside_of_and_where() -> None:
    pools = [pool({"tier": "nightly"}), pool({"tier": "pool2"}, "pool2")]
    of = inventory(PREMIUM, task(), *pools, reads=[LISTED])
    where = '{ field: properties.tier, equals: "{name}" }'

    counted = judged(f"{{ of: registry, count: {{ of: agentPools, where: {where} }}, equals: 1 }}", of, TASK)
    asked = judged(f"{{ of: agentPools, {where[2:]}", of)

    assert (counted.truth, asked.truth) == (TRUE, FALSE)


def test_a_terms_placeholder_speaks_of_the_terms_resource() -> None:
    named = term("named-by-tier", POOLS, '{ field: properties.tier, equals: "{name}" }')
    of = inventory(PREMIUM, task({"agentPoolName": "pool1"}), pool({"tier": "pool1"}), reads=[LISTED])

    assert judged("{ of: agentPool, is: named-by-tier }", of, TASK, terms=[named]).truth is TRUE


def test_a_terms_placeholder_keeps_to_its_resource_inside_where() -> None:
    text = """
    of: registry
    count:
      field: "properties.networkRuleSet.virtualNetworkRules[*]"
      where: { field: virtualNetworkSubnetResourceId, equals: "{properties.virtualNetworkSubnetResourceId}" }
    greaterOrEquals: 1
    """
    rules = {"networkRuleSet": {"virtualNetworkRules": [{"virtualNetworkSubnetResourceId": "/S/A"}]}}
    of = inventory(
        registry(rules),
        task({"agentPoolName": "pool1"}),
        pool({"virtualNetworkSubnetResourceId": "/s/a"}),
        pool({"virtualNetworkSubnetResourceId": "/s/b"}, "pool2"),
    )
    word = [term("let-in", POOLS, text)]

    assert judged("{ is: let-in }", of, POOL, terms=word).truth is TRUE
    assert judged("{ is: let-in }", of, f"{POOL[:-1]}2", terms=word).truth is FALSE
    assert judged("{ of: agentPool, is: let-in }", of, TASK, terms=word).truth is TRUE


def test_a_term_in_where_speaks_of_the_related_resource() -> None:
    word = [term("small", POOLS, "{ field: properties.tier, equals: S1 }")]
    of = inventory(PREMIUM, pool({"tier": "S1"}), pool({"tier": "S2"}, "pool2"), reads=[LISTED])

    assert (
        judged("{ count: { of: agentPools, where: { is: small } }, equals: 1 }", of, terms=word).truth is TRUE
    )


def test_a_key_that_a_member_lacks_is_absent() -> None:
    of = inventory(registry({"networkRuleSet": {"ipRules": [{"value": "1.1.1.1"}, {"action": "Allow"}]}}))
    text = (
        '{ count: { field: "properties.networkRuleSet.ipRules[*]", where: { field: value, %s } }, equals: 1 }'
    )

    assert judged(text % "exists: false", of).truth is TRUE
    assert judged(text % "notEquals: 1.1.1.1", of).truth is TRUE


def test_an_empty_text_in_a_member_is_no_value() -> None:
    of = inventory(registry({"networkRuleSet": {"ipRules": [{"value": ""}, {"value": None}]}}))
    where = "{ field: value, exists: false }"

    judgement = judged(
        f'{{ count: {{ field: "properties.networkRuleSet.ipRules[*]", where: {where} }}, equals: 2 }}', of
    )

    assert judgement.truth is TRUE


@pytest.mark.parametrize(
    ("server", "truth", "field"),
    [
        ("contoso.azurecr.io", TRUE, "properties.credentials.customRegistries[contoso.azurecr.io].identity"),
        (
            None,
            UNKNOWN,
            "properties.credentials.customRegistries[{registry.properties.loginServer}].identity",
        ),
    ],
)
def test_a_name_in_brackets_is_filled(server: str | None, truth: Truth, field: str) -> None:
    credentials = {"customRegistries": {"Contoso.azurecr.io": {"identity": "[SYSTEM]"}}}
    of = inventory(registry({"loginServer": server}), task({"credentials": credentials}))
    path = "properties.credentials.customRegistries[{registry.properties.loginServer}].identity"

    judgement = judged(f'{{ field: "{path}", in: ["[system]", system] }}', of, TASK)

    assert judgement.truth is truth
    assert [leaf.field for leaf in judgement.because()] == [field]


def test_a_name_in_brackets_that_is_unseen_is_told() -> None:
    path = "properties.credentials.customRegistries[{registry.properties.loginServer}].identity"

    judgement = judged(f'{{ field: "{path}", exists: true }}', inventory(task()), TASK)

    assert said(judgement) == [f"nightly: {path} could not be seen (no row of the registry was collected)"]


def test_a_name_in_brackets_that_is_absent_is_unknown() -> None:
    judgement = judged('{ field: "properties.a[{properties.gone}].b", exists: true }', inventory(PREMIUM))

    assert said(judgement) == [
        "contoso: properties.a[{properties.gone}].b could not be seen (a name in it is not known)"
    ]


@pytest.mark.parametrize(
    ("operand", "truth"),
    [
        ("{registry.name}", TRUE),
        ("{registry.location}", FALSE),
        ("{agentPool.name}", FALSE),
        ("{agentPools.name}", FALSE),
    ],
)
def test_a_placeholder_may_ask_the_one_related_resource(operand: str, truth: Truth) -> None:
    of = inventory(PREMIUM, task({"status": "contoso"}), reads=[LISTED])

    assert judged(f'{{ field: properties.status, equals: "{operand}" }}', of, TASK).truth is truth


def test_a_placeholder_that_may_lead_somewhere_is_unseen() -> None:
    connections = [{"properties": {"privateEndpoint": {"id": f"{REGISTRY}/x/y"}}}]
    of = inventory(registry({"privateEndpointConnections": connections}))

    assert judged('{ field: location, equals: "{privateEndpoints.name}" }', of).truth is UNKNOWN


def test_a_location_that_a_gap_hides_is_unseen() -> None:
    rows = {key: value for key, value in PREMIUM.items() if key != "location"}
    text = '{ field: properties.loginServer, equals: "{location}" }'

    absent = judged(text, inventory(rows))
    unseen = judged(text, inventory(rows, gaps=[Gap(f"{REGISTRIES}/location", "", "refused")]))

    assert (absent.truth, unseen.truth) == (FALSE, UNKNOWN)


# ---- verdicts

IMPLIES = {
    (TRUE, TRUE): Verdict.PASS,
    (TRUE, UNKNOWN): Verdict.UNKNOWN,
    (TRUE, FALSE): Verdict.FAIL,
    (UNKNOWN, TRUE): Verdict.PASS,
    (UNKNOWN, UNKNOWN): Verdict.UNKNOWN,
    (UNKNOWN, FALSE): Verdict.UNKNOWN,
    (FALSE, TRUE): Verdict.NOT_APPLICABLE,
    (FALSE, UNKNOWN): Verdict.NOT_APPLICABLE,
    (FALSE, FALSE): Verdict.NOT_APPLICABLE,
}


@pytest.mark.parametrize(("truths", "verdict"), list(IMPLIES.items()))
def test_when_implies_require(truths: tuple[Truth, Truth], verdict: Verdict) -> None:
    assert implied(*truths) is verdict


POLICY = """\
id: ACR999
name: example
title: Tasks should be good
severity: high
status: stable
since: "0.1"
resource: Microsoft.ContainerRegistry/registries/tasks
why: Because.
parameters:
  most: { type: integer, default: 5, means: The most. }
when: { field: properties.status, equals: Enabled }
require: { field: properties.x, equals: 1 }
messages:
  pass: "{name} passes by {way} in {registry.location}, {param.most}."
  fail: "{name} fails: {properties.x}, {registry.properties.loginServer}, {subnetId}, {{way}}, {way}."
  unknown: "{name} is unknown."
remediation:
  - text: Fix {name}.
    az: |
      az acr task update --name {name} --registry {registry.name} --x {properties.x} --subnet {subnetId}
references:
  - { title: A, url: https://learn.microsoft.com/a }
"""
WHEN = "when: { field: properties.status, equals: Enabled }"
REQUIRE = "require: { field: properties.x, equals: 1 }"


def found(
    tmp_path: Path, text: str, of: Inventory, parameters: Json | None = None, tags: TagTable | None = None
) -> Finding:
    """The finding of a policy on the one task of an inventory."""
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    pack = load([tmp_path])
    of_policy = None if parameters is None else {"ACR999": parameters}
    [finding] = scan_all(of, tags or tag_table(), pack.policies, pack.terms, of_policy)
    return finding


def lines(finding: Finding) -> list[str]:
    return [told(each) for each in finding.evidence]


def told(evidence: Evidence) -> str:
    return f"{evidence.resource.rsplit('/', 1)[-1]}: {evidence.fact.sentence}"


def test_a_pass_is_told_with_its_evidence_and_no_remedies(tmp_path: Path) -> None:
    finding = found(tmp_path, POLICY, inventory(PREMIUM, task({"x": 1})))

    assert (finding.verdict, finding.gates, finding.not_gating_because) == (Verdict.PASS, None, None)
    assert finding.message == "nightly passes by <way> in eastus, 5."
    assert lines(finding) == ["nightly: properties.x is 1"]
    assert finding.remediation == ()
    assert finding.ways == ()


def test_a_fail_is_told_with_quoted_remedies_and_unfilled_placeholders_visible(tmp_path: Path) -> None:
    finding = found(tmp_path, POLICY, inventory(PREMIUM, task({"x": "$(rm -rf ~); 'a' b"})))
    odd = found(tmp_path, POLICY, inventory(PREMIUM, task({"x": 2})))

    assert finding.verdict is Verdict.UNKNOWN
    assert odd.verdict is odd.gates is Verdict.FAIL
    assert odd.not_gating_because is None
    assert odd.message == "nightly fails: 2, contoso.azurecr.io, <subnet id>, {way}, <way>."
    [advice] = odd.remediation
    assert (advice.way, advice.text) == (None, "Fix nightly.")
    assert advice.commands == (
        "az acr task update --name nightly --registry contoso --x 2 --subnet '<subnet id>'",
    )


def test_every_value_in_a_command_is_quoted(tmp_path: Path) -> None:
    text = POLICY.replace(REQUIRE, "require: { field: properties.x, equals: fine }")

    finding = found(tmp_path, text, inventory(PREMIUM, task({"x": "$(rm -rf ~); 'a' b"})))

    [advice] = finding.remediation
    assert advice.commands == (
        (
            "az acr task update --name nightly --registry contoso "
            """--x '$(rm -rf ~); '"'"'a'"'"' b' --subnet '<subnet id>'"""
        ),
    )


def test_an_unknown_verdict_adds_what_could_not_be_seen_of_when(tmp_path: Path) -> None:
    when = POLICY.replace(WHEN, "when: { of: registry, field: sku.name, equals: Premium }")

    unknown = found(tmp_path, when, inventory(task({"x": "?"})))
    undecided = found(tmp_path, when, inventory(task({"x": 2})))
    applies = found(tmp_path, when, inventory(PREMIUM, task({"x": "?"})))

    doubt = "nightly: registry could not be seen (no row of the registry was collected)"
    assert [each.verdict for each in (unknown, undecided, applies)] == [Verdict.UNKNOWN] * 3
    assert lines(unknown) == ["nightly: properties.x is '?', and equals cannot compare it with 1", doubt]
    assert lines(undecided) == ["nightly: properties.x is 2", doubt]
    assert lines(applies) == [
        "nightly: properties.x is '?', and equals cannot compare it with 1",
        "contoso: sku.name is 'Premium'",
    ]
    assert unknown.message == "nightly is unknown."
    assert unknown.gates is Verdict.UNKNOWN
    assert unknown.remediation == ()


def test_a_requirement_that_holds_passes_though_nobody_knows_whether_it_applies(tmp_path: Path) -> None:
    when = POLICY.replace(WHEN, "when: { of: registry, field: sku.name, equals: Premium }")

    finding = found(tmp_path, when, inventory(task({"x": 1})))

    assert finding.verdict is Verdict.PASS
    assert lines(finding) == ["nightly: properties.x is 1"]


def test_what_does_not_apply_says_why(tmp_path: Path) -> None:
    finding = found(tmp_path, POLICY, inventory(PREMIUM, task({"status": "Disabled", "x": 2})))

    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert finding.message == "ACR999 does not apply to nightly."
    assert lines(finding) == ["nightly: properties.status is 'Disabled'"]
    assert (finding.remediation, finding.ways, finding.gates, finding.not_gating_because) == (
        (),
        (),
        None,
        None,
    )


def test_without_when_a_policy_applies_always(tmp_path: Path) -> None:
    finding = found(
        tmp_path, POLICY.replace(f"{WHEN}\n", ""), inventory(task({"status": "Disabled", "x": 2}))
    )

    assert finding.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("given", "verdict"), [(None, Verdict.PASS), ({"most": 3}, Verdict.FAIL), ({"most": 4}, Verdict.PASS)]
)
def test_a_parameter_has_its_default_until_it_is_set(
    tmp_path: Path, given: Json | None, verdict: Verdict
) -> None:
    text = POLICY.replace(REQUIRE, 'require: { field: properties.x, lessOrEquals: "{param.most}" }')

    assert found(tmp_path, text, inventory(PREMIUM, task({"x": 4})), given).verdict is verdict


WAYS = """\
require:
  anyOf:
    - way: one
      allOf:
        - { field: properties.a, equals: 1 }
        - { field: properties.b, equals: 1 }
    - way: two
      allOf:
        - { field: properties.c, equals: 1 }
        - { field: properties.d, equals: 1 }
    - { field: properties.e, equals: 1 }
"""


def by_way(finding: Finding) -> list[tuple[str | None, str]]:
    return [(each.way, each.fact.field.removeprefix("properties.")) for each in finding.evidence]


def test_evidence_is_told_for_each_way_also_for_those_that_did_not_decide(tmp_path: Path) -> None:
    text = POLICY.replace(REQUIRE, WAYS)
    rows = {"a": 1, "b": 1, "c": 1, "d": 0, "e": 0}

    passed = found(tmp_path, text, inventory(PREMIUM, task(rows)))
    failed = found(tmp_path, text, inventory(PREMIUM, task({**rows, "b": 0})))
    doubted = found(tmp_path, text, inventory(PREMIUM, task({**rows, "b": "?"})))

    assert (passed.verdict, passed.ways) == (Verdict.PASS, ("one",))
    assert passed.message == "nightly passes by one in eastus, 5."
    assert by_way(passed) == [("one", "a"), ("one", "b"), ("two", "d")]
    assert (failed.verdict, failed.ways) == (Verdict.FAIL, ())
    assert by_way(failed) == [("one", "b"), ("two", "d"), (None, "e")]
    assert (doubted.verdict, doubted.ways) == (Verdict.UNKNOWN, ())
    assert by_way(doubted) == [("one", "b"), ("two", "d"), (None, "status")]


def test_all_ways_that_hold_are_told_in_the_policys_order(tmp_path: Path) -> None:
    rows = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}

    finding = found(tmp_path, POLICY.replace(REQUIRE, WAYS), inventory(PREMIUM, task(rows)))

    assert finding.ways == ("one", "two")
    assert finding.message.startswith("nightly passes by one in")
    assert by_way(finding) == [("one", "a"), ("one", "b"), ("two", "c"), ("two", "d"), (None, "e")]


def test_a_way_that_holds_is_none_where_the_whole_does_not(tmp_path: Path) -> None:
    one, other = "{ way: one, field: properties.a, equals: 1 }", "{ field: properties.b, equals: 1 }"
    both = f"require: {{ allOf: [{one}, {other}] }}"

    finding = found(tmp_path, POLICY.replace(REQUIRE, both), inventory(PREMIUM, task({"a": 1, "b": 0})))

    assert (finding.verdict, finding.ways) == (Verdict.FAIL, ())
    assert by_way(finding) == [("one", "a"), (None, "b")]


EACH = """\
remediation:
  - way: rules
    text: Add {item}.
    forEach: missing
    az: |
      az acr network-rule add --name {registry.name} --ip-address {item}
  - text: Remove.
    forEach: excess
    az: az acr network-rule remove --ip-address {item}
  - text: Look.
references:
"""
COVERS = """\
require:
  way: rules
  of: registry
  field: "properties.networkRuleSet.ipRules[*].value"
  coversServiceTag: AzureContainerRegistry.{registry.location}
"""


def test_a_command_is_repeated_for_each_prefix_of_its_way(tmp_path: Path) -> None:
    text = POLICY[: POLICY.index("remediation:")].replace(REQUIRE, COVERS) + EACH
    rules = {"networkRuleSet": {"ipRules": [{"value": "20.42.66.0/25"}, {"value": "9.9.9.9"}]}}

    finding = found(
        tmp_path, f"{text}  - {{ title: A, url: https://a }}\n", inventory(registry(rules), task())
    )

    assert [(advice.way, advice.text, advice.commands) for advice in finding.remediation] == [
        (
            "rules",
            "Add <item>.",
            (
                "az acr network-rule add --name contoso --ip-address 20.42.66.128/25",
                "az acr network-rule add --name contoso --ip-address 40.71.10.216/29",
            ),
        ),
        (None, "Remove.", ("az acr network-rule remove --ip-address 9.9.9.9/32",)),
        (None, "Look.", ()),
    ]


BY_TYPE = """\
remediation:
  - resource: Microsoft.ContainerRegistry/registries/tasks
    text: For tasks.
  - resource: Microsoft.ContainerRegistry/registries/agentPools
    text: For agent pools.
  - text: For both.
references:
"""


def test_a_remedy_for_another_type_is_not_told(tmp_path: Path) -> None:
    alone = "Microsoft.ContainerRegistry/registries/tasks\n"
    both = (
        "[Microsoft.ContainerRegistry/registries/tasks, Microsoft.ContainerRegistry/registries/agentPools]\n"
    )
    text = POLICY[: POLICY.index("remediation:")].replace(alone, both) + BY_TYPE

    finding = found(
        tmp_path, f"{text}  - {{ title: A, url: https://a }}\n", inventory(PREMIUM, task({"x": 2}))
    )

    assert [advice.text for advice in finding.remediation] == ["For tasks.", "For both."]


def test_evidence_without_a_list_of_prefixes_repeats_nothing(tmp_path: Path) -> None:
    both = COVERS.replace("require:", "require:\n  allOf:\n  - { field: properties.x, equals: 1 }\n  -", 1)
    text = POLICY[: POLICY.index("remediation:")].replace(
        REQUIRE, both.replace("\n  -\n  way: rules\n  of", "\n  - of").replace("\n  field", "\n    field")
    )
    text = text.replace("\n  coversServiceTag", "\n    coversServiceTag") + EACH.replace(
        "way: rules\n    ", ""
    )

    finding = found(
        tmp_path, f"{text}  - {{ title: A, url: https://a }}\n", inventory(PREMIUM, task({"x": 2}))
    )

    assert [len(advice.commands) for advice in finding.remediation] == [2, 0, 0]


def test_a_fail_that_does_not_gate_says_why(tmp_path: Path) -> None:
    preview = POLICY.replace("status: stable", "status: preview")

    finding = found(tmp_path, preview, inventory(PREMIUM, task({"x": 2})))

    assert (finding.verdict, finding.gates, finding.not_gating_because) == (
        Verdict.FAIL,
        None,
        Ungated.PREVIEW,
    )


def test_evidence_names_the_row_it_was_read_from(tmp_path: Path) -> None:
    [known] = found(tmp_path, POLICY, inventory(PREMIUM, task({"x": 2}))).evidence
    of = inventory(PREMIUM, task(), reads=[LISTED])
    absent = POLICY.replace(REQUIRE, "require: { of: agentPool, field: properties.tier, exists: true }")
    [nowhere] = found(tmp_path, absent, of).evidence

    assert (known.fact.source, known.fact.api_version) == (Source.ARM, "2025-03-01-preview")
    assert (nowhere.fact.source, nowhere.fact.api_version, nowhere.fact.assumed) == (None, None, False)


def test_a_remedy_of_another_way_repeats_nothing(tmp_path: Path) -> None:
    text = POLICY[: POLICY.index("remediation:")].replace(REQUIRE, COVERS) + EACH.replace(
        "way: rules", "way: other"
    )

    finding = found(tmp_path, f"{text}  - {{ title: A, url: https://a }}\n", inventory(PREMIUM, task()))

    assert [advice.commands for advice in finding.remediation] == [(), (), ()]


def test_a_deprecated_policy_is_not_judged_and_wanted_narrows_what_is(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(POLICY, "utf-8")
    (tmp_path / "q.yaml").write_text(
        POLICY.replace("ACR999", "ACR998").replace("status: stable", "status: deprecated"), "utf-8"
    )
    pack = load([tmp_path])
    of = inventory(PREMIUM, task({"x": 1}), {**task(), "id": f"{REGISTRY}/tasks/Other"})

    findings = scan(
        Workload.where(
            lambda resource: resource.name != "Other",
            of,
            tag_table(),
            pack.policies,
            pack.terms,
            gate=Gate(),
            parameters={},
        )
    )

    assert [(finding.policy.id, finding.resource.name) for finding in findings] == [("ACR999", "nightly")]


def test_findings_stand_in_the_order_of_policy_and_lower_cased_id(tmp_path: Path) -> None:
    several = POLICY.replace(
        "resource: Microsoft.ContainerRegistry/registries/tasks",
        "resource: [Microsoft.ContainerRegistry/registries/tasks, Microsoft.ContainerRegistry/registries]",
    )
    (tmp_path / "p.yaml").write_text(several, "utf-8")
    (tmp_path / "q.yaml").write_text(POLICY.replace("ACR999", "ACR100"), "utf-8")
    pack = load([tmp_path])
    of = inventory(PREMIUM, {**task(), "id": f"{REGISTRY}/tasks/B"}, {**task(), "id": f"{REGISTRY}/tasks/a"})

    findings = scan(
        Workload.where(
            lambda _: True,
            of,
            tag_table(),
            reversed(pack.policies),
            pack.terms,
            gate=Gate(),
            parameters={},
        )
    )

    assert [(finding.policy.id, finding.resource.name) for finding in findings] == [
        ("ACR100", "a"),
        ("ACR100", "B"),
        ("ACR999", "contoso"),
        ("ACR999", "a"),
        ("ACR999", "B"),
    ]


# ---- what a reader gets, from the shipped policies

EASTUS_TAGS = {"AzureContainerRegistry.EastUS": ["20.42.66.0/24", "40.71.10.216/29", "2603:1030::/125"]}


def shipped(policy: str, resource: str, *rows: Json, reads: tuple[Read, ...] = (LISTED,)) -> Finding:
    pack = shipped_pack.pack()
    findings = scan(
        Workload.where(
            lambda each: each.id == resource,
            inventory(*rows, reads=reads),
            tag_table(EASTUS_TAGS),
            [each for each in pack.policies if each.id == policy],
            pack.terms,
            gate=Gate(),
            parameters={},
        )
    )
    [finding] = findings
    return finding


SELECTED = registry(
    {
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "20.42.66.0/24"}]},
    }
)


def test_a_task_without_a_path_is_told_all_three() -> None:
    finding = shipped("ACR201", TASK, SELECTED, task(identity={"type": "None"}))

    assert finding.verdict is Verdict.FAIL
    assert [(each.way, told(each)) for each in finding.evidence] == [
        ("agent-pool", "nightly: properties.agentPoolName is not set"),
        ("agent-pool", "nightly: has no agentPool"),
        ("bypass", "contoso: properties.networkRuleBypassAllowedForTasks is False (Azure's default)"),
        ("bypass", "nightly: identity.type is 'None'"),
        ("bypass", "nightly: properties.credentials.sourceRegistry.loginMode is 'Default' (Azure's default)"),
        ("bypass", "contoso: properties.roleAssignmentMode is 'LegacyRegistryPermissions' (Azure's default)"),
        ("bypass", "nightly: properties.credentials.sourceRegistry.identity is not set"),
        (
            "bypass",
            "nightly: properties.credentials.customRegistries[contoso.azurecr.io].identity is not set",
        ),
        (
            "ip-rules",
            (
                "contoso: properties.networkRuleSet.ipRules[*].value covers 1 of 2 IPv4 prefixes of "
                "AzureContainerRegistry.eastus; missing 40.71.10.216/29"
            ),
        ),
    ]
    remedies = {advice.way: advice.commands for advice in finding.remediation}
    assert remedies["ip-rules"] == ("az acr network-rule add --name contoso --ip-address 40.71.10.216/29",)
    assert "--subnet-id '<subnet id>'" in remedies["agent-pool"][0]


def test_a_task_ready_for_the_bypass_hinges_on_what_an_old_version_does_not_show() -> None:
    credentials = {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"contoso.azurecr.io": {"identity": "[system]"}},
    }
    old = {**SELECTED, "apiVersion": "2023-07-01"}

    finding = shipped(
        "ACR201", TASK, old, task({"credentials": credentials}, identity={"type": "SystemAssigned"})
    )

    assert finding.verdict is Verdict.UNKNOWN
    assert [told(each) for each in finding.evidence if each.way == "bypass"] == [
        (
            "contoso: properties.networkRuleBypassAllowedForTasks could not be seen "
            "(read with an apiVersion older than 2025-05-01-preview)"
        )
    ]


def test_a_task_with_the_whole_bypass_passes_by_it() -> None:
    credentials = {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"contoso.azurecr.io": {"identity": "[system]"}},
    }
    flagged = registry({"networkRuleBypassAllowedForTasks": True})

    finding = shipped(
        "ACR201", TASK, flagged, task({"credentials": credentials}, identity={"type": "SystemAssigned"})
    )

    assert (finding.verdict, finding.ways) == (Verdict.PASS, ("bypass",))
    assert finding.message == "Task nightly reaches contoso through its bypass path."


def test_a_task_whose_pool_reaches_the_endpoint_passes_by_it() -> None:
    net = f"{REGISTRY.split('/providers')[0]}/providers/Microsoft.Network"
    endpoint = {
        "id": f"{net}/privateEndpoints/pe",
        "properties": {"subnet": {"id": f"{net}/virtualNetworks/hub/subnets/pe"}},
    }
    connection = {
        "properties": {
            "privateEndpoint": {"id": endpoint["id"]},
            "privateLinkServiceConnectionState": {"status": "Approved"},
        }
    }
    subnet = f"{net}/virtualNetworks/hub/subnets/tasks"
    agents = {"virtualNetworkSubnetResourceId": subnet, "provisioningState": "Succeeded", "count": 1}

    finding = shipped(
        "ACR201",
        TASK,
        registry({"privateEndpointConnections": [connection]}),
        task({"agentPoolName": "pool1"}),
        pool(agents),
        endpoint,
    )

    assert (finding.verdict, finding.ways) == (Verdict.PASS, ("agent-pool",))


def test_a_leaf_that_takes_an_opt_in_read_is_optional() -> None:
    of = inventory({"id": WEBHOOK, "properties": {}})

    [leaf] = judged("{ field: properties.serviceScheme, equals: https }", of, WEBHOOK).because()

    assert leaf.optional is True
    assert leaf.text == "could not be seen (only callbackConfig shows it)"


REGION = {"id": REGISTRY, "location": "East US", "properties": {}}


@pytest.mark.parametrize(
    "text",
    [
        '{ field: location, equals: "{location}" }',
        "{ field: location, equals: eastus }",
        "{ field: location, equals: East US }",
        "{ field: location, in: [westus, East US] }",
        "{ field: location, like: East* }",
        "{ field: location, notEquals: West US }",
    ],
)
def test_a_region_compares_as_arm_calls_it(text: str) -> None:
    assert judged(text, inventory(REGION)).truth is Truth.TRUE


@pytest.mark.parametrize("key", ["contoso.azurecr.io", "CONTOSO.AzureCR.io"])
def test_a_bracketed_name_compares_without_case_in_where(key: str) -> None:
    connection = {"properties": {"names": {key: {"identity": "i"}}}}
    row = {"id": REGISTRY, "properties": {"privateEndpointConnections": [connection]}}
    where = '{ field: "properties.names[contoso.azurecr.io].identity", equals: i }'
    text = f'{{ count: {{ field: "properties.privateEndpointConnections[*]", where: {where} }}, equals: 1 }}'

    assert judged(text, inventory(row)).truth is Truth.TRUE
