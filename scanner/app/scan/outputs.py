"""The reports that a scan writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scanner.app.scan.formats import FORMATS, RenderContext
from scanner.errors import UsageError
from scanner.text.writer import STDOUT, check_writable, place, put


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where each format goes; `-` is standard output, for one of them."""

    paths: Mapping[str, Path]
    """Format → file."""

    @property
    def to_stdout(self) -> bool:
        """Whether a report goes to standard output, so that nothing else may."""
        return STDOUT in self.paths.values()

    def check(self) -> None:
        """UsageError or FileError now, rather than after a long scan."""
        paths = list(self.paths.values())
        places = [place(path) for path in paths]
        for path in paths:
            if places.count(place(path)) > 1:
                where = "standard output" if path == STDOUT else str(path)
                raise UsageError(
                    f"two reports would go to {where}", help="give each report a file of its own"
                )
            check_writable(path)

    def write(self, context: RenderContext) -> None:
        """Every report that was asked for; standard output last, since its reader may leave early."""
        for format_, path in sorted(self.paths.items(), key=lambda item: item[1] == STDOUT):
            put(path, FORMATS[format_](context))
