"""What might settle a finding, by policy: options in order of preference, or why there is none."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from scanner.catalog.limits import ROLES
from scanner.engine.relations.roles import ABAC
from scanner.model.resource import Resource, Unseen
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


def proposals(policy: str, sight: RegistryView, resource: Resource) -> Iterable[Proposal]:
    """What might settle a finding of a policy; nothing where no setting does."""
    return PROPOSALS[policy](sight, resource) if policy in PROPOSALS else ()


def _set(setting: SetField, note: str | None) -> Proposer:
    """A policy that one setting of the registry settles."""
    return lambda _, __: (ProposedSteps((setting,), None, () if note is None else (note,)),)


def _undecided(reason: str) -> Proposer:
    """A policy whose findings take a decision."""
    return lambda _, __: (NotPossible(reason),)


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


SETTINGS: Mapping[str, tuple[SetField, str | None]] = {
    "ACR107": (
        SetField("properties.dataEndpointEnabled", value=True),
        "First allow the new names, <registry>.<region>.data.<domain>, in the firewalls of clients.",
    ),
    "ACR208": (SetField("properties.networkRuleBypassAllowedForTasks", value=False), None),
    "ACR301": (SetField("properties.networkRuleBypassOptions", "AzureServices"), None),
    "ACR901": (
        SetField("properties.adminUserEnabled", value=False),
        "First move the clients that sign in by its password to an identity or a repository token.",
    ),
    "ACR902": (
        SetField("properties.anonymousPullEnabled", value=False),
        "First give those who pull without signing in a role or a token.",
    ),
    "ACR903": (
        SetField("properties.policies.exportPolicy.status", "disabled"),
        "Azure refuses while the registry has export pipelines. Imports from this registry stop working.",
    ),
    "ACR904": (
        SetField("properties.policies.azureADAuthenticationAsArmPolicy.status", "disabled"),
        "Clients then need Azure CLI 2.30 or later, or another current client.",
    ),
}
"""Policies that one setting of the registry settles, and what to know about it."""

DECISIONS: Mapping[str, str] = {
    "ACR102": "which networks need the registry is yours to say",
    "ACR104": "which addresses the clients really come from is yours to say",
    "ACR108": "whose endpoint it is, and whether to approve it, is yours to say",
    "ACR302": "imports and other subscriptions leave no trace here; whether they need it is yours to say",
    "ACR401": "the address of the endpoint is yours to give",
    "ACR402": "the secret is yours to make, and the endpoint has to check it",
    "ACR403": "the address of the endpoint is yours to give",
    "ACR905": "the Premium SKU costs more; whether the registry is worth it is yours to say",
}
"""Policies whose findings no setting of the registry settles, and what their reader has to decide."""

PROPOSALS: Mapping[str, Proposer] = {
    **{policy: _set(*setting) for policy, setting in SETTINGS.items()},
    **{policy: _undecided(reason) for policy, reason in DECISIONS.items()},
    "ACR101": _close,
    "ACR103": _effective,
    "ACR105": lambda sight, _: without_idle(sight),
    "ACR106": lambda sight, _: fewer(sight),
    "ACR109": lambda sight, _: without_subnets(sight),
    "ACR201": task_ways,
    "ACR202": _missing_pool,
    "ACR203": _role,
    "ACR204": _pool,
    "ACR206": lambda sight, _: (cover(sight),),
    "ACR207": lambda sight, _: without_foreign(sight),
    "ACR209": _unshared,
    "ACR211": _quick_runs,
    "ACR303": lambda sight, _: without_subnets(sight),
    "ACR701": _logs,
}
"""Policy → what might settle its findings; of any other policy, its own advice is all there is."""

ORDER = (
    "ACR201",
    "ACR202",
    "ACR204",
    "ACR209",
    "ACR301",
    "ACR303",
    "ACR109",
    "ACR206",
    "ACR207",
    "ACR105",
    "ACR103",
    "ACR101",
    "ACR106",
    "ACR208",
    "ACR203",
)
"""Which findings come first: tasks get their way in before rules and closing are looked at; then by id."""
