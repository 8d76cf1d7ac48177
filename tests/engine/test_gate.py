"""Which verdicts turn a gate red: the whole matrix."""

from itertools import product

import make
import pytest

from scanner.engine.compile.policy import rests_on_opt_in
from scanner.model.truth import Truth
from scanner.policy.model import Policy, Severity, Status
from scanner.result.finding import Evidence, EvidenceFact, Ungated, Verdict
from scanner.result.gate import Gate

SEVERITIES = list(Severity)
THRESHOLDS: list[Severity | None] = [*Severity, None]
ORDER = ["info", "low", "medium", "high", "critical"]


def policy(severity: Severity = Severity.HIGH, status: Status = Status.STABLE) -> Policy:
    return make.policy(severity=severity, status=status)


def leaf(truth: Truth, *, optional: bool = False) -> Evidence:
    ground = EvidenceFact(
        field="properties.x",
        operator="equals",
        expected=1,
        actual=None,
        truth=truth,
        assumed=False,
        source=None,
        api_version=None,
        reason=None,
        help=None,
        optional=optional,
        missing=None,
        excess=None,
        text="",
    )
    return Evidence(ground, "/subscriptions/s")


ASKED = leaf(Truth.UNKNOWN)
NOT_ASKED = leaf(Truth.UNKNOWN, optional=True)
SETTLED = leaf(Truth.FALSE)

EVIDENCE = {
    "asked": [ASKED],
    "not asked": [NOT_ASKED],
    "not asked, and settled leaves": [SETTLED, NOT_ASKED, leaf(Truth.TRUE)],
    "both": [NOT_ASKED, ASKED],
    "none": [],
    "settled": [SETTLED],
}
RESTS_ON_OPT_IN = {"not asked", "not asked, and settled leaves"}


def expected(
    threshold: Severity | None, severity: Severity, status: Status, verdict: Verdict
) -> Verdict | Ungated | None:
    """The part of the matrix in which neither option nor evidence counts."""
    if verdict in {Verdict.PASS, Verdict.EXEMPT, Verdict.NOT_APPLICABLE}:
        return None
    if threshold is None:
        return Ungated.NEVER
    if status is not Status.STABLE:
        return Ungated.PREVIEW
    if ORDER.index(severity.value) < ORDER.index(threshold.value):
        return Ungated.BELOW_THRESHOLD
    return verdict


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_gates_by_threshold_severity_and_status(
    threshold: Severity | None, status: Status, verdict: Verdict
) -> None:
    for severity in SEVERITIES:
        answer = Gate(fail_on=threshold).gates(
            policy(severity, status), verdict, not_asked=rests_on_opt_in([ASKED])
        )

        assert answer is expected(threshold, severity, status, verdict), severity


@pytest.mark.parametrize("kind", EVIDENCE)
@pytest.mark.parametrize(("allow_unknown", "strict"), list(product([False, True], repeat=2)))
@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.UNKNOWN])
def test_options_and_opt_in_reads_only_matter_to_a_gating_unknown(
    kind: str, allow_unknown: bool, strict: bool, verdict: Verdict
) -> None:
    for threshold, severity, status in product(THRESHOLDS, SEVERITIES, Status):
        gate = Gate(threshold, allow_unknown=allow_unknown, strict=strict)

        answer = gate.gates(policy(severity, status), verdict, not_asked=rests_on_opt_in(EVIDENCE[kind]))

        wanted = expected(threshold, severity, status, verdict)
        if wanted is Verdict.UNKNOWN and allow_unknown:
            wanted = Ungated.UNKNOWN_ALLOWED
        elif wanted is Verdict.UNKNOWN and kind in RESTS_ON_OPT_IN and not strict:
            wanted = Ungated.NOT_ASKED
        assert answer is wanted


def test_without_options_low_is_the_threshold() -> None:
    gate = Gate()

    assert gate == Gate(Severity.LOW, allow_unknown=False, strict=False)
    assert (
        gate.gates(policy(Severity.LOW), Verdict.FAIL, not_asked=rests_on_opt_in([SETTLED])) is Verdict.FAIL
    )
    assert (
        gate.gates(policy(Severity.INFO), Verdict.FAIL, not_asked=rests_on_opt_in([SETTLED]))
        is Ungated.BELOW_THRESHOLD
    )


@pytest.mark.parametrize(
    ("severity", "rank"),
    [
        (Severity.INFO, 0),
        (Severity.LOW, 1),
        (Severity.MEDIUM, 2),
        (Severity.HIGH, 3),
        (Severity.CRITICAL, 4),
    ],
)
def test_severities_stand_in_rising_order(severity: Severity, rank: int) -> None:
    assert severity.rank == rank
