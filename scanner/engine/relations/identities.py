"""Whose roles count: the principals behind the identities of tasks, workspaces and container groups."""

from collections.abc import Mapping, Sequence

from scanner.engine.fields.relation_queries import RelationQueries, objects, text
from scanner.model.resource import Resource, Unseen, Value

SYSTEM, USER = "systemassigned", "userassigned"


def system_principal(facts: RelationQueries, of: Resource) -> str | Unseen:
    """The principal of a system-assigned identity."""
    principal = facts.field(of, "identity.principalId")
    match principal:
        case Value(value):
            return str(value)
        case Unseen():
            return principal
        case _:
            return Unseen(f"the principal of {of.name} could not be seen")


def principals(facts: RelationQueries, of: Resource) -> Sequence[str | Unseen]:
    """The principals of all identities of a resource; none where it has no identity."""
    kind = facts.field(of, "identity.type")
    if isinstance(kind, Unseen):
        return [kind]
    kinds = str(kind.value).lower() if isinstance(kind, Value) else ""
    found = [system_principal(facts, of)] if SYSTEM in kinds else []
    if USER in kinds:
        found += _assigned(facts, of).values() or [Unseen(f"the identities of {of.name} could not be seen")]
    return found


def pulling_principals(facts: RelationQueries, group: Resource, server: str) -> Sequence[str | Unseen]:
    """The principals by which a container group pulls from a login server."""
    logins = objects(facts.field(group, "properties.imageRegistryCredentials"))
    named = [text(login, "identity") for login in logins if text(login, "server") == server]
    if not named:
        return principals(facts, group)
    return [_login(facts, group, name) for name in named if name]


def _login(facts: RelationQueries, group: Resource, named: str) -> str | Unseen:
    """The principal of the identity that a login names: by its id, or else the system's."""
    if not named.startswith("/"):
        return system_principal(facts, group)
    missing = Unseen(f"the principal of the identity {named.rpartition('/')[2]} could not be seen")
    return _assigned(facts, group).get(named, missing)


def _assigned(facts: RelationQueries, of: Resource) -> Mapping[str, str | Unseen]:
    """The principals of user-assigned identities by the lower-cased ids of these."""
    identities = facts.field(of, "identity.userAssignedIdentities")
    if not isinstance(identities, Value) or not isinstance(identities.value, dict):
        return {}
    missing = Unseen(f"the principal of a user-assigned identity of {of.name} could not be seen")
    return {
        name.lower(): (text(identity, "principalId") if isinstance(identity, dict) else "") or missing
        for name, identity in identities.value.items()
    }
