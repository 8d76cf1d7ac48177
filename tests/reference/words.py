"""Leaves, and the words of evidence: what completes a field to a sentence."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from reference.judgement import Leaf
from scanner.model.resource import Absent, Answer, RequiredRead, Unseen, Value
from scanner.model.truth import Truth
from scanner.result.finding import PROBLEM

DEFAULT = " (Azure's default)"


class About(NamedTuple):
    """What a leaf is about: the resource that was asked (its id), the field, the operator and the operand."""

    resource: str
    field: str
    operator: str
    expected: Any = None


def told(about: About, answer: Answer, truth: Truth) -> Leaf:
    """A leaf that says what is known of its field."""
    resource, field, operator, expected = about
    match answer:
        case Value(value, row, assumed, need):
            text = str(value) if field == PROBLEM else f"is {value!r}{DEFAULT if assumed else ''}"
            needs = () if need is None else (need,)
            return Leaf(truth, resource, field, operator, text, expected, value, assumed, row, needs=needs)
        case Absent(row):
            return Leaf(truth, resource, field, operator, "is not set", expected, row=row)
        case Unseen():
            return Leaf(
                truth,
                resource,
                field,
                operator,
                f"could not be seen ({answer.reason})",
                expected,
                row=answer.row,
                reason=answer.reason,
                help=answer.help,
                optional=answer.optional,
                needs=() if answer.need is None else (answer.need,),
            )


def blamed(leaf: Leaf, unseen: Unseen, others: Iterable[Unseen] = ()) -> Leaf:
    """The leaf with why something was unseen, and the reads that would show it and the others."""
    reads: dict[RequiredRead, None] = {each.need: None for each in (unseen, *others) if each.need is not None}
    needs = tuple(reads)
    return replace(leaf, reason=unseen.reason, help=unseen.help, optional=unseen.optional, needs=needs)


def doubted(leaf: Leaf, operand: Unseen) -> Leaf:
    """The leaf with why its operand is not known."""
    text = f"{leaf.text}, and what to compare it with could not be seen ({operand.reason})"
    return replace(blamed(leaf, operand), truth=Truth.UNKNOWN, text=text)


def mistyped(leaf: Leaf) -> Leaf:
    """The leaf of a value that its operator cannot compare."""
    reason = f"{leaf.operator} cannot compare it with {leaf.expected!r}"
    return replace(leaf, truth=Truth.UNKNOWN, text=f"{leaf.text}, and {reason}", reason=reason)
