"""Texts that are kept until a report is written: by section, whole, and not without room for them."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli import main
from scanner.errors import ScanError
from scanner.report.spool import IN_MEMORY, JoinedSections, Sections, Spool

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"


def texts(sections: Sections) -> dict[str, bytes]:
    return {name: b"".join(sections.read(name)) for name in sections.names()}


@pytest.mark.parametrize("on_disk", [False, True])
def test_texts_come_by_section_in_the_order_in_which_they_were_added(
    tmp_path: Path, *, on_disk: bool
) -> None:
    spool = Spool.start(tmp_path / "json" if on_disk else None)
    for section, text in [("b", "1é"), ("a", "2"), ("b", "3"), ("c", "")]:
        spool.append(section, text)
    assert texts(spool) == {"a": b"2", "b": "1é3".encode()}
    spool.close()


def test_what_several_processes_wrote_follows_each_other_within_a_section() -> None:
    one, other = Spool.start(), Spool.start()
    one.append("b", "1")
    other.append("a", "2")
    other.append("b", "3")
    assert texts(JoinedSections([one, other])) == {"a": b"2", "b": b"13"}
    one.close()
    other.close()


def test_a_long_text_leaves_memory_and_comes_back_whole() -> None:
    spool = Spool.start()
    long = "0123456789" * (IN_MEMORY // 10 + 1)
    spool.append("a", long)
    spool.append("b", "end")
    assert texts(spool) == {"a": long.encode(), "b": b"end"}
    spool.close()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(b"short"), "the file was cut short"),
        (lambda path: path.write_bytes(b""), "the file was cut short"),
    ],
)
def test_a_file_that_somebody_spoiled_gives_no_report(
    tmp_path: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "json"
    spool = Spool.start(path)
    spool.append("a", "a text that is longer")
    spool.file.flush()
    spoil(path)
    with path.open("rb") as file:
        read = Spool(file, dict(spool.places))
        with pytest.raises(ScanError, match=f"cannot be kept in a temporary folder: {reason}"):
            list(read.read("a"))
    spool.close()


def test_a_folder_that_is_gone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="in a temporary folder: no such file or directory") as caught:
        Spool.start(tmp_path / "gone" / "json")
    assert caught.value.help == "set TMPDIR to a folder that has room for all reports"


def test_a_scan_says_so_where_texts_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    report = tmp_path / "acr.xml"
    assert main(["--snapshot", str(CONTOSO), "--quiet", "--workers", "2", "--junit", str(report)]) == 3
    assert "cannot be kept in a temporary folder" in capsys.readouterr().err
    assert "cannot be kept in a temporary folder" in report.read_text("utf-8")
