"""rego-cpp on the same four checks: one policy, compiled once, one registry after another as its input."""

import importlib
import json
from pathlib import Path

from bench.peer_programs.rounds import CHECKS, Verdicts, run

POLICY = """
package registry

bad contains "public access off" if not input.properties.publicNetworkAccess == "Disabled"
bad contains "admin user off" if input.properties.adminUserEnabled == true
bad contains "anonymous pull off" if input.properties.anonymousPullEnabled == true
bad contains "SKU Premium" if not input.sku.name == "Premium"
found := {"id": input.id, "bad": bad}
"""
ENGINE = importlib.import_module("regopy").Interpreter()  # from its own environment
ENGINE.add_module("registry", POLICY)
BUNDLE = ENGINE.build("data.registry.found")


def lines(rows: Path) -> list[str]:
    """rego-cpp parses each itself."""
    return rows.read_text("utf-8").splitlines()


def judged(registries: list[str]) -> Verdicts:
    verdicts: Verdicts = {}
    for each in registries:
        ENGINE.set_input_term(each)
        found = json.loads(str(ENGINE.query_bundle(BUNDLE)))["expressions"][0]
        verdicts[found["id"]] = {check: "fail" if check in found["bad"] else "pass" for check in CHECKS}
    return verdicts


if __name__ == "__main__":
    run(lines, judged)
