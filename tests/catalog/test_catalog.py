"""The data files say what they mean, and mean something."""

import re
from typing import Any

import pytest
from rows import hold

from scanner.catalog.fields import Field, ResourceType, SeenIn, read_data, resource_types
from scanner.catalog.relations import Relation, relations
from scanner.engine.relations.relation_registry import DERIVED_RELATIONS
from scanner.model.resource import Row, Source
from scanner.policy.paths import parse_path

STABLE = re.compile(r"20\d\d-\d\d-\d\d")
PREVIEW = re.compile(r"20\d\d-\d\d-\d\d-preview")
KINDS: dict[str, type] = {"string": str, "boolean": bool, "integer": int}

TYPES = sorted(resource_types().items())
FIELDS = [(key, field) for key, known in TYPES for field in known.fields.values()]
RELATIONS = [(asked, relation) for asked, named in relations().items() for relation in named.values()]
REGISTRY = resource_types()["microsoft.containerregistry/registries"]


def test_types_have_the_keys_that_are_read_and_no_others() -> None:
    known = {"type", "values", "default", "seenIn", "withoutPremium", "withheld", "action"}
    seen = {"stable", "preview", "except", "resourceGraph"}

    def check(_: str, data: dict[str, Any]) -> None:
        assert set(data) <= {"name", "table", "newest", "read", "fields"}
        for path, field in data["fields"].items():
            assert set(field) <= known, path
            assert set(field.get("seenIn", {})) <= seen, path

    hold(sorted(read_data("fields.yaml").items()), check)


def test_fields_are_paths_of_known_kinds() -> None:
    def check(key: str, field: Field) -> None:
        assert parse_path(field.path).pattern == field.path
        assert field.type in {"string", "boolean", "integer", "array", "object"}
        assert field.action in {None, "callbackConfig"}
        assert key in resource_types()

    hold(FIELDS, check)


def test_defaults_are_of_their_fields_type_and_one_of_its_values() -> None:
    def check(_: str, field: Field) -> None:
        assert type(field.default) is KINDS[field.type]
        assert not field.values or field.default in field.values
        assert all(isinstance(value, str) for value in field.values)

    hold([each for each in FIELDS if each[1].has_default], check)


def test_visibility_is_told_in_api_versions() -> None:
    def check(_: str, field: Field) -> None:
        seen = field.seen_in
        assert seen is not None
        assert seen.stable is None or STABLE.fullmatch(seen.stable)
        assert seen.preview is None or PREVIEW.fullmatch(seen.preview)
        assert seen.stable or seen.preview
        for version in seen.exceptions:
            assert STABLE.fullmatch(version) or PREVIEW.fullmatch(version)
            first = seen.preview if version.endswith("-preview") else seen.stable
            assert first is not None
            assert version >= first

    hold([each for each in FIELDS if each[1].seen_in is not None], check)


def test_the_versions_to_read_by_are_api_versions() -> None:
    def check(_: str, known: ResourceType) -> None:
        for version in (known.newest, *known.read):
            assert STABLE.fullmatch(version) or PREVIEW.fullmatch(version)

    hold(TYPES, check)


def test_an_arm_row_at_the_newest_version_shows_every_field_that_takes_no_action() -> None:
    def check(key: str, field: Field) -> None:
        assert field.seen_in is None or field.seen_in.returned_by(resource_types()[key].newest)
        assert field.seen_in is None or field.action is None

    hold(FIELDS, check)


def test_relations_lead_from_known_types_to_known_types() -> None:
    def check(asked: str, relation: Relation) -> None:
        assert asked in resource_types()
        assert relation.type in resource_types()
        assert relation.kind in {"parent", "children", "named", "ids", "search", "derived"}
        assert (relation.kind == "derived") is (relation.name in DERIVED_RELATIONS)

    hold(RELATIONS, check)


def test_what_relations_read_is_in_the_catalogue() -> None:
    def check(asked: str, relation: Relation) -> None:
        holder = relation.type if relation.kind == "search" else asked
        assert (relation.by is not None) is (relation.kind in {"named", "ids", "search"})
        assert relation.by is None or relation.by in resource_types()[holder].fields
        assert relation.equals is None or relation.equals in resource_types()[asked].fields

    hold(RELATIONS, check)


def test_proofs_are_lists_that_arm_has() -> None:
    def check(_: str, relation: Relation) -> None:
        assert relation.list in {None, "agentPools", "cacheRules", "diagnosticSettings"}
        assert relation.also in {None, "tasks"}
        assert relation.kind in {"children", "named"} or (relation.list, relation.also) == (None, None)

    hold(RELATIONS, check)


def test_a_parent_is_of_the_type_one_level_up() -> None:
    parents = {(asked, relation.type) for asked, relation in RELATIONS if relation.kind == "parent"}

    assert {asked.rsplit("/", 1)[0] for asked, _ in parents} == {parent for _, parent in parents}


UNPROVEN = {
    ("microsoft.containerregistry/registries/tasks", "properties.credentials"),
    ("microsoft.containerregistry/registries/tasks", "properties.agentPoolName"),
    ("microsoft.containerregistry/registries/tasks", "properties.isSystemTask"),
    ("microsoft.containerregistry/registries/tasks", "identity"),
    ("microsoft.containerregistry/registries", "properties.networkRuleBypassAllowedForTasks"),
    ("microsoft.containerregistry/registries", "properties.networkRuleSet.virtualNetworkRules"),
}


def test_exactly_these_fields_are_unproven_in_resource_graph() -> None:
    unproven = {
        (key, field.path) for key, field in FIELDS if field.seen_in is not None and not field.seen_in.proven
    }

    assert unproven == UNPROVEN


def test_only_what_can_close_a_registry_is_open_without_premium() -> None:
    assert {field.path for _, field in FIELDS if field.without_premium} == {
        "properties.publicNetworkAccess",
        "properties.networkRuleSet",
    }


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("properties.publicNetworkAccess", "Enabled"),
        ("properties.networkRuleSet.defaultAction", "Allow"),
        ("properties.networkRuleBypassOptions", "AzureServices"),
        ("properties.networkRuleBypassAllowedForTasks", False),
        ("properties.adminUserEnabled", False),
        ("properties.anonymousPullEnabled", False),
        ("properties.dataEndpointEnabled", False),
        ("properties.policies.exportPolicy.status", "enabled"),
        ("properties.policies.azureADAuthenticationAsArmPolicy.status", "enabled"),
        ("properties.roleAssignmentMode", "LegacyRegistryPermissions"),
        ("properties.endpointProtocol", "IPv4"),
    ],
)
def test_the_defaults_are_those_that_azure_documents(path: str, default: object) -> None:
    assert REGISTRY.fields[path].default == default


# scanner/catalog/FACTS.md, 1.1: by the version that first returns the property
SHOWN = [
    ("properties.networkRuleSet", "2017-10-01", True),
    ("properties.publicNetworkAccess", "2019-05-01", False),
    ("properties.publicNetworkAccess", "2021-09-01", True),
    ("properties.publicNetworkAccess", "2019-12-01-preview", False),
    ("properties.publicNetworkAccess", "2020-11-01-preview", True),
    ("properties.anonymousPullEnabled", "2020-11-01-preview", False),
    ("properties.anonymousPullEnabled", "2021-06-01-preview", True),
    ("properties.anonymousPullEnabled", "2021-09-01", False),
    ("properties.anonymousPullEnabled", "2023-07-01", False),
    ("properties.anonymousPullEnabled", "2025-04-01", True),
    ("properties.policies.exportPolicy", "2021-06-01-preview", True),
    ("properties.policies.exportPolicy", "2019-05-01", False),
    ("properties.policies.azureADAuthenticationAsArmPolicy", "2023-07-01", False),
    ("properties.policies.azureADAuthenticationAsArmPolicy", "2025-04-01", True),
    ("properties.roleAssignmentMode", "2025-04-01", False),
    ("properties.roleAssignmentMode", "2025-11-01", True),
    ("properties.networkRuleBypassAllowedForTasks", "2025-04-01", False),
    ("properties.networkRuleBypassAllowedForTasks", "2025-03-01-preview", False),
    ("properties.networkRuleBypassAllowedForTasks", "2025-05-01-preview", True),
    ("properties.networkRuleBypassAllowedForTasks", "2025-11-01", True),
    ("properties.networkRuleSet.virtualNetworkRules", "2025-11-01", False),
    ("properties.networkRuleSet.virtualNetworkRules", "2026-01-01-preview", False),
    ("properties.networkRuleSet.virtualNetworkRules", "2026-03-01-preview", True),
    ("properties.endpointProtocol", "2025-11-01", False),
]


@pytest.mark.parametrize(("path", "version", "shown"), SHOWN)
def test_a_version_returns_what_its_schema_has(path: str, version: str, shown: bool) -> None:
    seen = REGISTRY.fields[path].seen_in

    assert seen is not None
    assert seen.returned_by(version) is shown


@pytest.mark.parametrize(
    ("seen", "always"),
    [
        (SeenIn("2017-10-01", "2017-10-01-preview", frozenset(), proven=True), True),
        (SeenIn("2019-04-01", "2019-06-01-preview", frozenset(), proven=True), True),
        (SeenIn("2019-05-01", "2019-06-01-preview", frozenset(), proven=True), False),
        (SeenIn("2019-04-01", "2019-12-01-preview", frozenset(), proven=True), False),
        (SeenIn(None, "2019-06-01-preview", frozenset(), proven=True), False),
        (SeenIn("2019-04-01", None, frozenset(), proven=True), False),
        (SeenIn("2017-10-01", "2017-10-01-preview", frozenset({"2018-01-01"}), proven=True), True),
        (SeenIn("2017-10-01", "2017-10-01-preview", frozenset({"2019-04-01"}), proven=True), False),
    ],
)
def test_a_row_of_unknown_version_shows_only_what_all_versions_do(seen: SeenIn, always: bool) -> None:
    assert seen.returned_by(None) is always


def test_the_first_version_is_the_older_of_the_two() -> None:
    assert SeenIn("2025-11-01", "2025-05-01-preview", frozenset(), proven=True).first == "2025-05-01-preview"
    assert SeenIn("2019-04-01", "2019-06-01-preview", frozenset(), proven=True).first == "2019-04-01"
    assert SeenIn(None, "2026-01-01-preview", frozenset(), proven=True).first == "2026-01-01-preview"


@pytest.mark.parametrize(
    ("proven", "source", "good"),
    [
        (True, Source.ARM, True),
        (True, Source.RESOURCE_GRAPH, True),
        (False, Source.ARM, True),
        (False, Source.RESOURCE_GRAPH, False),
    ],
)
def test_an_unproven_field_takes_an_arm_row(proven: bool, source: Source, good: bool) -> None:
    row = Row("/subscriptions/s", "a.b/c", {}, source, None)

    assert SeenIn("2019-04-01", None, frozenset(), proven=proven).good_for(row) is good


def test_the_objects_on_the_way_to_a_field_are_known_too() -> None:
    known = resource_types()["microsoft.network/privateendpoints"]

    assert known.prefixes == {
        "id",
        "name",
        "location",
        "properties",
        "properties.subnet",
        "properties.subnet.id",
    }


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("microsoft.containerregistry/registries", "resources"),
        ("microsoft.containerregistry/registries/agentpools", "resources"),
        ("microsoft.containerregistry/registries/cacherules", None),
        ("microsoft.security/pricings", "securityresources"),
    ],
)
def test_a_type_is_queried_in_the_table_that_has_it(key: str, table: str | None) -> None:
    assert resource_types()[key].table == table
