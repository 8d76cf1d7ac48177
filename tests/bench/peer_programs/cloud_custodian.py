"""Cloud Custodian's ValueFilter on the same four checks; a resource that a filter matches fails."""

import importlib
from typing import Any

from bench.peer_programs.rounds import CHECKS, Verdicts, loaded, run

BAD = (
    {"key": "properties.publicNetworkAccess", "op": "ne", "value": "Disabled"},
    {"key": "properties.adminUserEnabled", "op": "eq", "value": True},
    {"key": "properties.anonymousPullEnabled", "op": "eq", "value": True},
    {"key": "sku.name", "op": "ne", "value": "Premium"},
)
VALUE_FILTER = importlib.import_module("c7n.filters").ValueFilter  # from its own environment
FILTERS = [VALUE_FILTER({"type": "value", **each}) for each in BAD]


def judged(registries: list[Any]) -> Verdicts:
    verdicts: Verdicts = {each["id"]: dict.fromkeys(CHECKS, "pass") for each in registries}
    for check, bad in zip(CHECKS, FILTERS, strict=True):
        for each in bad.process(registries):
            verdicts[each["id"]][check] = "fail"
    return verdicts


if __name__ == "__main__":
    run(loaded, judged)
