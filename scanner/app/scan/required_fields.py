"""What the selected policies look at: the types to collect, and the keys of rows to keep."""

from collections.abc import Iterable, Iterator, Mapping

from scanner.catalog.fields import resource_types
from scanner.catalog.relations import relations
from scanner.engine.fields.fields_read import FieldsRead, Names, fields_read_by
from scanner.policy.model import Policy, Term
from scanner.sources.rows.interning import FieldFilter

_ALWAYS = frozenset({"id", "type", "name", "location", "apiVersion", "source", "properties"})


def needed_types(policies: Iterable[Policy], terms: Mapping[str, Term]) -> frozenset[str]:
    """The lower-cased types that the policies judge, and those that their conditions come to."""
    return frozenset(kind for each in _judging(policies, terms) for kind in _types(each))


def needed_keys(policies: Iterable[Policy], terms: Mapping[str, Term]) -> FieldFilter:
    """The keys that the policies may read of a row, and those of the catalogue, which relations read."""
    asked = tuple(policies)
    reads = (*_judging(asked, terms), *_advising(asked))
    read = {names for each in reads for names in _fields(each)}
    for known in resource_types().values():
        read.update(_names(field) for field in known.fields)
    if ("properties",) in read:
        return FieldFilter(_ALWAYS | {names[0] for names in read})
    properties = {names[1] for names in read if names[0] == "properties"}
    return FieldFilter(_ALWAYS | {names[0] for names in read}, frozenset(properties))


def _judging(policies: Iterable[Policy], terms: Mapping[str, Term]) -> Iterator[FieldsRead]:
    """What each policy reads of a resource of each of its types to judge it, and to say so."""
    for policy in policies:
        conditions = [each for each in (policy.when, policy.require) if each is not None]
        for kind in policy.types:
            read = fields_read_by(conditions, kind, terms)
            for message in policy.messages.values():
                read.add_template(message)
            yield read


def _advising(policies: Iterable[Policy]) -> Iterator[FieldsRead]:
    """What the remedies of each policy name of a resource of each of its types."""
    for policy in policies:
        for kind in policy.types:
            read = FieldsRead(kind)
            for remedy in policy.remediation:
                for template in (remedy.text, *remedy.az):
                    read.add_template(template)
            yield read


def _types(read: FieldsRead) -> Iterator[str]:
    """The type itself, and those that relations lead to and look at."""
    yield read.type
    for name, to in read.relations.items():
        yield from relations()[read.type][name].asks
        yield from _types(to)


def _fields(read: FieldsRead) -> Iterator[Names]:
    yield from read.fields
    for to in read.relations.values():
        yield from _fields(to)


def _names(field: str) -> Names:
    """The first names of a path of the catalogue, up to a member of an array."""
    return tuple(segment.partition("[")[0] for segment in field.split("."))
