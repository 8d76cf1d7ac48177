"""A finding: one policy's verdict on one resource, with evidence and remedies."""

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import msgspec

from scanner.model.judgement import sentence_of
from scanner.model.resource import Need, Resource, Source
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


class Ground(msgspec.Struct, frozen=True, eq=False):
    """A leaf that decided, without its resource: findings share it where the same was read of others."""

    field: str
    operator: str
    expected: Any
    actual: Any
    truth: Truth
    assumed: bool
    source: Source | None
    api_version: str | None
    reason: str | None
    help: str | None
    optional: bool
    missing: tuple[str, ...] | None
    excess: tuple[str, ...] | None
    text: str

    @property
    def sentence(self) -> str:
        """What was found, as it is said after the resource's name: `properties.x is 'y'`."""
        return sentence_of(self.field, self.operator, self.truth, self.text)


class Evidence(msgspec.Struct, frozen=True):
    """A ground, the id of the resource that it stands on, and the way that it decided."""

    ground: Ground
    resource: str
    way: str | None = None
    needs: tuple[Need, ...] = ()
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
class Account:
    """What a finding says for itself: a sentence, the leaves that decided, and remedies."""

    message: str
    evidence: tuple[Evidence, ...] = ()
    remediation: tuple[Advice, ...] = ()


Ruling = tuple[Verdict, tuple[str, ...], Verdict | None, Ungated | None]
"""A verdict, the ways that hold in the policy's order, what of it gates, and why it does not."""


class Teller(Protocol):
    """What can tell of a finding."""

    def account(self, resource: Resource) -> Account:
        """The account of a finding on a resource."""
        ...


class Finding(msgspec.Struct, frozen=True, eq=False):
    """One policy's verdict on one resource. `gates` is FAIL, UNKNOWN or None; `ungated` says why None.

    Its account is given when it is asked for: most findings are only counted.
    """

    policy: Policy
    resource: Resource
    verdict: Verdict
    teller: Teller
    ways: tuple[str, ...] = ()
    gates: Verdict | None = None
    ungated: Ungated | None = None
    exemption: Exempted | None = None
    baseline: bool = False

    def account(self) -> Account:
        """What it says for itself."""
        return self.teller.account(self.resource)

    @property
    def message(self) -> str:
        """What was found, in a sentence of the policy's."""
        return self.account().message

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The leaves that decided, per way."""
        return self.account().evidence

    @property
    def remediation(self) -> tuple[Advice, ...]:
        """What to do about a fail."""
        return self.account().remediation

    @property
    def fingerprint(self) -> str:
        """What baselines, history and SARIF know a finding by: no value, no wording."""
        identity = f"{self.policy.id}\n{self.resource.key}"
        return hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()[:32]
