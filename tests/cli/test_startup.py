"""`--help` and `--version` load nothing heavy."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scanner import __version__
from scanner.cli.scan import scan

ROOT = Path(__file__).parents[2]
HEAVY = {
    "alembic",
    "azure",
    "dask",
    "jinja2",
    "jsonschema",
    "junit_xml",
    "msal",
    "rich",
    "sqlalchemy",
    "yaml",
}
IMPORTED = re.compile(r"import time:\s+\d+ \|\s+\d+ \|\s+(\S+)")


def start(*options: str) -> tuple[str, set[str]]:
    """What a command prints, and the top-level packages that it imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scanner", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout, {name.split(".")[0] for name in IMPORTED.findall(done.stderr)}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_question_about_the_command_loads_nothing_heavy(option: str) -> None:
    printed, imported = start(option)

    assert "acr-scan" in printed
    assert {"click", "scanner"} <= imported
    assert imported & HEAVY == set()


SCAN = ("--snapshot", "samples/snapshots/contoso", "--fail-on", "never")


def test_a_quiet_scan_loads_no_renderer_and_nothing_that_checks_the_shape_of_files() -> None:
    printed, imported = start(*SCAN, "--quiet")

    assert printed == ""
    assert {"click", "msgspec", "scanner", "yaml"} <= imported
    assert imported & (HEAVY | {"attr", "referencing"}) == {"yaml"}


def test_a_file_of_the_user_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.yaml"
    file.write_text("exemptions: []\n")

    assert "jsonschema" in start(*SCAN, "--quiet", "--exemptions", str(file))[1]


@pytest.mark.parametrize("words", [["--version"], ["scan", "--version"], ["--quiet", "--version"]])
def test_the_version_is_told_with_and_without_the_default_command(words: list[str]) -> None:
    assert start(*words)[0] == f"acr-scan, version {__version__}\n"


def test_help_shows_every_option_of_a_scan_and_the_version() -> None:
    printed = start("--help")[0]
    missing = [each for option in scan.params for each in option.opts if f"{each}" not in printed.split()]
    assert "--version" in printed.split()
    assert [each for each in missing if f"{each}," not in printed] == []
