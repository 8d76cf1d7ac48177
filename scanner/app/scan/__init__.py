"""One scan, from its request to its result."""
