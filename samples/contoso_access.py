"""Who may do what in Contoso's registries, and where what they did is logged."""

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from contoso_rows import SHOP, group_id, principal, registry_id, row

from scanner.model.resource import Row, Source

REGISTRIES = "Microsoft.ContainerRegistry/registries"
PULL, PUSH, WRITER, CONTRIBUTOR = (
    "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "8311e382-0749-4cb8-b61a-304f252e45ec",
    "2a1e307c-b015-4ebd-883e-5b7698a07328",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
)
"""The ids that the built-in roles have everywhere."""
WORKSPACE = f"{group_id(SHOP, 'rg-logs')}/providers/Microsoft.OperationalInsights/workspaces/log-audit"


def access() -> Iterator[Row]:
    """Roles, their assignments, and diagnostic settings."""
    content = f"{REGISTRIES}/repositories"
    yield role("AcrPull", PULL, [f"{REGISTRIES}/pull/read"])
    yield role("AcrPush", PUSH, [f"{REGISTRIES}/pull/read", f"{REGISTRIES}/push/write"])
    data = [
        f"{content}/{each}" for each in ("content/read", "content/write", "metadata/read", "metadata/write")
    ]
    yield role("Container Registry Repository Writer", WRITER, [], data)
    yield role("Contributor", CONTRIBUTOR, ["*"])
    yield assignment("contosobuild/patch-base-images", PUSH, registry_id("contosobuild"))
    yield assignment("contosolabs/train-models", CONTRIBUTOR, group_id(SHOP, "rg-registries"))
    yield assignment("mlw-forecast", PULL, registry_id("contosoml"))
    yield assignment("id-pull", PULL, registry_id("contosoprod"))
    yield settings("contosoprod", "audit", {"categoryGroup": "audit", "enabled": True})
    yield settings("contosobuild", "logins", {"category": "ContainerRegistryLoginEvents", "enabled": True})


def role(name: str, identifier: str, actions: Sequence[str], data: Sequence[str] = ()) -> Row:
    """A built-in role, as Resource Graph shows it in a subscription."""
    allowed = {"actions": [*actions], "notActions": [], "dataActions": [*data], "notDataActions": []}
    properties = {"roleName": name, "type": "BuiltInRole", "permissions": [allowed]}
    where = f"/subscriptions/{SHOP}/providers/Microsoft.Authorization/roleDefinitions/{identifier}"
    return row(where, None, properties, "2022-04-01", source=Source.RESOURCE_GRAPH)


def assignment(of: str, role: str, scope: str) -> Row:
    """A role that an identity has at a scope."""
    properties = {
        "principalId": principal(of),
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "scope": scope,
    }
    name = uuid5(NAMESPACE_URL, f"{of} {role}")
    where = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    return row(where, None, properties, "2022-04-01", source=Source.RESOURCE_GRAPH)


def settings(of: str, name: str, *logs: dict[str, object]) -> Row:
    """A diagnostic setting of a registry, which only ARM lists."""
    where = f"{registry_id(of)}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    return row(where, None, {"workspaceId": WORKSPACE, "logs": [*logs]}, "2021-05-01-preview")
