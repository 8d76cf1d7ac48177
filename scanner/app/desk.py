"""Texts of findings, made where these are judged, and given back by policy: files lie between."""

import errno
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from scanner.errors import ScanError
from scanner.model.resource import Resource
from scanner.report.texts import Tell, Texts
from scanner.result.finding import Exempted, Explanation, Finding, Ungated, Verdict
from scanner.result.findings import Findings, Stretches, amendments

Accepted = Mapping[tuple[str, str], tuple[Verdict, Verdict | None, Ungated | None, Exempted | None, bool]]
"""By policy id and key what became of findings that an exemption or a baseline covers."""
Makes = Mapping[str, Callable[[], Tell]]
"""By format what makes a `Tell` of it."""
Places = Mapping[str, Mapping[str, "array[int]"]]
"""By format and policy id where its texts start in the file and how many bytes each has, in turn."""


def accepted_of(findings: Findings) -> Accepted:
    """What exemptions and a baseline did to findings."""
    return {
        (each.policy.id, each.resource.key): (
            each.verdict,
            each.gates,
            each.not_gating_because,
            each.exemption,
            each.baseline,
        )
        for each in amendments(findings)
    }


def write(findings: Stretches, makes: Makes, accepted: Accepted, folder: Path) -> Places:
    """The texts of findings into a file for each format; all of a finding, as soon as it is judged."""
    tells = [make() for make in makes.values()]
    places: dict[str, defaultdict[str, array[int]]]
    places = {name: defaultdict(lambda: array("Q")) for name in makes}
    with ExitStack() as opened:
        files = [opened.enter_context((folder / name).open("wb")) for name in makes]
        for stretch in findings.stretches():
            stretch.resources.fetch()
            for column in stretch.columns:
                those = [_as_it_is(each, accepted) for each in column]
                if len(tells) > 1:
                    those = [msgspec.structs.replace(each, explainer=_Once(each)) for each in those]
                for tell, file, of_format in zip(tells, files, places.values(), strict=True):
                    start = file.tell()
                    file.writelines(tell(each).encode() for each in those)
                    of_format[column.policy.id].extend((start, file.tell() - start))
    return {name: dict(of_format) for name, of_format in places.items()}


@dataclass(slots=True)
class _Once:
    """Tells of a finding that several formats ask about."""

    finding: Finding
    _account: Explanation | None = None

    def explain(self, _: Resource) -> Explanation:
        """Its account."""
        if self._account is None:
            self._account = self.finding.explain()
        return self._account


def _as_it_is(finding: Finding, accepted: Accepted) -> Finding:
    """The finding as exemptions and the baseline left it."""
    changed = accepted.get((finding.policy.id, finding.resource.key))
    if changed is None:
        return finding
    verdict, gates, not_gating_because, exemption, baseline = changed
    return msgspec.structs.replace(
        finding,
        verdict=verdict,
        gates=gates,
        not_gating_because=not_gating_because,
        exemption=exemption,
        baseline=baseline,
    )


@dataclass(slots=True)
class Written:
    """Texts in a folder that goes with it; each part of the findings has one below it."""

    _folder: "tempfile.TemporaryDirectory[str]"
    _parts: Sequence[tuple[Path, Places]] = ()

    @classmethod
    def start(cls) -> "Written":
        """Nothing so far. ScanError where there is no place for it."""
        with _room():
            return cls(tempfile.TemporaryDirectory(prefix="acr-scan-"))

    def write(self, parts: int, write_all: Callable[[Sequence[Path]], Sequence[Places]]) -> None:
        """Let so many parts be written, each into a folder of its own. ScanError where there is no room."""
        folders = [Path(self._folder.name) / str(number) for number in range(parts)]
        with _room():
            for folder in folders:
                folder.mkdir()
            self._parts = [*zip(folders, write_all(folders), strict=True)]

    def texts(self, name: str) -> Texts:
        """The texts of a format policy by policy, and part by part within a policy.

        ScanError where somebody cleared the folder meanwhile.
        """
        places = [of_part[name] for _, of_part in self._parts]
        with _room(), ExitStack() as opened:
            files = [opened.enter_context((folder / name).open("rb")) for folder, _ in self._parts]
            for policy in sorted({policy for each in places for policy in each}):
                for file, of_file in zip(files, places, strict=True):
                    here = of_file.get(policy, ())
                    for start, size in zip(here[::2], here[1::2], strict=True):
                        file.seek(start)
                        text = file.read(size)
                        if len(text) < size:
                            raise OSError(errno.EIO, "A file was cut short")
                        yield policy, text.decode()

    def end(self) -> None:
        """Remove them."""
        self._folder.cleanup()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ScanError(
            f"the texts of the reports cannot be kept in a temporary folder: {reason}",
            help="set TMPDIR to a folder that has room for all reports",
        ) from error
