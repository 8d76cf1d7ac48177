"""What a scan writes in every format, some of them while it judges."""

from collections.abc import Mapping
from functools import partial

from scanner.app.asked import Asked
from scanner.app.formats import FORMATS, Material, tellers
from scanner.app.reached import accesses
from scanner.app.scanning import gathered
from scanner.report import console


def told(asked: Asked) -> Mapping[str, str]:
    """The texts of a scan by format, and as a table."""
    seen = gathered(asked, lean=True, tellers=partial(tellers, FORMATS, all_results=True))
    try:
        assert {*seen.texts} == {"json", "junit", "csv", "sarif_full"}
        access = partial(accesses, seen, asked)
        material = Material(seen.report, all_results=True, access=access, texts=seen.texts)
        table = console.render(seen.report, width=100, color=True, verbose=True)
        return written(material) | {"table": table}
    finally:
        seen.workers.end()


def written(material: Material) -> dict[str, str]:
    """Each format's text."""
    return {name: "".join(write(material)) for name, write in FORMATS.items()}
