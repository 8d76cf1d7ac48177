"""Estates for live scans, and the program run against the stand-in of Azure, in process or as a user does."""

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from fake_azure import FakeAzure, Quota, Subscription, World, tags_document

from scanner.cli import main
from scanner.sources.azure import arm, throttle
from scanner.sources.azure.throttle import Throttle

ROOT = Path(__file__).parents[2]
SHOP, DATA, HR = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
ACR = "Microsoft.ContainerRegistry/registries"
GRAPH = "/providers/microsoft.resourcegraph/resources"
EAST, WEST = ["20.42.66.0/23", "40.71.10.216/29"], ["192.0.2.0/26"]
TAGS = tags_document({"AzureContainerRegistry.EastUS": EAST, "AzureContainerRegistry.WestEurope": WEST})
CORE = ["ACR101", "ACR201", "ACR206", "ACR301", "ACR901", "ACR902", "ACR904"]
"""The policies that are selected, so that what they cost stays the same when the pack grows."""
PLENTY = Quota(100_000)
NOT_OF_THE_RUN = frozenset({"service-tag-api", "service-tag-feeds-differ"})
"""Notices about what was asked besides the inventory; a snapshot keeps the inventory."""

Body = dict[str, Any]


def registry(name: str, subscription: str = SHOP, location: str = "eastus", **settings: Any) -> Body:
    """A registry as the newest api-version shows it: Premium, open, and nothing left to a default."""
    action, rules = settings.pop("action", "Allow"), settings.pop("rules", [])
    sku = settings.pop("sku", "Premium")
    properties: Body = {
        "loginServer": f"{name}.azurecr.io",
        "provisioningState": "Succeeded",
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {
            "defaultAction": action,
            "ipRules": [{"action": "Allow", "value": r} for r in rules],
        },
        "networkRuleBypassOptions": "AzureServices",
        "networkRuleBypassAllowedForTasks": False,
        "dataEndpointEnabled": False,
        "privateEndpointConnections": [],
        "policies": {
            "exportPolicy": {"status": "enabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "disabled"},
        },
        "roleAssignmentMode": "LegacyRegistryPermissions",
        **settings,
    }
    identifier = f"/subscriptions/{subscription}/resourceGroups/rg-{location}/providers/{ACR}/{name}"
    found = resource(identifier, location, {k: v for k, v in properties.items() if v is not None})
    return {**found, "sku": {"name": sku, "tier": sku}}


def resource(identifier: str, location: str | None, properties: Body, **rest: Any) -> Body:
    """A resource of the type that its id spells."""
    parts = identifier.rpartition("/providers/")[2].split("/")
    body = {"id": identifier, "name": parts[-1], "type": "/".join([parts[0], *parts[1::2]]), **rest}
    return {**body, **({} if location is None else {"location": location}), "properties": properties}


def task(of: Body, name: str, **settings: Any) -> Body:
    """An enabled task with the default login, on shared agents."""
    identity = settings.pop("identity", None)
    properties = {"status": "Enabled", "provisioningState": "Succeeded", "isSystemTask": False, **settings}
    more = {} if identity is None else {"identity": identity}
    return resource(f"{of['id']}/tasks/{name}", of["location"], properties, **more)


def webhook(of: Body, name: str) -> Body:
    return resource(f"{of['id']}/webhooks/{name}", of["location"], {"status": "enabled", "scope": ""})


def replication(of: Body, location: str) -> Body:
    properties = {"provisioningState": "Succeeded", "regionEndpointEnabled": True}
    return resource(f"{of['id']}/replications/{location}", location, properties)


def pool(of: Body, name: str, **settings: Any) -> Body:
    properties = {"count": 1, "provisioningState": "Succeeded", **settings}
    return resource(f"{of['id']}/agentPools/{name}", of["location"], properties)


def pricing(subscription: str, tier: str = "Free") -> Body:
    """Whether Defender for Containers, registry scanning included, is on."""
    scanning = [{"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "True"}]
    identifier = f"/subscriptions/{subscription}/providers/Microsoft.Security/pricings/Containers"
    return resource(identifier, None, {"pricingTier": tier, "extensions": scanning if tier != "Free" else []})


def subscriptions(*readable: str, hidden: Sequence[str] = ()) -> list[Subscription]:
    names = {SHOP: "Shop", DATA: "Data", HR: "People"}
    found = [Subscription(one, names[one]) for one in readable]
    return found + [Subscription(one, names[one], readable=False) for one in hidden]


def world(*resources: Body, **settings: Any) -> World:
    """A world of three subscriptions, all readable, without Defender, and with two service tags."""
    settings.setdefault("subscriptions", subscriptions(SHOP, DATA, HR))
    settings.setdefault("service_tags", {"*": TAGS})
    plans = [pricing(one.id) for one in settings["subscriptions"]] if settings.pop("plans", True) else []
    return World(resources=[*resources, *plans], **settings)


def estate(seed: int, registries: int, restricted: int, tasks: int = 3) -> list[Body]:
    """So many registries over three subscriptions, each with tasks, two webhooks and two replications.

    Only on the tasks of the restricted ones do verdicts hinge that Resource Graph cannot settle.
    """
    chance = random.Random(seed)
    found: list[Body] = []
    for number in range(registries):
        location = chance.choice(["eastus", "westeurope"])
        closed = {"publicNetworkAccess": "Disabled", "action": "Deny"} if number < restricted else {}
        admin = chance.random() < 0.1
        name = f"acr{chance.randrange(16**6):06x}{number}"
        one = registry(name, (SHOP, DATA, HR)[number % 3], location, adminUserEnabled=admin, **closed)
        found.append(one)
        found += [task(one, f"build-{index}") for index in range(tasks)]
        found += [webhook(one, f"hook{index}") for index in range(2)]
        found += [replication(one, place) for place in ("eastus", "westeurope")]
    chance.shuffle(found)
    return found


TEAM = """\
id: {id}
name: {name}
title: A policy of this team
severity: medium
status: stable
since: "0.1"
resource: Microsoft.ContainerRegistry/{resource}
why: A webhook endpoint is public, and over plain HTTP its requests can be read on the way.
when: {{ field: {field}, notEquals: disabled }}
require: {require}
messages: {{ pass: Good., fail: Bad., unknown: Unclear. }}
remediation: [{{ text: Do it. }}]
references: [{{ title: A page, url: "https://example.com/page" }}]
"""
WEBHOOK_HTTPS = TEAM.format(
    id="TEAM401",
    name="webhook-https",
    resource="registries/webhooks",
    field="properties.status",
    require="{ field: properties.serviceScheme, equals: https }",
)
REPLICA_SETTLED = TEAM.format(
    id="TEAM402",
    name="replica-settled",
    resource="registries/replications",
    field="location",
    require="{ field: properties.provisioningState, equals: Succeeded }",
)
WEBHOOK_SETTLED = TEAM.format(
    id="TEAM403",
    name="webhook-enabled",
    resource="registries/webhooks",
    field="location",
    require="{ field: properties.status, equals: enabled }",
)


def policies(folder: Path, *texts: str) -> Path:
    """A folder of a team's own policies."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in texts:
        identifier, name = (line.partition(": ")[2] for line in text.splitlines()[:2])
        (folder / f"{identifier}-{name}.yaml").write_text(text, "utf-8")
    return folder


@dataclass(frozen=True)
class Outcome:
    """What a scan left: its exit code, what it printed, its reports."""

    code: int
    out: str
    err: str
    json: Mapping[str, Any]
    junit: str

    @property
    def verdicts(self) -> Mapping[tuple[str, str], str]:
        """The verdicts by policy and lower-cased id."""
        found = [
            (one["policy"], one["resource"]["id"].lower(), one["verdict"]) for one in self.json["results"]
        ]
        assert len({each[:2] for each in found}) == len(found)
        return {(policy, identifier): verdict for policy, identifier, verdict in found}

    def verdict(self, policy: str, of: Body) -> str:
        return self.verdicts[policy, of["id"].lower()]

    def result(self, policy: str, of: Body) -> Mapping[str, Any]:
        keys = [(one["policy"], one["resource"]["id"].lower()) for one in self.json["results"]]
        found: Mapping[str, Any] = self.json["results"][keys.index((policy, of["id"].lower()))]
        return found

    def notices(self, kind: str | None = None) -> list[Mapping[str, Any]]:
        return [one for one in self.json["notices"] if kind in {None, one["kind"]}]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the notices, each once, in order."""
        return list(dict.fromkeys(one["kind"] for one in self.json["notices"]))

    @property
    def replayable(self) -> tuple[Any, Any]:
        """What the judging of the saved snapshot must say as well."""
        notices = [one for one in self.json["notices"] if one["kind"] not in NOT_OF_THE_RUN]
        return self.json["results"], notices


def run(*options: str | Path, environment: Mapping[str, str] | None = None) -> Outcome:
    """The program in process, with both reports and every result."""
    out, err = io.StringIO(), io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, environment or {}, clear=environment is not None),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        results, xml = Path(folder, "results.json"), Path(folder, "junit.xml")
        reports = ["--json", str(results), "--junit", str(xml), "--all-results"]
        code = main([*map(str, options), *reports])
        document = json.loads(results.read_text("utf-8")) if results.exists() else {}
        text = xml.read_text("utf-8") if xml.exists() else ""
    return Outcome(code, out.getvalue(), err.getvalue(), document, text)


def scan(azure: FakeAzure, *options: str | Path, **more: str) -> Outcome:
    """A live scan of the stand-in: of all three subscriptions and by CORE, unless the options say more."""
    given = set(map(str, options))
    scopes = {"-s", "--subscription", "--management-group", "--all-subscriptions"}
    scope = [] if scopes & given else ["-s", SHOP, "-s", DATA, "-s", HR]
    chosen = [*CORE, "TEAM*"] if "--policies" in given else CORE
    select = [] if "--select" in given else [part for policy in chosen for part in ("--select", policy)]
    way = ["--arm-endpoint", azure.endpoint, "--auth", "managed"]
    return run(*scope, *select, *way, *options, environment=azure.child_environment(**more))


@contextlib.contextmanager
def program(azure: FakeAzure, *options: str | Path, **settings: Any) -> Iterator["subprocess.Popen[str]"]:
    """The program as a shell starts it in the foreground, scanning one subscription; gone with the test."""
    way = ["-s", SHOP, "--arm-endpoint", azure.endpoint, "--auth", "managed"]
    command = [sys.executable, "-m", "scanner", *way, *map(str, options)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    with interruptible():
        process = subprocess.Popen(command, cwd=ROOT, env=azure.child_environment(), **{**pipes, **settings})
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Heed SIGINT, and let children heed it: a shell starts what runs in the background with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def requests(azure: FakeAzure) -> Mapping[str, int]:
    """How many requests were made: to Resource Graph by table, else by the last segment's collection."""
    return Counter(map(subject, (one.request for one in azure.requests)))


def subject(request: Any) -> str:
    """What a request asks: a table of Resource Graph, a list, an action, or `self`."""
    if request.is_graph:
        return f"graph {request.json['query'].split()[0]}"
    last = request.path.rpartition("/")[2]
    rest = request.path.rpartition("/providers/")[2]
    return last if rest.count("/") % 2 else "self"


class Clock:
    """Time that waiting takes nothing of: whoever sleeps moves it on."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()
        self.waits: list[tuple[float, str]] = []

    def now(self) -> float:
        with self._lock:
            return time.monotonic() + self._skipped

    def sleep(self, of: Throttle, seconds: float, why: str) -> None:
        """In the place of Pace.sleep."""
        if seconds >= throttle.WORTH_TELLING:
            of.progress.waiting(seconds, why)
        if seconds > 0:
            with self._lock:
                self._skipped += seconds
                self.waits.append((seconds, why))


@contextlib.contextmanager
def quick_clock() -> Iterator[Clock]:
    """Waits take no time, and the budget and the quota still count them."""
    clock = Clock()

    def sleep(of: Throttle, seconds: float, why: str) -> None:
        clock.sleep(of, seconds, why)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Throttle, "sleep", sleep)
        patch.setattr(throttle, "time", SimpleNamespace(monotonic=clock.now))
        patch.setattr(arm, "time", SimpleNamespace(monotonic=clock.now))
        yield clock


def rows_of(snapshot: Path) -> list[tuple[str, str, str | None]]:
    """The rows of a snapshot's folder: id, source and api-version."""
    lines = (snapshot / "resources.ndjson").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["id"].lower(), row["source"], row["apiVersion"]) for row in rows]
