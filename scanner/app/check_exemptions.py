"""The use case of `acr-scan exemptions check`: what an exemptions file is still good for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scanner.app.accept.acceptance import day_of
from scanner.app.accept.exemption_file import read_exemptions
from scanner.app.options import Listener, ScanOptions, now
from scanner.app.scan.policy_selection import open_pack
from scanner.app.scan.run import collect_and_judge
from scanner.engine.exemptions import Acceptance
from scanner.result.exemption import ExemptionStatus, Use
from scanner.result.report import Report

WRONG = frozenset({ExemptionStatus.EXPIRED, ExemptionStatus.UNUSED, ExemptionStatus.NOTHING})


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of each exemption; `report` is None where nothing was looked at but the file."""

    uses: Sequence[Use]
    as_of: str
    total: int
    report: Report | None = None

    @property
    def exit_code(self) -> int:
        """1 where an exemption is expired or of no use, 3 where that cannot be told."""
        if any(use.standing in WRONG for use in self.uses):
            return 1
        vouched = self.report is None or (self.report.run.complete and not self.report.nothing_scanned)
        return 0 if vouched else 3


def check(asked: ScanOptions, listener: Listener) -> Checked:
    """The exemptions of a file on a scope; without one, all that the file alone shows."""
    if asked.snapshot is not None or asked.live:
        seen = collect_and_judge(asked, listener)
        return Checked(seen.result.uses, seen.report.run.evaluated or "", len(seen.result.uses), seen.report)
    if asked.exemptions is None:
        raise AssertionError("the command has a file")
    as_of = asked.judged_as_of or now()
    pack = open_pack(asked.policies, builtin=not asked.no_builtin)
    acceptance = Acceptance(read_exemptions(asked.exemptions), None, day_of(as_of))
    uses = acceptance.uses(pack.policies)
    told = [_alone(use) for use in uses if use.standing is ExemptionStatus.EXPIRED or use.anywhere]
    return Checked(told, as_of, len(uses))


def _alone(use: Use) -> Use:
    """A use of which nobody knows what it would cover."""
    if use.standing is not ExemptionStatus.EXPIRED:
        return use
    return replace(use, reason=f"expired after {use.exemption.expires_on}")
