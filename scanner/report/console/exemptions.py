"""What `exemptions check` says: a line for each exemption, what is wrong with it, and a count."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from scanner.result.exemption import ExemptionStatus, Use
from scanner.text.printable import printable, printable_json

FORMAT = 1


def as_text(uses: Sequence[Use], *, total: int, verbose: bool) -> str:
    """What is wrong, with the next step; every exemption with `verbose`. `total` is how many there are."""
    lines = [
        line for use in uses if verbose or use.standing is not ExemptionStatus.USED for line in _lines(use)
    ]
    return "".join(f"{printable(line)}\n" for line in (*lines, _count(uses, total)))


def as_json(uses: Sequence[Use], *, as_of: str) -> str:
    """The same for machines; keys are always there."""
    document = {"format": FORMAT, "asOf": as_of, "exemptions": [_entry(use) for use in uses]}
    text = printable_json(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    return f"{msgspec.json.format(text, indent=1)}\n"


def _lines(use: Use) -> Iterator[str]:
    exemption = use.exemption
    kind = "scope" if exemption.whole_scope else "resource"
    yield f"{exemption.where}: {_said(use)}"
    yield f"    {exemption.policy} on the {kind} {exemption.target} ({exemption.owner}: {exemption.reason})"
    if use.help is not None:
        yield f"    help: {use.help}"


def _said(use: Use) -> str:
    match use.standing:
        case ExemptionStatus.USED:
            findings = "finding" if use.exempted == 1 else "findings"
            return f"used: {use.exempted} {findings} until {use.exemption.expires_on}"
        case ExemptionStatus.EXPIRED:
            return use.reason
        case _:
            return f"{use.standing.value}: {use.reason}"


def _count(uses: Sequence[Use], total: int) -> str:
    counts = Counter(use.standing for use in uses)
    said = ", ".join(
        f"{counts[standing]} {standing.value}" for standing in ExemptionStatus if counts[standing]
    )
    return f"{total} {'exemption' if total == 1 else 'exemptions'}: {said or 'nothing to say'}"


def _entry(use: Use) -> dict[str, object]:
    exemption = use.exemption
    return {
        "where": exemption.where,
        "policy": exemption.policy,
        "resource": None if exemption.whole_scope else exemption.target,
        "scope": exemption.target if exemption.whole_scope else None,
        "category": exemption.category.value,
        "reason": exemption.reason,
        "owner": exemption.owner,
        "expiresOn": exemption.expires_on,
        "standing": use.standing.value,
        "exempted": use.exempted,
        "why": use.reason or None,
        "help": use.help,
    }
