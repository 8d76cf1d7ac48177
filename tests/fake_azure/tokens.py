"""The words of a query, and the ways in which a query is wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fake_azure.messages import Refusal, graph_error

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<number>\d+)
    |(?P<word>!?[A-Za-z_]\w*(?:-\w+)*~?)
    |(?P<mark>=~|!~|==|!=|>=|<=|[><=|(),.])""",
    re.VERBOSE,
)
INVALID = {
    "code": "InvalidQuery",
    "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and "
    "fix the error before retrying.",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a query, and where it stands."""

    kind: str
    text: str
    line: int
    column: int


def tokens(text: str) -> Iterator[Token]:
    """The words, and one that says that the query ends."""
    place = 0
    while place < len(text):
        line = text.count("\n", 0, place) + 1
        column = place - (text.rfind("\n", 0, place) + 1)
        found = TOKEN.match(text, place)
        if found is None:
            raise misplaced(Token("mark", text[place], line, column))
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found[0], line, column)
        place = found.end()
    yield Token("end", "<EOF>", text.count("\n") + 1, len(text) - (text.rfind("\n") + 1))


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def misplaced(token: Token) -> Refusal:
    """The parser did not expect this word; what it expected is the character that was recorded."""
    failure = {
        "code": "ParserFailure",
        "message": "ParserFailure",
        "line": token.line,
        "characterPositionInLine": token.column,
        "token": token.text,
        "expectedToken": "Ǐ",
    }
    return graph_error(400, "BadRequest", INVALID, failure)


def meaningless(message: str) -> Refusal:
    """The query can be parsed but has no meaning."""
    return graph_error(400, "BadRequest", INVALID, {"code": "Default", "message": message})


def disallowed(table: str) -> Refusal:
    message = f"Table {table} is invalid, unsupported or disallowed."
    return graph_error(400, "BadRequest", {"code": "DisallowedLogicalTableName", "message": message})
