"""What role assignments let identities do: pull and push at a registry, and what goes beyond that."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, objects, text
from scanner.engine.relations.identities import principals, pulling_principals, system_principal
from scanner.model.resource import Absent, Related, Resource, Unseen, Value, parent_key

ASSIGNMENTS = "microsoft.authorization/roleassignments"
DEFINITIONS = "microsoft.authorization/roledefinitions"
MANAGEMENT_GROUPS = "/providers/microsoft.management/managementgroups/"
ABAC = "abacrepositorypermissions"

_REGISTRIES = "microsoft.containerregistry/registries"
PULL = (f"{_REGISTRIES}/pull/read", f"{_REGISTRIES}/repositories/content/read")
PUSH = (f"{_REGISTRIES}/push/write", f"{_REGISTRIES}/repositories/content/write")
"""What a role has to name: an action, and on a registry with ABAC permissions a data action instead."""
NARROW = {
    "actions": frozenset({PULL[0], PUSH[0]}),
    "dataActions": frozenset(
        {
            PULL[1],
            PUSH[1],
            f"{_REGISTRIES}/repositories/metadata/read",
            f"{_REGISTRIES}/repositories/metadata/write",
            f"{_REGISTRIES}/catalog/read",
        }
    ),
}
"""All that it takes to pull and push, in either mode: the built-in roles for it name nothing else."""

NOT = {"actions": "notActions", "dataActions": "notDataActions"}

Claim = bool | Unseen
"""Whether something is so, or why that could not be seen."""


def roles_to_pull_or_push(facts: RelationQueries, task: Resource) -> Related:
    """The role assignments by which a task's system-assigned identity may pull or push at its registry."""
    registries = facts.related(task, "registry")
    principal = system_principal(facts, task)
    if isinstance(principal, Unseen):
        return Related(unseen=principal)
    if not registries.targets:
        return Related(unseen=registries.unseen)
    return _granting(facts, [principal], registries.targets[0], (PULL, PUSH))


def roles_beyond_pull_and_push(facts: RelationQueries, task: Resource) -> Related:
    """The role assignments of a task's system-assigned identity that go beyond its registry's content."""
    principal = system_principal(facts, task)
    if isinstance(principal, Unseen):
        return Related(unseen=principal)
    found = facts.having(ASSIGNMENTS, "properties.principalId", principal)
    claims = [(assignment, _beyond(facts, assignment, parent_key(task.key))) for assignment in found.targets]
    return _related(claims, found.uncertain, found.unseen)


def workspaces_unable_to_pull(facts: RelationQueries, registry: Resource) -> Related:
    """Machine Learning workspaces that depend on a registry, and have no identity with a role to pull."""
    dependants = facts.related(registry, "machineLearningWorkspaces")
    claims = [(each, _unable(facts, principals(facts, each), registry)) for each in dependants.targets]
    return _related(claims, dependants.uncertain, dependants.unseen)


def container_groups_unable_to_pull(facts: RelationQueries, registry: Resource) -> Related:
    """Container groups that pull from a registry by an identity which has no role to do so."""
    dependants = facts.related(registry, "containerGroupsByIdentity")
    server = facts.field(registry, "properties.loginServer")
    name = str(server.value).lower() if isinstance(server, Value) else ""
    claims = [
        (each, _unable(facts, pulling_principals(facts, each, name), registry)) for each in dependants.targets
    ]
    return _related(claims, dependants.uncertain, dependants.unseen)


def _related(
    claims: Sequence[tuple[Resource, Claim]], uncertain: Sequence[Unseen], unseen: Unseen | None
) -> Related:
    """Those of which a claim is so, and why it may be so of others."""
    doubts = [claim for _, claim in claims if isinstance(claim, Unseen)]
    return Related(tuple(each for each, claim in claims if claim is True), (*doubts, *uncertain), unseen)


def _unable(facts: RelationQueries, found: Sequence[str | Unseen], registry: Resource) -> Claim:
    """Whether none of a dependant's principals may pull."""
    granting = _granting(facts, [each for each in found if isinstance(each, str)], registry, (PULL,))
    if granting.targets:
        return False
    doubts = (*(each for each in found if isinstance(each, Unseen)), *granting.uncertain, granting.unseen)
    return next((doubt for doubt in doubts if doubt is not None), True) if found else True


def _granting(
    facts: RelationQueries, principals: Sequence[str], registry: Resource, wanted: Sequence[tuple[str, str]]
) -> Related:
    """The assignments of principals that let them do one of these at a registry."""
    claims: list[tuple[Resource, Claim]] = []
    uncertain: Sequence[Unseen] = ()
    for principal in principals:
        found = facts.having(ASSIGNMENTS, "properties.principalId", principal)
        uncertain = found.uncertain
        claims += [(each, grants(facts, each, registry, wanted)) for each in found.targets]
    return _related(claims, uncertain, facts.proven(registry, ASSIGNMENTS))


def grants(
    facts: RelationQueries, assignment: Resource, registry: Resource, wanted: Sequence[tuple[str, str]]
) -> Claim:
    """Whether an assignment lets its principal do one of these at a registry."""
    reaches = _reaches(facts, assignment, registry)
    return _all(reaches, _allows(facts, assignment, registry, wanted), _unconditional(facts, assignment))


def _beyond(facts: RelationQueries, assignment: Resource, registry: str) -> Claim:
    """Whether an assignment names more than pull and push, or reaches more than one registry."""
    scope, blocks = _scope(facts, assignment), _permissions(facts, assignment)
    elsewhere = scope if isinstance(scope, Unseen) else not f"{scope}/".startswith(f"{registry}/")
    more = blocks if isinstance(blocks, Unseen) else any(map(_names_more, blocks))
    return _all(_any(elsewhere, more), _unconditional(facts, assignment))


def _all(*claims: Claim) -> Claim:
    """Whether all claims are so: one that is not decides, whatever could not be seen."""
    if False in claims:
        return False
    return next((claim for claim in claims if isinstance(claim, Unseen)), True)


def _any(*claims: Claim) -> Claim:
    """Whether some claim is so: one that is decides, whatever could not be seen."""
    if True in claims:
        return True
    return next((claim for claim in claims if isinstance(claim, Unseen)), False)


def _scope(facts: RelationQueries, assignment: Resource) -> str | Unseen:
    """The scope of an assignment in lower case, empty for all of a tenant; its id says it too."""
    scope = facts.field(assignment, "properties.scope")
    match scope:
        case Value(str(named)):
            return named.rstrip("/").lower()
        case Unseen():
            return scope
        case _:
            return assignment.key.rpartition("/providers/microsoft.authorization/")[0]


def _reaches(facts: RelationQueries, assignment: Resource, registry: Resource) -> Claim:
    """Whether a registry lies in the scope of an assignment."""
    scope = _scope(facts, assignment)
    if isinstance(scope, Unseen):
        return scope
    if not scope.startswith(MANAGEMENT_GROUPS):
        return f"{registry.key}/".startswith(f"{scope}/")
    group = scope.removeprefix(MANAGEMENT_GROUPS)
    subscription = facts.inventory.get(f"/subscriptions/{registry.subscription}")
    path = "properties.managementGroupAncestorsChain"
    chain = None if subscription is None else facts.field(subscription, path)
    if not isinstance(chain, Value):
        return Unseen(f"whether the management group {group} holds {registry.name} could not be seen")
    return any(text(above, "name") == group for above in objects(chain))


def _unconditional(facts: RelationQueries, assignment: Resource) -> Claim:
    condition = facts.field(assignment, "properties.condition")
    match condition:
        case Absent():
            return True
        case Unseen():
            return condition
        case _:
            return Unseen(f"the role assignment {assignment.name} has a condition")


def _allows(
    facts: RelationQueries, assignment: Resource, registry: Resource, wanted: Sequence[tuple[str, str]]
) -> Claim:
    """Whether the role of an assignment allows one of these in the mode of a registry."""
    blocks = _permissions(facts, assignment)
    if isinstance(blocks, Unseen):
        return blocks
    plain = _any(*(_permits(block, "actions", action) for block in blocks for action, _ in wanted))
    by_data = _any(*(_permits(block, "dataActions", action) for block in blocks for _, action in wanted))
    mode = facts.field(registry, "properties.roleAssignmentMode")
    if isinstance(mode, Unseen):
        return plain if plain is by_data else mode
    return by_data if isinstance(mode, Value) and str(mode.value).lower() == ABAC else plain


def _permissions(facts: RelationQueries, assignment: Resource) -> Sequence[Mapping[str, Any]] | Unseen:
    """The permissions of an assignment's role, by the id that its definition has in every scope."""
    role = facts.field(assignment, "properties.roleDefinitionId")
    if not isinstance(role, Value):
        return Unseen(f"the role of the role assignment {assignment.name} could not be seen")
    name = str(role.value).rpartition("/")[2]
    definitions = facts.having(DEFINITIONS, "name", name).targets
    permissions = facts.field(definitions[0], "properties.permissions") if definitions else None
    if not isinstance(permissions, Value) or any(map(_unreadable, objects(permissions))):
        return Unseen(f"the definition of the role {name} could not be seen")
    return tuple(objects(permissions))


def _unreadable(block: Mapping[str, Any]) -> bool:
    """Whether a permission lists its actions otherwise than as texts."""
    return any(
        not isinstance(held, list) or not all(isinstance(each, str) for each in held)
        for key in (*NOT, *NOT.values())
        if (held := block.get(key)) is not None
    )


def _permits(block: Mapping[str, Any], key: str, action: str) -> Claim:
    """Whether a permission names an action, and does not take it back."""
    if not _matched(block, key, action) or _matched(block, NOT[key], action):
        return False
    return Unseen("a permission of the role has a condition") if text(block, "condition") else True


def _names_more(block: Mapping[str, Any]) -> bool:
    """Whether a permission names more than it takes to pull and push."""
    return any(
        pattern not in NARROW[key] and not _matched(block, NOT[key], pattern)
        for key in NARROW
        for pattern in _patterns(block, key)
    )


def _matched(block: Mapping[str, Any], key: str, action: str) -> bool:
    return any(_covers(pattern, action) for pattern in _patterns(block, key))


def _patterns(block: Mapping[str, Any], key: str) -> Iterator[str]:
    yield from (pattern.lower() for pattern in block.get(key) or ())


@lru_cache(maxsize=4096)
def _covers(pattern: str, action: str) -> bool:
    """Whether an action matches a pattern, in which `*` stands for any text, slashes included."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action) is not None
