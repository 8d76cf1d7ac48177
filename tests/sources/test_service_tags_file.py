"""Service tag files, and all that may lie there instead."""

import gzip
import json
from pathlib import Path

import pytest
from recordings import on_each_file

from scanner.errors import FileError
from scanner.network.service_tags import parse_service_tags, weekly_dialect
from scanner.sources.files.service_tags import read_service_tags

DOCUMENT = {
    "changeNumber": 346,
    "cloud": "AzureGovernment",
    "values": [{"name": "Storage", "properties": {"addressPrefixes": ["20.42.66.0/24"]}}],
}
JSON = json.dumps(DOCUMENT).encode()


def _refusal(path: Path) -> str:
    with pytest.raises(FileError) as refused:
        read_service_tags(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "id=56519" in str(refused.value.help)
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    "content",
    [JSON, b"\xef\xbb\xbf" + JSON, b"\r\n " + JSON + b"\r\n", gzip.compress(JSON, mtime=0)],
    ids=["plain", "with a BOM", "with blank lines", "gzip"],
)
def test_a_file_is_read_however_it_is_packed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tags.json"
    path.write_bytes(content)

    tags = read_service_tags(path)

    assert tags == parse_service_tags(DOCUMENT, source="file", published=None)
    assert tags.cloud == "USGovernment"


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("ServiceTags_Public_20250217.json", "2025-02-17"),
        ("ServiceTags_AzureGovernment_20260713.reduced.json.gz", "2026-07-13"),
        ("2025 ServiceTags_China_20250217 (1).json", "2025-02-17"),
        ("ServiceTags_Public_20251317.json", None),
        ("ServiceTags_Public_202502170.json", None),
        ("service-tags.json", None),
        ("20250217.json", None),
    ],
)
def test_the_date_is_in_the_name_of_the_file(tmp_path: Path, name: str, published: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(JSON)

    assert read_service_tags(path).published == published


def test_the_tags_of_a_snapshot_are_read_back(tmp_path: Path) -> None:
    tags = parse_service_tags(DOCUMENT, source="file", published=None)
    path = tmp_path / "service-tags.json"
    path.write_text(json.dumps(weekly_dialect(tags)), encoding="utf-8")

    assert read_service_tags(path) == tags


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"<HTML><HEAD>", "is an HTML or XML page, not JSON: the download most likely failed"),
        (b"\r\n<!DOCTYPE html>", "is an HTML or XML page, not JSON: the download most likely failed"),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>',
            "is an HTML or XML page, not JSON: the download most likely failed",
        ),
        (b"[" * 100_000, "is nested too deeply for a service tag file"),
        (b'{"values": "\xff"}', "is not UTF-8 text: byte 12 is wrong"),
        ("{}".encode("utf-16"), "is not UTF-8 text: byte 0 is wrong"),
        (gzip.compress(JSON, mtime=0)[:40], "is a damaged or incomplete gzip file"),
        (b"\x1f\x8b\x08 is no gzip file", "is a damaged or incomplete gzip file"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (
            gzip.compress(bytes((64 << 20) + 1), mtime=0),
            "holds more than 64 MiB, which no service tag file does",
        ),
        (
            b'{"values": 7}',
            "is not a service tag file: values: expected a list of service tags, found 7",
        ),
        (
            b'{"values": [{"name": "A\\nB"}]}',
            "is not a service tag file: values[0] ('A\\nB'): properties: expected an object, found nothing",
        ),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "tags.json"
    path.write_bytes(content)

    assert _refusal(path) == message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "tags.json") == "does not exist"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == "is a folder, not a service tag file"


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tags.json").write_bytes(JSON)

    assert _refusal(tmp_path / "tags.json" / "inner.json") == "cannot be read: not a directory"


def test_a_path_that_no_system_has_is_refused() -> None:
    assert _refusal(Path("tags\0.json")).startswith("cannot be read: embedded null")


def test_a_file_without_permission_is_refused(without_rights: Path) -> None:
    path = without_rights / "tags.json"
    path.write_bytes(JSON)
    path.chmod(0)

    assert _refusal(path) == "cannot be read: permission denied"


@on_each_file("service-tags/*.json")
def test_every_stored_file_is_read(path: Path) -> None:
    tags = read_service_tags(path)

    assert tags.published is not None
    assert tags.published.replace("-", "") in path.name
    assert tags.find("azurecontainerregistry") is not None


@on_each_file("service-tags/broken/*")
def test_every_error_page_that_a_mirror_stored_is_refused(path: Path) -> None:
    assert _refusal(path) in {
        "is empty",
        "is an HTML or XML page, not JSON: the download most likely failed",
    }
