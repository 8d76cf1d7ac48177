"""`nsgAllows`: a network security group's rules against traffic; without its own rules it has Azure's."""

from dataclasses import dataclass

from scanner.engine.compile.condition import UNKNOWN, CompiledCondition, Grounds, Subject, to_code
from scanner.engine.compile.facts import (
    found_fact,
    origin,
    reads_of,
    unknown_operand,
    unseen_fact,
    wrong_type,
)
from scanner.engine.compile.fields import FieldReader
from scanner.engine.compile.operand import Operand
from scanner.engine.language.world import World
from scanner.engine.traffic.nsg import Flow, decide
from scanner.model.resource import Resource, Unseen, Value
from scanner.model.truth import Truth
from scanner.result.finding import Evidence, EvidenceFact


@dataclass(frozen=True, slots=True)
class TrafficComparison(CompiledCondition[Subject]):
    """Whether the rules let all of a flow through."""

    world: World
    reader: FieldReader[Subject]
    direction: str
    peer: Operand
    port: int

    def truth(self, subject: Subject, root: Resource) -> int:
        answer = self.reader.read(subject, root).answer
        peer = self.peer.value(root)
        if isinstance(answer, Unseen) or not isinstance(peer, Value):
            return UNKNOWN
        rules = answer.value if isinstance(answer, Value) else []
        if not isinstance(rules, list):
            return UNKNOWN
        return to_code(decide(rules, self._flow(peer), self.world.tags).truth)

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        reading, resource = self.reader.read(subject, root), subject.id
        answer, peer = reading.answer, self.peer.value(root)
        if isinstance(answer, Unseen):
            expected = str(self._flow(peer)) if isinstance(peer, Value) else None
            unseen = unseen_fact(reading.field, "nsgAllows", expected, answer)
            return Grounds(UNKNOWN, (Evidence(unseen, resource, None, reads_of(answer)),))
        if not isinstance(peer, Value):
            doubt = peer if isinstance(peer, Unseen) else Unseen("the other end is not known")
            rules_there = found_fact(
                reading.field, "nsgAllows", None, Value("rules", answer.row), Truth.UNKNOWN
            )
            fact = unknown_operand(rules_there, doubt)
            return Grounds(UNKNOWN, (Evidence(fact, resource, None, reads_of(doubt)),))
        flow = self._flow(peer)
        rules = answer.value if isinstance(answer, Value) else []
        if not isinstance(rules, list):
            fact = wrong_type(found_fact(reading.field, "nsgAllows", str(flow), answer, Truth.UNKNOWN))
            return Grounds(UNKNOWN, (Evidence(fact, resource),))
        found = decide(rules, flow, self.world.tags)
        source, version = origin(answer.row)
        fact = EvidenceFact(
            reading.field,
            "nsgAllows",
            found.text(flow),
            found.truth,
            str(flow),
            found.rule,
            source=source,
            api_version=version,
            reason=f"{found.rule} cannot be compared with it" if found.truth is Truth.UNKNOWN else None,
        )
        return Grounds(to_code(found.truth), (Evidence(fact, resource),))

    def _flow(self, peer: Value) -> Flow:
        return Flow(self.direction, str(peer.value), self.port)
