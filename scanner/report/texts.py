"""Texts of findings, one after the other: who makes them is no matter of the format."""

from collections.abc import Callable, Iterator

from scanner.result.finding import Finding
from scanner.result.report import Report

Tell = Callable[[Finding], str]
"""The text of a finding; empty where a format leaves it out."""
Texts = Callable[[Callable[[], Tell]], Iterator[tuple[str, str]]]
"""Policy ids and texts of findings of theirs, in the order of reports; it is given what makes a `Tell`."""


def texts_of(report: Report) -> Texts:
    """The texts of a report's findings, made here."""

    def texts(make: Callable[[], Tell]) -> Iterator[tuple[str, str]]:
        tell = make()
        return ((finding.policy.id, tell(finding)) for finding in report.findings)

    return texts
