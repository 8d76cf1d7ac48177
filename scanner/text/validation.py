"""Whether a document has the shape that a JSON Schema describes."""

from scanner.errors import Problem
from scanner.text.yaml import Document


def validate(document: Document, schema: str, package: str) -> list[Problem]:
    """What in a document violates a schema file of a package, in the order of lines."""
    from scanner.text.json_schema import problems

    return problems(document, schema, package)
