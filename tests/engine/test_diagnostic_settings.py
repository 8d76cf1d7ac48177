"""Diagnostic settings: an extension below the registry, which only an ARM list proves absent."""

from typing import Any

import pytest
from engine_rows import OTHER_SUBSCRIPTION, REGISTRY, SUBSCRIPTION, Json, inventory, judged, said, world

from scanner.model.inventory import Gap, Inventory, Read
from scanner.model.resource import Related, RequiredRead
from scanner.model.truth import Truth

SETTINGS = "microsoft.insights/diagnosticsettings"
CONTOSO: Json = {"id": REGISTRY, "sku": {"name": "Premium"}, "properties": {"provisioningState": "Succeeded"}}
ANY = "{ of: diagnosticSettings, field: properties.workspaceId, exists: true }"


def setting(name: str = "audit", of: str = REGISTRY, **properties: Any) -> Json:
    """A row of the list, as ARM writes it: ids half in lower case, and null for what is not set."""
    return {
        "id": f"{of.lower()}/providers/microsoft.insights/diagnosticSettings/{name}",
        "type": "Microsoft.Insights/diagnosticSettings",
        "apiVersion": "2021-05-01-preview",
        "name": name,
        "location": None,
        "kind": None,
        "tags": None,
        "identity": None,
        "properties": {
            "storageAccountId": None,
            "serviceBusRuleId": None,
            "workspaceId": "/subscriptions/s/resourcegroups/rg/providers/microsoft.operationalinsights/w/c",
            "eventHubAuthorizationRuleId": None,
            "eventHubName": None,
            "metrics": [],
            "logs": [
                {
                    "category": None,
                    "categoryGroup": "audit",
                    "enabled": True,
                    "retentionPolicy": {"enabled": False, "days": 0},
                }
            ],
            "logAnalyticsDestinationType": None,
            **properties,
        },
    }


def listed(rows: int = 0, status: int = 200, of: str = REGISTRY) -> Read:
    return Read(of.lower(), "diagnosticSettings", "2021-05-01-preview", status, rows)


def lead(of: Inventory) -> Related:
    return world(of).related(of.resources[REGISTRY.lower()], "diagnosticSettings")


def test_settings_are_found_below_the_registry_whatever_the_case_of_ids() -> None:
    upper = {**setting("second"), "id": f"{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/second"}

    related = lead(inventory(CONTOSO, setting(), upper, reads=[listed(2)]))

    assert ([each.name for each in related.targets], related.unseen) == (["audit", "second"], None)


def test_settings_of_other_resources_are_not_those_of_the_registry() -> None:
    others = [
        setting(of=f"{REGISTRY}2"),
        setting(of=f"{REGISTRY}/replications/westus"),
        setting(of=REGISTRY.rpartition("/providers/")[0]),
        {**setting(), "id": f"{REGISTRY}/providers/Microsoft.Other/diagnosticSettings/audit", "type": None},
        {**setting(), "id": f"{REGISTRY}/diagnosticSettings/audit", "type": None},
    ]

    related = lead(inventory(CONTOSO, *others, reads=[listed()]))

    assert related == Related()


def test_only_the_list_proves_that_there_are_none() -> None:
    collected = lead(inventory(CONTOSO, collected={SETTINGS}))

    assert collected.unseen is not None
    assert collected.unseen.reason == "its diagnosticSettings were not listed"
    assert collected.unseen.help == "scan with --arm-reads auto"
    assert collected.unseen.need == RequiredRead(REGISTRY, "diagnosticSettings")
    assert lead(inventory(CONTOSO, reads=[listed()])) == Related()
    assert lead(inventory(CONTOSO, collected=None)) == Related()


@pytest.mark.parametrize("read", [listed(status=403), listed(status=0), listed(of=f"{REGISTRY}2")])
def test_a_list_that_was_refused_or_is_anothers_proves_nothing(read: Read) -> None:
    related = lead(inventory(CONTOSO, reads=[read]))

    assert related.unseen is not None


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (REGISTRY.lower(), "refused"),
        (SUBSCRIPTION, "refused"),
        ("", "refused"),
        (OTHER_SUBSCRIPTION, "its diagnosticSettings were not listed"),
    ],
)
def test_a_gap_tells_why_they_were_not_listed(where: str, reason: str) -> None:
    gap = Gap(SETTINGS, where, "refused", "it takes Microsoft.Insights/diagnosticSettings/read")

    related = lead(inventory(CONTOSO, gaps=[gap]))

    assert related.unseen is not None
    assert related.unseen.reason == reason


def test_a_setting_that_was_seen_counts_although_there_may_be_others() -> None:
    judgement = judged(ANY, inventory(CONTOSO, setting()))

    assert judgement.truth is Truth.TRUE


def test_a_null_is_no_address() -> None:
    judgement = judged(ANY, inventory(CONTOSO, setting(workspaceId=None), reads=[listed(1)]))

    assert judgement.truth is Truth.FALSE
    assert said(judgement) == ["audit: properties.workspaceId is not set"]


def test_a_registry_without_a_setting_has_none_where_the_list_says_so() -> None:
    assert judged(ANY, inventory(CONTOSO)).truth is Truth.UNKNOWN
    assert said(judged(ANY, inventory(CONTOSO, reads=[listed()]))) == ["contoso: has no diagnosticSettings"]
