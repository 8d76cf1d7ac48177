"""The flow logs that see a network security group's traffic."""

from collections.abc import Iterator, Sequence

from scanner.engine.fields.relation_queries import Facts, objects, text
from scanner.model.resource import Related, Resource, Unseen, Value, parent_key
from scanner.model.store import Filed

FLOW_LOGS = "microsoft.network/networkwatchers/flowlogs"


def flow_logs(facts: Facts, group: Resource) -> Related:
    """The flow logs on a group, on its subnets and on their networks.

    Resource Graph is not known to show flow logs, so none of them at all proves nothing, unless all
    types are vouched for (`--assume-complete`).
    """
    by_target, doubts = facts.once("flow logs by target", lambda: _by_target(facts))
    places = {group.key, *_places(facts, group)}
    targets: dict[str, Resource] = {log.key: log for place in places for log in by_target(place)}
    possible: list[Unseen] = [*doubts]
    for path in ("properties.subnets", "properties.networkInterfaces"):
        answer = facts.field(group, path)
        possible += [answer] if isinstance(answer, Unseen) else []
    if any(objects(facts.field(group, "properties.networkInterfaces"))):
        possible.append(Unseen(f"the networks of the interfaces of {group.name} are not known"))
    unseen = facts.proven(group, FLOW_LOGS)
    if unseen is None and not facts.inventory.of_type(FLOW_LOGS) and facts.inventory.collected is not None:
        unseen = Unseen("no flow log was found, and Resource Graph is not known to show them")
    return Related(tuple(targets[key] for key in sorted(targets)), tuple(possible), unseen)


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


def _places(facts: Facts, group: Resource) -> Iterator[str]:
    """The subnets of a group and their networks, by lower-cased id."""
    for subnet in objects(facts.field(group, "properties.subnets")):
        key = text(subnet, "id")
        yield key
        yield parent_key(key)
