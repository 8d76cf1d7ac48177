"""`acr-scan explain` as people run it: the sample company, addresses, mistakes, JSON and exit codes."""

import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scanner.cli import main

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"
SUBSCRIPTIONS = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
REGISTRIES = "resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Explains in process; exit code, output, errors."""

    def explain(*options: str | Path, snapshot: Path = CONTOSO) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["explain", *map(str, options), "--snapshot", str(snapshot)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return explain


@pytest.fixture
def table(run: Run) -> Callable[..., Mapping[str, Any]]:
    """The JSON of a registry, valid by the shipped schema."""
    schema = json.loads((resources.files("scanner.result") / "access.schema.json").read_text("utf-8"))

    def found(*options: str | Path, **settings: Any) -> Mapping[str, Any]:
        code, out, err = run(*options, "--json", "-", **settings)
        assert (code, err) == (0, "")
        document: Mapping[str, Any] = json.loads(out)
        Draft202012Validator(schema).validate(document)
        return document

    return found


def row(name: str, subscription: str = SUBSCRIPTIONS[0], **properties: Any) -> Mapping[str, Any]:
    return {
        "id": f"/subscriptions/{subscription}/{REGISTRIES}/{name}",
        "location": "eastus",
        "apiVersion": "2026-03-01-preview",
        "sku": {"name": "Premium"},
        "properties": {"provisioningState": "Succeeded", "loginServer": f"{name}.azurecr.io", **properties},
    }


def written(path: Path, *rows: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(rows), "utf-8")
    return path


def names(document: Mapping[str, Any], kind: str) -> list[str]:
    return [each["who"] for each in document["access"] if each["kind"] == kind]


def test_every_registry_of_the_sample_has_a_table(table: Callable[..., Mapping[str, Any]]) -> None:
    lines = (CONTOSO / "resources.ndjson").read_text("utf-8").splitlines()
    ids = {row["id"] for row in map(json.loads, lines) if row["id"].split("/")[-2] == "registries"}

    found = {table(identifier)["registry"]["id"] for identifier in ids}

    assert len(ids) > 5
    assert found == ids


def test_a_name_in_any_case_and_an_id_mean_the_same(run: Run) -> None:
    _, by_name, _ = run("ContosoProd")
    _, by_id, _ = run(by_name.splitlines()[1] + "/")

    assert by_name == by_id
    assert by_name.startswith("contosoprod  eastus\n/subscriptions/")


def below(registry: str, kind: str) -> list[str]:
    """The names of what the sample has below a registry, in the order of their ids."""
    lines = (CONTOSO / "resources.ndjson").read_text("utf-8").splitlines()
    ids = {row["id"].lower(): row["id"] for row in map(json.loads, lines)}
    return [spelt.rsplit("/", 1)[-1] for key, spelt in sorted(ids.items()) if f"/{registry}/{kind}/" in key]


@pytest.mark.parametrize("registry", ["contosoprod", "contosobuild"])
def test_a_registry_is_told_with_its_own_tasks_and_webhooks(
    table: Callable[..., Mapping[str, Any]], registry: str
) -> None:
    found = table(registry)

    assert names(found, "task") == below(registry, "tasks") != []
    assert names(found, "webhook") == below(registry, "webhooks")
    home = found["registry"]["location"]
    assert set(names(found, "replica")) == set(below(registry, "replications")) - {home}


def test_a_tasks_ways_are_told(table: Callable[..., Mapping[str, Any]]) -> None:
    found = table("contosoprod")["access"]

    assert {each["who"]: each["ways"] for each in found if each["kind"] == "task"}["build-storefront"] == [
        "agent-pool"
    ]


# ---- --from


def test_an_address_that_a_rule_holds(run: Run) -> None:
    code, out, err = run("contosolegacy", "--from", "20.42.66.5")

    assert (code, err) == (0, "")
    assert "\nfrom 20.42.66.5: yes, the IP rule 20.42.66.0/24\n" in out
    assert "service tags that hold it: AzureContainerRegistry, AzureContainerRegistry.EastUS" in out
    assert "tasks and webhooks of every tenant come from such addresses" in out


def test_an_address_that_no_rule_holds(run: Run) -> None:
    code, out, _ = run("contosolegacy", "--from", " 8.8.8.8 ")

    assert code == 0
    assert "\nfrom 8.8.8.8: no, the default action is 'Deny', and none of its 11 IP rules holds" in out
    assert "service tags that hold it: none" in out
    assert "tasks and webhooks" not in out
    said = " ".join(out.split())
    assert "agents of GitHub and Azure DevOps are no task agents: they come from no Azure" in said
    assert "trusted services, and tasks by the bypass, are admitted by identity and not by address" in said


def test_whoever_gets_in_needs_no_word_on_identities(run: Run) -> None:
    _, out, _ = run("contosopublic", "--from", "8.8.8.8")

    assert "from 8.8.8.8: yes, public network access is 'Enabled' and the default action is 'Allow'" in out
    assert "by identity" not in out


def test_an_address_that_may_get_in_is_exit_3(run: Run, tmp_path: Path) -> None:
    doubted = written(tmp_path / "rows.json", {**row("doubted", provisioningState="Creating")})

    code, out, _ = run("doubted", "--from", "8.8.8.8", snapshot=doubted)

    assert code == 3
    assert "from 8.8.8.8: unknown, " in out
    assert run("doubted", snapshot=doubted)[0] == 0


def test_a_private_address_gets_in_by_a_private_way_alone(run: Run, tmp_path: Path) -> None:
    approved = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    rules = {"defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}
    path = written(
        tmp_path / "rows.json",
        row("open", networkRuleSet=rules),
        row("private", privateEndpointConnections=[approved]),
    )

    code, out, _ = run("open", "--from", "192.168.0.1", snapshot=path)
    assert code == 0
    assert "from 192.168.0.1: no, a private address arrives by a private way alone, and it has none" in out
    code, out, _ = run("private", "--from", "10.1.2.3", snapshot=path)
    assert code == 3
    assert "from 10.1.2.3: unknown, a private address arrives by a private way" in out


def test_without_service_tags_nobody_knows_who_holds_an_address(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("a", "--from", "8.8.8.8", snapshot=written(tmp_path / "rows.json", row("a")))

    assert "service tags that hold it: not known, since no service tags are at hand" in out


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("2603:1030::1", "is an IPv6 address", "pass the IPv4 address that the client comes from"),
        ("[::1]", "is an IPv6 address", "IPv4 only"),
        ("2603:1030::/32", "is an IPv6 address", "IPv4 only"),
        ("10.0.0.0/8", "is a range", "ask for one address of it, such as 10.0.0.0"),
        ("203.0.113.9/31", "is a range", "such as 203.0.113.8"),
        ("10.0.0.1-10.0.0.9", "is no IPv4 address", "write one address"),
        ("localhost", "is no IPv4 address", "write one address, such as 20.42.66.5"),
        ("010.0.0.1", "is no IPv4 address", "write one address"),
        ("", "is no IPv4 address", "write one address"),
        ("\x1b[31m", "is no IPv4 address", "write one address"),
    ],
)
def test_what_is_no_address_is_wrong_usage_with_the_next_step(
    run: Run, text: str, message: str, help_: str
) -> None:
    code, out, err = run("contosoprod", "--from", text)

    assert (code, out) == (2, "")
    assert message in err
    assert help_ in err
    assert "\x1b" not in err


def test_one_address_written_as_a_prefix_is_an_address(run: Run) -> None:
    assert run("contosolegacy", "--from", "20.42.66.5/32")[0] == 0


def test_an_address_is_checked_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    _, _, err = run("contosoprod", "--from", "junk", snapshot=tmp_path / "nothing")

    assert err.startswith("acr-scan: --from junk is no IPv4 address\n")


# ---- registries that are not there


def test_a_registry_that_is_not_there_is_exit_2_with_what_was_probably_meant(run: Run) -> None:
    code, out, err = run("contosoprodd")

    assert (code, out) == (2, "")
    assert err == (
        "acr-scan: no registry in the scope has the name or id contosoprodd; did you mean 'contosoprod'?\n"
        "help: pass the name of a registry in the scope, or its id; its login server is neither\n"
    )


def test_a_name_that_two_registries_have_asks_for_the_id(run: Run, tmp_path: Path) -> None:
    twins = [row("twin", subscription) for subscription in SUBSCRIPTIONS]
    path = written(tmp_path / "rows.json", *twins)

    code, out, err = run("Twin", snapshot=path)

    assert (code, out) == (2, "")
    assert "Twin is the name of 2 registries:" in err
    assert all(twin["id"] in err for twin in twins)
    assert "help: pass the id of one of them" in err
    code, out, _ = run(twins[1]["id"], snapshot=path)
    assert (code, twins[1]["id"] in out) == (0, True)


def test_a_scope_of_which_nothing_could_be_read_is_exit_3(run: Run, tmp_path: Path) -> None:
    code, out, err = run("a", snapshot=written(tmp_path / "rows.json", {"name": "a"}))

    assert (code, out) == (3, "")
    assert "whether there is a registry a could not be seen" in err


def test_a_scope_that_was_not_seen_whole_says_so(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "rows.json", row("a"), {"name": "b"})

    code, _, err = run("b", snapshot=path)

    assert code == 2
    assert "but not all of the scope could be seen" in err


def test_no_registry_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--snapshot", str(CONTOSO)]) == 2
    assert "'REGISTRY'" in capsys.readouterr().err
    assert main(["explain", "contosoprod"]) == 2
    assert "there is nothing to scan" in capsys.readouterr().err


# ---- output


def test_json_goes_to_a_file_beside_the_table(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("contosoprod", "--json", tmp_path / "access.json")

    document = json.loads((tmp_path / "access.json").read_text("utf-8"))
    assert code == 0
    assert out.startswith("contosoprod")
    assert document["registry"]["name"] == "contosoprod"
    assert document["from"] is None


def test_json_has_the_answer_for_an_address(table: Callable[..., Mapping[str, Any]]) -> None:
    found = table("contosolegacy", "--from", "20.42.66.5")["from"]

    assert (found["kind"], found["who"], found["reaches"]) == ("address", "20.42.66.5", "true")


def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    code, _, err = run("contosoprod", "--json", tmp_path, snapshot=tmp_path / "nothing")

    assert code == 2
    assert "is a folder; name a file in it" in err


def test_quiet_prints_nothing(run: Run) -> None:
    assert run("contosoprod", "--quiet") == (0, "", "")


def test_verbose_shows_evidence_whole(run: Run) -> None:
    _, short, _ = run("contosoprod")
    _, whole, _ = run("contosoprod", "--verbose")

    assert "--verbose shows all of it" in short
    assert "--verbose" not in whole
    assert len(whole) > len(short)


def test_a_hostile_rule_does_nothing_on_a_terminal(run: Run, tmp_path: Path) -> None:
    rules = {"defaultAction": "Deny", "ipRules": [{"value": "a\x1b]0;owned\x07\u202e"}]}

    code, out, _ = run("a", snapshot=written(tmp_path / "rows.json", row("a", networkRuleSet=rules)))

    assert code == 0
    assert "IP rule a\\x1b]0;owned\\x07\\u202e" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
