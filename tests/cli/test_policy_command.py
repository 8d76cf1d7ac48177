"""`acr-scan policy …` as an author of policies meets it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli import main

ROOT = Path(__file__).parents[2]
PACK = ROOT / "policies"
TASKS = PACK / "tasks"
ACR201 = TASKS / "ACR201-task-network-path.yaml"

WRONG = """\
id: CON301
name: own
title: Ends in a period.
severity: high
status: stable
since: "0.1"
resource: Microsoft.ContainerRegistry/registries/tasks
why: Because.
require:
  allOf:
    - { field: properties.isSystemTsk, notEquals: true }
    - { of: registry, is: network-restrictd }
    - { of: agentPol, field: properties.count, equals: 1 }
    - { field: properties.status, equals: Disabld }
messages: { pass: "{nam} is good.", fail: Bad., unknown: Unclear. }
remediation: [{ text: Do it. }]
references: [{ title: A page, url: "https://example.com/page" }]
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def policy(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `acr-scan policy …` in process: exit code, output, errors."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["policy", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The shipped ACR201 with its cases, as somebody's own policy CON201."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    for suffix in (".yaml", ".test.yaml"):
        text = ACR201.with_suffix(suffix).read_text("utf-8")
        (folder / f"CON201-task-network-path{suffix}").write_text(text.replace("ACR201", "CON201"), "utf-8")
    return folder


# list


def test_list_names_every_policy_with_its_severity(policy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    code, out, err = policy("list")
    assert (code, err) == (0, "")
    for path in PACK.rglob("ACR*.test.yaml"):
        identifier, _, name = path.name.removesuffix(".test.yaml").partition("-")
        [line] = [line for line in out.splitlines() if identifier in line]
        assert name in line
        assert any(severity in line for severity in ("info", "low", "medium", "high", "critical"))


def test_list_of_a_selection_and_of_own_policies(policy: Run, own: Path) -> None:
    code, out, _ = policy("list", "--select", "tasks", "--policies", own)
    assert code == 0
    assert "ACR201" in out
    assert "CON201" in out
    assert "ACR901" not in out


def test_list_of_a_selection_that_matches_nothing(policy: Run) -> None:
    code, out, err = policy("list", "--select", "taks")
    assert (code, out) == (2, "")
    assert "--select taks matches no policy; did you mean 'tasks'?" in err


# show


def test_show_by_id_and_by_name_is_the_same(policy: Run) -> None:
    texts = [policy("show", name) for name in ("ACR201", "acr201", "task-network-path")]
    assert texts[0] == texts[1] == texts[2]
    code, out, err = texts[0]
    assert (code, err) == (0, "")
    for word in ("ACR201", "Tasks should have a working path", "agent-pool", "az acr agentpool create"):
        assert word in out


def test_show_of_a_topic_shows_all_of_it(policy: Run) -> None:
    _, out, _ = policy("show", "tasks")
    assert "ACR201" in out
    assert "ACR206" in out


def test_show_of_an_unknown_policy_says_what_was_meant(policy: Run) -> None:
    code, out, err = policy("show", "task-netwrk-path")
    assert (code, out) == (2, "")
    assert err.startswith(
        "acr-scan: policy show task-netwrk-path matches no policy; did you mean 'task-network-path'?\nhelp: "
    )


def test_show_of_ones_own_policy(policy: Run, own: Path) -> None:
    code, out, _ = policy("show", "CON201", "--policies", own)
    assert code == 0
    assert "CON201" in out


# test


@pytest.mark.slow
def test_the_shipped_cases_come_out_right(policy: Run) -> None:
    code, out, err = policy("test")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].endswith("right, 0 wrong")


@pytest.mark.slow
def test_cases_of_a_folder_a_policy_and_a_cases_file(policy: Run, own: Path) -> None:
    paths = [own, own / "CON201-task-network-path.yaml", own / "CON201-task-network-path.test.yaml"]
    answers = [policy("test", path) for path in paths]
    assert answers[0] == answers[1] == answers[2]
    code, out, err = answers[0]
    assert (code, err) == (0, "")
    assert "of 1 polic" in out
    assert out.splitlines()[-1].endswith("right, 0 wrong")


@pytest.mark.slow
def test_a_case_that_comes_out_wrong_is_1_with_the_evidence(policy: Run, own: Path) -> None:
    cases = own / "CON201-task-network-path.test.yaml"
    text = cases.read_text("utf-8")
    cases.write_text(text.replace("expect: pass", "expect: fail", 1), "utf-8")
    code, out, _ = policy("test", own)
    assert code == 1
    assert "expected fail, found pass" in " ".join(out.split())
    assert "1 wrong" in out


@pytest.mark.slow
def test_a_case_right_for_the_wrong_reason_is_wrong(policy: Run, own: Path) -> None:
    cases = own / "CON201-task-network-path.test.yaml"
    lines = cases.read_text("utf-8").splitlines()
    spot = next(index for index, line in enumerate(lines) if line.strip().startswith("because:"))
    lines[spot] = lines[spot].split("because:")[0] + "because: the moon is full"
    cases.write_text("\n".join(lines) + "\n", "utf-8")
    code, out, _ = policy("test", own)
    assert code == 1
    assert "but not because 'the moon is full'" in " ".join(out.split())


@pytest.mark.slow
def test_verbose_prints_the_evidence_of_every_case(policy: Run, own: Path) -> None:
    assert len(policy("test", own, "--verbose")[1]) > len(policy("test", own)[1])


@pytest.mark.parametrize("command", ["test", "lint"])
def test_a_policy_without_cases(policy: Run, own: Path, command: str) -> None:
    (own / "CON201-task-network-path.test.yaml").unlink()
    code, out, err = policy(command, own)
    assert code == (1 if command == "lint" else 2)
    assert "has no cases; write them in CON201-task-network-path.test.yaml" in out + err


@pytest.mark.parametrize("command", ["test", "lint"])
def test_a_path_that_is_not_there(policy: Run, tmp_path: Path, command: str) -> None:
    code, out, err = policy(command, tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert err == f"acr-scan: {tmp_path}/nowhere:1: there is no such folder of policies\n"


def test_a_folder_without_policies(policy: Run, tmp_path: Path) -> None:
    code, _, err = policy("lint", tmp_path)
    assert code == 2
    assert err == f"acr-scan: {tmp_path}:1: the folder holds no policy; files end in .yaml\n"


# lint


def test_the_pack_and_ones_own_policy_are_clean(policy: Run, own: Path) -> None:
    for path in ([], [own], [own / "CON201-task-network-path.yaml"]):
        code, out, err = policy("lint", *path)
        assert (code, err) == (0, "")
        assert out.endswith(", nothing to say\n")


def test_lint_tells_all_problems_with_their_lines(policy: Run, tmp_path: Path) -> None:
    path = tmp_path / "CON301-own.yaml"
    path.write_text(WRONG, "utf-8")
    code, out, err = policy("lint", path)
    assert (code, err) == (1, "")
    lines = {int(line.removeprefix(f"{path}:").partition(":")[0]) for line in out.splitlines()}
    assert lines == {1, 3, 11, 12, 13, 14, 15}
    for hint in ("'properties.isSystemTask'", "'network-restricted'", "'agentPool'", "'Disabled'", "'name'"):
        assert f"did you mean {hint}?" in out


def test_lint_of_a_file_under_another_name(policy: Run, own: Path) -> None:
    for path in own.iterdir():
        path.rename(path.with_name(path.name.replace("CON201", "CON202")))
    code, out, _ = policy("lint", own)
    assert code == 1
    assert "the file is called CON201-task-network-path.yaml" in out


def test_ones_own_policy_judges_beside_the_pack(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = str(ROOT / "samples" / "snapshots" / "contoso")
    assert main(["--snapshot", sample, "--policies", str(own), "--select", "tasks"]) == 1
    assert "CON201 task-network-path" in capsys.readouterr().out


# docs


def test_the_pages_are_up_to_date(policy: Run) -> None:
    assert policy("docs", "--check") == (0, "", ""), "run make docs"


@pytest.mark.slow
def test_a_stale_a_missing_and_a_stray_page_are_told_and_written(
    policy: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "policies"
    shutil.copytree(PACK, pack)
    monkeypatch.setattr("scanner.authoring.policy_docs.builtin_folder", lambda: pack)
    assert policy("docs")[0] == 0
    stale, missing, stray = (
        pack / "hardening" / "ACR901-admin-user-off.md",
        pack / "README.md",
        pack / "tasks" / "ACR299-gone.md",
    )
    stale.write_text("old", "utf-8")
    missing.unlink()
    stray.write_text("of no policy", "utf-8")
    code, out, err = policy("docs", "--check")
    assert (code, err) == (1, "help: run make docs\n")
    assert out.splitlines() == [f"stale: {path}" for path in sorted((stale, missing, stray))]
    assert stale.read_text("utf-8") == "old"
    assert policy("docs")[0] == 0
    assert not stray.exists()
    assert policy("docs", "--check") == (0, "", "")


def test_policy_alone_shows_its_commands(policy: Run) -> None:
    code, out, err = policy()
    assert code == 2
    for command in ("docs", "lint", "list", "show", "test"):
        assert command in out + err


@pytest.mark.parametrize(("width", "titles"), [(80, False), (100, False), (160, True)])
def test_a_list_shows_every_name_whole(
    policy: Run, monkeypatch: pytest.MonkeyPatch, width: int, titles: bool
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))

    _, out, _ = policy("list")

    assert all(path.name.split("-", 1)[1][:-3] in out for path in PACK.glob("*/ACR*.md"))
    assert ("Registries should restrict access from the internet" in out) is titles
    assert max(map(len, out.splitlines())) <= width


def test_a_new_policy_of_ones_own_names_a_schema_that_is_there(policy: Run, tmp_path: Path) -> None:
    policy("new", "access", "abac-permissions", "--policies", tmp_path, "--prefix", "TEAM")

    for path in (tmp_path / "access").iterdir():
        first = path.read_text("utf-8").partition("\n")[0]
        assert Path(first.partition("$schema=")[2]).is_file()


def test_a_new_policy_needs_a_place(policy: Run, tmp_path: Path) -> None:
    (tmp_path / "access").write_text("", "utf-8")

    code, _, err = policy("new", "access", "abac-permissions", "--policies", tmp_path)

    assert code == 2
    assert f"{tmp_path / 'access'}: the folder cannot be made: file exists" in err


def test_a_new_policy_needs_a_number(policy: Run, tmp_path: Path) -> None:
    policy("new", "access", "abac-permissions", "--policies", tmp_path)
    text = (tmp_path / "access" / "ACR001-abac-permissions.yaml").read_text("utf-8")
    for number in range(2, 100):
        (tmp_path / f"{number}.yaml").write_text(text.replace("ACR001", f"ACR{number:03d}"), "utf-8")

    code, _, err = policy("new", "access", "another", "--policies", tmp_path)

    assert code == 2
    assert "access: ACR001 to ACR099 are all taken" in err
    assert "help: take other letters with --prefix" in err


def test_a_path_with_a_nul_is_wrong_usage(policy: Run) -> None:
    code, _, err = policy("lint", "a\0b")

    assert code == 2
    assert "'a\\x00b' holds a NUL character" in err
