"""YAML as policies write it: the 1.2 core, and every refusal with file, line and a sentence."""

from typing import Any

import pytest

from scanner.text.yaml import Document, DocumentPath, YamlError, parse_yaml

YAML_ORG = "tag:yaml.org,2002:"
NO_TAG = "has no place here; write plain values"


def refusal(text: str) -> str:
    with pytest.raises(YamlError) as caught:
        parse_yaml(text, "a.yaml")
    assert str(caught.value) == str(caught.value.problem)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("FALSE", "FALSE"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("None", "None"),
        ("null", None),
        ("Null", "Null"),
        ("~", None),
        ("", None),
        ("'null'", "null"),
        ('"true"', "true"),
        ("'7'", "7"),
        ("''", ""),
        ("| \n  7\n", "7\n"),
        ("2023-07-01", "2023-07-01"),
        ("2023-07-01T00:00:00Z", "2023-07-01T00:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-1.5E-1", -0.15),
        ("1.2.3", "1.2.3"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("<<", "<<"),
        ("=", "="),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("Grün", "Grün"),
    ],
)
def test_a_plain_word_keeps_its_meaning(text: str, value: object) -> None:
    found = parse_yaml(f"key: {text}", "a.yaml").data["key"]

    assert found == value
    assert type(found) is type(value)


def test_an_integer_of_400_digits_is_one_and_a_longer_word_stays_text() -> None:
    assert parse_yaml(f"key: {'9' * 400}", "a.yaml").data["key"] == int("9" * 400)
    assert parse_yaml(f"key: {'9' * 5000}x", "a.yaml").data["key"] == "9" * 5000 + "x"


def test_an_integer_too_long_to_be_read_is_no_crash() -> None:
    found = parse_yaml(f"key: {'9' * 5000}", "a.yaml").data["key"]

    assert found == "9" * 5000


def test_keys_are_always_text() -> None:
    assert parse_yaml("1: a\ntrue: b\nnull: c\n", "a.yaml").data == {"1": "a", "true": "b", "null": "c"}


def test_lists_mappings_and_aliases_make_plain_data() -> None:
    text = "a: &x { b: [1, two] }\nc: *x\nd:\n  - e\n  - { f: g }\n"

    assert parse_yaml(text, "a.yaml").data == {
        "a": {"b": [1, "two"]},
        "c": {"b": [1, "two"]},
        "d": ["e", {"f": "g"}],
    }


def test_an_anchor_may_be_given_anew() -> None:
    assert parse_yaml("- &x 1\n- &x 2\n- *x\n", "a.yaml").data == [1, 2, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.yaml:1: the file is empty"),
        ("# nothing but a remark\n\n", "a.yaml:3: the file is empty"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: the key 'a' stands here twice"),
        ("a:\n  - { b: 1, b: 1 }\n", "a.yaml:2: the key 'b' stands here twice"),
        ("1: a\n'1': b\n", "a.yaml:2: the key '1' stands here twice"),
        ("a: { <<: { b: 1 } }\n", "a.yaml:1: the merge key << has no place here; write the keys out"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: a second document starts here; one file holds one"),
        ("a: !!python/name:os.system x\n", f"a.yaml:1: the tag {YAML_ORG}python/name:os.system {NO_TAG}"),
        ("a: 1\nb: !!str 2\n", f"a.yaml:2: the tag {YAML_ORG}str {NO_TAG}"),
        ("a: !own { b: 1 }\n", f"a.yaml:1: the tag !own {NO_TAG}"),
        ("a: !own [1]\n", f"a.yaml:1: the tag !own {NO_TAG}"),
        ("- !!int 7\n", f"a.yaml:1: the tag {YAML_ORG}int {NO_TAG}"),
        ("a: 1\nb: *x\n", "a.yaml:2: *x names no anchor above it"),
        ("a: &a\n  - 1\n  - *a\n", "a.yaml:3: *a names no anchor above it"),
        ("{ a: 1 }: b\n", "a.yaml:1: a key is a plain word"),
        ("a: 1\n[b]: 2\n", "a.yaml:2: a key is a plain word"),
        ("a: &x 1\n*x : 2\n", "a.yaml:2: a key is a plain word"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_of_ours_is_refused_where_it_stands(text: str, said: str) -> None:
    assert refusal(text) == said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1\nb: 2\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("a: 'b\n", 2),
        ("a:\n\t- b\n", 2),
        ("é: 1\nb: \x07\n", 2),
        ("a: 1\n\nb: \x00\n", 3),
    ],
)
def test_what_is_no_yaml_at_all_is_refused_where_the_reader_stopped(text: str, line: int) -> None:
    """In the words of PyYAML, which are its own to change."""
    where, reason = refusal(text).split(": not YAML: ")

    assert where == f"a.yaml:{line}"
    assert reason.isprintable()
    assert len(reason) > 10


def test_fifty_levels_are_deep_enough() -> None:
    deep: Any = parse_yaml("[" * 50 + "1" + "]" * 50, "a.yaml").data

    for _ in range(50):
        [deep] = deep
    assert deep == 1


@pytest.mark.parametrize("levels", [51, 999, 1001, 100_000])
@pytest.mark.parametrize("opening", ["[", "{a: ", "[{a: ", "- "])
def test_more_levels_are_refused_whoever_stops_first(opening: str, levels: int) -> None:
    """Libyaml stops by itself at 1,000 levels since PyYAML 6.0.4, at times before it hands over the first."""
    assert refusal(f"a: 1\nb:\n  {opening * levels}") == "a.yaml:3: nested deeper than 50 levels"


def test_brackets_that_are_closed_again_are_no_levels() -> None:
    assert parse_yaml("[" + "[], {}, " * 120 + "]", "a.yaml").data == [[], {}] * 120
    assert refusal("[" + "[], {}, " * 120 + "]]").startswith("a.yaml:1: not YAML: ")


def test_aliases_that_unfold_to_too_much_are_refused_at_the_line_that_does_it() -> None:
    lines = ["- &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"- &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 8)]

    assert refusal("\n".join(lines)) == "a.yaml:5: more than 100,000 values; aliases unfold to too much"


def test_a_hundred_thousand_values_are_the_most() -> None:
    assert len(parse_yaml("[" + "1," * 99_999 + "]", "a.yaml").data) == 99_999
    assert refusal("[" + "1," * 100_000 + "]").startswith("a.yaml:1: more than 100,000 values")


def test_an_alias_counts_as_often_as_it_stands() -> None:
    text = "- &x [" + "1," * 49_997 + "]\n- *x\n"

    assert [len(part) for part in parse_yaml(text, "a.yaml").data] == [49_997, 49_997]
    assert refusal(text + "- 1\n- 1\n- 1\n- 1\n") == (
        "a.yaml:6: more than 100,000 values; aliases unfold to too much"
    )


def test_a_place_has_the_line_of_its_key_and_else_of_what_is_around_it() -> None:
    document = parse_yaml("a:\n  b:\n    - c\n    - d:\n        e\nf: 1\n", "a.yaml")

    places: list[DocumentPath] = [(), ("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1, "d"), ("f",)]
    places += [("a", "b", 9), ("z",)]

    lines = {place: document.line(place) for place in places}

    assert lines == {
        (): 1,
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 3,
        ("a", "b", 1, "d"): 4,
        ("f",): 6,
        ("a", "b", 9): 2,
        ("z",): 1,
    }


def test_a_problem_names_file_line_and_field() -> None:
    document = Document("a.yaml", {}, {("require",): 4, ("require", "allOf", 0, "field"): 7})

    problem = document.problem(("require", "allOf", 0, "field"), "is empty")

    assert str(problem) == "a.yaml:7: require.allOf[0].field: is empty"
