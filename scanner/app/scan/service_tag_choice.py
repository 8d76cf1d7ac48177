"""The weekly file and the Discovery API: which is used, and where their difference matters."""

from collections.abc import Sequence

from scanner.errors import SourceError
from scanner.model.inventory import Inventory
from scanner.network import ipv4
from scanner.network.service_tags import ServiceTags, Tag
from scanner.result.report import REGISTRIES, Notice

SERVICE = "AzureContainerRegistry"


def choose_tags(
    own: ServiceTags | None, discovered: ServiceTags | SourceError, recalled: ServiceTags | None
) -> ServiceTags | None:
    """The file that the user gave; else the API's answer; else what the cache recalled."""
    if own is not None:
        return own
    return discovered if isinstance(discovered, ServiceTags) else recalled


def notices(
    own: ServiceTags | None, discovered: ServiceTags | SourceError, inventory: Inventory
) -> Sequence[Notice]:
    """What to tell: that the API did not answer, or in which regions of registries the feeds differ."""
    if isinstance(discovered, SourceError):
        return [Notice("service-tag-api", "", str(discovered), discovered.help)]
    if own is None:
        return []
    regions = sorted({registry.location for registry in inventory.of_type(REGISTRIES) if registry.location})
    found = [_difference(region, own, discovered) for region in regions]
    return [notice for notice in found if notice is not None]


def _difference(region: str, own: ServiceTags, discovered: ServiceTags) -> Notice | None:
    name = f"{SERVICE}.{region}"
    ours, theirs = _space(own.find(name)), _space(discovered.find(name))
    if ours == theirs:
        return None
    only_file = ", ".join(ipv4.cidrs(ipv4.difference(ours, theirs))) or "nothing"
    only_api = ", ".join(ipv4.cidrs(ipv4.difference(theirs, ours))) or "nothing"
    reason = f"only in the file: {only_file}; only in the API: {only_api}; the file was used"
    help_ = "the file precedes use by a week, the API lags up to four; rules should cover both"
    return Notice("service-tag-feeds-differ", name, reason, help_)


def _space(tag: Tag | None) -> tuple[ipv4.Interval, ...]:
    """The addresses of a tag; none of one that a feed does not have."""
    return () if tag is None else tag.ipv4
