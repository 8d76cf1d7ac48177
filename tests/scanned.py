"""All findings on an inventory, as a scan without options makes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload, scan
from scanner.model.inventory import Inventory
from scanner.policy.model import Policy, Term
from scanner.result.finding_table import FindingTable
from scanner.result.gate import Gate


def scan_all(
    inventory: Inventory,
    tags: TagTable,
    policies: Iterable[Policy],
    terms: Mapping[str, Term],
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> FindingTable:
    """The finding of every policy on every resource of its types."""
    workload = Workload.where(
        lambda _: True, inventory, tags, policies, terms, gate=Gate(), parameters=parameters or {}
    )
    return scan(workload)
