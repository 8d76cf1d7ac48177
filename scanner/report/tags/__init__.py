"""Service tags and their changes."""
