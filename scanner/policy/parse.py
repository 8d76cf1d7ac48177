"""From a document of the right shape to a policy or terms: which keys make sense together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from scanner.errors import Problem
from scanner.policy.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Count,
    Is,
    Location,
    Not,
    Of,
    Parameter,
    Policy,
    Reference,
    Remedy,
    Severity,
    Status,
    Term,
    Traffic,
    Way,
)
from scanner.policy.operators import COUNT_OPERATORS, OPERANDS, SET_OPERATORS, OperandKind
from scanner.policy.paths import FieldPath, parse_path
from scanner.policy.settlement import Deployment, Mirror, Settlement
from scanner.policy.templates import Template
from scanner.text.yaml import Document, DocumentPath

_CORES = ("allOf", "anyOf", "not", "is", "field", "count")


class _WrongError(Exception):
    """A problem was noted, and what stands here cannot be built."""


class Parser(msgspec.Struct):
    """Parses one document; `problems` grows by all that is wrong."""

    document: Document
    problems: list[Problem] = msgspec.field(default_factory=list)

    def policy(self) -> Policy | None:
        """The policy, or None where there are problems."""
        try:
            parsed = self._policy(self.document.data)
        except _WrongError:
            return None
        return None if self.problems else parsed

    def terms(self) -> list[Term]:
        """The terms that have no problem."""
        return [term for name, data in self.document.data.items() if (term := self._term(name, data))]

    def _policy(self, data: Mapping[str, Any]) -> Policy:
        resource = data["resource"]
        require = self._attempt(lambda: self.condition(data["require"], ("require",), ways=True))
        when = self._attempt(lambda: self.condition(data["when"], ("when",))) if "when" in data else None
        remedies = tuple(
            self._remedy(remedy, ("remediation", index)) for index, remedy in enumerate(data["remediation"])
        )
        messages = {key: self._template(text, ("messages", key)) for key, text in data["messages"].items()}
        parameters = dict(self._parameters(data.get("parameters", {})))
        if require is None:
            raise _WrongError
        return Policy(
            id=data["id"],
            name=data["name"],
            title=data["title"],
            severity=Severity(data["severity"]),
            status=Status(data["status"]),
            since=data["since"],
            resources=(resource,) if isinstance(resource, str) else tuple(resource),
            why=data["why"],
            when=when,
            require=require,
            messages=messages,
            remediation=remedies,
            references=tuple(Reference(**reference) for reference in data["references"]),
            parameters=parameters,
            exceptions=data.get("exceptions"),
            spot=self._spot(()),
            lines=self.document.lines,
            role=data.get("role"),
            plan=self._settlement(data["plan"]) if "plan" in data else None,
            deploy=tuple(_deployment(each) for each in data.get("deploy", ())),
            mirrors=_mirror(data.get("mirrors", {})),
            controls={name: tuple(ids) for name, ids in data.get("controls", {}).items()},
        )

    def _term(self, name: str, data: Mapping[str, Any]) -> Term | None:
        condition = self._attempt(lambda: self.condition(data["condition"], (name, "condition")))
        if condition is None:
            return None
        spot = self._spot((name,))
        return Term(name, data["means"], data["resource"].lower(), condition, spot, data.get("role"))

    def condition(self, data: Mapping[str, Any], place: DocumentPath, *, ways: bool = False) -> Condition:
        """A condition with its `way` and `of` around it; `ways` says whether a way may stand here.

        A way names a branch of what a policy requires, for evidence and remedies: below a relation, a `not`
        or a count there may be many of it, or none.
        """
        if "way" in data and not ways:
            raise self._wrong((*place, "way"), "a way stands in `require`, below nothing but allOf and anyOf")
        core = self._core(data, place, ways=ways and "way" not in data and "of" not in data)
        if "of" in data:
            core = Of(self._spot((*place, "of")), data["of"], core)
        if "way" in data:
            core = Way(self._spot((*place, "way")), data["way"], core)
        return core

    def _core(self, data: Mapping[str, Any], place: DocumentPath, *, ways: bool) -> Condition:
        spot = self._spot(place)
        match [key for key in _CORES if key in data]:
            case [kind]:
                self._compare_only(data, place, kind)
            case []:
                hint = "; `of: X` alone asks nothing: add what must hold of it" if "of" in data else ""
                raise self._wrong(place, f"expected one of {', '.join(_CORES)}{hint}")
            case [first, second, *_]:
                raise self._wrong(
                    place, f"{first!r} and {second!r} cannot stand together; wrap them in allOf"
                )
        match kind:
            case "allOf" | "anyOf":
                parts = [
                    self._attempt(self._at(part, (*place, kind, index), ways=ways))
                    for index, part in enumerate(data[kind])
                ]
                known = tuple(part for part in parts if part is not None)
                if len(known) < len(parts):
                    raise _WrongError
                return AllOf(spot, known) if kind == "allOf" else AnyOf(spot, known)
            case "not":
                return Not(spot, self.condition(data["not"], (*place, "not")))
            case "is":
                return Is(self._spot((*place, "is")), data["is"])
            case "field":
                return self._comparison(data, place)
            case _:
                return self._count(data, place)

    def _compare_only(self, data: Mapping[str, Any], place: DocumentPath, kind: str) -> None:
        """An operator belongs to a field or a count, and each has exactly one."""
        operators = [key for key in data if key in OPERANDS]
        if kind not in {"field", "count"}:
            for operator in operators:
                self._wrong(
                    (*place, operator), f"{operator!r} needs a field or a count beside it, not {kind!r}"
                )
        elif not operators:
            raise self._wrong(place, f"{kind!r} needs an operator beside it, such as equals or exists")
        elif len(operators) > 1:
            raise self._wrong(
                place, f"{operators[0]!r} and {operators[1]!r} cannot stand together; wrap them in allOf"
            )
        if "exceptRegion" in data and "insideServiceTag" not in data:
            self._wrong((*place, "exceptRegion"), "'exceptRegion' goes with insideServiceTag")

    def _comparison(self, data: Mapping[str, Any], place: DocumentPath) -> Comparison:
        operator = next(key for key in data if key in OPERANDS)
        path = self._path(data["field"], (*place, "field"))
        if path.many and operator not in SET_OPERATORS:
            message = (
                f"[*] stands in a count, or before {', '.join(sorted(SET_OPERATORS))}; use count with where"
            )
            raise self._wrong((*place, "field"), message)
        operand = self._operand(data[operator], (*place, operator))
        if operator in {"like", "notLike"} and data[operator].count("*") > 1:
            raise self._wrong((*place, operator), "a pattern has at most one *")
        if (
            OPERANDS[operator] is OperandKind.NUMBER
            and isinstance(operand, Template)
            and not operand.placeholders
        ):
            raise self._wrong((*place, operator), "a prefix length is a whole number")
        region = data.get("exceptRegion")
        return Comparison(
            self._spot(place),
            path,
            operator,
            operand,
            None if region is None else self._template(region, (*place, "exceptRegion")),
        )

    def _count(self, data: Mapping[str, Any], place: DocumentPath) -> Count:
        operator = next(key for key in data if key in OPERANDS)
        inner, at = data["count"], (*place, "count")
        if operator not in COUNT_OPERATORS:
            raise self._wrong((*place, operator), f"a count compares by {', '.join(sorted(COUNT_OPERATORS))}")
        if ("field" in inner) == ("of" in inner):
            raise self._wrong(at, "a count has a field or an of, and one of them")
        path = self._path(inner["field"], (*at, "field")) if "field" in inner else None
        if path is not None and not path.text.endswith("[*]"):
            raise self._wrong(
                (*at, "field"), "a count goes over the members of an array; end the field in [*]"
            )
        where = self.condition(inner["where"], (*at, "where")) if "where" in inner else None
        operand = self._operand(data[operator], (*place, operator))
        if isinstance(data[operator], bool | float) or (
            isinstance(data[operator], str) and not operand.placeholders
        ):
            raise self._wrong((*place, operator), "a count compares with a whole number")
        return Count(self._spot(place), inner.get("of"), path, where, operator, operand)

    def _operand(self, value: Any, place: DocumentPath) -> Any:
        """The operand with its texts as templates."""
        match value:
            case str():
                return self._template(value, place)
            case list():
                return tuple(self._operand(item, (*place, index)) for index, item in enumerate(value))
            case dict():
                return self._traffic(value, place)
            case _:
                return value

    def _traffic(self, data: Mapping[str, Any], place: DocumentPath) -> Traffic:
        end = "to" if data["direction"] == "Outbound" else "from"
        if [each for each in ("to", "from") if each in data] != [end]:
            raise self._wrong(place, "outbound traffic has a `to`, inbound a `from`, and no other end")
        return Traffic(data["direction"], self._template(data[end], (*place, end)), data["port"])

    def _remedy(self, data: Mapping[str, Any], place: DocumentPath) -> Remedy:
        lines = [line.strip() for line in data.get("az", "").splitlines() if line.strip()]
        for line in lines:
            if not line.startswith("az "):
                self._wrong(
                    (*place, "az"), f"{line.split()[0]!r} is no Azure CLI command; a line starts with az"
                )
        commands = tuple(self._template(line, (*place, "az")) for line in lines)
        text = self._template(data["text"].strip(), (*place, "text"))
        resource = data.get("resource")
        of_type = None if resource is None else resource.lower()
        return Remedy(data.get("way"), text, commands, data.get("forEach"), of_type)

    def _settlement(self, data: Mapping[str, Any]) -> Settlement:
        kinds = [kind for kind in ("sets", "decision", "steps") if kind in data]
        if len(kinds) != 1:
            self._wrong(("plan",), "a plan has sets, a decision or steps, and one of them")
        if "note" in data and kinds != ["sets"]:
            self._wrong(("plan", "note"), "a note goes with sets")
        return Settlement(**data)

    def _parameters(self, data: Mapping[str, Any]) -> Iterator[tuple[str, Parameter]]:
        kinds: Mapping[str, type] = {"integer": int, "string": str, "boolean": bool}
        for name, parameter in data.items():
            if type(parameter["default"]) is not kinds[parameter["type"]]:
                self._wrong(("parameters", name, "default"), f"the default is no {parameter['type']}")
            yield name, Parameter(name, **parameter)

    def _path(self, text: str, place: DocumentPath) -> FieldPath:
        try:
            return parse_path(text)
        except ValueError as error:
            raise self._wrong(place, str(error)) from error

    def _template(self, text: str, place: DocumentPath) -> Template:
        try:
            return Template.parse(text)
        except ValueError as error:
            self._wrong(place, str(error))
            return Template(())

    def _at(self, data: Mapping[str, Any], place: DocumentPath, *, ways: bool) -> Callable[[], Condition]:
        return lambda: self.condition(data, place, ways=ways)

    def _attempt(self, build: Callable[[], Condition]) -> Condition | None:
        """What can be built, or None; so that one mistake does not hide the next."""
        try:
            return build()
        except _WrongError:
            return None

    def _spot(self, place: DocumentPath) -> Location:
        problem = self.document.problem(place, "")
        return Location(problem.file, problem.line, problem.field)

    def _wrong(self, place: DocumentPath, message: str) -> _WrongError:
        self.problems.append(self.document.problem(place, message))
        return _WrongError()


def _mirror(data: Mapping[str, Any]) -> Mirror | None:
    return Mirror(**data["azurePolicy"]) if "azurePolicy" in data else None


def _deployment(data: Mapping[str, Any]) -> Deployment:
    """A registry, which has no name in a policy, is there already."""
    return Deployment(**{"partial": "name" not in data, **data})
