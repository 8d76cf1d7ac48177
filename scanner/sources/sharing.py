"""Equal values of many rows as one object: a snapshot says the same few things thousands of times."""

from typing import Any

import msgspec

from scanner.sources.document import DEEPEST

_encoded = msgspec.json.Encoder().encode


class Sharing:
    """What the rows of one reading have in common. It sees their secrets, and lasts no longer than that."""

    MOST = 10_000
    """Texts and values that are known at a time: what is new in each row must not fill the memory."""
    LONGEST = 4096
    """Bytes of JSON of a value that is known; a task's whole script is hardly ever said twice."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._values: dict[bytes, Any] = {}

    def share(self, found: dict[str, Any]) -> bool:
        """Put what was seen before in the place of its equals; whether the row is surely not too deep."""
        if len(self._texts) > self.MOST:
            self._texts.clear()
        if len(self._values) > self.MOST:
            self._values.clear()
        try:
            return self._share(found, found)
        except (UnicodeEncodeError, RecursionError):  # the intake knows how to say it
            return False

    def _share(self, members: dict[str, Any], row: dict[str, Any]) -> bool:
        """As `share`, for the members of a row, or for those of its properties."""
        text, values = self._texts.setdefault, self._values
        for key, member in members.items():
            kind = member.__class__
            if kind is str:
                members[key] = text(member, member)
            elif kind is dict and key == "properties" and members is row:
                if not self._share(member, row):
                    return False
            elif kind is dict or kind is list:
                said = _encoded(member)  # JSON: 1, 1.0 and true are equal, and not the same
                if (known := values.get(said)) is not None:
                    members[key] = known
                elif said.count(b"{") + said.count(b"[") > DEEPEST - 2:  # it lies in two objects itself
                    return False
                elif len(said) <= self.LONGEST:
                    values[said] = member
        return True
