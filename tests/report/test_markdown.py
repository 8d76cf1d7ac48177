"""A comment that fits, says what is not in it, and in which no name of a resource means anything."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from scanner.policy.model import Severity
from scanner.report import markdown, markdown_text
from scanner.result.finding import Advice, Ungated, Verdict
from scanner.result.report import Notice, Report
from scanner.text.printable import printable

Maker = Callable[..., Any]

TAGS = {"details", "summary", "b", "code", "p", "ul", "li"}
"""What the page writes itself as HTML."""
RENDERED = {
    "h2", "strong", "pre", "table", "thead", "tbody", "tr", "th", "td", "br", "blockquote",
}  # fmt: skip
LINKED = re.compile(r"(?<![\w`])@\w|#\d|\bgh-\d|https?://\w|www\.\w", re.ASCII | re.IGNORECASE)
"""What GitHub makes a link or a mention of, in text outside of code."""


class Page(HTMLParser):
    """The tags of a rendered page, and its texts inside and outside of code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.code: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "br":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.code if "code" in self.open else self.texts).append(data)


def text_of(report: Report, **changes: Any) -> str:
    return "".join(markdown.pieces(report, **changes))


def rendered(text: str) -> Page:
    """As GitHub's Markdown with its HTML let through."""
    return Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def numbered(count: int, finding: Maker, resource: Maker, **changes: Any) -> list[Any]:
    return [finding(resource=resource(f"/r/n{number:04}"), **changes) for number in range(count)]


def test_the_whole_page_of_a_small_report(a_report: Maker, a_finding: Maker, evidence: Maker) -> None:
    remedies = (
        Advice("agent-pool", "Run it on a pool.", tuple(f"az x {number}" for number in range(12))),
        Advice(None, "Or not.", ()),
    )
    finding = a_finding(evidence=(evidence("agent-pool"),), remediation=remedies)
    summary = "❌ <b>fail</b> · high <code>ACR201 task-network-path</code> · <code>nightly</code>"
    assert text_of(a_report(finding)).splitlines() == [
        "<!-- acr-scan report -->",
        "## ❌ acr-scan: FAILED",
        "",
        "**Gating**: 1 fail (exit code 1)  ",
        "**Verdicts**: 1 fail  ",
        "**Scanned**: 2 registries with 1 policies  ",
        "**Inventory**: complete, snapshot of 2026-11-02T06:00:00Z",
        "",
        "| severity | fail | unknown | exempt |",
        "| --- | ---: | ---: | ---: |",
        "| high | 1 | 0 | 0 |",
        "",
        f"<details><summary>{summary}</summary>",
        "",
        "Task nightly has no working path to contoso, so its runs will be refused.",
        "",
        "```text",
        finding.resource.id,
        "✗ agent-pool",
        "    nightly: properties.agentPoolName is not set",
        "```",
        "",
        "**What to do** (agent-pool): Run it on a pool.",
        "",
        "```sh",
        *(f"az x {number}" for number in range(10)),
        "# … and 2 more",
        "```",
        "",
        "**What to do**: Or not.",
        "",
        "</details>",
        "",
    ]


def test_a_clean_report_has_no_table_and_no_list(a_report: Maker, a_finding: Maker) -> None:
    text = text_of(a_report(a_finding(Verdict.PASS), collected=None))
    assert text.splitlines()[1:] == [
        "## ✅ acr-scan: OK",
        "",
        "**Gating**: nothing (exit code 0)  ",
        "**Verdicts**: 1 pass  ",
        "**Scanned**: 2 registries with 1 policies  ",
        "**Inventory**: complete, snapshot",
        "",
    ]


def test_what_is_in_doubt_and_the_notices_come_before_the_findings(a_report: Maker, a_finding: Maker) -> None:
    notices = (Notice("unseen", "s1", "403", "ask for Reader"), Notice("stale", "", "old"))
    text = text_of(a_report(a_finding(Verdict.UNKNOWN), complete=False, notices=notices))
    assert text.splitlines()[1:5] == [
        "## ⚠️ acr-scan: NOT VOUCHED FOR",
        "",
        "> [!WARNING]",
        "> **incomplete inventory**: what is not reported here is not vouched for",
    ]
    told = text[text.index("<details open>") : text.index("<details><summary>")]
    assert told.splitlines() == [
        "<details open><summary>Notices: 2</summary>",
        "",
        "<ul>",
        "<li><code>unseen</code> <code>s1</code>: <code>403</code>; help: <code>ask for Reader</code></li>",
        "<li><code>stale</code>: <code>old</code></li>",
        "</ul></details>",
        "",
    ]
    assert "<details><summary>Notices: 2" in text_of(a_report(a_finding(), notices=notices))


def test_what_gates_comes_first_then_the_severe_then_the_worse(
    a_report: Maker, a_finding: Maker, a_policy: Maker, a_resource: Maker
) -> None:
    low, high = a_policy("A1", severity=Severity.LOW), a_policy("B1", severity=Severity.HIGH)
    report = a_report(
        a_finding(
            Verdict.FAIL,
            policy=high,
            resource=a_resource("/idle"),
            gates=None,
            not_gating_because=Ungated.PREVIEW,
        ),
        a_finding(Verdict.EXEMPT, policy=high, resource=a_resource("/exempt")),
        a_finding(Verdict.FAIL, policy=low, resource=a_resource("/low")),
        a_finding(Verdict.UNKNOWN, policy=high, resource=a_resource("/unknown")),
        a_finding(Verdict.FAIL, policy=high, resource=a_resource("/high")),
        a_finding(Verdict.PASS, policy=high, resource=a_resource("/pass")),
        a_finding(Verdict.NOT_APPLICABLE, policy=high, resource=a_resource("/not")),
    )
    text = text_of(report)
    names = re.findall(r"<code>(\w+)</code>(?: · does not gate: <code>(.*?)</code>)?</summary>", text)
    assert names == [
        ("high", ""),
        ("unknown", ""),
        ("low", ""),
        ("idle", "the policy is a preview"),
        ("exempt", "exempt until 2026-12-31: moves to a pool in March"),
    ]
    assert "| high | 2 | 1 | 1 |\n| low | 1 | 0 | 0 |\n" in text


@pytest.mark.parametrize("limit", [4000, 10_000, markdown.LIMIT])
@pytest.mark.parametrize("count", [0, 3, 40, 2000])
def test_a_page_keeps_within_its_limit_and_counts_what_is_not_in_it(
    a_report: Maker, a_finding: Maker, a_resource: Maker, limit: int, count: int
) -> None:
    notices = tuple(Notice("unseen", f"s{number}", "403 ü", "@" * 2000) for number in range(50))
    findings = numbered(count, a_finding, a_resource)
    report = a_report(*findings, complete=False, notices=notices, collected="@" * 5000)
    text = text_of(report, limit=limit)
    assert text.startswith(f"{markdown.MARKER}\n## ")
    assert len(text.encode()) <= limit
    detailed = text.count("<details><summary>❌")
    shown = detailed + text.count("<li>❌")
    said = re.search(r"no room for (?:(\d+) of (\d+) findings)?(?: and )?(?:the details of (\d+))?", text)
    left_out, of, bare = (int(each or 0) for each in said.groups()) if said else (0, 0, 0)
    assert left_out == count - shown
    assert of == (count if left_out else 0)
    assert bare == shown - detailed
    told = text.count("<li><code>unseen")
    assert f"… and {50 - told} more notices" in text
    rendered(text)


def test_a_large_report_fills_the_page(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    text = text_of(a_report(*numbered(2000, a_finding, a_resource)))
    assert markdown.LIMIT * 0.97 < len(text.encode()) <= markdown.LIMIT
    assert text.count("<details>") > 50
    assert text.count("<li>") > 50


def test_details_are_the_first_to_go(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    text = text_of(a_report(*numbered(90, a_finding, a_resource)), limit=8000)
    names = re.findall(r"n\d{4}(?=</code>)", text)
    assert names == [f"n{number:04}" for number in range(len(names))]
    assert re.search(r"no room for \d+ of 90 findings and the details of \d+ more\.</b> The gravest", text)


def test_only_the_details_are_missing(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    text = text_of(a_report(*numbered(25, a_finding, a_resource)), limit=6000)
    assert re.search(
        r"no room for the details of \d+ of 25 findings\.</b> The gravest are shown; all are in", text
    )


def test_what_has_room_is_whole(a_report: Maker, a_finding: Maker, a_resource: Maker) -> None:
    report = a_report(*numbered(20, a_finding, a_resource))
    whole = text_of(report, limit=1_000_000)
    assert text_of(report, limit=len(whole.encode()) + 800) == whole
    assert whole.count("<details>") == 20


def test_hostile_text_is_text(hostile_report: Report) -> None:
    text = text_of(hostile_report)
    assert not set(text) & set("\x1b\x00\x07\u202e\u200b\ufeff\ud800\ufffe")
    page = rendered(text)
    assert page.tags <= TAGS | RENDERED
    assert page.attributes <= {"open", "class", "style"}
    assert any('"><script>alert(1)</script>' in each for each in page.code)


EVIL = (
    "a | b", "`x` ``` y", "<img src=x onerror=alert(1)>", "</details></summary>", "@octocat and @org/team",
    "[x](https://evil.example)", "![x](https://evil.example/p.png)", "https://evil.example www.evil.example",
    "#1 org/repo#2 GH-3 a@b.example", "- list", "1. list", "12) list", "# heading", "> quote", "=====",
    "-----", "    code", "~~~", "<!-- -->", "$x$", "a\n\nb", "&lt;b&gt;", "**bold** _it_", "\\", "[!WARNING]",
    "| a |", "<https://evil.example>", "[x]: https://evil.example", "+ x", "\ttab", "www.x@y", "",
)  # fmt: skip


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_means_anything(
    a_report: Maker, a_finding: Maker, a_policy: Maker, a_resource: Maker, evidence: Maker, evil: str
) -> None:
    finding = a_finding(
        message=evil,
        policy=a_policy(name=evil),
        resource=a_resource(f"/x/{evil}"),
        evidence=(evidence(evil, text=evil, help=evil),),
        remediation=(Advice(evil, evil, (evil,)),),
        gates=None,
        not_gating_because=Ungated.PREVIEW,
    )
    notices = (Notice("unseen", evil, evil, evil),)
    for count in (1, 400):
        report = a_report(*[finding] * count, notices=notices, collected=evil)
        page = rendered(text_of(report))
        assert page.tags <= TAGS | RENDERED
        assert page.tags >= {"details", "summary", "pre"}
        assert not [each for each in page.texts if LINKED.search(each)]


@given(
    st.text(st.sampled_from("@#:/w.GHgh-1`*_<>&[]()!|~\\$ a\n") | st.characters(codec="utf-8"), max_size=30)
)
def test_prose_is_shown_as_it_is(text: str) -> None:
    page = rendered(f"x\n\n{markdown_text.prose(text)}\n\ny")
    shown = "".join(page.texts).replace("\u200b", "")
    assert page.tags <= {"p"}
    assert " ".join(shown.split()) == " ".join(f"x {printable(text.strip())} y".split())
    assert not LINKED.search("".join(page.texts))


@given(st.lists(st.text("`~ a", max_size=8), max_size=5))
@example(["```"])
def test_a_fence_is_longer_than_what_it_holds(lines: list[str]) -> None:
    page = rendered("\n".join(markdown_text.fenced("text", lines)))
    assert page.tags == {"pre", "code"}
    assert "".join(page.code).splitlines() == lines


def test_a_long_text_is_cut(a_report: Maker, a_finding: Maker) -> None:
    text = text_of(a_report(a_finding(message="x" * 1200)))
    assert f"\n{'x' * 1000} … and 200 characters more\n" in text
