"""`acr-scan explain` of Azure: what its table rests on is read, of one registry, and of no other."""

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from estates import (
    DATA,
    HR,
    PLENTY,
    SHOP,
    pool,
    registry,
    replication,
    requests,
    subscriptions,
    task,
    webhook,
    world,
)
from fake_azure import FakeAzure, Fault, Faults

from scanner.cli import main

SUBNET = (
    f"/subscriptions/{SHOP}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/agents"
)
BYPASS = {
    "sourceRegistry": {"loginMode": "None"},
    "customRegistries": {"closed.azurecr.io": {"identity": "[system]"}},
}
SYSTEM = {"type": "SystemAssigned", "principalId": "5a"}


@dataclass(frozen=True)
class Told:
    """What explain left: its exit code, what it printed, its table."""

    code: int
    out: str
    err: str
    table: Mapping[str, Any]

    def row(self, kind: str, who: str = "") -> Mapping[str, Any]:
        [found] = [row for row in self.table["access"] if (row["kind"], row["who"]) == (kind, who)]
        row: Mapping[str, Any] = found
        return row


def explain(azure: FakeAzure, name: str, *options: str, scope: tuple[str, ...] = (SHOP, DATA, HR)) -> Told:
    """The program in process against the stand-in, with its JSON in a file."""
    out, err = io.StringIO(), io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, azure.child_environment(), clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        path = Path(folder, "access.json")
        way = [part for one in scope for part in ("-s", one)]
        way += ["--arm-endpoint", azure.endpoint, "--auth", "managed"]
        code = main(["explain", name, *way, *options, "--json", str(path)])
        table = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return Told(code, out.getvalue(), err.getvalue(), table)


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    """A closed registry with all that a table has, and an open and another closed one beside it."""
    subnets = [{"virtualNetworkSubnetResourceId": SUBNET}]
    rules = {"defaultAction": "Deny", "ipRules": [{"value": "20.42.66.0/24"}], "virtualNetworkRules": subnets}
    closed = registry("closed", SHOP, networkRuleSet=rules, networkRuleBypassAllowedForTasks=True)
    other = registry("other", DATA, publicNetworkAccess="Disabled")
    rows = [
        *(closed, other, registry("open", HR)),
        task(closed, "build", credentials=BYPASS, identity=SYSTEM),
        task(closed, "plain"),
        task(other, "nightly"),
        pool(closed, "pool"),
        webhook(closed, "hook"),
        replication(closed, "westeurope"),
    ]
    with FakeAzure(world(*rows), quota=PLENTY) as stand_in:
        yield stand_in


def test_everything_that_the_table_rests_on_is_read(azure: FakeAzure) -> None:
    told = explain(azure, "Closed")

    assert (told.code, told.err.count("Traceback")) == (0, 0)
    rows = [(row["kind"], row["who"], row["reaches"]) for row in told.table["access"]]
    assert rows == [
        ("internet", "", "false"),
        ("ip-rule", "20.42.66.0/24", "true"),
        ("subnet", "hub/agents", "true"),
        ("trusted-services", "", "false"),
        ("task", "build", "true"),
        ("task", "plain", "false"),
        ("quick-run", "", "false"),
        ("home-region", "eastus", None),
        ("replica", "westeurope", None),
        ("webhook", "hook", None),
    ]
    assert told.row("task", "build")["ways"] == ["bypass"]
    assert told.row("webhook", "hook")["by"] == "its receiver must admit AzureContainerRegistry.EastUS"


def test_no_other_registry_is_read_by_arm(azure: FakeAzure) -> None:
    explain(azure, "closed")

    read = {one.request.path.lower() for one in azure.requests if not one.request.is_graph}
    assert any(path.endswith("/registries/closed") for path in read)
    assert [path for path in read if "/registries/other" in path or "/registries/open" in path] == []


def test_without_arm_reads_the_table_says_what_it_does_not_know(azure: FakeAzure) -> None:
    told = explain(azure, "closed", "--arm-reads", "never")

    assert told.row("subnet")["reaches"] == "unknown"
    assert told.row("trusted-services")["reaches"] == "unknown"
    assert told.row("task", "build")["reaches"] == "unknown"
    assert set(requests(azure)) <= {
        "graph resourcecontainers",
        "graph resources",
        "graph securityresources",
        "serviceTags",
    }


def test_the_answer_for_an_address_names_the_tags_that_azure_tells(azure: FakeAzure) -> None:
    told = explain(azure, "closed", "--from", "20.42.66.9")

    assert told.code == 0
    assert told.table["from"]["by"] == "the IP rule 20.42.66.0/24"
    assert told.table["from"]["evidence"][0] == "service tags that hold it: AzureContainerRegistry.EastUS"


def test_a_saved_snapshot_explains_the_same(azure: FakeAzure, tmp_path: Path) -> None:
    live = explain(azure, "closed", "--save-snapshot", str(tmp_path / "kept"))

    assert (
        main(
            [
                "explain",
                "closed",
                "--snapshot",
                str(tmp_path / "kept"),
                "--json",
                str(tmp_path / "a.json"),
                "-q",
            ]
        )
        == 0
    )
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == live.table


def test_a_registry_that_is_not_there_is_exit_2(azure: FakeAzure) -> None:
    told = explain(azure, "closd")

    assert (told.code, told.table) == (2, {})
    assert "has the name or id closd; did you mean 'closed'?" in told.err


def test_two_registries_of_one_name_are_told_by_their_ids() -> None:
    twins = [registry("twin", SHOP), registry("twin", DATA)]
    with FakeAzure(world(*twins), quota=PLENTY) as azure:
        told = explain(azure, "twin")
        one = explain(azure, twins[1]["id"])

    assert told.code == 2
    assert all(twin["id"] in told.err for twin in twins)
    assert (one.code, one.table["registry"]["id"]) == (0, twins[1]["id"])


def test_azure_that_refuses_is_exit_3() -> None:
    faults = Faults()
    faults.on(lambda request: request.is_graph, Fault.FORBIDDEN, times=None)
    with FakeAzure(world(registry("closed")), quota=PLENTY, faults=faults) as azure:
        told = explain(azure, "closed", "--from", "8.8.8.8")

    assert (told.code, told.table) == (3, {})
    assert "Resource Graph refused the query" in told.err
    assert "whether there is a registry closed could not be seen" in told.err


def test_registries_that_cannot_be_seen_are_exit_3() -> None:
    with FakeAzure(
        world(registry("closed"), refused_tables={"resources": "AccessDenied"}), quota=PLENTY
    ) as azure:
        told = explain(azure, "closed")

    assert (told.code, told.table) == (3, {})
    assert "whether there is a registry closed could not be seen" in told.err


def test_a_registry_that_may_lie_where_nobody_looked_is_exit_2_and_says_so() -> None:
    hidden = world(registry("open", DATA), subscriptions=subscriptions(DATA, hidden=[SHOP]))
    with FakeAzure(hidden, quota=PLENTY) as azure:
        told = explain(azure, "closed", scope=(DATA, SHOP))

    assert (told.code, told.table) == (2, {})
    assert "but not all of the scope could be seen" in told.err
