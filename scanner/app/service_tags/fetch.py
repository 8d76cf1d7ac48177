"""`acr-scan tags fetch`: the Discovery API's service tags into a file, with the older ones beside it."""

import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.app.options import ScanScope
from scanner.app.scan.live_collection import REGIONS
from scanner.app.scan.service_tag_cache import TagCache
from scanner.errors import FileError, SourceError, UsageError, os_reason
from scanner.network.service_tags import ServiceTags
from scanner.sources.azure.arm import Arm
from scanner.sources.azure.discovery import discovered
from scanner.sources.azure.subscriptions import SubscriptionRequest as Subscriptions
from scanner.sources.azure.subscriptions import find_readable
from scanner.sources.azure.throttle import Throttle
from scanner.sources.cloud import cloud_at
from scanner.sources.files.service_tags import read_service_tags
from scanner.sources.files.tag_cache import as_file, cache_path
from scanner.sources.progress import Silent
from scanner.text.writer import STDOUT, check_writable, write_whole

MOST_NAMED = 5
_LOSS = "if that is right, pass --accept-loss; the file that is there was left as it is"


@dataclass(frozen=True, slots=True)
class FetchedTags:
    """What was written where, what was there before, and which older files were deleted."""

    path: Path
    tags: ServiceTags
    before: Path | None
    deleted: tuple[Path, ...]


def read_from_azure(scope: ScanScope) -> ServiceTags | SourceError:
    """The Discovery API's tags by way of a scope's first subscription, or why they cannot be had."""
    try:
        arm = Arm(cloud_at(scope.cloud, scope.arm_endpoint), scope.auth, Throttle(Silent()))
        asked = Subscriptions(tuple(scope.subscription), scope.management_group)
        return discovered(arm, find_readable(arm, asked).subscriptions[0], REGIONS[arm.cloud.name])
    except SourceError as error:
        return error


def fetch_tags(path: Path, scope: ScanScope, *, keep: int, accept_loss: bool, now: str) -> FetchedTags:
    """Writes the API's tags to a file, whole or not at all; `keep` older ones stay beside it.

    SourceError, and nothing written, where the answer lost what the file has, or the API does not answer.
    """
    if len(scope.subscription) != 1:
        raise UsageError("tags fetch needs one --subscription: any one that can be read has all tags")
    if path == STDOUT:
        raise UsageError("tags fetch writes a file: it keeps the older ones beside it")
    check_writable(path)
    older = read_service_tags(path) if path.exists() else None
    found = read_from_azure(scope)
    if isinstance(found, SourceError):
        raise found
    if not found.tags:
        raise SourceError("the service tag API answered no tag at all")
    if older is not None:
        _check(path, older, found, accept_loss=accept_loss)
    before = None if older is None else _kept(path, older)
    write_whole(path, [as_file(found, now)])
    TagCache(cache_path(cloud_at(scope.cloud, scope.arm_endpoint)), 0, now).after(found, lambda _: None)
    return FetchedTags(path, found, before, tuple(_pruned(path, keep)))


def _check(path: Path, old: ServiceTags, new: ServiceTags, *, accept_loss: bool) -> None:
    """Refuses an answer that would lose what the file has."""
    if old.cloud and new.cloud and old.cloud != new.cloud:
        raise FileError(f"{path}: holds the service tags of {old.cloud}, and the API answered {new.cloud}'s")
    if accept_loss:
        return
    lost = [tag.name for tag in old.tags.values() if _size(tag.name, old) and not _size(tag.name, new)]
    if lost:
        more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
        names = ", ".join(lost[:MOST_NAMED]) + more
        raise SourceError(f"the API's answer lacks what {path} has: {names}", help=_LOSS)
    had, has = (sum(_size(name, tags) for name in tags.tags) for tags in (old, new))
    if has * 2 < had:
        said = f"the API's answer has {has:,} prefixes, and {path} has {had:,}"
        raise SourceError(said, help=_LOSS)


def _size(name: str, tags: ServiceTags) -> int:
    tag = tags.find(name)
    return 0 if tag is None else len(tag.prefixes) + len(tag.ipv6)


def _kept(path: Path, older: ServiceTags) -> Path:
    """A copy of the older file beside it, named by its date."""
    stamp = (older.fetched or older.published or "undated").replace(":", "").replace("-", "")
    target = path.with_name(f"{path.stem}.{stamp}{path.suffix}")
    aside = path.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        shutil.copyfile(path, aside)
        aside.replace(target)
    except OSError as error:
        raise FileError(f"{target}: cannot be written: {os_reason(error)}") from error
    finally:
        aside.unlink(missing_ok=True)
    return target


def _pruned(path: Path, keep: int) -> Sequence[Path]:
    """Deletes all but the newest older files; an undated one is the oldest."""
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    ours = re.compile(rf"{stem}\.(undated|\d{{8}}(T\d{{6}}Z)?){suffix}", re.ASCII)
    names = [each for each in path.parent.iterdir() if ours.fullmatch(each.name)]
    names.sort(key=lambda each: ("undated" not in each.name, each.name))
    gone = names[: max(0, len(names) - keep)]
    for each in gone:
        each.unlink(missing_ok=True)
    return gone
