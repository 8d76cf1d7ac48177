"""Runs in a database: what a scan found, when it was first and last seen, and when it was fixed."""
