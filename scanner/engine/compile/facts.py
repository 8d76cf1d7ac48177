"""Facts of evidence: what a comparison found, in the words that completes its field to a sentence."""

from collections.abc import Callable, Hashable
from typing import Any

import msgspec

from scanner.model.resource import Absent, Answer, RequiredRead, Row, Source, Unseen, Value
from scanner.model.truth import Truth
from scanner.result.finding import PROBLEM, EvidenceFact

DEFAULT = " (Azure's default)"
_MOST = 4096
"""Facts that a condition keeps: enough for the values that recur, and a bound where none does."""


class FactTable(dict[Hashable, EvidenceFact]):
    """The facts that a condition has found, by what was read: many resources say the same.

    One object for each also lets renderers remember the text that they made of it.
    """

    def fact(self, key: Hashable, make: Callable[[], EvidenceFact]) -> EvidenceFact:
        """The fact of what was read; made where nobody read the same before."""
        found = self.get(key)
        if found is None:
            found = make()
            if len(self) < _MOST:
                self[key] = found
        return found


def found_fact(field: str, operator: str, expected: Any, answer: Answer, truth: Truth) -> EvidenceFact:
    """A fact that says what is known of a field."""
    match answer:
        case Value(value, row, assumed):
            text = str(value) if field == PROBLEM else f"is {value!r}{DEFAULT if assumed else ''}"
            source, version = origin(row)
            return EvidenceFact(field, operator, text, truth, expected, value, assumed, source, version)
        case Absent(row):
            source, version = origin(row)
            return EvidenceFact(
                field, operator, "is not set", truth, expected, source=source, api_version=version
            )
        case Unseen():
            return unseen_fact(field, operator, expected, answer)


def unseen_fact(field: str, operator: str, expected: Any, unseen: Unseen) -> EvidenceFact:
    """A fact that says why a field, or a related resource, could not be seen."""
    source, version = origin(unseen.row)
    return EvidenceFact(
        field,
        operator,
        f"could not be seen ({unseen.reason})",
        Truth.UNKNOWN,
        expected,
        source=source,
        api_version=version,
        reason=unseen.reason,
        help=unseen.help,
        optional=unseen.optional,
    )


def origin(row: Row | None) -> tuple[Source | None, str | None]:
    """Where a row came from, and at which api-version."""
    return (None, None) if row is None else (row.source, row.api_version)


def unseen_key(unseen: Unseen) -> Hashable:
    """All that evidence says of what could not be seen."""
    return unseen.reason, unseen.help, unseen.optional, origin(unseen.row)


def because_unseen(fact: EvidenceFact, unseen: Unseen) -> EvidenceFact:
    """The fact with why something could not be seen."""
    return msgspec.structs.replace(fact, reason=unseen.reason, help=unseen.help, optional=unseen.optional)


def unknown_operand(fact: EvidenceFact, operand: Unseen) -> EvidenceFact:
    """The fact with why what the field is compared with is not known."""
    text = f"{fact.text}, and what to compare it with could not be seen ({operand.reason})"
    return msgspec.structs.replace(because_unseen(fact, operand), truth=Truth.UNKNOWN, text=text)


def wrong_type(fact: EvidenceFact) -> EvidenceFact:
    """The fact of a value that its operator cannot compare."""
    reason = f"{fact.operator} cannot compare it with {fact.expected!r}"
    return msgspec.structs.replace(
        fact, truth=Truth.UNKNOWN, text=f"{fact.text}, and {reason}", reason=reason
    )


def reads_of(*unseen: Unseen | None) -> tuple[RequiredRead, ...]:
    """The ARM reads that would show what could not be seen, each once."""
    reads = (each.need for each in unseen if each is not None and each.need is not None)
    return tuple(dict.fromkeys(reads))
