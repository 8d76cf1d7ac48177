"""Zips: what a snapshot may come in, and what is refused before a byte is unpacked."""

import json
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from scanner.errors import FileError
from scanner.sources.files.archive import members
from scanner.sources.files.snapshot import read_snapshot

ROW = {"id": "/subscriptions/s/resourceGroups/g/providers/A.B/c/d", "properties": {}}
FILES = {
    "manifest.json": b'{"format": 1}',
    "resources.ndjson": json.dumps(ROW).encode() + b"\n",
}
KEYS = ["/subscriptions/s/resourcegroups/g/providers/a.b/c/d"]
DAMAGED = "the zip is damaged, cut short, or none that can be read"


def packed(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as refused:
        read_snapshot(path)
    assert refused.value.exit_code == 2
    return str(refused.value).removeprefix(f"{path}: ")


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """Change bytes of a zip after the writer could object; as often as they occur."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path


@pytest.mark.parametrize("name", ["snapshot.zip", "snapshot.ZIP", "snapshot"])
@pytest.mark.parametrize("top", ["", "contoso/"])
def test_a_zip_is_read_with_or_without_a_top_folder(name: str, top: str, tmp_path: Path) -> None:
    files = {f"{top}{member}": data for member, data in FILES.items()}

    path = packed(tmp_path / name, files)

    assert list(read_snapshot(path).inventory.resources) == KEYS


def test_folders_and_what_macos_adds_are_passed_over(tmp_path: Path) -> None:
    files = {"a/": b"", **{f"a/{name}": data for name, data in FILES.items()}, "__MACOSX/a/._x": b""}

    assert list(read_snapshot(packed(tmp_path / "a.zip", files)).inventory.resources) == KEYS


def test_two_top_folders_are_none(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a/manifest.json": b"", "b/x": b""})

    assert refusal(path) == "the zip holds no manifest.json, so it is no snapshot"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/etc/passwd", "leads out of it"),
        ("../manifest.json", "leads out of it"),
        ("a/../../b", "leads out of it"),
        ("C:/manifest.json", "leads out of it"),
        ("c:manifest.json", "leads out of it"),
        ("a\\b", "has a backslash or NUL in its name"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, problem: str, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES | {name: b""})

    assert refusal(path) == f"the zip is refused: {name!a} {problem}"


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    path = patched(packed(tmp_path / "a.zip", FILES | {"a?b": b""}), b"a?b", b"a\0b")

    assert refusal(path) == "the zip is refused: 'a' has a backslash or NUL in its name"


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("reads.ndjson")
    link.external_attr = 0o120777 << 16
    path = packed(tmp_path / "a.zip", FILES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    assert refusal(path) == "the zip is refused: 'reads.ndjson' is a symbolic link"


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES)
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(data)

    assert refusal(path) == "the zip is refused: 'manifest.json' is encrypted"


def test_a_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("manifest.json", b"{}")

    assert refusal(path) == "the zip is refused: 'manifest.json' is in it twice"


def test_a_file_that_grows_too_much_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES | {"reads.ndjson": b"\n" * 2**21})

    assert refusal(path) == "the zip is refused: 'reads.ndjson' would grow more than 200 times"


@pytest.mark.slow
def test_a_small_file_may_be_dense(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES | {"reads.ndjson": b"\n" * 2**20})

    assert list(read_snapshot(path).inventory.resources) == KEYS


def test_the_files_together_have_a_limit(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a": bytes(60), "b": bytes(41)})

    assert list(members(path, limit=101)) == ["a", "b"]
    with pytest.raises(FileError) as refused:
        members(path, limit=100)
    assert str(refused.value) == f"{path}: the zip is refused: its files have 101 bytes, more than 100"


@pytest.mark.parametrize("kept", [0, 3, 60, -1])
def test_a_zip_that_is_cut_short_is_refused(kept: int, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES)
    path.write_bytes(path.read_bytes()[:kept])

    assert refusal(path) == DAMAGED


def test_another_file_under_the_name_of_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ZIP"
    path.write_text("<html>", encoding="utf-8")

    assert refusal(path) == DAMAGED


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES, zipfile.ZIP_STORED)

    patched(path, b'"properties"', b'"Properties"')

    sentence = "the compressed file is damaged, or is not compressed at all"
    assert refusal(path) == f"{path}/resources.ndjson: {sentence}"


def test_an_unknown_compression_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", FILES)
    data = path.read_bytes()
    central = data.index(b"PK\x01\x02")
    data = (
        data[:8]
        + struct.pack("<H", 99)
        + data[10 : central + 10]
        + struct.pack("<H", 99)
        + data[central + 12 :]
    )
    path.write_bytes(data)

    assert refusal(path) == DAMAGED


def test_a_missing_zip_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.zip") == "there is no such file"
