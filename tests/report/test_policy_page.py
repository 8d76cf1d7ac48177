"""A policy's page, its templates in Bicep and Terraform, and the index."""

import re

import pytest
import shipped_pack
from msgspec.structs import replace

from scanner.authoring.policy_docs import page_of
from scanner.policy.model import Policy
from scanner.policy.settlement import Deployment
from scanner.report.docs.policy_code import bicep_code, terraform_code
from scanner.report.docs.policy_page import index, page

PACK = shipped_pack.pack().policies
BY_ID = {policy.id: policy for policy in PACK}

SETTING = Deployment(
    "Microsoft.ContainerRegistry/registries@2025-11-01",
    {"properties": {"adminUserEnabled": False}},
    partial=True,
    azurerm={"admin_enabled": False},
)
CHILD = Deployment(
    "Microsoft.ContainerRegistry/registries/tasks@2025-03-01-preview",
    {"location": "<region>", "properties": {"agentPoolName": "it's"}},
    "<task>",
)
ROLE = Deployment(
    "Microsoft.Authorization/roleAssignments@2022-04-01", {"properties": {}}, "guid", extends="registry"
)
RULE = Deployment("Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01", {}, "out")


def test_bicep_says_what_to_set_and_leaves_the_rest() -> None:
    assert (
        bicep_code([SETTING, CHILD])
        == """\
resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: '<registry>'
  // what is there already
  properties: {
    adminUserEnabled: false
  }
}

resource task 'Microsoft.ContainerRegistry/registries/tasks@2025-03-01-preview' = {
  parent: registry
  name: '<task>'
  location: '<region>'
  properties: {
    agentPoolName: 'it\\'s'
  }
}"""
    )


def test_terraform_has_azurerms_arguments_where_there_are_any() -> None:
    assert (
        terraform_code([SETTING, CHILD])
        == """\
resource "azurerm_container_registry" "registry" {
  # what is there already
  admin_enabled = false
}

resource "azapi_resource" "task" {
  type      = "Microsoft.ContainerRegistry/registries/tasks@2025-03-01-preview"
  parent_id = azurerm_container_registry.registry.id
  name      = "<task>"
  location  = "<region>"
  body = {
    properties = {
      agentPoolName = "it's"
    }
  }
}"""
    )


def test_what_is_there_is_updated_and_not_replaced() -> None:
    plain = replace(SETTING, azurerm=None)

    assert terraform_code([plain]).startswith('resource "azapi_update_resource" "registry" {')
    assert "resource_id = azurerm_container_registry.registry.id" in terraform_code([plain])
    assert terraform_code([replace(CHILD, partial=True)]).startswith(
        'resource "azapi_update_resource" "task"'
    )
    assert "// what is there already" in bicep_code([replace(CHILD, partial=True)])


def test_extensions_and_other_services_lie_where_azure_has_them() -> None:
    assert "  scope: registry\n" in bicep_code([ROLE])
    assert "parent_id = azurerm_container_registry.registry.id" in terraform_code([ROLE])
    assert 'parent_id = "<id of the networkSecurityGroups>"' in terraform_code([RULE])
    assert "parent:" not in bicep_code([RULE])


def test_two_resources_of_a_kind_have_two_symbols() -> None:
    assert re.findall(r"^resource (\w+)", bicep_code([CHILD, CHILD]), re.MULTILINE) == ["task", "task2"]


@pytest.mark.parametrize("policy", PACK, ids=list(BY_ID))
def test_every_page_has_all_its_parts(policy: Policy) -> None:
    text = page_of(policy)

    parts = ["## Why", "## How it decides", "## What to do", "```sh", "```bicep", "```hcl", "## Elsewhere"]
    places = [text.index(part) for part in [*parts, "- Azure Policy: ", "## References"]]
    assert places == sorted(places)
    assert "\n\n\n" not in text


def test_a_way_has_its_own_templates() -> None:
    deployed = (replace(SETTING, way="bypass"), replace(CHILD, way="agent-pool"), ROLE)

    text = page(replace(BY_ID["ACR201"], deploy=deployed), [])

    order = [
        "**agent-pool**",
        "resource task",
        "**bypass**",
        "adminUserEnabled",
        "**ip-rules**",
        "scope: registry",
    ]
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)


def test_a_remedy_for_one_type_says_which() -> None:
    text = page_of(BY_ID["ACR501"])

    assert re.findall(r"^\*\*(\w+)\*\*: ", text, re.MULTILINE) == ["networkSecurityGroups", "azureFirewalls"]


def test_a_policy_that_mirrors_nothing_says_so() -> None:
    text = page(replace(BY_ID["ACR102"], deploy=()), [])

    assert "- Azure Policy: none\n- Controls: none\n" in text
    assert "bicep" not in text


def test_the_index_is_by_topic() -> None:
    text = index(PACK)

    topics = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert topics == [
        *("exposure", "tasks", "trusted-services", "webhooks", "clients", "dns", "monitoring", "hardening"),
    ]
    assert text.count("\n| [ACR") == 42
