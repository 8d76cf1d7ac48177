"""What `--show-config` prints: a config file of the settings that hold, each with where it comes from."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from typing import Any

from scanner.text.printable import printable

_BARE = re.compile(r"-?(0|[1-9][0-9]*)|true|false")


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting, in its section of the file."""

    section: str
    name: str
    value: Any
    origin: str


def render(settings: Sequence[Shown], parameters: Sequence[str], origin: str) -> str:
    """The settings in their order, without those that nobody set; then `ID.name=value` parameters."""
    lines = []
    for section, members in groupby(settings, key=lambda setting: setting.section):
        shown = [each for each in members if each.value not in (None, (), [])]
        texts = [(f"  {each.name}: {_yaml(each.value)}", each.origin) for each in shown]
        lines += [f"{section}:", *_commented(texts)] if texts else []
    if parameters:
        lines += ["parameters:", *_commented([(text, origin) for text in _parameters(parameters)])]
    return "".join(f"{line}\n" for line in lines)


def _commented(texts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(text) for text, _ in texts)
    for text, origin in texts:
        yield f"{text:<{width}}  # {printable(origin)}"


def _yaml(value: Any) -> str:
    """A value as flow YAML that no terminal obeys."""
    match value:
        case PurePath():
            return json.dumps(str(value))
        case tuple() | list():
            return f"[{', '.join(map(_yaml, value))}]"
        case _:
            return json.dumps(value)


def _parameters(settings: Sequence[str]) -> Iterator[str]:
    """A line for each policy; the last value of a parameter holds."""
    values: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for setting in settings:
        target, _, text = setting.partition("=")
        policy, _, name = target.partition(".")
        values[policy][name] = text
    for policy, members in values.items():
        texts = (f"{json.dumps(name)}: {_scalar(text)}" for name, text in members.items())
        yield f"  {json.dumps(policy)}: {{ {', '.join(texts)} }}"


def _scalar(text: str) -> str:
    return text if _BARE.fullmatch(text) else json.dumps(text)
