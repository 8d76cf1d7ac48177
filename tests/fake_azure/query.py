"""The part of Kusto's language that a scanner needs: where, project, order by, take, summarize, count.

Anything else is refused as the service refuses what it cannot parse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_azure.conditions import Expression, Parser, Test
from fake_azure.graph_rows import COLUMNS, OBJECT, STRING, TABLES
from fake_azure.tokens import disallowed, misplaced

Row = Mapping[str, Any]
Step = Callable[[Sequence[Row]], Sequence[Row]]
OPERATORS = frozenset({"where", "project", "order", "sort", "take", "limit", "summarize", "count"})


@dataclass(frozen=True)
class Query:
    """A parsed query: the table, what is done to its rows, and the columns that come out."""

    table: str
    steps: Sequence[Step]
    columns: Mapping[str, str]
    limited: bool

    @property
    def pageable(self) -> bool:
        """Whether its answer comes with a $skipToken: not after `take`, nor if all columns are dynamic."""
        return not self.limited and any(kind != OBJECT for kind in self.columns.values())

    def run(self, rows: Sequence[Row]) -> Sequence[Row]:
        for step in self.steps:
            rows = step(rows)
        return rows


def parse(text: str, *, orders_strings: bool = False) -> Query:
    """A query from its text; raises a Refusal."""
    parser = Parser(text, dict(COLUMNS), orders_strings=orders_strings)
    if parser.now.text.lower() in OPERATORS:
        return _rest(parser, "resources", [_step(parser)])
    word = parser.word()
    if word.text.lower() not in TABLES:
        raise disallowed(word.text)
    return _rest(parser, word.text.lower(), [])


def _rest(parser: Parser, table: str, steps: list[Step]) -> Query:
    limited = False
    while parser.now.kind != "end":
        parser.mark("|")
        limited = limited or parser.now.text.lower() in {"take", "limit"}
        steps.append(_step(parser))
    return Query(table, steps, parser.columns, limited)


def _step(parser: Parser) -> Step:
    word = parser.word()
    match word.text.lower():
        case "where":
            return _where(parser.condition())
        case "project":
            return _project(parser)
        case "order" | "sort":
            return _order(parser)
        case "take" | "limit":
            return _take(parser.number())
        case "summarize":
            return _summarize(parser)
        case "count":
            parser.columns = {"Count": STRING}
            return lambda rows: [{"Count": len(rows)}]
    raise misplaced(word)


def _where(test: Test) -> Step:
    return lambda rows: [row for row in rows if test(row)]


def _take(count: int) -> Step:
    return lambda rows: rows[:count]


def _project(parser: Parser) -> Step:
    kept: dict[str, Expression] = {}
    kinds: dict[str, str] = {}
    while True:
        named = parser.now.text if parser.after.text == "=" else None
        if named is not None:
            parser.word()
            parser.mark("=")
        expression = parser.expression("project")
        name = named or expression.name
        kept[name], kinds[name] = expression, expression.kind
        if not parser.skip(","):
            break
    parser.columns = kinds
    return lambda rows: [{name: one.of(row) for name, one in kept.items()} for row in rows]


def _order(parser: Parser) -> Step:
    parser.keyword("by")
    keys: list[tuple[Expression, bool]] = []
    while True:
        expression = parser.expression("order")
        descending = not parser.skip("asc")
        if descending:
            parser.skip("desc")
        keys.append((expression, descending))
        if not parser.skip(","):
            break

    def ordered(rows: Sequence[Row]) -> Sequence[Row]:
        for expression, descending in reversed(keys):
            rows = sorted(rows, key=_by(expression), reverse=descending)
        return rows

    return ordered


def _by(expression: Expression) -> Callable[[Row], str]:
    return lambda row: str(expression.of(row) or "")


def _summarize(parser: Parser) -> Step:
    parser.keyword("count")
    parser.mark("(")
    parser.mark(")")
    by: list[Expression] = []
    if parser.skip("by"):
        by.append(parser.expression("summarize"))
        while parser.skip(","):
            by.append(parser.expression("summarize"))
    parser.columns = {**{one.name: one.kind for one in by}, "count_": STRING}

    def counted(rows: Sequence[Row]) -> Sequence[Row]:
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            key = {one.name: one.of(row) for one in by}
            found.setdefault(repr(key), {**key, "count_": 0})["count_"] += 1
        return list(found.values()) if by else [{"count_": len(rows)}]

    return counted
