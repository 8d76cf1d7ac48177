"""The difference of two lists of service tags as JSON, for machines; every key is always there."""

from typing import Any

from scanner.network import ipv4, ipv6
from scanner.network.tags.changes import AddressChange, TagChange
from scanner.network.tags.comparison import AffectedRegistry, TagListComparison
from scanner.network.tags.effects import EffectState
from scanner.report.tags.address_table import encoded, source


def render(comparison: TagListComparison) -> str:
    """All tags that were compared, unchanged ones too; `registries` is null where none were asked about."""
    registries = comparison.registries
    document = {
        "format": 1,
        "old": source(comparison.old),
        "new": source(comparison.new),
        "inUseFrom": comparison.in_use_from,
        "known": list(comparison.known),
        "summary": {
            "tags": len(comparison.changes),
            "registries": None
            if registries is None
            else {state.value: comparison.states[state] for state in EffectState},
            "exitCode": comparison.exit_code,
        },
        "tags": [_change(change) for change in comparison.changes],
        "registries": None if registries is None else [_touched(each) for each in registries],
        "unseen": list(comparison.unseen),
    }
    return encoded(document)


def _change(change: TagChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "kind": change.kind.value,
        "ipv4": _family(change.ipv4, v6=False),
        "ipv6": _family(change.ipv6, v6=True),
    }


def _family(family: AddressChange, *, v6: bool) -> dict[str, list[str]]:
    cidrs = ipv6.cidrs if v6 else ipv4.cidrs
    return {
        "added": list(cidrs(family.added)),
        "removed": list(cidrs(family.removed)),
        "unchanged": list(cidrs(family.kept)),
    }


def _touched(touched: AffectedRegistry) -> dict[str, Any]:
    registry, effect = touched.registry, touched.effect
    return {
        "id": registry.id,
        "name": registry.name,
        "location": registry.location,
        "tag": touched.tag,
        "state": effect.state.value,
        "reason": effect.reason,
        "refused": list(effect.refused),
        "lacking": list(effect.lacking),
        "stale": [{"rule": each.rule, "left": list(each.left)} for each in effect.stale],
        "tasks": list(touched.tasks),
    }
