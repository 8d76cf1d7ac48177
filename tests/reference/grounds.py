"""The grounds of a judgement: which leaves decided it, by the named ways."""

from collections.abc import Iterator

from reference.judgement import Judgement, Leaf
from scanner.model.truth import Truth


def grounds(judgement: Judgement) -> Iterator[tuple[str | None, Leaf]]:
    """Per way the leaves that decided it, whatever the verdict; elsewhere those that decided the whole."""
    if judgement.way is not None or not any(_ways(judgement)):
        for leaf in judgement.because():
            yield judgement.way, leaf
        return
    decisive = judgement.truth.negated() if judgement.inverted else judgement.truth
    for part in judgement.parts:
        if part.truth is decisive or any(_ways(part)):
            yield from grounds(part)


def open_ways(judgement: Judgement) -> tuple[str, ...]:
    """The named branches that hold, in the policy's order; each once, of however many resources it holds."""
    held = (way.way for way in _ways(judgement) if way.truth is Truth.TRUE and way.way is not None)
    return tuple(dict.fromkeys(held))


def _ways(judgement: Judgement) -> Iterator[Judgement]:
    """The named branches, in the policy's order; a count is one leaf, whatever it was unsure of."""
    if judgement.way is not None:
        yield judgement
    elif judgement.leaf is None:
        for part in judgement.parts:
            yield from _ways(part)
