"""The locks name, by hash, what pyproject.toml asks for, and agree with each other."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def pins(name: str) -> Mapping[str, Version]:
    """Each package of a lock that has a hash, and its version."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    found = {str(canonicalize_name(package)): Version(version) for package, version, _ in PIN.findall(text)}
    assert len(found) == sum("==" in line for line in text.splitlines()), "one has no hash"
    return found


def wanted(lines: list[str]) -> list[Requirement]:
    return [Requirement(line) for line in lines]


RUN = wanted(PROJECT["project"]["dependencies"])
EXTRAS = [each for lines in PROJECT["project"]["optional-dependencies"].values() for each in wanted(lines)]
DEV = wanted(PROJECT["dependency-groups"]["dev"])
BUILD = wanted(PROJECT["build-system"]["requires"])


@pytest.mark.parametrize(
    ("lock", "requirements"), [("demo.txt", [*RUN, *BUILD]), ("dev.txt", [*RUN, *EXTRAS, *DEV, *BUILD])]
)
def test_a_lock_has_what_is_asked_for_in_a_version_that_is_allowed(
    lock: str, requirements: list[Requirement]
) -> None:
    locked = pins(lock)

    missing = [
        str(each)
        for each in requirements
        if (version := locked.get(canonicalize_name(each.name))) is None or version not in each.specifier
    ]
    assert missing == []  # make lock


def test_the_demo_runs_what_development_tests() -> None:
    dev = pins("dev.txt")

    assert {name: version for name, version in pins("demo.txt").items() if dev.get(name) != version} == {}


def test_the_sdk_is_held_below_the_release_that_has_no_raw_request() -> None:
    """8.1 renames `_send_request`, and takes a subscription where 8.0 takes the endpoint."""
    [sdk] = [each for each in RUN if each.name == "azure-mgmt-resourcegraph"]

    assert "8.0.1" in sdk.specifier
    assert "8.0.99" in sdk.specifier
    assert "8.1.0" not in sdk.specifier
    assert not sdk.specifier.contains("8.1.0b4", prereleases=True)


def test_every_package_that_is_imported_is_named() -> None:
    """What comes by way of another package may leave with it."""
    named = {canonicalize_name(each.name) for each in (*RUN, *EXTRAS)}

    assert {"azure-core", "azure-identity", "azure-mgmt-core", "azure-mgmt-resourcegraph"} <= named
