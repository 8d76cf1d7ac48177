"""What a scan does with `--create-baseline`, and what it says of baselines."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanner.app.scan.formats import FORMATS
from scanner.cli.terminal import say_error
from scanner.errors import ScanError, UsageError
from scanner.result.finding import Verdict
from scanner.result.report import Report
from scanner.text import writer
from scanner.text.printable import printable


def check_baseline(options: Mapping[str, Any]) -> None:
    """UsageError or FileError where the baseline of a scan could not be written, before the scan."""
    path: Path | None = options["create_baseline"]
    if path is None:
        return
    if path == writer.STDOUT:
        raise UsageError(
            "--create-baseline takes a file, not standard output", help="--json - prints results"
        )
    reports = (options[name] for name in FORMATS)
    if writer.place(path) in {writer.place(each) for each in reports if each is not None}:
        raise UsageError(f"two reports would go to {path}", help="give each report a file of its own")
    writer.check_writable(path)


def write_baseline(path: Path, report: Report) -> None:
    """Write the results as a baseline; an old one stays where nothing was scanned."""
    if report.nothing_scanned:
        say_error(ScanError(f"{path}: no baseline was written, because nothing was scanned"))
    else:
        from scanner.report import json_results
        from scanner.report.renderer import render_all

        renderer = json_results.renderer(all_results=False)
        writer.put(path, json_results.pieces(report, render_all(report.findings, renderer)))


def what_next(options: Mapping[str, Any], report: Report) -> str:
    """What a red run, or one that wrote a baseline, says last; nothing in other cases."""
    created: Path | None = options["create_baseline"]
    if created is not None and not report.nothing_scanned:
        count = report.verdicts[Verdict.FAIL]
        kept = f"{count} {'fail is' if count == 1 else 'fails are'} in {created}"
        return (
            printable(f"{kept}; scans with --baseline {shlex.quote(str(created))} do not gate on them") + "\n"
        )
    if options["baseline"] is None and created is None and report.gating[Verdict.FAIL]:
        return (
            "To gate on new fails only: once with --create-baseline FILE, then always with --baseline FILE\n"
        )
    return ""
