"""Texts of findings, one after the other: who makes them is no matter of the format."""

from collections.abc import Callable, Iterator

from scanner.result.finding import Finding
from scanner.result.report import Report

Tell = Callable[[Finding], str]
"""The text of a finding; empty where a format leaves it out."""
Texts = Iterator[tuple[str, str]]
"""Policy ids and texts of findings of theirs, in the order of reports."""


def texts_of(report: Report, tell: Tell) -> Texts:
    """The texts of a report's findings, made here."""
    return ((finding.policy.id, tell(finding)) for finding in report.findings)
