"""The exemptions file: what it says, and everything that is wrong with one, at once and by line."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scanner.app.accept.acceptance import day_of
from scanner.app.accept.exemption_file import read_exemptions
from scanner.errors import ContentError
from scanner.result.exemption import Category, Exemption

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/RG/providers/Microsoft.ContainerRegistry/registries/Shop"
WHOLE = f"""\
exemptions:
  - policy: ACR201
    resource: {REGISTRY}/
    category: waiver
    reason: "It moves: in March. "
    owner: team-build
    expiresOn: 2026-12-31
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "e.yaml"
    path.write_text(text, "utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    path = written(folder, text)
    with pytest.raises(ContentError) as caught:
        read_exemptions(path)
    assert caught.value.exit_code == 2
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_every_key_is_read(tmp_path: Path) -> None:
    second = f"  - policy: ACR9*\n    scope: {SUBSCRIPTION}\n    category: mitigated\n"
    second += '    reason: As agreed.\n    owner: "me"\n    expiresOn: "2027-02-28"\n'
    path = written(tmp_path, WHOLE + second)

    assert read_exemptions(path) == (
        Exemption(
            "ACR201",
            REGISTRY.lower(),
            whole_scope=False,
            category=Category.WAIVER,
            reason="It moves: in March.",
            owner="team-build",
            expires_on="2026-12-31",
            where=f"{path}:2",
        ),
        Exemption(
            "ACR9*",
            SUBSCRIPTION,
            whole_scope=True,
            category=Category.MITIGATED,
            reason="As agreed.",
            owner="me",
            expires_on="2027-02-28",
            where=f"{path}:8",
        ),
    )


def test_a_file_may_hold_none_yet(tmp_path: Path) -> None:
    assert read_exemptions(written(tmp_path, "exemptions: []")) == ()


ID = "write an id such as /subscriptions/<id>/resourceGroups/<name>/providers/<type>/<name>"
WRONG = {
    "a misspelt category": (
        "category: waiver",
        "category: waver",
        (
            "4: exemptions[0].category: expected one of "
            "waiver, mitigated, found \"waver\"; did you mean 'waiver'?"
        ),
    ),
    "a misspelt key": ("owner:", "onwer:", "2: exemptions[0]: the key 'owner' is missing"),
    "no reason": (
        '    reason: "It moves: in March. "\n',
        "",
        "2: exemptions[0]: the key 'reason' is missing",
    ),
    "an empty reason": ('"It moves: in March. "', '""', "5: exemptions[0].reason: is empty"),
    "a blank reason": ('"It moves: in March. "', '" "', "5: exemptions[0].reason: is blank"),
    "a null reason": (
        '"It moves: in March. "',
        "",
        "5: exemptions[0].reason: expected a string, found nothing",
    ),
    "a long reason": (
        '"It moves: in March. "',
        "x" * 2001,
        "5: exemptions[0].reason: is longer than 2000 characters",
    ),
    "a date of another country": (
        "2026-12-31",
        "31.12.2026",
        ('7: exemptions[0].expiresOn: "31.12.2026" is not written like 2026-12-31'),
    ),
    "a moment": (
        "2026-12-31",
        "2026-12-31T00:00:00Z",
        ('7: exemptions[0].expiresOn: "2026-12-31T00:00:00Z" is not written like 2026-12-31'),
    ),
    "a year": ("2026-12-31", "2026", "7: exemptions[0].expiresOn: expected a string, found 2026"),
    "a thirteenth month": (
        "2026-12-31",
        "2026-13-01",
        "7: exemptions[0].expiresOn: 2026-13-01 is no day of the calendar",
    ),
    "no leap year": (
        "2026-12-31",
        "2027-02-29",
        "7: exemptions[0].expiresOn: 2027-02-29 is no day of the calendar",
    ),
    "both targets": (
        "    category",
        f"    scope: {REGISTRY}\n    category",
        "4: exemptions[0].scope: `resource` stands here too; one of them is enough",
    ),
    "no target": (
        f"    resource: {REGISTRY}/\n",
        "",
        "2: exemptions[0]: the key 'resource' or 'scope' is missing",
    ),
    "a name for an id": (
        f"{REGISTRY}/",
        "shop",
        f'3: exemptions[0].resource: "shop" is no resource id; {ID}',
    ),
    "half an id": (
        f"{REGISTRY}/",
        f"{SUBSCRIPTION}/resourceGroups",
        f'3: exemptions[0].resource: "{SUBSCRIPTION}/reso… is no resource id; {ID}',
    ),
    "a management group": (
        f"{REGISTRY}/",
        "/providers/Microsoft.Management/managementGroups/corp",
        (
            '3: exemptions[0].resource: "/providers/Microsoft.Management/managementGroups/corp" is no prefix '
            "of a registry's id; name the subscriptions instead"
        ),
    ),
    "a list of policies": ("ACR201", "[ACR201]", "2: exemptions[0].policy: expected a string, found a list"),
    "another key above": ("exemptions:", "exemption:", "1: the key 'exemptions' is missing"),
    "the same key twice": ("    owner", "    policy: X\n    owner", "6: the key 'policy' stands here twice"),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in WHOLE

    assert said in problems(tmp_path, WHOLE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the file is empty"),
        ("[]", "1: expected a mapping, found a list"),
        ("exemptions: 3", "1: exemptions: expected a list, found 3"),
        ("exemptions: [3]", "1: exemptions[0]: expected a mapping, found 3"),
        ("exemptions: []\n---\n", "2: a second document starts here; one file holds one"),
        (
            "exemptions: !!python/object:os.system []",
            ("1: the tag tag:yaml.org,2002:python/object:os.system has no place here; write plain values"),
        ),
    ],
)
def test_what_is_no_exemptions_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert problems(tmp_path, text) == [said]


def test_what_is_no_yaml_is_refused_where_it_stands(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "exemptions: ]")

    assert problem.startswith("1: not YAML: ")


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    entries = WHOLE.replace("2026-12-31", "2026-02-31") + WHOLE.replace("exemptions:\n", "").replace(
        "category: waiver", "category: 3"
    ).replace("resource:", "scpe:")

    assert problems(tmp_path, entries) == [
        "7: exemptions[0].expiresOn: 2026-02-31 is no day of the calendar",
        "8: exemptions[1]: the key 'resource' or 'scope' is missing",
        "9: exemptions[1]: unknown key 'scpe'; did you mean 'scope'?",
        "10: exemptions[1].category: expected one of waiver, mitigated, found 3",
    ]


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "utf-16.yaml").write_bytes("exemptions: []".encode("utf-16"))

    for name, said in (
        ("none.yaml", "no such file or directory"),
        ("utf-16.yaml", "not UTF-8 text"),
        (".", "is a directory"),
    ):
        with pytest.raises(ContentError, match=said):
            read_exemptions(tmp_path / name)


def test_the_schema_is_one() -> None:
    schema = json.loads(files("scanner.result").joinpath("exemptions.schema.json").read_text("utf-8"))

    Draft202012Validator.check_schema(schema)
    entry = schema["properties"]["exemptions"]["items"]
    assert entry["properties"]["category"]["enum"] == [category.value for category in Category]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-21T23:59:59Z", "2026-11-21"),
        ("2026-11-21T23:59:59-00:30", "2026-11-22"),
        ("2026-11-21T00:00:00.123456789+05:00", "2026-11-20"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01"),
        ("9999-12-31T23:00:00-05:00", "9999-12-31"),
    ],
)
def test_a_moment_is_the_day_that_it_is_in_utc(moment: str, day: str) -> None:
    assert day_of(moment) == day
