"""Our verdicts beside those of Microsoft's own definitions: `make parity` prints each difference and why.

Microsoft's `if` blocks are evaluated on the sample and on every recorded registry, each row by itself.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import shipped_pack
from azure_policy import flagged
from recordings import DATA, RECORDED, THERE, Corpus
from scanned import scan_all

from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Row, Source
from scanner.result.finding import Finding, Verdict
from scanner.result.finding_table import FindingTable
from scanner.sources.files.snapshot import read_snapshot

SAMPLE = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"
PACK = shipped_pack.pack()
MIRRORS = {
    "ACR101": "ACR_NetworkRulesExist_AuditDeny",
    "ACR901": "ACR_AdminAccountDisabled_AuditDeny",
    "ACR902": "ACR_AnonymousPullDisabled_AuditDeny",
    "ACR903": "ACR_ExportPolicy_AuditDeny",
    "ACR904": "ACR_AADAuthenticationAsArmPolicy_AuditDeny",
    "ACR905": "ACR_SkuSupportsPrivateEndpoints_AuditDeny",
}
"""A policy, and the definition that it answers as: scanner/catalog/FACTS.md, "Azure Policy"."""


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


def compared(identifier: str, corpus: Corpus = RECORDED) -> Counter[tuple[str, bool, str | None]]:
    """How often which verdict of a mirror met which answer of Azure Policy, and why they differ."""
    rule = definition(MIRRORS[identifier], corpus)
    counts: Counter[tuple[str, bool, str | None]] = Counter()
    for finding in judged(corpus):
        if finding.policy.id == identifier:
            flags = flagged(rule, arm_body(finding.resource.rows[0]))
            counts[finding.verdict.value, flags, difference(finding, non_compliant=flags)] += 1
    return counts


def definition(name: str, corpus: Corpus) -> Mapping[str, Any]:
    """The `if` of a built-in definition."""
    document = json.loads(
        (corpus.folder / "arm" / "azure-policy-builtin" / f"{name}.json").read_text("utf-8")
    )
    rule: Mapping[str, Any] = document["properties"]["policyRule"]["if"]
    return rule


def arm_body(row: Row) -> Mapping[str, Any]:
    """A row's body, of the type that Azure Policy asks for first."""
    return {**row.body, "type": "Microsoft.ContainerRegistry/registries"}


@cache
def judged(corpus: Corpus) -> FindingTable:
    """The mirrors' findings on the sample and on every recorded registry."""
    sample = [row for resource in read_snapshot(SAMPLE).inventory.resources.values() for row in resource.rows]
    rows = [
        row for row in (*sample, *recorded(corpus)) if row.type == "microsoft.containerregistry/registries"
    ]
    policies = [policy for policy in PACK.policies if policy.id in MIRRORS]
    inventory = Inventory(by_id(rows))
    return scan_all(inventory, TagTable(None, "Public"), policies, PACK.terms)


def recorded(corpus: Corpus) -> Iterator[Row]:
    """Every recorded registry as a resource of its own."""
    arm = corpus.folder / "arm"
    files = [*(arm / "azure-cli-recordings").glob("registries-*"), *(arm / "azure-cli-2025-2026").glob("*")]
    for file in sorted(files):
        texts = file.read_text("utf-8").splitlines() if file.suffix == ".jsonl" else [file.read_text("utf-8")]
        for number, text in enumerate(texts):
            for version, index, found in _registries(json.loads(text)):
                identifier = f"{found['id']}-{file.stem}-{number}-{index}"
                yield Row(identifier, found["type"].lower(), found, Source.ARM, version)


def _registries(recording: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """The registries in an answer, or in a transcript of several, each with its api-version and place."""
    answers = [(recording.get("provenance", {}).get("api_version"), recording.get("body"))]
    if "interactions" in recording:
        answers = [
            (each["url"].partition("api-version=")[2], each.get("body")) for each in recording["interactions"]
        ]
    for index, (version, body) in enumerate(answers):
        values = body.get("value", [body]) if isinstance(body, dict) else []
        yield from (
            (version, index * 1000 + place, found) for place, found in enumerate(values) if "id" in found
        )


def report(corpus: Corpus = RECORDED) -> Iterator[str]:
    """The counts of every mirror, and each difference with its reason."""
    registries = {finding.resource.key for finding in judged(corpus)}
    yield f"{len(registries)} registries: the sample's, and every recorded row by itself"
    for identifier, mirrored in MIRRORS.items():
        counts = compared(identifier, corpus)
        alike = sum(number for (_, _, why), number in counts.items() if why is None)
        yield f"{identifier} and {mirrored}: {alike} alike, {counts.total() - alike} differ"
        for (verdict, flags, why), number in sorted(counts.items(), key=str):
            word = "non-compliant" if flags else "compliant"
            yield f"  {number:5}  {verdict:13}  {word:13}  {why or ''}".rstrip()


if __name__ == "__main__":
    if not THERE:
        sys.exit(f"the recorded data is not in {DATA}; say where it is with ACR_SCAN_DATA")
    print(*report(), sep="\n")
