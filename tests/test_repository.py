"""The project's own workflows and settings follow their schemas, and open no hole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def run(*command: str | Path) -> None:
    done = subprocess.run(
        [BIN / command[0], *command[1:]], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_follows_the_schema(workflow: Path) -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)


def test_dependabots_settings_follow_the_schema() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.dependabot", ROOT / ".github" / "dependabot.yml")


def test_zizmor_finds_nothing_at_its_defaults() -> None:
    run("zizmor", "--offline", "--no-progress", ROOT / ".github")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_commit_and_says_which_release_that_is(workflow: Path) -> None:
    used = re.findall(r"uses: (.+)", workflow.read_text("utf-8"))

    assert used
    assert [each for each in used if not PINNED.fullmatch(each)] == []


def test_an_action_is_used_in_one_release_alone() -> None:
    used = {use for path in WORKFLOWS for use in re.findall(r"uses: (.+)", path.read_text("utf-8"))}

    assert len({use.partition("@")[0] for use in used}) == len(used)


def test_the_targets_that_are_named_elsewhere_are_there() -> None:
    """A command that the Makefile does not have would fail where nobody looks."""
    targets = re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    known = {name for line in targets for name in line.split()}
    pages = [*WORKFLOWS, ROOT / ".ci" / "run", ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    command = re.compile(r"(?:^\s*(?:- )?(?:run: )?|`)make ([a-z-]+)", re.MULTILINE)
    named = {name for page in pages for name in command.findall(page.read_text("utf-8"))}

    assert {"demo", "test", "check"} <= named
    assert named - known == set()


def test_the_hooks_are_programs_of_the_lock() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]

    assert {hook["language"] for hook in hooks} == {"system"}
    programs = {hook["entry"].split()[0] for hook in hooks}
    assert programs == {".venv/bin/acr-scan", ".venv/bin/codespell", ".venv/bin/ruff"}
