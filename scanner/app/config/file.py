"""`acr-scan.yaml`: a scan's options in a file. Its schema says which option each key stands for."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from scanner.app.config.settings import Config, Setting
from scanner.errors import ContentError, Problem
from scanner.policy.load import read_yaml
from scanner.text.validation import validate
from scanner.text.yaml import Document, DocumentPath, spelled

SCHEMA = "config.schema.json"
PARAMETERS = "parameters"
STDOUT = "-"


class OptionKey(msgspec.Struct, frozen=True):
    """A key of the file: its section and name, the option that it stands for, and whether it names files."""

    section: str
    name: str
    option: str
    is_path: bool

    @property
    def parameter(self) -> str:
        """The option as Python spells it."""
        return self.option.removeprefix("--").replace("-", "_")


@cache
def keys() -> tuple[OptionKey, ...]:
    """Every key of the sections that stand for options, in the order of the schema."""
    schema = json.loads(Path(__file__).with_name(SCHEMA).read_text("utf-8"))
    return tuple(
        OptionKey(
            section, name, key["option"], "path" in {key.get("format"), key.get("items", {}).get("format")}
        )
        for section, contents in schema["properties"].items()
        for name, key in contents.get("properties", {}).items()
    )


def read_config(path: Path) -> Config:
    """The settings of a file; ContentError lists all that is wrong in it."""
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    if document is not None:
        problems += validate(document, SCHEMA, __package__)
    if problems or document is None:
        raise ContentError(problems)
    settings = tuple(_settings(document))
    if unfit := [each for each in settings if isinstance(each.value, str) and "\0" in each.value]:
        said = "holds a NUL, which no option can"
        raise ContentError(Problem(each.file, each.line, each.field, said) for each in unfit)
    lists = {key.parameter for key in keys() if isinstance(_at(document, key), list)} | {"param"}
    return Config(settings, frozenset(lists))


def _settings(document: Document) -> Iterator[Setting]:
    for key in keys():
        place, value = (key.section, key.name), _at(document, key)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield _setting(document, key, item, (*place, number))
        elif value is not None:
            yield _setting(document, key, value, place)
    for policy, values in document.data.get(PARAMETERS, {}).items():
        for name, value in values.items():
            spot: DocumentPath = (PARAMETERS, policy, name)
            text = str(value).lower() if isinstance(value, bool) else str(value)
            setting = f"{policy}.{name}={text}"
            yield Setting("param", "--param", setting, document.file, document.line(spot), spelled(spot))


def _at(document: Document, key: OptionKey) -> Any:
    return document.data.get(key.section, {}).get(key.name)


def _setting(document: Document, key: OptionKey, value: Any, place: DocumentPath) -> Setting:
    """A value where it stands; a file is found from the folder of the config file."""
    if key.is_path and value != STDOUT:
        value = str(Path(document.file).parent / value)
    return Setting(key.parameter, key.option, value, document.file, document.line(place), spelled(place))
