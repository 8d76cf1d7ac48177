"""Service tags from the Discovery API: one list, whatever region is asked; all pages of it."""

from typing import Any

from scanner.errors import SourceError
from scanner.network.service_tags import ServiceTags, parse_service_tags
from scanner.sources.azure.arm import Arm

VERSION = "2024-05-01"
PAGES = 100


def discovered(arm: Arm, subscription: str, location: str) -> ServiceTags:
    """The tags of the cloud; the location is only a reference, every region's tags come back."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/serviceTags"
    path += f"?api-version={VERSION}"
    whole: dict[str, Any] = {}
    values: list[Any] = []
    for _ in range(PAGES):
        document = arm.send("GET", path).document
        whole = whole or dict(document)
        page, link = document.get("values"), document.get("nextLink")
        if not isinstance(page, list):
            raise SourceError("the service tag API answered without `values`")
        values += page
        if not link:
            try:
                return parse_service_tags(
                    {**whole, "values": values, "nextLink": ""}, source="api", published=None
                )
            except ValueError as error:
                raise SourceError(f"the service tag API answered what cannot be read: {error}") from error
        path = arm.next_path(link)
    raise SourceError(f"the service tag API answered more than {PAGES} pages")
