"""One program for each tool; each runs in its tool's environment."""
