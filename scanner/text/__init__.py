"""Text in and out: strict YAML, JSON Schema problems, printable text."""
