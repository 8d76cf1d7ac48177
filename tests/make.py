"""Things made by hand for tests: whole where a test says nothing, and otherwise as it says."""

from collections.abc import Mapping
from typing import Any

from scanner.policy.model import Comparison, Location, Policy, Severity, Status
from scanner.policy.paths import parse_path


def policy(policy_id: str = "ACR999", name: str = "example", **changes: Any) -> Policy:
    """A stable policy of high severity on registries, which asks for a field; `changes` are fields of it."""
    spot = changes.get("spot", Location(f"policies/{policy_id}-{name}.yaml", 1, ""))
    fields: Mapping[str, Any] = {
        "title": "Things should be good",
        "severity": Severity.HIGH,
        "status": Status.STABLE,
        "since": "0.1",
        "resources": ("Microsoft.ContainerRegistry/registries",),
        "why": "Because.",
        "when": None,
        "require": Comparison(spot, parse_path("properties.status"), "equals", "Enabled"),
        "messages": {},
        "remediation": (),
        "references": (),
        "parameters": {},
        "exceptions": None,
        "spot": spot,
    }
    return Policy(policy_id, name, **{**fields, **changes})
