"""The generated pages of the shipped policies: written, or compared."""

from collections.abc import Mapping
from pathlib import Path

from scanner.authoring.cases import read_cases
from scanner.policy.load import builtin_folder, load
from scanner.policy.model import Policy
from scanner.report.docs.policy_page import index, page
from scanner.text.writer import write_whole

INDEX = "README.md"
BY_HAND = "LANGUAGE.md"
"""The page of the language itself, which is of no policy and written by people."""


def page_of(policy: Policy) -> str:
    """A policy's page as it should be now."""
    cases = [(case.expect.value, case.name) for case in read_cases([policy])]
    return page(policy, cases)


def pages() -> Mapping[Path, str]:
    """Every page as it should be now, by its path; the index among them."""
    folder = builtin_folder()
    policies = load([folder]).policies
    texts = {Path(policy.spot.file).with_suffix(".md"): page_of(policy) for policy in policies}
    return {**texts, folder / INDEX: index(policies)}


def stale_pages() -> list[Path]:
    """The pages that are not as they should be, and those of no policy."""
    wanted = pages()
    found = set(builtin_folder().rglob("*.md")) - {builtin_folder() / BY_HAND}
    wrong = {path for path, text in wanted.items() if path not in found or path.read_text("utf-8") != text}
    return sorted(wrong | (found - wanted.keys()))


def write_pages() -> list[Path]:
    """Writes every page that is not as it should be, and removes those of no policy."""
    wanted = pages()
    paths = stale_pages()
    for path in paths:
        if path in wanted:
            write_whole(path, [wanted[path]])
        else:
            path.unlink()
    return paths
