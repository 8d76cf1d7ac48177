"""Rows without what nobody asks for say what whole rows do; and what a policy asks for is known."""

import ast
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import bench
import pytest
from recordings import Corpus, on_each_corpus

from scanner.app.access_tables import accesses
from scanner.app.options import ScanOptions
from scanner.app.scan.formats import FORMATS, RenderContext, renderer_factories
from scanner.app.scan.required_fields import needed_keys
from scanner.app.scan.run import collect_and_judge
from scanner.app.scan.workers import Workers
from scanner.catalog.relations import relations
from scanner.policy.load import load
from scanner.report.renderer import text_of
from scanner.sources.rows.interning import FieldFilter

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
POLICY = """
id: ACR999
name: custom
title: A registry has what a test asks for.
severity: low
status: preview
since: "0.1"
resource: Microsoft.ContainerRegistry/registries
why: A test asks.
when: {when}
require: {require}
messages:
  pass: "{{name}} has it."
  fail: "{{name}} of {{managedBy.names}} lacks it."
  unknown: "It is not known whether {{name}} has it."
remediation:
  - text: Ask {{owner.name}}.
references:
  - {{ title: Nothing, url: "https://example.com/" }}
"""


def kept(folder: Path, require: str, when: str = "{ field: name, exists: true }") -> FieldFilter:
    file = folder / "tests" / "ACR999-custom.yaml"
    file.parent.mkdir()
    file.write_text(POLICY.format(require=require, when=when))
    loaded = load([folder])
    return needed_keys(loaded.policies, loaded.terms)


def written(asked: ScanOptions, *, lean: bool) -> dict[str, str]:
    workers = Workers()
    renderers = partial(renderer_factories, FORMATS, all_results=True)
    seen = collect_and_judge(asked, lean=lean, renderers=renderers, workers=workers)
    try:
        texts, access = seen.result.texts, partial(accesses, seen, asked)
        context = RenderContext(seen.report, texts, all_results=True, access=access)
        return {name: text_of(write(context)) for name, write in FORMATS.items()}
    finally:
        workers.end()


def recorded(corpus: Corpus) -> Iterator[dict[str, Any]]:
    """Every resource of the recordings of ARM."""
    for path in corpus.files("arm/*/*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            body = json.loads(line).get("body")
            found = body.get("value", [body]) if isinstance(body, dict) else []
            yield from (each for each in found if isinstance(each, dict) and "id" in each)


def test_reports_say_the_same_of_rows_that_lack_what_nobody_asks_for() -> None:
    asked = ScanOptions(CONTOSO)
    assert written(asked, lean=True) == written(asked, lean=False)


@pytest.mark.slow
@on_each_corpus
def test_reports_say_the_same_of_recordings(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    # most have the same masked subscription: each gets one of its own
    rows = [
        each | {"id": re.sub("(?i)/subscriptions/[^/]+", f"/subscriptions/{number}", each["id"])}
        for number, each in enumerate(recorded(corpus))
    ]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in rows), "utf-8")
    asked = ScanOptions(path)
    assert written(asked, lean=True) == written(asked, lean=False)
    assert len(collect_and_judge(asked, lean=True).inventory.resources) > (30 if corpus.is_ours else 500)


@pytest.mark.slow
def test_reports_say_the_same_of_a_large_estate(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    bench.write(path, 60)
    asked = ScanOptions(path)
    assert written(asked, lean=True) == written(asked, lean=False)
    rows = [each.rows[0] for each in collect_and_judge(asked, lean=True).inventory.resources.values()]
    assert not any("tags" in row.body for row in rows)


@pytest.mark.parametrize(
    ("require", "row", "properties"),
    [
        ("{ field: tags.team, exists: true }", {"tags"}, set()),
        ("{ field: 'tags[team]', exists: true }", {"tags"}, set()),
        ("{ field: properties.creationDate, exists: true }", set(), {"creationDate"}),
        ("{ count: { field: 'properties.odd[*]' }, equals: 1 }", set(), {"odd"}),
        ("{ of: tasks, field: properties.step.type, exists: true }", set(), {"step"}),
        ("{ not: { anyOf: [{ field: zones, exists: true }] } }", {"zones"}, set()),
        ('{ field: name, equals: "{kind}-{properties.more.x}" }', {"kind"}, {"more"}),
    ],
)
def test_what_a_policy_asks_for_is_kept(
    tmp_path: Path, require: str, row: set[str], properties: set[str]
) -> None:
    found = kept(tmp_path, require)
    assert found.row is not None
    assert found.properties is not None
    assert row <= found.row
    assert properties <= found.properties
    assert {"managedBy", "owner"} <= found.row, "a message and a remedy name them"
    assert not {"systemData", "etag"} & found.row


def test_what_when_asks_for_is_kept(tmp_path: Path) -> None:
    found = kept(tmp_path, "{ field: name, exists: true }", "{ field: tags.team, exists: true }")
    assert found.row is not None
    assert "tags" in found.row


def test_who_asks_for_all_properties_gets_them(tmp_path: Path) -> None:
    assert kept(tmp_path, "{ field: properties, exists: true }").properties is None


def literals() -> Iterator[tuple[str, str]]:
    """Every path that the code asks a row for, and where; but for plans, which are made of whole rows."""
    asking = {"field": 1, "having": 1, "members": 1, "plain_keys": 0}
    for folder in ("engine", "app"):
        for file in sorted((ROOT / "scanner" / folder).rglob("*.py")):
            if file.parent.name == "remedy":
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                    for argument in node.args[asking[name] :] if name in asking else ():
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            yield argument.value, f"{file.name}:{node.lineno}"
                            break
    for of_type in relations().values():
        for relation in of_type.values():
            yield from ((path, relation.name) for path in (relation.by, relation.equals) if path)


def test_whatever_the_code_asks_a_row_for_is_kept() -> None:
    kept = needed_keys((), {})
    assert kept.row is not None
    assert kept.properties is not None
    asked = [(path, where) for path, where in literals() if re.fullmatch(r"[A-Za-z.\[\]*]+", path)]
    assert len(asked) > 50, "they are found"
    for path, where in asked:
        first, _, rest = path.partition(".")
        assert first.partition("[")[0] in kept.row, f"{where}: {path}"
        if first == "properties":
            assert re.split(r"[.\[]", rest)[0] in kept.properties, f"{where}: {path}"
