"""What changed in service tags, and for whom."""
