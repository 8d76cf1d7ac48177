"""The exemptions file: strict YAML, every problem at once, with its line and what was probably meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scanner.errors import ContentError, Problem
from scanner.model.resource import type_of_id
from scanner.policy.load import read_yaml
from scanner.result.exemption import Category, Exemption
from scanner.text.validation import validate
from scanner.text.yaml import Document, DocumentPath, shown

SCHEMA = "exemptions.schema.json"
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = "write an id such as /subscriptions/<id>/resourceGroups/<name>/providers/<type>/<name>"


def read_exemptions(path: Path) -> tuple[Exemption, ...]:
    """The exemptions of a file, in its order; ContentError lists all that is wrong in it."""
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    if document is not None:
        problems += [*validate(document, SCHEMA, "scanner.result"), *_problems(document)]
    if problems or document is None:
        raise ContentError(problems)
    entries: Sequence[Mapping[str, Any]] = document.data["exemptions"]
    return tuple(
        _exemption(entry, f"{path}:{document.line(('exemptions', number))}")
        for number, entry in enumerate(entries)
    )


def _exemption(entry: Mapping[str, Any], where: str) -> Exemption:
    return Exemption(
        entry["policy"],
        (entry.get("resource") or entry["scope"]).rstrip("/").lower(),
        "scope" in entry,
        Category(entry["category"]),
        entry["reason"].strip(),
        entry["owner"].strip(),
        entry["expiresOn"],
        where,
    )


def _problems(document: Document) -> Iterator[Problem]:
    """What no schema says; whatever has a wrong shape is left to the schema."""
    entries = document.data.get("exemptions") if isinstance(document.data, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield from _problems_of(document, ("exemptions", number), entry)


def _problems_of(document: Document, place: DocumentPath, entry: Mapping[str, Any]) -> Iterator[Problem]:
    match "resource" in entry, "scope" in entry:
        case True, True:
            yield document.problem((*place, "scope"), "`resource` stands here too; one of them is enough")
        case False, False:
            yield document.problem(place, "the key 'resource' or 'scope' is missing")
    texts = {key: value for key, value in entry.items() if isinstance(value, str) and value}
    for key in ("resource", "scope"):
        if key in texts and (wrong := _wrong_id(texts[key])):
            yield document.problem((*place, key), wrong)
    for key in ("policy", "reason", "owner"):
        if key in texts and not texts[key].strip():
            yield document.problem((*place, key), "is blank")
    expires_on = texts.get("expiresOn", "")
    if _DAY.fullmatch(expires_on) and not _is_day(expires_on):
        yield document.problem((*place, "expiresOn"), f"{expires_on} is no day of the calendar")


def _wrong_id(identifier: str) -> str | None:
    kind = type_of_id(identifier)
    if kind is None:
        return f"{shown(identifier)} is no resource id; {_ID}"
    if not identifier.lower().startswith("/subscriptions/"):
        return f"{shown(identifier)} is no prefix of a registry's id; name the subscriptions instead"
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
