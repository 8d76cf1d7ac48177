"""The networks of a network security group whose traffic no flow log records."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.relations.places import Place, places
from scanner.engine.relations.problems import problem, related_problems
from scanner.model.resource import Related, Resource, Unseen, Value, parent_key
from scanner.model.store import ResourceIndex

FLOW_LOGS = "microsoft.network/networkwatchers/flowlogs"


def networks_without_flow_log(facts: RelationQueries, group: Resource) -> Related:
    """The networks of a group's subnets and interfaces where no flow log that is on records their traffic.

    A flow log may be on the network, the subnet, the interface or the group.
    """
    by_target, doubts = facts.once("flow logs by target", lambda: _by_target(facts))
    unproven = facts.proven(group, FLOW_LOGS)
    lacking: defaultdict[str, list[tuple[str, Resource | None]]] = defaultdict(list)
    guarded, uncertain = places(facts, group)
    for place in guarded:
        logs = [log for target in _targets(place, group) for log in by_target(target)]
        switches = [facts.field(log, "properties.enabled") for log in logs]
        if any(isinstance(switch, Value) and switch.value is True for switch in switches):
            continue
        unsure = [log for log, switch in zip(logs, switches, strict=True) if not isinstance(switch, Value)]
        doubt = unproven or next(iter(doubts), None) or _unsure(unsure) or place.doubt
        if doubt is not None:
            uncertain.append(doubt)
        elif place.subnet is not None:
            lacking[parent_key(place.subnet)].append((place.subnet, next(iter(logs), None)))
    problems = [_problem(group, network, held) for network, held in sorted(lacking.items())]
    return related_problems(problems, uncertain)


def _targets(place: Place, group: Resource) -> Iterator[str]:
    """The lower-cased ids of all that a flow log may be on to record the traffic of a group there."""
    for each in (group.key, place.interface, place.subnet, place.network):
        if each is not None:
            yield each.lower()


def _unsure(logs: Sequence[Resource]) -> Unseen | None:
    """Why a flow log may be on, if some are of which nobody knows."""
    return Unseen(f"whether the flow log {logs[0].name} is on could not be seen") if logs else None


def _problem(group: Resource, network: str, lacking: Sequence[tuple[str, Resource | None]]) -> Resource:
    """A network with subnets that are not recorded, and the flow logs there that are off."""
    subnets = sorted({subnet.rsplit("/", 1)[-1] for subnet, _ in lacking})
    off = sorted({log.name for _, log in lacking if log is not None})
    which = f"{'subnet' if len(subnets) == 1 else 'subnets'} {', '.join(subnets)}"
    but = f"; {', '.join(off)} {'is' if len(off) == 1 else 'are'} off" if off else ""
    what = f"no flow log records its {which}, which {group.name} guards{but}"
    return problem(network, what, group.rows[0])


def _by_target(facts: RelationQueries) -> tuple[ResourceIndex, Sequence[Unseen]]:
    """The flow logs by the lower-cased id of what they record, and those of which it could not be seen."""
    doubts = list[Unseen]()

    def targets() -> Iterator[tuple[str, Resource]]:
        for log in facts.inventory.of_type(FLOW_LOGS):
            target = facts.field(log, "properties.targetResourceId")
            if isinstance(target, Unseen):
                doubts.append(Unseen(f"what the flow log {log.name} records could not be seen"))
            elif isinstance(target, Value):
                yield str(target.value).lower(), log

    return facts.inventory.index_by(targets()), doubts
