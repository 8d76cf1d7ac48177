"""The fails of an earlier results file, as `--json` and `--create-baseline` write it."""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from scanner.errors import FileError
from scanner.sources.files.json_records import read_document, why_unfit

FORMAT = 1
_HELP = "a baseline is a results file: write one with --create-baseline FILE, or with --json FILE"


class _Result(msgspec.Struct):
    verdict: str
    fingerprint: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]


class _Results(msgspec.Struct):
    results: list[_Result]


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints of the file's fails; FileError where it holds no results."""
    document = read_document(path)
    match document:
        case {"format": int(number), "results": list()} if number > FORMAT:
            raise FileError(f"{path}: the results were written by a newer acr-scan (format {number})")
        case {"format": 1, "results": list()}:
            pass
        case {"results": list()}:
            raise FileError(
                f"{path}: `format`: expected {FORMAT}, got {document.get('format')!a}", help=_HELP
            )
        case _:
            raise FileError(f"{path}: {_instead(document)}, not results of a scan", help=_HELP)
    try:
        results = msgspec.convert(document, _Results).results
    except msgspec.ValidationError as error:
        raise FileError(f"{path}: {why_unfit(error)}", help=_HELP) from None
    return frozenset(result.fingerprint for result in results if result.verdict == "fail")


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
