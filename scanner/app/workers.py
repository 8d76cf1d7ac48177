"""Who judges: this process alone, processes of its own, or the workers of a Dask cluster."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from scanner.engine.parts import Part, findings_of
from scanner.report.texts import Tell, Texts, texts_of
from scanner.result.findings import Columns, Findings
from scanner.result.report import Report


class _Processes(Protocol):
    """Those that judged, and keep what they found (`app/crew.py`, which loads slowly)."""

    def texts(self, findings: Findings, make: Callable[[], Tell]) -> Iterator[tuple[str, str]]: ...
    def end(self) -> None: ...


@dataclass(slots=True)
class Workers:
    """`--workers` and `--dask`. Processes of its own stay for the reports, until `end`."""

    number: int = 1
    dask: str | None = None
    _crew: _Processes | None = None

    def judge(self, whole: Part) -> Columns:
        """The findings, the same and in the same order whoever makes them."""
        self.end()
        if self.dask is not None:
            from scanner.app.cluster import judge_in_parts  # noqa: PLC0415 - loads where it is used

            return judge_in_parts(whole, self.dask)
        if self.number == 1:
            return findings_of(whole)
        from scanner.app.crew import Crew  # noqa: PLC0415 - what starts processes loads slowly

        self._crew = crew = Crew(whole, self.number)
        return crew.judge()

    def texts(self, report: Report) -> Texts:
        """Who makes the texts of the findings that were judged last."""
        return texts_of(report) if self._crew is None else partial(self._crew.texts, report.findings)

    def end(self) -> None:
        """Send the processes home, if there are any."""
        if self._crew is not None:
            self._crew.end()
            self._crew = None
