"""What a scan writes in every format, some of them while it judges."""

from collections.abc import Mapping
from functools import partial

from scanner.app.asked import Asked
from scanner.app.formats import FORMATS, RenderContext, renderer_factories
from scanner.app.reached import accesses
from scanner.app.scanning import gathered
from scanner.app.workers import Workers
from scanner.report import console
from scanner.report.renderer import text_of


def told(asked: Asked) -> Mapping[str, str]:
    """The texts of a scan by format, and as a table."""
    workers = Workers(asked.workers)
    try:
        renderers = partial(renderer_factories, FORMATS, all_results=True)
        seen = gathered(asked, lean=True, renderers=renderers, workers=workers)
        texts = seen.result.texts
        assert {*texts} == {"json", "junit", "csv", "sarif_full"}
        context = RenderContext(seen.report, texts, all_results=True, access=partial(accesses, seen, asked))
        table = console.render(seen.report, width=100, color=True, verbose=True)
        return written(context) | {"table": table}
    finally:
        workers.end()


def written(context: RenderContext) -> dict[str, str]:
    """Each format's text."""
    return {name: text_of(write(context)) for name, write in FORMATS.items()}
