"""Trusted Microsoft services: whether they get past the firewall, and which of them need to."""

from collections.abc import Iterator, Mapping

from scanner.access.registry_query import RegistryQuery, because
from scanner.model.truth import Truth, all_of, any_of
from scanner.result.access import Entry

DEPENDANTS: Mapping[str, tuple[str, str]] = {
    "machineLearningWorkspaces": ("Machine Learning workspace", "Machine Learning workspaces"),
    "containerGroupsByIdentity": ("container group", "container groups"),
    "defenderRegistryScanning": ("Defender plan", "Defender plans"),
    "cacheRules": ("cache rule", "cache rules"),
}
"""The relations that show who needs a trusted service, and what people call one and many of them."""


def trusted_services(asking: RegistryQuery) -> Entry:
    """Whether trusted services get in: by the option, where no service endpoint is beside it."""
    anybody = asking.open()
    allowed, apart = asking.required("trusted-services"), asking.required("trusted-services-apart")
    truth = any_of([anybody.truth, all_of([allowed.truth, apart.truth])])
    option = because(allowed).removeprefix("properties.")
    if anybody.truth is Truth.TRUE:
        by = "the registry is open to the internet"
    elif allowed.truth is Truth.FALSE or apart.truth is Truth.TRUE:
        by = option
    elif apart.truth is Truth.FALSE:
        by = f"{option}, but that does not apply beside its service endpoints"
    else:
        by = f"{option}, which does not apply beside service endpoints, and those could not be seen"
    return Entry("trusted-services", "", truth, by, tuple(_users(asking)))


def _users(asking: RegistryQuery) -> Iterator[str]:
    """Who depends on it in the scanned scope, and whose dependence could not be seen."""
    known = False
    for relation, (one, many) in DEPENDANTS.items():
        related = asking.world.related(asking.registry, relation)
        for target in related.targets:
            known = True
            yield f"in use: {one} {target.name}"
        doubts = [*related.uncertain, *([] if related.unseen is None else [related.unseen])]
        if doubts:
            known = True
            yield f"in use? {many} could not all be seen ({doubts[0].reason})"
    if not known:
        yield "nothing in the scanned scope depends on it"
