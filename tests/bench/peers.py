"""acr-scan beside other tools on the same registries: `python -m bench.peers --venvs build/peers`.

A peer stands in an environment of its own, VENVS/NAME, made by `make bench-peers`; one that is not there is
left out, and the page says so.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.estate import rows
from bench.peer_page import page
from bench.process import SEARCHED
from bench.tables import machine, machine_line

REGISTRIES = "microsoft.containerregistry/registries"


@dataclass(frozen=True, slots=True)
class Peer:
    """Its program, and the packages of its environment that its figures are of."""

    name: str
    program: str
    packages: Sequence[str]


OURS = Peer("acr-scan", "acr_scan", ())
PEERS = (
    Peer("Cloud Custodian", "cloud_custodian", ("c7n",)),
    Peer("rego-cpp", "rego", ("regopy",)),
    Peer("Checkov", "checkov_arm", ("checkov",)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="bench.peers", description=(__doc__ or "").splitlines()[0])
    options.add_argument("--registries", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--venvs", type=Path, default=Path("build") / "peers")
    options.add_argument("--into", type=Path, help="a folder for peers.md and peers.json")
    asked = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.ndjson"
        shown = [each for each in rows(asked.registries) if each["type"] == REGISTRIES]
        path.write_text("".join(f"{json.dumps(each)}\n" for each in shown), "utf-8")
        pythons = {OURS: Path(sys.executable)} | {
            peer: asked.venvs / peer.program / "bin" / "python" for peer in PEERS
        }
        there = {peer: python for peer, python in pythons.items() if python.exists()}
        found = measured(there, path, asked.rounds)
    here = machine("msgspec")
    here["versions"] |= {
        name: each for peer in there for name, each in versions(there[peer], peer.packages).items()
    }
    missing = [peer.name for peer in PEERS if peer not in there]
    text = "\n".join(page(found, shown, missing, machine_line(here)))
    sys.stdout.write(f"{text}\n")
    if asked.into is not None:
        asked.into.mkdir(parents=True, exist_ok=True)
        (asked.into / "peers.md").write_text(f"{text}\n", "utf-8")
        seconds = {name: {part: each[part] for part in ("read", "judge")} for name, each in found.items()}
        kept = {"machine": here, "registries": asked.registries, "missing": missing, "seconds": seconds}
        (asked.into / "peers.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


def measured(there: Mapping[Peer, Path], path: Path, rounds: int) -> dict[str, dict[str, Any]]:
    """Each tool's seconds and verdicts; the tools take turns, a process of its own for each round."""
    found: dict[str, dict[str, Any]] = {peer.name: {"read": [], "judge": []} for peer in there}
    for _ in range(rounds):
        for peer, python in there.items():
            one = program(python, peer.program, path)
            for part in ("read", "judge"):
                found[peer.name][part] += one[part]
            found[peer.name]["verdicts"] = one["verdicts"]
    return found


def program(python: Path, name: str, path: Path) -> dict[str, Any]:
    result = path.with_suffix(".json")
    command: list[str | Path] = [python, "-m", f"bench.peer_programs.{name}", path, result, "1"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={"PYTHONPATH": SEARCHED})
    judged: dict[str, Any] = json.loads(result.read_text("utf-8"))
    return judged


def versions(python: Path, packages: Sequence[str]) -> dict[str, str]:
    """The versions of packages in another environment."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    told = subprocess.run([python, "-c", code, *packages], check=True, capture_output=True, text=True)
    return dict(zip(packages, told.stdout.split(), strict=True))


if __name__ == "__main__":
    raise SystemExit(main())
