"""CSV that is read back equal, and that no spreadsheet runs."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.resource import Resource, Row, Source
from scanner.report import csv_findings
from scanner.result.finding import Exempted, Ungated, Verdict
from scanner.result.report import Notice, Report
from scanner.text.printable import printable

Maker = Callable[..., Any]
Cells = dict[str, str]

FORMULA = re.compile(r"""^[\s"]*[=+\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]""")


def rows(report: Report, **changes: Any) -> list[Cells]:
    text = csv_findings.render(report, **changes).encode().decode("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(row.keys() == set(csv_findings.COLUMNS) and None not in row.values() for row in read)
    return read


def the_row(report: Report) -> Cells:
    [row] = rows(report)
    return row


def given_back(cell: str) -> str:
    """What the documentation tells a reader to do: take away one apostrophe where a cell may start."""
    return re.sub(r"""(^|;)([\s"]*)'""", r"\1\2", cell)


def split_by(separator: str, line: str) -> list[str]:
    """The cells that a spreadsheet sees which takes this separator: quotes count at a cell's start only."""
    cells, rest = [], line
    while True:
        quoted = re.match(r'"((?:[^"]|"")*)"', rest)
        start = quoted.end() if quoted else 0
        tail, found, after = rest[start:].partition(separator)
        cells.append((quoted[1].replace('""', '"') if quoted else "") + tail)
        if not found:
            return cells
        rest = after


def test_a_row_says_what_the_finding_says(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    missing = (("10.0.0.0/24", "10.1.0.0/24"), ("10.0.0.0/24",))
    leaves = [evidence("ip-rules", missing=each, excess=("9.0.0.0/8",)) for each in missing]
    row = the_row(a_report(a_finding(evidence=(*leaves, evidence()), ways=("a", "b"))))
    task = (
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Shop/providers"
        "/Microsoft.ContainerRegistry/registries/contoso/tasks/nightly"
    )
    assert row == {
        "inventory": "complete",
        "policy": "ACR201",
        "name": "task-network-path",
        "severity": "high",
        "status": "stable",
        "verdict": "fail",
        "gates": "fail",
        "not gating because": "",
        "registry": "contoso",
        "resource": task,
        "resource name": "nightly",
        "type": "microsoft.containerregistry/registries/tasks",
        "location": "eastus",
        "resource group": "Shop",
        "subscription": "11111111-2222-3333-4444-555555555555",
        "message": "Task nightly has no working path to contoso, so its runs will be refused.",
        "ways": "a b",
        "missing prefixes": "10.0.0.0/24 10.1.0.0/24",
        "excess prefixes": "9.0.0.0/8",
        "exemption category": "",
        "exemption reason": "",
        "exemption owner": "",
        "exempt until": "",
        "baseline": "false",
        "fingerprint": a_finding().fingerprint,
    }


def test_an_exemption_and_a_baseline_are_told(a_report: Maker, a_finding: Maker) -> None:
    row = the_row(a_report(a_finding(Verdict.EXEMPT)))
    assert [row[name] for name in csv_findings.COLUMNS[19:23]] == [
        "waiver", "moves to a pool in March", "team-build", "2026-12-31",
    ]  # fmt: skip
    assert row["not gating because"] == "exempt until 2026-12-31: moves to a pool in March"
    row = the_row(a_report(a_finding(gates=None, not_gating_because=Ungated.BASELINE, in_baseline=True)))
    assert (row["gates"], row["not gating because"], row["baseline"]) == ("", "in the baseline", "true")


def test_a_neighbour_has_no_registry(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    row = the_row(a_report(a_finding(resource=a_resource("/providers/x/registries/y"))))
    assert (row["registry"], row["resource group"], row["subscription"]) == ("", "", "")


def test_a_place_reads_alike_however_its_id_is_spelt(a_report: Maker, a_finding: Maker) -> None:
    identifier = (
        "/SUBSCRIPTIONS/Aa/RESOURCEGROUPS/Shop/providers/microsoft.containerregistry/REGISTRIES/Contoso"
    )
    spelt = Row(identifier, "microsoft.containerregistry/registries", {}, Source.ARM, None)
    row = the_row(a_report(a_finding(resource=Resource(identifier.lower(), (spelt,)))))
    columns = ("registry", "resource", "resource name", "location", "resource group", "subscription")
    assert [row[column] for column in columns] == ["Contoso", identifier, "Contoso", "", "Shop", "aa"]


def test_a_row_for_each_finding_in_order(task_report: Report) -> None:
    every = rows(task_report, all_results=True)
    read = [(row["policy"], row["resource"].lower()) for row in every if row["verdict"] != "notice"]
    assert read == [(each.policy.id, each.resource.key) for each in task_report.findings]
    judged = [row for row in every if row["verdict"] != "notApplicable"]
    assert rows(task_report) == judged != every


def test_what_could_not_be_seen_comes_first_and_stands_in_every_row(
    a_report: Maker, a_finding: Maker
) -> None:
    notices = (Notice("unseen", "s1", "403", "ask for Reader"), Notice("unused-exemption", "", "nothing"))
    first, second, third, last = rows(a_report(a_finding(), complete=False, notices=notices))
    told = [(row["verdict"], row["name"], row["resource"], row["message"]) for row in (first, second, third)]
    assert told == [
        ("notice", "doubt", "", "incomplete inventory"),
        ("notice", "unseen", "s1", "403 (help: ask for Reader)"),
        ("notice", "unused-exemption", "", "nothing"),
    ]
    assert {row["inventory"] for row in (first, second, third, last)} == {"incomplete"}
    assert last["policy"] == "ACR201"


def test_nothing_scanned_is_no_empty_file(a_report: Maker) -> None:
    assert the_row(a_report())["message"] == "nothing was scanned: no resource of any selected policy's type"


def test_it_is_rfc_4180_with_a_mark(a_report: Maker, a_finding: Maker) -> None:
    text = csv_findings.render(a_report(a_finding(message='a "b", c')))
    assert text.startswith('\ufeff"inventory","policy",')
    header, row, end = text.split("\r\n")
    assert "\n" not in header + row
    assert end == ""
    assert '"a ""b"", c"' in row


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", " '=1"),
        ('"=1', "\"'=1"),
        ("\u2212" + "1", "'\u2212" + "1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff201", "'\uff201"),
        ("\ufe661", "'\ufe661"),
        ("a;=1;'b", "a;'=1;''b"),
        ("'x", "''x"),
        ("a=1-2", "a=1-2"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("\n=1", r"\n=1"),
        ("\x00=1", r"\x00=1"),
        ("\u200b=1", r"\u200b=1"),
    ],
)
def test_a_text_that_would_be_a_formula_is_none(
    a_report: Maker, a_finding: Maker, text: str, cell: str
) -> None:
    assert the_row(a_report(a_finding(message=text)))["message"] == cell


TEXTS = st.text(st.sampled_from("=+-@\uff1d;'\" a1,\t\n") | st.characters(codec="utf-8"), max_size=12)


@given(TEXTS)
def test_taking_an_apostrophe_away_gives_the_text_back(text: str) -> None:
    assert given_back(csv_findings._cell(text)) == printable(text)


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_no_spreadsheet_sees_a_formula_whatever_it_takes_for_separator(texts: list[str]) -> None:
    line = csv_findings._line(texts)
    assert line.endswith("\r\n")
    for separator in (",", ";", "\t"):
        for cell in split_by(separator, line.removesuffix("\r\n")):
            assert not FORMULA.match(cell), (separator, cell)
    assert len(split_by(",", line.removesuffix("\r\n"))) == len(texts)


def test_what_looks_like_a_sign_of_a_formula_is_known() -> None:
    like = {
        chr(code) for code in range(0xFE00, 0x10000) if unicodedata.normalize("NFKC", chr(code)) in "=+-@"
    }
    like.discard("\ufeff")
    assert {sign for sign in like if csv_findings._cell(f"{sign}1") != f"'{sign}1"} == set()


def test_a_cell_is_never_longer_than_a_spreadsheet_takes(a_report: Maker, a_finding: Maker) -> None:
    cell = the_row(a_report(a_finding(message="x" * 40_000)))["message"]
    assert cell == "x" * 32_000 + " … and 8000 characters more"


def test_hostile_text_hides_nothing(hostile_report: Report) -> None:
    read = rows(hostile_report)
    verdicts = [finding.verdict.value for finding in hostile_report.findings]
    assert [row["verdict"] for row in read] == ["notice", "notice", *verdicts]
    text = csv_findings.render(hostile_report)[1:]
    assert not set(text) & set("\x1b\x00\x07\u202e\u200b\ufeff\ud800\ufffe")
    assert all(not FORMULA.match(cell) for row in read for cell in row.values())


def test_an_exemption_is_hostile_too(a_report: Maker, a_finding: Maker) -> None:
    evil = Exempted("waiver", "=cmd()", "@x", "2026-12-31")
    row = the_row(a_report(a_finding(Verdict.EXEMPT, exemption=evil)))
    assert (row["exemption reason"], row["exemption owner"]) == ("'=cmd()", "'@x")
