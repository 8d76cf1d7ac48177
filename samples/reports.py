"""Makes samples/reports: every report of samples/snapshots/contoso. Run by `make golden`."""

from collections.abc import Mapping
from pathlib import Path

from scanner.app.asked import Asked
from scanner.app.outputs import write_whole
from scanner.app.scanning import run
from scanner.report import console, json_results, junit

SAMPLES = Path(__file__).parent


def reports() -> Mapping[str, str]:
    """File names and texts."""
    report = run(Asked(SAMPLES / "snapshots" / "contoso"))
    return {
        "contoso.txt": console.render(report, width=100, color=False),
        "contoso.json": json_results.render(report, all_results=True),
        "contoso.xml": junit.render(report),
    }


if __name__ == "__main__":
    folder = SAMPLES / "reports"
    folder.mkdir(exist_ok=True)
    for name, text in reports().items():
        write_whole(folder / name, [text])
