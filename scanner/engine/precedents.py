"""What a policy has judged so far: where the same is read of another resource, the same holds of it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scanner.engine.cards import Cards
from scanner.engine.compiled_fields import NO
from scanner.engine.compiled_policy import NOT_APPLICABLE, CompiledPolicy
from scanner.engine.footprint import Read, Reader, footprint_of, identities, reader_of
from scanner.engine.placed import Placed, placed
from scanner.model.resource import Resource
from scanner.result.finding import Account, Ruling

_NOBODY = Read([])
_NEW: Any = object()
_KEPT = 1024
"""How many precedents of a policy are kept: more are what nothing else is like."""


@dataclass(slots=True, eq=False)
class Precedent:
    """A ruling, and what its accounts rest on once one was made."""

    among: "Precedents"
    ruling: Ruling
    cited: bool = False
    """Whether it held for another resource too."""
    grounds: tuple[Placed, ...] | None = None
    alone: bool = False
    """Whether these stand on the resource itself, whoever else was read."""

    def account(self, resource: Resource) -> Account:
        """The account of a resource."""
        (verdict, ways, _, _), compiled = self.ruling, self.among.compiled
        if self.grounds is not None:
            read = (resource,) if self.alone else self._read(resource)
            evidence = tuple([each.on(read) for each in self.grounds])
        else:
            evidence = compiled.evidence(resource, verdict)
            if self.cited:
                self.grounds = placed(evidence, self._read(resource))
                self.alone = self.grounds is not None and all(each.alone for each in self.grounds)
        return compiled.account(resource, verdict, ways, evidence)

    def _read(self, resource: Resource) -> Sequence[Resource]:
        return self.among.read(resource, whole=self.ruling is not NOT_APPLICABLE)


_Kept = TypeVar("_Kept", Precedent, Precedent | None)


@dataclass(slots=True)
class Precedents:
    """The precedents of a policy on a type, by what was read: first by `when` alone, then by all."""

    compiled: CompiledPolicy
    alone: bool
    """Whether the policy reads nobody but the resource itself."""
    reads_when: Reader
    reads_require: Reader
    _known: dict[Hashable, Precedent | None] = field(default_factory=dict)
    """None stands for what applies, or may: the rest has to be read."""

    @classmethod
    def of(cls, compiled: CompiledPolicy, resource_type: str, cards: Cards) -> "Precedents":
        """None so far."""
        policy, terms = compiled.policy, compiled.evaluator.terms
        when = footprint_of(() if policy.when is None else (policy.when,), resource_type, terms)
        require = footprint_of((policy.require,), resource_type, terms)
        alone = not when.relations and not require.relations
        return cls(compiled, alone, reader_of(when, cards), reader_of(require, cards))

    def on(self, resource: Resource) -> Precedent:
        """What holds of a resource."""
        return self._found(resource, _NOBODY if self.alone else Read([resource]))

    def read(self, resource: Resource, *, whole: bool) -> Sequence[Resource]:
        """Those that are read for a resource, which comes first: by `when`, and by `require` if `whole`."""
        read = Read([resource])
        if not self.alone:
            self.reads_when(resource, read)
            if whole:
                self.reads_require(resource, read)
        return read.resources

    def _found(self, resource: Resource, read: Read) -> Precedent:
        key = self.reads_when(resource, read)
        if key is None:
            return self._new(resource)
        if read.free:
            key = key, identities(read.resources)
        found: Precedent | None = self._known.get(key, _NEW)
        if found is _NEW:
            outside = self.compiled.when is not None and self.compiled.applies(resource) == NO
            found = self._keep(key, Precedent(self, NOT_APPLICABLE) if outside else None)
        elif found is not None:
            found.cited = True
        return self._whole(resource, key, read) if found is None else found

    def _whole(self, resource: Resource, key: Hashable, read: Read) -> Precedent:
        """What holds of a resource to which the policy applies, or may."""
        required = self.reads_require(resource, read)
        if required is None:
            return self._new(resource)
        whole = (key, required, identities(read.resources)) if read.free else (key, required)
        found = self._known.get(whole)
        if found is None:
            return self._keep(whole, self._new(resource))
        found.cited = True
        return found

    def _new(self, resource: Resource) -> Precedent:
        return Precedent(self, self.compiled.ruling(resource))

    def _keep(self, key: Hashable, found: _Kept) -> _Kept:
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[key] = found
        return found
