"""Dotted paths, and texts with placeholders."""

import pytest

from scanner.policy.paths import ArrayMembers, FieldKey, parse_path
from scanner.policy.templates import Placeholder, Template


def test_a_dotted_path_has_a_segment_a_name() -> None:
    path = parse_path("properties.networkRuleSet.defaultAction")

    assert path.segments == ("properties", "networkRuleSet", "defaultAction")
    assert path.pattern == "properties.networkRuleSet.defaultAction"
    assert path.many is False


def test_a_star_speaks_of_the_members_of_an_array() -> None:
    path = parse_path("properties.networkRuleSet.ipRules[*].value")

    assert path.segments == ("properties", "networkRuleSet", "ipRules", ArrayMembers(), "value")
    assert path.pattern == "properties.networkRuleSet.ipRules[*].value"
    assert path.many is True


def test_brackets_hold_a_name_that_is_data_with_its_dots_and_placeholders() -> None:
    path = parse_path("properties.customRegistries[{registry.properties.loginServer}].identity")

    assert path.segments == (
        "properties",
        "customRegistries",
        FieldKey(Template((Placeholder("registry.properties.loginServer"),))),
        "identity",
    )
    assert path.pattern == "properties.customRegistries[*].identity"
    assert path.many is False


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a[contoso.azurecr.io].b", Template(("contoso.azurecr.io",))),
        ("a[{name}.azurecr.io].b", Template((Placeholder("name"), ".azurecr.io"))),
        ("a[x y/z:1].b", Template(("x y/z:1",))),
        ("a[**].b", Template(("**",))),
    ],
)
def test_a_name_in_brackets_is_a_template(text: str, key: Template) -> None:
    assert parse_path(text).segments == ("a", FieldKey(key), "b")


def test_a_path_may_end_in_a_star_and_go_through_two() -> None:
    assert parse_path("a[*]").segments == ("a", ArrayMembers())
    assert parse_path("a[*].b[*].c").segments == ("a", ArrayMembers(), "b", ArrayMembers(), "c")
    assert parse_path("a[*][*]").segments == ("a", ArrayMembers(), ArrayMembers())


def test_names_may_hold_dollars_underscores_digits_and_hyphens() -> None:
    assert parse_path("$a._b.c-1").segments == ("$a", "_b", "c-1")


LIKE = "is no path; write it like properties.networkRuleSet.ipRules[*].value"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty text is no path"),
        (".a", f"'.a' {LIKE}"),
        ("[*]", f"'[*]' {LIKE}"),
        ("[a].b", f"'[a].b' {LIKE}"),
        ("a.", f"'a.' {LIKE}"),
        ("a..b", f"'a..b' {LIKE}"),
        ("a b", f"'a b' {LIKE}"),
        ("a.1b", f"'a.1b' {LIKE}"),
        ("a[]", f"'a[]' {LIKE}"),
        ("a[*", f"'a[*' {LIKE}"),
        ("a]", f"'a]' {LIKE}"),
        ("a[{b]", f"'a[{{b]' {LIKE}"),
        ("a.[*]", f"'a.[*]' {LIKE}"),
        ("a/b", f"'a/b' {LIKE}"),
        ("a[*]b", "'a[*]b' is no path; a dot is missing before 'b'"),
        ("a[b]c", "'a[b]c' is no path; a dot is missing before 'c'"),
        ("a[{1}]", "{1} is no placeholder; write a path, or {{ for a brace"),
    ],
)
def test_what_is_no_path_is_said_to_be_none(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_path(text)

    assert str(caught.value) == said


def test_a_text_without_placeholders_is_itself() -> None:
    template = Template.parse("AzureContainerRegistry")

    assert template.parts == ("AzureContainerRegistry",)
    assert template.placeholders == ()
    assert template.sole is None


def test_placeholders_stand_between_texts() -> None:
    template = Template.parse("Task {name} reaches {registry.name}.")

    assert template.placeholders == ("name", "registry.name")
    assert template.sole is None
    assert template.fill(lambda placeholder: placeholder.path.upper()) == "Task NAME reaches REGISTRY.NAME."


def test_a_placeholder_that_is_all_of_the_text_is_sole() -> None:
    assert Template.parse("{param.widest}").sole == "param.widest"
    assert Template.parse("{param.widest} ").sole is None
    assert Template.parse("{a}{b}").sole is None
    assert Template.parse("").sole is None


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{<name>}"),
        ("a {{ b }} c", "a { b } c"),
        ("{{}}", "{}"),
        ("{{{{", "{{"),
        ("", ""),
    ],
)
def test_two_braces_are_a_literal_one(text: str, filled: str) -> None:
    assert Template.parse(text).fill(lambda placeholder: placeholder.words) == filled


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("subnetId", "<subnet id>"),
        ("pool", "<pool>"),
        ("registry.name", "<registry name>"),
        ("registry.properties.loginServer", "<registry login server>"),
        ("properties.virtualNetworkSubnetResourceId", "<virtual network subnet resource id>"),
        ("identity.principalId", "<identity principal id>"),
        ("param.widest", "<param widest>"),
    ],
)
def test_what_cannot_be_filled_is_told_in_words(path: str, words: str) -> None:
    assert Placeholder(path).words == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "a single '{' opens or closes nothing; write {{ for a brace"),
        ("a } b", "a single '}' opens or closes nothing; write }} for a brace"),
        ("{name", "a single '{' opens or closes nothing; write {{ for a brace"),
        ("{{{name}}", "a single '}' opens or closes nothing; write }} for a brace"),
        ("{}", "{} is no placeholder; write a path, or {{ for a brace"),
        ("{a b}", "{a b} is no placeholder; write a path, or {{ for a brace"),
        ("{a.}", "{a.} is no placeholder; write a path, or {{ for a brace"),
        ("{a[*]}", "{a[*]} is no placeholder; write a path, or {{ for a brace"),
    ],
)
def test_a_brace_that_means_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Template.parse(text)

    assert str(caught.value) == said
