"""One object becomes a row without secrets, or is unusable for one reason."""

import copy
from typing import Any

import pytest

from scanner.model.inventory import Unusable
from scanner.model.resource import Row, Source
from scanner.sources.rows.row_parser import parse_row

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Shop"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"


def taken(found: object) -> Row:
    row = parse_row(found, where="rows.json: row 1")
    assert isinstance(row, Row)
    return row


def properties(path: str, **members: Any) -> Any:
    """What is left of a resource's properties."""
    return taken({"id": f"{REGISTRY}/{path}", "properties": members}).body["properties"]


def nested(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels - 1):
        value = [value] if isinstance(value, dict) else {"a": value}
    return value


def test_a_row_keeps_what_azure_said() -> None:
    found = {
        "id": REGISTRY,
        "name": "contoso",
        "type": "Microsoft.ContainerRegistry/Registries",
        "properties": {"publicNetworkAccess": "Enabled"},
        "zones": None,
        "source": "arm",
        "apiVersion": "2025-11-01",
    }

    assert taken(found) == Row(
        id=REGISTRY,
        type="microsoft.containerregistry/registries",
        body={
            "id": REGISTRY,
            "name": "contoso",
            "type": "Microsoft.ContainerRegistry/Registries",
            "properties": {"publicNetworkAccess": "Enabled"},
            "zones": None,
        },
        source=Source.ARM,
        api_version="2025-11-01",
    )


def test_source_and_version_are_the_callers_where_the_row_names_none() -> None:
    found = {"id": REGISTRY, "apiVersion": None}

    row = parse_row(found, where="", source=Source.ARM, api_version="2025-11-01")

    assert isinstance(row, Row)
    assert (row.source, row.api_version) == (Source.ARM, "2025-11-01")


@pytest.mark.parametrize("version", [None, "2025-11-01"])
def test_an_empty_version_is_none(version: str | None) -> None:
    assert taken({"id": REGISTRY, "apiVersion": ""}).api_version is None
    row = parse_row({"id": REGISTRY, "apiVersion": ""}, where="", api_version=version)
    assert isinstance(row, Row)
    assert row.api_version == version


@pytest.mark.parametrize("version", ["latest", "2025-11", "2025-11-01-alpha", "2025-11-01\n", "v2025-11-01"])
def test_a_version_that_cannot_be_compared_is_unknown(version: str) -> None:
    assert taken({"id": REGISTRY, "apiVersion": version}).api_version is None


def test_a_version_has_no_case() -> None:
    assert taken({"id": REGISTRY, "apiVersion": "2025-05-01-PREVIEW"}).api_version == "2025-05-01-preview"


@pytest.mark.parametrize(
    ("resource_id", "resource_type"),
    [
        (
            f"{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/audit",
            "microsoft.insights/diagnosticsettings",
        ),
        (GROUP, "microsoft.resources/subscriptions/resourcegroups"),
        (f"{REGISTRY}/tasks/Nightly", "microsoft.containerregistry/registries/tasks"),
    ],
)
def test_the_type_is_that_of_the_id(resource_id: str, resource_type: str) -> None:
    assert taken({"id": resource_id}).type == resource_type
    assert taken({"id": resource_id, "type": resource_type.upper()}).type == resource_type


BAD: dict[str, tuple[object, str]] = {
    "a text": ("contoso", "a row must be an object, not a string"),
    "null": (None, "a row must be an object, not null"),
    "an array": ([], "a row must be an object, not an array"),
    "a number": (1.5, "a row must be an object, not a number"),
    "a boolean": (True, "a row must be an object, not a boolean"),
    "no id": ({"name": "contoso"}, "the row has no `id`"),
    "an id of another kind": ({"id": 7}, "`id` must be a string, not a number"),
    "a name as id": ({"id": "contoso"}, "`id` is no resource id: 'contoso'"),
    "an id with a newline": (
        {"id": f"{GROUP}/providers/A.B/c/d\ne"},
        f"`id` holds characters that cannot be printed: '{GROUP}/providers/A.B/c/d\\ne'",
    ),
    "an id with an override of direction": (
        {"id": f"{GROUP}/providers/A.B/c/\u202ed"},
        f"`id` holds characters that cannot be printed: '{GROUP}/providers/A.B/c/\\u202ed'",
    ),
    "a type that is not the id's": (
        {"id": f"{GROUP}/providers/A.B/c/d", "type": "Microsoft.Network/virtualNetworks"},
        "`type` is 'Microsoft.Network/virtualNetworks', but its id spells a.b/c",
    ),
    "a type of another kind": ({"id": REGISTRY, "type": []}, "`type` must be a string, not an array"),
    "properties of another kind": (
        {"id": REGISTRY, "properties": "{}"},
        "`properties` must be an object, not a string",
    ),
    "a source of its own": (
        {"id": REGISTRY, "source": "ARM"},
        "`source` must be arm or resourceGraph, not 'ARM'",
    ),
    "a source of another kind": (
        {"id": REGISTRY, "source": None},
        "`source` must be arm or resourceGraph, not None",
    ),
    "a version of another kind": (
        {"id": REGISTRY, "apiVersion": 2025},
        "`apiVersion` must be a string, not a number",
    ),
    "a lone surrogate": (
        {"id": REGISTRY, "tags": {"a": "\ud800"}},
        "the row holds half a surrogate pair, which is no text",
    ),
    "a lone surrogate in a key": (
        {"id": REGISTRY, "tags": {"\udc00": 1}},
        "the row holds half a surrogate pair, which is no text",
    ),
    "nesting": (
        {"id": REGISTRY, "properties": nested(64)},
        "the row is nested deeper than 64 levels",
    ),
    "nesting without end": (
        {"id": REGISTRY, "properties": {"a": nested(5000)}},
        "the row is nested deeper than 64 levels",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_unusable_for_one_reason(case: str) -> None:
    found, reason = BAD[case]

    assert parse_row(found, where="rows.json: row 3") == Unusable("rows.json: row 3", reason)


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    shallow: tuple[Any, ...] = ({"rules": [{}] * 100}, nested(63))
    for members in shallow:
        assert taken({"id": REGISTRY, "properties": members}).body["properties"] == members


def test_properties_may_be_null() -> None:
    assert taken({"id": REGISTRY, "properties": None}).body == {"id": REGISTRY, "properties": None}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://Hooks.example.com/acr", ("https", "hooks.example.com", False, False)),
        ("http://hooks.example.com:8080/acr?", ("http", "hooks.example.com:8080", False, False)),
        ("https://user:hunter2@hooks.example.com/x?sig=hunter2", ("https", "hooks.example.com", True, True)),
        ("HTTPS://[2001:DB8::1]:8443/", ("https", "[2001:db8::1]:8443", False, False)),
        ("https://user:hun/ter2@hooks.example.com/", ("https", None, False, False)),
        ("https://hunter two@hooks.example.com/", ("https", "hooks.example.com", True, False)),
        ("https://hooks.example.com hunter2/", ("https", None, False, False)),
        ("hunter2", (None, None, False, False)),
    ],
)
def test_of_a_webhooks_address_four_facts_are_kept(
    address: str, kept: tuple[str | None, str | None, bool, bool]
) -> None:
    scheme, host, user_info, query = kept

    assert properties("webhooks/build", status="enabled", serviceUri=address) == {
        "status": "enabled",
        "serviceScheme": scheme,
        "serviceHost": host,
        "serviceHasUserInfo": user_info,
        "serviceHasQuery": query,
    }


def test_an_address_that_cannot_be_parsed_proves_nothing() -> None:
    assert properties("webhooks/build", serviceUri="https://[hunter2/") == {
        "serviceScheme": None,
        "serviceHost": None,
    }


def test_of_a_webhooks_headers_the_names_are_kept() -> None:
    headers = {"X-Token": "hunter2", "Authorization": "Basic hunter2"}

    assert properties("webhooks/build", customHeaders=headers) == {
        "customHeaderNames": ["Authorization", "X-Token"]
    }


@pytest.mark.parametrize(
    "member", [{"serviceUri": None}, {"customHeaders": None}, {"ServiceURI": ["hunter2"]}]
)
def test_what_is_no_address_or_header_goes_without_trace(member: dict[str, Any]) -> None:
    assert properties("webhooks/build", status="enabled", **member) == {"status": "enabled"}


def test_a_callback_configuration_beside_the_properties_is_redacted_too() -> None:
    row = taken({"id": f"{REGISTRY}/webhooks/b", "CustomHeaders": {"A": "hunter2"}, "properties": None})

    assert row.body == {"id": f"{REGISTRY}/webhooks/b", "customHeaderNames": ["A"], "properties": None}


def test_a_webhook_that_was_redacted_before_is_left_alone() -> None:
    kept = {"serviceScheme": "https", "serviceHost": "h", "customHeaderNames": ["A"]}

    assert properties("webhooks/build", **kept) == kept


def test_a_tasks_credentials_are_removed() -> None:
    registries = {
        "one.azurecr.io": {
            "userName": {"type": "Opaque", "value": "hunter2"},
            "password": {"type": "Opaque", "value": "hunter2"},
            "identity": "[system]",
        },
        "two.azurecr.io": None,
    }

    left = properties("tasks/t", credentials={"sourceRegistry": None, "customRegistries": registries})

    assert left == {
        "credentials": {
            "sourceRegistry": None,
            "customRegistries": {"one.azurecr.io": {"identity": "[system]"}, "two.azurecr.io": None},
        }
    }


def test_a_tasks_source_credentials_are_removed_unless_null() -> None:
    def trigger(auth: object) -> Any:
        repository = {"repositoryUrl": "https://github.com/a/b", "sourceControlAuthProperties": auth}
        return {"sourceTriggers": [{"name": "t", "sourceRepository": repository}]}

    left = properties("tasks/t", trigger=trigger({"tokenType": "PAT", "token": "hunter2"}))
    null = properties("tasks/t", trigger=trigger(None))

    assert left["trigger"]["sourceTriggers"] == [
        {"name": "t", "sourceRepository": {"repositoryUrl": "https://github.com/a/b"}}
    ]
    assert null == {"trigger": trigger(None)}


def test_a_tasks_secret_values_are_removed() -> None:
    step = {
        "type": "EncodedTask",
        "encodedTaskContent": "hunter2",
        "encodedValuesContent": "hunter2",
        "contextAccessToken": "hunter2",
        "values": [
            {"name": "a", "value": "hunter2", "isSecret": True},
            {"name": "b", "value": "plain", "isSecret": False},
            {"name": "c", "value": "plain"},
        ],
    }

    assert properties("tasks/t", step=step) == {
        "step": {
            "type": "EncodedTask",
            "values": [
                {"name": "a", "isSecret": True},
                {"name": "b", "value": "plain", "isSecret": False},
                {"name": "c", "value": "plain"},
            ],
        }
    }


def test_a_tasks_addresses_lose_their_tokens() -> None:
    step = {
        "contextPath": "https://user:hunter2@github.com/a/b.git?sig=hunter2#main:src",
        "dockerFilePath": "a@b?c",
    }

    assert properties("taskRuns/t", step=step) == {
        "step": {"contextPath": "https://github.com/a/b.git#main:src", "dockerFilePath": "a@b?c"}
    }


def test_a_tokens_passwords_are_removed() -> None:
    passwords = [{"name": "password1", "expiry": None, "value": "hunter2"}]

    assert properties("tokens/t", status="enabled", credentials={"passwords": passwords}) == {
        "status": "enabled",
        "credentials": {"passwords": [{"name": "password1", "expiry": None}]},
    }


def test_a_container_groups_environment_is_removed() -> None:
    found = {
        "id": f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/job",
        "properties": {
            "containers": [{"properties": {"environmentVariables": [{"name": "P", "value": "hunter2"}]}}],
            "imageRegistryCredentials": [{"server": "s", "password": "hunter2", "identity": "i"}],
        },
    }

    assert taken(found).body["properties"] == {
        "containers": [{"properties": {"environmentVariables": [{"name": "P"}]}}],
        "imageRegistryCredentials": [{"server": "s", "identity": "i"}],
    }


def test_the_input_is_not_changed_and_only_changed_branches_are_copied() -> None:
    found = {
        "id": f"{REGISTRY}/tasks/t",
        "properties": {"step": {"encodedTaskContent": "hunter2"}, "platform": {"os": "linux"}},
    }
    before = copy.deepcopy(found)

    row = taken(found)

    assert found == before
    assert row.body["properties"]["platform"] is found["properties"]["platform"]  # type: ignore[index]


def test_properties_without_secrets_are_the_same_object() -> None:
    for path in ("tasks/t", "webhooks/w", "cacheRules/c"):
        found: dict[str, Any] = {"id": f"{REGISTRY}/{path}", "properties": {"a": [{"b": {"c": 1}}]}}

        assert taken(found).body["properties"] is found["properties"]
