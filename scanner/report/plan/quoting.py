"""Names and values as literals of the languages that a plan is written in: what they say, and nothing else.

A character that an eye would miss stands as its escape, so that a reader sees what will run.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from scanner.text.printable import printable

_INDENT = "  "
_REPLACEMENT = "\ufffd"


def shell(text: str) -> str:
    """A word of a POSIX shell; in bash's own quoting where a character would not show."""
    if printable(text) == text:
        return shlex.quote(text)
    return f"$'{''.join(map(_ansi, text))}'"


def _ansi(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if printable(character) == character:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def bicep(text: str) -> str:
    """A string literal of Bicep."""
    return f"'{''.join(map(_bicep, _whole(text))).replace('${', chr(92) + '${')}'"


def _bicep(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    return character if printable(character) == character else f"\\u{{{ord(character):x}}}"


def bicep_value(value: Any, depth: int = 0) -> str:
    """A JSON value as an expression of Bicep, over several lines where it is not a scalar."""
    inner, outer = _INDENT * (depth + 1), _INDENT * depth
    match value:
        case Raw():
            return value.text
        case Mapping() if value:
            members = [
                f"{inner}{_key(str(name))}: {bicep_value(each, depth + 1)}\n" for name, each in value.items()
            ]
            return f"{{\n{''.join(members)}{outer}}}"
        case Mapping():
            return "{}"
        case str():
            return bicep(value)
        case Sequence() if value:
            members = [f"{inner}{bicep_value(each, depth + 1)}\n" for each in value]
            return f"[\n{''.join(members)}{outer}]"
        case Sequence():
            return "[]"
        case _:
            return _scalar(value)


def _key(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else bicep(name)


class Raw:
    """An expression that stands as it is."""

    def __init__(self, text: str) -> None:
        self.text = text


def hcl(text: str) -> str:
    """A string literal of Terraform's language."""
    quoted = "".join(map(_hcl, _whole(text)))
    return f'"{quoted.replace("${", "$${").replace("%{", "%%{")}"'


def _hcl(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    if printable(character) == character:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def hcl_value(value: Any, depth: int = 0) -> str:
    """A JSON value as an expression of Terraform's language, laid out as `terraform fmt` does."""
    inner, outer = _INDENT * (depth + 1), _INDENT * depth
    match value:
        case Raw():
            return value.text
        case Mapping() if value:
            return f"{{\n{attributes(value, depth + 1)}{outer}}}"
        case Mapping():
            return "{}"
        case str():
            return hcl(value)
        case Sequence() if value:
            members = [f"{inner}{hcl_value(each, depth + 1)},\n" for each in value]
            return f"[\n{''.join(members)}{outer}]"
        case Sequence():
            return "[]"
        case _:
            return _scalar(value)


def attributes(values: Mapping[Any, Any], depth: int) -> str:
    """Attributes a line each, the equal signs of neighbors below each other."""
    names = {str(name): _hcl_key(str(name)) for name in values}
    written = {str(name): hcl_value(value, depth) for name, value in values.items()}
    lines: list[str] = []
    group: list[tuple[str, str]] = []
    for name, text in written.items():
        if "\n" in text:
            lines += _aligned(group, depth)
            group = []
            lines.append(f"{_INDENT * depth}{names[name]} = {text}\n")
        else:
            group.append((names[name], text))
    return "".join([*lines, *_aligned(group, depth)])


def _aligned(group: Sequence[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(name) for name, _ in group), default=0)
    return [f"{_INDENT * depth}{name:<{width}} = {text}\n" for name, text in group]


def _hcl_key(name: str) -> str:
    return name if name.isascii() and name.replace("-", "_").isidentifier() else hcl(name)


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int) else hcl(str(value)).replace('"', "'")


def _whole(text: str) -> str:
    """The text without halves of a pair, which no file can hold."""
    return "".join(_REPLACEMENT if "\ud800" <= each <= "\udfff" else each for each in text)
