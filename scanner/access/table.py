"""The whole table, from the widest way in to the narrowest."""

from collections.abc import Iterator

from scanner.access.private import private_endpoints
from scanner.access.public import internet, ip_rules, subnets
from scanner.access.regions import regions, webhooks
from scanner.access.registry_query import RegistryQuery
from scanner.access.services import trusted_services
from scanner.access.tasks import quick_runs, tasks
from scanner.result.access import Entry


def entries(asking: RegistryQuery) -> Iterator[Entry]:
    """Every row."""
    yield internet(asking)
    yield from ip_rules(asking)
    yield from private_endpoints(asking)
    yield from subnets(asking)
    yield trusted_services(asking)
    yield from tasks(asking)
    yield quick_runs(asking)
    yield from regions(asking)
    yield from webhooks(asking)
