"""The part of Azure Policy's condition language that Microsoft's registry definitions use.

Keys compare without case (Microsoft's own files write `anyof`), `exists` takes "false" for false, strings
compare without case, and a field that is not there equals nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

ALIAS = "microsoft.containerregistry/registries/"


def flagged(rule: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a definition's `if` flags a resource as non-compliant."""
    words = {key.lower(): value for key, value in rule.items()}
    if "allof" in words:
        return all(flagged(part, body) for part in words["allof"])
    if "anyof" in words:
        return any(flagged(part, body) for part in words["anyof"])
    if "not" in words:
        return not flagged(words["not"], body)
    if "count" in words:
        members = _members(body, words["count"]["field"])
        matching = sum(
            _compare(words["count"]["where"], _inner(member, words["count"])) for member in members
        )
        return bool(matching < words["less"])
    return _compare(words, _value(body, words["field"]))


def _compare(words: Mapping[str, Any], value: Any) -> bool:
    match words:
        case {"exists": wanted}:
            return (value is not None) is (str(wanted).lower() == "true")
        case {"equals": wanted}:
            return _same(value, wanted)
        case {"notEquals": wanted} | {"notequals": wanted}:
            return not _same(value, wanted)
    raise NotImplementedError(f"no such comparison: {sorted(words)}")


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return type(value) is type(wanted) and bool(value == wanted)


def _value(body: Mapping[str, Any], alias: str) -> Any:
    """The value behind `type` or an alias; aliases of the SKU lie beside `properties`, the others in it."""
    if alias.lower() == "type":
        return body.get("type")
    path = alias[len(ALIAS) :]
    node: Any = body if path.startswith("sku.") else body.get("properties")
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _members(body: Mapping[str, Any], alias: str) -> Sequence[Any]:
    found = _value(body, alias.removesuffix("[*]"))
    return found if isinstance(found, list) else []


def _inner(member: Mapping[str, Any], count: Mapping[str, Any]) -> Any:
    """The member's value behind the alias of `where`, which leaves `properties` out."""
    path = count["where"]["field"][len(count["field"]) + 1 :]
    node: Any = member.get("properties")
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node
