"""The process belongs to the caller: what a program does to itself, the function `main` does to nobody."""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
COMMANDS = {
    "a list": ["policy", "list"],
    "a scan": ["--snapshot", str(CONTOSO), "--select", "ACR901", "--quiet"],
    "a scan by workers": ["--snapshot", str(CONTOSO), "--select", "ACR901", "--quiet", "--workers", "2"],
    "a mistake": ["--snapshot", "nowhere"],
}
SIGNALS = [signal.SIGINT, signal.SIGTERM]

EXIT_HOOKS = """
import atexit, sys
from scanner.cli import main

registered = []
atexit.register = registered.append
main(sys.argv[1:])
print(*(each.__module__ for each in registered if each.__module__.startswith("scanner")))
"""


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_leaves_the_process_as_it_was(
    command: list[str], run: Callable[..., tuple[int, str, str]]
) -> None:
    before = [signal.getsignal(each) for each in SIGNALS], gc.get_threshold(), gc.isenabled()

    run(*command)

    assert ([signal.getsignal(each) for each in SIGNALS], gc.get_threshold(), gc.isenabled()) == before


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_leaves_nothing_to_do_at_the_end(command: list[str]) -> None:
    """Libraries of Python's own may; nothing of ours does, and the collector keeps looking at everything."""
    code = (
        "import gc, atexit; atexit.register(lambda: print('frozen:', gc.get_freeze_count()))\n" + EXIT_HOOKS
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert done.stdout.splitlines()[-2:] == ["", "frozen: 0"]


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM")
def test_the_program_settles_its_own_process() -> None:
    code = (
        "import gc, signal, sys; from scanner.__main__ import entry; sys.argv[1:] = ['policy', 'list']; "
        "entry(); print(gc.get_threshold()[0], callable(signal.getsignal(signal.SIGTERM)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.splitlines()[-1] == "200000 True"
