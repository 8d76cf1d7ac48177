"""Our verdicts beside those of Microsoft's own definitions, on the sample and on recorded registries."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from azure_policy import flagged

from scanner.app.packs import pack_at
from scanner.engine.gate import Gate
from scanner.engine.scan import scan
from scanner.engine.tags import TagTable
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Row, Source
from scanner.result.finding import Finding, Verdict
from scanner.sources.snapshot import read_snapshot

DATA = Path(os.environ.get("ACR_SCAN_DATA", Path(__file__).parents[3] / "shared" / "data"))
SAMPLE = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"
PACK = pack_at(None)
MIRRORS = {
    "ACR101": "ACR_NetworkRulesExist_AuditDeny",
    "ACR901": "ACR_AdminAccountDisabled_AuditDeny",
    "ACR902": "ACR_AnonymousPullDisabled_AuditDeny",
    "ACR903": "ACR_ExportPolicy_AuditDeny",
    "ACR904": "ACR_AADAuthenticationAsArmPolicy_AuditDeny",
    "ACR905": "ACR_SkuSupportsPrivateEndpoints_AuditDeny",
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not here")


def difference(finding: Finding, *, non_compliant: bool) -> str | None:
    """Why a verdict differs from Azure Policy's on purpose; "?" for a difference that nobody meant."""
    match finding.verdict:
        case Verdict.UNKNOWN:
            return "the row cannot show it, and Azure Policy takes absence for an answer"
        case Verdict.NOT_APPLICABLE if finding.policy.id == "ACR903" and non_compliant:
            return "ACR903 judges registries with public access Disabled only"
        case Verdict.PASS | Verdict.FAIL if (finding.verdict is Verdict.FAIL) is non_compliant:
            return None
        case _:
            return "?"


@pytest.mark.parametrize("identifier", MIRRORS)
def test_a_mirror_differs_from_azure_policy_only_on_purpose(identifier: str) -> None:
    rule = definition(MIRRORS[identifier])
    findings = [finding for finding in judged() if finding.policy.id == identifier]

    reasons = Counter(
        difference(finding, non_compliant=flagged(rule, arm_body(row)))
        for finding in findings
        for row in finding.resource.rows[:1]
    )

    assert reasons["?"] == 0, [finding.resource.id for finding in findings]
    assert reasons[None] > 0 or not findings


@pytest.mark.parametrize("identifier", MIRRORS)
def test_a_mirror_never_passes_what_azure_policy_flags(identifier: str) -> None:
    rule = definition(MIRRORS[identifier])

    wrong = [
        finding.resource.id
        for finding in judged()
        if finding.policy.id == identifier
        and finding.verdict is Verdict.PASS
        and flagged(rule, arm_body(finding.resource.rows[0]))
    ]

    assert wrong == []


def definition(name: str) -> Mapping[str, Any]:
    """The `if` of a built-in definition."""
    document = json.loads((DATA / "arm" / "azure-policy-builtin" / f"{name}.json").read_text("utf-8"))
    rule: Mapping[str, Any] = document["properties"]["policyRule"]["if"]
    return rule


def arm_body(row: Row) -> Mapping[str, Any]:
    """A row's body, of the type that Azure Policy asks for first."""
    return {**row.body, "type": "Microsoft.ContainerRegistry/registries"}


@cache
def judged() -> tuple[Finding, ...]:
    """The mirrors' findings on the sample and on every recorded registry."""
    sample = [row for resource in read_snapshot(SAMPLE).inventory.resources.values() for row in resource.rows]
    rows = [row for row in (*sample, *recorded()) if row.type == "microsoft.containerregistry/registries"]
    policies = [policy for policy in PACK.policies if policy.id in MIRRORS]
    inventory = Inventory(by_id(rows))
    return scan(
        inventory,
        TagTable(None, "Public"),
        policies,
        PACK.terms,
        gate=Gate(),
        parameters={},
        wanted=lambda _: True,
    )


def recorded() -> Iterator[Row]:
    """Every recorded registry as a resource of its own."""
    folder = DATA / "arm" / "azure-cli-recordings"
    for file in sorted(folder.glob("registries-*")):
        texts = file.read_text("utf-8").splitlines() if file.suffix == ".jsonl" else [file.read_text("utf-8")]
        for number, text in enumerate(texts):
            recording = json.loads(text)
            body = recording["body"]
            for index, found in enumerate(body.get("value", [body])):
                identifier = f"{found['id']}-{file.stem}-{number}-{index}"
                version = recording["provenance"]["api_version"]
                yield Row(identifier, found["type"].lower(), found, Source.ARM, version)
