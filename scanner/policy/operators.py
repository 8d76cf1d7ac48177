"""The words of comparison: which operand each takes, and which are another's negation.

Azure Policy's words keep Azure Policy's meaning; `engine/operators.py` gives each its truth.
"""

from collections.abc import Mapping
from enum import Enum


class Operand(Enum):
    """What may stand behind an operator."""

    SCALAR = "a string, number or boolean"
    LIST = "a list of strings, numbers or booleans"
    TEXT = "a string"
    NUMBER = "a number"
    ORDERED = "a number or a string"
    BOOLEAN = "true or false"
    TAG = "the name of a service tag"
    FLOW = "a direction, to or from a tag or prefix, and a port"


OPERANDS: Mapping[str, Operand] = {
    "equals": Operand.SCALAR,
    "notEquals": Operand.SCALAR,
    "in": Operand.LIST,
    "notIn": Operand.LIST,
    "contains": Operand.SCALAR,
    "notContains": Operand.SCALAR,
    "like": Operand.TEXT,
    "notLike": Operand.TEXT,
    "exists": Operand.BOOLEAN,
    "less": Operand.ORDERED,
    "lessOrEquals": Operand.ORDERED,
    "greater": Operand.ORDERED,
    "greaterOrEquals": Operand.ORDERED,
    "coversServiceTag": Operand.TAG,
    "overlapsServiceTag": Operand.TAG,
    "insideServiceTag": Operand.TAG,
    "prefixLengthLess": Operand.NUMBER,
    "prefixLengthLessOrEquals": Operand.NUMBER,
    "prefixLengthGreater": Operand.NUMBER,
    "prefixLengthGreaterOrEquals": Operand.NUMBER,
    "publicIPv4": Operand.BOOLEAN,
    "nsgAllows": Operand.FLOW,
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
