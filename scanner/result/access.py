"""Who can reach a registry, and why: the rows of `explain`."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.resource import Resource
from scanner.model.truth import Truth


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: who, whether they reach the registry, by what, on what grounds.

    `reaches` is None where that is not the question.
    `kind` is internet, ip-rule, private-endpoint, subnet, trusted-services, task, quick-run, replica,
    webhook or address.
    """

    kind: str
    who: str
    reaches: Truth | None
    by: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """The access table of one registry."""

    registry: Resource
    entries: Sequence[Entry]
    source: Entry | None = None
    """The answer to `--from`."""
