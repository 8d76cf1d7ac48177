"""What is accepted for a time, on a report: exemptions, a baseline, and Azure Policy's word beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scanner.app.accept.azure_exemptions import EXEMPTIONS, azure_notices
from scanner.app.accept.exemption_file import read_exemptions
from scanner.app.options import ScanOptions, now
from scanner.engine.exemptions import Acceptance, exemption_notices
from scanner.model.inventory import Inventory
from scanner.policy.model import Policy
from scanner.result.exemption import Baseline, Exemption, Use
from scanner.result.report import Notice, Report, Run
from scanner.sources.files.results import read_baseline


@dataclass(frozen=True, slots=True)
class AcceptanceRules:
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

    def start(self, run: Run) -> tuple[Run, Acceptance | None]:
        """What accepts findings, and the run: as of now where neither option nor inventory names a time."""
        if not self.exemptions and self.baseline is None:
            return run, None
        if self.exemptions and run.evaluated is None:
            run = replace(run, evaluated=now())
        return run, Acceptance(self.exemptions, self.baseline, day_of(run.evaluated or now()))

    def applied(
        self, report: Report, acceptance: Acceptance | None, inventory: Inventory
    ) -> tuple[Report, tuple[Use, ...]]:
        """The report with what is accepted, and what came of each exemption."""
        uses = tuple[Use, ...]()
        narrowed = self.narrowed or report.nothing_scanned
        news: list[Notice] = []
        if acceptance is not None:
            acceptance.on(report.findings)
            uses = acceptance.uses(self.policies) if self.exemptions else ()
            news += exemption_notices(uses, narrowed=narrowed, complete=report.run.complete)
            news += acceptance.baseline_notices()
        news += azure_notices(inventory, report.findings, report.run.evaluated, asked=self.azure)
        return replace(report, notices=(*report.notices, *news)), uses


def acceptance_rules(asked: ScanOptions, policies: Sequence[Policy]) -> AcceptanceRules:
    """What the options of a scan say; `policies` are those of the pack, selected or not."""
    baseline = asked.baseline
    return AcceptanceRules(
        () if asked.exemptions is None else read_exemptions(asked.exemptions),
        None if baseline is None else Baseline(str(baseline), read_baseline(baseline)),
        policies,
        any((asked.select, asked.exclude, asked.resource_group, asked.registry)),
        asked.azure_exemptions,
    )


def day_of(moment: str) -> str:
    """The date of an RFC 3339 time in UTC; exemptions go by it."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).date().isoformat()
    except OverflowError:  # the first or last day of the calendar, in another zone
        return moment[:10]
