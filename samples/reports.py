"""Makes samples/reports: every report of samples/snapshots/contoso. Run by `make golden`."""

from collections.abc import Mapping
from pathlib import Path

from scanner.app.access_tables import accesses
from scanner.app.options import ScanOptions
from scanner.app.scan.run import collect_and_judge
from scanner.report import csv_findings, html, json_results, junit, markdown
from scanner.report.console import scan_table
from scanner.report.renderer import text_of
from scanner.report.sarif import document
from scanner.text.writer import write_whole

SAMPLES = Path(__file__).parent


def reports() -> Mapping[str, str]:
    """File names and texts."""
    asked = ScanOptions(SAMPLES / "snapshots" / "contoso")
    seen = collect_and_judge(asked)
    report = seen.report
    return {
        "contoso.txt": scan_table.render(report, width=100, color=False),
        "contoso.json": json_results.render(report, all_results=True),
        "contoso.xml": junit.render(report),
        "contoso.html": "".join(html.pieces(report, accesses(seen, asked))),
        "contoso.sarif": text_of(document.pieces(report)),
        "contoso.full.sarif": document.render_full(report),
        "contoso.md": "".join(markdown.pieces(report)),
        "contoso.csv": csv_findings.render(report, all_results=True),
    }


if __name__ == "__main__":
    folder = SAMPLES / "reports"
    folder.mkdir(exist_ok=True)
    for name, text in reports().items():
        write_whole(folder / name, [text])
