"""Exemptions and a baseline on findings: what is accepted does not gate, and nothing expires in silence."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from scanner.errors import did_you_mean
from scanner.model.resource import Resource
from scanner.policy.model import Policy
from scanner.result.exemption import COUNTED, Baseline, Exemption, ExemptionStatus, Use
from scanner.result.finding import Ruling, Ungated, Verdict, fingerprint
from scanner.result.finding_table import FindingTable, Rulings
from scanner.result.report import Notice

_GLOB = re.compile(r"[*?\[]")
_FIXED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
_DELETE = "delete it, or correct it"
_UNSEEN = "look again when the inventory is complete: what could not be seen may need it"


class Acceptance:
    """What exemptions and a baseline do to rulings, as they are made; it counts what came of each exemption.

    The first valid exemption in the order of the file counts. A fail of the baseline is marked, and does not
    gate. `today` is a date such as 2026-11-21.
    """

    def __init__(self, exemptions: Sequence[Exemption], baseline: Baseline | None, today: str) -> None:
        self.baseline = baseline
        self._exemptions = exemptions
        self._today = today
        self._register = _Register(exemptions)
        self._tallies = [_Tally() for _ in exemptions]
        self._fixed = 0

    def accepted(self, policy: Policy, resource: Resource, ruling: Ruling) -> Ruling:
        """The ruling with what is accepted of it; nothing is counted."""
        for number, covers in self._register.near(policy, resource):
            exemption = self._exemptions[number]
            if covers and exemption.exempts(ruling.verdict) and not exemption.expired(self._today):
                return ruling._replace(
                    verdict=Verdict.EXEMPT, gates=None, not_gating_because=None, exemption=exemption.shown
                )
        if ruling.verdict is not Verdict.FAIL or not self._in_baseline(policy, resource):
            return ruling
        reason = ruling.not_gating_because if ruling.gates is None else Ungated.BASELINE
        return ruling._replace(gates=None, not_gating_because=reason, in_baseline=True)

    def on(self, table: FindingTable) -> None:
        """Apply it to all rulings of a table, and count what came of it."""
        for each in table.results:
            policy = each.policy
            accepted = Rulings()
            for resource, ruling in zip(each.resources, each.rulings, strict=True):
                self._count(policy, resource, ruling)
                accepted.append(self.accepted(policy, resource, ruling))
            each.rulings = accepted

    def _count(self, policy: Policy, resource: Resource, ruling: Ruling) -> None:
        for number, covers in self._register.near(policy, resource):
            tally = self._tallies[number]
            if not covers:
                tally.below += 1
                continue
            tally.covered[ruling.verdict] += 1
            tally.exempted += self._exemptions[number].exempts(ruling.verdict)
        self._fixed += ruling.verdict in _FIXED and self._in_baseline(policy, resource)

    def _in_baseline(self, policy: Policy, resource: Resource) -> bool:
        return self.baseline is not None and fingerprint(policy, resource) in self.baseline.fails

    def uses(self, policies: Sequence[Policy]) -> tuple[Use, ...]:
        """What came of each exemption; `policies` are all there are, judged or not."""
        return tuple(
            _use(exemption, tally, self._today, policies)
            for exemption, tally in zip(self._exemptions, self._tallies, strict=True)
        )

    def baseline_notices(self) -> Iterator[Notice]:
        """News of fails of the baseline that are fixed: it would accept them when they come back."""
        if self.baseline is not None and self._fixed:
            said = (
                "is fixed, and it would hide it" if self._fixed == 1 else "are fixed, and it would hide them"
            )
            reason = f"{self._fixed} of its {len(self.baseline.fails)} fails {said} if seen again"
            yield Notice(
                "stale-baseline", self.baseline.where, reason, "write it anew with --create-baseline"
            )


def exemption_notices(uses: Sequence[Use], *, narrowed: bool, complete: bool) -> Iterator[Notice]:
    """News of exemptions that expired or are of no use.

    `narrowed` where not everything was judged, `complete` where the inventory is: what a scan did not look
    at may need an exemption.
    """
    for use in uses:
        if use.standing is ExemptionStatus.EXPIRED:
            yield Notice("expired-exemption", use.exemption.where, use.reason, use.help)
        elif use.standing is not ExemptionStatus.USED and (use.anywhere or not narrowed):
            help_ = use.help if complete or use.anywhere else _UNSEEN
            yield Notice("unused-exemption", use.exemption.where, use.reason, help_)


@dataclass(slots=True)
class _Tally:
    """What one exemption speaks of: findings by verdict, those it turned, and those below its resource."""

    covered: Counter[Verdict] = field(default_factory=Counter)
    exempted: int = 0
    below: int = 0


class _Register:
    """Exemptions by target, so that a finding costs its id's segments, whatever number there is."""

    def __init__(self, exemptions: Sequence[Exemption]) -> None:
        self.exemptions = exemptions
        self.targets: defaultdict[str, list[int]] = defaultdict(list)
        for number, exemption in enumerate(exemptions):
            self.targets[exemption.target].append(number)
        self._matching: dict[str, frozenset[int]] = {}

    def near(self, policy: Policy, resource: Resource) -> Iterator[tuple[int, bool]]:
        """The exemptions of a policy at an id or above, in the file's order; whether each covers it."""
        key = resource.key
        at = [number for prefix in _prefixes(key) for number in self.targets.get(prefix, ())]
        matching = self._of_policy(policy.id)
        for number in sorted(at):
            if number in matching:
                exemption = self.exemptions[number]
                yield number, exemption.whole_scope or exemption.target == key

    def _of_policy(self, policy_id: str) -> frozenset[int]:
        if policy_id not in self._matching:
            matching = (n for n, each in enumerate(self.exemptions) if _stands_for(each, policy_id))
            self._matching[policy_id] = frozenset(matching)
        return self._matching[policy_id]


def _stands_for(exemption: Exemption, policy_id: str) -> bool:
    return fnmatchcase(policy_id.lower(), exemption.policy.lower())


def _prefixes(key: str) -> Iterator[str]:
    """The id and each of its prefixes that ends before a slash, longest first."""
    while key:
        yield key
        key = key.rpartition("/")[0]


def _use(exemption: Exemption, tally: _Tally, today: str, policies: Sequence[Policy]) -> Use:
    if exemption.expired(today):
        reason = f"expired after {exemption.expires_on}; {_again(tally.exempted)}"
        return Use(
            exemption, ExemptionStatus.EXPIRED, 0, reason, "fix what it covers, or agree on a later expiresOn"
        )
    if tally.exempted:
        return Use(exemption, ExemptionStatus.USED, tally.exempted)
    if tally.covered:
        said = " and ".join(COUNTED[verdict] for verdict in COUNTED if tally.covered[verdict])
        help_ = "only `category: mitigated` exempts an unknown"
        help_ = help_ if tally.covered[Verdict.UNKNOWN] else "delete it: nothing is left to accept"
        alone = not exemption.whole_scope and not _GLOB.search(exemption.policy)
        return Use(exemption, ExemptionStatus.UNUSED, 0, f"what it covers {said}", help_, anywhere=alone)
    if not any(_stands_for(exemption, policy.id) for policy in policies):
        reason = _unknown_policy(exemption, policies)
        return Use(exemption, ExemptionStatus.NOTHING, 0, reason, _DELETE, anywhere=True)
    if tally.below:
        reason = f"{exemption.policy} judges what lies below this resource, not the resource itself"
        return Use(exemption, ExemptionStatus.NOTHING, 0, reason, "write `scope` instead of `resource`")
    where = "lies in this scope" if exemption.whole_scope else "has this id"
    return Use(
        exemption, ExemptionStatus.NOTHING, 0, f"nothing that {exemption.policy} judges {where}", _DELETE
    )


def _again(count: int) -> str:
    match count:
        case 0:
            return "no finding of this scan depends on it"
        case 1:
            return "the finding that it covered counts again"
        case _:
            return f"the {count} findings that it covered count again"


def _unknown_policy(exemption: Exemption, policies: Sequence[Policy]) -> str:
    wanted = exemption.policy.lower()
    named = next((policy.id for policy in policies if policy.name.lower() == wanted), None)
    if named is not None:
        return f"{exemption.policy} is the name of {named}, and an exemption goes by the id"
    hint = did_you_mean(exemption.policy, [policy.id for policy in policies])
    return f"no policy has the id {exemption.policy}{hint}"
