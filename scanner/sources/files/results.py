"""The findings of a results file, as `--json` writes it."""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from scanner.errors import FileError
from scanner.sources.files.json_records import read_document, why_unfit

FORMAT = 1
_HELP = "write a results file with acr-scan --json FILE"

Verdict = Annotated[str, msgspec.Meta(pattern="^(pass|fail|unknown|exempt|notApplicable)$")]


class ResultResource(msgspec.Struct, frozen=True, rename="camel"):
    """The resource of a result."""

    id: Annotated[str, msgspec.Meta(pattern="^/")]
    name: str
    location: str | None = None


class ResultEvidence(msgspec.Struct, frozen=True):
    """A leaf of a result's evidence, so far as a plan can use it."""

    operator: str
    truth: str
    way: str | None = None
    field: str = ""
    actual: Any = None
    missing: list[str] | None = None
    excess: list[str] | None = None


class ResultAdvice(msgspec.Struct, frozen=True):
    """What a policy advises."""

    text: str


class Result(msgspec.Struct, frozen=True):
    """One finding as the file has it."""

    policy: str
    verdict: Verdict
    resource: ResultResource
    fingerprint: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    name: str = ""
    message: str = ""
    evidence: list[ResultEvidence] = []
    remediation: list[ResultAdvice] = []


class _Tags(msgspec.Struct):
    cloud: str = ""


class ResultRun(msgspec.Struct, rename="camel"):
    """The circumstances of the scan that wrote the file."""

    complete: bool = True
    service_tags: _Tags | None = None


class ResultsFile(msgspec.Struct):
    """A results file."""

    results: list[Result]
    run: ResultRun = msgspec.field(default_factory=ResultRun)


def read_results(path: Path) -> ResultsFile:
    """The findings of a file; FileError says where it is no results file."""
    document = read_document(path)
    match document:
        case {"format": bool()}:
            pass
        case {"format": int(number), "results": list()} if number > FORMAT:
            raise FileError(f"{path}: the results were written by a newer acr-scan (format {number})")
        case {"format": 1, "results": list()}:
            return _converted(path, document)
    raise FileError(f"{path}: this is no results file of a scan", help=_HELP)


def _converted(path: Path, document: Any) -> ResultsFile:
    try:
        return msgspec.convert(document, ResultsFile)
    except msgspec.ValidationError as error:
        raise FileError(f"{path}: {why_unfit(error)}", help=_HELP) from None
