"""Service tags: Azure's own names for its address ranges, from the weekly download or the Discovery API."""

import re
import socket
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from scanner.network import ipv4
from scanner.network.ipv4 import Interval

_API_TYPE = "microsoft.network/servicetags"
_INT64_DIGITS = 18
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_IPV6_LENGTHS = {"", *(f"/{length}" for length in range(129))}

_CLOUDS = {
    "Public": ("Public", "AzurePublic", "AzurePublicCloud", "AzureCloud"),
    "USGovernment": (
        "USGovernment",
        "AzureGovernment",
        "AzureUSGovernment",
        "AzureUSGovernmentCloud",
        "AzureGovernmentCloud",
    ),
    "China": ("China", "AzureChina", "AzureChinaCloud"),
    "Germany": ("Germany", "AzureGermany", "AzureGermanCloud", "AzureGermanyCloud"),
}
_CLOUD_OF = {spelling.lower(): cloud for cloud, spellings in _CLOUDS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Tag:
    """One service tag: its IPv4 addresses as a union, and its prefixes as listed, by family."""

    name: str
    ipv4: tuple[Interval, ...] = field(hash=False)
    prefixes: tuple[str, ...] = field(hash=False)
    ipv6: tuple[str, ...] = field(hash=False, default=())

    @property
    def service(self) -> str:
        """The name up to the first dot."""
        return self.name.partition(".")[0]

    @property
    def region(self) -> str | None:
        """The lower-cased name after the first dot, or None: the region where the tag is regional."""
        return self.name.partition(".")[2].lower() or None


@dataclass(frozen=True)
class ServiceTags:
    """The tags of one file or answer, by lower-cased name, in the order listed.

    `cloud` is a canonical name, empty where the document does not say; `published` the file's ISO date.
    Change numbers count separately in downloads and in the API, and may repeat or fall. `feed` is weekly,
    api, or empty where the document does not tell; `fetched` is when the API answered, if it was kept.
    """

    cloud: str
    change_number: str | None
    published: str | None
    source: str
    tags: Mapping[str, Tag]
    feed: str = field(default="", compare=False)
    fetched: str | None = field(default=None, compare=False)

    def find(self, name: str) -> Tag | None:
        """The tag of a name, whatever its case; the `region` attribute, spelt otherwise, is not asked."""
        return self.tags.get(name.lower())

    def regional(self, service: str) -> Sequence[Tag]:
        """The tags `<service>.<region>`, in the order listed."""
        return self._regional.get(service.lower(), ())

    @cached_property
    def _regional(self) -> Mapping[str, Sequence[Tag]]:
        groups: defaultdict[str, list[Tag]] = defaultdict(list)
        for tag in self.tags.values():
            if tag.region:
                groups[tag.service.lower()].append(tag)
        return {service: tuple(tags) for service, tags in groups.items()}


def normal_cloud(text: str) -> str:
    """A cloud's name as acr-scan writes it (Public, USGovernment, China, Germany); unknown text as it is."""
    return _CLOUD_OF.get(text.lower(), text)


def tag_of(name: str, prefixes: Iterable[str]) -> Tag:
    """The tag of these IPv4 and IPv6 prefixes; ValueError names the first that is neither."""
    listed, intervals, others = [], [], []
    for position, prefix in enumerate(prefixes):
        if interval := None if ":" in prefix else ipv4.parse(prefix):
            listed.append(prefix)
            intervals.append(interval)
        elif _is_ipv6(prefix):
            others.append(prefix)
        else:
            _refuse(f"addressPrefixes[{position}]", "an IPv4 or IPv6 prefix", prefix)
    return Tag(name, ipv4.union(intervals), tuple(listed), tuple(others))


def parse_service_tags(document: object, *, source: str, published: str | None) -> ServiceTags:
    """The tags of a decoded weekly download or Discovery API answer; ValueError says what is wrong where."""
    if not isinstance(document, dict):
        _refuse("the document", "an object with service tags in `values`", document)
    if not isinstance(document.get("values"), list):
        _refuse("values", "a list of service tags", document.get("values"), hint=_other_answer(document))
    if document.get("nextLink"):
        _refuse("nextLink", "nothing: a page is missing", document["nextLink"])
    cloud = document.get("cloud") or ""
    if not isinstance(cloud, str):
        _refuse("cloud", "a text", cloud)
    tags: dict[str, Tag] = {}
    for tag in _tags(document["values"]):
        if tags.setdefault(tag.name.lower(), tag) is not tag:
            raise ValueError(f"values[{len(tags)}] ({tag.name!r}): name: the tag is listed a second time")
    return ServiceTags(
        normal_cloud(cloud),
        _change_number(document),
        published,
        source,
        tags,
        _feed(document),
        _fetched(document),
    )


def weekly_dialect(tags: ServiceTags) -> dict[str, Any]:
    """The document that says the same in the weekly download's dialect."""
    document: dict[str, Any] = {"cloud": tags.cloud, "values": list(map(_weekly_value, tags.tags.values()))}
    if (number := tags.change_number) is not None:
        numeric = number.isascii() and number.isdigit() and len(number) <= _INT64_DIGITS
        document["changeNumber"] = int(number) if numeric else number
    told = {"feed": tags.feed, "fetched": tags.fetched}
    return document | {key: value for key, value in told.items() if value}


def _weekly_value(tag: Tag) -> dict[str, Any]:
    return {
        "name": tag.name,
        "id": tag.name,
        "properties": {
            "region": tag.region or "",
            "systemService": tag.service,
            "addressPrefixes": [*tag.prefixes, *tag.ipv6],
        },
    }


def _tags(values: list[Any]) -> Iterator[Tag]:
    for position, value in enumerate(values):
        where = f"values[{position}]"
        name = value.get("name") if isinstance(value, dict) else _refuse(where, "an object", value)
        if not isinstance(name, str) or not name:
            _refuse(f"{where}: name", "a tag's name", name)
        where = f"{where} ({name!r})"
        match value:
            case {"properties": {"addressPrefixes": list(prefixes)}}:
                pass
            case {"properties": dict(properties)}:
                _refuse(f"{where}: addressPrefixes", "a list of texts", properties.get("addressPrefixes"))
            case _:
                _refuse(f"{where}: properties", "an object", value.get("properties"))
        for index, prefix in enumerate(prefixes):
            if not isinstance(prefix, str):
                _refuse(f"{where}: addressPrefixes[{index}]", "a text", prefix)
        try:
            yield tag_of(name, prefixes)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None


def _is_ipv6(text: str) -> bool:
    address, slash, length = text.partition("/")
    if slash + length not in _IPV6_LENGTHS:
        return False
    try:
        socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return False
    return True


def _change_number(document: dict[Any, Any]) -> str | None:
    number = document.get("changeNumber")
    if number is None or number == "":
        return None
    if isinstance(number, bool) or not isinstance(number, int | str):
        _refuse("changeNumber", "a number", number)
    return str(number)


def _feed(document: dict[Any, Any]) -> str:
    """The feed of a document: as it was kept; else only the download says `platform`, only the API `type`."""
    match document:
        case {"feed": "weekly" | "api" as feed}:
            return str(feed)
        case {"type": str(kind)} if kind.lower() == _API_TYPE:
            return "api"
        case {"values": [{"properties": {"platform": _}}, *_]}:
            return "weekly"
        case _:
            return ""


def _fetched(document: dict[Any, Any]) -> str | None:
    fetched = document.get("fetched")
    if fetched is not None and not (isinstance(fetched, str) and _MOMENT.fullmatch(fetched)):
        _refuse("fetched", "a time such as 2026-11-21T05:00:00Z", fetched)
    return fetched


def _other_answer(document: dict[Any, Any]) -> str:
    if "error" in document:
        return " (this is an error that Azure answered)"
    if "data" in document or "value" in document:
        return " (this is an answer about other resources)"
    return ""


def _refuse(where: str, expected: str, found: object, *, hint: str = "") -> NoReturn:
    match found:
        case None:
            what = "nothing"
        case dict():
            what = "an object"
        case list():
            what = "a list"
        case str() if len(found) > 60:
            what = f"{found[:60]!r}…"
        case _:
            what = repr(found)
    raise ValueError(f"{where}: expected {expected}, found {what}{hint}")
