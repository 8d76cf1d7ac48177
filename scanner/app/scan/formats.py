"""The formats of a report, by the name of their option; each renderer's module loads when it is used."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scanner.app.scan.rendering import RendererFactories
from scanner.report.renderer import Piece, RendererFactory
from scanner.report.spool import Sections
from scanner.result.access import Access
from scanner.result.report import Report, Run
from scanner.result.trend import TrendPoint


def _no_access() -> Sequence[Access]:
    return ()


@dataclass(frozen=True, slots=True)
class RenderContext:
    """All that a format may show."""

    report: Report
    texts: Mapping[str, Sections] = field(default_factory=dict)
    """By format the texts of the findings, of formats that render them while they are judged."""
    all_results: bool = False
    """Whether what is not applicable is listed too."""
    access: Callable[[], Sequence[Access]] = _no_access
    """The access tables of the judged registries, worked out when a format shows them."""
    trend: Sequence[TrendPoint] = ()
    """Runs of the same scope, oldest first, this one last; empty without a history."""


def _json(context: RenderContext) -> Iterable[Piece]:
    from scanner.report import json_results

    return json_results.pieces(context.report, context.texts["json"])


def _junit(context: RenderContext) -> Iterable[Piece]:
    from scanner.report import junit

    return junit.pieces(context.report, context.texts["junit"])


def _html(context: RenderContext) -> Iterable[Piece]:
    from scanner.report import html

    return html.pieces(context.report, context.access(), context.trend, all_results=context.all_results)


def _sarif(context: RenderContext) -> Iterable[Piece]:
    from scanner.report.sarif import document

    return document.pieces(context.report)


def _sarif_full(context: RenderContext) -> Iterable[Piece]:
    from scanner.report.sarif import document

    return document.full_pieces(context.report, context.texts["sarif_full"])


def _markdown(context: RenderContext) -> Iterable[Piece]:
    from scanner.report import markdown

    return markdown.pieces(context.report)


def _csv(context: RenderContext) -> Iterable[Piece]:
    from scanner.report import csv_findings

    return csv_findings.pieces(context.report, context.texts["csv"])


FORMATS: Mapping[str, Callable[[RenderContext], Iterable[Piece]]] = {
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
    "sarif_full": _sarif_full,
    "markdown": _markdown,
    "csv": _csv,
    "html": _html,
}
"""Format → the pieces of its text, in order."""


def _json_renderer(_: Run, all_results: bool) -> RendererFactory:
    from scanner.report import json_results

    return partial(json_results.renderer, all_results=all_results)


def _junit_renderer(_: Run, __: bool) -> RendererFactory:
    from scanner.report import junit

    return junit.renderer


def _sarif_full_renderer(run: Run, _: bool) -> RendererFactory:
    from scanner.report.sarif import document

    return partial(document.renderer, run.policies)


def _csv_renderer(run: Run, all_results: bool) -> RendererFactory:
    from scanner.report import csv_findings

    return partial(csv_findings.renderer, complete=run.complete, all_results=all_results)


_RENDERERS: Mapping[str, Callable[[Run, bool], RendererFactory]] = {
    "json": _json_renderer,
    "junit": _junit_renderer,
    "sarif_full": _sarif_full_renderer,
    "csv": _csv_renderer,
}
"""Formats that list every finding: they render each while it is judged."""


def renderer_factories(formats: Iterable[str], run: Run, *, all_results: bool) -> RendererFactories:
    """What renders findings while they are judged, for those of the formats that do so."""
    return {name: _RENDERERS[name](run, all_results) for name in formats if name in _RENDERERS}
