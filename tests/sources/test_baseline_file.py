"""A baseline: the fails of a results file, and nothing else."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import FileError
from scanner.sources.files.results import read_baseline

ONE, TWO, THREE = "1" * 32, "2" * 32, "a" * 32
HELP = "a baseline is a results file: write one with --create-baseline FILE, or with --json FILE"


def result(verdict: str, fingerprint: str) -> dict[str, Any]:
    return {"policy": "ACR101", "verdict": verdict, "fingerprint": fingerprint, "message": "So it is."}


RESULTS: dict[str, Any] = {
    "format": 1,
    "results": [result("fail", ONE), result("pass", TWO), result("fail", THREE)],
}


def test_the_fails_are_read_and_no_other_verdict(tmp_path: Path) -> None:
    others = [
        result(verdict, f"{n}" * 32)
        for n, verdict in enumerate(["unknown", "exempt", "notApplicable", "pass"], 4)
    ]
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"format": 1, "results": [*RESULTS["results"], *others]}), "utf-8")

    assert read_baseline(path) == {ONE, THREE}


def test_a_compressed_file_is_one_too(tmp_path: Path) -> None:
    path = tmp_path / "b.json.gz"
    path.write_bytes(gzip.compress(json.dumps(RESULTS).encode()))

    assert read_baseline(path) == {ONE, THREE}


@pytest.mark.parametrize(
    ("document", "said", "help_"),
    [
        ({**RESULTS, "format": 2}, "the results were written by a newer acr-scan (format 2)", None),
        ({**RESULTS, "format": 0}, "`format`: expected 1, got 0", HELP),
        ({**RESULTS, "format": "1"}, "`format`: expected 1, got '1'", HELP),
        ({"results": []}, "`format`: expected 1, got None", HELP),
        ({"format": 1, "queries": []}, "this is a snapshot's manifest, not results of a scan", HELP),
        ({"data": []}, "these are resources, not results of a scan", HELP),
        ({"value": []}, "these are resources, not results of a scan", HELP),
        ({"$schema": "x", "runs": []}, "this is SARIF, not results of a scan", HELP),
        ({"a": 1, "é": 2}, "an object with 'a', '\\xe9', not results of a scan", HELP),
        ({}, "an object with no keys, not results of a scan", HELP),
        ([], "this is an array, not results of a scan", HELP),
        (3, "this is a bare value, not results of a scan", HELP),
        (
            {"format": 1, "results": [result("fail", ONE), {"verdict": "fail"}]},
            "`results[1]`: ",
            HELP,
        ),
        (
            {"format": 1, "results": [result("fail", "xyz")]},
            "`results[0].fingerprint`: ",
            HELP,
        ),
    ],
)
def test_what_is_no_results_file_is_refused_in_a_sentence(
    tmp_path: Path, document: Any, said: str, help_: str | None
) -> None:
    path = tmp_path / "b.json"
    path.write_text(json.dumps(document), "utf-8")

    with pytest.raises(FileError) as caught:
        read_baseline(path)

    whole = str(caught.value)
    if said.endswith("`: "):  # and then what msgspec says of a type
        whole = whole[: whole.index("`: ") + 3]
    assert whole == f"{path}: {said}"
    assert caught.value.help == help_


@pytest.mark.parametrize("text", ["", "{", "<html>"])
def test_what_is_no_json_is_refused_too(tmp_path: Path, text: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(text, "utf-8")

    with pytest.raises(FileError, match=r"b\.json"):
        read_baseline(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_baseline(tmp_path / "none.json")
