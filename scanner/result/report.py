"""The immutable report of one scan: all that a renderer may know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scanner.policy.model import Policy, Severity
from scanner.result.finding import Verdict
from scanner.result.finding_table import FindingTable

REGISTRIES = "microsoft.containerregistry/registries"


@dataclass(frozen=True, slots=True)
class Notice:
    """News for the reader that is no finding: what could not be seen, read or used."""

    kind: str
    where: str
    reason: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class RowCount:
    """Rows in = judged + context + unusable. Context rows were read for what they say of others."""

    read: int
    judged: int
    context: int
    unusable: int


@dataclass(frozen=True, slots=True)
class TagSource:
    """Which service tags were used; `source` is file, snapshot, api or cache."""

    cloud: str
    change_number: str | None
    published: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Run:
    """The circumstances of a scan. `collected` and `evaluated` are RFC 3339 times."""

    tool_version: str
    collected: str | None
    evaluated: str | None
    source: str
    scope: Mapping[str, Any]
    complete: bool
    rows: RowCount
    service_tags: TagSource | None
    policies: Sequence[Policy]
    policy_digest: str
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of a policy there are, by their verdict and what of it gates."""

    policy: Policy
    counts: Counter[tuple[Verdict, Verdict | None]]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many there are of each verdict."""
        verdicts: Counter[Verdict] = Counter()
        for (verdict, _), count in self.counts.items():
            verdicts[verdict] += count
        return verdicts

    @property
    def gating(self) -> Counter[Verdict]:
        """How many gate, as FAIL and as UNKNOWN."""
        gating: Counter[Verdict] = Counter()
        for (_, gates), count in self.counts.items():
            if gates is not None:
                gating[gates] += count
        return gating


@dataclass(frozen=True)
class Report:
    """A run, its notices and its findings in order, those that do not apply included."""

    run: Run
    registries: int
    notices: tuple[Notice, ...]
    findings: FindingTable

    @cached_property
    def tallies(self) -> Mapping[str, Tally]:
        """What the findings come to, by the ids of the policies that judged something."""
        tallies: dict[str, Tally] = {}
        for each in self.findings.results:
            if each.rulings:
                counts = Counter[tuple[Verdict, Verdict | None]]()
                for ruling, count in each.rulings.counts().items():
                    counts[ruling.verdict, ruling.gates] += count
                tallies[each.policy.id] = Tally(each.policy, counts)
        return tallies

    @cached_property
    def verdicts(self) -> Counter[Verdict]:
        """How many findings there are of each verdict."""
        return sum((tally.verdicts for tally in self.tallies.values()), Counter())

    @cached_property
    def severities(self) -> Counter[tuple[Severity, Verdict]]:
        """How many findings there are of each severity and verdict."""
        counts: Counter[tuple[Severity, Verdict]] = Counter()
        for tally in self.tallies.values():
            for verdict, count in tally.verdicts.items():
                counts[tally.policy.severity, verdict] += count
        return counts

    @cached_property
    def gating(self) -> Counter[Verdict]:
        """How many findings gate as FAIL and as UNKNOWN."""
        return sum((tally.gating for tally in self.tallies.values()), Counter())

    @property
    def nothing_scanned(self) -> bool:
        """Whether no resource was of a type that a selected policy judges."""
        return not len(self.findings)

    @property
    def exit_code(self) -> int:
        """0 whole and clean, 1 a gating fail, 3 the scan cannot vouch (ARCHITECTURE, "Exit codes")."""
        if self.gating[Verdict.FAIL]:
            return 1
        if self.gating[Verdict.UNKNOWN] or not self.run.complete or self.nothing_scanned:
            return 3
        return 0
