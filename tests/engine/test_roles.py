"""Role assignments: who may pull and push at a registry, by rows as Azure writes them."""

from typing import Any

import pytest
from engine_rows import GROUP, OTHER_SUBSCRIPTION, REGISTRY, SUBSCRIPTION, TASK, Json, inventory, world

from scanner.model.inventory import Gap, Inventory
from scanner.model.resource import Related, RequiredRead

ASSIGNMENTS = "microsoft.authorization/roleassignments"
DEFINITIONS = "microsoft.authorization/roledefinitions"
WORKSPACES = "microsoft.machinelearningservices/workspaces"
GROUPS = "microsoft.containerinstance/containergroups"
ROLES = {ASSIGNMENTS, DEFINITIONS}

PRINCIPAL = "5a5a5a5a-0000-4000-8000-00000000000a"
OTHER = "5a5a5a5a-0000-4000-8000-00000000000b"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
WRITER = "2a1e307c-b015-4ebd-883e-5b7698a07328"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
CUSTOM = "11111111-2222-4333-8444-555555555555"

ASSIGNED = "/providers/Microsoft.Authorization/roleAssignments"

CONTENT = "Microsoft.ContainerRegistry/registries/repositories/content"
METADATA = "Microsoft.ContainerRegistry/registries/repositories/metadata"
PULLS = "Microsoft.ContainerRegistry/registries/pull/read"
PUSHES = "Microsoft.ContainerRegistry/registries/push/write"
ABAC = "AbacRepositoryPermissions"
LEGACY = "LegacyRegistryPermissions"


def definition(name: str, *permissions: Json, scope: str = "") -> Json:
    """A role definition as Resource Graph shows it; built-in ones stand at the root."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/RoleDefinitions/{name}",
        "name": name,
        "type": "microsoft.authorization/roledefinitions",
        "location": "",
        "source": "resourceGraph",
        "apiVersion": None,
        "properties": {
            "roleName": name,
            "type": "CustomRole" if scope else "BuiltInRole",
            "assignableScopes": [scope or "/"],
            "permissions": list(permissions),
        },
    }


def allows(*actions: str, without: tuple[str, ...] = (), **more: Any) -> Json:
    return {"actions": [*actions], "notActions": [*without], "dataActions": [], "notDataActions": []} | more


def allows_data(*actions: str, without: tuple[str, ...] = ()) -> Json:
    return allows(dataActions=[*actions], notDataActions=[*without])


BUILT_IN = [
    definition(ACR_PULL, allows(PULLS)),
    definition(ACR_PUSH, allows(PULLS, PUSHES)),
    definition(READER, allows_data(f"{CONTENT}/read", f"{METADATA}/read")),
    definition(
        WRITER,
        allows_data(f"{CONTENT}/read", f"{CONTENT}/write", f"{METADATA}/read", f"{METADATA}/write"),
    ),
    definition(CONTRIBUTOR, allows("*", without=("Microsoft.Authorization/*/Write",))),
]


def assignment(
    role: str = ACR_PULL, scope: str = REGISTRY, principal: str = PRINCIPAL, name: str = "one", **changes: Any
) -> Json:
    """A role assignment as Resource Graph shows it: at the root the scope is a slash."""
    properties = {
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"/providers/Microsoft.Authorization/RoleDefinitions/{role}",
        "scope": scope or "/",
        "createdOn": "2026-01-05T08:00:00.0000000Z",
    }
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/RoleAssignments/{name}",
        "name": name,
        "type": "microsoft.authorization/roleassignments",
        "source": "resourceGraph",
        "apiVersion": None,
        "properties": properties | changes,
    }


def registry(mode: str | None = LEGACY, **changes: Any) -> Json:
    properties = {"loginServer": "contoso.azurecr.io", "provisioningState": "Succeeded"}
    more = {} if mode is None else {"roleAssignmentMode": mode}
    return {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": properties | more, **changes}


def task(**identity: Any) -> Json:
    shown = {"type": "SystemAssigned", "principalId": PRINCIPAL, "tenantId": "t", **identity}
    return {"id": TASK, "apiVersion": "2025-03-01-preview", "identity": shown, "properties": {}}


def roles(*rows: Json, relation: str = "rolesToPullOrPush", of: str = TASK, **bounds: Any) -> Related:
    """A relation of the task over its registry, the built-in roles and further rows."""
    bounds = {"collected": ROLES, **bounds}
    whole = inventory(*BUILT_IN, *rows, **bounds)
    return lead(whole, relation, of)


def lead(whole: Inventory, relation: str, of: str) -> Related:
    return world(whole).related(whole.resources[of.lower()], relation)


def names(related: Related) -> list[str]:
    return [target.name for target in related.targets]


def doubts(related: Related) -> list[str]:
    unseen = [] if related.unseen is None else [related.unseen]
    return [doubt.reason for doubt in (*related.uncertain, *unseen)]


# ---- what a role names

GRANTING = [
    (LEGACY, ACR_PULL),
    (LEGACY, ACR_PUSH),
    (LEGACY, CONTRIBUTOR),
    (ABAC, READER),
    (ABAC, WRITER),
    ("abacrepositorypermissions", READER),
]


@pytest.mark.parametrize(("mode", "role"), GRANTING)
def test_a_role_counts_by_what_the_registrys_mode_honours(mode: str, role: str) -> None:
    related = roles(registry(mode), task(), assignment(role))

    assert (names(related), doubts(related)) == (["one"], [])


@pytest.mark.parametrize(
    ("mode", "role"),
    [(ABAC, ACR_PULL), (ABAC, ACR_PUSH), (ABAC, CONTRIBUTOR), (LEGACY, READER), (LEGACY, WRITER)],
)
def test_a_role_of_the_other_mode_does_not_count(mode: str, role: str) -> None:
    assert roles(registry(mode), task(), assignment(role)) == Related()


def test_a_registry_that_names_no_mode_has_registry_permissions() -> None:
    assert names(roles(registry(None), task(), assignment(ACR_PULL))) == ["one"]
    assert names(roles(registry(None), task(), assignment(READER))) == []


def test_a_mode_that_was_not_seen_leaves_it_open_where_it_matters() -> None:
    old = registry(None, apiVersion="2023-07-01")
    both = definition(CUSTOM, allows(PULLS, dataActions=[f"{CONTENT}/read"]))
    neither = definition(CUSTOM, allows("Microsoft.ContainerRegistry/registries/read"))

    reason = ["read with an apiVersion older than 2025-03-01-preview"]
    assert doubts(roles(old, task(), assignment(ACR_PULL))) == reason
    assert doubts(roles(old, task(), assignment(READER))) == reason
    assert names(roles(old, task(), both, assignment(CUSTOM))) == ["one"]
    assert roles(old, task(), neither, assignment(CUSTOM)) == Related()


@pytest.mark.parametrize(
    "permission",
    [
        allows("Microsoft.ContainerRegistry/registries/pull/*"),
        allows("microsoft.containerregistry/*"),
        allows("Microsoft.ContainerRegistry/*/read"),
        allows("*/read"),
        allows("*/write"),
        allows(PUSHES.upper()),
        allows("Microsoft.Web/sites/read", PULLS),
        allows("*", without=(PUSHES,)),
        allows("*", without=("Microsoft.ContainerRegistry/registries/push/*",)),
        allows("*", without=("Microsoft.ContainerRegistry/registries/delete", "*/pull/write")),
        allows(PULLS, notActions=None),
    ],
)
def test_a_custom_role_counts_where_a_pattern_of_its_covers_pull_or_push(permission: Json) -> None:
    custom = definition(CUSTOM, permission, scope=f"/subscriptions/{SUBSCRIPTION}")

    related = roles(registry(), task(), custom, assignment(CUSTOM))

    assert (names(related), doubts(related)) == (["one"], [])


@pytest.mark.parametrize(
    "permission",
    [
        allows(),
        allows("Microsoft.ContainerRegistry/registries/read"),
        allows("Microsoft.ContainerRegistry/registries/*/delete"),
        allows("Microsoft.ContainerRegistry/registries/pull"),
        allows("ContainerRegistry/registries/pull/read"),
        allows("MicrosoftxContainerRegistry/registries/pull/read"),
        allows(PULLS, without=(PULLS.upper(),)),
        allows("*", without=("*",)),
        allows("*", without=("Microsoft.ContainerRegistry/*",)),
        allows("*", without=("*/read", "*/write")),
        allows_data("*"),
        allows(actions=None, dataActions=None),
        {},
    ],
)
def test_a_custom_role_does_not_count_where_none_does_or_it_is_taken_back(permission: Json) -> None:
    custom = definition(CUSTOM, permission)

    assert roles(registry(), task(), custom, assignment(CUSTOM)) == Related()


@pytest.mark.parametrize(
    ("permission", "counts"),
    [
        (allows_data(f"{CONTENT}/*"), True),
        (allows_data("*"), True),
        (
            allows_data(
                "Microsoft.ContainerRegistry/registries/repositories/*", without=(f"{CONTENT}/write",)
            ),
            True,
        ),
        (allows_data("*", without=(f"{CONTENT}/*",)), False),
        (allows_data(f"{METADATA}/read"), False),
        (allows("*"), False),
        (allows(PULLS, PUSHES, notDataActions=[]), False),
        (allows("*", dataActions=[f"{CONTENT}/read"], notActions=["*"]), True),
    ],
)
def test_data_actions_and_not_data_actions_decide_with_abac_permissions(
    permission: Json, counts: bool
) -> None:
    related = roles(registry(ABAC), task(), definition(CUSTOM, permission), assignment(CUSTOM))

    assert (names(related), doubts(related)) == (["one"] if counts else [], [])


def test_what_one_permission_takes_back_another_may_give() -> None:
    custom = definition(CUSTOM, allows("*", without=("Microsoft.ContainerRegistry/*",)), allows(PULLS))

    assert names(roles(registry(), task(), custom, assignment(CUSTOM))) == ["one"]


def test_a_permission_with_a_condition_leaves_it_open() -> None:
    bound = allows(PULLS, condition="@Resource[Microsoft.X:Y] StringEquals 'z'", conditionVersion="2.0")

    alone = roles(registry(), task(), definition(CUSTOM, bound), assignment(CUSTOM))
    beside = roles(registry(), task(), definition(CUSTOM, bound, allows(PUSHES)), assignment(CUSTOM))
    other = roles(registry(), task(), definition(CUSTOM, {**bound, "actions": []}), assignment(CUSTOM))

    assert (names(alone), doubts(alone)) == ([], ["a permission of the role has a condition"])
    assert (names(beside), doubts(beside)) == (["one"], [])
    assert other == Related()


def test_a_definition_that_was_not_seen_leaves_it_open() -> None:
    unknown = roles(registry(), task(), assignment(CUSTOM))
    empty = roles(registry(), task(), definition(CUSTOM) | {"properties": {}}, assignment(CUSTOM))
    nameless = roles(registry(), task(), assignment(roleDefinitionId=None))

    reason = f"the definition of the role {CUSTOM} could not be seen"
    assert (names(unknown), doubts(unknown)) == ([], [reason])
    assert doubts(empty) == [reason]
    assert doubts(nameless) == ["the role of the role assignment one could not be seen"]


def test_a_definition_is_found_by_its_name_whatever_the_scope_and_the_case() -> None:
    custom = definition(CUSTOM.upper(), allows(PULLS), scope=f"/subscriptions/{OTHER_SUBSCRIPTION}")
    arm = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CUSTOM}"

    related = roles(registry(), task(), custom, assignment(roleDefinitionId=arm))

    assert names(related) == ["one"]


# ---- where a role is assigned

ROOT = "/providers/Microsoft.Management/managementGroups"


@pytest.mark.parametrize(
    "scope",
    [REGISTRY, REGISTRY.upper(), GROUP, GROUP.lower(), f"/subscriptions/{SUBSCRIPTION}", ""],
)
def test_a_role_counts_at_the_registry_and_above(scope: str) -> None:
    assert names(roles(registry(), task(), assignment(scope=scope))) == ["one"]


@pytest.mark.parametrize(
    "scope",
    [
        f"{REGISTRY}2",
        f"{GROUP}2",
        f"{REGISTRY}/replications/westus",
        f"/subscriptions/{OTHER_SUBSCRIPTION}",
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/contoso",
    ],
)
def test_a_role_elsewhere_does_not_count(scope: str) -> None:
    assert roles(registry(), task(), assignment(scope=scope)) == Related()


def test_an_id_says_the_scope_where_the_row_does_not() -> None:
    assert names(
        roles(
            registry(),
            task(),
            assignment(scope=GROUP.lower()) | {"properties": {**assignment()["properties"], "scope": None}},
        )
    ) == ["one"]
    assert roles(registry(), task(), assignment(scope=f"{GROUP}2") | {"properties": {
        **assignment()["properties"], "scope": None}}) == Related()  # fmt: skip


def subscription(*groups: str) -> Json:
    chain = [{"displayName": group, "name": group} for group in groups]
    return {
        "id": f"/subscriptions/{SUBSCRIPTION}",
        "source": "resourceGraph",
        "properties": {"state": "Enabled", "managementGroupAncestorsChain": chain},
    }


def test_a_role_of_a_management_group_counts_where_the_group_holds_the_subscription() -> None:
    at_group = assignment(scope=f"{ROOT}/Platform")

    inside = roles(registry(), task(), at_group, subscription("platform", "tenant"))
    outside = roles(registry(), task(), at_group, subscription("platform2", "tenant"))
    unknown = roles(registry(), task(), at_group)
    hidden = roles(registry(), task(), at_group, subscription() | {"properties": {"state": "Enabled"}})

    reason = "whether the management group platform holds contoso could not be seen"
    assert (names(inside), doubts(inside)) == (["one"], [])
    assert outside == Related()
    assert (names(unknown), doubts(unknown)) == ([], [reason])
    assert doubts(hidden) == [reason]


def test_a_role_that_grants_nothing_is_no_doubt_wherever_it_is_assigned() -> None:
    assert roles(registry(), task(), assignment(READER, scope=f"{ROOT}/platform")) == Related()
    assert roles(registry(), task(), assignment(CUSTOM, scope=f"{GROUP}2")) == Related()


# ---- conditions

CONDITION = f"((!(ActionMatches{{'{CONTENT}/read'}})) OR (@Request[x:name] StringEquals 'apps'))"


def test_an_assignment_with_a_condition_leaves_it_open() -> None:
    bound = roles(registry(ABAC), task(), assignment(READER, condition=CONDITION, conditionVersion="2.0"))
    useless = roles(registry(), task(), assignment(READER, condition=CONDITION))
    beside = roles(
        registry(ABAC), task(), assignment(READER, condition=CONDITION), assignment(READER, GROUP, name="two")
    )

    assert (names(bound), doubts(bound)) == ([], ["the role assignment one has a condition"])
    assert useless == Related()
    assert names(beside) == ["two"]


@pytest.mark.parametrize("empty", [None, ""])
def test_a_condition_that_is_empty_is_none(empty: str | None) -> None:
    assert names(roles(registry(), task(), assignment(condition=empty))) == ["one"]


@pytest.mark.parametrize("path", ["properties.condition", "properties.scope", "properties.roleDefinitionId"])
def test_what_an_assignment_does_not_show_leaves_it_open(path: str) -> None:
    hidden = assignment()
    del hidden["properties"]["scope"]
    del hidden["properties"]["roleDefinitionId"]
    gap = Gap(f"{ASSIGNMENTS}/{path}", hidden["id"].lower(), "refused")

    related = roles(registry(), task(), assignment() if path.endswith("condition") else hidden, gaps=[gap])

    expected = "the role of the role assignment one could not be seen" if path.endswith("Id") else "refused"
    assert (names(related), doubts(related)) == ([], [expected])


def test_the_scope_that_a_row_names_goes_before_that_of_its_id() -> None:
    short = {**assignment(scope=GROUP), "id": f"/subscriptions/{SUBSCRIPTION}{ASSIGNED}/one"}
    elsewhere = {**assignment(scope=f"{GROUP}2"), "id": f"/subscriptions/{SUBSCRIPTION}{ASSIGNED}/one"}

    assert names(roles(registry(), task(), short)) == ["one"]
    assert roles(registry(), task(), elsewhere) == Related()


# ---- whose role it is


def test_only_the_identitys_own_roles_count() -> None:
    related = roles(
        registry(),
        task(),
        assignment(principal=OTHER, name="other"),
        assignment(principal="99999999-0000-4000-8000-000000000000", name="group", principalType="Group"),
    )

    assert related == Related()


def test_principals_compare_without_case() -> None:
    assert names(roles(registry(), task(), assignment(principal=PRINCIPAL.upper()))) == ["one"]


def test_an_assignment_that_hides_its_principal_may_be_the_identitys() -> None:
    hidden = assignment()
    gap = Gap(f"{ASSIGNMENTS}/properties.principalId", hidden["id"].lower(), "refused")
    del hidden["properties"]["principalId"]

    related = roles(registry(), task(), hidden, gaps=[gap])

    assert (names(related), doubts(related)) == ([], ["properties.principalId of one could not be seen"])


def test_a_task_without_a_principal_leaves_it_open() -> None:
    absent = roles(registry(), task(principalId=None), assignment())
    graph = {**task(), "identity": None, "source": "resourceGraph"}
    unseen = roles(registry(), graph, assignment())

    assert doubts(absent) == ["the principal of nightly could not be seen"]
    assert doubts(unseen) == ["Resource Graph is not known to show it"]
    assert unseen.unseen is not None
    assert unseen.unseen.need == RequiredRead(TASK, "self", "identity.principalId")


def test_a_registry_that_was_not_collected_leaves_it_open() -> None:
    assert doubts(roles(task(), assignment())) == ["no row of the registry was collected"]


# ---- what proves that there is none


def test_no_assignment_is_proven_by_the_rows_of_a_collected_type() -> None:
    uncollected = roles(registry(), task(), collected={DEFINITIONS})
    here = roles(registry(), task(), gaps=[Gap(ASSIGNMENTS, SUBSCRIPTION, "refused")])
    there = roles(registry(), task(), gaps=[Gap(ASSIGNMENTS, OTHER_SUBSCRIPTION, "refused")])

    assert doubts(uncollected) == ["Microsoft.Authorization/roleAssignments was not collected"]
    assert doubts(here) == ["refused"]
    assert there == Related()
    assert roles(registry(), task()) == Related()


# ---- roles that go beyond


def beyond(*rows: Json, **bounds: Any) -> Related:
    return roles(registry(), task(), *rows, relation="rolesBeyondPullAndPush", **bounds)


@pytest.mark.parametrize("role", [ACR_PULL, ACR_PUSH, READER, WRITER])
@pytest.mark.parametrize("scope", [REGISTRY, REGISTRY.lower(), f"{REGISTRY}/repositories/app"])
def test_the_roles_for_content_on_the_registry_are_narrow(role: str, scope: str) -> None:
    assert beyond(assignment(role, scope)) == Related()


@pytest.mark.parametrize(
    "scope",
    ["", GROUP, f"{REGISTRY}2", f"/subscriptions/{SUBSCRIPTION}", f"{ROOT}/platform",
     f"{GROUP}/providers/Microsoft.Storage/storageAccounts/contoso"],
)  # fmt: skip
def test_a_role_anywhere_but_on_the_registry_goes_beyond(scope: str) -> None:
    related = beyond(assignment(ACR_PULL, scope))

    assert (names(related), doubts(related)) == (["one"], [])


@pytest.mark.parametrize(
    "permission",
    [
        allows("*"),
        allows(PULLS, "Microsoft.ContainerRegistry/registries/artifacts/delete"),
        allows("Microsoft.ContainerRegistry/registries/pull/*"),
        allows_data(f"{CONTENT}/read", f"{CONTENT}/delete"),
        allows(f"{CONTENT}/read"),
        allows_data(PULLS),
        allows("*", without=("*/read", "Microsoft.ContainerRegistry/*")),
        allows(PULLS, notActions=[], dataActions=["*"], notDataActions=[f"{CONTENT}/*"]),
    ],
)
def test_a_role_that_names_more_than_pull_and_push_goes_beyond(permission: Json) -> None:
    related = beyond(definition(CUSTOM, allows(PULLS), permission), assignment(CUSTOM))

    assert (names(related), doubts(related)) == (["one"], [])


@pytest.mark.parametrize(
    "permission",
    [
        allows(PULLS.upper()),
        allows_data("Microsoft.ContainerRegistry/registries/catalog/read"),
        allows("Microsoft.Web/sites/read", PULLS, without=("Microsoft.Web/*",)),
        allows("*", without=("*",)),
        allows_data("*", without=("*",)),
        allows(),
        {},
    ],
)
def test_a_role_that_names_no_more_is_narrow(permission: Json) -> None:
    assert beyond(definition(CUSTOM, permission), assignment(CUSTOM)) == Related()


def test_which_roles_go_beyond_is_told_by_name() -> None:
    related = beyond(
        assignment(ACR_PUSH, name="fine"),
        assignment(CONTRIBUTOR, name="contributor"),
        assignment(ACR_PULL, GROUP, name="group"),
        assignment(CONTRIBUTOR, principal=OTHER, name="others"),
    )

    assert sorted(names(related)) == ["contributor", "group"]


def test_a_definition_that_was_not_seen_matters_only_on_the_registry() -> None:
    on_registry, above = beyond(assignment(CUSTOM)), beyond(assignment(CUSTOM, GROUP))

    assert (names(on_registry), len(doubts(on_registry))) == ([], 1)
    assert (names(above), doubts(above)) == (["one"], [])


def test_a_condition_may_narrow_a_wide_role_and_does_no_harm_to_a_narrow_one() -> None:
    wide = beyond(assignment(READER, GROUP, condition=CONDITION))

    assert (names(wide), doubts(wide)) == ([], ["the role assignment one has a condition"])
    assert beyond(assignment(READER, condition=CONDITION)) == Related()


def test_roles_beyond_are_searched_in_the_whole_scope() -> None:
    elsewhere = beyond(gaps=[Gap(ASSIGNMENTS, OTHER_SUBSCRIPTION, "refused")])
    uncollected = beyond(collected={DEFINITIONS})

    assert doubts(elsewhere) == ["refused"]
    assert doubts(uncollected) == ["Microsoft.Authorization/roleAssignments was not collected"]


def test_roles_beyond_hinge_on_the_identity_and_not_on_the_registry() -> None:
    nobody = roles(registry(), task(principalId=None), relation="rolesBeyondPullAndPush")
    alone = roles(task(), assignment(CONTRIBUTOR), relation="rolesBeyondPullAndPush")
    hidden = assignment()
    gap = Gap(f"{ASSIGNMENTS}/properties.principalId", hidden["id"].lower(), "refused")
    del hidden["properties"]["principalId"]

    assert doubts(nobody) == ["the principal of nightly could not be seen"]
    assert names(alone) == ["one"]
    assert doubts(beyond(hidden, gaps=[gap])) == ["properties.principalId of one could not be seen"]
    scopeless = Gap(f"{ASSIGNMENTS}/properties.scope", assignment()["id"].lower(), "refused")
    bare = assignment()
    del bare["properties"]["scope"]
    assert doubts(beyond(bare, gaps=[scopeless])) == ["refused"]


# ---- dependants

WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/training"
CONTAINERS = f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/nightly"
USER = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
SECOND = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second"
SYSTEM: Json = {"type": "SystemAssigned", "principalId": PRINCIPAL, "tenantId": "t"}
DEPENDANTS = {*ROLES, WORKSPACES, GROUPS}


def users(**principals: str | None) -> Json:
    known = {"puller": USER, "second": SECOND}
    assigned = {known[name]: {"clientId": "c", "principalId": value} for name, value in principals.items()}
    return {"type": "UserAssigned", "userAssignedIdentities": assigned}


def workspace(identity: Json | None) -> Json:
    return {"id": WORKSPACE, "identity": identity, "properties": {"containerRegistry": REGISTRY}}


def containers(identity: Json | None, *logins: Json) -> Json:
    image = {"name": "app", "properties": {"image": "contoso.azurecr.io/app:1"}}
    return {
        "id": CONTAINERS,
        "identity": identity,
        "properties": {"imageRegistryCredentials": list(logins), "containers": [image]},
    }


def unable(*rows: Json, relation: str = "workspacesUnableToPull", **bounds: Any) -> Related:
    bounds = {"collected": DEPENDANTS, **bounds}
    return roles(*rows, relation=relation, of=REGISTRY, **bounds)


@pytest.mark.parametrize(
    "identity",
    [
        SYSTEM,
        users(puller=PRINCIPAL),
        users(puller=OTHER, second=PRINCIPAL),
        users(puller=None, second=PRINCIPAL),
        {**SYSTEM, **users(puller=OTHER), "type": "SystemAssigned,UserAssigned"},
        {**SYSTEM, **users(puller=PRINCIPAL), "principalId": OTHER, "type": "SystemAssigned, UserAssigned"},
    ],
)
def test_a_workspace_can_pull_if_one_of_its_identities_has_a_role(identity: Json) -> None:
    assert unable(registry(), workspace(identity), assignment()) == Related()


@pytest.mark.parametrize(
    "identity",
    [
        {**SYSTEM, "principalId": OTHER},
        users(puller=OTHER),
        users(puller=OTHER, second=OTHER),
        {"type": "None"},
        None,
        {**users(puller=PRINCIPAL), "type": "SystemAssigned", "principalId": OTHER},
        {**SYSTEM, **users(puller=OTHER)},
    ],
)
def test_a_workspace_cannot_pull_if_none_has(identity: Json | None) -> None:
    related = unable(registry(), workspace(identity), assignment())

    assert (names(related), doubts(related)) == (["training"], [])


def test_a_workspace_needs_the_role_to_pull_and_not_only_to_push() -> None:
    pushing = definition(CUSTOM, allows(PUSHES))

    assert names(unable(registry(), workspace(SYSTEM), pushing, assignment(CUSTOM))) == ["training"]
    assert names(unable(registry(ABAC), workspace(SYSTEM), assignment(ACR_PULL))) == ["training"]
    assert unable(registry(ABAC), workspace(SYSTEM), assignment(READER)) == Related()


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ({"type": "SystemAssigned"}, "the principal of training could not be seen"),
        ({"type": "UserAssigned"}, "the identities of training could not be seen"),
        ({**users(), "type": "UserAssigned"}, "the identities of training could not be seen"),
        (
            {"type": "UserAssigned", "userAssignedIdentities": []},
            "the identities of training could not be seen",
        ),
        (users(puller=None), "the principal of a user-assigned identity of training could not be seen"),
        (
            users(puller=OTHER, second=None),
            "the principal of a user-assigned identity of training could not be seen",
        ),
        (
            {"type": "UserAssigned", "userAssignedIdentities": {USER: None}},
            "the principal of a user-assigned identity of training could not be seen",
        ),
    ],
)
def test_a_workspace_whose_principals_do_not_show_may_pull(identity: Json, reason: str) -> None:
    related = unable(registry(), workspace(identity), assignment())

    assert (names(related), doubts(related)) == ([], [reason])


def test_a_workspace_may_pull_by_what_was_not_seen_of_its_roles() -> None:
    refused = [Gap(ASSIGNMENTS, SUBSCRIPTION, "refused")]
    identity = [Gap(f"{WORKSPACES}/identity.type", WORKSPACE.lower(), "hidden")]

    assert doubts(unable(registry(), workspace(SYSTEM), assignment(CUSTOM))) == [
        f"the definition of the role {CUSTOM} could not be seen"
    ]
    assert doubts(unable(registry(), workspace(SYSTEM), gaps=refused)) == ["refused"]
    assert unable(registry(), workspace(SYSTEM), assignment(), gaps=refused) == Related()
    assert names(unable(registry(), workspace(None), gaps=refused)) == ["training"]
    assert doubts(unable(registry(), workspace(None), gaps=identity)) == ["hidden"]


def test_workspaces_unable_to_pull_are_open_like_workspaces() -> None:
    uncollected = unable(registry(), collected=ROLES)
    hidden = {"id": WORKSPACE, "identity": SYSTEM, "properties": {}}
    gap = Gap(f"{WORKSPACES}/properties.containerRegistry", WORKSPACE.lower(), "refused")

    assert doubts(uncollected) == ["Microsoft.MachineLearningServices/workspaces was not collected"]
    assert doubts(unable(registry(), hidden, gaps=[gap])) == [
        "properties.containerRegistry of training could not be seen"
    ]


def login(identity: str | None, server: str = "contoso.azurecr.io") -> Json:
    return {"server": server, "identity": identity}


CAN = [
    (SYSTEM, []),
    (users(puller=PRINCIPAL), []),
    (users(puller=PRINCIPAL, second=OTHER), [login(USER)]),
    (users(puller=PRINCIPAL), [login(USER.upper(), "Contoso.azurecr.io")]),
    (users(puller=PRINCIPAL, second=OTHER), [login(SECOND, "other.azurecr.io"), login(USER)]),
    (users(puller=PRINCIPAL, second=OTHER), [login(None), login(USER)]),
    ({**SYSTEM, **users(puller=OTHER)}, [login("system")]),
]


@pytest.mark.parametrize(("identity", "logins"), CAN)
def test_a_container_group_can_pull_if_the_identity_of_its_login_has_a_role(
    identity: Json, logins: list[Json]
) -> None:
    related = unable(
        registry(), containers(identity, *logins), assignment(), relation="containerGroupsUnableToPull"
    )

    assert related == Related()


CANNOT = [
    ({**SYSTEM, "principalId": OTHER}, []),
    (users(puller=OTHER), []),
    (users(puller=PRINCIPAL, second=OTHER), [login(SECOND)]),
    (users(puller=PRINCIPAL, second=OTHER), [login(USER, "other.azurecr.io"), login(SECOND)]),
    (users(puller=PRINCIPAL, second=OTHER), [login(None), login(SECOND)]),
    ({**SYSTEM, **users(puller=OTHER), "type": "SystemAssigned, UserAssigned"}, [login(USER)]),
    ({**SYSTEM, **users(puller=PRINCIPAL), "principalId": OTHER}, [login("[system]")]),
]


@pytest.mark.parametrize(("identity", "logins"), CANNOT)
def test_a_container_group_cannot_pull_if_that_identity_has_none(identity: Json, logins: list[Json]) -> None:
    related = unable(
        registry(), containers(identity, *logins), assignment(), relation="containerGroupsUnableToPull"
    )

    assert (names(related), doubts(related)) == (["nightly"], [])


def test_a_login_by_an_identity_that_does_not_show_leaves_it_open() -> None:
    related = unable(
        registry(), containers(users(second=OTHER), login(USER)), relation="containerGroupsUnableToPull"
    )

    assert (names(related), doubts(related)) == (
        [],
        ["the principal of the identity puller could not be seen"],
    )


def test_a_login_server_compares_without_case() -> None:
    shouting = registry() | {"properties": {**registry()["properties"], "loginServer": "CONTOSO.azurecr.io"}}
    mine = containers(users(puller=PRINCIPAL, second=OTHER), login(SECOND))

    related = unable(shouting, mine, assignment(), relation="containerGroupsUnableToPull")

    assert names(related) == ["nightly"]


def test_container_groups_by_password_need_no_role() -> None:
    by_password = containers(None, {"server": "contoso.azurecr.io", "username": "contoso"})

    assert unable(registry(), by_password, relation="containerGroupsUnableToPull") == Related()


def test_container_groups_unable_to_pull_are_open_like_container_groups() -> None:
    relation = "containerGroupsUnableToPull"
    nameless = registry() | {"properties": {"provisioningState": "Succeeded"}}
    hidden = {"id": CONTAINERS, "identity": SYSTEM}

    assert doubts(unable(registry(), collected=ROLES, relation=relation)) == [
        "Microsoft.ContainerInstance/containerGroups was not collected"
    ]
    assert doubts(unable(nameless, containers(SYSTEM), relation=relation)) == [
        "the login server of contoso could not be seen"
    ]
    assert doubts(unable(registry(), hidden, relation=relation)) == [
        "how nightly pulls could not be seen: the row has no properties"
    ]
