"""The use case of `acr-scan scan`: inputs are read here, and nowhere deeper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from scanner import __version__
from scanner.app.judging import Circumstances, Judged, Narrowing, judge
from scanner.app.packs import Selection, open_pack, parameters_of
from scanner.engine.gate import Gate
from scanner.errors import ScanError, UsageError
from scanner.model.inventory import Gap, Inventory
from scanner.policy.model import Severity
from scanner.result.report import Report
from scanner.sources.progress import Progress, Silent
from scanner.sources.service_tags import read_service_tags
from scanner.sources.snapshot import read_snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a scan, but for its reports."""

    snapshot: Path | None = None
    subscription: Sequence[str] = ()
    management_group: str | None = None
    all_subscriptions: bool = False
    save_snapshot: Path | None = None
    assume_complete: bool = False
    service_tags: Path | None = None
    cloud: str = "Public"
    arm_endpoint: str | None = None
    auth: str = "default"
    arm_reads: str = "auto"
    webhook_endpoints: bool = False
    resource_group: Sequence[str] = ()
    registry: Sequence[str] = ()
    policies: Sequence[Path] = ()
    no_builtin: bool = False
    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    param: Sequence[str] = ()
    as_of: str | None = None
    fail_on: str = "low"
    allow_unknown: bool = False
    strict: bool = False

    @property
    def live(self) -> bool:
        """Whether Azure is scanned."""
        return bool(self.subscription) or self.management_group is not None or self.all_subscriptions


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom a scan talks to while it works: progress, what --verbose wants to hear, and what stopped it."""

    progress: Progress = field(default_factory=Silent)
    tell: Callable[[str], None] = lambda _: None
    stopped: Callable[[ScanError], None] = lambda _: None


def run(asked: Asked, listener: Listener | None = None) -> Report:
    """The report of a scan, of Azure or of a snapshot.

    Where nothing could be read there is a report too, which says so: no gate may take an older one for it.
    """
    _check(asked)
    as_of = None if asked.as_of is None else _time(asked.as_of)
    gate = _gate(asked)
    pack = open_pack(asked.policies, builtin=not asked.no_builtin)
    policies = Selection(asked.select, asked.exclude).of(pack.policies)
    parameters = parameters_of(asked.param, policies)
    narrowing = Narrowing(asked.resource_group, asked.registry)
    judged = Judged(pack, policies, gate, parameters, narrowing)
    listener = listener or Listener()
    try:
        if asked.live:
            return _scan_azure(asked, judged, as_of, listener)
        return _scan_snapshot(asked, judged, as_of, listener)
    except UsageError:
        raise
    except ScanError as error:
        listener.stopped(error)
        return _nothing(asked, judged, as_of, error)


def _none_usable(path: Path, inventory: Inventory) -> ScanError:
    first = inventory.unusable[0]
    rows = f"none of its {len(inventory.unusable)} rows can be used"
    return ScanError(f"{path}: {rows}, and the first, {first.where}, says why: {first.reason}")


def _nothing(asked: Asked, judged: Judged, as_of: str | None, error: ScanError) -> Report:
    """The report of a scan that could not read anything."""
    gap = Gap("*", "", str(error), error.help)
    source = "azure" if asked.live else "snapshot"
    everything = replace(judged, narrowing=Narrowing())
    return judge(
        Inventory({}, frozenset(), (gap,), cloud=asked.cloud),
        None,
        everything,
        Circumstances(source, None, as_of, {}),
    )


def _scan_snapshot(asked: Asked, judged: Judged, as_of: str | None, listener: Listener) -> Report:
    if asked.snapshot is None:
        raise UsageError("there is nothing to scan", help=_NOTHING)
    tags = None if asked.service_tags is None else read_service_tags(asked.service_tags)
    snapshot = read_snapshot(asked.snapshot, assume_complete=asked.assume_complete, cloud=asked.cloud)
    inventory = snapshot.inventory
    if inventory.unusable and not inventory.resources:
        listener.stopped(_none_usable(asked.snapshot, inventory))
        judged = replace(judged, narrowing=Narrowing())
    circumstances = Circumstances("snapshot", snapshot.collected, as_of or snapshot.collected, snapshot.scope)
    return judge(inventory, tags or snapshot.service_tags, judged, circumstances)


def _scan_azure(asked: Asked, judged: Judged, as_of: str | None, listener: Listener) -> Report:
    from scanner.app import live, two_feeds  # noqa: PLC0415 - azure-* load only where Azure is scanned
    from scanner.app.hydration import Hydration  # noqa: PLC0415
    from scanner.app.needed import needed_types  # noqa: PLC0415
    from scanner.sources.arm import Arm  # noqa: PLC0415
    from scanner.sources.cloud import cloud_at  # noqa: PLC0415
    from scanner.sources.pace import Pace  # noqa: PLC0415
    from scanner.sources.snapshot_writer import check_target, write_snapshot  # noqa: PLC0415
    from scanner.sources.subscriptions import Asked as Subscriptions  # noqa: PLC0415

    if asked.save_snapshot is not None:
        check_target(asked.save_snapshot)
    own = None if asked.service_tags is None else read_service_tags(asked.service_tags)
    arm = Arm(cloud_at(asked.cloud, asked.arm_endpoint), asked.auth, Pace(listener.progress))
    collected = live.now()
    scope = Subscriptions(tuple(asked.subscription), asked.management_group)
    collection = live.collect(arm, scope, needed_types(judged.policies, judged.pack.terms))
    discovered = live.tags_of(collection)
    collection.tags = two_feeds.chosen(own, discovered)
    circumstances = Circumstances(
        "azure", collected, as_of or collected, {"subscriptions": list(collection.readable.subscriptions)}
    )
    report = live.hydrated(
        collection,
        Hydration(asked.webhook_endpoints) if asked.arm_reads == "auto" else None,
        lambda inventory: judge(
            inventory,
            collection.tags,
            judged,
            circumstances,
            two_feeds.notices(own, discovered, inventory),
        ),
        lambda policy: needed_types([policy], judged.pack.terms),
        listener.tell,
    )
    if asked.save_snapshot is not None:
        write_snapshot(asked.save_snapshot, collection.snapshot(collected), tool=__version__)
    return report


_NOTHING = (
    "pass a scope in Azure (--subscription, --management-group, --all-subscriptions) or --snapshot PATH; "
    "acr-scan --help has examples"
)


def _check(asked: Asked) -> None:
    """UsageError where options contradict each other."""
    scopes = [bool(asked.subscription), asked.management_group is not None, asked.all_subscriptions]
    if asked.snapshot is not None and any(scopes):
        raise UsageError(
            "--snapshot and a scope in Azure contradict each other", help="leave one of them out"
        )
    if sum(scopes) > 1:
        names = "--subscription, --management-group and --all-subscriptions"
        raise UsageError(f"{names} contradict each other", help="use one of them")
    if asked.snapshot is not None and asked.save_snapshot is not None:
        raise UsageError("--save-snapshot keeps what a scan of Azure collected; --snapshot is kept already")
    if asked.assume_complete and any(scopes):
        raise UsageError("--assume-complete goes with --snapshot: Azure is asked, not assumed")


def _gate(asked: Asked) -> Gate:
    if asked.allow_unknown and asked.strict:
        raise UsageError("--allow-unknown and --strict contradict each other", help="leave one of them out")
    fail_on = None if asked.fail_on == "never" else Severity(asked.fail_on)
    return Gate(fail_on, asked.allow_unknown, asked.strict)


def _time(text: str) -> str:
    """A date or time as RFC 3339 in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--as-of {text} is no date; write 2026-11-21 or 2026-11-21T08:00:00Z"
        raise UsageError(message) from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")
