"""What the hand-written pages say is what the program does."""

import json
import re
from pathlib import Path

import pytest

from scanner.app.scan.policy_selection import pack_at
from scanner.authoring.cases import read_cases, run_case
from scanner.authoring.lint import lint
from scanner.policy.operators import OPERANDS

ROOT = Path(__file__).parents[1]
LANGUAGE = ROOT / "policies" / "LANGUAGE.md"
PAGES = [
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    LANGUAGE,
    ROOT / "scanner" / "catalog" / "FACTS.md",
    ROOT / "tests" / "corpus" / "README.md",
]


def language_examples() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", LANGUAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_example_of_the_language_is_a_policy_whose_cases_hold(tmp_path: Path) -> None:
    policy, *_, cases = language_examples()
    (tmp_path / "TEAM001-data-endpoint.yaml").write_text(policy, "utf-8")
    (tmp_path / "TEAM001-data-endpoint.test.yaml").write_text(cases, "utf-8")
    pack = pack_at(tmp_path)

    assert lint(pack) == []
    assert [run_case(case, pack).complaint for case in read_cases(pack.policies)] == [None] * 4


def test_every_word_of_the_language_is_on_its_page() -> None:
    schema = json.loads((ROOT / "scanner" / "policy" / "schema.json").read_text("utf-8"))
    words = {*schema["properties"], *schema["$defs"]["condition"]["properties"], *OPERANDS}
    page = LANGUAGE.read_text("utf-8").replace("`…", "`prefixLength")  # one row has four of a kind

    assert {word for word in words if not re.search(rf"`{word}\b", page)} == set()


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            path, _, heading = target.partition("#")
            if "://" in target:
                continue
            there = (page.parent / path).resolve() if path else page
            if not there.exists() or (heading and heading not in anchors(there)):
                broken.append(f"{page.name}: {target}")

    assert broken == []


def anchors(page: Path) -> set[str]:
    """The names under which GitHub links to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["ARCHITECTURE", "FACTS"])
def test_what_code_cites_of_a_page_is_a_heading_of_it(name: str) -> None:
    [page] = [each for each in PAGES if each.stem == name]
    cited = {
        heading
        for folder in ("scanner", "tests")
        for module in (ROOT / folder).rglob("*.py")
        for heading in re.findall(rf'\b{name}(?:\.md)?, "([^"]+)"', module.read_text("utf-8"))
    }

    headings = re.findall(r"^#+ (?:[\d.]+ )?(.+)$", page.read_text("utf-8"), re.MULTILINE)

    assert cited
    assert cited - set(headings) == set()


def test_the_packages_are_on_the_page_of_the_architecture() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE)
    packages = {path.name for path in (ROOT / "scanner").iterdir() if (path / "__init__.py").is_file()}

    assert set(rows) == packages | {"errors", "__main__"}
