"""The formats of a report, by the name of their option; each renderer's module loads when it is used."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scanner.result.report import Report


@dataclass(frozen=True, slots=True)
class Material:
    """All that a format may show."""

    report: Report
    all_results: bool = False
    """Whether the results file also lists what is not applicable."""


def _json(material: Material) -> Iterable[str]:
    from scanner.report import json_results  # noqa: PLC0415 - a format costs nothing until it is asked for

    return [json_results.render(material.report, all_results=material.all_results)]


def _junit(material: Material) -> Iterable[str]:
    from scanner.report import junit  # noqa: PLC0415

    return [junit.render(material.report)]


FORMATS: Mapping[str, Callable[[Material], Iterable[str]]] = {
    "json": _json,
    "junit": _junit,
}
"""Format → the pieces of its text, in order."""
