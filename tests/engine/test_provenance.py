"""What a row says of a field, and whether silence means anything: ARCHITECTURE's rules, in their order."""

from typing import Any

import pytest
from engine_rows import GROUP, POOL, REGISTRY, TASK, WEBHOOK, Json, inventory

from scanner.engine.fields.array_paths import split_at_array
from scanner.engine.fields.lookup import WEBHOOK_HELP, Lookup, LookupPath
from scanner.model.inventory import Gap
from scanner.model.resource import Absent, Answer, RequiredRead, Resource, Unseen, Value
from scanner.policy.paths import parse_path

PUBLIC = "properties.publicNetworkAccess"
ACTION = "properties.networkRuleSet.defaultAction"
RULES = "properties.networkRuleSet.ipRules"
SUBNETS = "properties.networkRuleSet.virtualNetworkRules"
FLAG = "properties.networkRuleBypassAllowedForTasks"
OPTIONS = "properties.networkRuleBypassOptions"
ANONYMOUS = "properties.anonymousPullEnabled"
EXPORT = "properties.policies.exportPolicy.status"
MODE = "properties.credentials.sourceRegistry.loginMode"
SOURCE_IDENTITY = "properties.credentials.sourceRegistry.identity"
CUSTOM = "properties.credentials.customRegistries[contoso.azurecr.io].identity"
POOL_NAME = "properties.agentPoolName"
SYSTEM = "properties.isSystemTask"

HYDRATE = "an ARM read shows it; scan with --arm-reads auto"
UNPROVEN = "Resource Graph is not known to show it"
WITHHELD = "a list keeps these contents back"

REGISTRIES = "microsoft.containerregistry/registries"
TASKS = f"{REGISTRIES}/tasks"

NOTHING: Json = {}


def look(path: str, *rows: Json, gaps: tuple[Gap, ...] = ()) -> Answer:
    """The answer of the one resource that the rows are of."""
    found = inventory(*rows, gaps=gaps)
    [resource] = found.resources.values()
    parted = split_at_array(parse_path(path), lambda name: name.fill(lambda placeholder: placeholder.path))
    assert isinstance(parted, tuple)
    return Lookup(found).look(resource, parted[0])


def told(path: str, *rows: Json, gaps: tuple[Gap, ...] = ()) -> object:
    """The answer in short: ("value", v), ("assumed", v), "absent", or the reason it is unseen."""
    match look(path, *rows, gaps=gaps):
        case Value(value, _, assumed):
            return ("assumed" if assumed else "value", value)
        case Absent():
            return "absent"
        case Unseen(reason):
            return reason


def premium(properties: Json | None = None, **row: Any) -> Json:
    return {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": properties or {}, **row}


def basic(properties: Json | None = None, **row: Any) -> Json:
    return {"id": REGISTRY, "sku": {"name": "Basic"}, "properties": properties or {}, **row}


def task(properties: Json | None = NOTHING, **row: Any) -> Json:
    return {"id": TASK, "apiVersion": "2025-03-01-preview", "properties": properties, **row}


def graph(row: Json, version: str | None = "2025-11-01") -> Json:
    return {**row, "source": "resourceGraph", "apiVersion": version or ""}


@pytest.mark.parametrize(
    ("path", "row", "answer"),
    [
        (PUBLIC, premium({"publicNetworkAccess": "Disabled"}), ("value", "Disabled")),
        (FLAG, premium({"networkRuleBypassAllowedForTasks": False}), ("value", False)),
        (FLAG, premium({"networkRuleBypassAllowedForTasks": True}, apiVersion="2019-05-01"), ("value", True)),
        (POOL_NAME, graph(task({"agentPoolName": "p"}), "2019-04-01"), ("value", "p")),
        (PUBLIC, premium({"publicNetworkAccess": "X", "provisioningState": "Failed"}), ("value", "X")),
        ("properties.count", {"id": POOL, "properties": {"count": 0}}, ("value", 0)),
        (RULES, premium({"networkRuleSet": {"ipRules": []}}), ("value", [])),
        ("sku.name", premium(), ("value", "Premium")),
        ("id", premium(), ("value", REGISTRY)),
        (CUSTOM, task({"credentials": {"customRegistries": {"Contoso.azurecr.IO": {"identity": "x"}}}}),
         ("value", "x")),
    ],
)  # fmt: skip
def test_a_value_is_an_answer_whatever_the_row(path: str, row: Json, answer: object) -> None:
    assert told(path, row) == answer


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize(
    ("path", "key", "answer"),
    [
        (PUBLIC, "publicNetworkAccess", ("assumed", "Enabled")),
        (ANONYMOUS, "anonymousPullEnabled", ("assumed", False)),
        (RULES, "networkRuleSet", "absent"),
        (ACTION, "networkRuleSet", ("assumed", "Allow")),
        ("properties.loginServer", "loginServer", "absent"),
    ],
)
def test_null_and_an_empty_text_are_no_value(nothing: object, path: str, key: str, answer: object) -> None:
    assert told(path, premium({key: nothing})) == answer


def test_keys_are_spelt_as_azure_spells_them_but_for_names_that_are_data() -> None:
    assert told(PUBLIC, premium({"PublicNetworkAccess": "Disabled"})) == ("assumed", "Enabled")
    credentials = {"customRegistries": {"contoso.azurecr.io": {"identity": "x"}}}
    loud = CUSTOM.replace("contoso", "CONTOSO")
    assert told(loud, task({"credentials": credentials})) == ("value", "x")


@pytest.mark.parametrize("row", [{"id": TASK}, task({"provisioningState": "Failed"})])
@pytest.mark.parametrize(("path", "value"), [("id", TASK), ("name", "nightly"), ("type", TASKS)])
def test_a_name_and_a_type_are_seen_in_the_id(row: Json, path: str, value: str) -> None:
    assert told(path, row) == ("value", value)


def test_a_null_above_credentials_is_not_withheld() -> None:
    assert told(MODE, task(properties=None)) == "the row has no properties"


def test_a_default_assumed_from_resource_graph_names_the_read_that_confirms_it() -> None:
    graph_answer, arm_answer = look(PUBLIC, graph(premium())), look(PUBLIC, premium())
    value = look(PUBLIC, graph(premium({"publicNetworkAccess": "Enabled"})))

    assert isinstance(graph_answer, Value)
    assert graph_answer.need == RequiredRead(REGISTRY, "self", PUBLIC)
    assert isinstance(arm_answer, Value)
    assert arm_answer.need is None
    assert isinstance(value, Value)
    assert value.need is None


@pytest.mark.parametrize(
    ("path", "row", "need"),
    [
        (POOL_NAME, graph(task(), "2025-03-01-preview"), RequiredRead(TASK, "self", POOL_NAME)),
        (MODE, task({"credentials": None}), RequiredRead(TASK, "self", MODE)),
        (PUBLIC, premium({"provisioningState": "Failed"}), None),
    ],
)
def test_an_unseen_answer_names_the_read_that_would_show_it(
    path: str, row: Json, need: RequiredRead | None
) -> None:
    answer = look(path, row)

    assert isinstance(answer, Unseen)
    assert answer.need == need


WITHHOLDING: list[tuple[str, Any]] = [
    (MODE, None),
    (MODE, {"sourceRegistry": None}),
    (MODE, {"sourceRegistry": {"loginMode": None}}),
    (SOURCE_IDENTITY, {"sourceRegistry": {"identity": None}}),
    (CUSTOM, None),
    (CUSTOM, {"customRegistries": None}),
    (CUSTOM, {"customRegistries": {"contoso.azurecr.io": None}}),
    (CUSTOM, {"customRegistries": {"CONTOSO.azurecr.io": None}}),
    (CUSTOM, {"customRegistries": {"contoso.azurecr.io": {"identity": None}}}),
    ("properties.credentials", None),
]


@pytest.mark.parametrize(("path", "credentials"), WITHHOLDING)
@pytest.mark.parametrize("version", ["2025-03-01-preview", "2019-04-01", ""])
@pytest.mark.parametrize("source", ["arm", "resourceGraph"])
def test_a_null_at_or_below_credentials_is_withheld_whatever_the_source(
    path: str, credentials: object, version: str, source: str
) -> None:
    row = task({"credentials": credentials}, apiVersion=version, source=source)

    assert told(path, row) == WITHHELD


@pytest.mark.parametrize(
    ("path", "credentials", "answer"),
    [
        (MODE, {}, ("assumed", "Default")),
        (MODE, {"sourceRegistry": {}}, ("assumed", "Default")),
        (MODE, {"sourceRegistry": {"loginMode": ""}}, ("assumed", "Default")),
        (MODE, "", ("assumed", "Default")),
        (SOURCE_IDENTITY, {"sourceRegistry": {}}, "absent"),
        (CUSTOM, {"customRegistries": {}}, "absent"),
        (CUSTOM, {"customRegistries": {"other.azurecr.io": None}}, "absent"),
        (CUSTOM, {"customRegistries": {"contoso.azurecr.io": {}}}, "absent"),
        (CUSTOM, {}, "absent"),
    ],
)
def test_credentials_that_are_there_show_what_is_not_set(
    path: str, credentials: object, answer: object
) -> None:
    assert told(path, task({"credentials": credentials})) == answer


@pytest.mark.parametrize("version", ["2017-10-01", "2019-05-01", "2023-07-01", "2025-11-01", ""])
@pytest.mark.parametrize("source", ["arm", "resourceGraph"])
@pytest.mark.parametrize("sku", ["Basic", "Standard", "Classic", "Managed_Standard"])
def test_a_registry_that_cannot_close_is_open_whatever_the_version(
    version: str, source: str, sku: str
) -> None:
    row = {"id": REGISTRY, "sku": {"name": sku}, "properties": {}, "apiVersion": version, "source": source}

    assert told(PUBLIC, row) == ("assumed", "Enabled")
    assert told(ACTION, row) == ("assumed", "Allow")
    assert told(RULES, row) == "absent"
    assert told(SUBNETS, row) == "absent"


def test_a_registry_that_cannot_close_is_open_while_it_is_made() -> None:
    row = basic({"provisioningState": "Creating"})

    assert told(PUBLIC, row) == ("assumed", "Enabled")
    assert told(ACTION, row) == ("assumed", "Allow")
    assert told(ANONYMOUS, row) == "the resource is in provisioningState Creating, whose rows are not whole"


def test_only_access_is_known_of_a_registry_that_cannot_close() -> None:
    row = basic({"networkRuleSet": {}}, apiVersion="2019-05-01")

    assert told(FLAG, row) == "read with an apiVersion older than 2025-05-01-preview"
    assert told(SUBNETS, row) == "read with an apiVersion older than 2026-03-01-preview"
    assert told(ACTION, row) == ("assumed", "Allow")


@pytest.mark.parametrize(
    "sku", [{"name": "Premium"}, {"name": "premium"}, {"name": ""}, {"name": 7}, {}, None, "Basic"]
)
def test_a_sku_that_is_premium_or_not_there_is_not_assumed_open(sku: object) -> None:
    row = {"id": REGISTRY, "sku": sku, "properties": {}, "apiVersion": "2019-05-01"}

    assert told(PUBLIC, row) == "read with an apiVersion older than 2019-12-01-preview"


def test_a_registry_without_sku_and_rules_is_seen_by_its_version() -> None:
    row = {"id": REGISTRY, "properties": {}, "apiVersion": "2016-06-27-preview"}

    assert told(ACTION, row) == "read with an apiVersion older than 2017-10-01"
    assert told(ACTION, {**row, "apiVersion": "2019-05-01"}) == ("assumed", "Allow")


@pytest.mark.parametrize("state", ["Creating", "Failed", "creating", "FAILED"])
@pytest.mark.parametrize("path", [PUBLIC, ACTION, ANONYMOUS, "properties.loginServer"])
def test_a_row_of_a_resource_that_is_not_whole_proves_nothing(state: str, path: str) -> None:
    assert told(path, premium({"provisioningState": state})) == (
        f"the resource is in provisioningState {state}, whose rows are not whole"
    )


@pytest.mark.parametrize("state", ["Succeeded", "Updating", "Canceled", "Deleting", None])
def test_other_states_are_whole(state: object) -> None:
    assert told(PUBLIC, premium({"provisioningState": state})) == ("assumed", "Enabled")


def older(first: str) -> str:
    return f"read with an apiVersion older than {first}"


def not_in(version: str) -> str:
    return f"apiVersion {version} does not return it"


ASSUMED = ("assumed", False)


@pytest.mark.parametrize(
    ("path", "version", "answer"),
    [
        (ANONYMOUS, "2019-12-01-preview", older("2020-11-01-preview")),
        (ANONYMOUS, "2020-11-01-preview", not_in("2020-11-01-preview")),
        (ANONYMOUS, "2021-06-01-preview", ASSUMED),
        (ANONYMOUS, "2021-09-01", not_in("2021-09-01")),
        (ANONYMOUS, "2022-12-01", not_in("2022-12-01")),
        (ANONYMOUS, "2023-07-01", not_in("2023-07-01")),
        (ANONYMOUS, "2023-11-01-preview", ASSUMED),
        (ANONYMOUS, "2025-04-01", ASSUMED),
        (ANONYMOUS, "2025-11-01", ASSUMED),
        (FLAG, "2023-07-01", older("2025-05-01-preview")),
        (FLAG, "2025-03-01-preview", older("2025-05-01-preview")),
        (FLAG, "2025-04-01", older("2025-05-01-preview")),
        (FLAG, "2025-05-01", not_in("2025-05-01")),
        (FLAG, "2025-05-01-preview", ASSUMED),
        (FLAG, "2025-11-01", ASSUMED),
        (FLAG, "2026-03-01-preview", ASSUMED),
        (PUBLIC, "2019-05-01", older("2019-12-01-preview")),
        (PUBLIC, "2019-12-01-preview", not_in("2019-12-01-preview")),
        (PUBLIC, "2020-11-01-preview", ("assumed", "Enabled")),
        (PUBLIC, "2021-09-01", ("assumed", "Enabled")),
        (OPTIONS, "2019-12-01-preview", not_in("2019-12-01-preview")),
        (OPTIONS, "2021-09-01", ("assumed", "AzureServices")),
        (EXPORT, "2019-05-01", older("2021-06-01-preview")),
        (EXPORT, "2021-09-01", ("assumed", "enabled")),
        (ACTION, "2019-05-01", ("assumed", "Allow")),
        (SUBNETS, "2025-11-01", older("2026-03-01-preview")),
        (SUBNETS, "2026-03-01-preview", "absent"),
        (SUBNETS, "2026-09-01-preview", "absent"),
        ("properties.endpointProtocol", "2025-11-01", older("2026-01-01-preview")),
        ("properties.endpointProtocol", "2026-12-01", not_in("2026-12-01")),
        ("properties.endpointProtocol", "2026-01-01-preview", ("assumed", "IPv4")),
        ("properties.loginServer", "2017-10-01", "absent"),
    ],
)
def test_stable_versions_compare_with_stable_and_previews_with_preview(
    path: str, version: str, answer: object
) -> None:
    assert told(path, premium({"provisioningState": "Succeeded"}, apiVersion=version)) == answer


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (ACTION, ("assumed", "Allow")),
        (RULES, "absent"),
        (PUBLIC, "read with an unknown apiVersion; it came with 2019-12-01-preview"),
        (ANONYMOUS, "read with an unknown apiVersion; it came with 2020-11-01-preview"),
        (FLAG, "read with an unknown apiVersion; it came with 2025-05-01-preview"),
        (EXPORT, "read with an unknown apiVersion; it came with 2021-06-01-preview"),
        ("properties.adminUserEnabled", ASSUMED),
    ],
)
def test_a_row_of_unknown_version_shows_what_every_version_does(path: str, answer: object) -> None:
    assert told(path, premium(apiVersion="")) == answer


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (MODE, ("assumed", "Default")),
        (CUSTOM, "absent"),
        ("identity.type", "absent"),
        (POOL_NAME, "read with an unknown apiVersion; it came with 2019-06-01-preview"),
        (SYSTEM, "read with an unknown apiVersion; it came with 2019-06-01-preview"),
        (SOURCE_IDENTITY, "read with an unknown apiVersion; it came with 2025-03-01-preview"),
        ("properties.status", ("assumed", "Enabled")),
    ],
)
def test_a_task_of_unknown_version_shows_what_every_version_does(path: str, answer: object) -> None:
    assert told(path, task(apiVersion="")) == answer


@pytest.mark.parametrize(
    ("path", "row", "answer"),
    [
        (MODE, task(), UNPROVEN),
        (CUSTOM, task(), UNPROVEN),
        (POOL_NAME, task(), UNPROVEN),
        (SYSTEM, task(), UNPROVEN),
        ("identity.type", task(), UNPROVEN),
        ("identity.type", task(identity=None), UNPROVEN),
        (FLAG, premium(), UNPROVEN),
        (PUBLIC, premium(), ("assumed", "Enabled")),
        (ANONYMOUS, premium(), ASSUMED),
        (ACTION, premium(), ("assumed", "Allow")),
        ("identity.type", premium(), "absent"),
        ("properties.status", task(), ("assumed", "Enabled")),
    ],
)
def test_absence_in_resource_graph_proves_only_what_is_known_to_show_there(
    path: str, row: Json, answer: object
) -> None:
    version = "2025-03-01-preview" if row["id"] == TASK else "2025-11-01"

    assert told(path, graph(row, version)) == answer


def test_absence_in_a_preview_resource_graph_row_does_not_prove_subnet_rules_gone() -> None:
    row = graph(premium({"networkRuleSet": {"defaultAction": "Deny"}}), "2026-03-01-preview")

    assert told(SUBNETS, row) == UNPROVEN
    assert told(RULES, row) == "absent"


@pytest.mark.parametrize(
    ("path", "credentials", "answer"),
    [
        (MODE, {"sourceRegistry": {}}, ("assumed", "Default")),
        (MODE, {"customRegistries": {}}, ("assumed", "Default")),
        (CUSTOM, {"sourceRegistry": {}}, "absent"),
        (SOURCE_IDENTITY, {"sourceRegistry": {}}, "absent"),
    ],
)
def test_an_unproven_object_that_is_there_proves_its_members(
    path: str, credentials: Json, answer: object
) -> None:
    assert told(path, graph(task({"credentials": credentials}), "2025-03-01-preview")) == answer


def test_a_task_identity_that_is_there_proves_its_members() -> None:
    row = graph(task(identity={"principalId": "p"}), "2025-03-01-preview")

    assert told("identity.type", row) == "absent"


@pytest.mark.parametrize(
    ("version", "answer"),
    [("2019-04-01", older("2025-03-01-preview")), ("2025-03-01-preview", "absent")],
)
def test_a_member_with_a_visibility_of_its_own_asks_for_its_version_too(version: str, answer: object) -> None:
    row = task({"credentials": {"sourceRegistry": {}}}, apiVersion=version)

    assert told(SOURCE_IDENTITY, row) == answer


@pytest.mark.parametrize("version", ["2019-04-01", "2018-09-01"])
def test_stable_task_rows_cannot_show_preview_fields(version: str) -> None:
    row = task(apiVersion=version)

    assert told(POOL_NAME, row) == (older("2019-06-01-preview"))
    assert told(SYSTEM, row) == (older("2019-06-01-preview"))
    assert told(MODE, row) == ("assumed", "Default")


def test_a_member_of_an_unseen_parent_is_unseen() -> None:
    row = premium({"policies": {}}, apiVersion="2019-05-01")

    assert told(EXPORT, row) == older("2021-06-01-preview")
    assert told(SOURCE_IDENTITY, graph(task(), "2025-03-01-preview")) == UNPROVEN


def test_a_member_of_a_parent_that_is_there_is_truly_missing() -> None:
    row = premium({"policies": {"exportPolicy": {}}}, apiVersion="2019-05-01")

    assert told(EXPORT, row) == ("assumed", "enabled")


@pytest.mark.parametrize("row", [{"id": REGISTRY}, {"id": REGISTRY, "properties": None}])
@pytest.mark.parametrize("path", [PUBLIC, ACTION, "properties.loginServer", "properties.nobodyKnows"])
def test_a_row_without_properties_says_nothing_of_them(row: Json, path: str) -> None:
    answer = look(path, row)

    assert isinstance(answer, Unseen)
    assert answer.reason == "the row has no properties"
    assert answer.help == "query Resource Graph with `properties`, or GET it"


def test_the_sku_alone_says_that_a_basic_registry_is_open() -> None:
    assert told(PUBLIC, {"id": REGISTRY, "sku": {"name": "Basic"}}) == ("assumed", "Enabled")


@pytest.mark.parametrize(
    ("path", "row", "reason"),
    [
        (ACTION, premium({"networkRuleSet": "open"}), "properties.networkRuleSet is no object"),
        (ACTION, premium({"networkRuleSet": [1]}), "properties.networkRuleSet is no object"),
        ("identity.type", premium(identity="x"), "identity is no object"),
        (CUSTOM, task({"credentials": {"customRegistries": ["x"]}}),
         "properties.credentials.customRegistries is no object"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_on_the_way_is_unseen(path: str, row: Json, reason: str) -> None:
    assert told(path, row) == reason


@pytest.mark.parametrize(
    "path",
    ["properties.serviceScheme", "properties.serviceHost", "properties.serviceHasUserInfo",
     "properties.serviceHasQuery", "properties.customHeaderNames"],
)  # fmt: skip
@pytest.mark.parametrize("source", ["arm", "resourceGraph"])
def test_a_webhook_address_takes_an_action_that_the_user_asks_for(path: str, source: str) -> None:
    answer = look(path, {"id": WEBHOOK, "properties": {"status": "enabled"}, "source": source})

    assert isinstance(answer, Unseen)
    assert answer.reason == "only callbackConfig shows it"
    assert answer.help == WEBHOOK_HELP
    assert "--webhook-endpoints" in WEBHOOK_HELP
    assert answer.optional is True


@pytest.mark.parametrize("state", ["Failed", "Creating", "Succeeded"])
def test_a_webhook_address_takes_the_same_action_in_any_state(state: str) -> None:
    answer = look("properties.serviceScheme", {"id": WEBHOOK, "properties": {"provisioningState": state}})

    assert isinstance(answer, Unseen)
    assert answer.optional is True
    assert answer.need == RequiredRead(WEBHOOK, "callbackConfig", "properties.serviceScheme")


ADDRESS = ["serviceScheme", "serviceHost", "serviceHasUserInfo", "serviceHasQuery"]


@pytest.mark.parametrize("name", ADDRESS)
def test_an_address_that_was_read_and_is_none_is_not_asked_for_again(name: str) -> None:
    answer = look(f"properties.{name}", {"id": WEBHOOK, "properties": {"serviceUri": "http://[odd"}})

    assert isinstance(answer, Unseen)
    assert answer.reason == "the address was read, and is none that can be understood"
    assert (answer.optional, answer.need) == (False, None)


def test_headers_that_did_not_come_with_an_address_take_the_action() -> None:
    answer = look(
        "properties.customHeaderNames", {"id": WEBHOOK, "properties": {"serviceUri": "https://[odd"}}
    )

    assert isinstance(answer, Unseen)
    assert answer.optional is True


@pytest.mark.parametrize("location", ["eastus", "East US", "EASTUS", "east us"])
def test_a_region_is_what_arm_calls_it(location: str) -> None:
    assert told("location", premium(location=location)) == ("value", "eastus")


def test_a_region_that_one_row_leaves_out_is_that_of_the_next() -> None:
    first, second = premium(), {**premium(location="West US"), "source": "resourceGraph"}

    assert told("location", first, second) == ("value", "westus")
    assert told("location", first) == "absent"


def test_an_unseen_answer_says_which_row_and_what_would_show_it() -> None:
    answer = look(FLAG, premium(apiVersion="2023-07-01"))

    assert isinstance(answer, Unseen)
    assert answer.help == HYDRATE
    assert answer.optional is False
    assert answer.row is not None
    assert answer.row.api_version == "2023-07-01"


def test_an_unproven_answer_says_what_would_show_it() -> None:
    answer = look(POOL_NAME, graph(task(), "2025-03-01-preview"))

    assert isinstance(answer, Unseen)
    assert answer.help == HYDRATE


def test_a_withheld_answer_says_what_would_show_it() -> None:
    answer = look(MODE, task({"credentials": None}))

    assert isinstance(answer, Unseen)
    assert answer.help == "an ARM GET of the task may show them"


def test_every_answer_knows_its_row() -> None:
    for path in (PUBLIC, ACTION, RULES, "sku.name", "sku.tier"):
        answer = look(path, premium({"networkRuleSet": {}}))

        assert answer.row is not None, path


OLD = premium({"provisioningState": "Succeeded"}, apiVersion="2023-07-01")
NEW = premium({"provisioningState": "Succeeded"}, apiVersion="2025-11-01")
NEWEST = premium({"provisioningState": "Succeeded"}, apiVersion="2026-03-01-preview")


@pytest.mark.parametrize(
    ("path", "rows", "answer"),
    [
        # the newest ARM row that sees wins, however the rows are given
        (FLAG, [OLD, NEW], ASSUMED),
        (FLAG, [NEW, OLD], ASSUMED),
        (SUBNETS, [NEW, OLD], older("2026-03-01-preview")),
        (SUBNETS, [OLD, NEWEST, NEW], "absent"),
        # an Unseen in the best row gives way to what a lesser one saw
        (FLAG, [OLD, graph(premium({"networkRuleBypassAllowedForTasks": True}))], ("value", True)),
        (PUBLIC, [premium({"provisioningState": "Failed"}), graph(NEW)], ("assumed", "Enabled")),
        # a seen absence or default is an answer, and ends the search
        (FLAG, [NEW, graph(premium({"networkRuleBypassAllowedForTasks": True}))], ASSUMED),
        (PUBLIC, [premium({"publicNetworkAccess": "Disabled"}, apiVersion="2021-09-01"), NEW],
         ("assumed", "Enabled")),
        # of several Unseen the best row's reason is told
        (FLAG, [OLD, graph(NEW)], older("2025-05-01-preview")),
        (FLAG, [graph(NEW), premium({"provisioningState": "Failed"}, apiVersion="2019-05-01")],
         "the resource is in provisioningState Failed, whose rows are not whole"),
    ],
)  # fmt: skip
def test_the_first_seen_answer_wins_in_the_order_of_rows(path: str, rows: list[Json], answer: object) -> None:
    assert told(path, *rows) == answer


def gap(what: str, where: str = "", reason: str = "refused", help_: str | None = None) -> Gap:
    return Gap(what, where, reason, help_)


@pytest.mark.parametrize(
    ("path", "row", "what"),
    [
        (PUBLIC, premium(), f"{REGISTRIES}/properties.publicNetworkAccess"),
        (PUBLIC, basic(), f"{REGISTRIES}/properties.publicNetworkAccess"),
        (PUBLIC, premium(), f"{REGISTRIES}/properties"),
        (ACTION, premium(), f"{REGISTRIES}/properties.networkRuleSet"),
        (ACTION, premium({"networkRuleSet": {}}), f"{REGISTRIES}/properties.networkRuleSet"),
        ("sku.name", {"id": REGISTRY}, f"{REGISTRIES}/sku"),
        ("sku.name", {"id": REGISTRY, "sku": {}}, f"{REGISTRIES}/sku.name"),
        (CUSTOM, task(), f"{TASKS}/properties.credentials.customRegistries"),
        (CUSTOM, task({"credentials": {"customRegistries": {}}}),
         f"{TASKS}/properties.credentials.customRegistries"),
        (CUSTOM, task(), f"{TASKS}/properties.credentials.customRegistries[*]"),
        (CUSTOM, task(), f"{TASKS}/properties.credentials.customRegistries[*].identity"),
        (PUBLIC, premium({"provisioningState": "Succeeded"}), f"{REGISTRIES}/properties.provisioningState"),
        ("identity.type", premium(), f"{REGISTRIES}/properties"),
    ],
)  # fmt: skip
def test_a_gap_of_the_field_or_of_what_it_stands_in_is_unseen(path: str, row: Json, what: str) -> None:
    reason = told(path, row, gaps=(gap(what),))

    assert reason == "refused"


def test_a_gap_tells_its_reason_and_its_help() -> None:
    answer = look(
        PUBLIC, premium(), gaps=(gap(f"{REGISTRIES}/{PUBLIC}", "", "the role is missing", "add Reader"),)
    )

    assert isinstance(answer, Unseen)
    assert (answer.reason, answer.help, answer.optional) == ("the role is missing", "add Reader", False)
    assert answer.row is not None


@pytest.mark.parametrize(
    "unrelated",
    [
        gap(f"{REGISTRIES}/properties.publicNetworkAccessX"),
        gap(f"{REGISTRIES}/properties.networkRuleSet"),
        gap(f"{TASKS}/properties.publicNetworkAccess"),
        gap(REGISTRIES),
        gap(f"{REGISTRIES}/properties.publicNetworkAccess", f"{GROUP}2".lower()),
        gap(f"{REGISTRIES}/properties.publicNetworkAccess", f"{REGISTRY}2".lower()),
    ],
)
def test_a_gap_elsewhere_changes_nothing(unrelated: Gap) -> None:
    assert told(PUBLIC, premium(), gaps=(unrelated,)) == ("assumed", "Enabled")


def test_a_value_that_was_seen_stands_in_spite_of_a_gap() -> None:
    row = premium({"publicNetworkAccess": "Disabled"})

    assert told(PUBLIC, row, gaps=(gap(f"{REGISTRIES}/{PUBLIC}"),)) == ("value", "Disabled")


def test_a_field_that_nobody_listed_is_absent_where_its_parent_is_there() -> None:
    assert told("properties.nobodyKnows", premium()) == "absent"
    assert told("sku.tier", premium()) == "absent"
    assert told("properties.x", {"id": f"{GROUP}/providers/A.B/c/d", "properties": {}}) == "absent"


def test_an_answer_is_worked_out_once_for_each_resource_and_field() -> None:
    rows = inventory(premium({"publicNetworkAccess": "Disabled"}), task({"publicNetworkAccess": "x"}))
    lookup = Lookup(rows)
    keys = LookupPath(("properties", "publicNetworkAccess"), ("properties", "publicNetworkAccess"))

    def answer(resource: Resource) -> Answer:
        return lookup.look(resource, keys)

    first = [answer(each) for each in rows.resources.values()]

    assert [each.value for each in first if isinstance(each, Value)] == ["Disabled", "x"]
    assert [answer(each) is known for each, known in zip(rows.resources.values(), first, strict=True)] == [
        True,
        True,
    ]


def test_without_rows_there_is_no_resource() -> None:
    with pytest.raises(AssertionError, match="a resource has at least one row"):
        Lookup(inventory()).look(Resource("x", ()), LookupPath(("id",), ("id",)))
