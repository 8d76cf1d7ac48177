"""Each finding's dates beside it, for whoever asks the database itself; the next run fills them in."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"

TIMES = ("first_seen", "last_seen", "opened", "fixed")


def upgrade() -> None:
    """The dates are worked out again from the verdicts whenever a run of their scope is stored."""
    for name in TIMES:
        op.add_column("acr_findings", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column(
        "acr_findings", sa.Column("reopened", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
