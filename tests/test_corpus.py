"""Our own corpus is what its program writes, and every shape that recordings have is in it."""

import pytest
from corpus.files import HERE, files
from recordings import OURS, RECORDED


def test_the_corpus_is_what_its_program_writes() -> None:
    kept = {
        path.relative_to(HERE).as_posix(): path.read_bytes()
        for path in HERE.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".md"}
    }

    assert sorted(kept) == sorted(files())
    assert [name for name, content in files().items() if kept[name] != content] == []  # make corpus


@pytest.mark.recordings
def test_every_folder_of_recordings_that_a_test_reads_has_files_of_ours() -> None:
    read = ["arm/azure-*", "arg/*", "nsg/*", "schemas", "service-tags/*"]
    theirs = {
        folder.relative_to(RECORDED.folder)
        for pattern in read
        for folder in RECORDED.files(pattern)
        if folder.is_dir()
    }

    assert theirs - {folder.relative_to(OURS.folder) for folder in OURS.folder.rglob("*")} == set()
