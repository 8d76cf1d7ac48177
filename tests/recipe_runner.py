"""A runner's folder, in which a recipe's scripts scan the sample company instead of Azure."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "samples" / "recipes"
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
BIN = Path(sys.executable).parent


def runner(place: Path) -> Path:
    """The folder, with the program in bin/."""
    (place / "bin").mkdir()
    stand_in(place / "bin" / "acr-scan", CONTOSO)
    return place


def stand_in(program: Path, snapshot: Path) -> None:
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\nfrom pathlib import Path\nfrom recipe_commands import offline\n"
        f"words = offline(sys.argv[1:], Path({str(snapshot)!r}))\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'scanner', *words])\n",
        "utf-8",
    )
    program.chmod(0o755)


def shell(script: str, place: Path, **variables: str) -> int:
    """The exit code of a step, run as GitHub does it."""
    environment = {
        **os.environ,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        **variables,
    }
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(
        command, cwd=place, env=environment, check=False, capture_output=True, text=True, timeout=120
    )
    (place / "log").write_text(done.stdout + done.stderr, "utf-8")
    return done.returncode


def written(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()} - {"bin", "log"}


def run(*command: str | Path, text: str | None = None) -> str:
    """What a checker says on both channels; AssertionError with it where it is not content."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
