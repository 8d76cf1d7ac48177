"""Our verdicts beside those of Microsoft's own definitions: they differ on purpose, and in one direction."""

import pytest
from parity import MIRRORS, compared, report
from recordings import OURS, Corpus, on_each_corpus


@on_each_corpus
@pytest.mark.parametrize("identifier", MIRRORS)
def test_a_mirror_differs_from_azure_policy_only_on_purpose(identifier: str, corpus: Corpus) -> None:
    reasons = {why for _, _, why in compared(identifier, corpus)}

    assert "?" not in reasons
    assert None in reasons


@on_each_corpus
@pytest.mark.parametrize("identifier", MIRRORS)
def test_a_mirror_never_passes_what_azure_policy_flags(identifier: str, corpus: Corpus) -> None:
    counts = compared(identifier, corpus)

    assert not [each for each in counts if each[:2] == ("pass", True)]


def test_the_report_tells_of_every_mirror() -> None:
    lines = list(report(OURS))

    told = [line.partition(" ")[0] for line in lines if line.startswith("ACR")]
    assert told == list(MIRRORS)
