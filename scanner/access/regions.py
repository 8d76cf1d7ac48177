"""The regions of a registry: where its layers come from, and where its webhooks speak from."""

from collections.abc import Iterator, Sequence

from scanner.access.registry_query import SERVICE, RegistryQuery
from scanner.catalog.limits import BLOBS
from scanner.engine.relations.layer_storage import dedicated
from scanner.model.resource import Resource, Unseen, Value
from scanner.model.truth import Truth
from scanner.result.access import Entry


def regions(asking: RegistryQuery) -> Iterator[Entry]:
    """The home region, which no list of replicas needs to name, then each replica."""
    registry = asking.registry
    replicas = asking.world.related(registry, "replications")
    by, evidence = _layers(asking, registry.location)
    yield Entry("home-region", registry.location or "could not be seen", None, by, evidence)
    for replica in replicas.targets:
        if replica.location is None or replica.location != registry.location:
            by, evidence = _layers(asking, replica.location)
            yield Entry("replica", replica.location or replica.name, None, by, evidence, (), replica.id)
    if replicas.unseen is not None:
        others = "others" if replicas.targets else "whether there are any"
        by = f"{others} could not be seen ({replicas.unseen.reason})"
        yield Entry("replica", "", Truth.UNKNOWN, by)


def webhooks(asking: RegistryQuery) -> Iterator[Entry]:
    """Each webhook, and the service tag that its receiver must admit: that of the webhook's own region."""
    related = asking.world.related(asking.registry, "webhooks")
    for webhook in related.targets:
        by, evidence = _receiver(asking, webhook)
        yield Entry("webhook", webhook.name, None, by, tuple(evidence), (), webhook.id)
    if related.unseen is not None:
        others = "others" if related.targets else "whether there are any"
        yield Entry("webhook", "", Truth.UNKNOWN, f"{others} could not be seen ({related.unseen.reason})")


def _layers(asking: RegistryQuery, region: str | None) -> tuple[str, tuple[str, ...]]:
    """Where the layers of a region come from."""
    match dedicated(asking.world, asking.registry):
        case Truth.FALSE:
            cloud = asking.world.inventory.cloud
            blobs = BLOBS.get(cloud, "the storage accounts of its region")
            return f"layers come from {blobs}", ("it has no data endpoints",)
        case Truth.UNKNOWN:
            return "where layers come from could not be seen", ("whether it has data endpoints is not known",)
        case Truth.TRUE:
            host = _host(asking, region)
            if isinstance(host, Unseen):
                return f"the name of its data endpoint could not be seen ({host.reason})", ()
            return f"layers come from {host}", ()


def _host(asking: RegistryQuery, region: str | None) -> str | Unseen:
    """The data endpoint of a region: as the registry lists it, else after the form of its login server."""
    if region is None:
        return Unseen("its region is not known")
    listed = next((host for host in _listed(asking) if host.lower().split(".")[1:2] == [region]), None)
    if listed is not None:
        return listed
    server = asking.world.field(asking.registry, "properties.loginServer")
    if not isinstance(server, Value):
        return Unseen("nor could the login server")
    label, _, domain = str(server.value).lower().partition(".")
    return f"{label}.{region}.data.{domain}"


def _listed(asking: RegistryQuery) -> Sequence[str]:
    hosts = asking.world.field(asking.registry, "properties.dataEndpointHostNames")
    names = hosts.value if isinstance(hosts, Value) and isinstance(hosts.value, list) else []
    return [name for name in names if isinstance(name, str)]


def _receiver(asking: RegistryQuery, webhook: Resource) -> tuple[str, Iterator[str]]:
    region = webhook.location
    if region is None:
        return "its region could not be seen, and with it the tag that its receiver must admit", iter(())
    tag = asking.world.tags.find(f"{SERVICE}.{region}")
    name = f"{SERVICE}.{region}" if isinstance(tag, Unseen) else tag.name
    size = () if isinstance(tag, Unseen) else (f"IPv4 prefixes of the tag: {len(tag.prefixes)}",)
    missing = (tag.reason,) if isinstance(tag, Unseen) else ()
    return f"its receiver must admit {name}", iter((*size, *missing, *_silent(asking, webhook, region)))


def _silent(asking: RegistryQuery, webhook: Resource, region: str) -> Iterator[str]:
    """Why a webhook says nothing: it is disabled, or its region has no replica."""
    match asking.world.field(webhook, "properties.status"):
        case Value(str(status)) if status.lower() == "disabled":
            yield "disabled, so it sends nothing"
    replicas = asking.world.related(asking.registry, "replications")
    here = {asking.registry.location, *(replica.location for replica in replicas.targets)}
    if replicas.unseen is None and None not in here and region not in here:
        yield f"no replica of the registry is in {region}, so it sends nothing"
