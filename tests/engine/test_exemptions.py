"""Exemptions and baselines on findings: what they turn, what they leave, and what they say when they end."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_findings import Told, table_of
from make import policy

from scanner.engine.exemptions import Acceptance, exemption_notices
from scanner.model.resource import Resource, Row, Source
from scanner.result.exemption import Baseline, Category, Exemption, ExemptionStatus, Use
from scanner.result.finding import Exempted, Explanation, Finding, Ungated, Verdict
from scanner.result.finding_table import FindingTable
from scanner.result.report import Notice

TODAY = "2026-11-21"
SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
GROUP = f"{SUBSCRIPTION}/resourceGroups/Shop"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/Contoso"
TASK = f"{REGISTRY}/tasks/Nightly"

POLICIES = [
    policy("ACR201", "task-network-path"),
    policy("ACR101", "public-access-restricted"),
    policy("ACR901", "admin-user-off"),
]


def finding(verdict: Verdict = Verdict.FAIL, of: str = TASK, by: str = "ACR201") -> Finding:
    gates = verdict if verdict in {Verdict.FAIL, Verdict.UNKNOWN} else None
    row = Row(of, "microsoft.containerregistry/registries", {}, Source.ARM, None)
    judged_by = next(each for each in POLICIES if each.id == by)
    return Finding(judged_by, Resource(of.lower(), (row,)), Told(Explanation("Said.")), verdict, gates=gates)


def exemption(target: str = TASK, **changes: Any) -> Exemption:
    fields = {
        "policy": "ACR201",
        "whole_scope": False,
        "category": Category.WAIVER,
        "reason": "It moves in March.",
        "owner": "team-build",
        "expires_on": "2026-12-31",
        "where": "exemptions.yaml:2",
        **changes,
    }
    return Exemption(target=target.lower(), **fields)


def exempt(
    findings: Sequence[Finding], exemptions: Sequence[Exemption], today: str
) -> tuple[FindingTable, tuple[Use, ...]]:
    """Findings with their exemptions, in the order of reports, and what came of each."""
    table, acceptance = table_of(findings), Acceptance(exemptions, None, today)
    acceptance.on(table)
    return table, acceptance.uses(POLICIES)


def accept(findings: Sequence[Finding], known: Baseline) -> tuple[FindingTable, list[Notice]]:
    """Findings with a baseline, in the order of reports, and news of it."""
    table, acceptance = table_of(findings), Acceptance([], known, TODAY)
    acceptance.on(table)
    return table, [*acceptance.baseline_notices()]


def outcome(
    findings: Sequence[Finding], *exemptions: Exemption, today: str = TODAY
) -> tuple[list[Verdict], list[Use]]:
    found, uses = exempt(findings, exemptions, today)
    return [each.verdict for each in found], list(uses)


def test_a_valid_exemption_turns_a_fail_into_exempt_which_gates_no_longer() -> None:
    (found,), (use,) = exempt([finding()], [exemption()], TODAY)

    assert found.verdict is Verdict.EXEMPT
    assert found.gates is None
    assert found.not_gating_because is None
    assert found.exemption == Exempted("waiver", "It moves in March.", "team-build", "2026-12-31")
    assert found.message == "Said."
    assert (use.standing, use.exempted) == (ExemptionStatus.USED, 1)


@pytest.mark.parametrize(
    ("verdict", "category", "expected"),
    [
        (Verdict.FAIL, Category.WAIVER, Verdict.EXEMPT),
        (Verdict.FAIL, Category.MITIGATED, Verdict.EXEMPT),
        (Verdict.UNKNOWN, Category.WAIVER, Verdict.UNKNOWN),
        (Verdict.UNKNOWN, Category.MITIGATED, Verdict.EXEMPT),
        (Verdict.PASS, Category.MITIGATED, Verdict.PASS),
        (Verdict.NOT_APPLICABLE, Category.MITIGATED, Verdict.NOT_APPLICABLE),
    ],
)
def test_a_waiver_turns_fails_and_mitigated_turns_unknowns_too(
    verdict: Verdict, category: Category, expected: Verdict
) -> None:
    before = finding(verdict)

    (after,), _ = exempt([before], [exemption(category=category)], TODAY)

    assert after.verdict is expected
    assert (after.ruling == before.ruling) == (expected is verdict)


@pytest.mark.parametrize(
    ("today", "expected", "standing"),
    [
        ("2026-12-30", Verdict.EXEMPT, ExemptionStatus.USED),
        ("2026-12-31", Verdict.EXEMPT, ExemptionStatus.USED),
        ("2027-01-01", Verdict.FAIL, ExemptionStatus.EXPIRED),
    ],
)
def test_an_exemption_holds_through_its_last_day(
    today: str, expected: Verdict, standing: ExemptionStatus
) -> None:
    verdicts, (use,) = outcome([finding()], exemption(), today=today)

    assert verdicts == [expected]
    assert use.standing is standing


@pytest.mark.parametrize(
    ("target", "scope", "covered"),
    [
        (TASK, False, True),
        (TASK.upper(), False, True),
        (REGISTRY, False, False),
        (f"{TASK}x", False, False),
        (TASK, True, True),
        (REGISTRY, True, True),
        (f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/Conto", True, False),
        (GROUP, True, True),
        (GROUP[:-1], True, False),
        (SUBSCRIPTION, True, True),
        (SUBSCRIPTION[:-1], True, False),
        ("/subscriptions/22222222-2222-3333-4444-555555555555", True, False),
    ],
)
def test_a_resource_is_exact_and_a_scope_ends_where_an_id_does(
    target: str, scope: bool, covered: bool
) -> None:
    verdicts, _ = outcome([finding()], exemption(target, whole_scope=scope))

    assert verdicts == [Verdict.EXEMPT if covered else Verdict.FAIL]


names = st.text(st.sampled_from("aB1._-"), min_size=1, max_size=4)


@given(st.lists(names, min_size=1, max_size=6), st.lists(names, min_size=1, max_size=6), st.booleans())
def test_a_scope_covers_an_id_if_and_only_if_its_segments_begin_it(
    scope: list[str], segments: list[str], nested: bool
) -> None:
    path = [*scope, *segments] if nested else segments
    target, of = "/" + "/".join(scope), "/" + "/".join(path)

    verdicts, _ = outcome([finding(of=of)], exemption(target, whole_scope=True))

    begins = [part.lower() for part in path][: len(scope)] == [part.lower() for part in scope]
    assert verdicts == [Verdict.EXEMPT if begins else Verdict.FAIL]


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("ACR201", True),
        ("acr201", True),
        ("ACR2*", True),
        ("*", True),
        ("ACR20?", True),
        ("ACR[12]01", True),
        ("ACR20", False),
        ("ACR9*", False),
        ("task-network-path", False),
    ],
)
def test_a_policy_is_an_id_or_a_glob(pattern: str, covered: bool) -> None:
    verdicts, _ = outcome([finding()], exemption(policy=pattern))

    assert verdicts == [Verdict.EXEMPT if covered else Verdict.FAIL]


def test_the_first_valid_one_of_the_file_is_named() -> None:
    over = exemption(owner="first", expires_on="2026-01-01")
    wide = exemption(SUBSCRIPTION, whole_scope=True, owner="second")
    exact = exemption(owner="third")

    (found,), uses = exempt([finding()], [over, wide, exact], TODAY)

    assert found.exemption is not None
    assert found.exemption.owner == "second"
    assert [use.standing for use in uses] == [
        ExemptionStatus.EXPIRED,
        ExemptionStatus.USED,
        ExemptionStatus.USED,
    ]


def test_others_keep_what_they_had() -> None:
    other = finding(of=f"{REGISTRY}/tasks/other")

    found, _ = exempt([finding(), other], [exemption()], TODAY)

    assert [each.ruling for each in found if each.resource is other.resource] == [other.ruling]


def test_an_expired_one_says_how_many_findings_count_again() -> None:
    scope = exemption(SUBSCRIPTION, whole_scope=True, policy="ACR*", expires_on="2026-11-20")
    passing = finding(Verdict.PASS, REGISTRY, "ACR101")
    _, (use,) = outcome([finding(), finding(of=REGISTRY, by="ACR901"), passing], scope)

    assert use.reason == "expired after 2026-11-20; the 2 findings that it covered count again"
    assert use.help == "fix what it covers, or agree on a later expiresOn"

    _, (one,) = outcome([finding(), passing], scope)
    _, (none,) = outcome([passing], scope)

    assert one.reason == "expired after 2026-11-20; the finding that it covered counts again"
    assert none.reason == "expired after 2026-11-20; no finding of this scan depends on it"


UNUSED = {
    "passes": (
        [finding(Verdict.PASS)],
        exemption(),
        ExemptionStatus.UNUSED,
        "what it covers passes",
        "delete it: nothing is left to accept",
    ),
    "unknown, and a waiver": (
        [finding(Verdict.UNKNOWN)],
        exemption(),
        ExemptionStatus.UNUSED,
        "what it covers is unknown",
        "only `category: mitigated` exempts an unknown",
    ),
    "passes and does not apply": (
        [finding(Verdict.NOT_APPLICABLE), finding(Verdict.PASS, f"{REGISTRY}/tasks/b")],
        exemption(REGISTRY, whole_scope=True),
        ExemptionStatus.UNUSED,
        "what it covers passes and is not applicable",
        "delete it: nothing is left to accept",
    ),
    "no such resource": (
        [finding()],
        exemption(f"{REGISTRY}/tasks/gone"),
        ExemptionStatus.NOTHING,
        "nothing that ACR201 judges has this id",
        "delete it, or correct it",
    ),
    "an empty scope": (
        [finding()],
        exemption(f"{GROUP}x", whole_scope=True),
        ExemptionStatus.NOTHING,
        "nothing that ACR201 judges lies in this scope",
        "delete it, or correct it",
    ),
    "a registry, and its tasks are judged": (
        [finding()],
        exemption(REGISTRY),
        ExemptionStatus.NOTHING,
        "ACR201 judges what lies below this resource, not the resource itself",
        "write `scope` instead of `resource`",
    ),
    "a misspelt id": (
        [finding()],
        exemption(policy="ACR2O1"),
        ExemptionStatus.NOTHING,
        "no policy has the id ACR2O1; did you mean 'ACR201'?",
        "delete it, or correct it",
    ),
    "a name": (
        [finding()],
        exemption(policy="Task-Network-Path"),
        ExemptionStatus.NOTHING,
        "Task-Network-Path is the name of ACR201, and an exemption goes by the id",
        "delete it, or correct it",
    ),
}


@pytest.mark.parametrize(
    ("findings", "unused", "standing", "reason", "help_"), UNUSED.values(), ids=list(UNUSED)
)
def test_an_exemption_of_no_use_says_why(
    findings: list[Finding], unused: Exemption, standing: ExemptionStatus, reason: str, help_: str
) -> None:
    before = [each.verdict for each in findings]

    verdicts, (use,) = outcome(findings, unused)

    assert sorted(verdicts, key=str) == sorted(before, key=str)
    assert (use.standing, use.reason, use.help, use.exempted) == (standing, reason, help_, 0)
    (notice,) = exemption_notices([use], narrowed=False, complete=True)
    assert (notice.kind, notice.where) == ("unused-exemption", "exemptions.yaml:2")
    assert (notice.reason, notice.help) == (reason, help_)


def test_one_in_use_is_no_news_and_an_expired_one_always_is() -> None:
    _, uses = outcome([finding()], exemption(), exemption(expires_on="2026-11-20", where="e.yaml:9"))

    for narrowed in (False, True):
        (notice,) = exemption_notices(uses, narrowed=narrowed, complete=True)
        assert (notice.kind, notice.where) == ("expired-exemption", "e.yaml:9")


@pytest.mark.parametrize("case", list(UNUSED))
def test_a_narrowed_scan_tells_only_what_the_rest_could_not_change(case: str) -> None:
    findings, unused, *_ = UNUSED[case]
    _, uses = outcome(findings, unused)

    told = list(exemption_notices(uses, narrowed=True, complete=True))

    assert bool(told) == (case in {"passes", "unknown, and a waiver", "a misspelt id", "a name"})


def test_an_incomplete_inventory_does_not_advise_to_delete() -> None:
    _, uses = outcome([finding()], exemption(f"{REGISTRY}/tasks/gone"), exemption(policy="ACR2O1"))

    gone, misspelt = exemption_notices(uses, narrowed=False, complete=False)

    assert gone.help == "look again when the inventory is complete: what could not be seen may need it"
    assert misspelt.help == "delete it, or correct it"


@given(
    st.lists(st.sampled_from([*Verdict][:3]), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(Category), st.dates().map(str)), max_size=4),
)
def test_exemptions_never_make_a_pass_and_never_touch_one(
    verdicts: list[Verdict], given_: list[tuple[Category, str]]
) -> None:
    findings = [finding(verdict, f"{REGISTRY}/tasks/t{n}") for n, verdict in enumerate(verdicts)]
    exemptions = [
        exemption(SUBSCRIPTION, whole_scope=True, policy="*", category=category, expires_on=day)
        for category, day in given_
    ]

    found, _ = exempt(findings, exemptions, TODAY)

    valid = {category for category, day in given_ if day >= TODAY}
    turned = (
        set() if not valid else {Verdict.FAIL} | ({Verdict.UNKNOWN} if Category.MITIGATED in valid else set())
    )
    now = [Verdict.EXEMPT if verdict in turned else verdict for verdict in verdicts]
    assert [each.verdict for each in found] == now


def baseline(*findings: Finding) -> Baseline:
    return Baseline("old.json", frozenset(each.fingerprint for each in findings))


def test_a_fail_of_the_baseline_is_marked_and_does_not_gate() -> None:
    old, new = finding(), finding(of=f"{REGISTRY}/tasks/new")

    fresh, known = accept([old, new], baseline(old))[0]

    assert (known.verdict, known.in_baseline) == (Verdict.FAIL, True)
    assert (known.gates, known.not_gating_because) == (None, Ungated.BASELINE)
    assert fresh.ruling == new.ruling


def test_a_fail_that_gates_for_no_other_reason_keeps_that_reason() -> None:
    below = Finding(
        POLICIES[0],
        finding().resource,
        Told(Explanation("")),
        Verdict.FAIL,
        not_gating_because=Ungated.BELOW_THRESHOLD,
    )

    (known,) = accept([below], baseline(below))[0]

    assert (known.in_baseline, known.not_gating_because) == (True, Ungated.BELOW_THRESHOLD)


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.FAIL])
def test_a_baseline_marks_nothing_but_fails(verdict: Verdict) -> None:
    before = finding(verdict)

    assert [each.ruling for each in accept([before], baseline(before))[0]] == [before.ruling]


def test_fixed_fails_of_a_baseline_are_news() -> None:
    fixed, gone = finding(Verdict.PASS), finding(Verdict.NOT_APPLICABLE, REGISTRY)
    still, unseen = finding(of=f"{TASK}2"), finding(Verdict.UNKNOWN, f"{TASK}3")

    (one,) = accept([fixed, still, unseen], baseline(fixed, still, unseen))[1]
    (two,) = accept([fixed, gone], baseline(fixed, gone))[1]

    assert (one.kind, one.where) == ("stale-baseline", "old.json")
    assert one.reason == "1 of its 3 fails is fixed, and it would hide it if seen again"
    assert two.reason == "2 of its 2 fails are fixed, and it would hide them if seen again"
    assert one.help == "write it anew with --create-baseline"
    assert accept([still, unseen], baseline(still, unseen))[1] == []


def test_thousands_of_exemptions_cost_by_the_finding_not_by_each_other() -> None:
    tasks = [f"{REGISTRY}/tasks/t{number}" for number in range(3000)]
    findings = [finding(of=task) for task in tasks]

    found, uses = exempt(findings, [exemption(task) for task in tasks], TODAY)

    assert Counter(each.verdict for each in found) == {Verdict.EXEMPT: 3000}
    assert {use.exempted for use in uses} == {1}
