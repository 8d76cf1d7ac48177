"""What an inventory holds, and what it can prove."""

from typing import Any

import pytest

from scanner.model.inventory import Gap, Inventory, Read, Unusable, by_id
from scanner.model.resource import (
    Related,
    Resource,
    Row,
    Source,
    normal_location,
    parent_key,
    segment_after,
    type_of_id,
)
from scanner.sources.rows.row_parser import parse_row

SUBSCRIPTION = "/subscriptions/AAAAAAAA-0000-0000-0000-000000000001"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/Shop/providers/Microsoft.ContainerRegistry/registries/Contoso"
KEY = REGISTRY.lower()
REGISTRIES = "microsoft.containerregistry/registries"
TASKS = f"{REGISTRIES}/tasks"


def row(resource_id: str = REGISTRY, **found: Any) -> Row:
    parsed = parse_row({"id": resource_id, **found}, where="row 1")
    assert isinstance(parsed, Row)
    return parsed


def resource(**found: Any) -> Resource:
    return by_id([row(**found)])[KEY]


def test_rows_whose_ids_differ_in_case_are_one_resource() -> None:
    rows = [row(REGISTRY.replace("resourceGroups", "resourcegroups")), row(REGISTRY)]

    grouped = by_id(rows)

    assert list(grouped) == [KEY]
    assert grouped[KEY].rows == tuple(rows)
    assert Inventory(grouped).rows == 2


def test_resources_stand_in_the_code_point_order_of_their_lower_cased_ids() -> None:
    ids = [f"{REGISTRY}/tasks/{name}" for name in ("b", "C", "a-1", "a", "a_1")]

    assert [key.rsplit("/", 1)[1] for key in by_id(map(row, ids))] == ["a", "a-1", "a_1", "b", "c"]


def test_arm_rows_come_before_resource_graph_and_newer_versions_before_older() -> None:
    given: list[tuple[str, str | None]] = [
        ("resourceGraph", "2026-03-01-preview"),
        ("arm", None),
        ("arm", "2019-05-01"),
        ("resourceGraph", None),
        ("arm", "2025-11-01"),
        ("arm", "2025-05-01-preview"),
        ("arm", "2026-03-01-preview"),
    ]

    rows = by_id(row(source=source, apiVersion=version) for source, version in given)[KEY].rows

    assert [(each.source.value, each.api_version) for each in rows] == [
        ("arm", "2026-03-01-preview"),
        ("arm", "2025-11-01"),
        ("arm", "2025-05-01-preview"),
        ("arm", "2019-05-01"),
        ("arm", None),
        ("resourceGraph", "2026-03-01-preview"),
        ("resourceGraph", None),
    ]


def test_rows_of_one_version_stay_as_given() -> None:
    rows = [row(source="arm", apiVersion="2025-11-01", tags={"n": str(number)}) for number in (2, 1, 3)]

    kept = by_id(rows)[KEY].rows

    assert [each.body["tags"]["n"] for each in kept] == ["2", "1", "3"]


def test_a_resource_speaks_by_its_best_row() -> None:
    rows = [row(KEY, source="resourceGraph"), row(REGISTRY, source="arm", apiVersion="2025-11-01")]

    best = by_id(rows)[KEY]

    assert (best.id, best.key, best.name, best.type) == (REGISTRY, KEY, "Contoso", REGISTRIES)
    assert best.rows[0].source is Source.ARM
    assert best.resource_group == "Shop"
    assert best.subscription == "aaaaaaaa-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("location", "normal"),
    [("East US", "eastus"), ("eastus", "eastus"), ("WESTUS", "westus"), ("US Gov Virginia", "usgovvirginia")],
)
def test_a_location_loses_its_blanks_and_capitals(location: str, normal: str) -> None:
    assert normal_location(location) == normal
    assert resource(location=location).location == normal


@pytest.mark.parametrize("location", [None, "", 7])
def test_no_location_is_none(location: object) -> None:
    assert resource(location=location).location is None


def test_the_location_is_that_of_the_first_row_that_has_one() -> None:
    rows = [row(source="arm"), row(source="resourceGraph", location="westus")]

    assert by_id(rows)[KEY].location == "westus"


def test_a_subscription_lies_in_no_group() -> None:
    found = by_id([row(SUBSCRIPTION)])[SUBSCRIPTION.lower()]

    assert found.resource_group is None
    assert found.subscription == "aaaaaaaa-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("resource_id", "resource_type"),
    [
        (REGISTRY, REGISTRIES),
        (f"{REGISTRY}/tasks/nightly", TASKS),
        (f"{REGISTRY}/tasks/nightly/", TASKS),
        (f"{REGISTRY}/tasks", None),
        (f"{SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers", "microsoft.security/pricings"),
        (f"{SUBSCRIPTION}/providers/Microsoft.Security", None),
        (
            f"{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/a",
            "microsoft.insights/diagnosticsettings",
        ),
        (SUBSCRIPTION, "microsoft.resources/subscriptions"),
        (f"{SUBSCRIPTION}/resourceGroups/Shop", "microsoft.resources/subscriptions/resourcegroups"),
        (f"{SUBSCRIPTION}/resourceGroups", None),
        ("/subscriptions", None),
        (f"{SUBSCRIPTION}//providers/A.B/c/d", None),
        ("contoso", None),
        (REGISTRY[1:], None),
        ("", None),
        ("/", None),
    ],
)
def test_an_id_spells_its_type(resource_id: str, resource_type: str | None) -> None:
    assert type_of_id(resource_id) == resource_type


@pytest.mark.parametrize(
    ("collection", "segment"), [("RESOURCEGROUPS", "Shop"), ("registries", "Contoso"), ("tasks", "")]
)
def test_a_segment_is_found_whatever_the_case_of_its_collection(collection: str, segment: str) -> None:
    assert segment_after(REGISTRY, collection) == segment


def test_the_last_segment_is_nobodys_collection() -> None:
    assert segment_after("/subscriptions", "subscriptions") == ""


def test_a_parent_is_one_type_and_name_up() -> None:
    assert parent_key(f"{KEY}/tasks/nightly") == KEY


def test_resources_are_found_by_id_type_and_parent() -> None:
    ids = [REGISTRY, f"{REGISTRY}/tasks/b", f"{REGISTRY}/tasks/A", f"{REGISTRY}2", f"{REGISTRY}2/tasks/c"]
    inventory = Inventory(by_id(map(row, ids)))

    tasks = inventory.of_type(TASKS)

    assert [each.name for each in tasks] == ["A", "b", "c"]
    assert [each.name for each in inventory.children(KEY, TASKS)] == ["A", "b"]
    assert [each.name for each in inventory.of_type(REGISTRIES)] == ["Contoso", "Contoso2"]
    assert inventory.get(KEY) is inventory.resources[KEY]
    assert inventory.get("/subscriptions/none") is None
    assert list(inventory.of_type("microsoft.network/virtualnetworks")) == []
    assert list(inventory.children(KEY, REGISTRIES)) == []
    assert inventory.rows == 5


@pytest.mark.parametrize(
    ("where", "covered"),
    [
        ("", True),
        (KEY, True),
        (f"{KEY}/tasks/a", True),
        (SUBSCRIPTION.lower(), True),
        ("aaaaaaaa-0000-0000-0000-000000000001", True),
        ("aaaaaaaa-0000-0000-0000-000000000002", False),
        (KEY[:-1], False),
        (f"{KEY}/tasks/a/b/c", False),
        (f"{KEY}/tasks/ab", False),
    ],
)
def test_a_gap_covers_the_whole_scope_a_subscription_or_an_id_and_what_is_below(
    where: str, covered: bool
) -> None:
    gap = Gap(TASKS, where, "refused")
    inventory = Inventory({}, gaps=(gap,))

    assert inventory.gaps_at(f"{KEY}/tasks/a") == ((gap,) if covered else ())
    assert inventory.gap(TASKS, f"{KEY}/tasks/a") == (gap if covered else None)


def test_the_first_gap_of_a_type_explains_it() -> None:
    gaps = (
        Gap(TASKS, KEY, "first"),
        Gap(TASKS, "", "second"),
        Gap(f"{TASKS}/properties.status", "", "third"),
    )
    inventory = Inventory({}, gaps=gaps)

    assert inventory.gap(TASKS, KEY) == gaps[0]
    assert inventory.gap(TASKS, "/subscriptions/other") == gaps[1]
    assert inventory.gap(f"{TASKS}/properties.status", KEY) == gaps[2]
    assert inventory.gap(REGISTRIES, KEY) is None
    assert inventory.gap_anywhere(TASKS) == gaps[0]
    assert inventory.gap_anywhere(REGISTRIES) is None


def test_a_type_is_collected_if_it_is_named_or_if_every_type_is() -> None:
    assert Inventory({}, frozenset({TASKS})).collects(TASKS) is True
    assert Inventory({}, frozenset({TASKS})).collects(REGISTRIES) is False
    assert Inventory({}, None).collects(REGISTRIES) is True


@pytest.mark.parametrize(
    ("status", "proves"), [(200, True), (403, False), (404, False), (429, False), (500, False)]
)
def test_a_list_is_proof_only_with_status_200(status: int, proves: bool) -> None:
    reads = (Read(KEY, "agentPools", "2025-03-01-preview", status, 0),)

    inventory = Inventory({}, frozenset(), reads=reads)

    assert inventory.listed(KEY, "agentPools") is proves
    assert inventory.listed(KEY, "cacheRules") is False
    assert inventory.listed(f"{KEY}2", "agentPools") is False


def test_every_list_counts_as_read_where_everything_is_vouched_for() -> None:
    assert Inventory({}, None).listed(KEY, "agentPools") is True


@pytest.mark.parametrize(
    ("key", "inside"),
    [
        (KEY, True),
        ("/subscriptions/bbbbbbbb-0000-0000-0000-000000000009/resourcegroups/x", False),
        ("/providers/microsoft.management/managementgroups/m", True),
    ],
)
def test_what_lies_in_another_subscription_is_outside(key: str, inside: bool) -> None:
    inventory = Inventory({}, subscriptions=frozenset({"aaaaaaaa-0000-0000-0000-000000000001"}))

    assert inventory.inside(key) is inside


def test_an_inventory_is_complete_without_gaps_and_unusable_rows() -> None:
    assert Inventory({}).complete is True
    assert Inventory({}, gaps=(Gap(TASKS, "", "refused"),)).complete is False
    assert Inventory({}, unusable=(Unusable("rows.json row 3", "the row has no `id`"),)).complete is False


def test_nothing_is_related_until_something_says_so() -> None:
    assert Related() == Related(targets=(), uncertain=(), unseen=None)
