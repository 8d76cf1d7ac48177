"""The lines of evidence: by way, each leaf once, help after the leaves that it is for."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model.truth import Truth
from scanner.report.evidence import EvidenceRenderer, line
from scanner.result.finding import Evidence, Verdict

Maker = Callable[..., Any]


def test_leaves_share_a_ground_and_have_names_of_their_own(a_finding: Maker, evidence: Maker) -> None:
    ground = evidence("pool", field="f", text="is 'x\u202e'").fact
    leaves = tuple(Evidence(ground, f"/a/{name}", "pool") for name in ("one", "two\x1b", "one"))
    wording = EvidenceRenderer()
    for _ in range(2):
        assert wording.lines(a_finding(), leaves, line) == [
            "✗ pool",
            r"    one: f is 'x\u202e'",
            r"    two\x1b: f is 'x\u202e'",
        ]


def test_help_stands_after_the_last_leaf_that_has_it(a_finding: Maker, evidence: Maker) -> None:
    leaves = [
        evidence("w", Truth.UNKNOWN, field=field, text="is", help=help_)
        for field, help_ in (("a", "x"), ("b", "x"), ("c", "y"), ("d", None), ("e", "x"))
    ]
    assert EvidenceRenderer().lines(a_finding(Verdict.UNKNOWN), leaves, line) == [
        "? w",
        *("    nightly: a is", "    nightly: b is", "    help: x"),
        *("    nightly: c is", "    help: y"),
        *("    nightly: d is", "    nightly: e is", "    help: x"),
    ]


@pytest.mark.parametrize(
    ("verdict", "ways", "mark"),
    [(Verdict.PASS, ("w",), "✓"), (Verdict.PASS, ("v",), "✗"), (Verdict.FAIL, (), "✗")],
)
def test_a_way_has_the_mark_of_what_came_of_it(
    a_finding: Maker, evidence: Maker, verdict: Verdict, ways: tuple[str, ...], mark: str
) -> None:
    first, *_ = EvidenceRenderer().lines(a_finding(verdict, ways=ways), [evidence("w", Truth.TRUE)], line)
    assert first == f"{mark} w"


def test_what_is_settled_outside_of_the_ways_is_not_told_of_an_unknown(
    a_finding: Maker, evidence: Maker
) -> None:
    leaves = [
        evidence(None, Truth.TRUE, field="a", text="is"),
        evidence(None, Truth.UNKNOWN, field="b", text="is"),
        evidence("w", Truth.TRUE, field="c", text="is"),
    ]
    told = ["? nightly: b is", "✗ w", "    nightly: c is"]
    assert EvidenceRenderer().lines(a_finding(Verdict.UNKNOWN), leaves, line) == told
    assert EvidenceRenderer().lines(a_finding(Verdict.PASS), leaves, line)[0] == "✓ nightly: a is"


def test_at_most_so_many_leaves_of_a_way_and_texts_of_such_a_length(
    a_finding: Maker, evidence: Maker
) -> None:
    leaves = [evidence("w", field="f", text=f"{number}{'x' * 700}") for number in range(3)]
    short = EvidenceRenderer(2).lines(a_finding(), leaves, line)
    assert short[0] == "✗ w"
    assert [text[:16] for text in short[1:]] == ["    nightly: f 0", "    nightly: f 1", "    … and 1 more"]
    assert short[1].endswith("x … and 103 characters more")
    assert len(EvidenceRenderer().lines(a_finding(), leaves, line)) == 4
