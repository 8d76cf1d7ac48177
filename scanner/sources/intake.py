"""From one decoded object to a row, without its secrets; or why it cannot be used."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from scanner.model.inventory import Unusable
from scanner.model.resource import Row, Source, type_of_id

DEEPEST = 64
"""How many objects and arrays may lie in each other; Azure's deepest rows have about 12."""

_REGISTRY = "microsoft.containerregistry/registries"
_WEBHOOK = f"{_REGISTRY}/webhooks"
_TASK_SECRETS = frozenset(
    {
        "contextaccesstoken",
        "encodedtaskcontent",
        "encodedvaluescontent",
        "password",
        "refreshtoken",
        "sourcecontrolauthproperties",
        "token",
        "updatetriggerendpoint",
        "username",
    }
)
_SECRETS: Mapping[str, frozenset[str]] = {
    **{f"{_REGISTRY}/{kind}": _TASK_SECRETS for kind in ("tasks", "taskruns", "runs", "buildtasks")},
    f"{_REGISTRY}/buildtasks/steps": _TASK_SECRETS,
    f"{_REGISTRY}/tokens": frozenset({"value"}),
    # environment variables of container groups are often passwords in clear
    "microsoft.containerinstance/containergroups": frozenset(
        {"password", "securevalue", "storageaccountkey", "value", "workspacekey"}
    ),
}
"""Lower-cased keys that are dropped wherever they stand in a type's `properties`, unless null."""
_SECRET_KEY = len("isSecret")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?")
"""An api-version that can be compared with others; a row of any other text is one of unknown version."""
_ADDRESSES = frozenset({"contextpath", "repositoryurl"})
_USER_INFO = re.compile(r"(?<=://)[^/?#]*@")
_QUERY = re.compile(r"\?[^#]*")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?")


def row_of(
    found: object, *, where: str, source: Source = Source.RESOURCE_GRAPH, api_version: str | None = None
) -> Row | Unusable:
    """The row that an object is; `source` and `api_version` hold unless it names its own."""
    try:
        return _row(found, source, api_version)
    except _Flaw as flaw:
        return Unusable(where, str(flaw))


class _Flaw(Exception):  # noqa: N818 - no error of the program: it never leaves this module
    pass


def _row(found: object, source: Source, api_version: str | None) -> Row:
    if not isinstance(found, dict):
        raise _Flaw(f"a row must be an object, not {kind_of(found)}")
    _check_text(found)
    resource_id, resource_type = _identity(found)
    match found.get("properties"):
        case None | dict():
            pass
        case other:
            raise _Flaw(f"`properties` must be an object, not {kind_of(other)}")
    match found.get("apiVersion"):
        case None | "":
            pass
        case str(version):
            api_version = version.lower() if _VERSION.fullmatch(version.lower()) else None
        case other:
            raise _Flaw(f"`apiVersion` must be a string, not {kind_of(other)}")
    body = {key: value for key, value in found.items() if key not in {"source", "apiVersion"}}
    return Row(resource_id, resource_type, redacted(resource_type, body), _source(found, source), api_version)


def _identity(found: Mapping[str, Any]) -> tuple[str, str]:
    match found.get("id"):
        case str(resource_id):
            pass
        case None:
            raise _Flaw("the row has no `id`")
        case other:
            raise _Flaw(f"`id` must be a string, not {kind_of(other)}")
    if not resource_id.isprintable():
        raise _Flaw(f"`id` holds characters that cannot be printed: {resource_id[:200]!a}")
    spelt = type_of_id(resource_id)
    if spelt is None:
        raise _Flaw(f"`id` is no resource id: {resource_id[:200]!r}")
    match found.get("type"):
        case None:
            pass
        case str(given) if given.lower() == spelt:
            pass
        case str(given):
            raise _Flaw(f"`type` is {given[:200]!r}, but its id spells {spelt}")
        case other:
            raise _Flaw(f"`type` must be a string, not {kind_of(other)}")
    return resource_id, spelt


def _source(found: Mapping[str, Any], default: Source) -> Source:
    if "source" not in found:
        return default
    match found["source"]:
        case "arm":
            return Source.ARM
        case "resourceGraph":
            return Source.RESOURCE_GRAPH
        case other:
            raise _Flaw(f"`source` must be arm or resourceGraph, not {ascii(other)[:200]}")


def _check_text(found: Mapping[str, Any]) -> None:
    """Refuse what could be read but never be written out again."""
    try:
        text = msgspec.json.encode(found)
    except UnicodeEncodeError:
        raise _Flaw("the row holds half a surrogate pair, which is no text") from None
    except RecursionError:
        raise _Flaw(f"the row is nested deeper than {DEEPEST} levels") from None
    if text.count(b"{") + text.count(b"[") > DEEPEST and _deeper(found, DEEPEST):
        raise _Flaw(f"the row is nested deeper than {DEEPEST} levels")


def _deeper(value: object, levels: int) -> bool:
    match value:
        case dict():
            return levels == 0 or any(_deeper(member, levels - 1) for member in value.values())
        case list():
            return levels == 0 or any(_deeper(member, levels - 1) for member in value)
        case _:
            return False


def redacted(resource_type: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body without the secrets that its type is known to carry; the same object if it has none."""
    if resource_type == _WEBHOOK:
        return _in_properties(_webhook(body), _webhook)
    if names := _SECRETS.get(resource_type):
        return _in_properties(body, lambda properties: _without(properties, names))
    return body


def _in_properties(
    body: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    properties = body.get("properties")
    if not isinstance(properties, dict):
        return body
    changed = change(properties)
    return body if changed is properties else {**body, "properties": changed}


def _webhook(members: dict[str, Any]) -> dict[str, Any]:
    """Of the address only scheme, host and two facts; of the headers only the names."""
    spelling = {key.lower(): key for key in members}
    if spelling.keys().isdisjoint({"serviceuri", "customheaders"}):
        return members
    address = members.get(spelling.get("serviceuri", ""))
    headers = members.get(spelling.get("customheaders", ""))
    kept = {
        key: value for key, value in members.items() if key.lower() not in {"serviceuri", "customheaders"}
    }
    if isinstance(address, str):
        kept |= _endpoint(address)
    if isinstance(headers, dict):
        kept["customHeaderNames"] = sorted(headers)
    return kept


def _endpoint(address: str) -> dict[str, Any]:
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket that opens no IPv6 address
        return {"serviceScheme": None, "serviceHost": None}
    host = parts.netloc.rpartition("@")[2].lower()
    # a slash in a password ends the host too early: what then looks like the host is the user
    known = _HOST.fullmatch(host) and "@" not in parts.path
    return {
        "serviceScheme": parts.scheme or None,
        "serviceHost": host if known else None,
        "serviceHasUserInfo": "@" in parts.netloc,
        "serviceHasQuery": bool(parts.query),
    }


def _without(value: Any, names: frozenset[str]) -> Any:
    """A value without the named members at any depth, nor the `value` of what `isSecret`."""
    if value.__class__ is dict:
        return _members_without(value, names)
    if value.__class__ is not list:
        return value
    kept = [_without(member, names) for member in value]
    return value if all(map(operator.is_, kept, value)) else kept


def _members_without(members: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    hidden = names | {"value"} if _is_secret(members) else names
    kept: dict[str, Any] = {}
    same = True
    for key, member in members.items():
        if member is None:
            kept[key] = None
            continue
        lowered = key.lower()
        if lowered in hidden:
            same = False
            continue
        inner = member
        if member.__class__ is str:
            if lowered in _ADDRESSES:
                inner = _bare_address(member)
        elif member.__class__ is dict or member.__class__ is list:
            inner = _without(member, names)
        same = same and inner is member
        kept[key] = inner
    return members if same else kept


def _is_secret(members: Mapping[str, Any]) -> bool:
    for key, value in members.items():
        if len(key) == _SECRET_KEY and key.lower() == "issecret" and value not in (False, None, "false"):
            return True
    return False


def _bare_address(address: str) -> str:
    """A source's address without the token that may stand before its host or in its query."""
    if "://" not in address:
        return address
    bare = _QUERY.sub("", _USER_INFO.sub("", address))
    return address if bare == address else bare  # the same object tells that nothing changed


def kind_of(value: object) -> str:
    """What a JSON value is, in JSON's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
