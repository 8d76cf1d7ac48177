"""Which subscriptions are asked for, and which of them can be read: silence is not completeness."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanner.errors import SourceError, UsageError, did_you_mean
from scanner.model.resource import segment_after
from scanner.sources.azure.arm import Arm
from scanner.sources.azure.resource_graph import QueryScope, Table, batches
from scanner.sources.files.raw_exports import ReadResult

BATCH = 250
"""Subscriptions in one query; Microsoft advises fewer than 300."""
TYPE = "microsoft.resources/subscriptions"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
READER = (
    "the scan needs the Reader role: "
    "az role assignment create --role Reader --assignee PRINCIPAL --scope /subscriptions/ID"
)


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What the command line asks for: subscriptions by id or name, a management group, or everything."""

    subscriptions: tuple[str, ...] = ()
    management_group: str | None = None


@dataclass(frozen=True, slots=True)
class ReadableSubscriptions:
    """The subscriptions that can be read, and those that were asked for and cannot; lower-case ids."""

    subscriptions: tuple[str, ...]
    unreadable: tuple[str, ...]
    tables: Sequence[Table]
    found: ReadResult


def find_readable(arm: Arm, asked: SubscriptionRequest) -> ReadableSubscriptions:
    """Resolves names and asks which subscriptions there are; SourceError where none can be read."""
    by_name = [name for name in asked.subscriptions if not _GUID.fullmatch(name)]
    scope = (
        QueryScope((), asked.management_group)
        if by_name
        else QueryScope(asked.subscriptions, asked.management_group)
    )
    found = ReadResult()
    tables = [Table("resourcecontainers", (TYPE,), part, found) for part in batches(scope, BATCH)]
    for table in tables:
        table.collect(arm)
    names = _names(found)
    if found.gaps and not names:
        gap = found.gaps[0]
        denied = gap.help is not None and "Reader" in gap.help
        raise SourceError(f"nothing was scanned: {gap.reason}", help=READER if denied else gap.help)
    wanted = tuple(dict.fromkeys(_resolved(name, names) for name in asked.subscriptions))
    there = tuple(key for key in names if key in wanted) if asked.subscriptions else tuple(names)
    if not there:
        what = ", ".join(asked.subscriptions) or asked.management_group or "this tenant"
        raise SourceError(f"nothing was scanned: no subscription of {what} can be read", help=READER)
    return ReadableSubscriptions(there, tuple(key for key in wanted if key not in there), tables, found)


def _names(found: ReadResult) -> Mapping[str, str]:
    """The names of subscriptions by their lower-cased ids, in order of ids."""
    named = {
        segment_after(row.id, "subscriptions").lower(): str(row.body.get("name") or "") for row in found.rows
    }
    return dict(sorted(named.items()))


def _resolved(name: str, names: Mapping[str, str]) -> str:
    """The id of a subscription's name; UsageError where there is none, or more than one."""
    if _GUID.fullmatch(name):
        return name.lower()
    keys: Sequence[str] = [key for key, known in names.items() if known.lower() == name.lower()]
    match keys:
        case [key]:
            return key
        case []:
            hint = did_you_mean(name, names.values())
            raise UsageError(
                f"--subscription {name} names no subscription that can be read{hint}", help=READER
            )
        case _:
            raise UsageError(
                f"--subscription {name} names {len(keys)} subscriptions: {', '.join(keys)}; use an id"
            )
