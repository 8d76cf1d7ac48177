"""Texts of findings, made a few registries at a time, and given back by policy: a file lies between."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from scanner.report.texts import Tell
from scanner.result.finding import Exempted, Finding, Ungated, Verdict
from scanner.result.findings import Findings, Stretches, amendments

Accepted = Mapping[tuple[str, str], tuple[Verdict, Verdict | None, Ungated | None, Exempted | None, bool]]
"""By policy id and key what became of findings that an exemption or a baseline covers."""
Place = tuple[str, int]
"""A policy's id, and how many bytes of a file are of it; the next are the next one's."""


def accepted_of(findings: Findings) -> Accepted:
    """What exemptions and a baseline did to findings."""
    return {
        (each.policy.id, each.resource.key): (
            each.verdict,
            each.gates,
            each.ungated,
            each.exemption,
            each.baseline,
        )
        for each in amendments(findings)
    }


def write(findings: Stretches, tell: Tell, accepted: Accepted, path: Path) -> list[Place]:
    """The texts of findings into a file, in the order in which they are best made."""
    places = list[Place]()
    with path.open("wb") as file:
        for stretch in findings.stretches():
            for column in stretch:
                start = file.tell()
                file.writelines(tell(_as_it_is(each, accepted)).encode() for each in column)
                places.append((column.policy.id, file.tell() - start))
    return places


def _as_it_is(finding: Finding, accepted: Accepted) -> Finding:
    """The finding as exemptions and the baseline left it."""
    changed = accepted.get((finding.policy.id, finding.resource.key))
    if changed is None:
        return finding
    verdict, gates, ungated, exemption, baseline = changed
    return msgspec.structs.replace(
        finding, verdict=verdict, gates=gates, ungated=ungated, exemption=exemption, baseline=baseline
    )


def written(
    number: int, write_all: Callable[[Sequence[Path]], Sequence[Sequence[Place]]]
) -> Iterator[tuple[str, str]]:
    """Write the texts into so many files; then gives them policy by policy, and by file within a policy."""
    folder = tempfile.TemporaryDirectory(prefix="acr-scan-")
    paths = [Path(folder.name) / str(each) for each in range(number)]
    try:
        lists = [_starts(places) for places in write_all(paths)]
    except BaseException:
        folder.cleanup()
        raise
    return _read(folder, paths, lists)


def _read(
    folder: "tempfile.TemporaryDirectory[str]", paths: Sequence[Path], lists: Sequence["_Starts"]
) -> Iterator[tuple[str, str]]:
    with folder, ExitStack() as opened:
        files = [opened.enter_context(path.open("rb")) for path in paths]
        for policy in sorted({policy for each in lists for policy in each}):
            for file, places in zip(files, lists, strict=True):
                for start, size in places.get(policy, ()):
                    file.seek(start)
                    text = file.read(size)
                    if len(text) < size:
                        raise EOFError("a file of texts is cut short")
                    yield policy, text.decode()


_Starts = Mapping[str, Sequence[tuple[int, int]]]
"""By policy id where texts start, and how many bytes they have."""


def _starts(places: Sequence[Place]) -> _Starts:
    starts: dict[str, list[tuple[int, int]]] = {}
    end = 0
    for policy, size in places:
        starts.setdefault(policy, []).append((end, size))
        end += size
    return starts
