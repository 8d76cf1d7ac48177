"""A plan: the ordered steps that put one registry right, and what no step can decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Input:
    """What only the reader knows; `name` has letters, digits and underscores, and occurs once in a plan.

    `network` is the id of the virtual network that a subnet has to lie in, where one is given.
    """

    name: str
    means: str
    network: str | None = None


@dataclass(frozen=True, slots=True)
class SetField:
    """A setting of the registry: a dotted ARM path, and its value afterwards."""

    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class AddRule:
    """An IP rule more."""

    rule: str


@dataclass(frozen=True, slots=True)
class RemoveRule:
    """An IP rule less, as it was written."""

    rule: str


@dataclass(frozen=True, slots=True)
class RemoveSubnet:
    """A virtual network rule less; the id of its subnet."""

    subnet: str


@dataclass(frozen=True, slots=True)
class CreateEndpoint:
    """A private endpoint for the registry, with the private DNS that leads to it."""

    name: str
    subnet: Input
    zone: str


@dataclass(frozen=True, slots=True)
class CreatePool:
    """A dedicated agent pool with one machine."""

    name: str
    subnet: Input


@dataclass(frozen=True, slots=True)
class ScalePool:
    """A pool that has no machine gets one."""

    pool: str


@dataclass(frozen=True, slots=True)
class DeletePool:
    """A pool that no task uses any more."""

    pool: str


@dataclass(frozen=True, slots=True)
class UsePool:
    """A task runs on a pool."""

    task: str
    pool: str


@dataclass(frozen=True, slots=True)
class AssignIdentity:
    """A task gets a system-assigned identity; `kind` is its identity.type afterwards."""

    task: str
    kind: str


@dataclass(frozen=True, slots=True)
class AssignRole:
    """A task's system-assigned identity gets a built-in role on the registry."""

    task: str
    role: str
    definition: str
    """The role's id in Azure."""


@dataclass(frozen=True, slots=True)
class AddCredential:
    """A task signs in to a login server by its system-assigned identity."""

    task: str
    server: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A task no longer signs in by Azure's own credential; `abac` where the registry's mode is ABAC."""

    task: str
    abac: bool


@dataclass(frozen=True, slots=True)
class SendLogs:
    """A diagnostic setting that sends the audit logs to a workspace."""

    workspace: Input


Act = (
    SetField
    | AddRule
    | RemoveRule
    | RemoveSubnet
    | CreateEndpoint
    | CreatePool
    | ScalePool
    | DeletePool
    | UsePool
    | AssignIdentity
    | AssignRole
    | AddCredential
    | SignIn
    | SendLogs
)


@dataclass(frozen=True, slots=True)
class Step:
    """One act, the policies that it is for, and what the reader has to know about it."""

    act: Act
    policies: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A finding that the steps put right; `way` where its policy names several."""

    policy: str
    resource: str
    way: str | None = None
    others: tuple[str, ...] = ()
    """The other ways: how to get them, or why they are not open."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A finding that no step puts right: its verdict, why, and what its policy advises."""

    policy: str
    title: str
    resource: str
    verdict: str
    reason: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many IP rules there are, how many there will be, and how many Azure allows.

    `opened` counts the addresses that widening opens beyond the tag.
    """

    before: int
    after: int
    limit: int
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What renderers have to know of a registry. `settings` are its writable properties as they were seen."""

    id: str
    name: str
    location: str | None
    resource_group: str
    subscription: str
    sku: str | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RegistryPlan:
    """All that is planned for one registry, the steps in the order in which they are to be taken."""

    target: Target
    steps: tuple[Step, ...] = ()
    settled: tuple[Resolved, ...] = ()
    left: tuple[Unresolved, ...] = ()
    rules: RuleCount | None = None
    rules_after: tuple[str, ...] | None = None
    """The IP rules afterwards, where the steps change them."""
    accepted: tuple[str, ...] = ()
    """Findings that come of a way which the reader asked for."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What the reader has to fill in, in the order of the steps."""
        named = [getattr(step.act, name, None) for step in self.steps for name in ("subnet", "workspace")]
        return tuple(dict.fromkeys(each for each in named if isinstance(each, Input)))


@dataclass(frozen=True, slots=True)
class Plan:
    """The plans by registry, findings of no registry, and why parts may be missing."""

    registries: tuple[RegistryPlan, ...]
    elsewhere: tuple[Unresolved, ...] = ()
    settled: tuple[Resolved, ...] = ()
    """Findings of no registry that are settled all the same."""
    doubts: tuple[str, ...] = ()
    cloud: str = "Public"
    remark: str | None = None
    """What the reader has to know of the plan as a whole."""

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return sum(len(each.steps) for each in self.registries)
