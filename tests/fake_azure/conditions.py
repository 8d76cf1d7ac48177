"""Expressions and conditions of a query, parsed into functions of a row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fake_azure.graph_rows import OBJECT, STRING
from fake_azure.tokens import Token, meaningless, misplaced, tokens, unquoted

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
NUMBER = "number"
ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}
EQUALITIES = frozenset({"==", "!=", "=~", "!~"})
SETS = frozenset({"in", "!in", "in~", "!in~"})
STARTS = frozenset({"startswith", "!startswith"})


@dataclass(frozen=True)
class Expression:
    """A column, a member of one, a literal, or a function of these."""

    name: str
    kind: str
    of: Callable[[Row], Any]


class Parser:
    """Goes through the words of a query; knows the columns that there are at each step."""

    def __init__(self, text: str, columns: Mapping[str, str], *, orders_strings: bool) -> None:
        self.columns = columns
        self._tokens = list(tokens(text))
        self._place = 0
        self._orders_strings = orders_strings

    @property
    def now(self) -> Token:
        return self._tokens[self._place]

    @property
    def after(self) -> Token:
        return self._tokens[min(self._place + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self.now
        if token.kind == "end":
            raise misplaced(token)
        self._place += 1
        return token

    def word(self) -> Token:
        if self.now.kind != "word":
            raise misplaced(self.now)
        return self.take()

    def number(self) -> int:
        if self.now.kind != "number":
            raise misplaced(self.now)
        return int(self.take().text)

    def mark(self, text: str) -> None:
        if self.now.kind != "mark" or self.now.text != text:
            raise misplaced(self.now)
        self.take()

    def keyword(self, text: str) -> None:
        if not self.skip(text):
            raise misplaced(self.now)

    def skip(self, text: str) -> bool:
        """Whether the next word is this one, which is passed over then."""
        if self.now.kind in {"word", "mark"} and self.now.text == text:
            self.take()
            return True
        return False

    def expression(self, operator: str) -> Expression:
        if self.now.kind == "string":
            text = unquoted(self.take().text)
            return Expression("Column1", STRING, lambda _: text)
        if self.now.kind == "number":
            value = self.number()
            return Expression("Column1", NUMBER, lambda _: value)
        word = self.word()
        if self.now.text == "(":
            return self._function(word, operator)
        if word.text not in self.columns:
            raise meaningless(
                f"'{operator}' operator: Failed to resolve scalar expression named '{word.text}'"
            )
        path = [word.text]
        while self.skip("."):
            path.append(self.word().text)
        kind = self.columns[word.text] if len(path) == 1 else OBJECT
        return Expression("_".join(path), kind, lambda row: _member(row, path))

    def _function(self, word: Token, operator: str) -> Expression:
        self.mark("(")
        inner = self.expression(operator)
        match word.text:
            case "tolower":
                made = Expression(inner.name, STRING, lambda row: str(inner.of(row) or "").lower())
            case "tostring":
                made = Expression(inner.name, STRING, lambda row: str(inner.of(row) or ""))
            case "strcmp":
                self.mark(",")
                other = self.expression(operator)
                made = Expression(
                    "Column1", NUMBER, lambda row: _compared(str(inner.of(row)), str(other.of(row)))
                )
            case _:
                raise misplaced(word)
        self.mark(")")
        return made

    def condition(self) -> Test:
        tests = [self._all()]
        while self.skip("or"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._comparison()]
        while self.skip("and"):
            tests.append(self._comparison())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _comparison(self) -> Test:
        if self.skip("("):
            inner = self.condition()
            self.mark(")")
            return inner
        left = self.expression("where") if self.after.kind != "end" else self._dangling()
        operator = self.take()
        if operator.text in SETS:
            return _in(left, operator.text, self._literals())
        if operator.text not in ORDERINGS and operator.text not in EQUALITIES | STARTS:
            raise misplaced(operator)
        return self._compare(left, operator.text, self.expression("where"))

    def _dangling(self) -> Expression:
        self.take()
        raise misplaced(self.now)

    def _compare(self, left: Expression, operator: str, right: Expression) -> Test:
        if operator in ORDERINGS:
            if left.kind == right.kind == STRING and not self._orders_strings:
                raise meaningless(
                    "Cannot compare values of types string and string. Try adding explicit casts"
                )
            compare = ORDERINGS[operator]
            return lambda row: compare(left.of(row), right.of(row))
        wanted = not operator.startswith("!")
        if operator.endswith("startswith"):
            return lambda row: _text(left, row).lower().startswith(_text(right, row).lower()) is wanted
        if operator.endswith("~"):
            return lambda row: (_text(left, row).lower() == _text(right, row).lower()) is wanted
        return lambda row: (left.of(row) == right.of(row)) is wanted

    def _literals(self) -> list[str]:
        self.mark("(")
        found: list[str] = []
        while True:
            if self.now.kind != "string":
                raise misplaced(self.now)
            found.append(unquoted(self.take().text))
            if not self.skip(","):
                break
        self.mark(")")
        return found


def _in(left: Expression, operator: str, literals: list[str]) -> Test:
    wanted = not operator.startswith("!")
    if operator.endswith("~"):
        folded = {text.lower() for text in literals}
        return lambda row: (_text(left, row).lower() in folded) is wanted
    exact = set(literals)
    return lambda row: (_text(left, row) in exact) is wanted


def _text(expression: Expression, row: Row) -> str:
    return str(expression.of(row) or "")


def _member(row: Row, path: list[str]) -> Any:
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _compared(left: str, right: str) -> int:
    return (left > right) - (left < right)
