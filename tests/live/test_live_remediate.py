"""A plan for what is in Azure: all that it rests on is read, and nothing there is changed."""

import subprocess
import sys
from pathlib import Path

from estates import PLENTY, ROOT, SHOP, registry, task, world
from fake_azure import FakeAzure


def test_a_plan_for_azure_only_reads(tmp_path: Path) -> None:
    closed = registry("closed", SHOP, publicNetworkAccess="Disabled")
    with FakeAzure(world(closed, task(closed, "build")), quota=PLENTY) as azure:
        plan = tmp_path / "plan.sh"
        scope = ["-s", SHOP, "--arm-endpoint", azure.endpoint, "--auth", "managed"]
        command = [sys.executable, "-m", "scanner", "remediate", *scope, "--select", "ACR201"]

        done = subprocess.run(
            [*command, "--prefer", "bypass", "--output", str(plan)],
            cwd=ROOT,
            env=azure.child_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

        asked = [one.request for one in azure.requests]
    text = plan.read_text("utf-8")
    assert done.returncode in {0, 3}, done.stderr
    assert "# settles: ACR201 on build, by bypass" in text
    assert "az acr task credential add --registry closed --name build" in text
    assert {each.method for each in asked} <= {"GET", "POST"}
    assert all(each.is_graph or each.method == "GET" for each in asked)
