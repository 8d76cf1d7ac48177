"""What a user asked for: the options of a command, checked against each other."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from scanner.errors import ScanError, UsageError
from scanner.policy.model import Severity
from scanner.result.gate import Gate
from scanner.sources.progress import Progress, Silent

_NOTHING = (
    "pass a scope in Azure (--subscription, --management-group, --all-subscriptions) or --snapshot PATH; "
    "acr-scan --help has examples"
)


class ScanScope(msgspec.Struct, frozen=True):
    """The options that say what is looked at: a scope in Azure or a snapshot, and how to read it."""

    snapshot: Path | None = None
    subscription: Sequence[str] = ()
    management_group: str | None = None
    all_subscriptions: bool = False
    save_snapshot: Path | None = None
    assume_complete: bool = False
    service_tags: Path | None = None
    max_tag_age: int = 7
    cloud: str = "Public"
    arm_endpoint: str | None = None
    auth: str = "default"
    arm_reads: str = "auto"
    webhook_endpoints: bool = False

    @property
    def live(self) -> bool:
        """Whether Azure is scanned."""
        return bool(self.subscription) or self.management_group is not None or self.all_subscriptions

    def check(self) -> None:
        """UsageError where there is nothing to look at, or options contradict each other."""
        scopes = [bool(self.subscription), self.management_group is not None, self.all_subscriptions]
        if self.snapshot is None and not any(scopes):
            raise UsageError("there is nothing to scan", help=_NOTHING)
        if self.snapshot is not None and any(scopes):
            raise UsageError(
                "--snapshot and a scope in Azure contradict each other", help="leave one of them out"
            )
        if sum(scopes) > 1:
            names = "--subscription, --management-group and --all-subscriptions"
            raise UsageError(f"{names} contradict each other", help="use one of them")
        if self.snapshot is not None and self.save_snapshot is not None:
            raise UsageError(
                "--save-snapshot keeps what a scan of Azure collected; --snapshot is kept already"
            )
        if self.assume_complete and any(scopes):
            raise UsageError("--assume-complete goes with --snapshot: Azure is asked, not assumed")


class ScanOptions(ScanScope, frozen=True):
    """The options of a scan, but for its reports."""

    resource_group: Sequence[str] = ()
    registry: Sequence[str] = ()
    policies: Sequence[Path] = ()
    no_builtin: bool = False
    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    param: Sequence[str] = ()
    exemptions: Path | None = None
    no_exemptions: bool = False
    azure_exemptions: bool = False
    baseline: Path | None = None
    as_of: str | None = None
    fail_on: str = "low"
    allow_unknown: bool = False
    strict: bool = False
    workers: int = 1
    dask: str | None = None

    def check(self) -> None:
        """UsageError where there is nothing to look at, or options contradict each other."""
        ScanScope.check(self)
        if self.exemptions is not None and self.no_exemptions:
            raise UsageError(
                "--exemptions and --no-exemptions contradict each other", help="leave one of them out"
            )
        if self.dask is not None and self.live:
            raise UsageError(
                "--dask judges snapshots, and this is a scan of Azure",
                help="collect first with --save-snapshot FILE, where every worker can read it",
            )
        if self.dask is not None and self.workers > 1:
            raise UsageError("--dask and --workers contradict each other", help="leave one of them out")

    @property
    def gate(self) -> Gate:
        """What turns the scan red; UsageError where options contradict each other."""
        if self.allow_unknown and self.strict:
            raise UsageError(
                "--allow-unknown and --strict contradict each other", help="leave one of them out"
            )
        fail_on = None if self.fail_on == "never" else Severity(self.fail_on)
        return Gate(fail_on, self.allow_unknown, self.strict)

    @property
    def judged_as_of(self) -> str | None:
        """`--as-of` as RFC 3339 in UTC; UsageError where it is no date or time."""
        if self.as_of is None:
            return None
        try:
            moment = datetime.fromisoformat(self.as_of)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            message = f"--as-of {self.as_of} is no date; write 2026-11-21 or 2026-11-21T08:00:00Z"
            raise UsageError(message) from error
        return moment.isoformat().replace("+00:00", "Z")


class Listener(msgspec.Struct, frozen=True):
    """Whom a scan talks to while it works: progress, what --verbose wants to hear, and what stopped it."""

    progress: Progress = msgspec.field(default_factory=Silent)
    tell: Callable[[str], None] = lambda _: None
    stopped: Callable[[ScanError], None] = lambda _: None


def now() -> str:
    """The present moment as RFC 3339 in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
