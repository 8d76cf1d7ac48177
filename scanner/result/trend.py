"""How the verdicts of a scope moved from run to run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One run: when its inventory was collected (RFC 3339), and how many findings had each verdict."""

    collected: str
    passed: int
    failed: int
    unknown: int
    exempt: int
