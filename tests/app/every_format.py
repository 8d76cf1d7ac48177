"""What a scan writes in every format, some of them while it judges."""

from collections.abc import Mapping
from functools import partial

from scanner.app.access_tables import accesses
from scanner.app.options import ScanOptions
from scanner.app.scan.formats import FORMATS, RenderContext, renderer_factories
from scanner.app.scan.run import collect_and_judge
from scanner.app.scan.workers import Workers
from scanner.report.console import scan_table
from scanner.report.renderer import text_of


def told(asked: ScanOptions) -> Mapping[str, str]:
    """The texts of a scan by format, and as a table."""
    workers = Workers(asked.workers)
    try:
        renderers = partial(renderer_factories, FORMATS, all_results=True)
        seen = collect_and_judge(asked, lean=True, renderers=renderers, workers=workers)
        texts = seen.result.texts
        assert {*texts} == {"json", "junit", "csv", "sarif_full"}
        context = RenderContext(seen.report, texts, all_results=True, access=partial(accesses, seen, asked))
        table = scan_table.render(seen.report, width=100, color=True, verbose=True)
        return written(context) | {"table": table}
    finally:
        workers.end()


def written(context: RenderContext) -> dict[str, str]:
    """Each format's text."""
    return {name: text_of(write(context)) for name, write in FORMATS.items()}
