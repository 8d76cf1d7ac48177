"""`acr-scan [scan]` as a user and a CI job meet it: exit codes, options, and what lands where."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

import pytest

from scanner import __version__
from scanner.app.scan import workers
from scanner.cli import main
from scanner.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
PACK = sorted(path.name[:6] for path in (ROOT / "policies").rglob("ACR*.test.yaml"))
GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
POLICY = """\
id: {id}
name: {name}
title: A policy of somebody else
severity: {severity}
status: {status}
since: "0.1"
resource: Microsoft.ContainerRegistry/{resource}
why: Because.
{parameters}require: {require}
messages: {{ pass: Good., fail: Bad., unknown: Unclear. }}
remediation: [{{ text: Do it. }}]
references: [{{ title: A page, url: "https://example.com/page" }}]
"""

Run = Callable[..., int]


@pytest.fixture
def scan(capsys: pytest.CaptureFixture[str]) -> Run:
    """Scans the sample in process; output of earlier calls is dropped."""

    def run(*options: str | Path) -> int:
        capsys.readouterr()
        return main(["--snapshot", str(CONTOSO), *map(str, options)])

    return run


def program(*arguments: str | Path, **settings: Any) -> subprocess.CompletedProcess[str]:
    """The program as a shell starts it."""
    command = [sys.executable, "-m", "scanner", *map(str, arguments)]
    settings.setdefault("cwd", ROOT)
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, **settings)


def write_policy(folder: Path, **words: str) -> Path:
    known = {
        "id": "TST101",
        "name": "somebody-elses",
        "severity": "high",
        "status": "stable",
        "resource": "registries",
        "require": "{ field: properties.adminUserEnabled, equals: false }",
        "parameters": "",
        **words,
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{known['id']}-{known['name']}.yaml").write_text(POLICY.format(**known), "utf-8")
    return folder


def rows(path: Path, *bodies: Any) -> Path:
    path.write_text(json.dumps(list(bodies)), "utf-8")
    return path


def registry(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": f"{REGISTRY}/{name}",
        "name": name,
        "location": "eastus",
        "apiVersion": "2025-11-01",
        "sku": {"name": "Basic"},
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def results(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# exit codes


@pytest.mark.parametrize("narrow", ["--registry", "--resource-group"])
def test_a_scan_that_saw_nothing_writes_a_page_that_says_so_whatever_is_asked_for(
    narrow: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, page = tmp_path / "rows.ndjson", tmp_path / "acr.html"
    rows.write_text('{"id": "nonsense"}\n', "utf-8")
    assert main(["--snapshot", str(rows), narrow, "contoso", "--quiet", "--html", str(page)]) == 3
    assert "none of its 1 rows can be used" in capsys.readouterr().err
    assert "is no resource id" in page.read_text("utf-8")


def test_0_is_whole_and_clean(scan: Run) -> None:
    assert scan("--select", "ACR901", "--registry", "contosoprod") == 0


def test_1_is_a_gating_fail_though_there_are_unknowns_too(scan: Run) -> None:
    assert scan() == 1


def test_1_comes_before_an_incomplete_inventory(tmp_path: Path) -> None:
    path = rows(tmp_path / "rows.json", registry("a", adminUserEnabled=True), {"no": "id"})
    assert main(["--snapshot", str(path), "--select", "ACR901"]) == 1


def test_3_is_a_gating_unknown(scan: Run) -> None:
    assert scan("--select", "ACR902", "--registry", "contosoold") == 3


def test_3_is_an_unusable_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = rows(tmp_path / "rows.json", registry("a", adminUserEnabled=False), {"no": "id"})
    assert main(["--snapshot", str(path), "--select", "ACR901"]) == 3
    assert f"{path}: row 2" in " ".join(capsys.readouterr().out.split())


def test_3_is_nothing_scanned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = rows(tmp_path / "rows.json")
    assert main(["--snapshot", str(path)]) == 3
    assert "no resource is of a type that a selected policy judges" in " ".join(
        capsys.readouterr().out.split()
    )


def test_2_comes_before_all_others(scan: Run) -> None:
    assert scan("--select", "nothing-of-that-name") == 2


def test_4_is_a_bug_told_in_one_line(
    scan: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("deep inside\nand on a second line")

    monkeypatch.setattr(workers, "scan", broken)
    assert scan("--quiet") == 4
    out, err = capsys.readouterr()
    first, second = err.splitlines()
    assert out == ""
    assert first == "acr-scan: this is a bug in acr-scan: RuntimeError: deep inside"
    assert "--verbose" in second
    assert "report" in second


@pytest.mark.parametrize("flag", ["--verbose", "-v"])
def test_a_bug_has_a_traceback_with_verbose_only(
    scan: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("deep inside")

    monkeypatch.setattr(workers, "scan", broken)
    assert scan("--quiet", flag) == 4
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_130_is_ctrl_c(
    scan: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(workers, "scan", interrupted)
    assert scan("--quiet") == 130
    assert capsys.readouterr().err.strip() == "interrupted; no file was left half written"


# the gate


@pytest.mark.parametrize(
    ("severity", "code"),
    [("info", 1), ("low", 0), ("medium", 0), ("high", 0), ("critical", 0), ("never", 0), ("INFO", 1)],
)
def test_fail_on_is_the_least_severity_that_gates(scan: Run, severity: str, code: int) -> None:
    assert scan("--select", "ACR904", "--fail-on", severity) == code  # its severity is info


def test_fail_on_is_low_by_default(scan: Run) -> None:
    assert scan("--select", "ACR904") == 0
    assert scan("--select", "ACR901") == 1  # medium


def test_unknowns_below_the_threshold_do_not_gate(scan: Run) -> None:
    assert scan("--select", "ACR902", "--registry", "contosoold", "--fail-on", "critical") == 0


def test_fail_on_never_gives_neither_1_nor_3(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan("--fail-on", "never", "--json", "-") == 0
    document = results(capsys)
    assert document["summary"]["fail"] > 0
    assert document["summary"]["unknown"] > 0
    assert document["summary"]["gating"] == {"fail": 0, "unknown": 0}


@pytest.mark.parametrize("option", [["--fail-on", "never"], ["--allow-unknown"]])
def test_an_incomplete_inventory_is_never_waved_through(tmp_path: Path, option: list[str]) -> None:
    path = rows(tmp_path / "rows.json", registry("a"), 7)
    assert main(["--snapshot", str(path), "--select", "ACR901", *option]) == 3


def test_nothing_scanned_is_never_waved_through(tmp_path: Path) -> None:
    path = rows(tmp_path / "rows.json")
    assert main(["--snapshot", str(path), "--fail-on", "never", "--allow-unknown"]) == 3


def test_allow_unknown_lets_unknowns_pass_and_no_fail(scan: Run) -> None:
    assert scan("--select", "ACR902", "--registry", "contosoold", "--allow-unknown") == 0
    assert scan("--select", "ACR902", "--allow-unknown") == 1


def test_strict_makes_gate_what_nobody_asked_to_see(scan: Run, tmp_path: Path) -> None:
    require = "{ field: properties.serviceScheme, in: [http, https] }"
    folder = write_policy(tmp_path / "own", resource="registries/webhooks", require=require)
    only = ("--policies", folder, "--no-builtin")
    assert scan(*only) == 0
    assert scan(*only, "--strict") == 3
    assert scan(*only, "--strict", "--fail-on", "critical") == 0


def test_allow_unknown_and_strict_contradict_each_other(
    scan: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--allow-unknown", "--strict") == 2
    assert "--allow-unknown and --strict contradict each other" in capsys.readouterr().err


@pytest.mark.parametrize(
    "require",
    [
        "{ field: properties.adminUserEnabled, equals: true }",  # fails
        "{ field: properties.roleAssignmentMode, equals: AbacRepositoryPermissions }",  # unknown on old rows
    ],
)
def test_a_preview_policy_never_gates(scan: Run, tmp_path: Path, require: str) -> None:
    for status, expected in (("stable", True), ("preview", False)):
        folder = write_policy(tmp_path / status, status=status, severity="critical", require=require)
        code = scan("--policies", folder, "--no-builtin", "--strict", "--fail-on", "info")
        assert (code != 0) is expected


# commands and usage


def test_scan_is_the_default_command(capsys: pytest.CaptureFixture[str]) -> None:
    codes, texts = [], []
    for word in ([], ["scan"]):
        codes.append(main([*word, "--snapshot", str(CONTOSO)]))
        texts.append(capsys.readouterr().out)
    assert codes == [1, 1]
    assert texts[0] == texts[1] != ""


@pytest.mark.parametrize("arguments", [[], ["scan"]])
def test_nothing_to_scan_is_wrong_usage_with_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("acr-scan: there is nothing to scan\nhelp: ")
    assert "--snapshot PATH" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sacn"], "there is no command 'sacn'; did you mean 'scan'?"),
        (["polcy", "list"], "there is no command 'polcy'; did you mean 'policy'?"),
        (["xyzzy"], "there is no command 'xyzzy'"),
        (["--snapshto", "x"], "--snapshot"),
        (["--snapshot", "x", "--fail-on", "hgih"], "'hgih' is not one of"),
        (["--snapshot", "x", "rows.json"], "unexpected extra argument (rows.json)"),
        (["--snapshot"], "--snapshot"),
        (["policy", "shwo"], "there is no command 'shwo'; did you mean 'show'?"),
    ],
)
def test_wrong_usage_is_2_with_what_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_a_snapshot_and_a_scope_in_azure_contradict_each_other(
    scan: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--subscription", "x") == 2
    assert "contradict each other" in capsys.readouterr().err


def test_help_shows_the_options_of_scan_and_the_other_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for word in ("--snapshot", "--fail-on", "--junit", "Commands:", "policy", "Examples:", "Exit codes:"):
        assert word in out
    assert main(["-h"]) == 0
    assert capsys.readouterr().out == out


def test_help_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--help"]) == 0
    assert "--registry" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"acr-scan, version {__version__}\n"


# reports


def test_json_on_standard_output_is_all_that_is_printed(
    scan: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--json", "-") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["format"] == 1
    assert err == ""


def test_junit_on_standard_output_is_all_that_is_printed(
    scan: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--junit", "-") == 1
    out, err = capsys.readouterr()
    assert ET.fromstring(out).tag == "testsuites"
    assert err == ""


def test_one_report_on_standard_output_and_one_in_a_file(
    scan: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert scan("--json", "-", "--junit", tmp_path / "acr.xml") == 1
    json.loads(capsys.readouterr().out)
    assert (tmp_path / "acr.xml").read_text("utf-8").startswith("<?xml")


def test_a_report_in_a_file_leaves_the_table(
    scan: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert scan("--json", tmp_path / "acr.json") == 1
    assert capsys.readouterr().out.startswith("Scanned")


@pytest.mark.parametrize("target", ["-", "same.xml"])
def test_two_reports_in_one_place_are_refused(
    scan: Run, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    assert scan("--json", target, "--junit", target) == 2
    assert "two reports would go to" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--junit", "--create-baseline"])
def test_one_place_written_in_two_ways_is_one_place(
    scan: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "sub").mkdir()
    assert scan("--json", tmp_path / "acr", option, tmp_path / "sub" / ".." / "acr") == 2
    assert "two reports would go to" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [tmp_path / "sub"]


@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_missing_folder_is_told_before_anything_is_read(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "nowhere" / "acr.out"
    assert main(["--snapshot", str(tmp_path / "missing.json"), option, str(target)]) == 2
    err = capsys.readouterr().err
    assert f"{target}: there is no folder {target.parent}" in err
    assert "missing.json" not in err


@pytest.mark.parametrize("option", ["--json", "--create-baseline"])
def test_a_place_that_cannot_be_looked_at_is_told_before_anything_is_read(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / ("x" * 300)
    assert main(["--snapshot", str(tmp_path / "missing.json"), option, str(target)]) == 2
    assert f"{target}: cannot be written: file name too long" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--json", "--create-baseline", "--history"])
def test_a_working_directory_that_is_gone_is_told(
    scan: Run,
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    target = "sqlite:///x" if option == "--history" else "x"
    assert scan(option, target) == 2
    assert f"{target}: cannot be" in capsys.readouterr().err


def test_links_that_lead_in_a_circle_are_told(
    scan: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    assert scan("--json", tmp_path / "one" / "x") == 2
    assert f"{tmp_path / 'one' / 'x'}: " in capsys.readouterr().err


def test_a_terminal_is_not_wider_than_anybody_reads(
    scan: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "5000")
    scan()
    assert max(map(len, capsys.readouterr().out.splitlines())) == 1000


def test_a_folder_is_no_report_file(scan: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan("--json", tmp_path) == 2
    assert f"{tmp_path}: is a folder" in capsys.readouterr().err


def test_reports_are_written_whole_and_leave_nothing_beside(scan: Run, tmp_path: Path) -> None:
    (tmp_path / "acr.json").write_text("old", "utf-8")
    assert scan("--quiet", "--json", tmp_path / "acr.json", "--junit", tmp_path / "acr.xml") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"acr.json", "acr.xml"}
    json.loads((tmp_path / "acr.json").read_text("utf-8"))


def test_an_old_report_survives_a_write_that_fails(
    scan: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "acr.json"
    target.write_text("old", "utf-8")

    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert scan("--quiet", "--json", target) == 2
    assert capsys.readouterr().err == f"acr-scan: {target}: cannot be written: no space left on device\n"
    assert target.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_interrupted_write_leaves_nothing_half_written(
    scan: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    assert scan("--quiet", "--json", tmp_path / "acr.json") == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("target", ["/dev/full", "-"])
def test_a_full_disk_is_no_bug(target: str) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "scanner", "--quiet", "--snapshot", CONTOSO, "--json", target],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert ran.returncode == 2
    where = "standard output" if target == "-" else target
    assert ran.stderr == f"acr-scan: {where}: cannot be written: no space left on device\n"


def test_reports_into_a_device_are_written_through(scan: Run) -> None:
    assert scan("--quiet", "--json", os.devnull) == 1
    assert not Path(os.devnull).is_file()


# the terminal


def test_quiet_prints_no_table(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan("--quiet") == 1
    assert capsys.readouterr() == ("", "")


class Terminal:
    """A standard output that says it is a terminal."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@pytest.mark.parametrize(
    ("options", "variable", "colored"),
    [([], None, True), (["--no-color"], None, False), ([], "1", False), ([], "", True)],
)
def test_colour_on_a_terminal_unless_it_is_switched_off(
    options: list[str],
    variable: str | None,
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if variable is not None:
        monkeypatch.setenv("NO_COLOR", variable)
    monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
    assert main(["--snapshot", str(CONTOSO), *options]) == 1
    assert ("\x1b[" in capsys.readouterr().out) is colored


def test_no_colour_in_a_pipe() -> None:
    assert "\x1b" not in program("--snapshot", CONTOSO).stdout


@pytest.mark.slow
def test_a_reader_that_leaves_early_changes_no_exit_code() -> None:
    for options, code in (
        ([], 1),
        (["--json", "-"], 1),
        (["--select", "ACR901", "--registry", "contosoprod"], 0),
    ):
        reader, writer = os.pipe()
        os.close(reader)
        ran = subprocess.run(
            [sys.executable, "-m", "scanner", "--snapshot", CONTOSO, *options],
            stdout=writer,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
        os.close(writer)
        assert (ran.returncode, ran.stderr) == (code, b"")


def test_a_report_in_a_file_is_written_though_the_reader_left(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    reports = ["--json", "-", "--junit", str(tmp_path / "x")]
    command = [sys.executable, "-m", "scanner", "--snapshot", str(CONTOSO), *reports]
    subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(writer)
    assert (tmp_path / "x").read_text("utf-8").startswith("<?xml")


# narrowing


def names(document: Any) -> set[str]:
    return {result["resource"]["id"].lower().split("/registries/")[1] for result in document["results"]}


@pytest.mark.parametrize("word", ["contosoprod", "CONTOSOProd", "id", "ID", "id/"])
def test_a_registry_by_name_or_id_whatever_the_case(
    scan: Run, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    identifier = f"{REGISTRY}/contosoprod".replace("/rg/", "/rg-registries/")
    spelled = {"id": identifier, "ID": identifier.upper(), "id/": f"{identifier}/"}.get(word, word)
    scan("--registry", spelled, "--json", "-")
    document = results(capsys)
    assert document["summary"]["registries"] == 1
    assert {name.split("/")[0] for name in names(document)} == {"contosoprod"}
    assert "contosoprod/tasks/nightly-purge" in names(document)


def test_a_registry_is_no_prefix(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan("--registry", "contosopro") == 2
    assert "matches no collected registry; did you mean 'contosoprod'?" in capsys.readouterr().err


def test_several_registries(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    scan("-r", "contosoprod", "-r", "contosoml", "--json", "-")
    assert results(capsys)["summary"]["registries"] == 2


def test_a_narrowed_scan_still_looks_at_the_neighbours(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    scan("--json", "-", "--all-results")
    everything = [
        each for each in results(capsys)["results"] if "/registries/contosoml" in each["resource"]["id"]
    ]
    scan("--json", "-", "--all-results", "--registry", "contosoml")
    document = results(capsys)
    one = document["results"]
    assert one == everything  # its machine learning workspace lies in another group and subscription
    assert any(each["policy"] == "ACR301" and each["verdict"] == "fail" for each in one)
    rows_read = document["run"]["rows"]
    assert rows_read["read"] == rows_read["judged"] + rows_read["context"] + rows_read["unusable"]


def test_a_resource_group(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    scan("--resource-group", "RG-Registries", "--json", "-")
    assert results(capsys)["summary"]["registries"] == 12
    assert scan("-g", "rg-registry") == 2
    assert "matches no collected resource; did you mean 'rg-registries'?" in capsys.readouterr().err


def test_a_resource_group_without_registries_scans_nothing(scan: Run) -> None:
    assert scan("--resource-group", "rg-science", "--fail-on", "never") == 3


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--select", "ACR201"], "ACR201"),
        (["--select", "acr2*"], "ACR2.."),
        (["--select", "admin-user-off"], "ACR901"),
        (["--select", "hardening", "--exclude", "ACR90[1-3]"], "ACR90[4-9]"),
        (["--select", "tasks", "--select", "exposure"], "ACR[12].."),
        (["--select", "ACR*", "--exclude", "hardening", "--exclude", "tasks"], "ACR[1345678].."),
    ],
)
def test_select_and_exclude_by_id_name_and_topic(
    scan: Run, capsys: pytest.CaptureFixture[str], options: list[str], wanted: str
) -> None:
    chosen = {identifier for identifier in PACK if re.fullmatch(wanted, identifier)}
    scan(*options, "--json", "-", "--all-results")
    document = results(capsys)
    assert {each["policy"] for each in document["results"]} <= chosen != set()
    assert document["run"]["policies"]["count"] == len(chosen)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--select", "ACR20X"], "--select ACR20X matches no policy; did you mean 'ACR2"),
        (["--exclude", "taks"], "--exclude taks matches no policy; did you mean 'tasks'?"),
        (["--select", "ACR201", "--exclude", "tasks"], "--select and --exclude together leave no policy"),
        (["--select", ""], "--select  matches no policy"),
    ],
)
def test_a_selection_that_matches_nothing_is_2(
    scan: Run, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert scan(*options) == 2
    assert said in capsys.readouterr().err


# policies and parameters


@pytest.fixture
def own(tmp_path: Path) -> Path:
    parameters = (
        "parameters:\n"
        "  most: { type: integer, default: 3, means: The most rules. }\n"
        "  sku: { type: string, default: Premium, means: The SKU. }\n"
        "  off: { type: boolean, default: true, means: Whether. }\n"
    )
    require = '{ count: { field: "properties.networkRuleSet.ipRules[*]" }, lessOrEquals: "{param.most}" }'
    return write_policy(tmp_path / "own", parameters=parameters, require=require)


def test_a_parameter_is_set_and_recorded(scan: Run, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only = ("--policies", own, "--no-builtin", "--registry", "contosobuild", "--json", "-")
    assert scan(*only) == 1
    assert scan(*only, "--param", "tst101.most=11") == 0
    assert results(capsys)["run"]["policies"]["parameters"] == {"TST101": {"most": 11}}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("TST101", "--param TST101 sets nothing\nhelp: write --param ID.name=value"),
        ("TST101.most", "--param TST101.most sets nothing"),
        ("TST101=1", "--param TST101=1 sets nothing"),
        ("TST102.most=1", "names no selected policy; did you mean 'TST101'?"),
        ("TST101.mst=1", "TST101 has no parameter 'mst'; it has most, sku, off"),
        ("TST101.most=many", "expected a whole number"),
        ("TST101.most=1.5", "expected a whole number"),
        ("TST101.off=yes", "expected true or false"),
        ("ACR901.most=1", "ACR901 has no parameter 'most'; it has none"),
    ],
)
def test_a_parameter_that_sets_nothing_is_2(
    scan: Run, own: Path, capsys: pytest.CaptureFixture[str], setting: str, said: str
) -> None:
    assert scan("--policies", own, "--param", setting) == 2
    assert said in capsys.readouterr().err


def test_own_policies_beside_the_pack_and_alone(
    scan: Run, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan("--policies", own, "--json", "-")
    assert results(capsys)["run"]["policies"]["count"] == len(PACK) + 1
    scan("--policies", own, "--no-builtin", "--json", "-")
    assert results(capsys)["run"]["policies"]["count"] == 1


def test_an_id_that_clashes_with_the_pack_is_2(
    scan: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_policy(tmp_path / "own", id="ACR101")
    assert scan("--policies", folder) == 2
    err = capsys.readouterr().err
    assert f"{folder}/ACR101-somebody-elses.yaml:1: the id ACR101 is taken by " in err
    assert scan("--policies", folder, "--no-builtin", "--registry", "contosoprod") == 0


def test_without_any_policy_there_is_nothing_to_judge_by(
    scan: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--no-builtin") == 2
    assert capsys.readouterr().err.startswith("acr-scan: --no-builtin leaves no policy to judge by\n")


def test_the_shipped_words_hold_without_the_shipped_policies(scan: Run, tmp_path: Path) -> None:
    folder = write_policy(tmp_path / "own", require="{ is: network-restricted }")
    assert scan("--policies", folder, "--no-builtin", "--registry", "contosoprod") == 0


# time and completeness


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ("2026-11-21", "2026-11-21T00:00:00Z"),
        ("2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z"),
        ("2026-11-21T08:00:00+02:00", "2026-11-21T06:00:00Z"),
    ],
)
def test_as_of_is_when_it_is_judged(
    scan: Run, capsys: pytest.CaptureFixture[str], given: str, recorded: str
) -> None:
    scan("--as-of", given, "--json", "-")
    run = results(capsys)["run"]
    assert run["evaluated"] == recorded
    assert run["collected"] == "2026-11-16T05:00:00Z"


def test_judged_as_of_its_collection_by_default(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    scan("--json", "-")
    assert results(capsys)["run"]["evaluated"] == "2026-11-16T05:00:00Z"


def test_as_of_no_date_is_2(scan: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan("--as-of", "tomorrow") == 2
    assert "--as-of tomorrow is no date; write 2026-11-21" in capsys.readouterr().err


def test_assume_complete_proves_absence(tmp_path: Path) -> None:
    closed = {"publicNetworkAccess": "Disabled", "networkRuleBypassOptions": "None"}
    shown = registry("a", loginServer="a.azurecr.io", **closed) | {"sku": {"name": "Premium"}}
    path = rows(tmp_path / "rows.json", shown)
    arguments = ["--snapshot", str(path), "--select", "ACR301"]
    assert main(arguments) == 3  # nobody can say whether a trusted service depends on it
    assert main([*arguments, "--assume-complete"]) == 0


def test_without_service_tags_a_notice_says_how_to_get_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "contoso"
    shutil.copytree(CONTOSO, bare)
    (bare / "service-tags.json").unlink()
    manifest = json.loads((bare / "manifest.json").read_text("utf-8"))
    del manifest["sha256"]
    (bare / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    main(["--snapshot", str(bare), "--json", "-"])
    [notice] = results(capsys)["notices"]
    assert notice["kind"] == "no-service-tags"
    assert "--service-tags" in notice["help"]


def test_junit_is_green_if_and_only_if_the_exit_code_is_0(scan: Run, tmp_path: Path) -> None:
    target = tmp_path / "acr.xml"
    for options in (
        [],
        ["--fail-on", "never"],
        ["--select", "ACR901", "--registry", "contosoprod"],
        ["--select", "ACR902", "--registry", "contosoold"],
        ["--select", "ACR902", "--registry", "contosoold", "--allow-unknown"],
        ["--select", "ACR904"],
        ["--resource-group", "rg-network"],
    ):
        code = scan("--quiet", "--junit", target, *options)
        suites = ET.parse(target).getroot()
        red = next(suites.iter("failure"), None) is not None or next(suites.iter("error"), None) is not None
        assert red is (code != 0), options


# as a program


def test_python_m_scanner_is_acr_scan() -> None:
    ran = program("--snapshot", CONTOSO, "--quiet")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "")


def test_output_does_not_depend_on_the_locale(tmp_path: Path) -> None:
    plain_c = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "scanner", "--snapshot", CONTOSO, "--json", tmp_path / "x.json"],
        capture_output=True,
        cwd=ROOT,
        env=plain_c,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert json.loads((tmp_path / "x.json").read_text("utf-8"))["format"] == 1


# completion


def completed(words: str, *, last: str = "") -> list[str]:
    parts = words.split()
    environment = {
        **os.environ,
        "COMP_WORDS": f"{words} {last}".rstrip(),
        "COMP_CWORD": str(len(parts)),
        "_ACR_SCAN_COMPLETE": "bash_complete",
    }
    ran = program(env=environment)
    assert ran.stderr == ""
    return [line.split(",", 1)[1] for line in ran.stdout.splitlines()]


def test_the_completion_script() -> None:
    ran = program(env={**os.environ, "_ACR_SCAN_COMPLETE": "bash_source"})
    assert ran.returncode == 0
    assert "_acr_scan_completion" in ran.stdout


def test_completion_of_policies() -> None:
    assert completed("acr-scan --select", last="ACR2") == [each for each in PACK if each.startswith("ACR2")]
    assert completed("acr-scan scan --exclude", last="admin") == ["admin-user-off"]
    assert completed("acr-scan policy show", last="exposur") == ["exposure"]


def test_completion_of_commands_and_of_scans_options() -> None:
    assert completed("acr-scan") == list(COMMANDS)
    assert completed("acr-scan", last="pol") == ["policy"]
    assert "--snapshot" in completed("acr-scan", last="--snap")
    assert completed("acr-scan", last="--he") == ["--help"]
