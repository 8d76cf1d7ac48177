"""What a team has accepted for a time: exemptions, and a baseline of fails that were there before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from scanner.result.finding import Exempted, Verdict


class Category(Enum):
    """Azure Policy's categories: a risk that is accepted, or one that is met in another way."""

    WAIVER = "waiver"
    MITIGATED = "mitigated"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One entry of an exemptions file. `policy` is an id or a glob; `expires_on` the last day that counts."""

    policy: str
    target: str
    """A resource's id, or a prefix of ids, in lower case and without a slash at its end."""
    whole_scope: bool
    """Whether everything below the target counts too (`scope`), or the target alone (`resource`)."""
    category: Category
    reason: str
    owner: str
    expires_on: str
    """A date, 2026-12-31, in UTC."""
    where: str = ""
    """File and line."""

    def expired(self, today: str) -> bool:
        """Whether its last day is over on a date."""
        return self.expires_on < today

    def exempts(self, verdict: Verdict) -> bool:
        """Whether a verdict is one that it may turn: what nobody could see is not waived, only mitigated."""
        return verdict is Verdict.FAIL or (verdict is Verdict.UNKNOWN and self.category is Category.MITIGATED)

    @property
    def shown(self) -> Exempted:
        """What a finding says of it."""
        return Exempted(self.category.value, self.reason, self.owner, self.expires_on)


class ExemptionStatus(Enum):
    """What an exemption does on a day."""

    USED = "used"
    EXPIRED = "expired"
    UNUSED = "unused"
    NOTHING = "matches nothing"


@dataclass(frozen=True, slots=True)
class Use:
    """An exemption and what came of it: how many findings it turned exempt, and why not more."""

    exemption: Exemption
    standing: ExemptionStatus
    exempted: int = 0
    reason: str = ""
    help: str | None = None
    anywhere: bool = False
    """Whether this holds whatever else is judged."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The fails of an earlier results file, by fingerprint."""

    where: str
    fails: frozenset[str] = field(default_factory=frozenset)


COUNTED: Mapping[Verdict, str] = {
    Verdict.PASS: "passes",
    Verdict.NOT_APPLICABLE: "is not applicable",
    Verdict.UNKNOWN: "is unknown",
}
"""How a verdict that an exemption does not turn is told."""
