"""News for the reader that is no finding: what could not be seen, read or used, and what disagrees."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from scanner.catalog.fields import resource_types
from scanner.engine.fields.tag_table import HELP as TAGS_HELP
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource, Row, Source
from scanner.network.service_tags import ServiceTags, normal_cloud
from scanner.result.report import Notice

OK = 200


def notices(inventory: Inventory, tags: ServiceTags | None, *, nothing: bool) -> Iterator[Notice]:
    """Every notice of a scan, in a fixed order; `nothing` says that there is nothing to judge."""
    yield from _gaps(inventory)
    for row in inventory.unusable:
        yield Notice("unusable-row", row.where, row.reason)
    yield from _unconfirmed(inventory)
    for resource in inventory.several():
        yield from _disagreements(resource)
    if nothing:
        reason = "no resource is of a type that a selected policy judges"
        yield Notice("nothing-scanned", "", reason, "check the scope, and that the input holds registries")
    if tags is None:
        reason = "no service tags are at hand, so whether IP rules cover them is unknown"
        yield Notice("no-service-tags", "", reason, TAGS_HELP)
    elif tags.cloud and tags.cloud != normal_cloud(inventory.cloud):
        reason = f"they are those of the cloud {tags.cloud}, and the registries are in {inventory.cloud}"
        yield Notice(
            "other-cloud-service-tags", tags.source, reason, "pass the file of the registries' cloud"
        )


def _gaps(inventory: Inventory) -> Iterator[Notice]:
    """A notice for each place and reason, whatever number of types it hides."""
    hidden: defaultdict[tuple[str, str, str | None], list[str]] = defaultdict(list)
    for gap in inventory.gaps:
        hidden[gap.where, gap.reason, gap.help].append(gap.what)
    for (where, reason, help_), types in hidden.items():
        if _is_subscription(where):
            yield Notice("unreadable-subscription", where, reason, help_)
        else:
            place = ", ".join(dict.fromkeys(types)) + (f" in {where}" if where else "")
            yield Notice("unseen", place, reason, help_)


def _is_subscription(where: str) -> bool:
    return bool(where) and "/" not in where


def _unconfirmed(inventory: Inventory) -> Iterator[Notice]:
    """Reads that were refused, and that left no gap because the verdict stands without them."""
    told: set[str] = {gap.where for gap in inventory.gaps}
    for read in inventory.reads:
        if read.status != OK and read.of not in told:
            answered = f"answered {read.status}" if read.status else "did not answer"
            reason = (
                f"ARM {answered} to the read of {read.what}, so its verdicts rest on Resource Graph alone"
            )
            yield Notice("unconfirmed", read.of, reason, "give the Reader role on it, or scan again")


def _disagreements(resource: Resource) -> Iterator[Notice]:
    """Fields of which Resource Graph and ARM say different things; ARM is taken."""
    sources = {row.source for row in resource.rows}
    if len(sources) == 1 or resource.type not in resource_types():
        return
    arm = next(row for row in resource.rows if row.source is Source.ARM)
    graph = next(row for row in resource.rows if row.source is Source.RESOURCE_GRAPH)
    for path, field in resource_types()[resource.type].fields.items():
        if (
            path.startswith("properties.")
            and "[" not in path
            and field.type in {"string", "boolean", "integer"}
        ):
            ours, theirs = _value(arm, path), _value(graph, path)
            if None not in (ours, theirs) and _comparable(ours) != _comparable(theirs):
                reason = f"{path} is {ours!r} in ARM and {theirs!r} in Resource Graph; ARM was taken"
                yield Notice(
                    "sources-disagree", resource.id, reason, "Resource Graph may be behind; scan again"
                )


def _value(row: Row, path: str) -> Any:
    node: Any = row.body
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
