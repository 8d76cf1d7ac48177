"""Who can reach a registry, and why: the rows of `explain`."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.resource import Resource
from scanner.model.truth import Truth


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: who, whether they reach the registry, by what, on what grounds.

    `kind` is internet, ip-rule, private-endpoint, subnet, trusted-services, task, quick-run, home-region,
    replica, webhook or address; `who` is empty where the row speaks of a whole kind. `reaches` is None where
    that is not the question. `ways` are all that work, by their policies' names, where those are asked.
    """

    kind: str
    who: str
    reaches: Truth | None
    by: str
    evidence: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    resource: str | None = None
    """The id of the resource that the row is about, as Azure spelt it."""


@dataclass(frozen=True, slots=True)
class Access:
    """The access table of one registry."""

    registry: Resource
    entries: Sequence[Entry]
    source: Entry | None = None
    """The answer to `--from`."""
