"""Where recordings of Azure lie: a small corpus of our own, and those of `ACR_SCAN_DATA` where there are any.

A test of what holds for all of them is run on each corpus. One of what only real recordings hold is marked
`recordings`, and is left out (not skipped: there is nothing it could say) where there are none.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ACR_SCAN_DATA", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Corpus:
    """A folder of recordings."""

    name: str
    folder: Path

    @property
    def is_ours(self) -> bool:
        return self.name == "ours"

    def files(self, pattern: str) -> Iterator[Path]:
        """The files of a pattern, in the order of their names."""
        yield from sorted(self.folder.glob(pattern))


OURS = Corpus("ours", Path(__file__).parent / "corpus")
RECORDED = Corpus("recorded", DATA)
THERE = DATA.is_dir()
CORPORA = (OURS, RECORDED) if THERE else (OURS,)

on_each_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name, scope="module")


def on_each_file(pattern: str) -> pytest.MarkDecorator:
    """Run a test with the `path` of each file of each corpus."""
    files = [
        pytest.param(path, id=f"{corpus.name}-{path.name}")
        for corpus in CORPORA
        for path in corpus.files(pattern)
    ]
    return pytest.mark.parametrize("path", files)
