"""The policy language: strict YAML, schema, conditions, parse, load."""
