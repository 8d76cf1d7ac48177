"""A resource's body without the secrets that its type is known to carry."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

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
_KEPT, _DROPPED, _ADDRESS, _MARK = range(4)
"""What becomes of a member; a mark says whether the `value` beside it is a secret."""
_GONE = object()
_ADDRESSES = frozenset({"contextpath", "repositoryurl"})
_ENDPOINT = frozenset({"serviceuri", "customheaders"})
_USER_INFO = re.compile(r"(?<=://)[^/?#]*@")
_QUERY = re.compile(r"\?[^#]*")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?")


def redacted(resource_type: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body without the secrets that its type is known to carry; the same object if it has none."""
    if resource_type == _WEBHOOK:
        return _in_properties(_webhook(body), _webhook)
    fates = _FATES.get(resource_type)
    if fates is None:
        return body
    return _in_properties(body, lambda properties: _members_without(properties, fates, fates))


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
    if _ENDPOINT.isdisjoint(map(str.lower, members)):
        return members
    spelling = {key.lower(): key for key in members}
    address = members.get(spelling.get("serviceuri", ""))
    headers = members.get(spelling.get("customheaders", ""))
    kept = {key: value for key, value in members.items() if key.lower() not in _ENDPOINT}
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


class _FieldActions(dict[str, int]):
    """What becomes of members by their keys, whatever the case; each spelling is looked at once."""

    MOST = 4096
    """Azure's types have some hundred keys; a file of made-up ones must not fill the memory."""

    def __init__(self, dropped: frozenset[str], *, beside_mark: bool = False) -> None:
        super().__init__()
        self._fates = {
            **dict.fromkeys(_ADDRESSES, _ADDRESS),
            **({} if beside_mark else {"issecret": _MARK}),
            **dict.fromkeys(dropped, _DROPPED),
        }
        self.beside_mark = self if beside_mark else _FieldActions(dropped | {"value"}, beside_mark=True)
        """Those of the members beside a mark that says so."""

    def __missing__(self, key: str) -> int:
        fate = self._fates.get(key.lower(), _KEPT)
        if len(self) < self.MOST:
            self[key] = fate
        return fate


_FATES: Mapping[str, _FieldActions] = {kind: _FieldActions(dropped) for kind, dropped in _SECRETS.items()}


def _members_without(members: dict[str, Any], here: _FieldActions, below: _FieldActions) -> dict[str, Any]:
    """An object without what the fates drop at any depth, nor the `value` of what `isSecret`."""
    changed: dict[str, Any] = {}
    for key, member in members.items():
        if fate := here[key]:
            if fate == _MARK and member not in (False, None, "false"):
                return _members_without(members, here.beside_mark, below)
            inner = _told_by_key(member, fate, below)
        elif member.__class__ is dict:
            inner = _members_without(member, below, below)
        elif member.__class__ is list:
            inner = _items_without(member, below)
        else:
            continue
        if inner is not member:
            changed[key] = inner
    if not changed:
        return members
    kept = {key: changed.get(key, member) for key, member in members.items()}
    return {key: member for key, member in kept.items() if member is not _GONE}


def _told_by_key(member: Any, fate: int, below: _FieldActions) -> Any:
    if fate == _DROPPED:
        return None if member is None else _GONE
    if fate == _ADDRESS and member.__class__ is str:
        return _bare_address(member)
    return _without(member, below)


def _without(value: Any, fates: _FieldActions) -> Any:
    if value.__class__ is dict:
        return _members_without(value, fates, fates)
    return _items_without(value, fates) if value.__class__ is list else value


def _items_without(items: list[Any], fates: _FieldActions) -> list[Any]:
    kept = [_without(item, fates) for item in items]
    return items if all(map(operator.is_, kept, items)) else kept


def _bare_address(address: str) -> str:
    """A source's address without the token that may stand before its host or in its query."""
    if "://" not in address:
        return address
    bare = _QUERY.sub("", _USER_INFO.sub("", address))
    return address if bare == address else bare  # the same object tells that nothing changed
