"""`acr-scan tags show` and `tags diff`: one list of service tags, and what changed between two."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from scanner.app.options import Listener, ScanOptions, ScanScope
from scanner.app.scan import run
from scanner.app.scan.service_tag_cache import TagCache, age
from scanner.app.service_tags.impact import affected_registries, unseen
from scanner.errors import FileError, UsageError, did_you_mean
from scanner.network.service_tags import ServiceTags
from scanner.network.tags.changes import changes
from scanner.network.tags.comparison import LabeledTags, TagListComparison
from scanner.network.tags.view import TagView, holding
from scanner.policy.load import load
from scanner.sources.files.service_tags import read_service_tags
from scanner.sources.files.snapshot import read_snapshot
from scanner.sources.files.tag_cache import cache_path

LEAD_DAYS = 7
"""Microsoft uses new ranges of the weekly file a week after it at the earliest (FACTS, "Service tags")."""
ROLES = ("task-path", "tag-coverage")
"""The roles of the policies that show which registries admit the tag by rules, and which tasks need that."""
NO_TAGS = (
    "pass --service-tags FILE, --snapshot PATH or a scope in Azure; "
    "the weekly file: https://www.microsoft.com/download/details.aspx?id=56519"
)


def view_tags(
    name: str | None, region: str | None, address: str | None, scope: ScanScope, now: str
) -> TagView:
    """A tag, the tags that hold an address, or both; UsageError where there is no such tag or address."""
    if name is None and (address is None or region is not None):
        raise UsageError("there is nothing to show", help="name a service tag, or pass --ip ADDRESS")
    listed = _listed(scope, now)
    tag = None
    if name is not None:
        full = name if region is None else f"{name}.{region.replace(' ', '')}"
        tag = listed.tags.find(full)
        if tag is None:
            known = [each.name for each in listed.tags.tags.values()]
            raise UsageError(f"{listed.label}: there is no service tag {full}{did_you_mean(full, known)}")
    held = () if address is None else holding(listed.tags, address)
    if held is None:
        raise UsageError(f"--ip {address}: expected one IPv4 or IPv6 address")
    return TagView(listed, tag, address, held)


def compare_tags(
    old: Path, new: Path, names: Sequence[str], scope: ScanScope, listener: Listener, now: str
) -> TagListComparison:
    """What changed between two files of one cloud and, with a scope, which registries that touches."""
    before, after = (_of_file(path, now) for path in (old, new))
    if before.tags.cloud and after.tags.cloud and before.tags.cloud != after.tags.cloud:
        said = f"{old} holds the service tags of {before.tags.cloud}, {new} those of {after.tags.cloud}"
        raise UsageError(f"{said}; they cannot be compared", help="compare two files of one cloud")
    found = changes(before.tags, after.tags, names)
    for name in names:
        if not changes(before.tags, after.tags, [name]):
            known = {each.service for listed in (before, after) for each in listed.tags.tags.values()}
            raise UsageError(f"neither file has a service tag {name}{did_you_mean(name, known)}")
    came = any(change.ipv4.added or change.ipv6.added for change in found)
    in_use_from, known_of_it = _known(before, after, now, came=came)
    if scope.snapshot is None and not scope.live:
        return TagListComparison(before, after, found, None, (), in_use_from, known_of_it)
    inventory = run.collect_and_judge(_asked(scope, new), listener).inventory
    registries = affected_registries(inventory, before.tags, after.tags)
    return TagListComparison(before, after, found, registries, unseen(inventory), in_use_from, known_of_it)


def _asked(scope: ScanScope, tags: Path) -> ScanOptions:
    given = {name: getattr(scope, name) for name in ScanScope.__struct_fields__}
    known = load((), shipped=True).by_role
    return ScanOptions(**{**given, "service_tags": tags}, select=tuple(known[role].id for role in ROLES))


def _listed(scope: ScanScope, now: str) -> LabeledTags:
    """The tags of a scope, in this order: the file, the snapshot's, the API's, the cache's."""
    if scope.service_tags is not None:
        return _of_file(scope.service_tags, now)
    if scope.snapshot is not None or scope.live:
        scope.check()
    if scope.snapshot is not None:
        tags = read_snapshot(scope.snapshot, cloud=scope.cloud).service_tags
        if tags is None:
            raise FileError(f"{scope.snapshot}: holds no service tags", help=NO_TAGS)
        return _aged(str(scope.snapshot), tags, now)
    return _of_azure(scope, now)


def _of_azure(scope: ScanScope, now: str) -> LabeledTags:
    """The API's answer, if there is a scope; else, or where it fails, what the cache holds."""
    from scanner.sources.cloud import cloud_at

    memory = TagCache(cache_path(cloud_at(scope.cloud, scope.arm_endpoint)), scope.max_tag_age, now)
    failure = None
    if scope.live:
        from scanner.app.service_tags.fetch import read_from_azure

        found = read_from_azure(scope)
        if isinstance(found, ServiceTags):
            memory.after(found, lambda _: None)
            return _aged("the Discovery API", found, now)
        failure = found
    recalled, said = memory.recalled()
    if recalled is not None:
        return _aged("the cache of the Discovery API", recalled, now)
    if failure is not None:
        raise failure
    reasons = "".join(f" ({notice.reason})" for notice in said)
    raise UsageError(f"there are no service tags to look at{reasons}", help=NO_TAGS)


def _of_file(path: Path, now: str) -> LabeledTags:
    return _aged(str(path), read_service_tags(path), now)


def _aged(label: str, tags: ServiceTags, now: str) -> LabeledTags:
    since = tags.published or tags.fetched
    return LabeledTags(label, tags, None if since is None else age(since, now))


def _known(old: LabeledTags, new: LabeledTags, now: str, *, came: bool) -> tuple[str | None, tuple[str, ...]]:
    """From when what came may be in use, if that can be told; and what else is known, in sentences."""
    said = []
    in_use_from = _a_week_after(new.tags.published) if came and new.tags.feed != "api" else None
    if not came:
        said.append("No address came to these tags.")
    elif in_use_from is not None:
        days = -(age(in_use_from, now) or 0)
        several = f"{days} day{'' if days == 1 else 's'}"
        when = f"{several} from now" if days > 0 else "which has passed, so they may be in use"
        said.append(
            f"The newer file was published on {new.tags.published}; its new ranges are used a week later at "
            f"the earliest: not before {in_use_from}, {when}."
        )
    elif new.tags.feed == "api":
        said.append(
            "The newer list is of the Discovery API, which lags the weekly file by up to four weeks: "
            "its new ranges may be in use already."
        )
    else:
        said.append(
            "When the newer list was published is not known (a weekly file has its date in its name), "
            "so its new ranges may be in use already."
        )
    if {old.tags.feed, new.tags.feed} == {"weekly", "api"}:
        said.append("One list is the weekly file and one the API's: what differs may be the API's lag.")
    if old.dated is not None and new.dated is not None and old.dated[:10] > new.dated[:10]:
        said.append(f"The older list is of {old.dated}, after the newer of {new.dated}: were they swapped?")
    said.append("A list shows what came. Which ranges come next cannot be told from any list.")
    return in_use_from, tuple(said)


def _a_week_after(published: str | None) -> str | None:
    try:
        first = None if published is None else date.fromisoformat(published) + timedelta(days=LEAD_DAYS)
    except (ValueError, OverflowError):
        return None
    return None if first is None else first.isoformat()
