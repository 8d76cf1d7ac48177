"""`--html` as a user meets it."""

import json
import re
from pathlib import Path
from typing import Any

from scanner.cli import main

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"


def data_of(path: Path) -> Any:
    found = re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_page_has_the_access_table_of_what_was_judged(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert main(["--snapshot", str(CONTOSO), "--registry", "contosoprod", "--html", str(path), "-q"]) == 1
    data = data_of(path)
    assert [data["texts"][name] for name, *_ in data["access"]] == ["contosoprod"]
    main(["--snapshot", str(CONTOSO), "--html", str(path), "-q"])
    assert len(data_of(path)["access"]) > 10


def test_a_scan_of_nothing_has_a_page_that_says_so(tmp_path: Path) -> None:
    rows, path = tmp_path / "rows.json", tmp_path / "report.html"
    rows.write_text('[{"no": "id"}]', "utf-8")
    assert main(["--snapshot", str(rows), "--html", str(path), "-q"]) == 3
    assert data_of(path)["access"] == []
    assert "The inventory is incomplete." in path.read_text("utf-8")


def test_the_results_also_list_what_is_not_applicable(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    counts = []
    for more in ([], ["--all-results"]):
        main(["--snapshot", str(CONTOSO), "--html", str(path), "-q", *more])
        counts.append(len(data_of(path)["findings"]))
    assert counts[0] < counts[1]
