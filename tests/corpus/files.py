"""Every file of the corpus, by its name."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus.arm_answers import (
    Json,
    agent_pools,
    answer,
    definitions,
    examples,
    network,
    recent,
    registries,
    replications,
    tasks,
    webhooks,
)
from corpus.documents import sarif_schema, templates
from corpus.graph_answers import graph_files
from corpus.tag_files import ERROR_PAGES, history, tag_files

HERE = Path(__file__).parent


def files() -> Mapping[str, bytes]:
    """Every file of the corpus and what it holds."""
    lines = {
        "registries-single.jsonl": list(registries()),
        "tasks.jsonl": list(tasks()),
        "agentPools.jsonl": list(agent_pools()),
        "webhooks.jsonl": list(webhooks()),
        "webhooks-getCallbackConfig.jsonl": [
            answer(
                "2023-11-01-preview",
                {"serviceUri": "https://hooks.example.org", "customHeaders": {"key": "value"}},
                "POST",
            )
        ],
        "replications.jsonl": list(replications()),
    }
    written = {f"arm/azure-cli-recordings/{name}": as_lines(held) for name, held in lines.items()}
    written |= {f"arm/azure-cli-recordings-network/{name}": as_lines(held) for name, held in network()}
    written["arm/azure-cli-2025-2026/closed_2025-11-01.json"] = as_json(recent())
    written |= {f"arm/azure-rest-api-specs/{name}": as_json(held) for name, held in examples()}
    written |= {f"arm/azure-policy-builtin/{name}.json": as_json(held) for name, held in definitions()}
    written |= {f"arg/{name}": as_json(held) for name, held in graph_files()}
    written |= {f"nsg/quickstart/{name}.json": as_json(held) for name, held in templates()}
    written["schemas/sarif-2.1.0-rtm.5.json"] = as_json(sarif_schema())
    written |= {f"service-tags/{name}": as_json(held) for name, held in tag_files()}
    written |= {f"service-tags/broken/{name}": held for name, held in ERROR_PAGES.items()}
    written["service-tags/history/ours.jsonl"] = as_lines(list(history()))
    return written


def as_json(held: Any) -> bytes:
    return f"{json.dumps(held, indent=1)}\n".encode()


def as_lines(held: list[Json]) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in held).encode()
