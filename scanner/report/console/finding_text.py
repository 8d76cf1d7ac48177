"""A finding on a terminal: what was found, the leaves that decided, and what to do."""

import re

from scanner.model.truth import Truth
from scanner.policy.model import Severity
from scanner.report.console.layout import Layout
from scanner.report.evidence import MARKS, EvidenceRenderer, why_not_gating
from scanner.result.finding import Advice, Finding, Verdict
from scanner.text.printable import printable

REGISTRY = re.compile(
    r".*?/providers/Microsoft\.ContainerRegistry/registries/([^/]+)", re.ASCII | re.IGNORECASE | re.DOTALL
)
WORDS = {
    Verdict.FAIL: ("fail", "bold red"),
    Verdict.UNKNOWN: ("unknown", "bold yellow"),
    Verdict.EXEMPT: ("exempt", "cyan"),
    Verdict.PASS: ("pass", "green"),
    Verdict.NOT_APPLICABLE: ("not applicable", "dim"),
}
SEVERITIES = {
    Severity.CRITICAL: "bold magenta",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
    Severity.INFO: "dim",
}
_MARK_STYLES = {Truth.FALSE: "red", Truth.UNKNOWN: "yellow", Truth.TRUE: "green"}
_LEADS = {None: ("", "")} | {mark: (f"{MARKS[mark]} ", style) for mark, style in _MARK_STYLES.items()}


class Details:
    """Findings on a page; what many have in common is laid once.

    `most` limits the leaves of a way and the commands of a remedy, and cuts long texts.
    """

    def __init__(self, page: Layout, most: int | None) -> None:
        self._page = page
        self._most = most
        self._wording = EvidenceRenderer(most)
        self._heads: dict[tuple[str, Verdict, str | None], str] = {}
        self._to_do = page.laid(("What to do", "bold"), indent=3)

    def add(self, finding: Finding) -> None:
        """Add a finding to the page."""
        page, account = self._page, finding.explain()
        page.add(self._head(finding))
        page.whole(place(finding.resource.id), "cyan", indent=3)
        page.line((printable(account.message), ""), indent=3)
        page.add("".join(self._wording.lines(finding, account.evidence, self._line)))
        if account.remediation:
            page.add(self._to_do)
        for advice in account.remediation:
            self._advice(advice)
        page.whole(printable(finding.policy.page), "dim", indent=3)

    def _head(self, finding: Finding) -> str:
        """The lines before the resource's."""
        policy, reason = finding.policy, why_not_gating(finding)
        key = policy.id, finding.verdict, reason
        head = self._heads.get(key)
        if head is None:
            word, style = WORDS[finding.verdict]
            first = self._page.laid(
                (printable(f"{policy.id} {policy.name}"), "bold"),
                (f"  [{policy.severity.value}]", SEVERITIES[policy.severity]),
                (f"  does not gate: {reason}" if reason else "", "dim"),
                lead=(f"{word.upper():<9}", style),
            )
            head = first + self._page.laid((printable(policy.title), "italic"), indent=3)
            self._heads[key] = head
        return head

    def _line(self, depth: int, mark: Truth | None, text: str) -> str:
        return self._page.laid((text, ""), indent=3 + 4 * depth, lead=_LEADS[mark])

    def _advice(self, advice: Advice) -> None:
        page, most = self._page, self._most
        way = f"{advice.way}: " if advice.way is not None else ""
        page.line((printable(way), "bold"), (printable(advice.text), ""), indent=3, lead=("• ", "dim"))
        for command in advice.commands[:most]:
            page.whole(printable(command), "green", indent=7)
        if most is not None and len(advice.commands) > most:
            more = len(advice.commands) - most
            page.line((f"… and {more} more; --verbose shows all", "dim"), indent=7)


def place(resource_id: str) -> str:
    """What a reader of a registry's group calls a resource: the id from the registry's name on."""
    found = REGISTRY.match(resource_id)
    return printable(resource_id[found.start(1) :] if found else resource_id)
