"""The access table of one registry, judged by the conditions of the shipped policies."""
