"""The scheduled recipe: it parses, its scripts are shell, and its comparison does what it says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "samples" / "recipes" / "github-service-tags.yml"
EAST = '"name": "AzureContainerRegistry.EastUS", "properties": {"addressPrefixes": '
OLD = '{"cloud": "Public", "values": [{%s["20.42.66.0/23"]}}]}' % EAST  # noqa: UP031 - braces
NEW = '{"cloud": "Public", "values": [{%s["20.42.66.0/23", "57.151.4.0/23"]}}]}' % EAST  # noqa: UP031


def recipe() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(RECIPE.read_text("utf-8"))
    return found


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = recipe()["jobs"]["compare"]["steps"]
    return found


SCRIPTS = [step["run"] for step in steps() if "run" in step]


def test_it_runs_on_a_schedule_with_few_rights() -> None:
    document = recipe()

    assert document[True]["schedule"] == [{"cron": "17 5 * * 1-5"}]  # YAML 1.1 reads `on` as true
    assert document["permissions"] == {"id-token": "write", "issues": "write"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_its_scripts_are_shell_and_take_no_text_of_the_workflow(script: str) -> None:
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)

    assert "${{" not in script


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A runner's folder: the program by its name, the last file and the newest one."""
    for folder, text in (("bin", ""), ("last", OLD), ("new", NEW)):
        (tmp_path / folder).mkdir()
        if text:
            (tmp_path / folder / f"{folder}.json").write_text(text, "utf-8")
    program = tmp_path / "bin" / "acr-scan"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m scanner "$@"\n', "utf-8")
    program.chmod(0o755)
    return tmp_path


def compare(place: Path, scope: str) -> tuple[int, str, str]:
    """Runs the step that compares, as the runner does: exit code, outputs, summary."""
    script = next(step["run"] for step in steps() if step.get("id") == "diff")
    environment = {
        **os.environ,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SCOPE": scope,
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=place,
        env=environment,
        check=False,
        capture_output=True,
        timeout=60,
    )
    texts = [
        (place / name).read_text("utf-8") if (place / name).exists() else "" for name in ("output", "summary")
    ]
    return done.returncode, texts[0], texts[1]


def test_an_affected_registry_is_an_answer_and_asks_for_an_issue(place: Path) -> None:
    code, output, summary = compare(place, f"--snapshot {ROOT / 'samples' / 'snapshots' / 'contoso'}")

    assert (code, output) == (0, "code=1\n")
    assert "**AFFECTED**" in summary
    assert "contosobuild" in summary
    issue = next(step for step in steps() if "gh issue" in step.get("run", ""))
    assert issue["if"] == "steps.diff.outputs.code == '1'"


def test_no_answer_fails_the_run_so_that_the_last_file_stays(place: Path) -> None:
    code, output, _ = compare(place, "--snapshot nothing.json")

    assert (code, output) == (1, "code=2\n")


def test_the_first_run_has_nothing_to_compare(place: Path) -> None:
    (place / "last" / "last.json").unlink()

    code, output, summary = compare(place, "--snapshot nothing.json")

    assert (code, output) == (0, "")
    assert summary.startswith("There is no last file")
