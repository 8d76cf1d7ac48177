"""What a scan says: findings and the report of a run."""
