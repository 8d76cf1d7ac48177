"""Checkov's own checks that come closest, on the registries as an ARM template."""

import importlib
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

from bench.peer_programs.rounds import CHECKS, Verdicts, loaded, run

IDS = dict(zip(("CKV_AZURE_139", "CKV_AZURE_137", "CKV_AZURE_138", "CKV_AZURE_163"), CHECKS, strict=True))
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
KEYS = ("name", "apiVersion", "location", "sku", "properties")
TYPE = "Microsoft.ContainerRegistry/registries"  # Checkov compares types with case
RUNNER = importlib.import_module("checkov.arm.runner").Runner  # from its own environment
FILTER = importlib.import_module("checkov.runner_filter").RunnerFilter


def judged(registries: list[Any]) -> Verdicts:
    """It reads files only, so writing the template is a part of the time, and a small one."""
    resources = [{"type": TYPE} | {key: each[key] for key in KEYS} for each in registries]
    template = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "registries.json").write_text(json.dumps(template, indent=2), "utf-8")
        report = RUNNER().run(root_folder=folder, runner_filter=FILTER(checks=list(IDS)))
    ids = {each["name"]: each["id"] for each in registries}
    verdicts: Verdicts = {}
    for records, verdict in ((report.passed_checks, "pass"), (report.failed_checks, "fail")):
        for record in records:
            name = record.resource.rsplit(".", 1)[-1]
            verdicts.setdefault(ids[name], {})[IDS[record.check_id]] = verdict
    return verdicts


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    run(loaded, judged)
