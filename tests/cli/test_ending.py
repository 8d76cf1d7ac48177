"""A scan that is told to end leaves nothing behind, and no worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import bench
import pytest

from scanner.__main__ import TERMINATED

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_leaves_no_file(tmp_path: Path, workers: str) -> None:
    rows, kept, reports = tmp_path / "rows.ndjson", tmp_path / "kept", tmp_path / "reports"
    kept.mkdir()
    reports.mkdir()
    bench.write(rows, 1500)
    command: list[str | Path] = [sys.executable, "-m", "scanner", "--quiet", "--snapshot", rows]
    command += ["--json", reports / "acr.json"]
    environment = {**os.environ, "TMPDIR": str(kept)}
    with subprocess.Popen([*command, "--workers", workers], cwd=ROOT, env=environment) as scan:
        if workers == "1":
            time.sleep(1)  # one process writes to files that have no name
        for _ in range(600 if workers == "2" else 0):
            if any(path.stat().st_size for path in kept.glob("*/*/json")):
                break
            time.sleep(0.05)
        assert scan.poll() is None, "it is at work"
        scan.send_signal(signal.SIGTERM)
        assert scan.wait(30) == TERMINATED == 143
    assert [*kept.iterdir()] == []
    assert [*reports.iterdir()] == []
