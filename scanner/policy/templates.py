"""Texts with placeholders: `{registry.properties.loginServer}`; `{{` and `}}` are literal braces."""

import re
from collections.abc import Callable

import msgspec

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*(?:\.[A-Za-z_$][\w$-]*)*")


class Placeholder(msgspec.Struct, frozen=True):
    """A catalogue path with an optional relation before it, or `param.NAME`."""

    path: str

    @property
    def words(self) -> str:
        """What stands in its place where it cannot be filled: `{subnetId}` is `<subnet id>`."""
        names = [name for name in self.path.split(".") if name != "properties"]
        spaced = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name) for name in names]
        return f"<{' '.join(spaced).lower()}>"


class Template(msgspec.Struct, frozen=True):
    """Literal texts and placeholders, in order."""

    parts: tuple[str | Placeholder, ...]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """The template of a text; ValueError where a brace is open or a placeholder is no path."""
        parts: list[str | Placeholder] = []
        for found in _PART.finditer(text):
            whole, path = found.group(0), found.group(1)
            if path is not None:
                if not _NAME.fullmatch(path):
                    raise ValueError(f"{{{path}}} is no placeholder; write a path, or {{{{ for a brace")
                parts.append(Placeholder(path))
            elif whole in {"{", "}"}:
                raise ValueError(f"a single {whole!r} opens or closes nothing; write {whole * 2} for a brace")
            else:
                parts.append(whole[0] if whole in {"{{", "}}"} else whole)
        return cls(tuple(parts))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The paths of its placeholders, in order."""
        return tuple(part.path for part in self.parts if isinstance(part, Placeholder))

    @property
    def sole(self) -> str | None:
        """The path of the placeholder that is all of the text: its value keeps its type."""
        match self.parts:
            case (Placeholder(path),):
                return path
            case _:
                return None

    def fill(self, value: Callable[[Placeholder], str]) -> str:
        """The text, with each placeholder's value."""
        return "".join([part if isinstance(part, str) else value(part) for part in self.parts])
