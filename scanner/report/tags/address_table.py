"""A service tag, or the tags that hold an address: for a terminal, and as JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec

from scanner.network import ipv4, ipv6
from scanner.network.service_tags import Tag
from scanner.network.tags.changes import ipv6_space
from scanner.network.tags.comparison import LabeledTags
from scanner.network.tags.view import TagView
from scanner.report.console.layout import Layout
from scanner.text.printable import printable, printable_json

FEEDS: Mapping[str, str] = {
    "weekly": "the weekly file",
    "api": "an answer of the Discovery API",
    "": "feed unknown",
}
"""What a feed is called."""


def render(view: TagView, *, width: int, color: bool) -> str:
    """What a reader asked for: the list it comes from, then the tag, then the tags that hold the address."""
    page = Layout(width, color)
    heading(page, "Service tags", view.listed)
    if view.tag is not None:
        _tag(page, view.tag)
    if view.address is not None:
        count = len(view.holding)
        page.heading(f"{count} tag{'' if count == 1 else 's'} hold{'s' if count == 1 else ''} {view.address}")
        for tag in view.holding:
            page.whole(printable(tag.name))
    return page.text()


def heading(page: Layout, what: str, listed: LabeledTags) -> None:
    """What a list is called, so that it can be copied, and what it is."""
    lead = f"{what}  "
    page.whole(printable(f"{lead}{listed.label}"))
    page.line((printable(described(listed)), "dim"), indent=len(lead))


def described(listed: LabeledTags) -> str:
    """A list in words: its cloud, feed, change number, date and age."""
    tags = listed.tags
    said = [tags.cloud or "cloud unknown", FEEDS[tags.feed]]
    said.append(f"change {tags.change_number or 'unknown'}")
    if listed.dated is None:
        said.append("date unknown")
    else:
        said.append(f"{'published' if tags.published else 'fetched'} {listed.dated}")
    if listed.days is not None:
        said.append(f"{listed.days:,} day{'' if listed.days == 1 else 's'} old")
    return ", ".join(said)


def as_json(view: TagView) -> str:
    """The same for machines; `tag` and `address` are null where they were not asked for."""
    document = {
        "format": 1,
        "serviceTags": source(view.listed),
        "tag": None if view.tag is None else _document(view.tag),
        "address": None
        if view.address is None
        else {"address": view.address, "tags": [tag.name for tag in view.holding]},
    }
    return encoded(document)


def source(listed: LabeledTags) -> dict[str, Any]:
    """A list's provenance, as JSON says it."""
    tags = listed.tags
    return {
        "label": listed.label,
        "cloud": tags.cloud,
        "feed": tags.feed or None,
        "changeNumber": tags.change_number,
        "published": tags.published,
        "fetched": tags.fetched,
        "ageDays": listed.days,
        "source": tags.source,
        "tags": len(tags.tags),
    }


def encoded(document: Mapping[str, Any]) -> str:
    """A document as harmless, indented JSON."""
    return f"{msgspec.json.format(printable_json(msgspec.json.encode(document).decode()), indent=1)}\n"


def _tag(page: Layout, tag: Tag) -> None:
    page.heading(printable(tag.name))
    if not (tag.prefixes or tag.ipv6):
        page.line(("the tag is empty: nothing can be compared with it", "yellow"))
        return
    six = len(ipv6.cidrs(ipv6_space(tag)))
    four = f"{_prefixes(len(tag.prefixes))}, {len(ipv4.cidrs(tag.ipv4))} after merging neighbours"
    page.line((f"{four}, {ipv4.size(tag.ipv4):,} addresses", ""), lead=("IPv4  ", "bold"))
    for prefix in tag.prefixes:
        page.whole(printable(prefix), indent=6)
    said = f"{_prefixes(len(tag.ipv6))}, {six} after merging neighbours; a registry's IP rules take IPv4 only"
    page.line((said, ""), lead=("IPv6  ", "bold"))
    for prefix in tag.ipv6:
        page.whole(printable(prefix), indent=6)


def _prefixes(count: int) -> str:
    return f"{count} prefix{'' if count == 1 else 'es'}"


def _document(tag: Tag) -> dict[str, Any]:
    return {
        "name": tag.name,
        "region": tag.region,
        "ipv4": {
            "prefixes": list(tag.prefixes),
            "merged": list(ipv4.cidrs(tag.ipv4)),
            "addresses": ipv4.size(tag.ipv4),
        },
        "ipv6": {"prefixes": list(tag.ipv6), "merged": list(ipv6.cidrs(ipv6_space(tag)))},
    }
