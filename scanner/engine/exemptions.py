"""Exemptions and a baseline on findings: what is accepted does not gate, and nothing expires in silence."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import msgspec

from scanner.errors import did_you_mean
from scanner.policy.model import Policy
from scanner.result.exemption import COUNTED, Baseline, Exemption, Standing, Use
from scanner.result.finding import Finding, Ungated, Verdict
from scanner.result.findings import Findings, amended, anyhow
from scanner.result.report import Notice

_GLOB = re.compile(r"[*?\[]")
GONE = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
_DELETE = "delete it, or correct it"
_UNSEEN = "look again when the inventory is complete: what could not be seen may need it"


def exempt(
    findings: Findings, exemptions: Sequence[Exemption], today: str, policies: Sequence[Policy]
) -> tuple[Findings, tuple[Use, ...]]:
    """The findings as of a date (2026-11-21), and what came of each exemption.

    The first valid exemption in the order of the file counts. `policies` are all there are, judged or not.
    """
    if not exemptions:
        return findings, ()
    register = _Register(exemptions)
    tallies = [_Tally() for _ in exemptions]
    turned = {
        number: finding
        for number, each in anyhow(findings)
        if (finding := _turned(each, register, tallies, today)) is not each
    }
    uses = [
        _use(exemption, tally, today, policies) for exemption, tally in zip(exemptions, tallies, strict=True)
    ]
    return amended(findings, turned), tuple(uses)


def accept(findings: Findings, baseline: Baseline) -> Findings:
    """The findings with the fails of the baseline marked: they do not gate."""
    known = {
        number: _known(finding)
        for number, finding in anyhow(findings, {Verdict.FAIL})
        if finding.fingerprint in baseline.fails
    }
    return amended(findings, known)


def exemption_notices(uses: Sequence[Use], *, narrowed: bool, complete: bool) -> Iterator[Notice]:
    """News of exemptions that expired or are of no use.

    `narrowed` where not everything was judged, `complete` where the inventory is: what a scan did not look
    at may need an exemption.
    """
    for use in uses:
        if use.standing is Standing.EXPIRED:
            yield Notice("expired-exemption", use.exemption.where, use.reason, use.help)
        elif use.standing is not Standing.USED and (use.anywhere or not narrowed):
            help_ = use.help if complete or use.anywhere else _UNSEEN
            yield Notice("unused-exemption", use.exemption.where, use.reason, help_)


def baseline_notices(findings: Findings, baseline: Baseline) -> Iterator[Notice]:
    """News of fails of the baseline that are fixed: it would accept them when they come back."""
    fixed = sum(finding.fingerprint in baseline.fails for _, finding in anyhow(findings, GONE))
    if fixed:
        said = "is fixed, and it would hide it" if fixed == 1 else "are fixed, and it would hide them"
        reason = f"{fixed} of its {len(baseline.fails)} fails {said} if seen again"
        yield Notice("stale-baseline", baseline.where, reason, "write it anew with --create-baseline")


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

    def near(self, finding: Finding) -> Iterator[tuple[int, bool]]:
        """The exemptions of its policy at its id or above, in the file's order; whether each covers it."""
        key = finding.resource.key
        at = [number for prefix in _prefixes(key) for number in self.targets.get(prefix, ())]
        matching = self._of_policy(finding.policy.id)
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


def _turned(finding: Finding, register: _Register, tallies: Sequence[_Tally], today: str) -> Finding:
    chosen: Exemption | None = None
    for number, covers in register.near(finding):
        exemption, tally = register.exemptions[number], tallies[number]
        if not covers:
            tally.below += 1
            continue
        tally.covered[finding.verdict] += 1
        if exemption.exempts(finding.verdict):
            tally.exempted += 1
            if not exemption.expired(today):
                chosen = chosen or exemption
    if chosen is None:
        return finding
    return msgspec.structs.replace(
        finding, verdict=Verdict.EXEMPT, gates=None, not_gating_because=None, exemption=chosen.shown
    )


def _known(finding: Finding) -> Finding:
    if finding.gates is None:
        return msgspec.structs.replace(finding, baseline=True)
    return msgspec.structs.replace(finding, baseline=True, gates=None, not_gating_because=Ungated.BASELINE)


def _use(exemption: Exemption, tally: _Tally, today: str, policies: Sequence[Policy]) -> Use:
    if exemption.expired(today):
        reason = f"expired after {exemption.expires_on}; {_again(tally.exempted)}"
        return Use(
            exemption, Standing.EXPIRED, 0, reason, "fix what it covers, or agree on a later expiresOn"
        )
    if tally.exempted:
        return Use(exemption, Standing.USED, tally.exempted)
    if tally.covered:
        said = " and ".join(COUNTED[verdict] for verdict in COUNTED if tally.covered[verdict])
        help_ = "only `category: mitigated` exempts an unknown"
        help_ = help_ if tally.covered[Verdict.UNKNOWN] else "delete it: nothing is left to accept"
        alone = not exemption.whole_scope and not _GLOB.search(exemption.policy)
        return Use(exemption, Standing.UNUSED, 0, f"what it covers {said}", help_, anywhere=alone)
    if not any(_stands_for(exemption, policy.id) for policy in policies):
        reason = _unknown_policy(exemption, policies)
        return Use(exemption, Standing.NOTHING, 0, reason, _DELETE, anywhere=True)
    if tally.below:
        reason = f"{exemption.policy} judges what lies below this resource, not the resource itself"
        return Use(exemption, Standing.NOTHING, 0, reason, "write `scope` instead of `resource`")
    where = "lies in this scope" if exemption.whole_scope else "has this id"
    return Use(exemption, Standing.NOTHING, 0, f"nothing that {exemption.policy} judges {where}", _DELETE)


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
