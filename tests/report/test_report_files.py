"""The options of a scan write what the renderers give, to a file or to standard output."""

from pathlib import Path

import pytest

from scanner.cli import main

SAMPLES = Path(__file__).parents[2] / "samples"
SCAN = ["--snapshot", str(SAMPLES / "snapshots" / "contoso"), "--quiet"]
OPTIONS = {
    "--sarif": "contoso.sarif",
    "--sarif-full": "contoso.full.sarif",
    "--markdown": "contoso.md",
    "--csv": "contoso.csv",
}


def test_each_option_writes_its_report(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    asked = [word for option in OPTIONS for word in (option, str(tmp_path / OPTIONS[option]))]
    assert main([*SCAN, "--all-results", *asked]) == 1
    assert capfdbinary.readouterr().out == b""
    for name in OPTIONS.values():
        assert (tmp_path / name).read_bytes() == (SAMPLES / "reports" / name).read_bytes(), name


@pytest.mark.parametrize("option", OPTIONS)
def test_standard_output_has_the_report_alone(option: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([*SCAN, "--all-results", option, "-"]) == 1
    captured = capfdbinary.readouterr()
    assert captured.out == (SAMPLES / "reports" / OPTIONS[option]).read_bytes()
    assert captured.err == b""


def test_the_csv_lists_what_is_not_applicable_only_when_asked(tmp_path: Path) -> None:
    assert main([*SCAN, "--csv", str(tmp_path / "x.csv")]) == 1
    lines = (SAMPLES / "reports" / "contoso.csv").read_text("utf-8-sig").splitlines()
    kept = [line for line in lines if '"notApplicable"' not in line]
    assert (tmp_path / "x.csv").read_text("utf-8-sig").splitlines() == kept != lines
