"""What is accepted for a time, on a report: exemptions, a baseline, and Azure Policy's word beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scanner.app.asked import Asked, now
from scanner.app.azure_exemptions import EXEMPTIONS, azure_notices
from scanner.app.exemption_file import read_exemptions
from scanner.engine.exemptions import accept, baseline_notices, exempt, exemption_notices
from scanner.model.inventory import Inventory
from scanner.policy.model import Policy
from scanner.result.exemption import Baseline, Exemption, Use
from scanner.result.report import Notice, Report
from scanner.sources.baseline import read_baseline


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a scan was told to accept. `policies` are all that there are, `narrowed` if not all is judged."""

    exemptions: Sequence[Exemption] = ()
    baseline: Baseline | None = None
    policies: Sequence[Policy] = ()
    narrowed: bool = False
    azure: bool = False
    """Whether Azure Policy's exemptions were asked for."""

    @property
    def types(self) -> frozenset[str]:
        """What is collected for it."""
        return frozenset({EXEMPTIONS}) if self.azure else frozenset()

    def on(self, report: Report, inventory: Inventory) -> tuple[Report, tuple[Use, ...]]:
        """The report with what is accepted, and what came of each exemption."""
        findings, uses = report.findings, tuple[Use, ...]()
        if self.exemptions:
            report = _dated(report)
            today = day_of(report.run.evaluated or now())
            findings, uses = exempt(findings, self.exemptions, today, self.policies)
        narrowed = self.narrowed or report.nothing_scanned
        news: list[Notice] = [*exemption_notices(uses, narrowed=narrowed, complete=report.run.complete)]
        if self.baseline is not None:
            news += baseline_notices(findings, self.baseline)
            findings = accept(findings, self.baseline)
        news += azure_notices(inventory, findings, report.run.evaluated, asked=self.azure)
        if findings is report.findings and not news:
            return report, uses
        return replace(report, findings=findings, notices=(*report.notices, *news)), uses


def accepted(asked: Asked, policies: Sequence[Policy]) -> Accepted:
    """What the options of a scan say; `policies` are those of the pack, selected or not."""
    baseline = asked.baseline
    return Accepted(
        () if asked.exemptions is None else read_exemptions(asked.exemptions),
        None if baseline is None else Baseline(str(baseline), read_baseline(baseline)),
        policies,
        any((asked.select, asked.exclude, asked.resource_group, asked.registry)),
        asked.azure_exemptions,
    )


def _dated(report: Report) -> Report:
    """The report as of now, where neither an option nor the inventory names a time."""
    if report.run.evaluated is not None:
        return report
    return replace(report, run=replace(report.run, evaluated=now()))


def day_of(moment: str) -> str:
    """The date of an RFC 3339 time in UTC; exemptions go by it."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).date().isoformat()
    except OverflowError:  # the first or last day of the calendar, in another zone
        return moment[:10]
