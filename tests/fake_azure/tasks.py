"""What lists, reads and actions show of a task's credentials."""

from typing import Any


def without_values(task: dict[str, Any]) -> dict[str, Any]:
    """As a list shows it: the names of the registries, and null for what is known of each."""
    credentials = _credentials(task)
    if credentials is not None:
        if "sourceRegistry" in credentials:
            credentials["sourceRegistry"] = None
        custom = credentials.get("customRegistries")
        if isinstance(custom, dict):
            credentials["customRegistries"] = dict.fromkeys(custom)
    return _without_secret_arguments(task)


def without_secrets(task: dict[str, Any]) -> dict[str, Any]:
    """As a read shows it: all but the values of user names and passwords."""
    credentials = _credentials(task)
    custom = credentials.get("customRegistries") if credentials is not None else None
    for entry in custom.values() if isinstance(custom, dict) else ():
        for name in ("userName", "password"):
            if isinstance(entry, dict) and isinstance(entry.get(name), dict):
                entry[name].pop("value", None)
    return _without_secret_arguments(task)


def secrets_of(task: dict[str, Any]) -> set[str]:
    """The strings of a task that only `listDetails` shows."""
    credentials = _credentials(task)
    custom = credentials.get("customRegistries") if credentials is not None else None
    found: set[str] = set()
    for entry in custom.values() if isinstance(custom, dict) else ():
        for name in ("userName", "password"):
            secret = entry.get(name) if isinstance(entry, dict) else None
            if isinstance(secret, dict) and secret.get("value"):
                found.add(str(secret["value"]))
    found.update(str(one["value"]) for one in _secret_arguments(task) if one.get("value"))
    return found


def _credentials(task: dict[str, Any]) -> dict[str, Any] | None:
    credentials = task.get("properties", {}).get("credentials")
    return credentials if isinstance(credentials, dict) else None


def _secret_arguments(task: dict[str, Any]) -> list[dict[str, Any]]:
    step = task.get("properties", {}).get("step") or {}
    return [one for name in ("values", "arguments") for one in step.get(name) or [] if one.get("isSecret")]


def _without_secret_arguments(task: dict[str, Any]) -> dict[str, Any]:
    for one in _secret_arguments(task):
        one["value"] = ""
    return task
