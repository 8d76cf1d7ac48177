"""JUnit XML for CI gates: never green when the exit code is not 0. The only importer of junit_xml."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import junit_xml

from scanner.policy.model import Policy
from scanner.report.evidence import EvidenceRenderer, doubts, line, why_not_gating
from scanner.report.memo import Memo
from scanner.report.renderer import BatchRenderer, Piece, PolicySections, render_all, text_of
from scanner.report.spool import Sections
from scanner.result.finding import Finding, Verdict
from scanner.result.report import Notice, Report
from scanner.text.printable import printable


def render(report: Report) -> str:
    """A suite per policy, a case per judged resource; and a suite of its own for the inventory."""
    return text_of(pieces(report, render_all(report.findings, renderer())))


def pieces(report: Report, sections: Sections) -> Iterator[Piece]:
    """The same, with cases that are rendered already."""
    # junit_xml's own document has attributes that Jenkins does not know, and its indenting loses newlines.
    counts = " ".join(f'{name}="{number}"' for name, number in _counts(report).items())
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="acr-scan" {counts} time="0">\n'
    yield f"  {_xml(junit_xml.TestSuite('acr-scan', [_inventory(report)]))}\n"
    tags = _tags(report)
    for policy_id in sections.names():
        opening, closing = _suite(report.tallies[policy_id].policy, tags[policy_id])
        yield f"  {opening}"
        yield from sections.read(policy_id)
        yield f"\n  </{closing}\n"
    yield "</testsuites>\n"


def _counts(report: Report) -> Mapping[str, int]:
    """The counts over all suites, that of the inventory included."""
    cases = len(report.findings) - report.verdicts[Verdict.NOT_APPLICABLE]
    return {
        "tests": cases + 1,
        "failures": report.gating[Verdict.FAIL],
        "errors": report.gating[Verdict.UNKNOWN] + any(doubts(report)),
    }


def _xml(suite: Any, **counts: int) -> str:
    """A suite as it stands below its root, with other counts if any are given."""
    element = suite.build_xml_doc()
    element.attrib.pop("disabled")
    element.attrib.update({name: str(count) for name, count in counts.items()})
    ET.indent(element, level=1)
    return ET.tostring(element, encoding="unicode", short_empty_elements=not counts)


def _tags(report: Report) -> Mapping[str, Counter[str]]:
    """How many cases there are of each kind, by the ids of the policies that have any."""
    tags: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for policy, tally in report.tallies.items():
        for (verdict, gates), count in tally.counts.items():
            if verdict is not Verdict.NOT_APPLICABLE:
                tags[policy][_tag(verdict, gates)] += count
    return tags


def _suite(policy: Policy, tags: Counter[str]) -> Sequence[str]:
    """The ends of a suite, junit_xml's own; between them stand the cases, too many for its elements."""
    suite = junit_xml.TestSuite(printable(f"{policy.id} {policy.name}"))
    counts = {"errors": tags["error"], "failures": tags["failure"], "skipped": tags["skipped"]}
    return _xml(suite, **counts, tests=tags.total()).split("</")


def renderer() -> BatchRenderer:
    """Renders cases."""
    wording = EvidenceRenderer()
    moulds: Memo[str, str] = Memo(lambda tag: f"\n    {_mould(tag)}")
    heads: dict[str, tuple[str, str]] = {}

    def text(finding: Finding) -> str:
        if finding.verdict is Verdict.NOT_APPLICABLE:
            return ""
        policy = finding.policy
        classname, title = heads.get(policy.id) or heads.setdefault(policy.id, _head(policy))
        name = _attribute(printable(finding.resource.key.removeprefix("/subscriptions/")))
        tag = _tag(finding.verdict, finding.gates)
        said = _said(finding, title, wording) if tag else ()
        return moulds[tag] % (name, classname, *said)

    return PolicySections(text)


def _head(policy: Policy) -> tuple[str, str]:
    """The class of a policy's cases, and the first line of what they say."""
    title = printable(f"{policy.id} {policy.name} [{policy.severity.value}] {policy.title}")
    return _attribute(printable(f"{policy.id}.{policy.name}")), title


def _tag(verdict: Verdict, gates: Verdict | None) -> str:
    """The element of a case that says why it did not pass; empty for one that did."""
    match gates:
        case Verdict.FAIL:
            return "failure"
        case Verdict.UNKNOWN:
            return "error"
    return "" if verdict is Verdict.PASS else "skipped"


def _mould(tag: str) -> str:
    """A case as junit_xml makes it, with `%s` for its name, its class, the message and the text."""
    case = junit_xml.TestCase("%s", classname="%s")
    match tag:
        case "failure":
            case.add_failure_info("%s", "%s")
        case "error":
            case.add_error_info("%s", "%s")
        case "skipped":
            case.add_skipped_info("%s", "%s")
    element = junit_xml.TestSuite("", [case]).build_xml_doc()
    ET.indent(element, level=1)
    return ET.tostring(element[0], encoding="unicode").strip()


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;")


def _inventory(report: Report) -> Any:
    case = junit_xml.TestCase("inventory", classname="acr-scan")
    if reasons := "; ".join(doubts(report)):
        rows = report.run.rows
        counts = (
            f"rows: {rows.read} read, {rows.judged} judged, {rows.context} context, {rows.unusable} unusable"
        )
        notices = [line for notice in report.notices for line in _notice(notice)]
        case.add_error_info(message=reasons, output=_body([counts, *notices]))
    return case


def _said(finding: Finding, title: str, wording: EvidenceRenderer) -> tuple[str, str]:
    """The message and the text of a case that did not pass."""
    account, reason = finding.explain(), why_not_gating(finding)
    # Without a message junit_xml would write a pass.
    message = printable(account.message) or printable(finding.policy.title) or finding.verdict.value
    lines = [message] if reason else []
    lines += (title, printable(finding.resource.id), *wording.lines(finding, account.evidence, line))
    if account.remediation:
        lines.append("What to do:")
    for advice in account.remediation:
        lines.append(printable(f"{advice.way}: {advice.text}" if advice.way else advice.text))
        lines += [f"    {printable(command)}" for command in advice.commands]
    return _attribute(reason or message), _text(_body(lines))


def _notice(notice: Notice) -> Iterator[str]:
    yield printable(": ".join(part for part in (notice.kind, notice.where, notice.reason) if part))
    if notice.help:
        yield f"    help: {printable(notice.help)}"


def _body(lines: Sequence[str]) -> str:
    return "\n" + "\n".join(lines) + "\n"
