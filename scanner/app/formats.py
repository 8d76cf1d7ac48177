"""The formats of a report, by the name of their option; each renderer's module loads when it is used."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scanner.report.texts import Tell, Texts
from scanner.result.access import Access
from scanner.result.report import Report
from scanner.result.trend import TrendPoint


def _no_access() -> Sequence[Access]:
    return ()


@dataclass(frozen=True, slots=True)
class Material:
    """All that a format may show."""

    report: Report
    all_results: bool = False
    """Whether the results file also lists what is not applicable."""
    access: Callable[[], Sequence[Access]] = _no_access
    """The access tables of the judged registries, worked out when a format shows them."""
    texts: Mapping[str, Texts] = field(default_factory=dict)
    """By format the texts of the findings, where they were made already."""
    trend: Sequence[TrendPoint] = ()
    """Runs of the same scope, oldest first, this one last; empty without a history."""


def _json(material: Material) -> Iterable[str]:
    from scanner.report import json_results  # noqa: PLC0415 - a format costs nothing until it is asked for

    texts = material.texts.get("json")
    return json_results.pieces(material.report, all_results=material.all_results, texts=texts)


def _junit(material: Material) -> Iterable[str]:
    from scanner.report import junit  # noqa: PLC0415 - a format costs nothing until it is asked for

    return junit.pieces(material.report, texts=material.texts.get("junit"))


def _html(material: Material) -> Iterable[str]:
    from scanner.report import html  # noqa: PLC0415 - a format costs nothing until it is asked for

    return html.pieces(material.report, material.access(), material.trend, all_results=material.all_results)


def _sarif(material: Material) -> Iterable[str]:
    from scanner.report import sarif  # noqa: PLC0415 - a format costs nothing until it is asked for

    return sarif.pieces(material.report)


def _sarif_full(material: Material) -> Iterable[str]:
    from scanner.report import sarif  # noqa: PLC0415 - a format costs nothing until it is asked for

    return sarif.full_pieces(material.report, texts=material.texts.get("sarif_full"))


def _markdown(material: Material) -> Iterable[str]:
    from scanner.report import markdown  # noqa: PLC0415 - a format costs nothing until it is asked for

    return markdown.pieces(material.report)


def _csv(material: Material) -> Iterable[str]:
    from scanner.report import csv_findings  # noqa: PLC0415 - a format costs nothing until it is asked for

    texts = material.texts.get("csv")
    return csv_findings.pieces(material.report, all_results=material.all_results, texts=texts)


FORMATS: Mapping[str, Callable[[Material], Iterable[str]]] = {
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
    "sarif_full": _sarif_full,
    "markdown": _markdown,
    "csv": _csv,
    "html": _html,
}
"""Format → the pieces of its text, in order."""


def _tell_json(_: Report, all_results: bool) -> Callable[[], Tell]:
    from scanner.report import json_results  # noqa: PLC0415 - a format costs nothing until it is asked for

    return partial(json_results.teller, all_results=all_results)


def _tell_junit(_: Report, __: bool) -> Callable[[], Tell]:
    from scanner.report import junit  # noqa: PLC0415 - a format costs nothing until it is asked for

    return junit.teller


def _tell_sarif_full(report: Report, _: bool) -> Callable[[], Tell]:
    from scanner.report import sarif  # noqa: PLC0415 - a format costs nothing until it is asked for

    return partial(sarif.teller, report.run.policies)


def _tell_csv(report: Report, all_results: bool) -> Callable[[], Tell]:
    from scanner.report import csv_findings  # noqa: PLC0415 - a format costs nothing until it is asked for

    return partial(csv_findings.teller, complete=report.run.complete, all_results=all_results)


_TELLERS: Mapping[str, Callable[[Report, bool], Callable[[], Tell]]] = {
    "json": _tell_json,
    "junit": _tell_junit,
    "sarif_full": _tell_sarif_full,
    "csv": _tell_csv,
}
"""Formats that tell of every finding by itself → what makes a `Tell` of theirs."""


def tellers(formats: Iterable[str], report: Report, *, all_results: bool) -> Mapping[str, Callable[[], Tell]]:
    """What tells of the findings of a report, in those of the formats whose texts can be made beforehand."""
    return {name: _TELLERS[name](report, all_results) for name in formats if name in _TELLERS}
