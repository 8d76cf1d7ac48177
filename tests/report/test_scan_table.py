"""The terminal shows what matters, whole, and nothing that a name smuggles in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from scanner.model.truth import Truth
from scanner.policy.model import Severity
from scanner.report.console import scan_table
from scanner.result.finding import Advice, Ungated, Verdict
from scanner.result.report import Notice, Report

Maker = Callable[..., Any]


def shown(report: Report, *, width: int = 100, verbose: bool = False) -> str:
    return scan_table.render(report, width=width, color=False, verbose=verbose)


def test_a_finding_in_full(task_report: Report) -> None:
    text = shown(task_report, width=80)
    start = text.index("UNKNOWN  ACR201")
    assert text[start : text.index("FAIL     ACR101")] == (
        "UNKNOWN  ACR201 task-network-path  [high]\n"
        "   Tasks should have a working path to a network-restricted registry\n"
        "   contoso/tasks/weekly\n"
        "   Task weekly: not known.\n"
        "   ✗ agent-pool\n"
        "       nightly: properties.agentPoolName is not set\n"
        "   ? bypass\n"
        "       contoso: properties.networkRuleBypassAllowedForTasks could not be seen\n"
        "       (read with an apiVersion older than 2025-05-01-preview)\n"
        "       help: let the scan read ARM: --arm-reads auto\n"
        "   policies/tasks/ACR201-task-network-path.md\n"
        "\n"
    )


def test_the_summary_comes_first(task_report: Report) -> None:
    assert shown(task_report).startswith(
        "Scanned       2 registries with 3 policies\n"
        "Verdicts      3 fail, 1 unknown, 1 exempt, 1 pass, 1 not applicable\n"
        "Gating        2 fail, 1 unknown\n"
        "Inventory     INCOMPLETE, snapshot of 2026-11-02T06:00:00Z\n"
        "Service tags  Public, change 346, from file\n"
        "Rows          60 read = 41 judged + 19 context + 0 unusable\n"
        "\n"
        "Policy                            Severity   fail   unknown   exempt   pass\n"
        "───────────────────────────────────────────────────────────────────────────\n"
        "ACR201 task-network-path          high          1         1        1      1\n"
    )


def test_groups_are_registries_then_neighbours_and_the_gravest_comes_first(task_report: Report) -> None:
    headings = re.findall(r"^(?:── ([\w ()]+) ─+|\w+ +(ACR\d+) .*)$", shown(task_report), re.MULTILINE)
    assert [heading or policy for heading, policy in headings] == [
        *("Notices (1)", "contoso", "ACR201", "ACR201", "ACR101"),
        *("Outside of registries", "ACR504", "Exempt (1)", "ACR201"),
    ]


def test_an_exempt_finding_is_one_line_with_date_and_reason(task_report: Report) -> None:
    assert shown(task_report).count("\nEXEMPT ") == 1
    assert (
        "EXEMPT   ACR201 task-network-path  contoso/tasks/old"
        "  exempt until 2026-12-31: moves to a pool in March\n"
    ) in shown(task_report, width=160)


def test_passes_are_counted_and_not_listed(a_report: Maker, a_finding: Maker) -> None:
    text = shown(a_report(a_finding(Verdict.PASS), a_finding(Verdict.NOT_APPLICABLE)))
    assert "1 pass, 1 not applicable" in text
    assert "ACR201" not in text


@pytest.mark.parametrize("not_gating_because", Ungated)
def test_what_does_not_gate_says_why(a_report: Maker, a_finding: Maker, not_gating_because: Ungated) -> None:
    text = shown(a_report(a_finding(gates=None, not_gating_because=not_gating_because)))
    assert f"[high]  does not gate: {not_gating_because.value}\n" in text


@pytest.mark.parametrize(
    ("verdicts", "complete", "last"),
    [
        ([Verdict.PASS], True, "OK: scanned whole, and clean (exit code 0)"),
        ([Verdict.EXEMPT], True, "OK: nothing gates, but see 1 exempt (exit code 0)"),
        ([Verdict.FAIL], True, "FAILED: 1 gating finding (exit code 1)"),
        (
            [Verdict.FAIL, Verdict.FAIL, Verdict.UNKNOWN],
            False,
            "FAILED: 2 gating findings, 1 gating unknown, incomplete inventory (exit code 1)",
        ),
        ([Verdict.UNKNOWN], True, "NOT VOUCHED FOR: 1 gating unknown (exit code 3)"),
        ([Verdict.PASS], False, "NOT VOUCHED FOR: incomplete inventory (exit code 3)"),
        (
            [],
            True,
            "NOT VOUCHED FOR: nothing was scanned: no resource of any selected policy's type (exit code 3)",
        ),
    ],
)
def test_the_last_line_says_the_result(
    a_report: Maker, a_finding: Maker, verdicts: list[Verdict], complete: bool, last: str
) -> None:
    report = a_report(*map(a_finding, verdicts), complete=complete)
    assert shown(report, width=160).splitlines()[-1] == last


def test_commands_are_neither_wrapped_nor_cut(a_report: Maker, a_finding: Maker) -> None:
    command = f"az acr update --name contoso {'--tags x=y ' * 40}--output none"
    text = shown(a_report(a_finding(remediation=(Advice(None, "Do this.", (command,)),))), width=40)
    assert f"\n       {command}\n" in text


def test_long_lists_are_cut_unless_verbose(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    leaves = (
        evidence("ip-rules", field="f", text="x" * 998),
        *(evidence("ip-rules", text=f"is {number}") for number in range(12)),
    )
    advice = Advice(None, "Do this.", tuple(f"az {number}" for number in range(12)))
    notices = tuple(Notice("unseen", str(number), "403") for number in range(25))
    report = a_report(a_finding(evidence=leaves, remediation=(advice,)), notices=notices)
    text = shown(report, width=2000)
    for cut in (
        "xxx … and 400 characters more\n",
        "       is 8\n       … and 3 more\n",
        "       az 9\n       … and 2 more; --verbose shows all\n",
        "! unseen  19: 403\n  … and 5 more; --verbose shows all\n",
    ):
        assert cut.replace("       is", "       nightly: properties.agentPoolName is") in text
    assert "…" not in shown(report, width=2000, verbose=True)


def test_equal_evidence_and_equal_help_are_said_once(
    a_report: Maker, a_finding: Maker, evidence: Maker
) -> None:
    leaves = [evidence("bypass", Truth.UNKNOWN, field=field, help="ask") for field in ("a", "a", "b")]
    text = shown(a_report(a_finding(Verdict.UNKNOWN, evidence=tuple(leaves))))
    assert (
        "   ? bypass\n       nightly: a is not set\n       nightly: b is not set\n       help: ask\n"
    ) in text


def test_evidence_of_no_way_is_marked_leaf_by_leaf(
    a_report: Maker, a_finding: Maker, evidence: Maker
) -> None:
    leaves = (evidence(None, Truth.TRUE), evidence(None, Truth.UNKNOWN, field="sku", help="ask"))
    unknown = shown(a_report(a_finding(Verdict.UNKNOWN, evidence=leaves)))
    assert "   ? nightly: sku is not set\n       help: ask\n" in unknown
    assert "agentPoolName" not in unknown
    assert "   ✗ nightly: properties.agentPoolName is" in shown(a_report(a_finding(evidence=leaves)))


def test_severity_decides_before_the_id(a_report: Maker, a_finding: Maker, a_policy: Maker) -> None:
    low = a_finding(policy=a_policy("ACR101", "a", severity=Severity.LOW))
    critical = a_finding(policy=a_policy("ACR901", "b", severity=Severity.CRITICAL))
    text = shown(a_report(low, critical))
    assert text.index("FAIL     ACR901 b  [critical]") < text.index("FAIL     ACR101 a  [low]")


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("color", [False, True])
def test_no_line_but_ids_pages_and_commands_is_wider_than_the_terminal(
    task_report: Report, hostile_report: Report, width: int, color: bool
) -> None:
    for report in (task_report, hostile_report):
        for line in bare(scan_table.render(report, width=width, color=color)).splitlines():
            whole = line.strip().startswith(("/subscriptions/", "az ", "policies/", "contoso", '"><script>'))
            assert whole or cell_len(line) <= width
            assert line == line.rstrip()


def bare(text: str) -> str:
    """The text without the styles that we write."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_colour_changes_nothing_else(task_report: Report, hostile_report: Report) -> None:
    for report in (task_report, hostile_report):
        colored = scan_table.render(report, width=80, color=True)
        assert "\x1b[" in colored
        assert bare(colored) == shown(report, width=80)


def test_hostile_text_is_shown_and_neither_obeyed_nor_read_as_markup(hostile_report: Report) -> None:
    text = shown(hostile_report, width=300)
    assert not set(text) & set("\x1b\x00\x07\u202e\u200b\ufeff\ud800\ufffe\t\r")
    assert text.count(r"[bold red]x=cmd()\x1b[31m\u202e\x00\x07\u200b\ufeff\ud800\ufffeGrün\n") > 20
    text.encode("utf-8")


def test_neither_environment_nor_terminal_changes_the_text(
    task_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(task_report)
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "20", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert shown(task_report) == text
    assert "\x1b[" in scan_table.render(task_report, width=80, color=True)
