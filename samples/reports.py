"""Makes samples/reports: every report of samples/snapshots/contoso. Run by `make golden`."""

from collections.abc import Mapping
from pathlib import Path

from scanner.app.asked import Asked
from scanner.app.outputs import write_whole
from scanner.app.reached import accesses
from scanner.app.scanning import gathered
from scanner.report import console, csv_findings, html, json_results, junit, markdown, sarif
from scanner.report.renderer import text_of

SAMPLES = Path(__file__).parent


def reports() -> Mapping[str, str]:
    """File names and texts."""
    asked = Asked(SAMPLES / "snapshots" / "contoso")
    seen = gathered(asked)
    report = seen.report
    return {
        "contoso.txt": console.render(report, width=100, color=False),
        "contoso.json": json_results.render(report, all_results=True),
        "contoso.xml": junit.render(report),
        "contoso.html": "".join(html.pieces(report, accesses(seen, asked))),
        "contoso.sarif": text_of(sarif.pieces(report)),
        "contoso.full.sarif": sarif.render_full(report),
        "contoso.md": "".join(markdown.pieces(report)),
        "contoso.csv": csv_findings.render(report, all_results=True),
    }


if __name__ == "__main__":
    folder = SAMPLES / "reports"
    folder.mkdir(exist_ok=True)
    for name, text in reports().items():
        write_whole(folder / name, [text])
