"""Names and patterns of hosts, as the rules of an Azure Firewall write them."""

from collections.abc import Iterable


def covers_name(pattern: str, name: str) -> bool:
    """Whether a pattern holds a name, or all names of another pattern; a leading `*` spans labels."""
    pattern, name = pattern.lower(), name.lower()
    return name.endswith(pattern[1:]) if pattern.startswith("*") else name == pattern


def covered(patterns: Iterable[str], name: str) -> bool:
    """Whether one of some patterns holds a name."""
    return any(covers_name(pattern, name) for pattern in patterns)


def share_names(pattern: str, other: str) -> bool:
    """Whether some name is held by both patterns."""
    return covers_name(pattern, other) or covers_name(other, pattern)
