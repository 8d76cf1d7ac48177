"""One module per revision; alembic follows `down_revision` from one to the next."""
