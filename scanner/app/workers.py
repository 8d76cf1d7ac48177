"""Who judges: this process alone, processes of its own, or the workers of a Dask cluster."""

from dataclasses import dataclass

from scanner.engine.parts import Part, findings_of
from scanner.result.finding import Finding


@dataclass(frozen=True, slots=True)
class Workers:
    """`--workers` and `--dask`."""

    number: int = 1
    dask: str | None = None

    def judge(self, whole: Part) -> tuple[Finding, ...]:
        """The findings, the same and in the same order whoever makes them."""
        if self.number == 1 and self.dask is None:
            return findings_of(whole)
        from scanner.app.teams import judge_in_parts  # noqa: PLC0415 - pools of processes load slowly

        return judge_in_parts(whole, self.number, self.dask)
