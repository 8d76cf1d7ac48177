"""What cannot be seen: verdicts that hinge on it are unknown, the rest is judged, and the reason is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from estates import (
    DATA,
    HR,
    PLENTY,
    SHOP,
    WEBHOOK_HTTPS,
    Body,
    Clock,
    policies,
    pool,
    pricing,
    quick_clock,
    registry,
    requests,
    resource,
    scan,
    subject,
    subscriptions,
    task,
    webhook,
    world,
)
from fake_azure import FakeAzure, Fault, Faults, Subscription, World, tags_document
from fake_azure.versions import ACR

from scanner.app.scan import collect, required_fields
from scanner.sources.azure.credential import sign_in_error, token_refused

READER = (
    "the scan needs the Reader role: "
    "az role assignment create --role Reader --assignee PRINCIPAL --scope /subscriptions/ID"
)
PASSES = {
    "sourceRegistry": {"loginMode": "None"},
    "customRegistries": {"closed.azurecr.io": {"identity": "[system]"}},
}
SYSTEM = {"type": "SystemAssigned", "principalId": "5a"}


@pytest.fixture
def clock() -> Iterator[Clock]:
    with quick_clock() as quick:
        yield quick


def closed(name: str = "closed", subscription: str = SHOP, **settings: Any) -> Body:
    return registry(name, subscription, **{"publicNetworkAccess": "Disabled", **settings})


def in_azure(there: World, **settings: Any) -> FakeAzure:
    return FakeAzure(there, **{"quota": PLENTY, **settings})


# Subscriptions


def test_an_unreadable_subscription_of_three_does_not_hide_the_others() -> None:
    seen, hidden = registry("seen", SHOP), registry("hidden", HR)
    there = world(seen, hidden, subscriptions=subscriptions(SHOP, DATA, hidden=[HR]))
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR901")

    assert outcome.code == 3
    assert dict(outcome.verdicts) == {("ACR901", seen["id"].lower()): "pass"}
    assert outcome.notices() == [
        {
            "kind": "unreadable-subscription",
            "where": HR,
            "reason": "the subscription cannot be read, so its resources are not in this report",
            "help": READER,
        }
    ]
    assert outcome.json["run"]["scope"] == {"subscriptions": [SHOP, DATA]}
    assert "<error" in outcome.junit


def test_a_fail_goes_before_an_unreadable_subscription() -> None:
    there = world(
        registry("seen", SHOP, adminUserEnabled=True), subscriptions=subscriptions(SHOP, DATA, hidden=[HR])
    )
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR901")

    assert (outcome.code, outcome.kinds) == (1, ["unreadable-subscription"])


def test_an_unreadable_subscription_may_hold_what_depends_on_a_registry() -> None:
    shut = closed(networkRuleBypassOptions="None")
    there = world(shut, subscriptions=subscriptions(SHOP, DATA, hidden=[HR]))
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR301")

    assert (outcome.code, outcome.verdict("ACR301", shut)) == (3, "unknown")


def test_a_subscription_that_does_not_exist_is_told_as_one_that_cannot_be_read() -> None:
    with in_azure(world(registry("seen", SHOP), subscriptions=subscriptions(SHOP))) as azure:
        outcome = scan(azure, "-s", SHOP, "-s", HR, "--select", "ACR901")

    assert (outcome.code, [one["where"] for one in outcome.notices()]) == (3, [HR])


@pytest.mark.parametrize("scope", [("-s", HR), ("-s", HR, "-s", DATA), ("--all-subscriptions",)])
def test_no_readable_subscription_scans_nothing_and_names_the_role(scope: tuple[str, ...]) -> None:
    with in_azure(world(subscriptions=subscriptions(hidden=[DATA, HR]))) as azure:
        outcome = scan(azure, *scope)

    assert outcome.code == 3
    assert outcome.err.startswith("resourcecontainers") or outcome.err.startswith(
        "acr-scan: nothing was scanned: "
    )
    assert f"help: {READER}\n" in outcome.err
    assert outcome.json["results"] == []
    assert "<error" in outcome.junit
    assert 'name="inventory"' in outcome.junit
    assert "nothing-scanned" in outcome.kinds


# Tables


@pytest.mark.parametrize("refusal", ["AccessDenied", "DisallowedLogicalTableName"])
def test_a_refused_table_makes_unknown_what_hinges_on_it_and_nothing_else(refusal: str) -> None:
    shut, allows = closed("shut", networkRuleBypassOptions="None"), closed("allows")
    there = world(shut, allows, refused_tables={"securityresources": refusal})
    with in_azure(there) as azure:
        outcome = scan(azure)

    assert outcome.code == 3
    assert outcome.verdict("ACR301", shut) == "unknown"
    assert outcome.verdict("ACR301", allows) == "pass"
    assert [key for key, verdict in outcome.verdicts.items() if verdict == "unknown"] == [
        ("ACR301", shut["id"].lower())
    ]
    notice = outcome.notices("unseen")[0]
    assert notice["where"] == "microsoft.security/pricings"
    assert notice["reason"].startswith(f"Resource Graph refused the query: {refusal}: ")
    assert (
        notice["help"]
        == {
            "AccessDenied": "reading securityresources takes the Reader role on the scope",
            "DisallowedLogicalTableName": "this cloud's Resource Graph does not have the table; "
            "--exclude the policies that need it",
        }[refusal]
    )


def test_a_table_that_shows_defender_turns_the_unknown_into_a_fail() -> None:
    shut = closed("shut", networkRuleBypassOptions="None")
    there = world(shut, pricing(SHOP, "Standard"), pricing(DATA), pricing(HR), plans=False)
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR301")

    assert (outcome.code, outcome.verdict("ACR301", shut)) == (1, "fail")


def test_a_refused_table_of_registries_is_no_green_report() -> None:
    with in_azure(world(registry("one"), refused_tables={"resources": "AccessDenied"})) as azure:
        outcome = scan(azure)

    assert (outcome.code, outcome.kinds) == (3, ["unseen", "nothing-scanned"])
    assert "<error" in outcome.junit


# Service tags


def test_a_tag_list_that_lacks_the_region_leaves_coverage_unknown() -> None:
    north = registry("north", location="northeurope", action="Deny", rules=["13.69.64.0/24"])
    build = task(north, "build")
    with in_azure(world(north, build)) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    leaf = next(one for one in outcome.result("ACR201", build)["evidence"] if one["way"] == "ip-rules")
    assert "northeurope" in f"{leaf['expected']} {leaf['reason']}"
    assert leaf["truth"] == "unknown"
    assert leaf["help"]


def test_tags_that_cannot_be_had_are_told_and_leave_coverage_unknown() -> None:
    east = registry("east", action="Deny", rules=["20.42.66.0/23", "40.71.10.216/29"])
    there = world(east)
    there.deny("Microsoft.Network/locations/serviceTags/read")
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR206")

    assert (outcome.code, outcome.verdict("ACR206", east)) == (3, "unknown")
    assert outcome.kinds == ["no-service-tags", "service-tag-api"]
    assert outcome.notices("service-tag-api")[0]["reason"].startswith("AuthorizationFailed: The client")


# Old api-versions


def test_a_row_of_an_old_api_version_is_read_by_arm() -> None:
    one = registry("one", anonymousPullEnabled=True)
    with in_azure(world(one, graph_versions={ACR: "2023-07-01"})) as azure:
        outcome = scan(azure, "--select", "ACR902")

    assert outcome.verdict("ACR902", one) == "fail"
    assert {each.api_version for each in azure.requests if subject(each.request) == "self"} == {"2025-11-01"}
    leaf = outcome.result("ACR902", one)["evidence"][0]
    assert (leaf["source"], leaf["apiVersion"], leaf["actual"]) == ("arm", "2025-11-01", True)


def test_a_row_of_an_old_api_version_stays_unknown_without_arm_reads() -> None:
    one = registry("one")
    with in_azure(world(one, graph_versions={ACR: "2023-07-01"})) as azure:
        outcome = scan(azure, "--select", "ACR902", "--arm-reads", "never")

    assert (outcome.code, outcome.verdict("ACR902", one)) == (3, "unknown")
    assert outcome.json["run"]["complete"] is True
    leaf = outcome.result("ACR902", one)["evidence"][0]
    assert leaf["help"] == "an ARM read shows it; scan with --arm-reads auto"
    assert not requests(azure)["self"]


def test_a_cloud_that_does_not_know_the_api_version_is_asked_by_an_older_one() -> None:
    pools = closed()
    build, vnet = task(pools, "build", agentPoolName="vnet"), pool(pools, "vnet")
    old = {f"{ACR}/tasks": ["2019-04-01", "2019-06-01-preview"]}
    with in_azure(world(pools, build, vnet, api_versions=old)) as azure:
        outcome = scan(azure, "--select", "ACR201")

    asked = [(one.api_version, one.status) for one in azure.requests if subject(one.request) == "tasks"]
    assert asked == [("2025-03-01-preview", 400), ("2019-06-01-preview", 200)]
    assert outcome.verdict("ACR201", build) == "fail"  # the pool has no subnet
    assert outcome.json["run"]["complete"] is True


def test_a_cloud_that_knows_no_fitting_api_version_leaves_the_verdict_unknown_and_says_so() -> None:
    pools = closed()
    build = task(pools, "build")
    with in_azure(world(pools, build, api_versions={f"{ACR}/tasks": ["2018-09-01"]})) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    assert outcome.notices("unseen")[0]["reason"].startswith("ARM: NoRegisteredProviderFound: ")


# Permissions of ARM


def test_a_task_list_that_is_refused_names_the_permission() -> None:
    one = closed()
    build = task(one, "build")
    there = world(one, build)
    there.deny("Microsoft.ContainerRegistry/registries/tasks/read")
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    permission = "it takes the permission Microsoft.ContainerRegistry/registries/tasks/read, which Reader has"
    assert permission in {notice["help"] for notice in outcome.notices("unseen")}
    assert outcome.notices("unseen")[0]["reason"].startswith("ARM: AuthorizationFailed: The client")


def test_a_registry_that_is_refused_names_the_permission() -> None:
    one = closed()
    build = task(one, "build", identity=SYSTEM, credentials=PASSES)
    there = world(one, build, withhold=frozenset())
    there.deny("Microsoft.ContainerRegistry/registries/read")
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    permission = "it takes the permission Microsoft.ContainerRegistry/registries/read, which Reader has"
    assert [notice["help"] for notice in outcome.notices("unseen")] == [permission]
    assert permission in {leaf["help"] for leaf in outcome.result("ACR201", build)["evidence"]}


def test_a_pool_list_that_is_refused_names_the_permission() -> None:
    one = closed()
    build = task(one, "build", agentPoolName="vnet")
    there = world(one, build)
    there.deny("Microsoft.ContainerRegistry/registries/agentPools/read")
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    permission = (
        "it takes the permission Microsoft.ContainerRegistry/registries/agentPools/read, which Reader has"
    )
    assert [notice["help"] for notice in outcome.notices("unseen")] == [permission]


def test_a_list_withholds_credentials_and_a_read_of_the_task_shows_them() -> None:
    one = closed(networkRuleBypassAllowedForTasks=True)
    build = task(one, "build", identity=SYSTEM, credentials=PASSES)
    with in_azure(world(one, build)) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (0, "pass")
    assert outcome.result("ACR201", build)["way"] == "bypass"
    assert (requests(azure)["tasks"], requests(azure)["self"]) == (1, 2)


def test_credentials_that_every_read_withholds_stay_unknown() -> None:
    one = closed(networkRuleBypassAllowedForTasks=True)
    build = task(one, "build", identity=SYSTEM, credentials=PASSES)
    with in_azure(world(one, build, withhold=frozenset({"list", "get"}))) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    assert (requests(azure)["tasks"], requests(azure)["self"]) == (1, 2)


def test_a_registry_that_is_gone_by_the_time_of_its_read_is_told() -> None:
    one = closed()
    build = task(one, "build", identity=SYSTEM, credentials=PASSES)
    faults = Faults()
    faults.on(lambda request: request.path.endswith("/closed"), Fault.NOT_FOUND, times=None)
    with in_azure(world(one, build, withhold=frozenset()), faults=faults) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    assert outcome.notices("unseen")[0]["reason"].startswith("ARM: ResourceNotFound: ")


# Fails that rest on an assumed default


def without(body: Body, *names: str) -> Body:
    """What Resource Graph shows of a registry when it leaves properties out."""
    return {**body, "properties": {k: v for k, v in body["properties"].items() if k not in names}}


def is_read(request: Any) -> bool:
    """Whether a single resource is read by ARM."""
    return bool(request.path.startswith("/subscriptions/") and subject(request) == "self")


class Behind:
    """A world of which Resource Graph shows an older state."""

    def __init__(self, old: Body, true: Body) -> None:
        self.there = world(old)
        self.true = true

    def catch_up(self, request: Any) -> bool:
        """Met by no request; turns the world to its true state when ARM is asked."""
        if is_read(request):
            self.there.resources[0] = self.true
            self.there.changed()
        return False


def overtaken(old: Body, true: Body) -> FakeAzure:
    behind = Behind(old, true)
    azure = in_azure(behind.there)
    azure.faults.on(behind.catch_up, Fault.SLOW, times=None)
    return azure


def test_a_fail_by_an_assumed_default_is_confirmed_by_arm() -> None:
    one = registry("one", publicNetworkAccess=None)
    with in_azure(world(one)) as azure:
        outcome = scan(azure, "--select", "ACR101")

    assert (outcome.code, outcome.verdict("ACR101", one)) == (1, "fail")
    assert requests(azure)["self"] == 1
    leaf = next(
        x for x in outcome.result("ACR101", one)["evidence"] if x["field"].endswith("publicNetworkAccess")
    )
    assert (leaf["assumed"], leaf["source"]) == (True, "arm")
    assert outcome.notices() == []


def test_a_fail_by_an_assumed_default_is_overturned_where_arm_knows_better() -> None:
    true = closed("one", action="Deny")
    with overtaken(without(registry("one"), "publicNetworkAccess"), true) as azure:
        outcome = scan(azure, "--select", "ACR101")

    assert (outcome.code, outcome.verdict("ACR101", true)) == (0, "pass")
    assert outcome.kinds == ["sources-disagree"]
    field = "properties.networkRuleSet.defaultAction"
    assert {one["reason"] for one in outcome.notices()} == {
        f"{field} is 'Deny' in ARM and 'Allow' in Resource Graph; ARM was taken"
    }


def test_a_confirmation_that_is_refused_leaves_the_fail_and_a_notice() -> None:
    one = registry("one", publicNetworkAccess=None)
    there = world(one)
    there.deny("Microsoft.ContainerRegistry/registries/read")
    with in_azure(there) as azure:
        outcome = scan(azure, "--select", "ACR101")

    assert (outcome.code, outcome.verdict("ACR101", one)) == (1, "fail")
    assert outcome.json["run"]["complete"] is True
    notice = outcome.notices("unconfirmed")[0]
    assert notice["where"] == one["id"].lower()
    assert (
        notice["reason"]
        == "ARM answered 403 to the read of self, so its verdicts rest on Resource Graph alone"
    )


def test_a_fail_by_a_value_that_is_there_is_not_confirmed() -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--select", "ACR101")

    assert outcome.code == 1
    assert not requests(azure)["self"]


# Webhooks


@pytest.fixture
def hooked(tmp_path: Path) -> Iterator[tuple[FakeAzure, Body, list[str | Path]]]:
    """A webhook with a plain address, and the options of a policy that looks at it."""
    one = registry("one")
    hook = webhook(one, "deploy")
    there = world(
        one, hook, callbacks={hook["id"]: {"serviceUri": "http://hooks.example/x", "customHeaders": {}}}
    )
    own = policies(tmp_path / "own", WEBHOOK_HTTPS)
    with in_azure(there) as azure:
        yield azure, hook, ["--policies", own, "--select", "TEAM401"]


Hooked = tuple[FakeAzure, Body, list[str | Path]]


def test_addresses_of_webhooks_are_not_asked_for_unless_the_user_says_so(hooked: Hooked) -> None:
    azure, hook, options = hooked

    outcome = scan(azure, *options)

    assert (outcome.code, outcome.verdict("TEAM401", hook)) == (0, "unknown")
    assert azure.calls("getCallbackConfig") == []
    assert outcome.result("TEAM401", hook)["gates"] is None


def test_not_asked_gates_with_strict(hooked: Hooked) -> None:
    azure, hook, options = hooked

    outcome = scan(azure, *options, "--strict")

    assert (outcome.code, outcome.result("TEAM401", hook)["gates"]) == (3, "unknown")


def test_a_reader_cannot_ask_for_addresses_and_the_permission_is_named(hooked: Hooked) -> None:
    azure, hook, options = hooked

    outcome = scan(azure, *options, "--webhook-endpoints")

    assert (outcome.code, outcome.verdict("TEAM401", hook)) == (3, "unknown")
    assert [one.status for one in azure.calls("getCallbackConfig")] == [403]
    assert outcome.notices("unseen")[0]["help"] == (
        "it takes the permission Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action, "
        "which Reader lacks; give it by a custom role"
    )


def test_whoever_may_ask_for_addresses_has_them_judged(hooked: Hooked) -> None:
    azure, hook, options = hooked
    azure.world.grant("Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action")

    outcome = scan(azure, *options, "--webhook-endpoints")

    assert (outcome.code, outcome.verdict("TEAM401", hook)) == (1, "fail")
    assert outcome.result("TEAM401", hook)["evidence"][0]["actual"] == "http"


# What few verdicts need


def test_role_assignments_are_collected_only_where_a_verdict_hinges_on_them() -> None:
    one = registry("one", provisioningState="Failed", anonymousPullEnabled=None)
    role = resource(
        f"/subscriptions/{SHOP}/providers/Microsoft.Authorization/roleAssignments/r1",
        None,
        {"principalId": "5a", "roleDefinitionId": "x", "scope": f"/subscriptions/{SHOP}"},
    )
    plain = required_fields.needed_types
    roles = "microsoft.authorization/roleassignments"

    def with_roles(chosen: Any, terms: Any) -> frozenset[str]:
        return plain(chosen, terms) | ({roles} if any(each.id == "ACR902" for each in chosen) else set())

    asked = []
    for settled in (False, True):
        body = registry("one") if settled else one
        with in_azure(world(body, role)) as azure, pytest.MonkeyPatch.context() as patch:
            patch.setattr(collect, "needed_types", with_roles)
            outcome = scan(azure, "--select", "ACR902", "--verbose")
            asked.append(requests(azure)["graph authorizationresources"])
            assert outcome.json["run"]["rows"]["unusable"] == 0
    assert asked == [1, 0]


# Sign-in and the way to Azure


@pytest.mark.slow
def test_nobody_who_is_not_signed_in_gets_a_report_that_is_green() -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, IDENTITY_ENDPOINT="", IDENTITY_HEADER="")

    assert outcome.code == 3
    assert "acr-scan: nothing was scanned: " in outcome.err
    assert "help: run where a managed identity is assigned; AZURE_CLIENT_ID chooses" in outcome.err
    assert "<error" in outcome.junit


def test_a_service_principal_without_its_settings_is_told_which() -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--auth", "environment")

    assert outcome.code == 3
    assert (
        "help: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or a certificate)\n"
        in outcome.err
    )


def test_a_token_of_the_wrong_tenant_is_told_as_such() -> None:
    error = sign_in_error(ClientAuthenticationError(message="AADSTS50020: no such user\nTrace ID: 1"), "cli")
    refused = token_refused(
        401, "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer"
    )

    assert (str(error), error.help) == (
        "signed in to the wrong tenant: AADSTS50020: no such user",
        "sign in to the tenant of the subscription: az login --tenant TENANT",
    )
    assert refused is not None
    assert str(refused).startswith("signed in to the wrong tenant: The access token is from the wrong issuer")


def test_a_registry_of_another_tenant_is_told_as_such() -> None:
    one = closed()
    build = task(one, "build", identity=SYSTEM, credentials=PASSES)
    there = world(one, build, withhold=frozenset())

    def move(request: Any) -> bool:
        if is_read(request):
            there.subscriptions[:] = [Subscription(SHOP, "Shop", tenant="elsewhere")]
        return False

    with in_azure(there) as azure:
        azure.faults.on(move, Fault.SLOW, times=None)
        outcome = scan(azure, "-s", SHOP, "--select", "ACR201")

    assert (outcome.code, outcome.verdict("ACR201", build)) == (3, "unknown")
    assert outcome.notices("unseen")[0]["reason"].startswith("ARM: signed in to the wrong tenant: ")
    assert outcome.notices("unseen")[0]["help"].endswith("az login --tenant TENANT")


def test_a_certificate_that_nobody_trusts_is_told_with_the_way_to_trust_it() -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, REQUESTS_CA_BUNDLE="")

    assert outcome.code == 3
    assert (
        f"acr-scan: nothing was scanned: {azure.endpoint} has no certificate that is trusted here\n"
        in outcome.err
    )
    assert "help: if a proxy opens TLS here, set REQUESTS_CA_BUNDLE to its certificate\n" in outcome.err


def test_a_proxy_that_is_not_there_is_told_at_once(clock: Clock) -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, HTTPS_PROXY="http://127.0.0.1:1", NO_PROXY="", no_proxy="")

    assert outcome.code == 3
    assert "acr-scan: nothing was scanned: the proxy cannot be reached\n" in outcome.err
    assert "help: check HTTPS_PROXY and NO_PROXY\n" in outcome.err
    assert clock.waits == []


def test_an_endpoint_where_nobody_listens_is_tried_again_and_then_told(clock: Clock) -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--arm-endpoint", "https://127.0.0.1:1")

    assert outcome.code == 3
    assert (
        "acr-scan: nothing was scanned: Azure could not be read: https://127.0.0.1:1 refuses connections; "
        "gave up after 8 tries in "
    ) in outcome.err
    assert len(clock.waits) == 7


def test_an_endpoint_without_an_address_is_told_at_once(clock: Clock) -> None:
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--arm-endpoint", "https://management.invalid")

    assert outcome.code == 3
    assert "https://management.invalid has no address here" in outcome.err
    assert clock.waits == []


# Lists that go on


def test_a_list_is_followed_to_its_last_page() -> None:
    one = closed()
    tasks = [task(one, f"build-{number:02}") for number in range(25)]
    with in_azure(world(one, *tasks, page_size=10)) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert requests(azure)["tasks"] == 3
    assert list(outcome.verdicts.values()) == ["fail"] * 25


@pytest.mark.parametrize(
    "prefix",
    [
        "https://evil.example",
        "https://127.0.0.1.evil.example",
        "https://{host}@evil.example",
        "http://{host}",
        "https://127.0.0.1:1",
        "//{host}",
        "",
    ],
)
def test_a_next_link_to_another_host_is_not_followed_with_our_token(prefix: str) -> None:
    one = closed()
    with in_azure(world(one, task(one, "build"), task(one, "purge"), page_size=1)) as azure:
        azure._arm.endpoint = prefix.format(host=azure.endpoint.removeprefix("https://"))
        outcome = scan(azure, "--select", "ACR201")

    assert outcome.json["run"]["complete"] is False
    reason = f"ARM: a nextLink leads to another host than {azure.endpoint}"
    assert [notice["reason"] for notice in outcome.notices("unseen")] == [reason]
    assert set(outcome.verdicts.values()) == {"fail"}  # each task was read by itself then


def test_a_list_that_leads_in_a_circle_ends() -> None:
    one = closed()
    with in_azure(world(one, task(one, "build"), task(one, "purge"), page_size=1)) as azure:
        circle = lambda request, _: f"{azure.endpoint}{request.path}?api-version={request.api_version}"  # noqa: E731
        azure._arm._link = circle  # type: ignore[method-assign]
        outcome = scan(azure, "--select", "ACR201")

    assert outcome.json["run"]["complete"] is False
    assert outcome.notices("unseen")[0]["reason"].endswith("the pages of the list go round in a circle")


# Two feeds of service tags


def feeds(tmp_path: Path, east: list[str], west: list[str]) -> Path:
    file = tmp_path / "ServiceTags_Public_20261116.json"
    tags = tags_document({"AzureContainerRegistry.EastUS": east, "AzureContainerRegistry.WestEurope": west})
    file.write_text(json.dumps({**tags, "changeNumber": 380}), "utf-8")
    return file


def test_feeds_that_differ_in_a_region_with_a_registry_are_told(tmp_path: Path) -> None:
    file = feeds(tmp_path, ["20.42.66.0/23", "57.151.4.0/23"], ["192.0.2.0/26"])
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--select", "ACR901", "--service-tags", file)

    assert outcome.notices() == [
        {
            "kind": "service-tag-feeds-differ",
            "where": "AzureContainerRegistry.eastus",
            "reason": "only in the file: 57.151.4.0/23; only in the API: 40.71.10.216/29; the file was used",
            "help": "the file precedes use by a week, the API lags up to four; rules should cover both",
        }
    ]
    assert outcome.json["run"]["serviceTags"]["source"] == "file"
    assert outcome.code == 0


def test_feeds_that_differ_in_a_region_without_a_registry_are_not(tmp_path: Path) -> None:
    file = feeds(tmp_path, ["20.42.66.0/23", "40.71.10.216/29"], ["203.0.113.0/24"])
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--select", "ACR901", "--service-tags", file)

    assert outcome.notices() == []


def test_feeds_that_only_cut_the_same_addresses_otherwise_do_not_differ(tmp_path: Path) -> None:
    file = feeds(tmp_path, ["20.42.66.0/24", "20.42.67.0/24", "40.71.10.216/29"], ["192.0.2.0/26"])
    with in_azure(world(registry("one"))) as azure:
        outcome = scan(azure, "--select", "ACR901", "--service-tags", file)

    assert outcome.notices() == []


def test_all_pages_of_the_service_tags_are_followed() -> None:
    prefixes = [f"20.{number}.0.0/16" for number in range(7)]
    tags = tags_document({f"AzureContainerRegistry.Region{number}": [p] for number, p in enumerate(prefixes)})
    last = registry("last", location="region6", action="Deny", rules=["20.6.0.0/16"])
    with in_azure(world(last, service_tags={"*": tags}, tags_page_size=2)) as azure:
        outcome = scan(azure, "--select", "ACR206")

    assert requests(azure)["serviceTags"] == 4
    assert outcome.verdict("ACR206", last) == "pass"
    assert outcome.json["run"]["serviceTags"] == {
        "cloud": "Public",
        "changeNumber": "74",
        "published": None,
        "source": "api",
    }
