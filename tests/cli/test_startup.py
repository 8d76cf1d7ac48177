"""`--help` and `--version` load nothing heavy."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
