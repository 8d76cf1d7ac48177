"""The report as one HTML file: it loads nothing, runs its own script alone, and prints."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from scanner.policy.model import Policy, Severity
from scanner.report.evidence import doubts
from scanner.report.html import charts
from scanner.report.html.payload import payload
from scanner.report.html.wording import TITLES, fact_rows, headline, moment, place, shown_parameters, totals
from scanner.result.access import Access
from scanner.result.finding import Verdict
from scanner.result.report import Report
from scanner.result.trend import TrendPoint
from scanner.text.printable import printable

_ASSETS = files(__name__) / "assets"
_GATING = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


def pieces(
    report: Report,
    access: Sequence[Access] = (),
    trend: Sequence[TrendPoint] = (),
    *,
    all_results: bool = False,
) -> Iterator[str]:
    """The pieces of the page; `trend` is oldest first and ends with this run, a single point draws nothing.

    What is not applicable is listed with `all_results`, and counted anyway.
    """
    style, script = _asset("report.css"), _asset("report.js")
    verdicts = {*Verdict} if all_results else {*Verdict} - {Verdict.NOT_APPLICABLE}
    words: dict[str, Any] = {
        "report": report,
        "csp": _content_security_policy(style, script),
        "style": Markup(style),
        "script": Markup(script),
        "headline": headline(report),
        "totals": totals(report),
        "doubts": list(doubts(report)),
        "facts": fact_rows(report),
        "parameters": shown_parameters(report),
        "donut": charts.donut(report.verdicts),
        "bars": charts.bars(report.severities),
        "trend": charts.trend(trend),
        "policies": _policies(report),
        "verdicts": [(verdict, TITLES[verdict], count) for verdict, count in _listed(report, all_results)],
        "severities": tuple(reversed(Severity)),
        "not_applicable": Verdict.NOT_APPLICABLE,
        "gating": (each for each in report.findings.by_resource(_GATING) if each.gates is not None),
        "place": place,
        "moment": moment,
        "data": (Markup(piece) for piece in payload(report, verdicts, access)),
    }
    return iter(_frame().get_template("page.html.jinja").generate(words))


def _frame() -> jinja2.Environment:
    """Jinja that escapes what it writes, after making it visible."""
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        loader=jinja2.FunctionLoader(_asset),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _visible(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text("utf-8")


def _content_security_policy(style: str, script: str) -> str:
    """Nothing may load or send; only these very texts may style and run; no string becomes markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _policies(report: Report) -> list[tuple[Policy, Counter[Verdict]]]:
    """Every selected policy with its counts, the gravest first; those that judged nothing too."""
    nothing = Counter[Verdict]()
    counts = {policy: tally.verdicts for policy, tally in report.tallies.items()}
    ranked = sorted(report.run.policies, key=lambda policy: (-policy.severity.rank, policy.id))
    return [(policy, counts.get(policy.id, nothing)) for policy in ranked]


def _listed(report: Report, all_results: bool) -> Iterator[tuple[Verdict, int]]:
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT, Verdict.PASS):
        yield verdict, report.verdicts[verdict]
    if all_results:
        yield Verdict.NOT_APPLICABLE, report.verdicts[Verdict.NOT_APPLICABLE]
