"""What every test has of its own."""

import gc
import os
import pwd
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import shipped_pack
from recordings import DATA, THERE

from scanner.app.scan import policy_selection
from scanner.policy.load import Pack


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of what only real recordings hold, where there are none."""
    if THERE:
        return
    left_out = [item for item in items if item.get_closest_marker("recordings")]
    items[:] = [item for item in items if not item.get_closest_marker("recordings")]
    config.hook.pytest_deselected(items=left_out)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail where a test is skipped")


def pytest_report_header() -> str:
    """Which recordings the tests read."""
    return f"recordings: our own{f', and those in {DATA}' if THERE else ' alone: ACR_SCAN_DATA has none'}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped, even where none was."""
    terminalreporter.write_line(f"{len(terminalreporter.stats.get('skipped', []))} skipped")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With --no-skips, a run that skipped is red."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if session.config.getoption("no_skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True, scope="session")
def _no_cache_for_all(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is made once for a module finds no cache and leaves none: a file stands where its folder would."""
    nowhere = tmp_path_factory.mktemp("cache") / "file"
    nowhere.write_text("", "utf-8")
    pytest.MonkeyPatch().setenv("ACR_SCAN_CACHE_DIR", str(nowhere))


@pytest.fixture(autouse=True, scope="session")
def _shipped_pack_is_read_once() -> Iterator[None]:
    """A command that runs in this process finds the shipped policies read: they take a tenth of a second.

    Those that start a process read them as a user's do.
    """
    read = policy_selection.load

    def load(folders: Iterable[Path], *, shipped: bool = False) -> Pack:
        folders = list(folders)
        return shipped_pack.pack() if shipped and not folders else read(folders, shipped=shipped)

    with mock.patch.object(policy_selection, "load", load):
        yield


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's terminal: tests that run side by side are told the width of one, and a CI asks for color."""
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's cache is empty, and nobody else's."""
    monkeypatch.setenv("ACR_SCAN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this test's cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ACR_SCAN_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def only_own_garbage() -> Iterator[None]:
    """The collector looks at what this test makes, and not at what all tests before it left."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def without_rights() -> Iterator[Path]:
    """A folder of somebody who may read no more than they are let: root, who may read all, becomes nobody."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        if os.geteuid() != 0:
            yield folder
        else:
            nobody = pwd.getpwnam("nobody").pw_uid
            os.chown(folder, nobody, -1)
            os.seteuid(nobody)
            try:
                yield folder
            finally:
                os.seteuid(0)
        for path in folder.rglob("*"):
            path.chmod(0o700)
