"""Policies and terms from folders: discovery is the folder, there is no list to keep."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec

from scanner.errors import PolicyError, Problem, os_reason
from scanner.policy.model import Policy, Term
from scanner.policy.parse import Parser
from scanner.text.validation import validate
from scanner.text.yaml import Document, YamlError, parse_yaml

TERMS_FILE = "_terms.yaml"
POLICY_SCHEMA = "schema.json"
TERMS_SCHEMA = "terms.schema.json"
CASES_SUFFIX = ".test.yaml"
SIZE = 1_000_000

_Item = TypeVar("_Item", Policy, Term)


class Pack(msgspec.Struct, frozen=True):
    """Policies in the order of their ids, the terms by name, and the text of every file read."""

    policies: tuple[Policy, ...]
    terms: Mapping[str, Term]
    texts: Mapping[str, str]

    @property
    def by_role(self) -> Mapping[str, Policy]:
        """The policies that have a role, by it; of several, one that acr-scan ships, then the least id.

        A policy of the user's may begin as a copy of a shipped one.
        """
        home = builtin_folder()
        order = sorted(self.policies, key=lambda policy: not Path(policy.spot.file).is_relative_to(home))
        return {policy.role: policy for policy in reversed(order) if policy.role is not None}


def builtin_folder() -> Path:
    """The pack that acr-scan ships: inside the wheel, or beside the package in a checkout."""
    return _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent / "policies"


_PACKAGE = Path(__file__).parent.parent
_IN_WHEEL = _PACKAGE / "_policies"
"""Its shape was checked before the wheel was built; what is in a checkout anybody may edit."""


def load(folders: Iterable[Path], *, shipped: bool = False) -> Pack:
    """Every policy and term of the folders; PolicyError lists all that is wrong in any file.

    With `shipped` the pack that acr-scan ships comes first.
    """
    pack = _Loading()
    if shipped:
        home = builtin_folder()
        pack.add(home, check=home != _IN_WHEEL)
    for folder in folders:
        pack.add(folder, check=True)
    if pack.problems:
        raise PolicyError(pack.problems)
    policies = tuple(pack.policies[key] for key in sorted(pack.policies))
    return Pack(policies, pack.terms, pack.texts)


class _Loading(msgspec.Struct):
    """A pack as it grows."""

    problems: list[Problem] = msgspec.field(default_factory=list)
    policies: dict[str, Policy] = msgspec.field(default_factory=dict)
    terms: dict[str, Term] = msgspec.field(default_factory=dict)
    texts: dict[str, str] = msgspec.field(default_factory=dict)

    def add(self, folder: Path, *, check: bool) -> None:
        """What a folder holds; `check` validates the shape of its files."""
        for path in policy_files(folder, self.problems):
            document = read_yaml(path, self.problems)
            if document is None:
                continue
            self.texts[document.file] = path.read_text("utf-8")
            schema = TERMS_SCHEMA if path.name == TERMS_FILE else POLICY_SCHEMA
            if check and (wrong := validate(document, schema, __package__)):
                self.problems += wrong
                continue
            parser = Parser(document)
            if schema == TERMS_SCHEMA:
                self.problems += _claimed(self.terms, {term.name: term for term in parser.terms()}, "term")
            elif policy := parser.policy():
                self.problems += _claimed(self.policies, {policy.id: policy}, "id")
            self.problems += parser.problems


def policy_files(folder: Path, problems: list[Problem]) -> list[Path]:
    """The policy and terms files of a folder, or of a single file, in the order of their names."""
    try:
        if folder.is_file():
            return [folder]
        if not folder.is_dir():
            problems.append(Problem(str(folder), 1, "", "there is no such folder of policies"))
            return []
        files = sorted(_below(folder))
    except OSError as error:
        problems.append(Problem(str(error.filename or folder), 1, "", os_reason(error)))
        return []
    unread = "policy files end in .yaml, so this one would not be read"
    problems += [Problem(str(path), 1, "", unread) for path in files if path.name.endswith(".yml")]
    found = [path for path in files if path.name.endswith(".yaml") and not path.name.endswith(CASES_SUFFIX)]
    if not found:
        problems.append(Problem(str(folder), 1, "", "the folder holds no policy; files end in .yaml"))
    return found


def _below(folder: Path) -> Iterator[Path]:
    """All that lies below a folder; OSError where a folder there cannot be read: it may hold policies."""

    def refuse(error: OSError) -> NoReturn:
        raise error

    for place, folders, files in os.walk(folder, onerror=refuse):
        yield from (Path(place, name) for name in (*folders, *files))


def read_yaml(path: Path, problems: list[Problem]) -> Document | None:
    """A YAML file, or None and the problem noted."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE + 1)
        if len(data) > SIZE:
            problems.append(Problem(str(path), 1, "", f"larger than {SIZE:,} bytes"))
            return None
        return parse_yaml(data.decode("utf-8-sig"), str(path))
    except YamlError as error:
        problems.append(error.problem)
    except UnicodeDecodeError:
        problems.append(Problem(str(path), 1, "", "not UTF-8 text"))
    except OSError as error:
        problems.append(Problem(str(path), 1, "", os_reason(error)))
    return None


def _claimed(taken: dict[str, _Item], found: Mapping[str, _Item], what: str) -> list[Problem]:
    """Adds what is found; a name that is taken already is a problem."""
    problems = []
    for name, item in found.items():
        if name in taken:
            first = taken[name].spot
            spot = item.spot
            message = f"the {what} {name} is taken by {first.file}:{first.line}"
            problems.append(Problem(spot.file, spot.line, "", message))
        else:
            taken[name] = item
    return problems
