"""Azure Policy's own exemptions beside the findings: news for the reader, never a reason to pass."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.result.finding import Finding, Verdict
from scanner.result.finding_table import FindingTable
from scanner.result.report import Notice

EXEMPTIONS = "microsoft.authorization/policyexemptions"
MOST = 5
"""How many findings of one exemption are named."""
_HELP = "it changes no verdict here; what acr-scan shall accept belongs into --exemptions FILE"


def azure_notices(
    inventory: Inventory, findings: FindingTable, evaluated: str | None, *, asked: bool
) -> Iterator[Notice]:
    """A notice for each exemption that lies on or above what fails, is unknown or exempt."""
    if asked and not inventory.collects(EXEMPTIONS) and inventory.gap_anywhere(EXEMPTIONS) is None:
        reason = "the snapshot holds no exemptions of Azure Policy"
        yield Notice("unseen", EXEMPTIONS, reason, "collect them: scan Azure with --azure-exemptions")
    exemptions = inventory.of_type(EXEMPTIONS)
    open_ = [finding for _, finding in findings.with_verdicts(_OPEN)] if exemptions else []
    for exemption in exemptions:
        scope = exemption.key.partition(f"/providers/{EXEMPTIONS}/")[0]
        above = "/managementgroups/" in scope
        beside = [finding for finding in open_ if _covers(scope, finding.resource.key)]
        if beside or (above and open_):
            said = "covers a management group" if above else _named(beside)
            yield Notice("azure-exemption", exemption.id, f"{_described(exemption, evaluated)} {said}", _HELP)


_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT})


def _covers(scope: str, key: str) -> bool:
    return key == scope or key.startswith(f"{scope}/")


def _named(findings: Sequence[Finding]) -> str:
    names = [f"{each.policy.id} {each.resource.name}" for each in findings[:MOST]]
    more = len(findings) - len(names)
    return f"covers what has findings: {', '.join(names)}" + (f" and {more} more" if more else "")


def _described(exemption: Resource, evaluated: str | None) -> str:
    """`Waiver "Until the move" of Azure Policy (until 2026-12-31T00:00:00Z)`."""
    properties = exemption.rows[0].body.get("properties")
    known: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
    category = _text(known, "exemptionCategory") or "exemption"
    name = _text(known, "displayName") or exemption.name
    until = _text(known, "expiresOn")
    return f'{category} "{name}" of Azure Policy ({_ends(until, evaluated)})'


def _text(properties: Mapping[str, Any], key: str) -> str:
    value = properties.get(key)
    return value[:200] if isinstance(value, str) else ""


def _ends(until: str, evaluated: str | None) -> str:
    if not until:
        return "without an end"
    end, moment = _moment(until), _moment(evaluated or "")
    over = end is not None and moment is not None and end <= moment
    return f"expired on {until}, so Azure honours it no longer" if over else f"until {until}"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
