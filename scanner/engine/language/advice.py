"""Remedies whose words are ready: what to do about a finding, with its commands filled in and quoted."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from scanner.engine.language.placeholders import PlaceholderValues, command, sentence
from scanner.policy.model import Remedy
from scanner.result.finding import Advice, Evidence

Advise = Callable[[PlaceholderValues, Sequence[Evidence]], Advice]
"""What a remedy says of a resource, and of the grounds of its fail."""


def advise(remedy: Remedy) -> Advise:
    """The remedy with its commands, repeated for each missing or excess prefix where it says so."""
    way, each, text = remedy.way, remedy.for_each, sentence(remedy.text)
    commands = [command(line) for line in remedy.az]

    def advice(fill: PlaceholderValues, evidence: Sequence[Evidence]) -> Advice:
        if each is None:
            return Advice(way, text(fill), tuple([line(fill) for line in commands]))
        fills = [replace(fill, words={"item": item}) for item in _items(way, each, evidence)]
        return Advice(way, text(fill), tuple([line(one) for one in fills for line in commands]))

    return advice


def _items(way: str | None, each: str, evidence: Sequence[Evidence]) -> Sequence[str]:
    """The missing or the excess prefixes of a way, or of them all."""
    leaves = [one.fact for one in evidence if way in {None, one.way}]
    found = [leaf.missing if each == "missing" else leaf.excess for leaf in leaves]
    return tuple(dict.fromkeys(item for items in found if items is not None for item in items))
