"""Rows on their way into the inventory, in memory and on disk."""
