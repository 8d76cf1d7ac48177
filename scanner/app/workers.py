"""Who judges: this process alone, processes of its own, or the workers of a Dask cluster."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from scanner.app.desk import accepted_of, write, written
from scanner.engine.parts import Part, findings_of
from scanner.report.texts import Tell, Texts, texts_of
from scanner.result.findings import Findings, Stretches
from scanner.result.report import Report


class _Team(Protocol):
    """Those that judged, and write of what they found."""

    def texts(self, findings: Findings, make: Callable[[], Tell]) -> Iterator[tuple[str, str]]: ...
    def end(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Alone:
    """One process that has all findings before it (`app/crew.py` has others, and loads slowly)."""

    found: Stretches

    def texts(self, findings: Findings, make: Callable[[], Tell]) -> Iterator[tuple[str, str]]:
        """The texts of these findings, in their order, a piece of a policy's at a time."""
        accepted = accepted_of(findings)
        return written(1, lambda paths: [write(self.found, make(), accepted, paths[0])])

    def end(self) -> None:
        """There is nobody to send home."""


@dataclass(slots=True)
class Workers:
    """`--workers` and `--dask`. Processes of its own stay for the reports, until `end`."""

    number: int = 1
    dask: str | None = None
    _team: _Team | None = None

    def judge(self, whole: Part) -> Stretches:
        """The findings, the same and in the same order whoever makes them."""
        self.end()
        if self.dask is None and self.number > 1:
            from scanner.app.crew import Crew  # noqa: PLC0415 - what starts processes loads slowly

            self._team = crew = Crew(whole, self.number)
            return crew.judge()
        if self.dask is None:
            found = findings_of(whole)
        else:
            from scanner.app.cluster import judge_in_parts  # noqa: PLC0415 - loads where it is used

            found = judge_in_parts(whole, self.dask)
        self._team = _Alone(found)
        return found

    def texts(self, report: Report) -> Texts:
        """Who makes the texts of the findings that were judged last."""
        return texts_of(report) if self._team is None else partial(self._team.texts, report.findings)

    def end(self) -> None:
        """Send the processes home, if there are any."""
        if self._team is not None:
            self._team.end()
            self._team = None
