"""Reading one file: what is let in, and the one sentence for each file that is not."""

import gzip
import io
import re
from pathlib import Path

import msgspec
import pytest
from recordings import on_each_file

from scanner.errors import FileError
from scanner.sources.files.json_records import (
    NotJsonError,
    checked_records,
    content,
    opened,
    parsed,
    read_document,
    records,
    why_unfit,
)

BAD = {
    "an empty file": (b"", ": the file is empty"),
    "a blank file": (b"\n \t\n", ": the file is empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", ": the file is empty"),
    "an HTML page": (
        b"<HTML><HEAD>\n<TITLE>Gateway Timeout",
        ": this is an HTML page and not JSON; a proxy or mirror has stored an error page",
    ),
    "an HTML page with a doctype": (
        b"\n <!DOCTYPE html>",
        ": this is an HTML page and not JSON; a proxy or mirror has stored an error page",
    ),
    "an XML page with a byte order mark": (
        b'\xef\xbb\xbf<?xml version="1.0"?><Error/>',
        ": this is XML and not JSON; a proxy or mirror has stored an error page",
    ),
    "UTF-16": (
        '{"id": 1}'.encode("utf-16"),
        ": the text is UTF-16, as Windows PowerShell's > writes it; save it as UTF-8",
    ),
    "UTF-16 without a mark": (
        '{"id": 1}'.encode("utf-16-le"),
        ": the text is UTF-16, as Windows PowerShell's > writes it; save it as UTF-8",
    ),
    "a message of az": (
        b'ERROR: {"code": "BadRequest"}',
        ": this is not JSON but an error message of az; run the command again",
    ),
    "a table of az": (
        b"NAME     LOCATION\n-------  ------\ncontoso  eastus\n",
        ": this is not JSON but perhaps a table, TSV or YAML; run az … -o json",
    ),
    "YAML of az": (
        b"- id: /subscriptions/1\n  name: contoso\n",
        ": this is not JSON but perhaps a table, TSV or YAML; run az … -o json",
    ),
    "an object cut short": (b'{"id":\n "x",\n', ":2: the JSON is cut short, it ends too early"),
    "a string cut short": (b'[1,\n"contos', ":2: the JSON is cut short, it ends too early"),
    "a literal cut short": (b"[1,\n\n tru", ":3: the JSON is cut short, it ends too early"),
    "a missing comma": (
        b'{"a": 1,\n "b": 2\n "c": 3}',
        ":3: the JSON has a syntax error in column 2 (",
    ),
    "a second document": (
        b'{"a": 1}\n{"a": 2}\n',
        ":2: more text follows the JSON; one row per line is named .ndjson",
    ),
    "a line end in a string": (
        b'\n [1, "a\nb"]',
        ":2: the JSON has a syntax error in column 8 (",
    ),
    "a lone surrogate in JSON cut short": (
        b'["\\udc00",\n 1',
        ":2: the JSON is cut short, it ends too early",
    ),
    "NaN": (b'{"a": "NaN",\n "b": NaN}', ":2: NaN is no JSON value"),
    "Infinity": (b'["\\"Infinity",\n\n -Infinity]', ":3: -Infinity is no JSON value"),
    "a number out of range": (b"[1,\n1e999]", ":2: the number 1e999 is out of range"),
    "a number without end": (b"[" + b"1" * 5000 + b"]", ":1: the JSON holds a number of thousands of digits"),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, ":1: the JSON is nested too deeply"),
    "bytes that are not UTF-8": (b'{"a": 1,\n "b": "\xff"}', ":2: the text is not UTF-8"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_sentence(case: str, tmp_path: Path) -> None:
    data, sentence = BAD[case]
    path = tmp_path / "rows.json"
    path.write_bytes(data)

    with pytest.raises(FileError) as refusal:
        read_document(path)

    said = str(refusal.value)
    if sentence.endswith("("):  # what follows is what Python says of it
        assert re.fullmatch(r"[^()]{10,60}\)", said[said.index("(") + 1 :])
        said = said[: said.index("(") + 1]
    assert said == f"{path}{sentence}"
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ',
        '{"a": 1',
        '{"a"',
        '["b\\',
        '["b\\"',
        '["\\u12',
        "[t",
        "[fals",
        "[nul",
        "[-",
        "[1.",
        "[1e",
        "[1e+",
        "[",
        "-",
    ],
)
def test_whatever_is_missing_at_the_end_the_text_is_cut_short(text: str) -> None:
    with pytest.raises(NotJsonError) as refusal:
        parsed(text.encode())

    assert (refusal.value.reason, refusal.value.cut) == ("the JSON is cut short, it ends too early", True)


@pytest.mark.parametrize("text", ["[tru]", "[1 2]", '["a" "b"]', "{'a': 1}", "[1,]", '["\\x"]', '[nul, "a"]'])
def test_what_is_wrong_before_the_end_is_not_cut_short(text: str) -> None:
    with pytest.raises(NotJsonError, match="syntax error in column") as refusal:
        parsed(text.encode())

    assert not refusal.value.cut


def test_what_does_not_fit_is_told_by_its_place() -> None:
    """The words are msgspec's own; where the place stands in them is what we rest on."""
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert({"a": [{"b": 1}]}, dict[str, list[dict[str, str]]])

    said = why_unfit(error.value)
    assert said.startswith("`[...][0][...]`: ")
    assert "$" not in said


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refusal:
        read_document(tmp_path / "none.json")

    assert str(refusal.value) == f"{tmp_path}/none.json: there is no such file"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refusal:
        read_document(tmp_path)

    assert str(refusal.value) == f"{tmp_path}: this is a directory, and a file was expected"


def test_a_file_without_permission_is_refused(without_rights: Path) -> None:
    path = without_rights / "rows.json"
    path.touch(mode=0)

    with pytest.raises(FileError) as refusal:
        read_document(path)

    assert str(refusal.value) == f"{path}: you have no permission to read this file"


@pytest.mark.parametrize(
    ("name", "reason"), [("a\0b.json", "embedded null byte"), ("a" * 300, "file name too long")]
)
def test_a_name_that_no_file_can_have_is_refused(name: str, reason: str) -> None:
    with pytest.raises(FileError) as refusal:
        read_document(Path(name))

    assert str(refusal.value) == f"{name}: the file cannot be opened ({reason})"


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b'\xef\xbb\xbf{"id": "Gr\xc3\xbcn"}')

    assert read_document(path) == {"id": "Grün"}


@pytest.mark.parametrize("name", ["rows.json.gz", "rows.json"])
def test_gzip_is_known_by_its_first_bytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"id": 1}', mtime=0))

    assert read_document(path) == {"id": 1}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (gzip.compress(b'{"id": 1}', mtime=0)[:-9], "the compressed file is cut short"),
        (b'{"id": 1}', "the compressed file is damaged, or is not compressed at all"),
        (
            gzip.compress(b"", mtime=0)[:10] + b"\xff" * 30,
            "the compressed file is damaged, or is not compressed at all",
        ),
        (b"", "the file is empty"),
    ],
)
def test_a_bad_gzip_is_refused(data: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.json.GZ"
    path.write_bytes(data)

    with pytest.raises(FileError) as refusal:
        read_document(path)

    assert str(refusal.value) == f"{path}: {sentence}"


def test_a_gzip_bomb_is_refused_by_its_density(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(bytes(2**21), mtime=0))

    with pytest.raises(FileError) as refusal:
        read_document(path)

    assert str(refusal.value) == f"{path}: more than 1 MiB of text come out of it, which is too much"


@pytest.mark.parametrize("packed", [True, False])
def test_the_limit_holds_for_what_comes_out_of_a_file(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    text = b'["' + b"x" * 96 + b'"]'
    path.write_bytes(gzip.compress(text, mtime=0) if packed else text)

    assert read_document(path, limit=100) == ["x" * 96]
    with pytest.raises(FileError) as refusal:
        read_document(path, limit=99)
    assert str(refusal.value) == f"{path}: more than 99 bytes of text come out of it, which is too much"


def test_a_lone_surrogate_is_left_to_the_intake(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b'[{"a": "\\ud800"}, {"a": "\\udc00 and more"}, {"a": "\\ud83d\\ude00"}]')

    assert read_document(path) == [{"a": "\ud800"}, {"a": "\udc00 and more"}, {"a": "😀"}]


def lines(data: bytes, limit: int = 1000) -> list[tuple[str, object]]:
    stream = io.BufferedReader(io.BytesIO(data))
    return [
        (where, str(found) if isinstance(found, NotJsonError) else found)
        for where, found in records(stream, "rows.ndjson", limit=limit)
    ]


def test_each_line_has_its_own_place_and_blank_lines_count() -> None:
    data = b'\xef\xbb\xbf{"a": 1}\r\n\n[2]\n"\\ud800"\n\xff\nNaN\n{"a"\n3'

    assert lines(data) == [
        ("rows.ndjson:1", {"a": 1}),
        ("rows.ndjson:3", [2]),
        ("rows.ndjson:4", "\ud800"),
        ("rows.ndjson:5", "the text is not UTF-8"),
        ("rows.ndjson:6", "NaN is no JSON value"),
        ("rows.ndjson:7", "the JSON is cut short, it ends too early"),
        ("rows.ndjson:8", 3),
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'{"a": 1}\n{"a": ', "rows.ndjson:2: the file is cut short, its last line is not whole"),
        (
            b"\n<html>\n",
            "rows.ndjson: this is an HTML page and not JSON; a proxy or mirror has stored an error page",
        ),
        (b'[\n  {"id": 1}\n]\n', "rows.ndjson: this is one JSON document over several lines; name it .json"),
        (gzip.compress(b'{"a": 1}\n', mtime=0)[:-9], "rows.ndjson: the compressed file is cut short"),
        (
            gzip.compress(b"{}\n" * 400, mtime=0),
            "rows.ndjson: more than 1000 bytes of text come out of it, which is too much",
        ),
    ],
)
def test_a_bad_file_of_lines_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(FileError) as refusal:
        lines(data)

    assert str(refusal.value) == sentence


def test_the_limit_of_a_gzip_of_lines_may_be_reached() -> None:
    assert len(lines(gzip.compress(b"12345678\n" * 2, mtime=0), limit=18)) == 2


def test_lines_come_out_of_gzip() -> None:
    assert lines(gzip.compress(b"1\n2\n", mtime=0)) == [("rows.ndjson:1", 1), ("rows.ndjson:2", 2)]


def test_a_plain_file_of_lines_has_no_limit_but_that_of_a_line() -> None:
    assert len(lines(b"{}\n" * 400)) == 400


def test_an_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.sources.files.json_records.LINE_LIMIT", 10)

    assert lines(b"123456789\n") == [("rows.ndjson:1", 123456789)]
    with pytest.raises(FileError) as refusal:
        lines(b"12345678901\n")
    assert str(refusal.value) == "rows.ndjson: more than 10 bytes of text come out of it, which is too much"


def test_nothing_has_no_lines() -> None:
    assert lines(b"") == []


@on_each_file("service-tags/broken/*")
def test_what_mirrors_store_for_json_is_refused(path: Path) -> None:
    with pytest.raises(FileError, match=r"this is (XML|an HTML page) and not JSON|the file is empty"):
        read_document(path)


def test_a_whole_document_is_closed_after_reading(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b"[]")

    with opened(path) as stream:
        assert content(stream, "rows.json") == b"[]"


def test_only_what_may_hold_half_a_surrogate_pair_or_be_too_deep_is_in_doubt() -> None:
    lines = [b'{"a": "\\ud83d\\ude00"}', b'"\\ud800"', b'{"a": 1e999}', b"[[1]]"]
    lines += [b"[" * levels + b"]" * levels for levels in (64, 65)]
    stream = io.BufferedReader(io.BytesIO(b"\n".join([*lines, b""])))

    assert [sound for _, _, sound in checked_records(stream, "x.ndjson")] == [
        True,
        False,
        False,
        True,
        True,
        False,
    ]
