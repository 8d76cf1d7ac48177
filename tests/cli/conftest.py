"""The program in process, as the tests of several commands call it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The program in process: exit code, output, errors."""

    def call(*options: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*map(str, options)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call
