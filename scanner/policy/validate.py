"""Whether a document has the shape of a schema; the shapes of policies, terms and cases."""

from scanner.errors import Problem
from scanner.policy.yaml import Document

POLICY = "schema.json"
TERMS = "terms.schema.json"
CASES = "cases.schema.json"


def validate(document: Document, schema: str, package: str = __package__) -> list[Problem]:
    """All that is wrong with a document's shape by a package's schema, in the order of its lines."""
    from scanner.policy.schema import problems  # noqa: PLC0415 - jsonschema loads where a file is validated

    return problems(document, schema, package)
