"""Texts that are made while findings are judged: once for all formats, and not without room for them."""

import errno
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from scanner.app.desk import Places, Written, write
from scanner.app.packs import open_pack
from scanner.cli import main
from scanner.engine.gate import Gate
from scanner.engine.parts import Part, findings_of
from scanner.engine.tags import TagTable
from scanner.errors import ScanError
from scanner.model.store import Listed
from scanner.report.texts import Tell
from scanner.result.finding import Finding
from scanner.result.findings import Stretches
from scanner.sources.snapshot import read_snapshot

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"


def found() -> Stretches:
    snapshot, pack = read_snapshot(CONTOSO), open_pack([])
    resources = Listed([*snapshot.inventory.resources.values()])
    tags = TagTable(snapshot.service_tags, "Public")
    return findings_of(Part(snapshot.inventory, resources, tags, pack.policies, pack.terms, Gate(), {}))


def name_of(finding: Finding) -> str:
    return f"{finding.policy.id} {finding.resource.key}: {finding.message}\n"


def test_formats_share_the_account_of_a_finding(tmp_path: Path) -> None:
    accounts: Counter[int] = Counter()

    def counting() -> Tell:
        def tell(finding: Finding) -> str:
            accounts[id(finding.explain())] += 1
            kept.append(finding.explain())
            return name_of(finding)

        return tell

    findings, kept = found(), list[object]()
    places = write(findings, {"a": counting, "b": counting, "c": counting}, {}, tmp_path)
    assert set(accounts.values()) == {3}
    assert len(accounts) == len(findings)
    assert places["a"] == places["b"] == places["c"]


def test_texts_come_by_policy_whatever_part_they_are_of() -> None:
    written = Written.start()
    try:
        written.write(
            2, lambda folders: [write(found(), {"a": lambda: name_of}, {}, each) for each in folders]
        )
        texts = "".join(text for _, text in written.texts("a")).splitlines(keepends=True)
    finally:
        written.end()
    one = [*map(name_of, found())]
    assert sorted(texts) == sorted([*one, *one])
    assert [line.split(" ")[0] for line in texts] == sorted(line.split(" ")[0] for line in texts)


def test_texts_that_find_no_room_are_told() -> None:
    def full(_: object) -> Sequence[Places]:
        raise OSError(errno.ENOSPC, "No space left on device")

    written = Written.start()
    try:
        with pytest.raises(ScanError, match="in a temporary folder: no space left on device") as told:
            written.write(1, full)
    finally:
        written.end()
    assert told.value.help == "set TMPDIR to a folder that has room for all reports"


def test_no_temporary_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(ScanError, match="in a temporary folder: no such file or directory"):
        Written.start()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"short"), "a file was cut short"),
        (lambda path: path.unlink(), "no such file or directory"),
    ],
)
def test_a_file_that_somebody_spoilt_is_no_whole_report(spoil: Callable[[Path], object], said: str) -> None:
    written = Written.start()
    folders: list[Path] = []

    def write_one(into: Sequence[Path]) -> Sequence[Places]:
        folders.extend(into)
        return [write(found(), {"a": lambda: name_of}, {}, into[0])]

    try:
        written.write(1, write_one)
        spoil(folders[0] / "a")
        with pytest.raises(ScanError, match=said):
            list(written.texts("a"))
    finally:
        written.end()


def test_reports_say_so_where_their_texts_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    report = tmp_path / "acr.xml"
    assert main(["--snapshot", str(CONTOSO), "--quiet", "--junit", str(report)]) == 3
    assert "cannot be kept in a temporary folder" in capsys.readouterr().err
    assert "cannot be kept in a temporary folder" in report.read_text("utf-8")
