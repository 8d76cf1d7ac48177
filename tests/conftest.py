"""What every test has of its own."""

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import shipped_pack

from scanner.app import packs
from scanner.policy.load import Pack


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
    read = packs.load

    def load(folders: Iterable[Path], *, shipped: bool = False) -> Pack:
        folders = list(folders)
        return shipped_pack.pack() if shipped and not folders else read(folders, shipped=shipped)

    with mock.patch.object(packs, "load", load):
        yield


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
