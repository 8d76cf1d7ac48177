"""Scopes, their runs, the findings in them, and the verdicts that changed."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "acr_scopes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_table(
        "acr_runs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("scope", sa.Integer, sa.ForeignKey("acr_scopes.id"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("collected", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluated", sa.DateTime(timezone=True)),
        sa.Column("stored", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tool_version", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("exit_code", sa.Integer, nullable=False),
        sa.Column("policy_count", sa.Integer, nullable=False),
        sa.Column("policy_digest", sa.Text, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("tag_change_number", sa.Text),
        sa.Column("registries", sa.Integer, nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("unknown", sa.Integer, nullable=False),
        sa.Column("exempt", sa.Integer, nullable=False),
        sa.Column("not_applicable", sa.Integer, nullable=False),
        sa.Column("gating_fails", sa.Integer, nullable=False),
        sa.Column("gating_unknowns", sa.Integer, nullable=False),
    )
    op.create_index("acr_runs_in_time", "acr_runs", ["scope", "collected"])
    op.create_table(
        "acr_policies",
        sa.Column("scope", sa.Integer, sa.ForeignKey("acr_scopes.id"), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
    )
    op.create_table(
        "acr_findings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("scope", sa.Integer, sa.ForeignKey("acr_scopes.id"), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.UniqueConstraint("scope", "fingerprint"),
    )
    op.create_table(
        "acr_verdicts",
        sa.Column("run", sa.Integer, sa.ForeignKey("acr_runs.id"), primary_key=True, autoincrement=False),
        sa.Column(
            "finding", sa.Integer, sa.ForeignKey("acr_findings.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("verdict", sa.String(1), nullable=False),
    )
