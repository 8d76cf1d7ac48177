"""The sentences of the page: its headline, the facts of the run, names of verdicts and places."""

import json
import re
from collections.abc import Iterator, Mapping

from scanner.model.resource import Resource, segment_after
from scanner.result.finding import Verdict
from scanner.result.report import Report

TITLES: Mapping[Verdict, str] = {
    Verdict.FAIL: "Fail",
    Verdict.UNKNOWN: "Unknown",
    Verdict.EXEMPT: "Exempt",
    Verdict.PASS: "Pass",
    Verdict.NOT_APPLICABLE: "Not applicable",
}

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|z|[+-]00:00)")


def headline(report: Report) -> tuple[str, str, str]:
    """How the scan ended: a style, a word, and the sentence that explains it."""
    fails, unknowns = report.gating[Verdict.FAIL], report.gating[Verdict.UNKNOWN]
    gating = [several(count, word) for count, word in ((fails, "fail"), (unknowns, "unknown")) if count]
    grounds = [f"{' and '.join(gating)} {'gates' if fails + unknowns == 1 else 'gate'}"] if gating else []
    grounds += ["the inventory is incomplete"] if not report.run.complete else []
    grounds += ["nothing was scanned"] if report.nothing_scanned else []
    said = sentence("; ".join(grounds))
    match report.exit_code:
        case 0:
            return "pass", "Passed", "Nothing gates, and the whole inventory was seen."
        case 1:
            return "fail", "Failed", said
        case _:
            return "unknown", "Not vouched for", said


def totals(report: Report) -> str:
    """How many findings there are besides those that gate."""
    counts = report.verdicts
    judged = sum(counts[verdict] for verdict in Verdict if verdict is not Verdict.NOT_APPLICABLE)
    failed, unknown = counts[Verdict.FAIL], counts[Verdict.UNKNOWN]
    return f"Of {several(judged, 'finding')}, {failed:,} failed and {unknown:,} could not be settled."


def sentence(text: str) -> str:
    """A clause with a capital and a period."""
    return f"{text[:1].upper()}{text[1:]}."


def several(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: 1 registry, 1,000 registries."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def moment(time: str | None) -> str:
    """A time in UTC as `2026-11-16 05:00 UTC`; any other text as it is."""
    found = _INSTANT.fullmatch(time or "")
    return f"{found[1]} {found[2]} UTC" if found else time or "unknown"


def fact_rows(report: Report) -> Iterator[tuple[str, str]]:
    """What an auditor asks of a run, in words."""
    run, rows, tags = report.run, report.run.rows, report.run.service_tags
    yield "Source", "Azure" if run.source == "azure" else "a saved snapshot"
    yield "Collected", moment(run.collected)
    yield "Judged as of", moment(run.evaluated)
    for name, members in run.scope.items():
        listed = members if isinstance(members, list | tuple) else [members]
        yield name[:1].upper() + name[1:], ", ".join(map(str, listed))
    parts = f"{rows.judged:,} judged + {rows.context:,} context + {rows.unusable:,} unusable"
    yield "Rows", f"{rows.read:,} read = {parts}"
    if tags is None:
        yield "Service tags", "none: comparisons with a service tag are unknown"
    else:
        said = [tags.cloud, f"change {tags.change_number or 'unknown'}"]
        said += [f"published {tags.published}"] if tags.published else []
        yield "Service tags", ", ".join([*said, f"from {tags.source}"])
    yield "Policies", f"{len(run.policies)}, {run.policy_digest}"
    yield "Not applicable", several(report.verdicts[Verdict.NOT_APPLICABLE], "finding")
    yield "Made by", f"acr-scan {run.tool_version}"


def shown_parameters(report: Report) -> Iterator[tuple[str, str]]:
    """The parameters that were set, as they are written on the command line."""
    for policy, values in sorted(report.run.parameters.items()):
        for name, value in sorted(values.items()):
            yield f"{policy}.{name}", value if isinstance(value, str) else json.dumps(value)


def registry_of(resource: Resource) -> str:
    """The name of the registry that a resource is or belongs to; empty for others."""
    return segment_after(resource.id, "registries")


def place(resource: Resource) -> str:
    """The id from the registry's name on, without type names that say nothing: `contoso/tasks/nightly`."""
    parts = resource.id.split("/")
    for position, part in enumerate(parts[:-1]):
        if part.lower() == "registries":
            return "/".join(parts[position + 1 :])
    return resource.name
