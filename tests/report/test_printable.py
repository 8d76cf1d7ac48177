"""Hostile text is shown, not obeyed."""

import json

import pytest

from scanner.text.printable import printable, printable_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x00\x07\x7f\x9b", r"\x00\x07\x7f\x9b"),
        ("one\ntwo\tthree\r", r"one\ntwo\tthree\r"),
        ("\u202egpj.exe\u2066\u200f\u061c", r"\u202egpj.exe\u2066\u200f\u061c"),
        ("a\u200bb\u200dc\u2060d\ufeffe\xad", r"a\u200bb\u200dc\u2060d\ufeffe\xad"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\ud800x\udfff", r"\ud800x\udfff"),
        ("\U000e0041\U000e0101\ufe0f", r"\U000e0041\U000e0101\ufe0f"),
        ("\ufffe\uffff\ufdd0\U0010ffff\U0001fffe", r"\ufffe\uffff\ufdd0\U0010ffff\U0001fffe"),
    ],
)
def test_what_a_terminal_obeys_or_an_eye_misses_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "contoso", "Grün", "日本語", "Ωμέγα", "שלום", "مرحبا", "🐳", "✗ … €", r"C:\new"]
)
def test_letters_of_all_scripts_stay(text: str) -> None:
    assert printable(text) == text


@pytest.mark.slow
def test_no_character_that_python_calls_unprintable_is_left_but_spaces_and_private_and_unassigned_ones() -> (
    None
):
    import unicodedata

    left = {chr(code) for code in range(0x110000) if printable(chr(code)) == chr(code)}
    assert not {unicodedata.category(character) for character in left} & {"Cc", "Cs", "Zl", "Zp"}
    visible = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
    formats = {character for character in left if unicodedata.category(character) == "Cf"} - visible
    assert all(0x13430 <= ord(character) <= 0x1343F for character in formats)  # signs between hieroglyphs


def test_in_json_the_same_characters_are_escaped_and_the_value_stays_equal() -> None:
    value = "Grün\x1b\x7f\x9b\u202e\U000e0041\U0010ffff\n"
    text = printable_json(json.dumps(value, ensure_ascii=False))
    assert text == r'"Grün\u001b\u007f\u009b\u202e\udb40\udc41\udbff\udfff\n"'
    assert json.loads(text) == value


def test_in_json_half_a_pair_is_replaced_because_strict_readers_refuse_it() -> None:
    assert printable_json('"a\ud800"') == r'"a\ufffd"'
