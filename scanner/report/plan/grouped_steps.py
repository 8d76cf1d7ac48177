"""What declarative formats share: a plan's steps gathered by the resource that they shape."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanner.result.plan import (
    AddCredential,
    AddRule,
    AssignIdentity,
    AssignRole,
    CreateEndpoint,
    CreatePool,
    DeletePool,
    RegistryPlan,
    RemoveRule,
    RemoveSubnet,
    ScalePool,
    SendLogs,
    SetField,
    SignIn,
    UsePool,
)

READ_ONLY = frozenset({"lastUpdatedTime", "versionedKeyIdentifier", "lastKeyRotationTimestamp"})
"""Members of a registry's settings that Azure reports, and takes from nobody."""


@dataclass(slots=True)
class TaskChange:
    """What becomes of one task: properties, identity.type, and the role of its identity."""

    properties: dict[str, Any] = field(default_factory=dict)
    identity: str | None = None
    role: AssignRole | None = None


@dataclass(slots=True)
class StepsByResource:
    """The steps of one registry by what they shape."""

    settings: list[SetField | AddRule | RemoveRule | RemoveSubnet] = field(default_factory=list)
    endpoints: list[CreateEndpoint] = field(default_factory=list)
    pools: list[CreatePool] = field(default_factory=list)
    scaled: list[ScalePool] = field(default_factory=list)
    deleted: list[DeletePool] = field(default_factory=list)
    logs: list[SendLogs] = field(default_factory=list)
    tasks: dict[str, TaskChange] = field(default_factory=dict)


def group_steps(plan: RegistryPlan) -> StepsByResource:
    """The steps of a plan by what they shape."""
    found = StepsByResource()
    for step in plan.steps:
        match step.act:
            case SetField() | AddRule() | RemoveRule() | RemoveSubnet():
                found.settings.append(step.act)
            case CreateEndpoint():
                found.endpoints.append(step.act)
            case CreatePool():
                found.pools.append(step.act)
            case ScalePool():
                found.scaled.append(step.act)
            case DeletePool():
                found.deleted.append(step.act)
            case SendLogs():
                found.logs.append(step.act)
            case _:
                _change(found.tasks.setdefault(step.act.task, TaskChange()), step.act)
    return found


def _change(task: TaskChange, act: UsePool | AssignIdentity | AssignRole | AddCredential | SignIn) -> None:
    credentials = (
        task.properties.setdefault("credentials", {}) if isinstance(act, AddCredential | SignIn) else {}
    )
    match act:
        case UsePool(_, pool):
            task.properties["agentPoolName"] = pool
        case AssignIdentity(_, kind):
            task.identity = kind
        case AssignRole():
            task.role = act
        case AddCredential(_, server):
            credentials.setdefault("customRegistries", {})[server] = {"identity": "[system]"}
        case SignIn(_, abac):
            how = {"identity": "[system]"} if abac else {"loginMode": "None"}
            credentials.setdefault("sourceRegistry", {}).update(how)


def writable(value: Any) -> Any:
    """A setting without what Azure only reports."""
    match value:
        case Mapping():
            return {name: writable(each) for name, each in value.items() if name not in READ_ONLY}
        case str():
            return value
        case Sequence():
            return [writable(each) for each in value]
        case _:
            return value


def notes(plan: RegistryPlan) -> Iterator[str]:
    """What the reader has to know about the steps, once each."""
    yield from dict.fromkeys(note for step in plan.steps for note in step.notes)


def identity_of(identity: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An identity as a template writes it: without the principals, which Azure fills in."""
    if identity is None or not isinstance(identity.get("type"), str):
        return None
    assigned = identity.get("userAssignedIdentities")
    if not isinstance(assigned, Mapping):
        return {"type": identity["type"]}
    held: dict[str, Any] = {"userAssignedIdentities": {name: {} for name in assigned}}
    return {"type": identity["type"], **held}


class Symbols:
    """Names for resources in a template: ASCII, readable, and each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, *words: str) -> str:
        """A name of these words that nothing else in the template has."""
        plain = "_".join(
            "".join(each if each.isascii() and each.isalnum() else "_" for each in word) for word in words
        )
        plain = plain if plain[:1].isalpha() else f"_{plain}"
        name, number = plain, 2
        while name.lower() in self._taken:
            name, number = f"{plain}_{number}", number + 1
        self._taken.add(name.lower())
        return name
