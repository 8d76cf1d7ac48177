"""`--help` and `--version` load nothing heavy."""

import os
import shutil
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
SCAN = ("--snapshot", f"{ROOT / 'samples' / 'snapshots' / 'contoso'}", "--fail-on", "never")
LOADED = """
import sys
before = set(sys.modules)
from scanner.cli import main
code = main(sys.argv[1:])
print(*(sys.modules.keys() - before), file=sys.stderr)
sys.exit(code)
"""


def start(*options: str, home: Path = ROOT) -> tuple[str, set[str]]:
    """What a command prints, and the modules that it loaded, each with the packages it is in."""
    done = run(*options, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout, set(done.stderr.split())


def run(*options: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """A command of the acr-scan that lies in a folder."""
    return subprocess.run(
        [sys.executable, "-c", LOADED, *options],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with acr-scan as a wheel holds it: with its policies inside."""
    home = tmp_path_factory.mktemp("site-packages")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scanner", home / "scanner", ignore=ignored)
    shutil.copytree(ROOT / "policies", home / "scanner" / "_policies", ignore=ignored)
    return home


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_question_about_the_command_loads_nothing_heavy(option: str) -> None:
    printed, loaded = start(option)

    assert "acr-scan" in printed
    assert {"click", "scanner"} <= loaded
    assert loaded & (HEAVY | {"dataclasses", "difflib", "msgspec", "pathlib"}) == set()
    assert {each for each in loaded if each.startswith("scanner.")} <= {
        *("scanner.cli", "scanner.cli.group", "scanner.cli.streams", "scanner.errors"),
        *(
            f"scanner.cli.{each}"
            for each in ("completion", "config", "exemption_options", "paths", "scan", "scope")
        ),
        *("scanner.cli.terminal", "scanner.text", "scanner.text.printable"),
    }


def test_a_quiet_scan_loads_no_renderer_and_nothing_that_checks_the_shape_of_files(installed: Path) -> None:
    printed, loaded = start(*SCAN, "--quiet", home=installed)

    assert printed == ""
    assert {"click", "msgspec", "scanner.app.scan.run", "yaml"} <= loaded
    assert loaded & (HEAVY | {"attr", "difflib", "importlib.resources", "referencing"}) == {"yaml"}
    assert (
        loaded & {"scanner.app.history", "scanner.engine.language.name_checks", "scanner.text.json_schema"}
        == set()
    )
    assert {each for each in loaded if each.startswith("scanner.report.")} == {
        "scanner.report.renderer",
        "scanner.report.spool",
    }


def test_a_scan_with_a_table_loads_what_draws_it(installed: Path) -> None:
    printed, loaded = start(*SCAN, home=installed)

    assert "ACR201 task-network-path" in printed
    assert loaded & HEAVY == {"rich", "yaml"}


def test_the_shape_of_a_users_file_is_checked(tmp_path: Path, installed: Path) -> None:
    file = tmp_path / "exemptions.yaml"
    file.write_text("exemptions: []\n")

    assert "jsonschema" in start(*SCAN, "--quiet", "--exemptions", str(file), home=installed)[1]


def test_the_shape_of_policies_in_a_checkout_is_checked(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("scanner", "policies"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    file = next((tmp_path / "policies").rglob("ACR102-restricted-has-entrance.yaml"))
    file.write_text(file.read_text("utf-8").replace("\nwhen:", "\nwhenn:"), "utf-8")
    assert "\nwhenn:" in file.read_text("utf-8")

    done = run(*SCAN, "--quiet", home=tmp_path)

    assert done.returncode == 2
    assert "unknown key 'whenn'; did you mean 'when'?" in done.stderr
    assert file.name in done.stderr


def test_the_end_of_a_process_looks_for_no_cycles() -> None:
    """The last thing that a process does is to throw its objects away; it need not look at each first."""
    code = (
        "import atexit, gc, sys; atexit.register(lambda: print(gc.get_freeze_count() > 10_000)); "
        "from scanner.__main__ import entry; sys.exit(entry())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.endswith("True\n")


@pytest.mark.parametrize("words", [["--version"], ["scan", "--version"], ["--quiet", "--version"]])
def test_the_version_is_told_with_and_without_the_default_command(words: list[str]) -> None:
    assert start(*words)[0] == f"acr-scan, version {__version__}\n"


def test_help_shows_every_option_of_a_scan_and_the_version() -> None:
    printed = start("--help")[0]
    missing = [each for option in scan.params for each in option.opts if f"{each}" not in printed.split()]
    assert "--version" in printed.split()
    assert [each for each in missing if f"{each}," not in printed] == []
