"""From a scope to what was seen in it: an inventory, its tags, and the report on both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner import __version__
from scanner.app.asked import Listener, Scope, now
from scanner.app.judging import Circumstances, Judged, Narrowing, judge
from scanner.app.needed import needed_keys, needed_types
from scanner.app.workers import Workers
from scanner.errors import ScanError, UsageError
from scanner.model.inventory import Gap, Inventory
from scanner.network.service_tags import ServiceTags
from scanner.report.texts import Texts
from scanner.result.exemption import Use
from scanner.result.report import Report
from scanner.sources.pile import IN_MEMORY
from scanner.sources.service_tags import read_service_tags
from scanner.sources.sharing import EVERYTHING
from scanner.sources.snapshot import read_snapshot


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was seen of a scope; in Azure, also what verdicts made worth a read."""

    report: Report
    inventory: Inventory
    tags: ServiceTags | None
    uses: tuple[Use, ...] = ()
    """What came of each exemption."""
    workers: Workers = field(default_factory=Workers)
    """Who judged."""
    texts: Mapping[str, Texts] = field(default_factory=dict)
    """By format the texts of the findings, of those formats that were asked for."""


def gather(scope: Scope, judged: Judged, as_of: str | None, listener: Listener) -> Gathered:
    """What is there, judged, and what is accepted of it: after the reading, which exemptions do not save.

    Where nothing could be read there is a report too, which says so: no gate may take an older one for it.
    """
    scope.check()
    try:
        return _told((_azure if scope.live else _snapshot)(scope, judged, as_of, listener), judged)
    except UsageError:
        raise
    except ScanError as error:
        listener.stopped(error)
        return _told(_nothing(scope, judged, as_of, error), replace(judged, tellers=lambda _: {}))


def _told(seen: Gathered, judged: Judged) -> Gathered:
    """What was seen with what is accepted of it, and with its texts."""
    report, uses = judged.accepted.on(seen.report, seen.inventory)
    texts = judged.workers.finish(report.findings, judged.tellers(report))
    return replace(seen, report=report, uses=uses, workers=judged.workers, texts=texts)


def _snapshot(scope: Scope, judged: Judged, as_of: str | None, listener: Listener) -> Gathered:
    if scope.snapshot is None:
        raise AssertionError("a checked scope is in Azure or a snapshot")
    own = None if scope.service_tags is None else read_service_tags(scope.service_tags)
    kept = needed_keys(judged.policies, judged.pack.terms) if judged.lean else EVERYTHING
    most = IN_MEMORY if judged.lean and judged.workers.near else None
    snapshot = read_snapshot(
        scope.snapshot, assume_complete=scope.assume_complete, cloud=scope.cloud, kept=kept, most=most
    )
    inventory, tags = snapshot.inventory, own or snapshot.service_tags
    if inventory.unusable and not inventory.resources:
        listener.stopped(_none_usable(scope.snapshot, inventory))
        judged = replace(judged, narrowing=Narrowing())
    circumstances = Circumstances("snapshot", snapshot.collected, as_of or snapshot.collected, snapshot.scope)
    return Gathered(judge(inventory, tags, judged, circumstances), inventory, tags)


def _azure(scope: Scope, judged: Judged, as_of: str | None, listener: Listener) -> Gathered:
    from scanner.app import live, two_feeds  # noqa: PLC0415 - azure-* load only where Azure is scanned
    from scanner.app.hydration import Hydration  # noqa: PLC0415 - loads where it is used
    from scanner.app.tag_memory import Memory  # noqa: PLC0415 - loads where it is used
    from scanner.sources.arm import Arm  # noqa: PLC0415 - loads where it is used
    from scanner.sources.cloud import cloud_at  # noqa: PLC0415 - loads where it is used
    from scanner.sources.pace import Pace  # noqa: PLC0415 - loads where it is used
    from scanner.sources.snapshot_writer import check_target, write_snapshot  # noqa: PLC0415 - loads where it is used
    from scanner.sources.subscriptions import Asked as Subscriptions  # noqa: PLC0415 - loads where it is used
    from scanner.sources.tag_cache import cache_path  # noqa: PLC0415 - loads where it is used

    if scope.save_snapshot is not None:
        check_target(scope.save_snapshot)
    own = None if scope.service_tags is None else read_service_tags(scope.service_tags)
    arm = Arm(cloud_at(scope.cloud, scope.arm_endpoint), scope.auth, Pace(listener.progress))
    collected = now()
    subscriptions = Subscriptions(tuple(scope.subscription), scope.management_group)
    types = needed_types(judged.policies, judged.pack.terms) | judged.accepted.types
    collection = live.collect(arm, subscriptions, types)
    discovered = live.tags_of(collection)
    memory = Memory(cache_path(arm.cloud), scope.max_tag_age, collected)
    recalled, said = memory.after(discovered, listener.tell)
    collection.tags = two_feeds.chosen(own, discovered, recalled)
    circumstances = Circumstances(
        "azure", collected, as_of or collected, {"subscriptions": list(collection.readable.subscriptions)}
    )
    report = live.hydrated(
        collection,
        Hydration(scope.webhook_endpoints) if scope.arm_reads == "auto" else None,
        lambda inventory: judge(
            inventory,
            collection.tags,
            judged,
            circumstances,
            (*two_feeds.notices(own, discovered, inventory), *(said if own is None else ())),
        ),
        lambda policy: needed_types([policy], judged.pack.terms),
        listener.tell,
    )
    if scope.save_snapshot is not None:
        write_snapshot(scope.save_snapshot, collection.snapshot(collected), tool=__version__)
    return Gathered(report, collection.inventory(), collection.tags)


def _nothing(scope: Scope, judged: Judged, as_of: str | None, error: ScanError) -> Gathered:
    """The report of a scan that could not read anything."""
    gap = Gap("*", "", str(error), error.help)
    source = "azure" if scope.live else "snapshot"
    everything = replace(judged, narrowing=Narrowing())
    inventory = Inventory({}, frozenset(), (gap,), cloud=scope.cloud)
    return Gathered(
        judge(inventory, None, everything, Circumstances(source, None, as_of, {})), inventory, None
    )


def _none_usable(path: Path, inventory: Inventory) -> ScanError:
    first = inventory.unusable[0]
    rows = f"none of its {len(inventory.unusable)} rows can be used"
    return ScanError(f"{path}: {rows}, and the first, {first.where}, says why: {first.reason}")
