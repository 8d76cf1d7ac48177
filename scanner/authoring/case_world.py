"""The world of a case: rows from dotted paths, relations by name, service tags by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.authoring.case_fields import check
from scanner.catalog.fields import resource_types
from scanner.catalog.relations import relations
from scanner.engine.fields.lookup import Lookup, LookupPath, RowProfile
from scanner.engine.fields.tag_table import TagTable
from scanner.errors import Problem, did_you_mean
from scanner.model.inventory import Gap, Inventory
from scanner.model.resource import Answer, Related, Resource, Row, Source, Unseen
from scanner.network.service_tags import ServiceTags, parse_service_tags
from scanner.policy.model import Policy
from scanner.text.yaml import Document, DocumentPath

UNSEEN, ABSENT = "unseen", "absent"
"""Values of a case that stand for what could not be collected, and for a key that is not there."""
SCOPE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
NAMES = {"microsoft.containerregistry/registries": "contoso"}
"""What a resource is called where its case does not say."""

_RESERVED = frozenset({"name", "expect", "because", "parameters", "resource", "serviceTags"})


@dataclass(frozen=True, slots=True)
class CaseWorld:
    """The `World` of a case. A case's relations are shared by all its resources."""

    resource: Resource
    relations: Mapping[str, Related]
    tags: TagTable
    lookup: Lookup

    def look(self, resource: Resource, keys: LookupPath) -> Answer:
        """What the rows of the case say of a field."""
        return self.lookup.look(resource, keys)

    def shape(self, resource: Resource) -> RowProfile | None:
        """All that says what a missing field means."""
        return self.lookup.shape(resource)

    def related(self, resource: Resource, relation: str) -> Related:  # noqa: ARG002 - one answer for all
        """What the case names; what it does not name could not be seen."""
        return self.relations.get(relation) or Related(unseen=Unseen("the case does not name it"))


def world_of(
    policy: Policy,
    world: Mapping[str, Any],
    case: Mapping[str, Any],
    document: Document,
    place: DocumentPath,
    problems: list[Problem],
) -> CaseWorld | None:
    """The world with a case's changes laid over it; None and the problems noted where it cannot be made."""
    known = {name: relation.type for named in relations().values() for name, relation in named.items()}
    names = [name for name in {**world, **case} if name not in _RESERVED]
    unknown = [name for name in names if name not in known]
    for name in unknown:
        at = (*place, name) if name in case else ("world", name)
        meant = did_you_mean(name, {*known, *_RESERVED})
        problems.append(document.problem(at, f"there is no relation {name!r}{meant}"))
    if unknown:
        return None
    gaps: list[Gap] = []
    try:
        said = _row(world.get("resource"), case.get("resource"))
        resource = _resource(_kind(policy, said), "", said, gaps)
        related = {
            name: _related(known[name], name, _row(world.get(name), case.get(name)), gaps) for name in names
        }
    except ValueError as error:
        problems.append(document.problem(place, str(error)))
        return None
    try:
        tags = _tags(_laid(world.get("serviceTags"), case.get("serviceTags")))
    except ValueError as error:
        problems.append(document.problem((*place, "serviceTags"), str(error)))
        return None
    rows = [resource, *(target for one in related.values() for target in one.targets)]
    inventory = Inventory({row.key: row for row in rows}, gaps=tuple(gaps))
    return CaseWorld(resource, related, TagTable(tags, "Public"), Lookup(inventory))


def _kind(policy: Policy, said: Any) -> str:
    """The type of a case's resource: the policy's first, unless the case names another one of it."""
    kind = str((said or {}).get("type", policy.types[0])).lower()
    if kind not in policy.types:
        raise ValueError(f"type is one of {', '.join(policy.resources)}, not {said['type']!r}")
    return kind


def _laid(below: Any, above: Any) -> Any:
    """What the world says, with what the case says laid over it, key by key."""
    if above is None:
        return below
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **above}
    return above


def _row(below: Any, above: Any) -> Any:
    """The same for a row: an object that the case names takes the place of its members in the world."""
    if isinstance(below, dict) and isinstance(above, dict):
        taken = tuple(f"{path}." for path in above)
        below = {path: value for path, value in below.items() if not path.startswith(taken)}
    return _laid(below, above)


def _related(resource_type: str, name: str, said: Any, gaps: list[Gap]) -> Related:
    match said:
        case list():
            rows = [
                _resource(resource_type, f"{name}-{index}", each, gaps) for index, each in enumerate(said)
            ]
            return Related(tuple(rows))
        case dict():
            return Related((_resource(resource_type, name, said, gaps),))
        case _:
            return Related(unseen=Unseen("it could not be collected"))


def _resource(resource_type: str, name: str, said: Mapping[str, Any] | None, gaps: list[Gap]) -> Resource:
    """A resource of one row, an ARM row at the newest version unless it says otherwise."""
    fields = dict(said or {})
    version = fields.pop("apiVersion", resource_types()[resource_type].newest)
    source = fields.pop("source", Source.ARM.value)
    if source not in [each.value for each in Source]:
        known = " or ".join(each.value for each in Source)
        raise ValueError(f"source is {known}, not {source!r}")
    for key, value in {"apiVersion": version, "id": fields.get("id"), "name": fields.get("name")}.items():
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key} is a text, not {value!r}")
    called = fields.pop("name", None) or NAMES.get(resource_type) or name or "example"
    identifier = fields.pop("id", None) or _id(resource_type, called)
    body: dict[str, Any] = {"id": identifier, "name": called, "properties": {}}
    for path, value in _flat(fields):
        check(resource_type, path, value)
        if value == UNSEEN:
            gaps.append(Gap(f"{resource_type}/{path}", identifier.lower(), "it could not be collected"))
        elif value == ABSENT:
            _take(body, path.split("."))
        else:
            _put(body, path.split("."), value)
    return Resource(identifier.lower(), (Row(identifier, resource_type, body, Source(source), version),))


def _flat(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted paths and values, the shorter paths first, so that a member lands in its object."""
    yield from sorted(fields.items(), key=lambda item: item[0].count("."))


def _put(node: dict[str, Any], names: Sequence[str], value: Any) -> None:
    for name in names[:-1]:
        inner = node.get(name)
        node[name] = dict(inner) if isinstance(inner, dict) else {}
        node = node[name]
    node[names[-1]] = value


def _take(node: dict[str, Any], names: Sequence[str]) -> None:
    """Take a key away, from a copy of the object that held it."""
    for name in names[:-1]:
        if not isinstance(node.get(name), dict):
            return
        node[name] = dict(node[name])
        node = node[name]
    node.pop(names[-1], None)


def _id(resource_type: str, name: str) -> str:
    """An id of a type as ARM makes them; all children lie below one registry."""
    namespace, *kinds = resource_types()[resource_type].name.split("/")
    names = [*("contoso" for _ in kinds[:-1]), name]
    pairs = "/".join(f"{kind}/{each}" for kind, each in zip(kinds, names, strict=True))
    return f"{SCOPE}/providers/{namespace}/{pairs}"


def _tags(said: Any) -> ServiceTags | None:
    if said is None or said == UNSEEN:
        return None
    values = [{"name": name, "properties": {"addressPrefixes": prefixes}} for name, prefixes in said.items()]
    return parse_service_tags({"cloud": "Public", "values": values}, source="file", published=None)
