"""The shape of the house: who may import whom, read from the imports themselves."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "scanner").rglob("*.py"))

ROOMS = {"engine", "sources", "report", "app", "network"}
"""Packages whose own packages are layers as well."""

ENGINE = {
    "engine",
    "engine.fields",
    "engine.traffic",
    "engine.relations",
    "engine.language",
    "engine.compile",
}
BELOW_SOURCES = {"text", "model", "network", "network.tags", "policy", "catalog", "result"}
SOURCES = {"sources", "sources.rows", "sources.files", "sources.azure"}
REPORT = {
    "report",
    "report.console",
    "report.plan",
    "report.tags",
    "report.sarif",
    "report.docs",
    "report.html",
}
BELOW_APP = {*BELOW_SOURCES, *ENGINE, *SOURCES, *REPORT, "access", "remediation", "history", "authoring"}
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "text": set(),
    "model": set(),
    "network": {"model"},
    "network.tags": {"network", "model"},
    "policy": {"text"},
    "catalog": {"model"},
    "result": {"model", "policy"},
    "engine.fields": {"model", "network", "policy", "catalog"},
    "engine.traffic": {"engine.fields", "model", "network"},
    "engine.relations": {"engine.fields", "engine.traffic", "model", "network", "policy", "catalog"},
    "engine.language": {"engine.fields", "model", "network", "policy", "catalog", "result"},
    "engine.compile": {"engine.fields", "engine.traffic", "engine.language", "model", "policy", "result"},
    "engine": {
        "engine.fields",
        "engine.relations",
        "engine.language",
        "engine.compile",
        "model",
        "policy",
        "result",
    },
    "access": {
        "engine.fields",
        "engine.relations",
        "engine.compile",
        "model",
        "network",
        "policy",
        "catalog",
        "result",
    },
    "remediation": {
        *(
            "engine.fields",
            "engine.relations",
            "engine.compile",
            "model",
            "network",
            "policy",
            "catalog",
            "result",
        )
    },
    "sources": set(),
    "sources.rows": {"model"},
    "sources.files": {"sources", "sources.rows", "model", "network", "result"},
    "sources.azure": {"sources", "sources.files", "sources.rows", "model", "network", "catalog"},
    "history": {"result"},
    "report": {"text", "model", "policy", "result"},
    "report.console": {"report", "text", "model", "policy", "result"},
    "report.plan": {"text", "result"},
    "report.tags": {"report.console", "text", "network", "network.tags"},
    "report.sarif": {"report", "text", "model", "policy", "result"},
    "report.docs": {"report.plan", "text", "model", "policy"},
    "report.html": {"report", "text", "model", "policy", "result"},
    "authoring": {*BELOW_SOURCES, *ENGINE, "report.docs"},
    "app.options": {"policy", "result", "sources"},
    "app": {*BELOW_APP, "app.options", "app.scan", "app.accept"},
    "app.config": {"text", "policy"},
    "app.accept": {*BELOW_SOURCES, *SOURCES, "engine", "app.options"},
    "app.scan": {*BELOW_APP, "app.options", "app.accept"} - {"authoring", "access", "remediation"},
    "app.service_tags": {*BELOW_APP, "app.options", "app.scan"},
    "app.remediate": {*BELOW_APP, "app.options", "app.scan"},
    "cli": {*BELOW_APP, "app", "app.options", "app.config", "app.scan", "app.service_tags", "app.remediate"},
    "__main__": {"cli"},
    "__init__": set(),
}
"""ARCHITECTURE, "The packages": what each may import besides itself and `errors`."""


def dotted(path: Path) -> str:
    """A module's name, that of a package for its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path) for path in MODULES}


def layer_of(module: str) -> str:
    """The package that a module lies in, or the room of it; `__init__` for `scanner` itself."""
    first, *rest = [*module.split("."), "__init__"][1:]
    is_room = first in ROOMS and rest and f"{first}.{rest[0]}" in LAYERS
    return f"{first}.{rest[0]}" if is_room else first


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a module imports anywhere in it; a submodule rather than its package."""
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, level):
                assert level == 0, f"{path.name} imports relative to itself"
                for alias in names:
                    inner = f"{module}.{alias.name}"
                    yield inner if inner in NAMES else str(module)


def strings(path: Path) -> Iterator[str]:
    """Every text in a module: a lazy import names its module in one."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def imported() -> Mapping[str, set[str]]:
    """What each module imports."""
    return {dotted(path): set(imports(path)) for path in MODULES}


def too_low(module: str) -> set[str]:
    """The layers that a module imports and may not."""
    layer = layer_of(module)
    used = {layer_of(name) for name in imported()[module] if name.split(".")[0] == "scanner"}
    return used - {*LAYERS[layer], layer, "errors", "__init__"}


def test_modules_import_only_the_layers_above_them() -> None:
    assert {module: too_low(module) for module in sorted(NAMES) if too_low(module)} == {}


def test_the_table_does_not_let_a_layer_import_one_that_imports_it() -> None:
    for layer, above in LAYERS.items():
        assert not [other for other in above if layer in LAYERS[other]], layer


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("azure", "scanner.sources.azure"),
        ("junit_xml", "scanner.report.junit"),
        ("sqlalchemy", "scanner.history"),
        ("alembic", "scanner.history"),
        ("jinja2", "scanner.report"),
        ("jsonschema", "scanner.text"),
    ],
)
def test_a_package_is_known_in_one_place_alone(package: str, homes: str) -> None:
    users = {
        module for module, names in imported().items() if any(name.split(".")[0] == package for name in names)
    }

    assert {module for module in users if module != homes and not module.startswith(f"{homes}.")} == set()


def test_no_import_hides_behind_type_checking() -> None:
    assert [dotted(path) for path in MODULES if "TYPE_CHECKING" in path.read_text("utf-8")] == []


def test_every_module_is_read_at_a_sitting() -> None:
    lengths = {dotted(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {module: lines for module, lines in lengths.items() if lines > 300} == {}


def test_a_public_class_name_means_one_thing() -> None:
    homes: dict[str, list[str]] = {}
    for path in MODULES:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(dotted(path))

    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_few_lines_are_exempt_from_a_rule() -> None:
    sources = [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "samples").rglob("*.py"))]
    mark = "# no" + "qa"
    silenced = [
        (path.name, line) for path in sources for line in path.read_text("utf-8").splitlines() if mark in line
    ]

    assert len(silenced) <= 40, "a rule that many lines break is wrong: say so once in pyproject.toml"


def test_every_module_says_what_it_is_for() -> None:
    assert [dotted(path) for path in MODULES if not ast.get_docstring(parsed(path))] == []


def test_no_module_imports_itself_by_a_detour() -> None:
    state: dict[str, str] = {}
    trail: list[str] = []

    def visit(module: str) -> None:
        state[module] = "open"
        trail.append(module)
        for name in sorted(imported()[module] & NAMES - {module}):
            assert state.get(name) != "open", " → ".join([*trail[trail.index(name) :], name])
            if name not in state:
                visit(name)
        trail.pop()
        state[module] = "done"

    for module in sorted(NAMES):
        if module not in state:
            visit(module)

    assert set(state) == NAMES


@pytest.mark.parametrize("layer", ["engine", "model", "network", "result", "report"])
def test_pure_layers_know_no_clock_no_network_and_no_log(layer: str) -> None:
    impure = {"time", "datetime", "random", "logging", "urllib", "http", "requests", "subprocess", "os"}

    used = {
        (module, name)
        for module, names in imported().items()
        for name in names
        if layer_of(module) == layer and name.split(".")[0] in impure
    }

    assert used == set()


def test_a_command_that_loads_lazily_names_a_module_that_is_there() -> None:
    lazy = {
        text
        for path in MODULES
        for text in strings(path)
        if text.startswith("scanner.") and " " not in text and text.count(".") > 1
    }

    assert {text for text in lazy if text not in NAMES} == set()
