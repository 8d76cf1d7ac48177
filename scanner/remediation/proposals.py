"""What might settle a finding, by policy: options in order of preference, or why there is none."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from scanner.catalog.limits import ROLES
from scanner.engine.relations.roles import ABAC
from scanner.model.resource import Resource, Unseen
from scanner.policy.model import Policy
from scanner.policy.settlement import Settlement
from scanner.remediation.registry_view import NotPossible, Proposal, ProposedSteps, RegistryView, symbol
from scanner.remediation.rule_steps import cover, fewer, without_foreign, without_idle, without_subnets
from scanner.remediation.task_access import (
    EGRESS,
    PREVIEW,
    agent_pool,
    bypass,
    free_name,
    new_pool,
    task_ways,
)
from scanner.result.plan import Act, AssignRole, DeletePool, Input, ScalePool, SendLogs, SetField, UsePool

Proposer = Callable[[RegistryView, Resource], Iterable[Proposal]]

_POOL_NAME = re.compile(r"[A-Za-z0-9-]{3,20}")

LOGIN_LOG = (
    "Clients that no rule or private endpoint lets in are refused from then on: first look through the login "
    "events of the last weeks."
)


def proposals(policy: Policy, sight: RegistryView, resource: Resource) -> Iterable[Proposal]:
    """What might settle a finding, by what its policy says of plans; nothing where it says nothing."""
    match policy.plan:
        case None:
            return ()
        case Settlement(decision=str(reason)):
            return (NotPossible(reason),)
        case Settlement(steps=str(name)):
            return STEPS[name](sight, resource)
        case settings:
            return (ProposedSteps(setting_acts(settings), None, notes_of(settings)),)


def setting_acts(plan: Settlement) -> tuple[Act, ...]:
    """The steps of a policy that settings of the registry settle."""
    return tuple(SetField(path, value) for path, value in plan.sets.items())


def notes_of(plan: Settlement) -> tuple[str, ...]:
    """What the reader has to know of them."""
    return () if plan.note is None else (plan.note,)


def _close(sight: RegistryView, _: Resource) -> Iterator[Proposal]:
    """Refuse whom no rule names; only for a registry that lets somebody in already."""
    if sight.word("sku.name") != "premium":
        yield NotPossible("only the Premium SKU can restrict its network, and it costs more")
        return
    rules, subnets = sight.rules, sight.subnets
    ruled = not isinstance(rules, Unseen) and bool(rules)
    if ruled or (not isinstance(subnets, Unseen) and bool(subnets)):
        yield ProposedSteps(
            (SetField("properties.networkRuleSet.defaultAction", "Deny"),), None, (LOGIN_LOG,)
        )
    elif any(sight.endpoint_networks()):
        yield ProposedSteps((SetField("properties.publicNetworkAccess", "Disabled"),), None, (LOGIN_LOG,))
    yield NotPossible(
        "who else needs the registry is not known: give each client an entrance before it is closed"
    )


def _effective(sight: RegistryView, resource: Resource) -> Iterator[Proposal]:
    """Rules that decide, on a registry that is open; opening one that is closed is for its owner."""
    if sight.word("properties.publicNetworkAccess") == "disabled":
        yield NotPossible(
            "its public access is Disabled: whether the rules or the closing is meant is yours to say"
        )
        return
    yield from _close(sight, resource)


def _missing_pool(sight: RegistryView, task: Resource) -> Iterator[Proposal]:
    """Another pool that is there, or one of the name that the task has."""
    ready = sight.usable_pool
    if ready is not None:
        yield ProposedSteps((UsePool(task.name, ready.name),))
        return
    name = sight.text(task, "properties.agentPoolName") or ""
    if not _POOL_NAME.fullmatch(name):
        yield NotPossible("no agent pool can have the name that the task names")
        return
    made = new_pool(sight, name)
    yield made if isinstance(made, NotPossible) else ProposedSteps(made, None, (PREVIEW, EGRESS))


def _role(sight: RegistryView, task: Resource) -> Iterator[Proposal]:
    role = (
        "Container Registry Repository Writer"
        if sight.word("properties.roleAssignmentMode") == ABAC
        else "AcrPush"
    )
    note = "A task that only reads needs less: AcrPull, or Container Registry Repository Reader with ABAC."
    yield ProposedSteps((AssignRole(task.name, role, ROLES[role]),), None, (note,))


def _pool(sight: RegistryView, pool: Resource) -> Iterator[Proposal]:
    """One machine more, or another pool in the place of one without a subnet or that failed."""
    placed = sight.text(pool, "properties.virtualNetworkSubnetResourceId") is not None
    if placed and (sight.text(pool, "properties.provisioningState") or "").lower() == "succeeded":
        yield ProposedSteps((ScalePool(pool.name),))
        return
    users = [
        task
        for task in sight.tasks
        if (sight.text(task, "properties.agentPoolName") or "").lower() == pool.name.lower()
    ]
    ready, name = sight.usable_pool, free_name(sight, pool.name)
    made: tuple[Act, ...] | NotPossible = () if ready is not None else new_pool(sight, name)
    if isinstance(made, NotPossible):
        yield made
        return
    use = tuple(UsePool(task.name, ready.name if ready is not None else name) for task in users)
    note = "Deleting the pool ends the runs that are on it."
    yield ProposedSteps((*made, *use, DeletePool(pool.name)), None, (*((EGRESS,) if made else ()), note))


def _unshared(sight: RegistryView, task: Resource) -> Iterator[Proposal]:
    """A way of the task's own."""
    ways = {"agent-pool": agent_pool, "bypass": bypass}
    for way in sight.wishes.ways:
        if way in ways:
            yield ways[way](sight, task)


def _quick_runs(sight: RegistryView, _: Resource) -> Iterator[Proposal]:
    """A way for quick runs where closing the registry would take theirs; else only where it is asked for."""
    if not sight.worked and sight.wishes.prefer not in {"agent-pool", "ip-rules"}:
        yield NotPossible(
            "whether anybody needs az acr build or az acr run here is yours to say; "
            "--prefer agent-pool or --prefer ip-rules plans it"
        )
        return
    for way in sight.wishes.ways:
        if way == "agent-pool":
            yield agent_pool(sight, None)
        elif way == "ip-rules":
            yield cover(sight, "ip-rules")


def _logs(sight: RegistryView, registry: Resource) -> Iterator[Proposal]:
    means = f"the id of the Log Analytics workspace for the audit logs of {registry.name}"
    yield ProposedSteps((SendLogs(Input(f"workspace_{symbol(sight.registry.name)}", means)),))


STEPS: Mapping[str, Proposer] = {
    "task-ways": task_ways,
    "task-pool": _missing_pool,
    "private-pool-in-its-place": _pool,
    "own-way": _unshared,
    "no-subnet-rules": lambda sight, _: without_subnets(sight),
    "home-tag-whole": lambda sight, _: (cover(sight),),
    "home-tag-alone": lambda sight, _: without_foreign(sight),
    "public-rules": lambda sight, _: without_idle(sight),
    "effective-rules": _effective,
    "close": _close,
    "fewer-rules": lambda sight, _: fewer(sight),
    "task-role": _role,
    "quick-run-ways": _quick_runs,
    "audit-logs": _logs,
}
"""What a policy's `plan: {steps: NAME}` stands for, in the order in which findings are looked at: tasks get
their way in before rules and closing are; settings come last."""


def rank(policy: Policy) -> int:
    """Where the findings of a policy come in the order in which findings are looked at."""
    steps = None if policy.plan is None else policy.plan.steps
    return len(STEPS) if steps is None else list(STEPS).index(steps)
