"""Flips each default and proof in the catalogue; a case, a test's table or the sample must notice.

Policies and terms have the same from `acr-scan policy test --mutate`. `python tests/mutate.py` tries all
mutants, `--quick` a fifth of them. Nothing is written: the catalogue is changed as it is read. What survives
is printed as `file: field: mutation`, and makes the exit code 1.
"""

import argparse
import copy
import functools
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

import pytest

from scanner.app.options import ScanOptions
from scanner.app.scan.run import run
from scanner.authoring.cases import Case, read_cases, run_case
from scanner.catalog import fields, relations
from scanner.catalog.fields import read_data
from scanner.engine.fields.lookup import Lookup
from scanner.policy.load import Pack, builtin_folder, load
from scanner.report import json_results

TESTS = Path(__file__).parent
SAMPLE = TESTS.parent / "samples" / "snapshots" / "contoso"
TABLES = (
    "catalog/test_catalog.py",
    "engine/test_provenance.py",
    "engine/test_inventory_world.py",
    "test_mutations.py",
)
"""Test modules that say what the catalogue says; each of their tests that needs no fixture is a check."""

VERSIONS: Mapping[str, Sequence[str]] = {
    "registries": [
        *("2017-03-01", "2017-10-01", "2019-05-01", "2021-09-01", "2022-12-01", "2023-07-01", "2025-04-01"),
        *("2025-11-01", "2017-06-01-preview", "2019-12-01-preview", "2020-11-01-preview"),
        *("2021-06-01-preview", "2021-08-01-preview", "2021-12-01-preview", "2022-02-01-preview"),
        *("2023-01-01-preview", "2023-06-01-preview", "2023-08-01-preview", "2023-11-01-preview"),
        *("2024-11-01-preview", "2025-03-01-preview", "2025-05-01-preview", "2025-06-01-preview"),
        *("2026-01-01-preview", "2026-03-01-preview", "2026-09-01-preview"),
    ],
    "tasks": ["2018-09-01", "2019-04-01", "2019-06-01-preview", "2025-03-01-preview"],
}
"""The api-versions of Azure/azure-resource-manager-schemas: between two of them nothing can be seen."""

EQUIVALENT: Mapping[str, str] = {
    "scanner/catalog/relations.yaml: registries: machineLearningWorkspaces: equals dropped": (
        "a search compares with the id where nothing else is said"
    ),
}
"""Mutants that change no answer, as they are printed, each with why."""


@dataclass(frozen=True)
class Mutant:
    """One change, and whether some check notices it."""

    name: str
    noticed: Callable[[], bool]


def any_case_or_sample(cases: Sequence[Case], pack: Pack) -> bool:
    return any(run_case(case, pack).complaint is not None for case in cases) or sample(pack) != kept()


@functools.cache
def kept() -> str:
    """The results of the sample without any mutant, which the tests compare with samples/reports."""
    return sample(load([builtin_folder()]))


def sample(pack: Pack) -> str:
    """The results of the sample."""
    with mock.patch("scanner.app.scan.run.open_pack", return_value=pack):
        return json_results.render(run(ScanOptions(SAMPLE)), all_results=True)


def catalogue_mutants(cases: Sequence[Case], pack: Pack) -> Iterator[Mutant]:
    for file, module, changes in (
        ("fields.yaml", fields, field_changes),
        ("relations.yaml", relations, relation_changes),
    ):
        data = read_data(file)
        for where, what, place, change in changes(data):
            mutant = copy.deepcopy(data)
            change(functools.reduce(lambda node, key: node[key], place, mutant))
            check = partial(catalogue_noticed, module, mutant, cases, pack)
            yield Mutant(f"scanner/catalog/{file}: {where}: {what}", check)


Change = tuple[str, str, Sequence[str], Callable[[Any], object]]


def field_changes(data: Mapping[str, Any]) -> Iterator[Change]:
    for kind, known in data.items():
        for path, field in known["fields"].items():
            where, place = f"{kind.rsplit('/', 1)[-1]}: {path}", (kind, "fields", path)
            for key in ("default", "withoutPremium", "withheld", "action", "seenIn"):
                if key in field:
                    yield where, f"{key} dropped", place, partial(drop, key)
            if "default" in field:
                yield where, "default becomes another", place, partial(put, "default", another(field))
            if "seenIn" in field:
                yield from seen_changes(where, (*place, "seenIn"), field["seenIn"])


def seen_changes(where: str, place: Sequence[str], seen: Mapping[str, Any]) -> Iterator[Change]:
    for key in ("stable", "preview"):
        for moved in neighbours(where.partition(":")[0], seen.get(key)):
            yield where, f"seenIn.{key} becomes {moved}", place, partial(put, key, moved)
        if {"stable", "preview"} <= seen.keys():
            yield where, f"seenIn.{key} dropped", place, partial(drop, key)
    if "except" in seen:
        yield where, "seenIn.except dropped", place, partial(drop, "except")
    if "resourceGraph" in seen:
        yield where, "seenIn.resourceGraph becomes proven", place, partial(drop, "resourceGraph")
    else:
        yield where, "seenIn.resourceGraph becomes unproven", place, partial(put, "resourceGraph", "unproven")


def neighbours(kind: str, version: str | None) -> Iterator[str]:
    """The api-versions of the same kind just before and after one."""
    if version is None:
        return
    like = [each for each in VERSIONS.get(kind, ()) if len(each) == len(version)]
    before, after = [each for each in like if each < version], [each for each in like if each > version]
    yield from (*before[-1:], *(after[:1] or ["2099-01-01" + version[10:]]))


def relation_changes(data: Mapping[str, Any]) -> Iterator[Change]:
    for kind, named in data.items():
        for name, relation in named.items():
            where, place = f"{kind.rsplit('/', 1)[-1]}: {name}", (kind, name)
            for key, other in (("list", "also"), ("also", "list")):
                if key in relation:
                    yield where, f"{key} dropped", place, partial(drop, key)
                    yield where, f"{key} becomes {other}", place, partial(rename, key, other)
            for key in ("by", "equals"):
                if key in relation:
                    yield where, f"{key} dropped", place, partial(drop, key)
            if relation["kind"] != "derived":
                other = "parent" if relation["kind"] == "children" else "children"
                yield where, f"kind becomes {other}", place, partial(put, "kind", other)


def drop(key: str, node: dict[str, Any]) -> None:
    del node[key]


def put(key: str, value: object, node: dict[str, Any]) -> None:
    node[key] = value


def rename(key: str, other: str, node: dict[str, Any]) -> None:
    node[other] = node.pop(key)


def another(field: Mapping[str, Any]) -> object:
    default = field["default"]
    if isinstance(default, bool):
        return not default
    return next((value for value in field.get("values", ()) if value != default), f"{default}x")


def catalogue_noticed(module: Any, data: Mapping[str, Any], cases: Sequence[Case], pack: Pack) -> bool:
    real = module.read_data
    file = "fields.yaml" if module is fields else "relations.yaml"
    with mock.patch.object(module, "read_data", lambda name: data if name == file else real(name)):
        forget()
        try:
            fresh = [replace(each, world=replace(each.world, lookup=lookup(each))) for each in cases]
            return any(map(fails, tables())) or any_case_or_sample(fresh, pack)
        except Exception:  # noqa: BLE001 - a catalogue that breaks acr-scan is noticed
            return True
        finally:
            forget()


def lookup(case: Case) -> Lookup:
    """A lookup that remembers nothing."""
    return Lookup(case.world.lookup.inventory)


def forget() -> None:
    """Empty every cache of scanner."""
    for name, module in list(sys.modules.items()):
        if name.startswith("scanner."):
            for value in list(vars(module).values()):
                if callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


def tables() -> Iterator[Callable[[], object]]:
    """Every test of TABLES that needs no fixture, with each of its parameter sets."""
    for path in TABLES:
        folder = str((TESTS / path).parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        names: dict[str, Any] = {"__name__": f"mutated_{Path(path).stem}"}
        exec(compiled(path), names)  # noqa: S102 - our own tests, as they are with this catalogue
        for name, test in names.items():
            if name.startswith("test_") and callable(test):
                yield from called(test)


@functools.cache
def compiled(path: str) -> CodeType:
    return compile((TESTS / path).read_text("utf-8"), path, "exec")


def called(test: Callable[..., object]) -> Iterator[Callable[[], object]]:
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    sets = [list(parameters(*mark.args[:2])) for mark in marks]
    for chosen in itertools.product(*sets):
        arguments = {name: value for one in chosen for name, value in one.items()}
        if set(signature(test).parameters) == set(arguments):
            yield partial(test, **arguments)


def parameters(names: str | Sequence[str], values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    known = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    for value in values:
        each = getattr(value, "values", None) if type(value).__name__ == "ParameterSet" else None
        row = each if each is not None else value if len(known) > 1 else (value,)
        yield dict(zip(known, row, strict=True))


def fails(check: Callable[[], object]) -> bool:
    try:
        check()
    except pytest.skip.Exception:
        return False
    except Exception:  # noqa: BLE001 - an assertion, or what the mutant broke
        return True
    return False


# the run


def mutants() -> list[Mutant]:
    pack = load([builtin_folder()])
    cases = read_cases(pack.policies)
    if any_case_or_sample(cases, pack) or any(map(fails, tables())):
        raise SystemExit("the checks fail without any mutant: run make test")
    return list(catalogue_mutants(cases, pack))


def survivors(*, quick: bool = False) -> tuple[int, list[str]]:
    """How many mutants were tried, and the names of those that nothing noticed."""
    tried = mutants()[:: 5 if quick else 1]
    return len(tried), [each.name for each in tried if each.name not in EQUIVALENT and not each.noticed()]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--quick", action="store_true", help="every fifth mutant")
    count, left = survivors(quick=options.parse_args().quick)
    for name in left:
        print(name)
    print(f"{count} mutants, {len(left)} survived, {len(EQUIVALENT)} are equivalent", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
