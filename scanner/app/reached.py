"""Who reaches each registry of a scan: the access tables of the HTML report."""

from collections.abc import Sequence

from scanner.app.asked import Asked
from scanner.app.gathering import Gathered
from scanner.app.judging import Narrowing
from scanner.engine.relations import InventoryWorld
from scanner.engine.scan import parts_of
from scanner.engine.tags import TagTable
from scanner.result.access import Access
from scanner.result.report import REGISTRIES


def accesses(seen: Gathered, asked: Asked) -> Sequence[Access]:
    """The access table of every registry that was judged, in the order of ids."""
    if not seen.inventory.of_type(REGISTRIES):  # where nothing was seen, no option names what is not there
        return []
    from scanner.app.explain import access_of  # noqa: PLC0415 - most scans show no table

    world = InventoryWorld(seen.inventory, TagTable(seen.tags, seen.inventory.cloud))
    registries = Narrowing(asked.resource_group, asked.registry).of(seen.inventory, (REGISTRIES,))
    found: list[Access] = []
    for some in parts_of(registries):
        some.fetch()
        found += [access_of(world, registry) for registry in some]
    return found
