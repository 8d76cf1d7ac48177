"""From a scope to what was seen in it: an inventory, its tags, and the report on both."""

from dataclasses import dataclass, replace
from pathlib import Path

from scanner import __version__
from scanner.app.options import Listener, ScanScope, now
from scanner.app.scan.judging import Judging, RunMetadata, ScanRequest, ScanResult
from scanner.app.scan.required_fields import needed_keys, needed_types
from scanner.app.scan.resource_filter import ResourceFilter
from scanner.app.scan.snapshot_source import SnapshotSource
from scanner.errors import ScanError, UsageError
from scanner.model.inventory import Gap, Inventory
from scanner.network.service_tags import ServiceTags
from scanner.result.report import Report
from scanner.sources.files.service_tags import read_service_tags
from scanner.sources.rows.interning import ALL_FIELDS
from scanner.sources.rows.row_buffer import IN_MEMORY


@dataclass(frozen=True, slots=True)
class Collected:
    """What was seen of a scope, judged; in Azure, also what verdicts made worth a read."""

    result: ScanResult
    inventory: Inventory
    tags: ServiceTags | None

    @property
    def report(self) -> Report:
        """The report on it."""
        return self.result.report


def collect(scope: ScanScope, request: ScanRequest, as_of: str | None, listener: Listener) -> Collected:
    """What is there, request.

    Where nothing could be read there is a report too, which says so: no gate may take an older one for it.
    """
    scope.check()
    try:
        return (_azure if scope.live else _snapshot)(scope, request, as_of, listener)
    except UsageError:
        raise
    except ScanError as error:
        listener.stopped(error)
        return _nothing(scope, request, as_of, error)


def _snapshot(scope: ScanScope, request: ScanRequest, as_of: str | None, listener: Listener) -> Collected:
    if scope.snapshot is None:
        raise AssertionError("a checked scope is in Azure or a snapshot")
    own = None if scope.service_tags is None else read_service_tags(scope.service_tags)
    kept = needed_keys(request.policies, request.pack.terms) if request.lean else ALL_FIELDS
    most = IN_MEMORY if request.lean else None
    source = SnapshotSource(
        scope.snapshot, scope.assume_complete, scope.cloud, kept, most, own, request.filter
    )
    snapshot = source.read()
    request.workers.source = source
    inventory, tags = snapshot.inventory, own or snapshot.service_tags
    if inventory.unusable and not inventory.resources:
        listener.stopped(_none_usable(scope.snapshot, inventory))
        request = replace(request, filter=ResourceFilter())
    metadata = RunMetadata("snapshot", snapshot.collected, as_of or snapshot.collected, snapshot.scope)
    return Collected(Judging(inventory, tags, request, metadata).result(), inventory, tags)


def _azure(scope: ScanScope, request: ScanRequest, as_of: str | None, listener: Listener) -> Collected:
    from scanner.app.scan import live_collection, service_tag_choice
    from scanner.app.scan.hydration import Hydration
    from scanner.app.scan.service_tag_cache import TagCache
    from scanner.sources.azure.arm import Arm
    from scanner.sources.azure.subscriptions import SubscriptionRequest as Subscriptions
    from scanner.sources.azure.throttle import Throttle
    from scanner.sources.cloud import cloud_at
    from scanner.sources.files.snapshot_writer import check_target, write_snapshot
    from scanner.sources.files.tag_cache import cache_path

    if scope.save_snapshot is not None:
        check_target(scope.save_snapshot)
    own = None if scope.service_tags is None else read_service_tags(scope.service_tags)
    arm = Arm(cloud_at(scope.cloud, scope.arm_endpoint), scope.auth, Throttle(listener.progress))
    collected = now()
    subscriptions = Subscriptions(tuple(scope.subscription), scope.management_group)
    types = needed_types(request.policies, request.pack.terms) | request.acceptance.types
    collection = live_collection.collect(arm, subscriptions, types)
    discovered = live_collection.tags_of(collection)
    memory = TagCache(cache_path(arm.cloud), scope.max_tag_age, collected)
    recalled, said = memory.after(discovered, listener.tell)
    collection.tags = service_tag_choice.choose_tags(own, discovered, recalled)
    metadata = RunMetadata(
        "azure", collected, as_of or collected, {"subscriptions": list(collection.readable.subscriptions)}
    )

    def judging(inventory: Inventory) -> Judging:
        more = service_tag_choice.notices(own, discovered, inventory)
        news = (*more, *(said if own is None else ()))
        return Judging(inventory, collection.tags, request, metadata, news)

    report = live_collection.hydrated(
        collection,
        Hydration(scope.webhook_endpoints) if scope.arm_reads == "auto" else None,
        lambda inventory: judging(inventory).report(),
        lambda policy: needed_types([policy], request.pack.terms),
        listener.tell,
    )
    inventory = collection.inventory()
    result = judging(inventory).finished(report)
    if scope.save_snapshot is not None:
        write_snapshot(scope.save_snapshot, collection.snapshot(collected), tool=__version__)
    return Collected(result, inventory, collection.tags)


def _nothing(scope: ScanScope, request: ScanRequest, as_of: str | None, error: ScanError) -> Collected:
    """The report of a scan that could not read anything."""
    gap = Gap("*", "", str(error), error.help)
    source = "azure" if scope.live else "snapshot"
    everything = replace(request, filter=ResourceFilter())
    inventory = Inventory({}, frozenset(), (gap,), cloud=scope.cloud)
    metadata = RunMetadata(source, None, as_of, {})
    return Collected(Judging(inventory, None, everything, metadata).result(), inventory, None)


def _none_usable(path: Path, inventory: Inventory) -> ScanError:
    first = inventory.unusable[0]
    rows = f"none of its {len(inventory.unusable)} rows can be used"
    return ScanError(f"{path}: {rows}, and the first, {first.where}, says why: {first.reason}")
