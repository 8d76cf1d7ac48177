"""The words of comparison: which operand each takes, and which are another's negation.

Azure Policy's words keep Azure Policy's meaning; `engine/operators.py` gives each its truth.
"""

from collections.abc import Mapping
from enum import Enum


class OperandKind(Enum):
    """What may stand behind an operator."""

    SCALAR = "a string, number or boolean"
    LIST = "a list of strings, numbers or booleans"
    TEXT = "a string"
    NUMBER = "a number"
    ORDERED = "a number or a string"
    BOOLEAN = "true or false"
    TAG = "the name of a service tag"
    FLOW = "a direction, to or from a tag or prefix, and a port"


OPERANDS: Mapping[str, OperandKind] = {
    "equals": OperandKind.SCALAR,
    "notEquals": OperandKind.SCALAR,
    "in": OperandKind.LIST,
    "notIn": OperandKind.LIST,
    "contains": OperandKind.SCALAR,
    "notContains": OperandKind.SCALAR,
    "like": OperandKind.TEXT,
    "notLike": OperandKind.TEXT,
    "exists": OperandKind.BOOLEAN,
    "less": OperandKind.ORDERED,
    "lessOrEquals": OperandKind.ORDERED,
    "greater": OperandKind.ORDERED,
    "greaterOrEquals": OperandKind.ORDERED,
    "coversServiceTag": OperandKind.TAG,
    "overlapsServiceTag": OperandKind.TAG,
    "insideServiceTag": OperandKind.TAG,
    "prefixLengthLess": OperandKind.NUMBER,
    "prefixLengthLessOrEquals": OperandKind.NUMBER,
    "prefixLengthGreater": OperandKind.NUMBER,
    "prefixLengthGreaterOrEquals": OperandKind.NUMBER,
    "publicIPv4": OperandKind.BOOLEAN,
    "nsgAllows": OperandKind.FLOW,
}

NEGATIVES: Mapping[str, str] = {
    "notEquals": "equals",
    "notIn": "in",
    "notContains": "contains",
    "notLike": "like",
}
"""A negative is defined as not its positive, so no operator is written twice."""

SET_OPERATORS = frozenset({"coversServiceTag", "overlapsServiceTag", "insideServiceTag"})
"""Those that speak of all members of an array at once, and may follow `[*]`."""

COUNT_OPERATORS = frozenset({"equals", "notEquals", "less", "lessOrEquals", "greater", "greaterOrEquals"})
"""Those that compare a count."""
