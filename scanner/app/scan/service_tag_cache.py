"""The memory of a live scan: the API's tags are kept, and serve again where the API does not answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scanner.errors import FileError, SourceError, os_reason
from scanner.network.service_tags import ServiceTags
from scanner.result.report import Notice
from scanner.sources.files.tag_cache import as_file, cached
from scanner.text.writer import write_whole

KIND = "service-tag-cache"
HELP = "pass the week's file with --service-tags, or let an older cache pass with --max-tag-age DAYS"


@dataclass(frozen=True, slots=True)
class TagCache:
    """The cache file of a cloud, how many whole days old it may be, and the time of the scan (RFC 3339)."""

    path: Path
    most_days: int
    now: str

    def after(
        self, discovered: ServiceTags | SourceError, tell: Callable[[str], None]
    ) -> tuple[ServiceTags | None, Sequence[Notice]]:
        """Keeps what the API answered; or, where it did not, what is kept, and what to say of it."""
        if isinstance(discovered, SourceError):
            return self.recalled()
        try:
            self.keep(discovered)
        except FileError as error:
            tell(f"the service tags were not cached: {error}")
        return None, ()

    def keep(self, tags: ServiceTags) -> None:
        """Keep an answer that has tags, whole or not at all; FileError where that cannot be."""
        if not tags.tags:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"{self.path.parent}: {os_reason(error)}") from error
        write_whole(self.path, [as_file(tags, self.now)])

    def recalled(self) -> tuple[ServiceTags | None, Sequence[Notice]]:
        """The cached tags, if they can be used and are young enough, and what to say of them."""
        try:
            tags = cached(self.path)
        except FileError as error:
            return None, [Notice(KIND, "", f"the cache was ignored: {error}", HELP)]
        if tags is None or tags.fetched is None:
            return None, ()
        days = age(tags.fetched, self.now) or 0
        said = f"the cache holds what the API answered on {tags.fetched}, {days_old(days)}"
        if days < 0:
            return None, [Notice(KIND, "", f"{said}; it was ignored, as a clock is wrong", HELP)]
        if days > self.most_days:
            most = f"--max-tag-age is {self.most_days}"
            return None, [Notice(KIND, "", f"{said}; it was ignored, as {most}", HELP)]
        return tags, [Notice(KIND, "", f"{said}; it was used", HELP)]


def age(since: str, now: str) -> int | None:
    """The whole days from one ISO date or time to another; None where one is no date."""
    try:
        return (_moment(now) - _moment(since)).days
    except ValueError:
        return None


def days_old(days: int) -> str:
    """An age in words."""
    if days < 0:
        return "in the future"
    return "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} ago"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
