"""The prefix operators: IPv4 rules against service tags. A registry firewall takes no IPv6."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scanner.engine.fields.tag_table import HELP, TagTable
from scanner.model.resource import Absent, Answer, Unseen, Value, normal_location
from scanner.model.truth import Truth, truth_of
from scanner.network import ipv4
from scanner.network.coverage import coverage, inside, overlapping
from scanner.network.service_tags import Tag

_Thing = TypeVar("_Thing")

SHOWN = 8
"""How many prefixes a text lists; `missing` and `excess` hold all."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing rules with a tag; `missing` and `excess` are exact."""

    truth: Truth
    text: str
    missing: tuple[str, ...] | None = None
    excess: tuple[str, ...] | None = None
    unseen: Unseen | None = None


def covers(table: TagTable, rules: Sequence[str], name: str, _: str | None) -> Compared:
    """The rules cover every IPv4 prefix of the tag."""
    tag = table.find(name)
    if isinstance(tag, Unseen):
        return _unknown(tag)
    found = coverage(rules, tag)
    text = f"covers {found.covered} of {found.prefixes} IPv4 prefixes of {name}"
    if found.missing:
        text += f"; missing {listed(found.missing)}"
    return Compared(truth_of(not found.missing), text, found.missing, found.excess)


def overlaps(table: TagTable, rules: Sequence[str], name: str, _: str | None) -> Compared:
    """Some rule shares an address with the tag."""
    if not any(map(ipv4.parse, rules)):
        return Compared(Truth.FALSE, f"has no rule that overlaps {name}")
    tag = table.find(name)
    if isinstance(tag, Unseen):
        return _unknown(tag)
    return _some(overlapping(rules, tag), "overlaps", name)


def lies_inside(table: TagTable, rules: Sequence[str], name: str, except_region: str | None) -> Compared:
    """Some rule lies wholly inside the tag, or inside the tags of all regions but one."""
    where = name if except_region is None else f"{name} of a region other than {except_region}"
    if not any(map(ipv4.parse, rules)):
        return Compared(Truth.FALSE, f"has no rule inside {where}")
    tags = _tags(table, name, except_region)
    if isinstance(tags, Unseen):
        return _unknown(tags)
    found = inside(rules, tags)
    hollow = None if found else next((tag for tag in tags if not tag.ipv4 and not tag.ipv6), None)
    if hollow is not None:
        return _unknown(Unseen(f"the service tag {hollow.name} has no prefix", HELP))
    return _some(found, "lies inside", where)


def _tags(table: TagTable, name: str, except_region: str | None) -> Sequence[Tag] | Unseen:
    if except_region is not None:
        return table.elsewhere(name, normal_location(except_region))
    tag = table.find(name)
    return tag if isinstance(tag, Unseen) else [tag]


def _some(found: tuple[str, ...], verb: str, where: str) -> Compared:
    if not found:
        return Compared(Truth.FALSE, f"has no rule that {verb} {where}", excess=())
    return Compared(Truth.TRUE, f"has {listed(found)}, which {verb} {where}", excess=found)


def _unknown(unseen: Unseen) -> Compared:
    return Compared(Truth.UNKNOWN, f"cannot be compared ({unseen.reason})", unseen=unseen)


def listed(things: Sequence[_Thing], name: Callable[[_Thing], str] = str) -> str:
    """Prefixes or other things in a sentence: the first few, and how many more."""
    more = len(things) - SHOWN
    shown = ", ".join(map(name, things[:SHOWN]))
    return f"{shown} and {more} more" if more > 0 else shown


def compare(
    operator: str, table: TagTable, rules: Sequence[str], name: Answer, region: Answer | None
) -> Compared:
    """What a prefix operator says of rules; UNKNOWN where the tag's name is not known."""
    for answer in (name, region):
        match answer:
            case Absent():
                return _unknown(Unseen("the name of the service tag is not known"))
            case Unseen():
                return _unknown(answer)
    tag = str(name.value) if isinstance(name, Value) else ""
    except_region = str(region.value) if isinstance(region, Value) else None
    return table.once(
        (operator, tag, except_region, tuple(rules)),
        lambda: PREFIX_OPERATORS[operator](table, rules, tag, except_region),
    )


PREFIX_OPERATORS: Mapping[str, Callable[[TagTable, Sequence[str], str, str | None], Compared]] = {
    "coversServiceTag": covers,
    "overlapsServiceTag": overlaps,
    "insideServiceTag": lies_inside,
}
