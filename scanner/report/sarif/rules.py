"""The policies as SARIF rules: what code scanning shows beside an alert."""

from collections.abc import Iterable, Iterator
from typing import Any

from scanner.policy.model import Policy, Severity, Status
from scanner.policy.templates import Template
from scanner.text.printable import printable

SCAN = "acr-scan"
"""The rule of what the scan says of itself: that it cannot vouch for its answer, and why."""
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}
"""GitHub reads over 9.0 as critical, from 7.0 high, from 4.0 medium, below low; it knows no info."""
_LONGEST = 1024
"""GitHub's limit of a description; that of a name is 255."""
_LONGEST_NAME = 255


def rules(policies: Iterable[Policy]) -> Iterator[dict[str, Any]]:
    """A reportingDescriptor for each policy, then the scan's own."""
    yield from map(_rule, policies)
    yield {
        "id": SCAN,
        "name": "scan-can-vouch",
        "shortDescription": {"text": "The scan should see all that it judges"},
        "fullDescription": {"text": "What a scan could not see it cannot vouch for, and silence is no pass."},
        "help": {"text": _SCAN_HELP, "markdown": _SCAN_HELP},
        "defaultConfiguration": {"level": "error"},
        "properties": {"precision": "very-high", "tags": ["coverage"]},
    }


_SCAN_HELP = (
    "The message names what could not be seen, and mostly the permission or option that would show it. "
    "Until then an alert that is gone from this page may be there all the same."
)


def _rule(policy: Policy) -> dict[str, Any]:
    text = "\n".join(_help(policy))
    return {
        "id": printable(policy.id),
        "name": printable(policy.name)[:_LONGEST_NAME],
        "shortDescription": {"text": _cut(policy.title)},
        "fullDescription": {"text": _cut(policy.why) or _cut(policy.title)},
        **({"helpUri": policy.references[0].url} if policy.references else {}),
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": LEVELS[policy.severity]},
        "properties": {
            "precision": _precision(policy),
            "security-severity": _SCORES[policy.severity],
            "severity": policy.severity.value,
            "tags": [tag for tag in ("security", printable(policy.topic), policy.status.value) if tag],
        },
    }


def _precision(policy: Policy) -> str:
    """How often a fail is one: a preview is being tried, and Exceptions tell where a policy guesses."""
    if policy.status is Status.PREVIEW:
        return "medium"
    return "very-high" if policy.exceptions is None else "high"


def _help(policy: Policy) -> Iterator[str]:
    yield from (f"# {printable(policy.id)} {printable(policy.name)}", "", f"{printable(policy.title)}.", "")
    yield from _lines(policy.why)
    if policy.remediation:
        yield from ("", "## What to do")
    for remedy in policy.remediation:
        heading = policy.heading(remedy)
        yield from ("", f"{'' if heading is None else f'**{printable(heading)}**: '}{_shown(remedy.text)}")
        if remedy.az:
            yield from ("", "```sh", *map(_shown, remedy.az), "```")
    if policy.exceptions is not None:
        yield from ("", "## Exceptions", "", *_lines(policy.exceptions))
    if policy.references:
        yield from ("", "## References", "")
    for reference in policy.references:
        dated = f" ({printable(reference.date)})" if reference.date else ""
        yield f"- [{printable(reference.title)}]({printable(reference.url)}){dated}"


def _shown(template: Template) -> str:
    """A template with its placeholders visible."""
    return printable(template.fill(lambda placeholder: placeholder.words))


def _lines(text: str) -> Iterator[str]:
    return map(printable, text.strip().splitlines())


def _cut(text: str) -> str:
    shown = printable(" ".join(text.split()))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
