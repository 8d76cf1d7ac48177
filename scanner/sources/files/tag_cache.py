"""Service tags as acr-scan keeps them: the cache of what the API answered last, and fetched files."""

import hashlib
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import platformdirs

from scanner.errors import FileError, os_reason
from scanner.network.service_tags import ServiceTags, weekly_dialect
from scanner.sources.cloud import CLOUDS, Cloud
from scanner.sources.files.service_tags import read_service_tags

FOLDER = "ACR_SCAN_CACHE_DIR"
"""The variable that names the cache's folder; without it, the one that the system has for caches."""


def cache_path(cloud: Cloud) -> Path:
    """Where a cloud's tags are kept; those of another endpoint apart from the cloud's own."""
    named = os.environ.get(FOLDER)
    folder = Path(named) if named else platformdirs.user_cache_path("acr-scan", appauthor=False)
    apart = "" if cloud.endpoint == CLOUDS[cloud.name].endpoint else f"-{_digest(cloud.endpoint)}"
    return folder / f"service-tags-{cloud.name}{apart}.json"


def cached(path: Path) -> ServiceTags | None:
    """The tags of a cache file; None where there is none, FileError where it cannot be used."""
    try:
        there = path.exists()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {os_reason(error)}") from error
    if not there:
        return None
    tags = read_service_tags(path)
    try:
        datetime.fromisoformat(tags.fetched or "")
    except ValueError:
        raise FileError(f"{path}: does not say when it was fetched") from None
    return replace(tags, source="cache")


def as_file(tags: ServiceTags, fetched: str) -> str:
    """The text of a file that keeps an answer of the API, with its time (RFC 3339, UTC) and its feed."""
    document = weekly_dialect(replace(tags, feed="api", fetched=fetched))
    return f"{msgspec.json.format(msgspec.json.encode(document), indent=1).decode()}\n"


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()[:12]
