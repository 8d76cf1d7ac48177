"""Bad input: one sentence that names the file, the line and what is wrong; never a traceback."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from scanner.cli import main

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
HTML = "<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n"
EXPECTED = "expected Resource Graph rows in `data`, an ARM list in `value`, an array of rows, or one resource"
ZIP = "the zip is damaged, cut short, or none that can be read"

Scan = Callable[..., tuple[int, str, str]]


@pytest.fixture
def scan(capsys: pytest.CaptureFixture[str]) -> Scan:
    """Judges a path in process, as `--quiet` does; exit code, output, errors."""

    def run(path: Path, *options: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--quiet", "--snapshot", str(path), *map(str, options)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run


def row(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": f"{REGISTRY}/{name}",
        "name": name,
        "location": "eastus",
        "apiVersion": "2025-11-01",
        "sku": {"name": "Basic"},
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def raw(value: str) -> str:
    """An array of one row in which a property has this JSON text."""
    return json.dumps([row("a", x="@")]).replace('"@"', value)


PRETTY = json.dumps([row("a"), row("b")], indent=1)
LINES = "".join(json.dumps(row(name)) + "\n" for name in "ab")

FLAT = (
    "{}: these rows have no `properties`, as az acr list and az acr show print them; use az graph query -q "
)

FILES: dict[str, tuple[str, str | bytes, str]] = {
    "an empty file": ("x.json", "", "{}: the file is empty"),
    "a blank file": ("x.json", " \n\n", "{}: the file is empty"),
    "an empty ndjson": ("x.ndjson", "", "{}: the file is empty"),
    "an empty gzip": ("x.json.gz", gzip.compress(b""), "{}: the file is empty"),
    "an object of another shape": (
        "x.json",
        '{"rows": []}',
        "{}: an object with 'rows' is no list of resources; " + EXPECTED,
    ),
    "a string": ("x.json", '"rows"', "{}: a string is no list of resources; " + EXPECTED),
    "a number": ("x.json", "7", "{}: a number is no list of resources; " + EXPECTED),
    "an error page": (
        "x.json",
        HTML,
        "{}: this is an HTML page and not JSON; a proxy or mirror has stored an error page",
    ),
    "an error page in ndjson": (
        "x.ndjson",
        HTML,
        "{}: this is an HTML page and not JSON; a proxy or mirror has stored an error page",
    ),
    "an XML page": (
        "x.json",
        "<?xml version='1.0'?><Error/>",
        "{}: this is XML and not JSON; a proxy or mirror has stored an error page",
    ),
    "UTF-16": (
        "x.json",
        "[]".encode("utf-16"),
        "{}: the text is UTF-16, as Windows PowerShell's > writes it; save it as UTF-8",
    ),
    "a table": (
        "x.json",
        "NAME  LOCATION\na     eastus\n",
        "{}: this is not JSON but perhaps a table, TSV or YAML; run az … -o json",
    ),
    "an error of az": (
        "x.json",
        "ERROR: Please run az login\n",
        "{}: this is not JSON but an error message of az; run the command again",
    ),
    "an error of Azure": (
        "x.json",
        '{"error": {"code": "BadRequest", "details": [{"code": "RateLimiting", "message": "slow down"}]}}',
        "{}: this is an error that Azure answered and holds no rows (BadRequest, RateLimiting: slow down)",
    ),
    "service tags": (
        "x.json",
        '{"changeNumber": 1, "values": []}',
        "{}: these are service tags, not resources; they belong to --service-tags",
    ),
    "results of a scan": (
        "x.json",
        '{"format": 1, "results": []}',
        "{}: these are results of a scan, not resources",
    ),
    "a manifest": (
        "x.json",
        '{"format": 1}',
        "{}: this is a snapshot's manifest; give the snapshot's folder",
    ),
    "deep nesting": ("x.json", "[" * 100_000 + "]" * 100_000, "{}:1: the JSON is nested too deeply"),
    "a huge integer": ("x.json", raw("9" * 5000), "{}:1: the JSON holds a number of thousands of digits"),
    "a huge exponent": ("x.json", raw("1e999"), "{}:1: the number 1e999 is out of range"),
    "NaN": ("x.json", raw("NaN"), "{}:1: NaN is no JSON value"),
    "Infinity": ("x.json", raw("-Infinity"), "{}:1: -Infinity is no JSON value"),
    "bytes that are no text": ("x.json", b'["\xff"]', "{}:1: the text is not UTF-8"),
    "a syntax error": ("x.json", '[\n {"id": 1,,}]', "{}:2: the JSON has a syntax error in column"),
    "rows per line in .json": (
        "x.json",
        LINES,
        "{}:2: more text follows the JSON; one row per line is named .ndjson",
    ),
    "JSON over lines in .ndjson": (
        "x.ndjson",
        "[\n{}\n]\n",
        "{}: this is one JSON document over several lines; name it .json",
    ),
    "json cut short": (
        "x.json",
        PRETTY[:-40],
        "{}:" + str(PRETTY[:-40].rstrip().count("\n") + 1) + ": the JSON is cut short, it ends too early",
    ),
    "ndjson cut short": ("x.ndjson", LINES[:-40], "{}:2: the file is cut short, its last line is not whole"),
    "gzip cut short": (
        "x.json.gz",
        gzip.compress(PRETTY.encode())[:-20],
        "{}: the compressed file is cut short",
    ),
    "no gzip at all": ("x.json.gz", "[]", "{}: the compressed file is damaged, or is not compressed at all"),
    "a zip cut short": ("x.zip", b"PK\x03\x04" + b"x" * 40, "{}: " + ZIP),
    "no zip at all": ("x.zip", "[]", "{}: " + ZIP),
    "what az acr list prints": (
        "x.json",
        json.dumps([{"id": f"{REGISTRY}/a", "name": "a", "loginServer": "a.azurecr.io"}]),
        FLAT,
    ),
    "what az acr show prints": (
        "x.json",
        json.dumps({"id": f"{REGISTRY}/a", "name": "a", "provisioningState": "Succeeded"}),
        FLAT,
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_cannot_be_read_is_2_with_one_sentence(kind: str, tmp_path: Path, scan: Scan) -> None:
    name, content, sentence = FILES[kind]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = scan(path)
    assert (code, out) == (2, "")
    assert err.startswith(f"acr-scan: {sentence.format(path)}")
    assert err.count("\n") == 1


def test_a_missing_file(tmp_path: Path, scan: Scan) -> None:
    path = tmp_path / "missing.json"
    assert scan(path) == (2, "", f"acr-scan: {path}: there is no such file\n")


@pytest.mark.parametrize("names", [[], ["readme.txt", ".hidden.json"]])
def test_a_folder_without_a_file_that_can_be_read(tmp_path: Path, scan: Scan, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("[]", "utf-8")
    wrong = "the folder has no manifest.json, so it is no snapshot, and no .json or .ndjson file"
    assert scan(tmp_path) == (2, "", f"acr-scan: {tmp_path}: {wrong}\n")


def test_one_bad_page_among_good_ones_is_named(tmp_path: Path, scan: Scan) -> None:
    (tmp_path / "1.json").write_text(PRETTY, "utf-8")
    (tmp_path / "2.json").write_text(HTML, "utf-8")
    code, _, err = scan(tmp_path)
    assert code == 2
    assert err.startswith(f"acr-scan: {tmp_path}/2.json: this is an HTML page")


# rows


ROWS: dict[str, tuple[str, str]] = {
    "no id": ('{"name": "a"}', "the row has no `id`"),
    "an id that is a number": ('{"id": 7}', "`id` must be a string, not a number"),
    "an id of nothing": ('{"id": "a/b"}', "`id` is no resource id: 'a/b'"),
    "no object": ('"text"', "a row must be an object, not a string"),
    "null": ("null", "a row must be an object, not null"),
    "properties that are a list": (
        f'{{"id": "{REGISTRY}/x", "properties": []}}',
        "`properties` must be an object, not an array",
    ),
    "a type that its id contradicts": (
        f'{{"id": "{REGISTRY}/x", "type": "a/b"}}',
        "`type` is 'a/b', but its id spells microsoft.containerregistry/registries",
    ),
    "an apiVersion that is a number": (
        f'{{"id": "{REGISTRY}/x", "apiVersion": 2023}}',
        "`apiVersion` must be a string, not a number",
    ),
    "an unknown source": (
        f'{{"id": "{REGISTRY}/x", "source": "guess"}}',
        "`source` must be arm or resourceGraph, not 'guess'",
    ),
    "half a surrogate pair": (
        f'{{"id": "{REGISTRY}/x", "tags": {{"a": "\\ud800"}}}}',
        "the row holds half a surrogate pair, which is no text",
    ),
    "deep nesting": (
        f'{{"id": "{REGISTRY}/x", "properties": {{"a": {"[" * 200}{"]" * 200}}}}}',
        "the row is nested deeper than 64 levels",
    ),
    "an id that a terminal obeys": (
        f'{{"id": "{REGISTRY}/x\\u001b[2J"}}',
        "`id` holds characters that cannot be printed",
    ),
}


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("lines", [False, True])
def test_a_row_that_cannot_be_used_makes_the_inventory_incomplete(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, lines: bool
) -> None:
    text, reason = ROWS[kind]
    path = tmp_path / ("x.ndjson" if lines else "x.json")
    good = json.dumps(row("good"))
    path.write_text(f"{good}\n{text}\n" if lines else f"[{good}, {text}]", "utf-8")
    options = ["--select", "ACR901", "--json", "-", "--fail-on", "never"]
    assert main(["--snapshot", str(path), *options]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["run"]["complete"] is False
    assert document["run"]["rows"] == {"read": 2, "judged": 1, "context": 0, "unusable": 1}
    [notice] = [each for each in document["notices"] if each["kind"] == "unusable-row"]
    assert notice["where"] == (f"{path}:2" if lines else f"{path}: row 2")
    assert notice["reason"].startswith(reason)


@pytest.mark.parametrize("kind", ROWS)
def test_no_usable_row_at_all_is_3_with_a_sentence_that_names_the_file(
    kind: str, tmp_path: Path, scan: Scan
) -> None:
    text, reason = ROWS[kind]
    path = tmp_path / "x.json"
    path.write_text(f"[{text}]", "utf-8")
    code, out, err = scan(path)
    assert (code, out) == (3, "")
    assert err.startswith(
        f"acr-scan: {path}: none of its 1 rows can be used, and the first, {path}: row 1, says why: {reason}"
    )
    assert err.count("\n") == 1


def test_a_huge_integer_within_reason_is_only_a_value(tmp_path: Path, scan: Scan) -> None:
    path = tmp_path / "x.json"
    path.write_text(raw("9" * 400), "utf-8")
    assert scan(path, "--select", "ACR901") == (0, "", "")


# snapshots


def snapshot(folder: Path, manifest: str | None = '{"format": 1}', resources: str | None = LINES) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (("manifest.json", manifest), ("resources.ndjson", resources)):
        if text is not None:
            (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("manifest", "resources", "sentence"),
    [
        ('{"format": 2}', LINES, "/manifest.json: the snapshot was written by a newer acr-scan (format 2)"),
        ('{"format": 1}', None, ": the snapshot lacks resources.ndjson"),
        ('{"format": "1"}', LINES, "/manifest.json: "),
        ("[]", LINES, "/manifest.json: "),
        ("", LINES, "/manifest.json: the file is empty"),
        (HTML, LINES, "/manifest.json: this is an HTML page"),
        ('{"format": 1, "unseen": [{"what": 1}]}', LINES, "/manifest.json: `unseen[0].what`: expected `str`"),
        ('{"format": 1, "collected": "today"}', LINES, "/manifest.json: "),
        (
            '{"format": 1}',
            LINES[:-30],
            "/resources.ndjson:2: the file is cut short, its last line is not whole",
        ),
        (
            json.dumps({"format": 1, "sha256": {"resources.ndjson": "0" * 64}}),
            LINES,
            "/resources.ndjson: this is not the file that was saved (its SHA-256 is another)",
        ),
        (
            json.dumps({"format": 1, "sha256": {"reads.ndjson": "0" * 64}}),
            LINES,
            ": the snapshot lacks 'reads.ndjson', which its manifest names",
        ),
    ],
)
def test_a_snapshot_that_cannot_be_read(
    tmp_path: Path, scan: Scan, manifest: str, resources: str | None, sentence: str
) -> None:
    path = snapshot(tmp_path / "saved", manifest, resources)
    code, out, err = scan(path)
    assert (code, out) == (2, "")
    assert err.startswith(f"acr-scan: {path}{sentence}")
    assert err.count("\n") == 1


def test_a_right_digest_is_accepted(tmp_path: Path, scan: Scan) -> None:
    digest = hashlib.sha256(LINES.encode()).hexdigest()
    manifest = json.dumps({"format": 1, "sha256": {"resources.ndjson": digest}})
    assert scan(snapshot(tmp_path / "saved", manifest), "--select", "ACR901")[0] == 0


ZIPS: dict[str, tuple[dict[str, bytes], str]] = {
    "a file that leads out": (
        {"manifest.json": b'{"format": 1}', "../x": b""},
        "the zip is refused: '../x' leads out of it",
    ),
    "an absolute path": (
        {"manifest.json": b'{"format": 1}', "/etc/x": b""},
        "the zip is refused: '/etc/x' leads out of it",
    ),
    "a drive": ({"manifest.json": b'{"format": 1}', "C:x": b""}, "the zip is refused: 'C:x' leads out of it"),
    "a bomb": (
        {"manifest.json": b'{"format": 1}', "resources.ndjson": b" " * 10_000_000},
        "the zip is refused: 'resources.ndjson' would grow more than 200 times",
    ),
}


@pytest.mark.parametrize("kind", ZIPS)
def test_a_hostile_zip_is_refused(kind: str, tmp_path: Path, scan: Scan) -> None:
    files, sentence = ZIPS[kind]
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert scan(path) == (2, "", f"acr-scan: {path}: {sentence}\n")
    assert list(tmp_path.iterdir()) == [path]


def test_a_gzip_bomb_is_refused(tmp_path: Path, scan: Scan) -> None:
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(b" " * 50_000_000))
    code, _, err = scan(path)
    assert code == 2
    assert err.startswith(f"acr-scan: {path}: more than ")


def test_a_zip_cut_short(tmp_path: Path, scan: Scan) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", '{"format": 1}')
        archive.writestr("resources.ndjson", LINES)
    path.write_bytes(path.read_bytes()[:-30])
    assert scan(path) == (2, "", f"acr-scan: {path}: {ZIP}\n")


# service tags


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "does not exist"),
        ("", "is empty"),
        (HTML, "is an HTML or XML page, not JSON"),
        ("\ufeff<?xml version='1.0'?><Error/>", "is an HTML or XML page, not JSON"),
        ('{"values": [', "is not valid JSON: "),
        ("[" * 100_000, "is n"),
        ('{"value": []}', "is not a service tag file: values: "),
        ("[]", "is not a service tag file: "),
        ('{"changeNumber": 1, "cloud": "Public", "values": [{"name": 7}]}', "is not a service tag file: "),
    ],
)
def test_broken_service_tags(tmp_path: Path, scan: Scan, content: str | None, sentence: str) -> None:
    path = tmp_path / "tags.json"
    if content is not None:
        path.write_text(content, "utf-8")
    code, out, err = scan(CONTOSO, "--service-tags", path)
    assert (code, out) == (2, "")
    wrong, how = err.splitlines()
    assert wrong.startswith(f"acr-scan: {path}: {sentence}")
    assert how.startswith("help: download the weekly file from https://")


# policies


GOOD = """\
id: TST101
name: a-test
title: A test
severity: high
status: stable
since: "0.1"
resource: Microsoft.ContainerRegistry/registries
why: Because.
require: { field: properties.adminUserEnabled, equals: false }
messages: { pass: Good., fail: Bad., unknown: Unclear. }
remediation: [{ text: Do it. }]
references: [{ title: A page, url: "https://example.com/page" }]
"""

ADMIN = "{ field: properties.adminUserEnabled, equals: false }"
MISTAKES: dict[str, tuple[str, str, int, str]] = {
    "a misspelt key": ("title:", "titel:", 3, "unknown key 'titel'; did you mean 'title'?"),
    "a missing key": ("severity: high\n", "", 1, "the key 'severity' is missing"),
    "a key twice": ("why: Because.", "id: TST102", 8, "the key 'id' stands here twice"),
    "a misspelt severity": ("high", "hihg", 4, "severity: expected one of info, low, medium, high, critical"),
    "a misspelt operator": ("equals: f", "equal: f", 9, "unknown key 'equal'; did you mean 'equals'?"),
    "a misspelt field": ("Enabled", "Enabeld", 9, "did you mean 'properties.adminUserEnabled'?"),
    "a value of another type": (
        "equals: false",
        "equals: 'no'",
        9,
        "is of type boolean, so it is never 'no'",
    ),
    "an unknown type": ("registries", "registry", 7, "is no type of the catalogue"),
    "an unknown term": (ADMIN, "{ is: network-restrictd }", 9, "did you mean 'network-restricted'?"),
    "an unknown relation": ("{ field:", "{ of: webhoks, field:", 9, "did you mean 'webhooks'?"),
    "an unknown placeholder": ("Bad.", "'{nam} is bad.'", 10, "did you mean 'name'?"),
    "no condition": (ADMIN, "{ of: webhooks }", 9, "alone asks nothing"),
    "no YAML": ("require: {", "require: [", 9, "not YAML: "),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_policy_with_a_mistake_is_2_with_file_and_line(kind: str, tmp_path: Path, scan: Scan) -> None:
    old, new, line, said = MISTAKES[kind]
    assert old in GOOD
    path = tmp_path / "TST101-a-test.yaml"
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    code, out, err = scan(CONTOSO, "--policies", tmp_path)
    assert (code, out) == (2, "")
    assert said in err
    assert f"acr-scan: {path}:{line}: " in err


def test_the_policy_without_mistakes_is_accepted(tmp_path: Path, scan: Scan) -> None:
    (tmp_path / "TST101-a-test.yaml").write_text(GOOD, "utf-8")
    assert scan(CONTOSO, "--policies", tmp_path, "--no-builtin")[0] == 1


def test_all_mistakes_of_all_policies_are_told_at_once(tmp_path: Path, scan: Scan) -> None:
    wrong = GOOD.replace("title:", "titel:").replace("high", "hihg").replace("equals:", "equal:")
    (tmp_path / "TST101-a-test.yaml").write_text(wrong, "utf-8")
    (tmp_path / "TST102-another.yaml").write_text("a: [\n", "utf-8")
    (tmp_path / "TST103-third.yml").write_text(GOOD, "utf-8")
    code, _, err = scan(CONTOSO, "--policies", tmp_path)
    assert code == 2
    for said in (
        "'titel'",
        "'title' is missing",
        "'hihg'",
        "'equal'",
        "TST102-another.yaml:",
        "TST103-third.yml:",
    ):
        assert said in err.replace('"', "'")
    assert all(line.startswith("acr-scan: ") for line in err.splitlines())


# hostile names


HOSTILE = [
    '"><script>alert(1)</script>',
    "=cmd()",
    "\x1b[31mred",
    "\u202egpj.exe",
    "a\x00b",
    "größe",
    "日本",
    "${IFS}",
    "a\nb",
    "]]>",
]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A registry whose every text that somebody else chooses is hostile."""
    values = [{"action": "Allow", "value": each} for each in HOSTILE]
    shown = row(
        "a",
        publicNetworkAccess="Enabled",
        networkRuleSet={"defaultAction": "Deny", "ipRules": [*values, {"value": "20.42.66.0/24"}]},
        networkRuleBypassOptions="\x1b]0;title\x07",
        loginServer="\u202eoi.rcruza",
        adminUserEnabled="\x1b[2J",
    )
    shown |= {"sku": {"name": "Premium"}, "tags": {each: each for each in HOSTILE}}
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps([shown, *({"id": each} for each in HOSTILE)]), "utf-8")
    return path


@pytest.mark.parametrize("option", [[], ["--json", "-"], ["--junit", "-"]])
def test_hostile_values_are_harmless_everywhere(
    hostile: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    tags = CONTOSO / "service-tags.json"
    assert main(["--snapshot", str(hostile), "--service-tags", str(tags), "--verbose", *option]) in {1, 3}
    out, err = capsys.readouterr()
    for character in "\x1b\x00\x07\u202e\u2066\u200b":
        assert character not in out + err
    if "--json" in option:
        document = json.loads(out)
        told = json.dumps(document, ensure_ascii=False)
        assert "größe" in told  # letters of all scripts stay as they are
        assert "日本" in told
    if "--junit" in option:
        ET.fromstring(out)
        assert "<script>" not in out


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\0" not in name])
def test_a_hostile_file_name_is_told_harmlessly(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--snapshot", f"{tmp_path}/{name}"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert not any(character in err for character in "\x1b\x00\u202e")


def test_a_hostile_name_in_an_id_is_quoted_in_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([row("a; rm -rf $HOME", adminUserEnabled=True)]), "utf-8")
    assert main(["--snapshot", str(path), "--select", "ACR901", "--json", "-"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["results"]
    [advice] = finding["remediation"]
    assert advice["commands"] == ["az acr update --name 'a; rm -rf $HOME' --admin-enabled false"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_a_file_that_fails_while_it_is_read_is_2(scan: Scan) -> None:
    code, _, err = scan(Path("/proc/self/mem"))
    assert (code, err) == (2, "acr-scan: /proc/self/mem: the file cannot be read (input/output error)\n")
