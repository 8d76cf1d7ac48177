"""The results file, declared once: what `--json` writes, and what baselines, plans and merges are read from.

`results.schema.json` is made of these records as well. All keys are there, in this order; null says that
there is nothing.
"""

from typing import Annotated, Any, Literal

import msgspec

from scanner.model.resource import Source
from scanner.model.truth import Truth
from scanner.policy.model import Severity, Status
from scanner.result.exemption import Category
from scanner.result.finding import Verdict

FORMAT: Literal[1] = 1
"""The version of the format. A further key does not change it; a key that means something else does."""


def about(description: str) -> msgspec.Meta:
    """What a key says, for the schema."""
    return msgspec.Meta(description=description)


Count = Annotated[int, msgspec.Meta(ge=0)]
Fingerprint = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
ResourceId = Annotated[str, msgspec.Meta(pattern="^/")]
Time = str
"""RFC 3339."""


class ResultsPart(msgspec.Struct, frozen=True, rename="camel"):
    """A part of the results file."""


class EvidenceRecord(ResultsPart, frozen=True):
    """A comparison that decided a way: what was asked of which resource, what was there, what came of it."""

    way: Annotated[
        str | None, about("The way that it decided; null where the policy has no ways, and for `when`.")
    ]
    resource: Annotated[str, about("The resource that was asked, as Azure spells its id.")]
    field: Annotated[str, about("The dotted ARM path that was compared, or the relation.")]
    operator: Annotated[str, about("The comparison.")]
    expected: Annotated[Any, about("The operand: any JSON value.")]
    actual: Annotated[Any, about("The value that was there: any JSON value, null for none.")]
    truth: Annotated[Truth, about("What came of the comparison.")]
    assumed: Annotated[
        bool, about("Whether the value is not in the row, and Azure's documented default stands for it.")
    ]
    source: Annotated[Source | None, about("Where the row came from.")]
    api_version: Annotated[str | None, about("The api-version that the row was read with.")]
    reason: Annotated[str | None, about("Why it could not be seen.")]
    help: Annotated[str | None, about("The permission or option that would show it.")]
    missing: Annotated[
        tuple[str, ...] | None,
        about("The addresses that are not covered, as CIDR blocks; null where the operator has none."),
    ]
    excess: Annotated[
        tuple[str, ...] | None,
        about("The addresses that go beyond, as CIDR blocks; null where the operator has none."),
    ]
    text: Annotated[str, about("Words that complete the field to a sentence.")]


class ResourceRecord(ResultsPart, frozen=True):
    """The judged resource."""

    id: Annotated[ResourceId, about("The id, as Azure spells it.")]
    name: Annotated[str, about("The last segment of the id.")]
    type: Annotated[str, about("The ARM type, in lower case.")]
    location: Annotated[str | None, about("The region, as ARM names it.")]
    resource_group: Annotated[
        str | None, about("The resource group, as the id spells it; null outside of groups.")
    ]
    subscription_id: Annotated[
        str | None, about("The subscription, in lower case; null above subscriptions.")
    ]


class AdviceRecord(ResultsPart, frozen=True):
    """A remedy."""

    way: Annotated[str | None, about("The way that it opens.")]
    text: Annotated[str, about("What it does, and what to mind.")]
    commands: Annotated[
        tuple[str, ...], about("Shell commands; what could not be filled in stands in angle brackets.")
    ]


class ExemptionRecord(ResultsPart, frozen=True):
    """The exemption that holds."""

    category: Annotated[Category, about("Whether the risk is accepted or met by other means.")]
    reason: Annotated[str, about("Why.")]
    owner: Annotated[str, about("Who answers for it.")]
    expires_on: Annotated[str, about("The last day it holds.")]


class ResultRecord(ResultsPart, frozen=True):
    """What one policy says of one resource."""

    policy: Annotated[str, about("The policy's id, which never changes.")]
    name: Annotated[str, about("The policy's name.")]
    severity: Annotated[Severity, about("How much a fail matters.")]
    status: Annotated[Status, about("A preview policy never gates.")]
    verdict: Annotated[Verdict, about("What the policy says.")]
    gates: Annotated[
        Literal["fail", "unknown"] | None,
        about("How the result counts for the exit code; null where it does not."),
    ]
    resource: Annotated[ResourceRecord, about("The judged resource.")]
    way: Annotated[str | None, about("The first of the ways that hold.")]
    ways: Annotated[
        tuple[str, ...], about("All ways that hold, in the policy's order; empty unless the verdict is pass.")
    ]
    message: Annotated[str, about("One sentence for a reader.")]
    evidence: Annotated[tuple[EvidenceRecord, ...], about("Per way, the comparisons that decided it.")]
    remediation: Annotated[tuple[AdviceRecord, ...], about("What can be done; often one way of several.")]
    exemption: Annotated[ExemptionRecord | None, about("The exemption that holds; null without one.")]
    baseline: Annotated[bool, about("Whether the finding was in the baseline already.")]
    fingerprint: Annotated[
        Fingerprint,
        about("The first 32 hex digits of the SHA-256 of `<policy id>\\n<lower-cased resource id>`."),
    ]


class FailRecord(ResultsPart, frozen=True):
    """What a baseline needs of a result."""

    verdict: Verdict
    fingerprint: Fingerprint


class BaselineDocument(ResultsPart, frozen=True):
    """What a baseline needs of a results file: it may be trimmed to that."""

    results: tuple[FailRecord, ...]


class ToolRecord(ResultsPart, frozen=True):
    """What wrote the file."""

    name: Annotated[Literal["acr-scan"], about("The tool.")]
    version: Annotated[str, about("Its version.")]


class RowsRecord(ResultsPart, frozen=True):
    """Rows of the inventory: read = judged + context + unusable."""

    read: Annotated[Count, about("Rows that were read.")]
    judged: Annotated[Count, about("Rows of resources that a policy judged.")]
    context: Annotated[Count, about("Rows that were read for what they say of others.")]
    unusable: Annotated[Count, about("Rows that could not be used.")]


class ServiceTagsRecord(ResultsPart, frozen=True):
    """The service tags that were used."""

    cloud: Annotated[str, about("The cloud they are of: Public, AzureGovernment, AzureChina, …")]
    change_number: Annotated[str | None, about("The change number of their file or answer.")]
    published: Annotated[str | None, about("When they were published, if the source says so.")]
    source: Annotated[str, about("Where they came from: file, snapshot, api or cache.")]


class PoliciesRecord(ResultsPart, frozen=True):
    """The policies that judged."""

    count: Annotated[Count, about("How many there were.")]
    digest: Annotated[str, about("A digest of their files.")]
    parameters: Annotated[
        dict[str, dict[str, Any]], about("The parameters that were set: by policy id, then by name.")
    ]


class RunRecord(ResultsPart, frozen=True):
    """The circumstances of the scan."""

    collected: Annotated[Time | None, about("When the inventory was collected (RFC 3339).")]
    evaluated: Annotated[
        Time | None, about("The time as of which exemptions and ages were judged (RFC 3339).")
    ]
    source: Annotated[str, about("Where the inventory came from: azure or snapshot.")]
    scope: Annotated[
        dict[str, Any], about("What was asked for: subscriptions, management groups, registries, …")
    ]
    complete: Annotated[bool, about("Whether nothing was unseen and every row was usable.")]
    rows: Annotated[RowsRecord, about("The rows of the inventory.")]
    service_tags: Annotated[
        ServiceTagsRecord | None, about("The service tags that were used; null where none were found.")
    ]
    policies: Annotated[PoliciesRecord, about("The policies that judged.")]


class GatingRecord(ResultsPart, frozen=True):
    """Results that count for the exit code."""

    fail: Annotated[Count, about("Those that gate as fail: exit code 1.")]
    unknown: Annotated[Count, about("Those that gate as unknown: exit code 3.")]


class SummaryRecord(ResultsPart, frozen=True):
    """Counts, of results that are left out too."""

    registries: Annotated[Count, about("Registries that were scanned.")]
    pass_: Annotated[Count, about("Results of this verdict.")] = msgspec.field(name="pass")
    fail: Annotated[Count, about("Results of this verdict.")]
    unknown: Annotated[Count, about("Results of this verdict.")]
    exempt: Annotated[Count, about("Results of this verdict.")]
    not_applicable: Annotated[Count, about("Results of this verdict.")]
    gating: Annotated[GatingRecord, about("Results that count for the exit code.")]


class NoticeRecord(ResultsPart, frozen=True):
    """A notice."""

    kind: Annotated[str, about("A word for programs: unreadable-subscription, unusable-row, …")]
    where: Annotated[str, about("The subscription, resource, file or row.")]
    reason: Annotated[str, about("What happened.")]
    help: Annotated[str | None, about("What to do about it.")]


class ResultsDocument(ResultsPart, frozen=True):
    """What `acr-scan --json` writes. Every key is always there; null where there is nothing to say."""

    format: Annotated[Literal[1], about("The version of this format.")]
    tool: Annotated[ToolRecord, about("What wrote the file.")]
    run: Annotated[RunRecord, about("The circumstances of the scan.")]
    summary: Annotated[SummaryRecord, about("Counts, of results that are left out too.")]
    notices: Annotated[
        tuple[NoticeRecord, ...], about("News that is no result: what could not be seen, read or used.")
    ]
    results: Annotated[
        tuple[ResultRecord, ...],
        about("By policy id, then lower-cased resource id; what is not applicable with --all-results."),
    ]


def json_schema() -> dict[str, Any]:
    """The schema of what is written: nothing but these keys, and all of them."""
    schema = msgspec.json.schema(ResultsDocument)
    parts = schema["$defs"]
    for part in parts.values():
        if "properties" in part:
            part["additionalProperties"] = False
    whole = parts.pop(ResultsDocument.__name__)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "acr-scan results"}
    return head | {key: whole[key] for key in whole if key != "title"} | {"$defs": parts}
