"""The stand-in of Azure Resource Manager, through the unmodified SDK and azure-identity."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    DeserializationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceResponseError,
)
from azure.core.rest import HttpRequest
from azure.identity import CredentialUnavailableError, ManagedIdentityCredential
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions
from fake_azure import FakeAzure, Fault, Faults, Quota, Subscription, Tokens, World, tags_document

SHOP, DATA, HIDDEN = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
GROUP = f"/subscriptions/{SHOP}/resourceGroups/RG-Shop"
REGISTRIES = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
CONTOSO = f"{REGISTRIES}/Contoso"
TASK, HOOK, POOL = f"{CONTOSO}/tasks/build", f"{CONTOSO}/webhooks/deploy", f"{CONTOSO}/agentPools/vnet"
DIAGNOSTICS = f"{CONTOSO}/providers/Microsoft.Insights/diagnosticSettings"
ROLE = "/providers/Microsoft.Authorization/roleAssignments"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub/subnets/agents"
QUERY = "resources | where type =~ '{}' | project id, name, properties, apiVersion | order by tolower(id) asc"
ALL = QUERY.format("Microsoft.ContainerRegistry/registries")

Started = Callable[..., tuple[FakeAzure, ResourceGraphClient]]


def resource(identifier: str, properties: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    parts = identifier.rpartition("/providers/")[2].split("/")
    kind = "/".join([parts[0], *parts[1::2]])
    body = {"id": identifier, "name": parts[-1], "type": kind, "location": "East US", **rest}
    return {**body, "properties": properties or {}}


def contoso() -> dict[str, Any]:
    return resource(
        CONTOSO,
        {
            "creationDate": "2024-02-12T09:30:00.1234567Z",
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [],
                "virtualNetworkRules": [{"action": "Allow", "virtualNetworkSubnetResourceId": SUBNET}],
            },
            "publicNetworkAccess": "Enabled",
            "anonymousPullEnabled": True,
            "networkRuleBypassAllowedForTasks": True,
            "endpointProtocol": "IPv4",
        },
        sku={"name": "Premium", "tier": "Premium"},
        resources=[{"id": TASK}],
    )


def task() -> dict[str, Any]:
    password = {"type": "Opaque", "value": "task-password"}
    custom = {"contoso.azurecr.io": {"identity": "[system]", "password": password}}
    credentials = {"sourceRegistry": {"loginMode": "None"}, "customRegistries": custom}
    settings = {"agentPoolName": "vnet", "isSystemTask": False, "credentials": credentials}
    return resource(TASK, settings, identity={"type": "SystemAssigned"})


def small_world(**settings: Any) -> World:
    hook = {
        "status": "enabled",
        "scope": "",
        "serviceUri": "https://u:hook-password@x.example/?code=hook-code",
    }
    return World(
        [Subscription(SHOP, "shop"), Subscription(DATA, "data"), Subscription(HIDDEN, "hr", readable=False)],
        [
            contoso(),
            task(),
            resource(HOOK, hook),
            resource(POOL, {"count": 1, "virtualNetworkSubnetResourceId": SUBNET}),
            resource(f"{DIAGNOSTICS}/all", {"logs": []}),
            resource(CONTOSO.replace(SHOP, HIDDEN).replace("Contoso", "secret")),
        ],
        callbacks={
            HOOK: {"serviceUri": hook["serviceUri"], "customHeaders": {"Authorization": "hook-header"}},
        },
        **settings,
    )


def big_world(count: int) -> World:
    rows = [resource(f"{REGISTRIES}/r{number * 7919 % count:05}") for number in range(count)]
    return World([Subscription(SHOP)], rows)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """Start a stand-in, and the SDK's client for it by a managed identity."""
    running: list[tuple[FakeAzure, ResourceGraphClient]] = []

    def started(world: World | None = None, **knobs: Any) -> tuple[FakeAzure, ResourceGraphClient]:
        retries = knobs.pop("retry_total", 0)
        azure = FakeAzure(world or small_world(), **{"quota": Quota(10_000), **knobs})
        azure.__enter__()
        for name, value in azure.environment.items():
            monkeypatch.setenv(name, value)
        client = ResourceGraphClient(ManagedIdentityCredential(), azure.endpoint, retry_total=retries)
        running.append((azure, client))
        return azure, client

    yield started
    for azure, client in running:
        client.close()
        azure.__exit__(None, None, None)


def ask(client: ResourceGraphClient, query: str = ALL, **options: Any) -> Any:
    scope = {name: options.pop(name) for name in ("subscriptions", "management_groups") if name in options}
    request = QueryRequest(
        query=query, options=QueryRequestOptions(**options), **(scope or {"subscriptions": [SHOP]})
    )
    return client.resources(request)


def walk(client: ResourceGraphClient, query: str = ALL, **options: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = ask(client, query, **options)
        assert page.result_truncated == "false"
        assert page.count == len(page.data)
        rows += page.data
        if page.skip_token is None:
            assert page.total_records == len(rows)
            return rows
        options["skip_token"] = page.skip_token


def raw(
    client: ResourceGraphClient, method: str, path: str, **json_body: Any
) -> tuple[int, Any, dict[str, str]]:
    """A request through the SDK's pipeline: the status, the document and the headers."""
    request = HttpRequest(method, path, json=json_body or None)
    response = client._send_request(request)
    return response.status_code, response.json(), dict(response.headers)


def get(client: ResourceGraphClient, path: str, version: str = "2025-11-01") -> tuple[int, Any]:
    status, document, _ = raw(client, "GET", f"{path}?api-version={version}")
    return status, document


def codes(error: HttpResponseError) -> list[str]:
    assert error.response is not None
    inner = json.loads(error.response.text())["error"]
    return [inner["code"], *(detail["code"] for detail in inner.get("details", []))]


def header(error: HttpResponseError, name: str) -> str | None:
    headers: dict[str, str] = getattr(error.response, "headers", {})
    return headers.get(name)


def test_pages_to_the_last_row_in_the_order_asked_for(start: Started) -> None:
    azure, client = start(big_world(2345))
    rows = walk(client)
    assert [row["name"] for row in rows] == [f"r{number:05}" for number in range(2345)]
    assert [one.status for one in azure.requests] == [200, 200, 200]
    assert [row["id"].lower() for row in walk(client, top=400)] == [row["id"].lower() for row in rows]
    assert {re.sub(r"r\d+$", "", row["id"]) for row in rows} > {f"{REGISTRIES}/"}


def test_a_token_holds_for_its_query_its_page_size_and_nothing_else(start: Started) -> None:
    _, client = start(big_world(20))
    token = ask(client, top=5).skip_token
    assert len(ask(client, skip_token=token).data) == 5  # as recorded: the token brings its page size
    other = QUERY.format("Microsoft.ContainerRegistry/registries/tasks")
    for query, top, sent in ((ALL, 6, token), (other, 5, token), (ALL, 5, "x")):
        with pytest.raises(HttpResponseError) as caught:
            ask(client, query, top=top, skip_token=sent)
        assert codes(caught.value) == ["BadRequest", "CouldNotDecodeSkipToken"]


def test_take_gives_no_token(start: Started) -> None:
    _, client = start(big_world(20))
    page = ask(client, "resources | take 8", top=5)
    assert (page.count, page.skip_token, page.result_truncated) == (5, None, "true")


def test_rows_show_what_their_version_shows_and_what_is_proven(start: Started) -> None:
    _, client = start(small_world(graph_versions={"microsoft.containerregistry/registries": "2023-07-01"}))
    row = ask(client, "Resources | where type =~ 'microsoft.containerregistry/registries'").data[0]
    assert row["type"] == "microsoft.containerregistry/registries"
    assert row["apiVersion"] == "2023-07-01"
    assert (row["resourceGroup"], row["subscriptionId"], row["location"]) == ("rg-shop", SHOP, "eastus")
    assert (row["kind"], row["managedBy"], row["identity"], row["plan"], row["zones"]) == (
        "",
        "",
        None,
        None,
        None,
    )
    assert row["properties"] == {
        "creationDate": "2024-02-12T09:30:00.1230000Z",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
        "publicNetworkAccess": "Enabled",
    }
    assert "resources" not in row
    shown = ask(client, "resources | where type =~ 'microsoft.containerregistry/registries/tasks'").data[0]
    assert (shown["identity"], shown["properties"]) == (None, {})


def test_types_are_in_their_table_only(start: Started) -> None:
    world = small_world(management_groups={"corp": [SHOP]})
    rules = f"{GROUP}/providers/Microsoft.Network/firewallPolicies/p/ruleCollectionGroups/g"
    top = {"scope": "/providers/Microsoft.Management/managementGroups/corp"}
    network = f"{GROUP}/providers/Microsoft.Network"
    admin = f"{network}/networkManagers/m/securityAdminConfigurations/c/ruleCollections/rc/rules/r"
    world.resources += [
        resource(f"{CONTOSO}/cacheRules/c"),
        resource(rules),
        resource(f"{network}/networkWatchers/eastus/flowLogs/log"),
        resource(
            f"{network}/virtualNetworks/vnet/providers/Microsoft.Network/effectiveSecurityAdminRules/default"
        ),
        resource(f"{admin}/snapshots/1"),
        resource(f"{network}/virtualNetworks/vnet/subnets/s/effectiveRoutingRules/routed"),
        resource(f"/subscriptions/{SHOP}/providers/Microsoft.Security/pricings/Containers"),
        resource(f"{GROUP}/providers/Microsoft.Network/privateDnsZones/z/A/r"),
        resource(f"/subscriptions/{SHOP}{ROLE}/below", {"scope": CONTOSO}),
        resource(f"/providers/Microsoft.Management/managementGroups/corp{ROLE}/above", top),
    ]
    _, client = start(world)

    def names(table: str) -> set[str]:
        return {row["name"] for row in ask(client, table).data}

    assert names("resources") == {"Contoso", "build", "deploy", "vnet", "log"}
    assert names("networkresources") == {"g", "default", "1", "routed"}
    assert names("dnsresources") == {"r"}
    assert names("securityresources") == {"Containers"}
    assert names("resourcecontainers") == {"shop", "RG-Shop"}
    assert names("authorizationresources") == {"below"}
    for version, expected in (("2021-03-01", 1), ("2024-04-01", 2)):
        path = f"/providers/Microsoft.ResourceGraph/resources?api-version={version}"
        options = {"authorizationScopeFilter": "AtScopeAboveAndBelow"}
        asked = {"query": "authorizationresources", "subscriptions": [SHOP], "options": options}
        assert raw(client, "POST", path, **asked)[1]["totalRecords"] == expected


def test_unreadable_subscriptions_are_dropped_silently_unless_none_is_left(start: Started) -> None:
    azure, client = start(small_world(management_groups={"corp": ["eu"], "eu": [SHOP, HIDDEN]}))
    assert [row["name"] for row in walk(client, subscriptions=[SHOP, HIDDEN])] == ["Contoso"]
    assert [row["name"] for row in walk(client, management_groups=["corp"])] == ["Contoso"]
    containers = "resourcecontainers | where type =~ 'microsoft.resources/subscriptions'"
    assert [row["name"] for row in walk(client, containers, subscriptions=[SHOP, HIDDEN])] == ["shop"]
    with pytest.raises(HttpResponseError) as caught:
        ask(client, subscriptions=[HIDDEN])
    assert (caught.value.status_code, codes(caught.value)) == (403, ["AccessDenied", "AccessDenied"])
    wrongs: list[dict[str, Any]] = [{"subscriptions": [SHOP] * 1001}]
    wrongs.append({"subscriptions": [SHOP], "management_groups": ["corp"]})
    for wrong in wrongs:
        with pytest.raises(HttpResponseError) as caught:
            ask(client, **wrong)
        assert caught.value.status_code == 400
    azure.world.refused_tables["resources"] = "AccessDenied"
    azure.world.changed()
    with pytest.raises(HttpResponseError, match="not have enough permission"):
        ask(client)


def test_a_query_that_cannot_be_read_is_refused_as_recorded(start: Started) -> None:
    _, client = start()
    with pytest.raises(HttpResponseError) as caught:
        ask(client, "where where")
    assert codes(caught.value) == ["BadRequest", "InvalidQuery", "ParserFailure"]
    assert caught.value.response is not None
    failure = json.loads(caught.value.response.text())["error"]["details"][1]
    assert (failure["line"], failure["characterPositionInLine"], failure["token"]) == (1, 11, "<EOF>")
    assert header(caught.value, "x-ms-user-quota-remaining") == "9999"
    for query, code in (
        ("resources | mv-expand properties", "ParserFailure"),
        ("resources | project id, nothing", "Default"),
        ("resources | where tolower(id) > 'x'", "Default"),  # SEM0064: Kusto orders strings by strcmp alone
    ):
        with pytest.raises(HttpResponseError) as caught:
            ask(client, query)
        assert codes(caught.value) == ["BadRequest", "InvalidQuery", code]
    with pytest.raises(HttpResponseError) as caught:
        ask(client, "nothing | project id")
    assert codes(caught.value)[-1] == "DisallowedLogicalTableName"
    for size in (0, 1001):
        with pytest.raises(HttpResponseError):
            ask(client, top=size)


def test_queries_of_a_scan_are_understood(start: Started) -> None:
    azure, client = start(big_world(10))
    after = f"{REGISTRIES}/r00007".lower()
    beyond = "resources | where type in~ ('X/y', 'Microsoft.ContainerRegistry/registries') | where "
    order = "| project id, name | order by tolower(id) asc"
    expected = ["r00008", "r00009"]
    assert [
        row["name"] for row in walk(client, f"{beyond}strcmp(tolower(id), '{after}') > 0 {order}")
    ] == expected
    azure.world.orders_strings = True
    azure.world.changed()
    assert [row["name"] for row in walk(client, f"{beyond}tolower(id) > '{after}' {order}")] == expected
    count = "resources | where name =~ 'R00001' or name == 'r00002' | summarize count() by type"
    assert ask(client, count).data == [{"type": "microsoft.containerregistry/registries", "count_": 2}]


def test_a_page_of_too_many_bytes_is_refused(start: Started) -> None:
    _, client = start(big_world(100), most_bytes=4000)
    with pytest.raises(HttpResponseError, match="has exceeded the limit of 4000") as caught:
        ask(client)
    assert codes(caught.value) == ["BadRequest", "ResponsePayloadTooLarge"]
    assert len(walk(client, top=10)) == 100


def test_quota_is_counted_in_windows_and_told(start: Started) -> None:
    now = [100.0]
    azure, client = start(quota=Quota(3, 5.0, lambda: now[0]))
    told: list[tuple[str, str]] = []

    def note(response: Any) -> None:
        headers = response.http_response.headers
        told.append((headers["x-ms-user-quota-remaining"], headers["x-ms-user-quota-resets-after"]))

    request = QueryRequest(query=ALL, subscriptions=[SHOP])
    for _ in range(3):
        client.resources(request, raw_response_hook=note)
        now[0] += 1.2
    assert told == [("2", "00:00:05"), ("1", "00:00:04"), ("0", "00:00:03")]
    with pytest.raises(HttpResponseError) as caught:
        ask(client)
    assert (caught.value.status_code, codes(caught.value)) == (429, ["RateLimiting", "RateLimiting"])
    assert header(caught.value, "Retry-After") == "2"
    now[0] += 2
    assert ask(client).count == 1
    assert [one.status for one in azure.requests] == [200, 200, 200, 429, 200]


def test_arm_returns_what_each_version_returns(start: Started) -> None:
    azure, client = start()

    def properties(version: str) -> dict[str, Any]:
        status, document = get(client, CONTOSO, version)
        assert status == 200
        shown: dict[str, Any] = document["properties"]
        return shown

    assert "anonymousPullEnabled" not in properties("2023-07-01")
    assert properties("2025-04-01")["anonymousPullEnabled"] is True
    assert "networkRuleBypassAllowedForTasks" not in properties("2025-04-01")
    assert properties("2025-11-01")["networkRuleBypassAllowedForTasks"] is True
    assert "virtualNetworkRules" not in properties("2025-11-01")["networkRuleSet"]
    assert properties("2026-03-01-preview")["networkRuleSet"]["virtualNetworkRules"][0] == {
        "action": "Allow",
        "virtualNetworkSubnetResourceId": SUBNET,
    }
    assert properties("2019-05-01")["networkRuleSet"]["virtualNetworkRules"] == [
        {"action": "Allow", "id": SUBNET}
    ]
    status, document = get(client, POOL, "2025-11-01")
    assert (status, document["error"]["code"]) == (400, "NoRegisteredProviderFound")
    assert "'2019-06-01-preview, 2025-03-01-preview'" in document["error"]["message"]
    azure.world.api_versions["microsoft.containerregistry/registries"] = ["2023-07-01"]
    assert get(client, CONTOSO)[0] == 400
    assert get(client, f"{REGISTRIES}/none", "2023-07-01")[1]["error"]["code"] == "ResourceNotFound"
    assert get(client, f"/subscriptions/{DATA[::-1]}/x/y")[1]["error"]["code"] == "SubscriptionNotFound"


def test_a_list_withholds_credentials_and_a_read_their_secrets(start: Started) -> None:
    _, client = start()
    preview = "2025-03-01-preview"
    [listed] = get(client, f"{CONTOSO}/tasks", preview)[1]["value"]
    assert listed["properties"]["credentials"] == {
        "sourceRegistry": None,
        "customRegistries": {"contoso.azurecr.io": None},
    }
    credentials = get(client, TASK, preview)[1]["properties"]["credentials"]
    assert credentials["sourceRegistry"] == {"loginMode": "None"}
    assert credentials["customRegistries"]["contoso.azurecr.io"] == {
        "identity": "[system]",
        "password": {"type": "Opaque"},
    }
    assert get(client, DIAGNOSTICS, "2021-05-01-preview")[1]["value"][0]["name"] == "all"
    assert get(client, f"{REGISTRIES}/none/tasks", preview)[0] == 404
    assert get(client, f"{CONTOSO}/agentPools", preview)[1]["value"][0]["name"] == "vnet"
    assert "serviceUri" not in get(client, HOOK)[1]["properties"]


def test_lists_and_service_tags_are_paged_by_next_link(start: Started) -> None:
    tags = tags_document({f"AzureContainerRegistry.Region{number}": ["192.0.2.0/24"] for number in range(5)})
    world = small_world(page_size=2, tags_page_size=2, service_tags={"*": tags})
    world.resources += [resource(f"{CONTOSO}/cacheRules/c{number}") for number in range(5)]
    azure, client = start(world)

    def pages(path: str, key: str) -> list[int]:
        sizes, link = [], f"{path}?api-version=2023-07-01"
        while link:
            assert link.startswith(("/", azure.endpoint))
            document = raw(client, "GET", link)[1]
            sizes.append(len(document[key]))
            link = document.get("nextLink", "")
        return sizes

    assert pages(f"{CONTOSO}/cacheRules", "value") == [2, 2, 1]
    where = f"/subscriptions/{SHOP}/providers/Microsoft.Network/locations/West Europe/serviceTags"
    assert pages(where, "values") == [2, 2, 1]
    first = get(client, where)[1]
    assert (first["changeNumber"], first["type"]) == ("74", "Microsoft.Network/serviceTags")
    listed = get(client, "/subscriptions", "2022-12-01")[1]["value"]
    assert [one["displayName"] for one in listed] == ["shop", "data"]


def test_reader_reads_and_acts_only_where_that_is_granted(start: Started) -> None:
    azure, client = start()
    call = f"{HOOK}/getCallbackConfig?api-version=2025-11-01"
    status, document, _ = raw(client, "POST", call)
    assert status == 403
    assert "webhooks/getCallbackConfig/action" in document["error"]["message"]
    azure.world.grant("Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action")
    status, document, _ = raw(client, "POST", call)
    assert (status, document["customHeaders"]) == (200, {"Authorization": "hook-header"})
    azure.world.deny("Microsoft.ContainerRegistry/registries/agentPools/read", CONTOSO)
    status, document = get(client, f"{CONTOSO}/agentPools", "2025-03-01-preview")
    assert (status, document["error"]["code"]) == (403, "AuthorizationFailed")
    assert get(client, CONTOSO.replace(SHOP, HIDDEN))[0] == 403
    raw(client, "POST", f"{TASK}/listDetails?api-version=2025-03-01-preview")
    assert [one.status for one in azure.calls("listDetails")] == [403]
    assert {azure.token, "hook-header", "hook-password", "hook-code", "task-password"} <= azure.secrets
    assert azure.identity.header in azure.secrets


def test_arm_throttles_each_subscription(start: Started) -> None:
    _, client = start(arm_quota=Quota(2, 300.0))
    _, _, headers = raw(client, "GET", f"{CONTOSO}?api-version=2025-11-01")
    assert headers["x-ms-ratelimit-remaining-subscription-reads"] == "1"
    get(client, CONTOSO)
    status, _, headers = raw(client, "GET", f"{CONTOSO}?api-version=2025-11-01")
    assert (status, headers["Retry-After"]) == (429, "300")
    assert get(client, f"/subscriptions/{DATA}", "2022-12-01")[0] == 200


def test_tokens_are_checked_and_expire(start: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    azure, client = start(tokens=Tokens(requests=2))
    ask(client)
    ask(client)
    with pytest.raises(ClientAuthenticationError) as caught:
        ask(client)
    assert codes(caught.value) == ["ExpiredAuthenticationToken"]
    assert "invalid_token" in str(header(caught.value, "WWW-Authenticate"))
    with ResourceGraphClient(ManagedIdentityCredential(), azure.endpoint, retry_total=0) as again:
        assert ask(again).count == 1
    assert [one.status for one in azure.token_requests] == [200, 200]
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises((ClientAuthenticationError, CredentialUnavailableError)):
        ManagedIdentityCredential().get_token("https://management.azure.com/.default")


def test_a_subscription_of_another_tenant_refuses_the_token(start: Started) -> None:
    world = small_world()
    world.subscriptions[1] = Subscription(DATA, tenant="other")
    _, client = start(world)
    status, document = get(client, f"/subscriptions/{DATA}", "2022-12-01")
    assert (status, document["error"]["code"]) == (401, "InvalidAuthenticationTokenTenant")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, ServiceResponseError),
        (Fault.TRUNCATED, IncompleteReadError),
        (Fault.HTML, (DecodeError, DeserializationError)),
        (Fault.ERROR_503, HttpResponseError),
        (Fault.THROTTLED_BARE, HttpResponseError),
        (Fault.FORBIDDEN, HttpResponseError),
        (Fault.EXPIRED_TOKEN, ClientAuthenticationError),
    ],
)
def test_faults_reach_the_caller_of_the_sdk(start: Started, fault: Fault, error: type[Exception]) -> None:
    azure, client = start()
    azure.faults.on(2, fault)
    ask(client)
    with pytest.raises(error):
        ask(client)
    assert [one.fault for one in azure.requests] == [None, fault]
    if fault is not Fault.EXPIRED_TOKEN:
        assert ask(client).count == 1


def test_pages_can_lie(start: Started) -> None:
    azure, client = start(big_world(20))
    token = ask(client, top=5).skip_token
    azure.faults.on(lambda request: request.skip_token == token, Fault.REPEATED_TOKEN)
    assert ask(client, top=5, skip_token=token).skip_token == token
    assert ask(client, top=5, skip_token=token).skip_token != token
    for fault, rows, count in (
        (Fault.WRONG_COUNT, 5, 6),
        (Fault.DOUBLED_ROW, 6, 6),
        (Fault.LOST_ROW, 4, 4),
    ):
        azure.faults.on(lambda _: True, fault)
        page = ask(client, top=5)
        assert (len(page.data), page.count) == (rows, count)
    azure.faults.on(lambda _: True, Fault.THROTTLED)
    status, document, headers = raw(
        client, "POST", "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01", query=ALL
    )
    assert (status, document["error"]["code"]) == (429, "RateLimiting")
    assert (headers["x-ms-user-quota-remaining"], headers["Retry-After"]) == ("0", "1")
    azure.faults.on(lambda _: True, Fault.SLOW)
    began = time.monotonic()
    assert ask(client, top=5).count == 5
    assert time.monotonic() - began >= azure.faults.slow_seconds


def fault_run(start: Started, faults: Faults) -> list[tuple[int, Fault]]:
    azure, client = start(big_world(30), faults=faults)
    token = None
    for _ in range(200):
        try:
            page = ask(client, top=5, skip_token=token)
        except (
            HttpResponseError,
            IncompleteReadError,
            ServiceResponseError,
            DecodeError,
            DeserializationError,
        ):
            continue
        if page.count == len(page.data) and page.skip_token != token:
            token = page.skip_token
            if token is None:
                return azure.faults.log
    pytest.fail("the faults never ended")


def test_a_seed_is_a_schedule_that_heals(start: Started) -> None:
    first, again, other = (fault_run(start, Faults(seed, 0.7, slow_seconds=0.0)) for seed in (7, 7, 8))
    assert first == again
    assert first
    assert first != other


def test_permanent_kinds_never_heal(start: Started) -> None:
    azure, client = start(faults=Faults(1, 1.0, [Fault.ERROR_500], permanent=[Fault.ERROR_500]))
    for _ in range(6):
        with pytest.raises(HttpResponseError):
            ask(client)
    assert {one.body for one in azure.requests} <= {"json", "html", "empty"}


PROGRAM = """
import sys
from azure.identity import ManagedIdentityCredential
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest

client = ResourceGraphClient(ManagedIdentityCredential(), sys.argv[1])
print(client.resources(QueryRequest(query="resources | count")).data)
"""


@pytest.mark.slow
def test_another_process_gets_in_by_its_environment_alone(start: Started) -> None:
    azure, _ = start()
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, azure.endpoint],
        env=azure.child_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "[{'Count': 4}]"), ran.stderr
    bare = {name: value for name, value in azure.child_environment().items() if name != "REQUESTS_CA_BUNDLE"}
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM.replace("sys.argv[1])", "sys.argv[1], retry_total=0)"),
            azure.endpoint,
        ],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "CERTIFICATE_VERIFY_FAILED" in ran.stderr
