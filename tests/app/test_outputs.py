"""A report goes into its file as it was made, however large and in however many pieces."""

from pathlib import Path

import pytest

from scanner.text.writer import CHUNK, STDOUT, put

PIECES = {
    "no piece": [],
    "empty pieces": ["", ""],
    "small pieces": ["é\r\n", "", "ü\n"] * CHUNK,
    "a piece that is just full": ["x" * CHUNK],
    "pieces that are too large": ["ü" * (CHUNK + 1), "x", "\N{GRINNING FACE}" * (CHUNK * 2)],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_a_file_has_every_piece(tmp_path: Path, pieces: list[str]) -> None:
    put(tmp_path / "report", iter(pieces))
    assert (tmp_path / "report").read_bytes() == "".join(pieces).encode()


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_standard_output_has_every_piece(
    pieces: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    put(STDOUT, iter(pieces))
    assert capfdbinary.readouterr().out == "".join(pieces).encode()
