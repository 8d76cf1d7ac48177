"""The access table: in people's words, at any width, with harmless names, and as JSON by its schema."""

import json
import re
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from scanner.model.resource import Resource, Row, Source
from scanner.model.truth import Truth
from scanner.report.console.access_table import as_json, render, who
from scanner.result.access import Access, Entry

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso"
SUBNET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/agents"
T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
HOSTILE = '"><script>\x1b[31m\u202e=cmd()\ud800[red]'


def access(*entries: Entry, source: Entry | None = None, **body: Any) -> Access:
    row = Row(body.get("id", ID), "microsoft.containerregistry/registries", body, Source.ARM, "2025-11-01")
    return Access(Resource(row.id.lower(), (row,)), entries, source)


INTERNET = Entry("internet", "", F, "the default action is 'Deny'")
RULES = [Entry("ip-rule", f"203.0.113.{n}", T, "the rule itself", ("somebody else's",)) for n in (1, 2, 3)]
OTHER = Entry("ip-rule", "10.0.0.1", F, "never arrives", ("private",))
TASK = Entry(
    "task",
    "nightly",
    U,
    "not settled",
    (f"agent-pool: a is '{SUBNET}'; b is 1; c is 2",),
    (),
    f"{ID}/tasks/nightly",
)
WEBHOOK = Entry("webhook", "notify", None, "its receiver must admit AzureContainerRegistry.EastUS")
TABLE = access(INTERNET, *RULES, OTHER, TASK, WEBHOOK, location="eastus")


def lines(table: Access = TABLE, *, width: int = 100, **settings: Any) -> list[str]:
    return render(table, width=width, color=False, **settings).splitlines()


def document(table: Access = TABLE) -> Any:
    schema = json.loads((resources.files("scanner.result") / "access.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    found = json.loads(as_json(table))
    Draft202012Validator(schema).validate(found)
    return found


def cells(line: str) -> list[str]:
    """What stands in the columns of a line; how wide these are is rich's to say, and changed with 14.3."""
    return re.split(r"  +", line.strip())


def test_a_table_says_who_reaches_it_and_by_what() -> None:
    printed = lines(width=120)

    assert printed[:3] == ["contoso  eastus", ID, ""]
    assert set(printed[4]) == {"─"}
    assert [cells(line) for line in (printed[3], *printed[5:-2])] == [
        ["Who", "Reaches", "By"],
        ["the internet", "no", "the default action is 'Deny'"],
        ["IP rules 203.0.113.1, 203.0.113.2,", "yes", "the rule itself"],
        ["203.0.113.3", "somebody else's"],
        ["IP rule 10.0.0.1", "no", "never arrives"],
        ["private"],
        ["task nightly", "unknown", "not settled"],
        ["agent-pool: a is '…/agents'; …"],
        ["webhook notify", "–", "its receiver must admit AzureContainerRegistry.EastUS"],
    ]
    assert printed[-2:] == ["", "… is evidence cut short; --verbose shows all of it"]


def test_what_rules_miss_is_not_cut_from_what_they_cover() -> None:
    entry = Entry("quick-run", "", F, "none", ("ip-rules: covers 1 of 2; missing 192.0.2.0/24; b is 1",))

    assert lines(access(entry), width=160)[6].strip() == "ip-rules: covers 1 of 2; missing 192.0.2.0/24; …"


def test_nothing_is_said_of_cutting_where_nothing_is_cut() -> None:
    assert "cut short" not in render(access(INTERNET, *RULES), width=100, color=False)
    assert "cut short" in render(access(TASK), width=100, color=False)


def test_verbose_cuts_nothing_short() -> None:
    said = " ".join(" ".join(lines(verbose=True, width=400)).split())

    assert f"agent-pool: a is '{SUBNET}'; b is 1; c is 2" in said
    assert "cut short" not in said


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("internet", "", "the internet"),
        ("ip-rule", "", "IP rules"),
        ("private-endpoint", "pe1", "private endpoint pe1"),
        ("private-endpoint", "", "private endpoints"),
        ("subnet", "hub/agents", "subnet hub/agents"),
        ("subnet", "", "subnets by service endpoint"),
        ("trusted-services", "", "trusted Microsoft services"),
        ("task", "nightly", "task nightly"),
        ("quick-run", "", "quick runs (az acr build, az acr run)"),
        ("home-region", "eastus", "home region eastus"),
        ("replica", "westeurope", "replica westeurope"),
        ("replica", "", "replicas"),
        ("webhook", "notify", "webhook notify"),
    ],
)
def test_who_is_said_in_peoples_words(kind: str, name: str, words: str) -> None:
    assert who([Entry(kind, name, T, "")]) == words


def test_rows_that_say_the_same_are_one_which_names_all_of_them() -> None:
    many = [Entry("ip-rule", f"198.51.100.{n}", T, "the rule itself") for n in range(200)]

    said = " ".join(cells(line)[0] for line in lines(access(*many), width=80)[5:])

    assert said == "IP rules " + ", ".join(entry.who for entry in many)


def test_rows_that_differ_in_anything_stay_apart() -> None:
    base = Entry("ip-rule", "a", T, "by", ("why",))
    others = [Entry("ip-rule", "b", F, "by", ("why",)), Entry("ip-rule", "c", T, "x", ("why",))]
    more = [Entry("ip-rule", "d", T, "by", ("y",)), Entry("subnet", "e", T, "by", ("why",))]

    said = "\n".join(lines(access(base, *others, *more)))

    assert [f"IP rule {name}" in said for name in "abcd"] == [True] * 4
    assert "subnet e" in said


def test_what_could_not_be_seen_is_never_grouped_with_what_was() -> None:
    said = lines(access(Entry("task", "nightly", U, "unseen"), Entry("task", "", U, "unseen")))

    assert [line.split("  ")[0] for line in said[5:7]] == ["task nightly", "tasks"]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = Entry("task", "x" * 90, F, "y" * 300, ("z" * 300,))

    said = lines(access(INTERNET, *RULES, long, location="eastus"), width=width)

    assert max(map(cell_len, said[2:])) <= width
    assert sum(line.count("z") for line in said) == 300


def test_the_answer_for_an_address_comes_first() -> None:
    source = Entry("address", "8.8.8.8", F, "no rule holds it", ("service tags that hold it: none",))

    assert lines(access(INTERNET, source=source))[3:5] == [
        "from 8.8.8.8: no, no rule holds it",
        "  service tags that hold it: none",
    ]


def test_hostile_names_are_shown_and_do_nothing() -> None:
    entry = Entry("task", HOSTILE, F, HOSTILE, (HOSTILE,))
    table = access(
        entry, source=Entry("address", HOSTILE, U, HOSTILE, (HOSTILE,)), id=f"{ID}{HOSTILE}", location=HOSTILE
    )

    for said in (render(table, width=200, color=False), render(table, width=200, color=True, verbose=True)):
        assert not {"\u202e", "\ud800"} & set(said)
        assert "\x1b[31m\u202e" not in said
        assert '"><script>\\x1b[31m\\u202e=cmd()\\ud800[red]' in said
    assert "\x1b" not in render(table, width=200, color=False)
    text = as_json(table)
    assert not {"\x1b", "\u202e", "\ud800"} & set(text)
    assert json.loads(text)["access"][0]["who"] == HOSTILE.replace("\ud800", "\ufffd")


def test_colour_is_only_there_where_it_is_asked_for() -> None:
    assert "\x1b[" in render(TABLE, width=80, color=True)
    assert "\x1b" not in render(TABLE, width=80, color=False)


def test_json_has_every_row_and_every_key() -> None:
    found = document()

    assert found["registry"] == {"id": ID, "name": "contoso", "location": "eastus"}
    assert found["from"] is None
    assert [(row["kind"], row["who"], row["reaches"]) for row in found["access"]] == [
        ("internet", "", "false"),
        ("ip-rule", "203.0.113.1", "true"),
        ("ip-rule", "203.0.113.2", "true"),
        ("ip-rule", "203.0.113.3", "true"),
        ("ip-rule", "10.0.0.1", "false"),
        ("task", "nightly", "unknown"),
        ("webhook", "notify", None),
    ]
    assert found["access"][5] == {
        "kind": "task",
        "who": "nightly",
        "resource": f"{ID}/tasks/nightly",
        "reaches": "unknown",
        "by": "not settled",
        "ways": [],
        "evidence": list(TASK.evidence),
    }


def test_json_has_the_answer_and_null_for_an_unseen_region() -> None:
    source = Entry("address", "8.8.8.8", T, "the IP rule 8.8.8.8")
    found = document(access(Entry("task", "t", T, "IP rules", (), ("ip-rules",)), source=source))

    assert found["from"]["who"] == "8.8.8.8"
    assert found["registry"]["location"] is None
    assert found["access"][0]["ways"] == ["ip-rules"]
