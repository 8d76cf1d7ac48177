"""All parts of a condition."""

from collections.abc import Iterator, Mapping

from scanner.policy.model import Condition, Is, Term, inner


def walk(condition: Condition, terms: Mapping[str, Term]) -> Iterator[Condition]:
    """A condition and all that it is made of, the terms that it uses too."""
    yield condition
    below = (terms[condition.term].condition,) if isinstance(condition, Is) else inner(condition)
    for part in below:
        yield from walk(part, terms)
