"""A snapshot as a scan reads it, described so that another machine can read the same."""

from dataclasses import dataclass, field
from pathlib import Path

from scanner.app.scan.resource_filter import ResourceFilter
from scanner.network.service_tags import ServiceTags
from scanner.sources.files.snapshot import Snapshot, read_snapshot
from scanner.sources.rows.interning import ALL_FIELDS, FieldFilter


@dataclass(frozen=True, slots=True)
class SnapshotSource:
    """Where the snapshot is, and what of it is wanted; `most` rows stay in memory, None for all."""

    path: Path
    assume_complete: bool
    cloud: str
    kept: FieldFilter = ALL_FIELDS
    most: int | None = None
    tags: ServiceTags | None = None
    """Service tags that were given instead of those of the snapshot."""
    filter: ResourceFilter = field(default_factory=ResourceFilter)
    """Which of its resources are judged."""

    def read(self) -> Snapshot:
        """The snapshot. FileError where it cannot be read."""
        return read_snapshot(
            self.path,
            assume_complete=self.assume_complete,
            cloud=self.cloud,
            kept=self.kept,
            most=self.most,
        )
