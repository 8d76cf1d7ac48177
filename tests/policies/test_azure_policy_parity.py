"""Our verdicts beside those of Microsoft's own definitions: they differ on purpose, and in one direction."""

import pytest
from parity import DATA, MIRRORS, compared, report

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not here")


@pytest.mark.parametrize("identifier", MIRRORS)
def test_a_mirror_differs_from_azure_policy_only_on_purpose(identifier: str) -> None:
    reasons = {why for _, _, why in compared(identifier)}

    assert "?" not in reasons
    assert None in reasons


@pytest.mark.parametrize("identifier", MIRRORS)
def test_a_mirror_never_passes_what_azure_policy_flags(identifier: str) -> None:
    counts = compared(identifier)

    assert not [each for each in counts if each[:2] == ("pass", True)]


def test_the_report_tells_of_every_mirror() -> None:
    lines = list(report())

    told = [line.partition(" ")[0] for line in lines if line.startswith("ACR")]
    assert told == list(MIRRORS)
