"""The networks of a network security group whose traffic no flow log records."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scanner.engine.facts import Facts, at, objects, text
from scanner.engine.problems import problem, related_problems
from scanner.model.resource import Related, Resource, Unseen, Value, parent_key
from scanner.model.store import Filed

FLOW_LOGS = "microsoft.network/networkwatchers/flowlogs"
NETWORKS = "microsoft.network/virtualnetworks"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a group filters traffic: a subnet, or an interface in a subnet that may not be known."""

    subnet: str | None
    """The id, as Azure spelt it."""
    interface: str | None = None

    def targets(self, group: Resource) -> Iterator[str]:
        """The lower-cased ids of all that a flow log may be on to record the traffic there."""
        yield group.key
        if self.interface is not None:
            yield self.interface.lower()
        if self.subnet is not None:
            yield self.subnet.lower()
            yield parent_key(self.subnet.lower())


def networks_without_flow_log(facts: Facts, group: Resource) -> Related:
    """The networks of a group's subnets and interfaces where no flow log that is on records their traffic.

    A flow log may be on the network, the subnet, the interface or the group.
    """
    by_target, doubts = facts.once("flow logs by target", lambda: _by_target(facts))
    unproven = facts.proven(group, FLOW_LOGS)
    lacking: defaultdict[str, list[tuple[str, Resource | None]]] = defaultdict(list)
    places, possible = _places(facts, group)
    for place in places:
        logs = [log for target in place.targets(group) for log in by_target(target)]
        switches = [facts.field(log, "properties.enabled") for log in logs]
        if any(isinstance(switch, Value) and switch.value is True for switch in switches):
            continue
        unsure = [log for log, switch in zip(logs, switches, strict=True) if not isinstance(switch, Value)]
        doubt = unproven or next(iter(doubts), None) or _doubt(place, unsure)
        if doubt is not None:
            possible.append(doubt)
        elif place.subnet is not None:
            lacking[parent_key(place.subnet)].append((place.subnet, next(iter(logs), None)))
    problems = [_problem(group, network, held) for network, held in sorted(lacking.items())]
    return related_problems(problems, possible)


def _doubt(place: _Place, unsure: Sequence[Resource]) -> Unseen | None:
    """Why a place may have a flow log after all."""
    if unsure:
        return Unseen(f"whether the flow log {unsure[0].name} is on could not be seen")
    if place.subnet is None:
        name = str(place.interface).rsplit("/", 1)[-1]
        return Unseen(f"the network of the interface {name} could not be seen")
    return None


def _problem(group: Resource, network: str, lacking: Sequence[tuple[str, Resource | None]]) -> Resource:
    """A network with subnets that are not recorded, and the flow logs there that are off."""
    subnets = sorted({subnet.rsplit("/", 1)[-1] for subnet, _ in lacking})
    off = sorted({log.name for _, log in lacking if log is not None})
    which = f"{'subnet' if len(subnets) == 1 else 'subnets'} {', '.join(subnets)}"
    but = f"; {', '.join(off)} {'is' if len(off) == 1 else 'are'} off" if off else ""
    what = f"no flow log records its {which}, which {group.name} guards{but}"
    return problem(network, what, group.rows[0])


def _by_target(facts: Facts) -> tuple[Filed, Sequence[Unseen]]:
    """The flow logs by the lower-cased id of what they record, and those of which it could not be seen."""
    doubts = list[Unseen]()

    def targets() -> Iterator[tuple[str, Resource]]:
        for log in facts.inventory.of_type(FLOW_LOGS):
            target = facts.field(log, "properties.targetResourceId")
            if isinstance(target, Unseen):
                doubts.append(Unseen(f"what the flow log {log.name} records could not be seen"))
            elif isinstance(target, Value):
                yield str(target.value).lower(), log

    return facts.inventory.filed(targets()), doubts


def _places(facts: Facts, group: Resource) -> tuple[list[_Place], list[Unseen]]:
    """Where a group filters traffic, and why there may be other places."""
    subnets = facts.field(group, "properties.subnets")
    interfaces = facts.field(group, "properties.networkInterfaces")
    places = [_Place(str(subnet.get("id"))) for subnet in objects(subnets)]
    ids = [str(interface.get("id")) for interface in objects(interfaces)]
    if ids:
        known: Mapping[str, str] = facts.once("subnets of interfaces", lambda: dict(_subnets(facts)))
        places += [_Place(known.get(each.lower()), each) for each in ids]
    return places, [each for each in (subnets, interfaces) if isinstance(each, Unseen)]


def _subnets(facts: Facts) -> Iterator[tuple[str, str]]:
    """The subnet of each interface in the collected networks, which list the IP configurations in them."""
    for network in facts.inventory.of_type(NETWORKS):
        for subnet in objects(facts.field(network, "properties.subnets")):
            for configuration in objects(Value(at(subnet, "properties").get("ipConfigurations"))):
                yield parent_key(text(configuration, "id")), str(subnet.get("id"))
