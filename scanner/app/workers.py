"""Who judges: this process alone, processes of its own, or the workers of a Dask cluster."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from scanner.app.desk import Accepted, Makes, Written, accepted_of, write
from scanner.engine.parts import Part, findings_of
from scanner.report.texts import Texts
from scanner.result.findings import Findings, Stretches


class _Team(Protocol):
    """Those that judge, and write of what they find."""

    def judge(self) -> Stretches: ...
    def write(self, makes: Makes, accepted: Accepted, written: Written) -> None: ...
    def end(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Alone:
    """One process that has all findings before it (`app/crew.py` has others, and loads slowly)."""

    found: Stretches

    def judge(self) -> Stretches:
        """The findings."""
        return self.found

    def write(self, makes: Makes, accepted: Accepted, written: Written) -> None:
        """The texts of all findings."""
        written.write(1, lambda folders: [write(self.found, makes, accepted, folders[0])])

    def end(self) -> None:
        """There is nobody to send home."""


@dataclass(slots=True)
class Workers:
    """`--workers` and `--dask`. Processes of its own, and what was written, stay until `end`."""

    number: int = 1
    dask: str | None = None
    _team: _Team | None = None
    _found: Stretches | None = None
    _written: Written | None = None

    @property
    def near(self) -> bool:
        """Whether they have this machine's disk before them."""
        return self.dask is None

    def judge(self, whole: Part) -> Stretches:
        """The findings, the same and in the same order whoever makes them; judged as they are looked at."""
        self.end()
        self._team = self._team_for(whole)
        self._found = self._team.judge()
        return self._found

    def _team_for(self, whole: Part) -> _Team:
        if self.dask is not None:
            from scanner.app.cluster import judge_in_parts  # noqa: PLC0415 - distributed is an extra

            return _Alone(judge_in_parts(whole, self.dask))
        if self.number > 1:
            from scanner.app.crew import Crew  # noqa: PLC0415 - what starts processes loads slowly

            return Crew(whole, self.number)
        return _Alone(findings_of(whole))

    def finish(self, findings: Findings, makes: Makes) -> Mapping[str, Texts]:
        """Judge what is not judged yet, and tell of it at once; by format the texts of the findings.

        They are those that were judged last, as exemptions and a baseline left them. ScanError where workers
        or the disk cannot do it.
        """
        if self._team is None or self._found is None:
            raise AssertionError("nothing was judged")
        if makes:
            self._written = Written.start()
            self._team.write(makes, accepted_of(findings), self._written)
        deque(self._found.stretches(), maxlen=0)
        return {} if self._written is None else {name: self._written.texts(name) for name in makes}

    def end(self) -> None:
        """Send the processes home, if there are any, and remove what was written."""
        if self._team is not None:
            self._team.end()
        if self._written is not None:
            self._written.end()
        self._team = self._found = self._written = None
