"""The tables of a history, as its newest revision has them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

REVISIONS = ("r0001", "r0002")
"""All revisions of the schema, the newest last; any other one is of a newer acr-scan."""
VERSION_TABLE = "acr_scan_version"
METADATA = MetaData()


class Moment(TypeDecorator[datetime]):
    """A time in UTC: SQLite keeps no zone, and PostgreSQL answers in that of the session."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What is written."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is not ours
        """What is read."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


SCOPES = Table(
    "acr_scopes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("words", Text, nullable=False),
)
RUNS = Table(
    "acr_runs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("scope", Integer, ForeignKey("acr_scopes.id"), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("collected", Moment, nullable=False),
    Column("evaluated", Moment),
    Column("stored", Moment, nullable=False),
    Column("tool_version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("policy_count", Integer, nullable=False),
    Column("policy_digest", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("tag_change_number", Text),
    Column("registries", Integer, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("exempt", Integer, nullable=False),
    Column("not_applicable", Integer, nullable=False),
    Column("gating_fails", Integer, nullable=False),
    Column("gating_unknowns", Integer, nullable=False),
    Index("acr_runs_in_time", "scope", "collected"),
)
"""The order of a scope's runs is that of (collected, id)."""
POLICIES = Table(
    "acr_policies",
    METADATA,
    Column("scope", Integer, ForeignKey("acr_scopes.id"), primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("severity", Text, nullable=False),
)
"""What a scope's policies were called last."""
FINDINGS = Table(
    "acr_findings",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("scope", Integer, ForeignKey("acr_scopes.id"), nullable=False),
    Column("fingerprint", String(32), nullable=False),
    Column("policy", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("first_seen", Moment),
    Column("last_seen", Moment),
    Column("opened", Moment),
    Column("fixed", Moment),
    Column("reopened", Integer, nullable=False, server_default="0"),
    UniqueConstraint("scope", "fingerprint"),
)
"""Everything that was ever judged in a scope. The dates follow from `VERDICTS`; see `life.Life`."""
VERDICTS = Table(
    "acr_verdicts",
    METADATA,
    Column("run", Integer, ForeignKey("acr_runs.id"), primary_key=True, autoincrement=False),
    Column("finding", Integer, ForeignKey("acr_findings.id"), primary_key=True, autoincrement=False),
    Column("verdict", String(1), nullable=False),
)
"""A row where a finding's state (`life.State`) is not that of the run before; before the first, `UNSEEN`."""
