"""How long judging takes, against parsing the same bytes.

`python tests/bench.py --registries 10000 --runs 3` makes seeded registries with their tasks, agent pools,
webhooks and replications as NDJSON in a temporary folder, and prints medians. Each run is a process of its
own, so no run profits from an earlier one.
"""

import argparse
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TAGS = ROOT / "samples" / "snapshots" / "contoso" / "service-tags.json"
REGIONS = ("eastus", "westeurope", "francecentral", "norwayeast", "uksouth")
MIB = 2**20
TAGGED = {
    "environment": "production",
    "costCenter": "4711-0815",
    "owner": "platform-engineering@contoso.example",
    "hidden-link:/app-insights-resource-id": "made by pipeline 2024.02.12.1 of infrastructure/acr",
    "dataClassification": "internal",
    "deployedBy": "terraform",
}
CREATED = {
    "createdBy": "5a5a5a5a-0000-4000-8000-00000000000a",
    "createdByType": "Application",
    "createdAt": "2024-02-12T09:30:00.0000000+00:00",
    "lastModifiedBy": "5a5a5a5a-0000-4000-8000-00000000000b",
    "lastModifiedByType": "User",
    "lastModifiedAt": "2026-10-02T12:45:10.1230000+00:00",
}


# the registries


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Every row, the same for the same count."""
    chance = random.Random(20_261_116)  # noqa: S311 - the same rows every time
    prefixes = eastern_prefixes()
    for number in range(count):
        region = chance.choice(REGIONS)
        yield (shown := registry(number, region, chance, prefixes))
        yield from children(shown["id"], number, region, chance)


def eastern_prefixes() -> list[str]:
    tags = json.loads(TAGS.read_text("utf-8"))["values"]
    east = next(tag for tag in tags if tag["name"].endswith(".EastUS"))
    return [prefix for prefix in east["properties"]["addressPrefixes"] if ":" not in prefix]


def row(
    identifier: str, region: str, version: str, properties: Mapping[str, Any], **rest: Any
) -> dict[str, Any]:
    """A row as Resource Graph shows it: null and empty text where ARM leaves a key out."""
    parts = identifier.split("/")
    return {
        "id": identifier,
        "name": parts[-1],
        "type": "/".join(parts[6:8] + parts[9::2]).lower(),
        "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "kind": "",
        "location": region,
        "resourceGroup": parts[4].lower(),
        "subscriptionId": parts[2],
        "managedBy": "",
        "plan": None,
        "identity": None,
        "zones": None,
        "extendedLocation": None,
        "tags": TAGGED,
        "systemData": CREATED,
        "source": "resourceGraph",
        "apiVersion": version,
        "properties": properties,
        **rest,
    }


def registry(number: int, region: str, chance: random.Random, prefixes: list[str]) -> dict[str, Any]:
    subscription = f"{number // 500:08x}-1111-4111-8111-111111111111"
    name = f"contosoregistry{number:06d}"
    group = f"/subscriptions/{subscription}/resourceGroups/rg-team-{number % 97}"
    identifier = f"{group}/providers/Microsoft.ContainerRegistry/registries/{name}"
    sku = chance.choices(["Premium", "Standard", "Basic"], [7, 2, 1])[0]
    version = chance.choices(["2025-11-01", "2023-07-01"], [3, 1])[0]
    properties: dict[str, Any] = {
        "loginServer": f"{name}.azurecr.io",
        "creationDate": "2024-02-12T09:30:00.0000000Z",
        "provisioningState": "Succeeded",
        "adminUserEnabled": chance.random() < 0.2,
        "policies": {
            "quarantinePolicy": {"status": "disabled"},
            "trustPolicy": {"type": "Notary", "status": "disabled"},
            "retentionPolicy": {
                "days": 7,
                "lastUpdatedTime": "2024-02-12T09:30:07.0+00:00",
                "status": "disabled",
            },
            "exportPolicy": {"status": "enabled"},
            "azureADAuthenticationAsArmPolicy": {"status": chance.choice(["enabled", "disabled"])},
            "softDeletePolicy": {"retentionDays": 7, "status": "disabled"},
        },
        "encryption": {"status": "disabled"},
        "dataEndpointEnabled": False,
        "dataEndpointHostNames": [],
        "privateEndpointConnections": [connection(identifier, name)] if chance.random() < 0.3 else [],
        "publicNetworkAccess": chance.choice(["Enabled", "Enabled", "Disabled"])
        if sku == "Premium"
        else "Enabled",
        "networkRuleBypassOptions": chance.choice(["AzureServices", "None"]),
        "zoneRedundancy": "Disabled",
    }
    if version == "2025-11-01":
        properties |= {"anonymousPullEnabled": False, "roleAssignmentMode": "LegacyRegistryPermissions"}
        properties["networkRuleBypassAllowedForTasks"] = chance.random() < 0.3
    if sku == "Premium":
        rules = [{"action": "Allow", "value": value} for value in ip_rules(region, chance, prefixes)]
        properties["networkRuleSet"] = {"defaultAction": "Deny" if rules else "Allow", "ipRules": rules}
    return row(identifier, region, version, properties, sku={"name": sku, "tier": sku})


def connection(identifier: str, name: str) -> dict[str, Any]:
    endpoint = (
        f"{identifier.partition('/providers/')[0]}/providers/Microsoft.Network/privateEndpoints/pe-{name}"
    )
    state = {"status": "Approved", "description": "Auto-approved", "actionsRequired": "None"}
    return {
        "id": f"{identifier}/privateEndpointConnections/{name}.0a1b2c3d",
        "name": f"{name}.0a1b2c3d",
        "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        "properties": {
            "privateEndpoint": {"id": endpoint},
            "privateLinkServiceConnectionState": state,
            "provisioningState": "Succeeded",
        },
    }


def ip_rules(region: str, chance: random.Random, prefixes: list[str]) -> list[str]:
    """None for half of them, a few offices for most others, and the service tag for some."""
    offices = [
        f"198.51.{chance.randrange(256)}.{chance.randrange(256)}" for _ in range(chance.randrange(1, 20))
    ]
    tag = prefixes if chance.random() < 0.5 else prefixes[:-2]
    return chance.choices([[], offices, tag + offices if region == "eastus" else offices], [5, 3, 2])[0]


def children(registry_id: str, number: int, region: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    server = f"{registry_id.rsplit('/', 1)[-1]}.azurecr.io"
    if chance.random() < 0.15:
        group = registry_id.partition("/providers/")[0]
        subnet = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/builds"
        pool = {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": "Succeeded"}
        pool |= {"virtualNetworkSubnetResourceId": subnet}
        yield row(f"{registry_id}/agentPools/pool", region, "2019-06-01-preview", pool)
    for index in range(chance.choice([0, 0, 0, 1, 2, 3])):
        yield task(f"{registry_id}/tasks/task-{index}", region, server, chance)
    if chance.random() < 0.2:
        hook = {"status": "enabled", "scope": "", "actions": ["push"], "provisioningState": "Succeeded"}
        yield row(f"{registry_id}/webhooks/hook{number}", region, "2023-07-01", hook)
    if chance.random() < 0.2:
        replica = {
            "provisioningState": "Succeeded",
            "regionEndpointEnabled": True,
            "zoneRedundancy": "Disabled",
        }
        yield row(f"{registry_id}/replications/{region}", region, "2023-07-01", replica)


def task(identifier: str, region: str, server: str, chance: random.Random) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "provisioningState": "Succeeded",
        "creationDate": "2025-09-01T07:00:00.0000000Z",
        "status": chance.choice(["Enabled", "Enabled", "Disabled"]),
        "platform": {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": {"cpu": 2},
        "timeout": 3600,
        "step": {
            "type": "Docker",
            "imageNames": ["app:{{.Run.ID}}"],
            "dockerFilePath": "Dockerfile",
            "isPushEnabled": True,
        },
        "trigger": {"timerTriggers": [{"schedule": "0 3 * * *", "status": "Enabled", "name": "nightly"}]},
        "isSystemTask": False,
    }
    version = chance.choice(["2019-04-01", "2025-03-01-preview"])
    if version != "2019-04-01":
        login = {
            "sourceRegistry": {"loginMode": "None"},
            "customRegistries": {server: {"identity": "[system]"}},
        }
        properties |= {"credentials": login} if chance.random() < 0.5 else {"agentPoolName": "pool"}
    identity = {"type": "SystemAssigned", "principalId": "5a5a5a5a-0000-4000-8000-00000000000a"}
    return row(identifier, region, version, properties, identity=identity)


# what is measured, each in a process of its own


def by_orjson(path: Path) -> dict[str, float]:
    import orjson  # noqa: PLC0415 - only the run that measures it

    return {"parse": timed(lambda: parse_lines(path, orjson.loads))}


def by_json(path: Path) -> dict[str, float]:
    return {"parse": timed(lambda: parse_lines(path, json.loads))}


def parse_lines(path: Path, loads: Callable[[bytes], Any]) -> None:
    with path.open("rb") as lines:
        for line in lines:
            loads(line)


def by_acr_scan(path: Path) -> dict[str, float]:
    """The whole command but for the start of Python, and its parts; findings give reports their grounds."""
    from scanner.app import gathering, scanning  # noqa: PLC0415
    from scanner.app.asked import Asked  # noqa: PLC0415
    from scanner.app.formats import FORMATS, Material  # noqa: PLC0415

    spent: dict[str, float] = {}

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            results = []
            spent[name] = timed(lambda: results.append(function(*arguments, **named)))
            return results[0]

        return call

    gc.set_threshold(200_000, 50, 50)  # as the command does
    for part, name in {"read": "read_snapshot", "judge": "judge"}.items():
        setattr(gathering, name, watched(part, getattr(gathering, name)))
    reports = []
    whole = timed(lambda: reports.append(scanning.run(Asked(path, service_tags=TAGS))))
    material = Material(reports[0])
    rendered: dict[str, float] = {}
    for name in ("junit", "json"):
        run = partial(lambda render: written(render(material)), FORMATS[name])
        rendered[name] = timed(run)
    return {"whole": whole, **spent, **rendered}


def written(pieces: Iterable[str]) -> int:
    return sum(len(piece.encode()) for piece in pieces)


def by_command(path: Path) -> dict[str, float]:
    """`acr-scan` as a shell starts it, with both reports."""
    reports = ["--json", str(path.with_suffix(".json")), "--junit", str(path.with_suffix(".xml"))]
    command = [
        sys.executable,
        "-m",
        "scanner",
        "--quiet",
        "--snapshot",
        str(path),
        "--service-tags",
        str(TAGS),
    ]
    code = subprocess.run([*command, *reports], cwd=ROOT, check=False).returncode
    if code not in {0, 1, 3}:
        raise SystemExit(f"acr-scan did not scan: exit code {code}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"whole": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}


def timed(run: Callable[[], object]) -> float:
    """Seconds of this process's CPU."""
    start = time.process_time()
    run()
    return time.process_time() - start


MEASURES: Mapping[str, Callable[[Path], dict[str, float]]] = {
    "orjson.loads": by_orjson,
    "json.loads": by_json,
    "acr-scan in process": by_acr_scan,
    "acr-scan command": by_command,
}


def measure(name: str, path: Path) -> dict[str, float]:
    """One run in a fresh process: seconds of CPU by part, and the peak of its memory in bytes."""
    command = [sys.executable, __file__, "--measure", name, "--path", str(path)]
    ran = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def measured(name: str, path: Path) -> None:
    found = MEASURES[name](path)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak": own} | found))  # noqa: T201


# the table


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--registries", type=int, default=10_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--measure", choices=MEASURES, help=argparse.SUPPRESS)
    options.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.measure:
        measured(asked.measure, asked.path)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.ndjson"
        count = write(path, asked.registries)
        size = path.stat().st_size
        told = f"{asked.registries:,} registries, {count:,} rows, {size / MIB:.1f} MiB"
        print(f"{told}, {size // count:,} bytes a row")  # noqa: T201
        found = {name: [measure(name, path) for _ in range(asked.runs)] for name in MEASURES}
    print_table(found, count)


def write(path: Path, registries: int) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, each in enumerate(rows(registries), 1):  # noqa: B007 - the last is how many
            file.write(json.dumps(each, separators=(",", ":")) + "\n")
    return count


def print_table(found: Mapping[str, list[dict[str, float]]], count: int) -> None:
    unit = statistics.median(run["parse"] for run in found["orjson.loads"])
    print(f"{'medians':<34}{'CPU s':>8}{'rows/s':>11}{'ratio':>8}{'peak MiB':>10}")  # noqa: T201
    for name, runs in found.items():
        for part in (part for part in runs[0] if part != "peak"):
            seconds = statistics.median(run[part] for run in runs)
            peak = statistics.median(run["peak"] for run in runs) / MIB
            label = name if part in {"parse", "whole"} else f"  {part}"
            memory = f"{peak:>10.0f}" if label == name else ""
            print(f"{label:<34}{seconds:>8.3f}{count / seconds:>11,.0f}{seconds / unit:>8.1f}{memory}")  # noqa: T201


if __name__ == "__main__":
    main()
