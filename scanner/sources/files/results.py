"""Reading a results file, as `--json` and `--create-baseline` write it."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from scanner.errors import FileError
from scanner.result.finding import Verdict
from scanner.result.results_format import FORMAT, BaselineDocument, ResultsDocument
from scanner.sources.files.json_records import read_document, why_unfit

T = TypeVar("T")
_HELP = "write a results file with acr-scan --json FILE"
_BASELINE_HELP = "a baseline is a results file: write one with --create-baseline FILE, or with --json FILE"


def read_results(path: Path) -> ResultsDocument:
    """The results of a file; FileError says why it is no results file, or what in it cannot be read."""
    return _read(path, ResultsDocument, _HELP)


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints of the file's fails; FileError where it holds no results."""
    results = _read(path, BaselineDocument, _BASELINE_HELP).results
    return frozenset(result.fingerprint for result in results if result.verdict is Verdict.FAIL)


def _read(path: Path, kind: type[T], help_: str) -> T:
    document = read_document(path)
    match document:
        case {"format": int(number), "results": list()} if number > FORMAT:
            raise FileError(f"{path}: the results were written by a newer acr-scan (format {number})")
        case {"format": bool(), "results": list()}:
            raise _other_format(path, document, help_)
        case {"format": 1, "results": list()}:
            pass
        case {"results": list()}:
            raise _other_format(path, document, help_)
        case _:
            raise FileError(f"{path}: {_instead(document)}, not results of a scan", help=help_)
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise FileError(f"{path}: {why_unfit(error)}", help=help_) from None


def _other_format(path: Path, document: Any, help_: str) -> FileError:
    return FileError(f"{path}: `format`: expected {FORMAT}, got {document.get('format')!a}", help=help_)


def _instead(document: Any) -> str:
    match document:
        case {"$schema": str(), "runs": list()}:
            return "this is SARIF"
        case {"format": int()}:
            return "this is a snapshot's manifest"
        case {"data": list()} | {"value": list()}:
            return "these are resources"
        case dict():
            return f"an object with {', '.join(map(ascii, list(document)[:8])) or 'no keys'}"
        case list():
            return "this is an array"
        case _:
            return "this is a bare value"
