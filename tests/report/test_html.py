"""The page as a file: what it holds, what it lets run, and what a reader without scripts gets."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from scanner.model.truth import Truth
from scanner.policy.model import Reference, Severity
from scanner.report import html
from scanner.report.html import charts
from scanner.report.html.wording import fact_rows, headline, moment, place, shown_parameters, totals
from scanner.result.access import Access, Entry
from scanner.result.finding import Advice, Ungated, Verdict
from scanner.result.report import Notice, Report
from scanner.result.trend import TrendPoint

Maker = Callable[..., Any]

VOID = {"meta", "input", "link", "br"}
LOADS = {"src", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href"}


class Page(HTMLParser):
    """The elements of a page, and the text inside of the first of each kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def said(self, tag: str) -> list[str]:
        """The texts of all elements of a kind, with single blanks."""
        return [" ".join(text.split()) for text in self.texts.get(tag, [])]


def written(report: Report, *more: Any, **options: Any) -> str:
    return "".join(html.pieces(report, *more, **options))


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_only_these_very_texts_may_style_and_run(task_report: Report) -> None:
    text = written(task_report)
    page = Page(text)
    [csp] = [of["content"] for tag, of in page.elements if of.get("http-equiv") == "Content-Security-Policy"]
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)

    def digest(inline: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"

    assert str(csp).split("; ") == [
        "default-src 'none'",
        f"style-src {digest(style)}",
        f"script-src {digest(script)}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


@pytest.mark.parametrize("fixture", ["task_report", "hostile_report"])
def test_no_markup_loads_styles_itself_or_handles_an_event(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    page = Page(written(request.getfixturevalue(fixture), trend=_runs(3)))
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"} | names & LOADS
    assert {of["href"] for _, of in page.elements if "href" in of} == {"#findings"}
    assert not {tag for tag, _ in page.elements} & {"link", "img", "iframe", "object", "base", "image"}
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert page.open == []


def test_the_page_is_the_same_every_time_and_ends_with_a_newline(task_report: Report) -> None:
    assert written(task_report) == written(task_report)
    assert written(task_report).endswith("</html>\n")


def test_the_data_hold_every_finding_and_nothing_that_opens_a_tag(hostile_report: Report) -> None:
    text = written(hostile_report, all_results=True)
    start = text.index('id="data">') + len('id="data">')
    assert "<" not in text[start : text.index("</script>", start)]
    data = data_of(text)
    assert len(data["findings"]) == len(hostile_report.findings)
    assert all(said.isprintable() for said in data["texts"])
    assert any("><script>alert(1)</script>" in said and "\\u202e" in said for said in data["texts"])


def test_what_an_eye_would_miss_is_visible_everywhere(hostile_report: Report) -> None:
    lines = written(hostile_report).splitlines()
    assert [line for line in lines if not line.isprintable()] == []
    assert any("&gt;&lt;script&gt;" in line and "\\u202e" in line for line in lines)


def test_a_finding_is_told_whole(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    advice = Advice("bypass", "Let it pass.", ("az acr a", "az acr b"))
    report = a_report(a_finding(evidence=(evidence("bypass"),), remediation=(advice,), ways=()))
    data = data_of(written(report))
    texts = data["texts"]
    [[policy, resource, verdict, gates, reason, message, lines, remedies, baseline]] = data["findings"]
    assert (policy, verdict, gates, reason, baseline) == (0, 1, 1, -1, 0)
    assert texts[message] == "Task nightly has no working path to contoso, so its runs will be refused."
    assert [(depth, mark, texts[said]) for depth, mark, said in lines] == [
        (0, 0, "bypass"),
        (1, -1, "nightly: properties.agentPoolName is not set"),
    ]
    assert [[texts[way], texts[said], [texts[each] for each in az]] for way, said, az in remedies] == [
        ["bypass", "Let it pass.", ["az acr a", "az acr b"]]
    ]
    assert [texts[each] for each in data["resources"][resource]] == [
        "contoso",
        "contoso/tasks/nightly",
        next(iter(report.findings)).resource.id,
        "microsoft.containerregistry/registries/tasks",
        "eastus",
    ]


def test_why_a_finding_does_not_gate_is_told_and_whose_exemption_it_is(
    a_report: Maker, a_finding: Maker
) -> None:
    not_gating_because = a_finding(gates=None, not_gating_because=Ungated.BASELINE, in_baseline=True)
    for finding, said, baseline in (
        (not_gating_because, "in the baseline", 1),
        (
            a_finding(Verdict.EXEMPT),
            "exempt until 2026-12-31: moves to a pool in March (waiver, owner team-build)",
            0,
        ),
    ):
        data = data_of(written(a_report(finding)))
        assert data["texts"][data["findings"][0][4]] == said
        assert data["findings"][0][8] == baseline


def test_a_text_is_in_the_data_once(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    findings = [a_finding(resource=a_resource(f"/subscriptions/s/x/{number}")) for number in range(1200)]
    data = data_of(written(a_report(*findings)))
    assert len(data["findings"]) == len(data["resources"]) == 1200
    assert len(set(data["texts"])) == len(data["texts"])
    assert {len(data["policies"]), len({each[5] for each in data["findings"]})} == {1}


def test_an_account_is_asked_for_once(a_report: Maker, a_finding: Maker) -> None:
    asked: list[str] = []
    finding = a_finding(gates=None, not_gating_because=Ungated.PREVIEW)

    class Counting:
        def explain(self, _: Any) -> Any:
            asked.append("once")
            return finding.explain()

    written(a_report(msgspec.structs.replace(finding, explainer=Counting())))
    assert asked == ["once"]


def test_what_is_not_applicable_is_listed_on_demand_and_counted_anyway(task_report: Report) -> None:
    short, whole = written(task_report), written(task_report, all_results=True)
    assert len(data_of(whole)["findings"]) == len(data_of(short)["findings"]) + 1
    assert 'value="notApplicable"' in whole
    assert 'value="notApplicable"' not in short
    assert ("Not applicable", "1 finding") in list(fact_rows(task_report))


def test_access_tables_are_in_the_data(task_report: Report, a_resource: Maker) -> None:
    entries = (
        Entry("internet", "the internet", Truth.FALSE, "Deny"),
        Entry("replica", "westus", None, "b", ("one",), resource="/x"),
    )
    data = data_of(written(task_report, [Access(a_resource("/subscriptions/s/r/acr"), entries)]))
    [[name, id_, location, [first, second]]] = data["access"]
    texts = data["texts"]
    assert [texts[each] for each in (name, id_, location)] == ["acr", "/subscriptions/s/r/acr", "eastus"]
    assert [texts[first[0]], first[2], texts[first[3]], first[4], first[5]] == ["internet", 0, "Deny", [], -1]
    assert [second[2], [texts[each] for each in second[4]], texts[second[5]]] == [-1, ["one"], "/x"]


def test_what_cannot_be_vouched_for_stands_before_the_numbers(task_report: Report) -> None:
    text = written(task_report)
    said = Page(text).said("section")
    assert "What this report cannot vouch for" in text
    assert text.index("The inventory is incomplete") < text.index("<svg") < text.index('id="findings-table"')
    assert any(
        "unreadable subscription 9999: 403 AuthorizationFailed give the identity the Reader role" in each
        for each in said
    )


def test_no_notice_is_lost_and_a_whole_scan_has_none(a_report: Maker, a_finding: Maker) -> None:
    many = tuple(Notice("unusable-row", f"row {number}", "no id") for number in range(45))
    items = [item for item in Page(written(a_report(a_finding(), notices=many))).said("li") if item]
    assert [item for item in items if "unusable row" in item] == [
        f"unusable row row {number}: no id" for number in range(45)
    ]
    assert "cannot vouch" not in written(a_report(a_finding()))


def test_nothing_scanned_is_said(a_report: Maker) -> None:
    text = written(a_report())
    assert "<strong>Nothing was scanned.</strong>" in text
    assert headline(a_report())[1:] == ("Not vouched for", "Nothing was scanned.")


def test_without_scripts_what_gates_is_a_table(task_report: Report) -> None:
    [noscript] = re.findall(r"<noscript>(.*?)</noscript>", written(task_report), re.DOTALL)
    rows = [
        re.findall(r"<td>(.*?)</td>", row) for row in noscript.splitlines() if row.strip()[:8] == "<tr><td>"
    ]
    assert [row[:4] for row in rows] == [
        ["fail", "medium", "ACR101 public-access-restricted", "contoso/tasks/nightly"],
        ["fail", "high", "ACR201 task-network-path", "contoso/tasks/nightly"],
        ["unknown", "high", "ACR201 task-network-path", "contoso/tasks/weekly"],
    ]
    assert rows[0][4] == "The door is open."


@pytest.mark.parametrize(
    ("gates", "complete", "expected"),
    [
        ([Verdict.FAIL], True, ("fail", "Failed", "1 fail gates.")),
        ([Verdict.FAIL] * 2, True, ("fail", "Failed", "2 fails gate.")),
        (
            [Verdict.FAIL, Verdict.UNKNOWN],
            False,
            ("fail", "Failed", "1 fail and 1 unknown gate; the inventory is incomplete."),
        ),
        ([Verdict.UNKNOWN], True, ("unknown", "Not vouched for", "1 unknown gates.")),
        ([None], False, ("unknown", "Not vouched for", "The inventory is incomplete.")),
        ([None], True, ("pass", "Passed", "Nothing gates, and the whole inventory was seen.")),
    ],
)
def test_the_headline_says_what_the_exit_code_says(
    a_report: Maker, a_finding: Maker, gates: list[Verdict | None], complete: bool, expected: tuple[str, ...]
) -> None:
    report = a_report(*(a_finding(gates=each) for each in gates), complete=complete)
    assert headline(report) == expected


def test_what_failed_is_counted_whether_it_gates_or_not(task_report: Report) -> None:
    assert totals(task_report) == "Of 6 findings, 3 failed and 1 could not be settled."


def test_the_facts_of_the_run(a_report: Maker, a_finding: Maker) -> None:
    report = a_report(a_finding(), parameters={"ACR104": {"widest": 24, "name": "x"}})
    facts = dict(fact_rows(report))
    assert facts["Collected"] == "2026-11-02 06:00 UTC"
    assert facts["Subscriptions"] == "11111111-2222-3333-4444-555555555555"
    assert facts["Rows"] == "60 read = 41 judged + 19 context + 0 unusable"
    assert facts["Service tags"] == "Public, change 346, from file"
    assert list(shown_parameters(report)) == [("ACR104.name", "x"), ("ACR104.widest", "24")]
    assert dict(fact_rows(a_report(service_tags=None, source="azure", collected=None, scope={"a": 1}))) | {
        "Source": "Azure",
        "Collected": "unknown",
        "A": "1",
        "Service tags": "none: comparisons with a service tag are unknown",
    } == dict(fact_rows(a_report(service_tags=None, source="azure", collected=None, scope={"a": 1})))


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("2026-11-02T06:07:08.123Z", "2026-11-02 06:07 UTC"),
        ("2026-11-02T06:07:08+00:00", "2026-11-02 06:07 UTC"),
        ("2026-11-02T06:07:08+05:00", "2026-11-02T06:07:08+05:00"),
        ("soon", "soon"),
        (None, "unknown"),
    ],
)
def test_a_time_is_said_in_utc_or_as_it_was(time: str | None, said: str) -> None:
    assert moment(time) == said


def test_a_place_outside_of_registries_is_its_name(a_resource: Maker) -> None:
    assert place(a_resource("/subscriptions/s/x/Hub")) == "Hub"
    assert place(a_resource("/subscriptions/s/REGISTRIES/a/tasks/b")) == "a/tasks/b"


def test_every_selected_policy_is_listed_the_gravest_first(
    a_report: Maker, a_finding: Maker, a_policy: Maker
) -> None:
    policies = (
        a_policy("ACR905", title="Low"),
        a_policy("ACR101", title="Grave", severity=Severity.CRITICAL),
    )
    text = written(a_report(a_finding(policy=policies[0]), policies=policies))
    assert text.index("Grave") < text.index("</span> Low")


def test_references_are_told(a_report: Maker, a_finding: Maker, a_policy: Maker) -> None:
    policy = a_policy(references=(Reference("A page", "https://example.com/"),), why="One\nreason.\n")
    data = data_of(written(a_report(a_finding(policy=policy))))
    [[*_, why, page, [[title, address]]]] = data["policies"]
    assert [data["texts"][each] for each in (why, page, title, address)] == [
        "One reason.",
        "policies/tasks/ACR201-task-network-path.md",
        "A page",
        "https://example.com/",
    ]


# charts


def test_slices_fill_the_ring_and_none_is_too_small_to_see() -> None:
    slices = charts.donut({Verdict.FAIL: 1, Verdict.UNKNOWN: 2, Verdict.EXEMPT: 0, Verdict.PASS: 20_000})
    lengths = [float(each.length) for each in slices]
    assert [each.count for each in slices] == [1, 2, 0, 20_000]
    assert lengths[0] > 0.8
    assert lengths[2] == 0
    assert float(slices[3].start) + lengths[3] + charts.GAP == pytest.approx(100, abs=0.1)
    assert float(slices[1].start) == pytest.approx(lengths[0] + charts.GAP, abs=0.02)


def test_a_ring_of_one_verdict_is_closed_and_one_of_none_is_empty() -> None:
    alone = dict.fromkeys(charts.JUDGED, 0)
    assert [each.length for each in charts.donut({**alone, Verdict.PASS: 7})] == ["0", "0", "0", "100"]
    assert [float(each.length) for each in charts.donut(alone)] == [0, 0, 0, 0]


def test_bars_are_in_proportion_gravest_first(a_finding: Maker, a_policy: Maker) -> None:
    low = a_policy(severity=Severity.LOW)
    findings = [a_finding(Verdict.FAIL) for _ in range(10)]
    findings += [a_finding(Verdict.UNKNOWN, policy=low), a_finding(Verdict.FAIL, policy=low)]
    findings += [a_finding(Verdict.PASS, policy=low)] * 3
    counts = Counter((each.policy.severity, each.verdict) for each in findings)
    bars = {bar.severity: bar for bar in charts.bars(counts)}
    assert [*bars] == [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO]
    assert [each.length for each in bars[Severity.HIGH].slices] == ["100", "0", "0"]
    assert [(each.start, each.length) for each in bars[Severity.LOW].slices] == [
        ("0", "10"),
        ("10", "10"),
        ("20", "0"),
    ]


def _runs(count: int) -> list[TrendPoint]:
    return [TrendPoint(f"2026-11-{day:02}T06:00:00Z", 90, 20 - day, day, 0) for day in range(1, count + 1)]


def test_a_trend_draws_what_moved(task_report: Report) -> None:
    trend = charts.trend(_runs(3))
    assert trend is not None
    assert [(line.title, line.points) for line in trend.lines] == [
        ("Fail", "0,7.5 500,15 1000,22.5"),
        ("Unknown", "0,142.5 500,135 1000,127.5"),
    ]
    assert trend.rules == [("150", 0), ("112.5", 5), ("75", 10), ("37.5", 15), ("0", 20)]
    assert trend.lines[0].dots[0] == ("0", "7.5", "2026-11-01 06:00 UTC: 19 fail")
    text = written(task_report, trend=_runs(3))
    assert "Trend over 3 runs" in text
    assert (
        '<th scope="row">2026-11-02 06:00 UTC</th><td class="count">18</td><td class="count">2</td>' in text
    )


def test_a_trend_needs_two_runs_and_survives_zeros(task_report: Report) -> None:
    assert charts.trend(_runs(1)) is None
    assert "Trend over" not in written(task_report, trend=_runs(1))
    calm = charts.trend([TrendPoint("a", 1, 0, 0, 0), TrendPoint("b", 1, 0, 0, 0)])
    assert calm is not None
    assert [line.points for line in calm.lines] == ["0,150 1000,150"]


def test_many_runs_have_a_dot_on_the_last_alone() -> None:
    trend = charts.trend([TrendPoint(str(day), 0, 1, 0, 0) for day in range(charts.MOST_DOTS + 1)])
    assert trend is not None
    assert [text for *_, text in trend.lines[0].dots] == [f"{charts.MOST_DOTS}: 1 fail"]


def test_the_rules_of_a_trend_are_round_numbers() -> None:
    trend = charts.trend([TrendPoint("a", 0, 1234, 0, 0), TrendPoint("b", 0, 7, 0, 0)])
    assert trend is not None
    assert [count for _, count in trend.rules] == [0, 500, 1000, 1500]
