"""Who reaches each registry of a scan: the access tables of the HTML report."""

from collections.abc import Sequence

from scanner.app.options import ScanOptions
from scanner.app.scan.collect import Collected
from scanner.app.scan.resource_filter import ResourceFilter
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.result.access import Access
from scanner.result.report import REGISTRIES


def accesses(seen: Collected, asked: ScanOptions) -> Sequence[Access]:
    """The access table of every registry that was judged, in the order of ids."""
    if not seen.inventory.of_type(REGISTRIES):  # where nothing was seen, no option names what is not there
        return []
    from scanner.app.explain import access_of

    world = InventoryWorld(seen.inventory, TagTable(seen.tags, seen.inventory.cloud))
    registries = ResourceFilter(asked.resource_group, asked.registry).of(seen.inventory, (REGISTRIES,))
    return [access_of(world, registry) for registry in registries]
