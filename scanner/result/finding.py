"""A finding: one policy's verdict on one resource, with evidence and remedies."""

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

import msgspec

from scanner.model.resource import RequiredRead, Resource, Source
from scanner.model.truth import Truth
from scanner.policy.model import Policy


class Verdict(Enum):
    """What a policy says of a resource."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    EXEMPT = "exempt"
    NOT_APPLICABLE = "notApplicable"

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes their names, in Python


class Ungated(Enum):
    """Why a fail or an unknown does not gate, in the words of the reports."""

    BELOW_THRESHOLD = "below the threshold of --fail-on"
    PREVIEW = "the policy is a preview"
    NOT_ASKED = "not asked: it takes an opt-in read"
    UNKNOWN_ALLOWED = "unknown verdicts are allowed"
    BASELINE = "in the baseline"
    NEVER = "--fail-on never"


PROBLEM = "properties.problem"
"""The field of a resource that a relation made to say what is wrong: its value is a sentence of its own."""


class EvidenceFact(msgspec.Struct, frozen=True, eq=False):
    """What a comparison found, without the resource: many findings share it.

    `missing` and `excess` are exact, collapsed IPv4 CIDR lists, or None where the operator has none. `reason`
    and `help` are set where something could not be seen; `optional` where only a read that the user has to
    ask for could show it.
    """

    field: str
    operator: str
    text: str
    """What completes the field to a sentence."""
    truth: Truth
    expected: Any = None
    actual: Any = None
    assumed: bool = False
    """Whether `actual` is a default of Azure's that the row leaves out."""
    source: Source | None = None
    api_version: str | None = None
    reason: str | None = None
    help: str | None = None
    optional: bool = False
    missing: tuple[str, ...] | None = None
    excess: tuple[str, ...] | None = None

    @property
    def sentence(self) -> str:
        """What was found, as it is said after the resource's name: `properties.x is 'y'`."""
        is_whole = self.field == PROBLEM or (self.operator == "of" and self.truth is Truth.FALSE)
        return self.text if is_whole else f"{self.field} {self.text}"


class Evidence(msgspec.Struct, frozen=True):
    """A fact, the id of the resource that it was found on, and the way that it decided."""

    fact: EvidenceFact
    resource: str
    way: str | None = None
    needs: tuple[RequiredRead, ...] = ()
    """The ARM reads that would show what was unseen; no report has them."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A remedy with its commands filled in and shell-quoted."""

    way: str | None
    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exempted:
    """The exemption that turned a fail (or, mitigated, an unknown) into exempt."""

    category: str
    reason: str
    owner: str
    expires_on: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a finding is so: a sentence, the evidence that decided, and remedies."""

    message: str
    evidence: tuple[Evidence, ...] = ()
    remediation: tuple[Advice, ...] = ()


class Ruling(NamedTuple):
    """What a policy says of a resource, and whether that fails the gate."""

    verdict: Verdict
    ways: tuple[str, ...] = ()
    """The named ways that hold, in the policy's order."""
    gates: Verdict | None = None
    """FAIL or UNKNOWN where the finding fails the gate."""
    not_gating_because: Ungated | None = None
    exemption: Exempted | None = None
    in_baseline: bool = False


class Explainer(Protocol):
    """Whatever can explain a finding."""

    def explain(self, resource: Resource) -> Explanation:
        """Why the finding on a resource is so."""
        ...


class Finding(msgspec.Struct, frozen=True, eq=False):
    """One policy's verdict on one resource. `gates` is FAIL, UNKNOWN or None.

    It is explained when somebody asks: most findings are only counted.
    """

    policy: Policy
    resource: Resource
    explainer: Explainer
    verdict: Verdict
    ways: tuple[str, ...] = ()
    gates: Verdict | None = None
    not_gating_because: Ungated | None = None
    exemption: Exempted | None = None
    in_baseline: bool = False

    @property
    def ruling(self) -> Ruling:
        """All that is counted of it."""
        return Ruling(
            self.verdict, self.ways, self.gates, self.not_gating_because, self.exemption, self.in_baseline
        )

    def explain(self) -> Explanation:
        """Why it is so."""
        return self.explainer.explain(self.resource)

    @property
    def message(self) -> str:
        """What was found, in a sentence of the policy's."""
        return self.explain().message

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The leaves that decided, per way."""
        return self.explain().evidence

    @property
    def remediation(self) -> tuple[Advice, ...]:
        """What to do about a fail."""
        return self.explain().remediation

    @property
    def fingerprint(self) -> str:
        """What baselines, history and SARIF know a finding by: no value, no wording."""
        return fingerprint(self.policy, self.resource)


def fingerprint(policy: Policy, resource: Resource) -> str:
    """The fingerprint of a policy's finding on a resource."""
    identity = f"{policy.id}\n{resource.key}"
    return hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()[:32]
