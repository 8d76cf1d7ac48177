"""No change of the catalogue goes unnoticed; and what else it says. Policies: tests/policies."""

from importlib import import_module

import pytest

from scanner.catalog.fields import resource_types

REGISTRY, TASK, WEBHOOK = (
    f"microsoft.containerregistry/registries{child}" for child in ("", "/tasks", "/webhooks")
)

# scanner/catalog/FACTS.md, 1.1 and 2.1: on both sides of each first version
SHOWN = [
    (REGISTRY, "properties.networkRuleSet", "2017-03-01", False),
    (REGISTRY, "properties.networkRuleSet", "2017-06-01-preview", False),
    (REGISTRY, "properties.networkRuleSet", "2019-12-01-preview", True),
    (REGISTRY, "properties.networkRuleBypassOptions", "2019-05-01", False),
    (REGISTRY, "properties.networkRuleBypassOptions", "2021-09-01", True),
    (REGISTRY, "properties.networkRuleBypassOptions", "2020-11-01-preview", True),
    (REGISTRY, "properties.networkRuleBypassAllowedForTasks", "2023-07-01", False),
    (REGISTRY, "properties.dataEndpointEnabled", "2019-05-01", False),
    (REGISTRY, "properties.dataEndpointEnabled", "2021-09-01", True),
    (REGISTRY, "properties.dataEndpointEnabled", "2017-06-01-preview", False),
    (REGISTRY, "properties.dataEndpointEnabled", "2019-12-01-preview", False),
    (REGISTRY, "properties.dataEndpointEnabled", "2020-11-01-preview", True),
    (REGISTRY, "properties.dataEndpointHostNames", "2019-05-01", False),
    (REGISTRY, "properties.dataEndpointHostNames", "2021-09-01", True),
    (REGISTRY, "properties.dataEndpointHostNames", "2017-06-01-preview", False),
    (REGISTRY, "properties.dataEndpointHostNames", "2019-12-01-preview", True),
    (REGISTRY, "properties.privateEndpointConnections", "2019-05-01", False),
    (REGISTRY, "properties.privateEndpointConnections", "2021-09-01", True),
    (REGISTRY, "properties.privateEndpointConnections", "2017-06-01-preview", False),
    (REGISTRY, "properties.privateEndpointConnections", "2019-12-01-preview", False),
    (REGISTRY, "properties.privateEndpointConnections", "2020-11-01-preview", True),
    (REGISTRY, "properties.policies.exportPolicy", "2020-11-01-preview", False),
    (REGISTRY, "properties.policies.exportPolicy", "2021-06-01-preview", True),
    (REGISTRY, "properties.policies.exportPolicy", "2021-09-01", True),
    (REGISTRY, "properties.policies.azureADAuthenticationAsArmPolicy", "2021-12-01-preview", False),
    (REGISTRY, "properties.policies.azureADAuthenticationAsArmPolicy", "2022-02-01-preview", True),
    (REGISTRY, "properties.roleAssignmentMode", "2024-11-01-preview", False),
    (REGISTRY, "properties.roleAssignmentMode", "2025-03-01-preview", True),
    (REGISTRY, "properties.endpointProtocol", "2025-06-01-preview", False),
    (REGISTRY, "properties.endpointProtocol", "2026-01-01-preview", True),
    (TASK, "identity", "2018-09-01", False),
    (TASK, "identity", "2019-04-01", True),
    (TASK, "identity", "2019-06-01-preview", True),
    (TASK, "properties.credentials", "2018-09-01", True),
    (TASK, "properties.credentials", "2019-06-01-preview", True),
    (TASK, "properties.credentials.sourceRegistry.identity", "2019-06-01-preview", False),
    (TASK, "properties.credentials.sourceRegistry.identity", "2025-03-01-preview", True),
]


@pytest.mark.parametrize(("kind", "path", "version", "shown"), SHOWN)
def test_a_version_shows_what_its_schema_has(kind: str, path: str, version: str, *, shown: bool) -> None:
    seen = resource_types()[kind].fields[path].seen_in
    assert seen is not None
    assert seen.returned_by(version) is shown


@pytest.mark.parametrize(
    ("kind", "path", "default"),
    [
        (REGISTRY, "properties.networkRuleSet.ipRules[*].action", "Allow"),
        (TASK, "properties.status", "Enabled"),
        (TASK, "properties.isSystemTask", False),
        (TASK, "properties.credentials.sourceRegistry.loginMode", "Default"),
        (WEBHOOK, "properties.status", "enabled"),
    ],
)
def test_a_default_is_what_azure_documents(kind: str, path: str, default: object) -> None:
    field = resource_types()[kind].fields[path]
    assert field.has_default
    assert field.default == default


@pytest.mark.slow
def test_no_mutant_survives(capsys: pytest.CaptureFixture[str]) -> None:
    count, left = import_module("mutate").survivors(quick=True)  # which runs the tests above, too
    capsys.readouterr()
    assert count > 30
    assert left == []
