"""One field against one operand."""

from collections.abc import Sequence
from typing import Any

from reference.judgement import Leaf
from reference.subject import Asked, Subject
from reference.words import About, blamed, doubted, mistyped, told
from scanner.engine.language.operators import OPERATORS
from scanner.engine.traffic.nsg import Flow, decide
from scanner.engine.traffic.prefixes import PREFIX_OPERATORS, compare
from scanner.model.resource import Absent, Answer, Unseen, Value, normal_location
from scanner.model.truth import Truth, truth_of
from scanner.policy.model import Comparison, Traffic
from scanner.policy.operators import NEGATIVES
from scanner.policy.templates import Template


def compared(condition: Comparison, subject: Subject) -> Leaf:
    """What came of a comparison.

    On what is absent every positive operator is FALSE, on what is unseen UNKNOWN.
    """
    asked = subject.ask(condition.field)
    operand = operand_value(condition.operand, subject)
    if asked.field == "location" and subject.member is None and isinstance(operand, Value):
        operand = Value(_regions(operand.value))
    expected = operand.value if isinstance(operand, Value) else None
    about = About(subject.resource.id, asked.field, condition.operator, expected)
    answer = asked.answer
    if isinstance(answer, Unseen):
        return told(about, answer, Truth.UNKNOWN)
    if isinstance(condition.operand, Traffic):
        return _against_rules(condition.operand, subject, answer, about)
    if condition.operator in PREFIX_OPERATORS:
        return _against_tag(condition, subject, asked, operand, about)
    positive = NEGATIVES.get(condition.operator, condition.operator)
    if positive == "exists":
        truth = truth_of(_is_set(answer) is expected)
    elif isinstance(operand, Unseen):
        return doubted(told(about, answer, Truth.UNKNOWN), operand)
    elif isinstance(answer, Absent) or isinstance(operand, Absent):
        truth = Truth.FALSE
    else:
        truth = OPERATORS[positive](answer.value, operand.value)
        if truth is Truth.UNKNOWN:
            return mistyped(told(about, answer, truth))
    return told(about, answer, truth.negated() if condition.operator in NEGATIVES else truth)


def operand_value(operand: Any, subject: Subject) -> Answer:
    """An operand with its placeholders filled; a list without its items that are absent."""
    match operand:
        case Template():
            return subject.fill.value(operand)
        case tuple():
            items = [operand_value(item, subject) for item in operand]
            lost = next((item for item in items if isinstance(item, Unseen)), None)
            return lost or Value([item.value for item in items if isinstance(item, Value)])
        case _:
            return Value(operand)


def _regions(operand: Any) -> Any:
    """Regions as a row's location compares: `East US` is `eastus`."""
    match operand:
        case str():
            return normal_location(operand)
        case list():
            return [_regions(item) for item in operand]
        case _:
            return operand


def _is_set(answer: Answer) -> bool:
    """Whether a field is set; a default that Azure assumes is not."""
    return isinstance(answer, Value) and not answer.assumed


def _against_tag(condition: Comparison, subject: Subject, asked: Asked, name: Answer, about: About) -> Leaf:
    """The IPv4 rules of a field against a service tag; what is no text is no rule, and covers nothing."""
    region = None if condition.except_region is None else subject.fill.value(condition.except_region)
    rules = _rules(condition, asked)
    texts = [rule for rule in rules if isinstance(rule, str)]
    found = compare(condition.operator, subject.world.tags, texts, name, region)
    doubt, truth, text = found.unseen, found.truth, found.text
    odd = next((member for member in asked.members if isinstance(member, Unseen)), None)
    if doubt is None and odd is not None and truth is not Truth.TRUE:
        doubt, truth, text = odd, Truth.UNKNOWN, f"{text}; not all could be seen ({odd.reason})"
    leaf = Leaf(
        truth,
        *about[:3],
        text,
        about.expected,
        rules,
        row=asked.answer.row,
        missing=found.missing,
        excess=found.excess,
    )
    return leaf if doubt is None else blamed(leaf, doubt)


def _against_rules(traffic: Traffic, subject: Subject, held: Value | Absent, about: About) -> Leaf:
    """The rules of a network security group against traffic; without rules of its own it has Azure's."""
    peer = subject.fill.value(traffic.peer)
    rules = held.value if isinstance(held, Value) else []
    if not isinstance(peer, Value):
        unseen = peer if isinstance(peer, Unseen) else Unseen("the other end is not known")
        return doubted(told(about, Value("rules", held.row), Truth.UNKNOWN), unseen)
    flow = Flow(traffic.direction, str(peer.value), traffic.port)
    about = about._replace(expected=str(flow))
    if not isinstance(rules, list):
        return mistyped(told(about, held, Truth.UNKNOWN))
    found = decide(rules, flow, subject.world.tags)
    reason = f"{found.rule} cannot be compared with it" if found.truth is Truth.UNKNOWN else None
    text = found.text(flow)
    return Leaf(found.truth, *about[:3], text, about.expected, found.rule, row=held.row, reason=reason)


def _rules(condition: Comparison, asked: Asked) -> Sequence[Any]:
    if condition.field.many:
        return [member.value for member in asked.members if isinstance(member, Value)]
    match asked.answer:
        case Value(list() as values):
            return values
        case Value(value):
            return [value]
        case _:
            return []
