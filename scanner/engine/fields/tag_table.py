"""Service tags by name, and why one cannot be compared with."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scanner.model.resource import Unseen
from scanner.network.service_tags import ServiceTags, Tag, normal_cloud

HELP = (
    "download the week's file and pass it with --service-tags: "
    "https://www.microsoft.com/download/details.aspx?id=56519"
)


_Found = TypeVar("_Found")
_REMEMBERED = 1024
"""How many comparisons are kept."""


@dataclass(frozen=True, slots=True)
class TagTable:
    """The tags of one file or answer, as a cloud's registries may use them; None where there are none."""

    tags: ServiceTags | None
    cloud: str
    _compared: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, place: Hashable, compare: Callable[[], _Found]) -> _Found:
        """What came of comparing something with the tags: policies, and resources, ask the same again."""
        if place not in self._compared:
            if len(self._compared) >= _REMEMBERED:
                self._compared.clear()
            self._compared[place] = compare()
        found: _Found = self._compared[place]
        return found

    def find(self, name: str) -> Tag | Unseen:
        """The tag of a name; Unseen where it is unknown, vanished, without IPv4, or another cloud's."""
        usable = self.usable()
        if isinstance(usable, Unseen):
            return usable
        tag = usable.find(name)
        if tag is None:
            return Unseen(f"the service tags have no {name}", HELP)
        return tag if tag.ipv4 else Unseen(f"the service tag {name} has no IPv4 prefix", HELP)

    def elsewhere(self, service: str, region: str) -> Sequence[Tag] | Unseen:
        """The regional tags of a service but that of one region; Unseen where none has an IPv4 prefix."""
        usable = self.usable()
        if isinstance(usable, Unseen):
            return usable
        regional = usable.regional(service)
        if not regional:
            return Unseen(f"the service tags have no regional {service}", HELP)
        others = [tag for tag in regional if tag.region != region]
        if not any(tag.ipv4 for tag in others):
            return Unseen(f"no {service} of a region other than {region} has an IPv4 prefix", HELP)
        return others

    def usable(self) -> ServiceTags | Unseen:
        """All tags; Unseen where there are none, or they are those of another cloud."""
        if self.tags is None:
            return Unseen("no service tags are at hand", HELP)
        if self.tags.cloud and self.tags.cloud != normal_cloud(self.cloud):
            return Unseen(
                f"the service tags are those of the cloud {self.tags.cloud}, not {self.cloud}", HELP
            )
        return self.tags
