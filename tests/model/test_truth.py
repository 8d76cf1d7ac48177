"""Kleene's laws, for every pair and every triple of truths."""

from itertools import product

import pytest

from scanner.model.truth import Truth, all_of, any_of, truth_of

FALSE, UNKNOWN, TRUE = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
TRUTHS = (FALSE, UNKNOWN, TRUE)
PAIRS = list(product(TRUTHS, repeat=2))
TRIPLES = list(product(TRUTHS, repeat=3))
RANK = {FALSE: 0, UNKNOWN: 1, TRUE: 2}


def decides(truth: Truth) -> tuple[Truth, ...]:
    """What a truth may turn out to be once all is seen."""
    return (FALSE, TRUE) if truth is UNKNOWN else (truth,)


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_truth_refuses_to_be_a_bool(truth: Truth) -> None:
    with pytest.raises(TypeError, match="a Truth is no bool; compare it with `is`"):
        bool(truth)


@pytest.mark.parametrize("truth", TRUTHS)
def test_if_truth_raises_so_that_no_code_drops_unknown(truth: Truth) -> None:
    with pytest.raises(TypeError):
        assert truth


@pytest.mark.parametrize(("claim", "truth"), [(True, TRUE), (False, FALSE)])
def test_a_claim_that_was_seen_is_true_or_false(claim: bool, truth: Truth) -> None:
    assert truth_of(claim) is truth


@pytest.mark.parametrize(("truth", "other"), [(FALSE, TRUE), (UNKNOWN, UNKNOWN), (TRUE, FALSE)])
def test_not_is_the_mirror_image(truth: Truth, other: Truth) -> None:
    assert truth.negated() is other


@pytest.mark.parametrize("truth", TRUTHS)
def test_two_negations_cancel(truth: Truth) -> None:
    assert truth.negated().negated() is truth


def test_all_of_nothing_is_true() -> None:
    assert all_of([]) is TRUE


def test_any_of_nothing_is_false() -> None:
    assert any_of([]) is FALSE


@pytest.mark.parametrize("truth", TRUTHS)
def test_one_truth_is_itself(truth: Truth) -> None:
    assert (all_of([truth]), any_of([truth])) == (truth, truth)


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_all_of_is_the_least_and_any_of_the_greatest(left: Truth, right: Truth) -> None:
    least, greatest = sorted((left, right), key=RANK.__getitem__)

    assert all_of([left, right]) is least
    assert any_of([left, right]) is greatest


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_the_order_of_parts_does_not_matter(left: Truth, right: Truth) -> None:
    assert all_of([left, right]) is all_of([right, left])
    assert any_of([left, right]) is any_of([right, left])


@pytest.mark.parametrize(("first", "second", "third"), TRIPLES)
def test_grouping_does_not_matter(first: Truth, second: Truth, third: Truth) -> None:
    assert all_of([all_of([first, second]), third]) is all_of([first, all_of([second, third])])
    assert all_of([first, second, third]) is all_of([first, all_of([second, third])])
    assert any_of([any_of([first, second]), third]) is any_of([first, any_of([second, third])])
    assert any_of([first, second, third]) is any_of([first, any_of([second, third])])


@pytest.mark.parametrize(("first", "second", "third"), TRIPLES)
def test_each_distributes_over_the_other(first: Truth, second: Truth, third: Truth) -> None:
    assert all_of([first, any_of([second, third])]) is any_of(
        [all_of([first, second]), all_of([first, third])]
    )
    assert any_of([first, all_of([second, third])]) is all_of(
        [any_of([first, second]), any_of([first, third])]
    )


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_de_morgan_holds(left: Truth, right: Truth) -> None:
    assert all_of([left, right]).negated() is any_of([left.negated(), right.negated()])
    assert any_of([left, right]).negated() is all_of([left.negated(), right.negated()])


@pytest.mark.parametrize("truths", TRIPLES)
def test_seeing_more_never_turns_a_decided_answer_around(truths: tuple[Truth, ...]) -> None:
    for seen in product(*map(decides, truths)):
        assert all_of(seen) in decides(all_of(truths))
        assert any_of(seen) in decides(any_of(truths))


@pytest.mark.parametrize("truths", TRIPLES)
def test_an_answer_is_unknown_only_where_both_are_possible(truths: tuple[Truth, ...]) -> None:
    uncertain = list(product(*map(decides, truths)))

    assert {all_of(seen) for seen in uncertain} == set(decides(all_of(truths)))
    assert {any_of(seen) for seen in uncertain} == set(decides(any_of(truths)))
