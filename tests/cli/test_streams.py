"""Standard output and error that are closed, full or left: the exit code stays what it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
FULL = Path("/dev/full")
NO_SUCH = "/there/is/no/such/snapshot"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="shell redirections")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")


def run(arguments: str, redirection: str = "", **environment: str) -> tuple[int, bytes, bytes]:
    """What a shell sees of acr-scan: its exit code, output and errors."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m scanner {arguments} {redirection}', sys.executable],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", ["--help", "--version", "policy lint", "policy list"])
@pytest.mark.parametrize(
    ("redirection", "why"),
    [
        pytest.param(">&-", "it is closed", id="closed"),
        pytest.param(">/dev/full", "no space left on device", id="full", marks=needs_full),
    ],
)
def test_output_that_cannot_be_written_is_no_bug(arguments: str, redirection: str, why: str) -> None:
    told = f"acr-scan: standard output: cannot be written: {why}\n".encode()
    assert run(arguments, redirection) == (2, b"", told)


@pytest.mark.parametrize("redirection", [">&-", "<&- >&-"])
def test_a_closed_output_that_is_not_needed_disturbs_nothing(redirection: str, tmp_path: Path) -> None:
    report = tmp_path / "acr.json"
    code, _, errors = run(f"--quiet --snapshot {CONTOSO} --fail-on never --json {report}", redirection)

    assert (code, errors) == (0, b"")
    assert report.read_text("utf-8").endswith("}\n")


@pytest.mark.slow
@pytest.mark.parametrize("redirection", ["2>&-", pytest.param("2>/dev/full", marks=needs_full), "2>&- >&-"])
def test_errors_that_nobody_hears_change_no_exit_code(redirection: str, tmp_path: Path) -> None:
    history = f"sqlite:///{tmp_path / 'audit.db'}"

    assert run(f"--snapshot {NO_SUCH}", redirection)[0] == 2
    assert run(f"-q --snapshot {CONTOSO} --fail-on never", redirection)[0] == 0
    if not redirection.endswith(" >&-"):
        assert run(f"--snapshot {CONTOSO} --fail-on never --history {history}", redirection)[0] == 0
        assert b"run" in run(f"history list --history {history}")[1].lower()


def test_a_reader_of_errors_who_left_changes_no_exit_code() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "scanner", "--snapshot", NO_SUCH], cwd=ROOT, stderr=writer, check=False
        )
    finally:
        os.close(writer)
    assert done.returncode == 2


def test_a_terminal_of_few_characters_gets_a_table() -> None:
    code, output, errors = run(f"--snapshot {CONTOSO}", PYTHONIOENCODING="latin1")

    assert (code, errors) == (1, b"")
    assert b"contosoaci" in output
    assert "─".encode() not in output
