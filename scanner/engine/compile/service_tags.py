"""IPv4 rules against a service tag: `coversServiceTag`, `overlapsServiceTag` and `insideServiceTag`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scanner.engine.compile.condition import (
    TRUE,
    UNKNOWN,
    CompiledCondition,
    Grounds,
    Subject,
    to_code,
)
from scanner.engine.compile.facts import because_unseen, origin, reads_of, unseen_fact
from scanner.engine.compile.fields import FieldReader, array_names, raw_value
from scanner.engine.compile.operand import Operand
from scanner.engine.language.world import World
from scanner.engine.traffic.prefixes import Compared, compare
from scanner.model.resource import Answer, Resource, Row, Unseen, Value
from scanner.model.truth import Truth
from scanner.result.finding import Evidence, EvidenceFact


class _Rules(NamedTuple):
    """The rules of a field: all values, why one could not be read, and the row that has them."""

    values: Sequence[Any]
    unreadable: Unseen | None
    row: Row | None


@dataclass(frozen=True, slots=True)
class ServiceTagComparison(CompiledCondition[Subject]):
    """The IPv4 rules of a field against a service tag; what is no text is no rule, and covers nothing."""

    world: World
    operator: str
    reader: FieldReader[Subject]
    name: Operand
    except_region: Operand | None

    def truth(self, subject: Subject, root: Resource) -> int:
        rules = self._rules(subject, root)
        if isinstance(rules, Unseen):
            return UNKNOWN
        truth = to_code(self._compared(rules, root).truth)
        return UNKNOWN if truth != TRUE and rules.unreadable is not None else truth

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        path, rules, name = self.reader.path.text, self._rules(subject, root), self.name.value(root)
        expected = name.value if isinstance(name, Value) else None
        if isinstance(rules, Unseen):
            unseen = unseen_fact(path, self.operator, expected, rules)
            return Grounds(UNKNOWN, (Evidence(unseen, subject.id, None, reads_of(rules)),))
        found = self._compared(rules, root)
        doubt, truth, text = found.unseen, found.truth, found.text
        if doubt is None and rules.unreadable is not None and truth is not Truth.TRUE:
            doubt, truth = rules.unreadable, Truth.UNKNOWN
            text = f"{text}; not all could be seen ({doubt.reason})"
        source, version = origin(rules.row)
        fact = EvidenceFact(
            path,
            self.operator,
            text,
            truth,
            expected,
            rules.values,
            source=source,
            api_version=version,
            missing=found.missing,
            excess=found.excess,
        )
        if doubt is not None:
            fact = because_unseen(fact, doubt)
        return Grounds(to_code(truth), (Evidence(fact, subject.id, None, reads_of(doubt)),))

    def _compared(self, rules: _Rules, root: Resource) -> Compared:
        texts = [rule for rule in rules.values if isinstance(rule, str)]
        region: Answer | None = None if self.except_region is None else self.except_region.value(root)
        return compare(self.operator, self.world.tags, texts, self.name.value(root), region)

    def _rules(self, subject: Subject, root: Resource) -> _Rules | Unseen:
        """The rules, or why the field could not be seen."""
        rules = self._of_best_row(subject)
        if rules is not None:
            return rules
        reading = self.reader.read(subject, root)
        answer = reading.answer
        if isinstance(answer, Unseen):
            return answer
        if self.reader.path.many:
            unreadable = next((each for each in reading.members if isinstance(each, Unseen)), None)
            values = [each.value for each in reading.members if isinstance(each, Value)]
            return _Rules(values, unreadable, answer.row)
        match answer:
            case Value(list() as values):
                return _Rules(values, None, answer.row)
            case Value(value):
                return _Rules([value], None, answer.row)
            case _:
                return _Rules([], None, answer.row)

    def _of_best_row(self, subject: Subject) -> _Rules | None:
        """The rules where the best row holds a list of objects that all have the text; None for any other."""
        split = array_names(self.reader.path)
        if split is None or not isinstance(subject, Resource) or len(split[1]) != len(("[*]", "value")):
            return None
        array, name = raw_value(subject, split[0]), split[1][1]
        if array.__class__ is not list:
            return None
        values = [member.get(name) for member in array if member.__class__ is dict]
        whole = len(values) == len(array) and all(value.__class__ is str and value for value in values)
        return _Rules(values, None, subject.rows[0]) if whole else None
