"""JSON Schema validation that speaks to authors: file, line, field, what was expected, what was meant."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from scanner.errors import Problem, did_you_mean
from scanner.text.yaml import Document, shown

_TYPES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}


def problems(document: Document, schema: str, package: str) -> list[Problem]:
    """All that is wrong with a document's shape by a package's schema, in the order of its lines."""
    errors = _validator(schema, package).iter_errors(document.data)
    return sorted({problem for error in errors for problem in _problems(document, error)})


@cache
def _validator(schema: str, package: str) -> Draft202012Validator:
    here = [_read(path) for path in files(package).iterdir() if path.name.endswith(".json")]
    registry: Registry[Any] = Registry().with_resources(
        (contents["$id"], Resource.from_contents(contents)) for contents in here if "$id" in contents
    )
    return Draft202012Validator(_read(files(package).joinpath(schema)), registry=registry)


def _read(schema: Traversable) -> Any:
    return json.loads(schema.read_text("utf-8"))


def _problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    place = tuple(error.absolute_path)
    expected: Any = error.validator_value
    found: Any = error.instance
    match error.validator:
        case "additionalProperties" if expected is False:
            known: Any = error.schema
            known = known["properties"]
            for key in found.keys() - known.keys():
                line = document.line((*place, key))
                meant = f"unknown key {key!r}{did_you_mean(key, known)}"
                yield Problem(document.file, line, document.problem(place, "").field, meant)
        case "required":
            for key in expected:
                if key not in found:
                    yield document.problem(place, f"the key {key!r} is missing")
        case _:
            yield document.problem(place, _sentence(error))


def _sentence(error: ValidationError) -> str:
    expected: Any = error.validator_value
    match error.validator:
        case "type":
            kinds = [expected] if isinstance(expected, str) else expected
            return f"expected {' or '.join(_TYPES[kind] for kind in kinds)}, found {shown(error.instance)}"
        case "enum":
            nearest = did_you_mean(str(error.instance), map(str, expected))
            return f"expected one of {', '.join(expected)}, found {shown(error.instance)}{nearest}"
        case "pattern":
            schema: Any = error.schema
            return f"{shown(error.instance)} is not written like {schema.get('examples', [expected])[0]}"
        case "minItems" | "minLength" | "minProperties":
            return "is empty"
        case "maxLength":
            return f"is longer than {expected} characters"
        case "oneOf":
            return f"{_alternatives(error.schema)}, found {shown(error.instance)}"
        case "minimum":
            return f"{shown(error.instance)} is less than {expected}"
        case "maximum":
            return f"{shown(error.instance)} is greater than {expected}"
        case keyword:
            return f"{shown(error.instance)} does not have the {keyword} {shown(expected)}"


def _alternatives(schema: Any) -> str:
    """What a place with several shapes expects: its description says it."""
    match schema:
        case {"description": str(text)}:
            return f"expected {text[0].lower()}{text[1:].rstrip('.')}"
        case _:
            return "has none of the shapes that it may have"
