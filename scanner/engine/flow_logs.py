"""The flow logs that see a network security group's traffic."""

from collections.abc import Iterator

from scanner.engine.facts import Facts, objects, text
from scanner.model.resource import Related, Resource, Unseen, Value, parent_key

FLOW_LOGS = "microsoft.network/networkwatchers/flowlogs"


def flow_logs(facts: Facts, group: Resource) -> Related:
    """The flow logs on a group, on its subnets and on their networks.

    Resource Graph is not known to show flow logs, so none of them at all proves nothing, unless all
    types are vouched for (`--assume-complete`).
    """
    places = {group.key, *_places(facts, group)}
    logs = facts.inventory.of_type(FLOW_LOGS)
    targets: list[Resource] = []
    possible: list[Unseen] = []
    for log in logs:
        target = facts.field(log, "properties.targetResourceId")
        if isinstance(target, Unseen):
            possible.append(Unseen(f"what the flow log {log.name} records could not be seen"))
        elif isinstance(target, Value) and str(target.value).lower() in places:
            targets.append(log)
    for path in ("properties.subnets", "properties.networkInterfaces"):
        answer = facts.field(group, path)
        possible += [answer] if isinstance(answer, Unseen) else []
    if any(objects(facts.field(group, "properties.networkInterfaces"))):
        possible.append(Unseen(f"the networks of the interfaces of {group.name} are not known"))
    unseen = facts.proven(group, FLOW_LOGS)
    if unseen is None and not logs and facts.inventory.collected is not None:
        unseen = Unseen("no flow log was found, and Resource Graph is not known to show them")
    return Related(tuple(targets), tuple(possible), unseen)


def _places(facts: Facts, group: Resource) -> Iterator[str]:
    """The subnets of a group and their networks, by lower-cased id."""
    for subnet in objects(facts.field(group, "properties.subnets")):
        key = text(subnet, "id")
        yield key
        yield parent_key(key)
