"""A scan of Azure: every row arrives, and it costs as many requests as it must."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from estates import (
    DATA,
    HR,
    PLENTY,
    REPLICA_SETTLED,
    SHOP,
    WEBHOOK_SETTLED,
    Outcome,
    estate,
    policies,
    program,
    registry,
    requests,
    rows_of,
    scan,
    subscriptions,
    task,
    world,
)
from fake_azure import FakeAzure, Subscription, World

REGISTRIES, RESTRICTED, ROWS = 1500, 40, 12_000


@pytest.fixture(scope="module")
def big() -> World:
    """Three subscriptions with 12,000 resources, and three Defender plans."""
    return world(*estate(7, REGISTRIES, RESTRICTED))


@pytest.fixture(scope="module")
def scanned(
    big: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FakeAzure, Outcome, Path]]:
    """One scan of it by the shipped policies and two more, which look at webhooks and replications."""
    folder = tmp_path_factory.mktemp("big")
    own = policies(folder / "own", REPLICA_SETTLED, WEBHOOK_SETTLED)
    with FakeAzure(big, quota=PLENTY) as azure:
        outcome = scan(azure, "--policies", own, "--save-snapshot", folder / "snapshot", "--verbose")
        yield azure, outcome, folder / "snapshot"


@pytest.fixture
def small() -> Iterator[FakeAzure]:
    """A registry in each of three subscriptions, a restricted one with a task among them."""
    closed = registry("closed", SHOP, publicNetworkAccess="Disabled")
    rows = [closed, task(closed, "build"), registry("open", DATA), registry("west", HR, "westeurope")]
    groups = {"Contoso": ["Retail", HR], "Retail": [SHOP]}
    with FakeAzure(world(*rows, management_groups=groups), quota=PLENTY) as azure:
        yield azure


def judged(outcome: Outcome) -> list[str]:
    names = [one["resource"]["name"] for one in outcome.json["results"] if one["policy"] == "ACR101"]
    return sorted(names)


def scope_of(azure: FakeAzure, number: int = 0) -> Any:
    body = [one.request for one in azure.requests if one.request.is_graph][number].json
    return body.get("subscriptions", body.get("managementGroups", "everything"))


@pytest.mark.slow
def test_every_row_of_three_subscriptions_arrives(
    big: World, scanned: tuple[FakeAzure, Outcome, Path]
) -> None:
    _, _, snapshot = scanned

    graph = [identifier for identifier, source, _ in rows_of(snapshot) if source == "resourceGraph"]

    there = [body["id"].lower() for body in big.resources] + [f"/subscriptions/{s}" for s in (SHOP, DATA, HR)]
    assert sorted(graph) == sorted(there)
    assert len(there) == ROWS + 3 + 3


@pytest.mark.slow
def test_rows_in_are_rows_judged_and_context(scanned: tuple[FakeAzure, Outcome, Path]) -> None:
    _, outcome, snapshot = scanned

    rows = outcome.json["run"]["rows"]

    by_arm = RESTRICTED * 3
    assert rows == {"read": ROWS + 6 + by_arm, "judged": ROWS + by_arm, "context": 6, "unusable": 0}
    assert rows["read"] == len(rows_of(snapshot))
    assert outcome.json["run"]["complete"] is True


@pytest.mark.slow
def test_every_resource_has_its_verdicts(big: World, scanned: tuple[FakeAzure, Outcome, Path]) -> None:
    _, outcome, _ = scanned

    tasks = {key for policy, key in outcome.verdicts if policy == "ACR201"}
    registries = {key for policy, key in outcome.verdicts if policy == "ACR901"}

    by_type: dict[str, set[str]] = {}
    for body in big.resources:
        by_type.setdefault(body["type"].rpartition("/")[2], set()).add(body["id"].lower())
    assert tasks == by_type["tasks"]
    assert registries == by_type["registries"]
    assert "unknown" not in outcome.verdicts.values()


@pytest.mark.slow
def test_requests_are_the_pages_three_more_and_a_list_per_registry_that_verdicts_hinge_on(
    scanned: tuple[FakeAzure, Outcome, Path],
) -> None:
    azure, _, _ = scanned

    made = requests(azure)

    assert made == {
        "graph resourcecontainers": 1,
        "graph resources": 12,
        "graph securityresources": 1,
        "serviceTags": 1,
        "tasks": RESTRICTED,
    }
    pages = sum(math.ceil(rows / 1000) for rows in (ROWS, 3, 3))
    assert sum(made.values()) <= pages + 3 + RESTRICTED


@pytest.mark.slow
def test_verbose_says_what_the_reads_will_cost(scanned: tuple[FakeAzure, Outcome, Path]) -> None:
    _, outcome, _ = scanned

    said = "reading 40 more by ARM, because verdicts hinge on them: 40 lists of tasks\n"
    assert said in outcome.err


@pytest.mark.slow
def test_progress_tells_pages_rows_and_reads(scanned: tuple[FakeAzure, Outcome, Path]) -> None:
    _, outcome, _ = scanned

    assert "resources: 12,000 of 12,000 rows, 12 pages\n" in outcome.err
    assert "securityresources: 3 of 3 rows, 1 page\n" in outcome.err
    assert "ARM reads: 40 of 40\n" in outcome.err


@pytest.mark.slow
def test_pages_end_where_no_skip_token_comes_although_none_says_that_it_is_truncated(
    scanned: tuple[FakeAzure, Outcome, Path],
) -> None:
    azure, _, _ = scanned

    pages = [
        one.request
        for one in azure.requests
        if one.request.is_graph and "resources |" in one.request.json["query"]
    ]
    tokens = [page.skip_token for page in pages if page.json["query"].startswith("resources ")]

    assert tokens[0] is None
    assert None not in tokens[1:]
    assert len(set(tokens)) == 12


@pytest.mark.slow
def test_more_policies_ask_no_more_of_resource_graph() -> None:
    made = []
    for options in (["--select", "ACR201"], ["--select", "ACR201", "--select", "ACR[19]*"]):
        with FakeAzure(world(*estate(7, 300, 3, tasks=4)), quota=PLENTY) as azure:
            scan(azure, *options, "--quiet")
            made.append(requests(azure))

    assert made[0] == made[1]
    assert made[0]["graph resources"] == 2  # 300 registries and 1,200 tasks, whatever number looks at them


def test_arm_reads_never_asks_resource_graph_and_the_service_tags_alone(small: FakeAzure) -> None:
    outcome = scan(small, "--arm-reads", "never")

    assert set(requests(small)) == {
        "graph resourcecontainers",
        "graph resources",
        "graph securityresources",
        "serviceTags",
    }
    assert [v for (policy, _), v in outcome.verdicts.items() if policy == "ACR201"] == ["unknown"]
    assert outcome.code == 3 or "fail" in outcome.verdicts.values()


def test_the_program_itself_scans_with_the_unmodified_sdk(small: FakeAzure) -> None:
    with program(small, "--select", "ACR901") as process:
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert "OK: scanned whole, and clean (exit code 0)\n" in out
    assert "resources: 1 of 1 rows, 1 page\n" in err


def test_quiet_says_nothing(small: FakeAzure) -> None:
    outcome = scan(small, "--quiet", "--select", "ACR901")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_a_subscription_is_found_by_its_name_in_any_case(small: FakeAzure) -> None:
    outcome = scan(small, "-s", "sHOP", "-s", DATA)

    assert judged(outcome) == ["closed", "open"]
    assert outcome.json["run"]["scope"] == {"subscriptions": [SHOP, DATA]}
    assert [scope_of(small, number) for number in (0, 1)] == ["everything", [SHOP, DATA]]


def test_an_id_in_capitals_is_the_same_subscription(small: FakeAzure) -> None:
    outcome = scan(small, "-s", SHOP.upper(), "-s", "Shop")

    assert judged(outcome) == ["closed"]
    assert outcome.json["run"]["scope"] == {"subscriptions": [SHOP]}


def test_a_name_that_nothing_has_is_wrong_usage_with_what_was_probably_meant(small: FakeAzure) -> None:
    outcome = scan(small, "-s", "Shp")

    assert outcome.code == 2
    assert (
        "acr-scan: --subscription Shp names no subscription that can be read; did you mean 'Shop'?\n"
        in outcome.err
    )
    assert "help: the scan needs the Reader role" in outcome.err
    assert outcome.json == {}


def test_a_name_that_two_subscriptions_have_is_wrong_usage_that_names_their_ids() -> None:
    twins = [Subscription(SHOP, "Shop"), Subscription(DATA, "shop")]
    with FakeAzure(world(subscriptions=twins), quota=PLENTY) as azure:
        outcome = scan(azure, "-s", "Shop")

    assert outcome.code == 2
    assert f"acr-scan: --subscription Shop names 2 subscriptions: {SHOP}, {DATA}; use an id\n" in outcome.err


def test_a_management_group_is_scanned_to_its_depth(small: FakeAzure) -> None:
    outcome = scan(small, "--management-group", "Contoso")

    assert judged(outcome) == ["closed", "west"]
    assert outcome.json["run"]["scope"] == {"subscriptions": [SHOP, HR]}
    assert scope_of(small, 0) == scope_of(small, 1) == ["Contoso"]


def test_a_management_group_that_is_not_there_scans_nothing(small: FakeAzure) -> None:
    outcome = scan(small, "--management-group", "Contso")

    assert outcome.code == 3
    assert "acr-scan: nothing was scanned: " in outcome.err
    assert "help: the scan needs the Reader role" in outcome.err


def test_all_subscriptions_are_those_that_can_be_read() -> None:
    rows = [registry("open", DATA), registry("secret", HR)]
    mixed = world(*rows, subscriptions=subscriptions(SHOP, DATA, hidden=[HR]))
    with FakeAzure(mixed, quota=PLENTY) as azure:
        outcome = scan(azure, "--all-subscriptions")

    assert judged(outcome) == ["open"]
    assert outcome.json["run"]["scope"] == {"subscriptions": [SHOP, DATA]}
    assert scope_of(azure, 1) == "everything"


def test_a_tenant_with_more_subscriptions_than_one_query_covers_is_not_vouched_for() -> None:
    with FakeAzure(world(registry("open", SHOP), scope_limit=2), quota=PLENTY) as azure:
        outcome = scan(azure, "--all-subscriptions", "--select", "ACR901")

    assert outcome.code == 3
    reasons = {one["reason"] for one in outcome.notices("unseen")}
    assert reasons == {"the scope has more subscriptions than one query covers; scan them in parts"}


def test_subscriptions_go_out_in_batches_and_come_back_whole() -> None:
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(251)]
    rows = [registry("first", ids[0]), registry("last", ids[250], adminUserEnabled=True)]
    many = world(*rows, subscriptions=[Subscription(one, one[-4:]) for one in ids], plans=False)
    asked = [option for one in ids for option in ("-s", one)]
    with FakeAzure(many, quota=PLENTY) as azure:
        outcome = scan(azure, *asked, "--select", "ACR901")

    assert requests(azure) == {"graph resourcecontainers": 2, "graph resources": 2, "serviceTags": 1}
    assert [len(scope_of(azure, number)) for number in range(4)] == [250, 1, 250, 1]
    assert {name[1].rpartition("/")[2]: verdict for name, verdict in outcome.verdicts.items()} == {
        "first": "pass",
        "last": "fail",
    }
    assert "resources (1 of 2): 1 of 1 rows, 1 page\n" in outcome.err
    assert outcome.json["run"]["complete"] is True


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--resource-group", "RG-WestEurope"), ["west"]),
        (("--registry", "OPEN"), ["open"]),
        (("--registry", "open", "--registry", "west"), ["open", "west"]),
    ],
)
def test_narrowing_changes_what_is_judged_and_not_what_is_collected(
    small: FakeAzure, options: tuple[str, ...], names: list[str]
) -> None:
    outcome = scan(small, *options)

    assert judged(outcome) == names
    assert outcome.json["run"]["rows"]["read"] == 4 + 3 + 3
    assert "tasks" not in requests(small)  # nobody asked about the registry whose task cannot be seen


def test_a_registry_that_is_not_there_is_wrong_usage(small: FakeAzure) -> None:
    outcome = scan(small, "--registry", "opne")

    assert outcome.code == 2
    assert "acr-scan: --registry opne matches no collected registry; did you mean 'open'?\n" in outcome.err


@pytest.mark.parametrize(
    "options",
    [
        ("-s", SHOP, "--all-subscriptions"),
        ("-s", SHOP, "--management-group", "Contoso"),
        ("-s", SHOP, "--snapshot", "x"),
    ],
)
def test_two_scopes_are_wrong_usage_before_any_request(small: FakeAzure, options: tuple[str, ...]) -> None:
    outcome = scan(small, *options)

    assert outcome.code == 2
    assert "contradict each other" in outcome.err
    assert small.requests == small.token_requests == []


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "127.0.0.1", "https://user:secret@127.0.0.1"])
def test_an_endpoint_that_is_no_https_address_is_wrong_usage(small: FakeAzure, endpoint: str) -> None:
    outcome = scan(small, "--arm-endpoint", endpoint)

    assert outcome.code == 2
    assert "expected an address such as https://management.example" in outcome.err
    assert "secret" not in outcome.err
