"""Options and arguments that name a file or a folder."""

import os
from typing import Any

import click


class _Path(click.Path):
    """A path as pathlib has it, which loads when there is one: `--help` takes none."""

    def coerce_path_result(self, value: str | os.PathLike[str]) -> Any:
        from pathlib import Path

        return Path(value)


PATH = _Path()
