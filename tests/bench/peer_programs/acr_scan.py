"""acr-scan on four checks: three of its pack's, and what other tools ask of a registry's network."""

import gc
from pathlib import Path

from bench.peer_programs.rounds import CHECKS, Verdicts, run
from scanner.app.scan.judging import Judging, RunMetadata, ScanRequest
from scanner.app.scan.policy_selection import Selection, open_pack
from scanner.sources.files.snapshot import Snapshot, read_snapshot

IDS = ("BENCH001", "ACR901", "ACR902", "ACR905")
PACK = open_pack((Path(__file__).parents[1] / "equivalent",), builtin=True)
REQUEST = ScanRequest(PACK, Selection(IDS, ()).of(PACK.policies))
NAMES = dict(zip(IDS, CHECKS, strict=True))


def judged(snapshot: Snapshot) -> Verdicts:
    report = Judging(snapshot.inventory, None, REQUEST, RunMetadata("snapshot", None, None, {})).report()
    verdicts: Verdicts = {}
    for finding in report.findings:
        verdicts.setdefault(finding.resource.id, {})[NAMES[finding.policy.id]] = finding.verdict.value
    return verdicts


if __name__ == "__main__":
    gc.set_threshold(200_000, 50, 50)  # as the command does
    run(read_snapshot, judged)
