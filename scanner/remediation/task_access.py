"""The three ways by which a task reaches a restricted registry, each with all of its steps."""

from collections.abc import Iterator

from scanner.catalog.limits import POOL_REGIONS, POOL_SERVICES, ROLES
from scanner.engine.relations.roles import ABAC
from scanner.model.resource import Resource, Unseen, Value
from scanner.remediation.registry_view import NotPossible, Proposal, ProposedSteps, RegistryView, symbol
from scanner.remediation.rule_steps import cover
from scanner.result.plan import (
    Act,
    AddCredential,
    AssignIdentity,
    AssignRole,
    CreateEndpoint,
    CreatePool,
    Input,
    SetField,
    SignIn,
    UsePool,
)

LONGEST_NAME = 20
"""Of an agent pool: https://learn.microsoft.com/azure/container-registry/tasks-agent-pools"""
TOKEN = (
    "Whatever the task runs can use its identity's token, which passes the firewall: never print it, "
    "and run only code that you trust."
)
EGRESS = (
    f"The pool's subnet has to let out TCP 443 to {', '.join(POOL_SERVICES)}, or runs stay queued, and to "
    "AzureMonitor on 443 and 12000, or nothing is logged."
)
PREVIEW = "Agent pools are a preview, run Linux only, and are charged while they have a machine."
LOST_POOL = (
    "These commands can take the task off its agent pool {pool} without a word (azure-cli#23373): "
    "look at agentPoolName afterwards, and set it again if it is gone."
)


def task_ways(sight: RegistryView, task: Resource) -> Iterator[Proposal]:
    """What each way takes for a task, the preferred way first; or why a way is not open."""
    if sight.word("properties.endpointProtocol") == "ipv4andipv6":
        yield NotPossible("a registry whose endpoints are dual-stack runs no tasks at all")
        return
    for way in sight.wishes.ways:
        match way:
            case "agent-pool":
                yield agent_pool(sight, task)
            case "bypass":
                yield bypass(sight, task)
            case _:
                yield cover(sight, "ip-rules")


def agent_pool(sight: RegistryView, task: Resource | None) -> Proposal:
    """A task on a pool that reaches the registry privately: one that is there, or a new one and its way in.

    Without a task only the pool, for quick runs.
    """
    if task is not None and (sight.text(task, "properties.platform.os") or "").lower() == "windows":
        return NotPossible("agent pools run Linux only, and the task is one of Windows", "agent-pool")
    ready = sight.usable_pool
    use: tuple[Act, ...] = ()
    if ready is not None:
        use = () if task is None else (UsePool(task.name, ready.name),)
        return ProposedSteps(use, "agent-pool")
    name = free_name(sight, "tasks")
    if task is not None:
        use = (UsePool(task.name, name),)
    made = new_pool(sight, name)
    return (
        made
        if isinstance(made, NotPossible)
        else ProposedSteps((*made, *use), "agent-pool", (PREVIEW, EGRESS))
    )


def new_pool(sight: RegistryView, name: str) -> tuple[Act, ...] | NotPossible:
    """The steps to a pool in a subnet that reaches the registry; its private endpoint too, if it has none."""
    registry = sight.registry
    if registry.location not in POOL_REGIONS:
        return NotPossible(
            f"Azure offers no agent pools in {registry.location or 'an unknown region'}", "agent-pool"
        )
    if sight.word("sku.name") != "premium":
        return NotPossible("agent pools take the Premium SKU", "agent-pool")
    network = next(sight.endpoint_networks(), None)
    endpoint = () if network is not None else (private_endpoint(sight),)
    of = network.rsplit("/", 1)[-1] if network is not None else "the private endpoint's network"
    means = f"the id of a subnet of {of}, for the agent pool {name} of {registry.name}"
    return (*endpoint, CreatePool(name, Input(f"pool_subnet_{symbol(registry.name)}", means, network)))


def private_endpoint(sight: RegistryView) -> CreateEndpoint:
    """A private endpoint in a subnet that only the reader knows."""
    registry = sight.registry
    _, _, domain = (sight.text(registry, "properties.loginServer") or "").lower().partition(".")
    means = f"the id of a subnet for the private endpoint of {registry.name}"
    place = Input(f"endpoint_subnet_{symbol(registry.name)}", means)
    return CreateEndpoint(f"{registry.name}-registry", place, f"privatelink.{domain or 'azurecr.io'}")


def free_name(sight: RegistryView, wanted: str) -> str:
    """A name for a pool that no pool has."""
    taken = {pool.name.lower() for pool in sight.pools}
    if wanted.lower() not in taken:
        return wanted
    return next(
        name
        for number in range(2, len(taken) + 3)
        if (name := f"{wanted[: LONGEST_NAME - 4]}-{number}").lower() not in taken
    )


def bypass(sight: RegistryView, task: Resource) -> Proposal:
    """The flag, and a task that signs in by a system-assigned identity which has a role."""
    registry = sight.registry
    server = sight.text(registry, "properties.loginServer")
    kind = sight.world.field(task, "identity.type")
    if server is None:
        return NotPossible(f"the login server of {registry.name} could not be seen", "bypass")
    if isinstance(kind, Unseen):
        return NotPossible(f"the identity of {task.name} could not be seen ({kind.reason})", "bypass")
    acts = tuple(_missing(sight, task, server, str(kind.value) if isinstance(kind, Value) else ""))
    notes = [TOKEN]
    pool = sight.text(task, "properties.agentPoolName")
    if pool is not None and any(isinstance(act, AddCredential | SignIn) for act in acts):
        notes.append(LOST_POOL.format(pool=pool))
    return ProposedSteps(acts, "bypass", tuple(notes))


def _missing(sight: RegistryView, task: Resource, server: str, kind: str) -> Iterator[Act]:
    """What a task lacks for the bypass."""
    registry = sight.registry
    abac = sight.word("properties.roleAssignmentMode") == ABAC
    flag = sight.world.field(registry, "properties.networkRuleBypassAllowedForTasks")
    if not (isinstance(flag, Value) and flag.value is True):
        yield SetField("properties.networkRuleBypassAllowedForTasks", value=True)
    system = "systemassigned" in kind.lower()
    if not system:
        others = kind if "userassigned" in kind.lower() else ""
        yield AssignIdentity(task.name, ", ".join(filter(None, ["SystemAssigned", others])))
    if not system or not sight.world.related(task, "rolesToPullOrPush").targets:
        role = "Container Registry Repository Writer" if abac else "AcrPush"
        yield AssignRole(task.name, role, ROLES[role])
    by = _credential(sight, task, server)
    if by not in {"[system]", "system"}:
        yield AddCredential(task.name, server)
    mode = sight.text(task, "properties.credentials.sourceRegistry.loginMode")
    source = sight.text(task, "properties.credentials.sourceRegistry.identity")
    if (mode or "").lower() != "none" and not (abac and source in {"[system]", "system"}):
        yield SignIn(task.name, abac)


def _credential(sight: RegistryView, task: Resource, server: str) -> str | None:
    """The identity by which a task signs in to a login server."""
    held = sight.world.field(task, "properties.credentials.customRegistries")
    if not isinstance(held, Value) or not isinstance(held.value, dict):
        return None
    entry = next((each for name, each in held.value.items() if name.lower() == server.lower()), None)
    return entry.get("identity") if isinstance(entry, dict) else None
