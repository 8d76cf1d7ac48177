"""What a config file sets, with the line of each setting."""

from collections.abc import Collection, Mapping
from typing import Any, Self

import msgspec

from scanner.errors import ContentError, UsageError


class Setting(msgspec.Struct, frozen=True):
    """One value of the file, and where it stands: file, line and field."""

    parameter: str
    option: str
    value: Any
    file: str
    line: int
    field: str

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


class Config(msgspec.Struct, frozen=True):
    """What a file sets; a list has a setting for each of its items."""

    settings: tuple[Setting, ...] = ()
    lists: frozenset[str] = frozenset()

    @property
    def values(self) -> Mapping[str, Any]:
        """Values by the name of their option, as Python spells it."""
        values: dict[str, Any] = {name: [] for name in self.lists}
        for each in self.settings:
            if each.parameter in self.lists:
                values[each.parameter].append(each.value)
            else:
                values[each.parameter] = each.value
        return values

    def only(self, parameters: Collection[str]) -> Self:
        """The settings of these options alone."""
        return msgspec.structs.replace(
            self, settings=tuple(each for each in self.settings if each.parameter in parameters)
        )

    def blamed(self, error: UsageError) -> UsageError:
        """The error, with the place in the file that it comes from, if it does."""
        said = str(error)
        for each in self.settings:
            own = each.option if each.parameter not in self.lists else f"{each.option} {each.value}"
            starts = (f"{own} ", f"{own}: ", f"{each.value}: ")
            if not isinstance(error, ContentError) and said.startswith(starts):
                return UsageError(f"{each.where}: {each.field}: {said}", help=error.help)
        return error
