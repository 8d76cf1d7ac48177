"""What is wrong with a rule, a network or a registry, as a resource that a relation leads to."""

from collections.abc import Iterable
from hashlib import blake2b

from scanner.model.resource import Related, Resource, Row, Unseen

PROBLEMS = "acr-scan/problems"


def problem(identifier: str, what: str, row: Row) -> Resource:
    """Something that is wrong with the resource of an id, read in a row.

    `what` is said after the resource's name, such as "opens port 443 to everybody".
    """
    body = {"id": identifier, "name": identifier.rsplit("/", 1)[-1], "properties": {"problem": what}}
    # The digest keeps apart what is wrong with one resource in several ways.
    key = f"{identifier.lower()}#{blake2b(what.encode(), digest_size=8).hexdigest()}"
    return Resource(key, (Row(identifier, PROBLEMS, body, row.source, row.api_version),))


def related_problems(
    problems: Iterable[Resource], uncertain: Iterable[Unseen] = (), unseen: Unseen | None = None
) -> Related:
    """Problems in their order, each once, and why there may be others, each reason once."""
    reasons = {(each.reason, each.help): each for each in uncertain}
    return Related(tuple({each.key: each for each in problems}.values()), tuple(reasons.values()), unseen)
