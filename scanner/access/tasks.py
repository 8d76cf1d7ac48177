"""Tasks and quick runs: by which of their ways they reach the registry."""

from collections.abc import Iterator

from scanner.access.registry_query import RegistryQuery, proofs, told
from scanner.engine.compile.questions import Judgment
from scanner.model.resource import Resource, Value
from scanner.model.truth import Truth, any_of
from scanner.result.access import Entry

_WORDS = {
    "agent-pool": "an agent pool in a subnet that reaches it",
    "bypass": "the bypass, by its system-assigned identity",
    "ip-rules": "IP rules that cover the tag of its region",
}
"""The ways of tasks and quick runs, as people call them."""
_OPEN = "the registry is open to the internet"
_DUAL_STACK = "a dual-stack registry (IPv4AndIPv6, in preview) runs no tasks, whatever way they seem to have"


def tasks(asking: RegistryQuery) -> Iterator[Entry]:
    """Each task of the registry, and whether there may be others."""
    related = asking.world.related(asking.registry, "tasks")
    for task in related.targets:
        yield _task(asking, task)
    if related.unseen is not None:
        others = "others" if related.targets else "whether there are any"
        yield Entry("task", "", Truth.UNKNOWN, f"{others} could not be seen ({related.unseen.reason})")


def quick_runs(asking: RegistryQuery) -> Entry:
    """What `az acr build` and `az acr run` start: ways as their policy names them."""
    required = asking.required("quick-run-ways")
    found = _by_ways(asking, required)
    notes = [
        "no quick run can use the bypass, and --agent-pool names the pool to run on",
        *_dual_stack(asking),
    ]
    return Entry("quick-run", "", found.reaches, found.by, (*found.evidence, *notes), found.ways)


def _task(asking: RegistryQuery, task: Resource) -> Entry:
    """A task: its ways where it is enabled; one that is not, or is Azure's own, is only named."""
    enabled = asking.term("task-enabled", task)
    found = _by_ways(asking, asking.required("task-path", task))
    name, resource = task.name, task.id
    if enabled.truth is Truth.FALSE:
        return Entry("task", name, None, _idle(enabled, found), (), (), resource)
    evidence = (*found.evidence, *_dual_stack(asking))
    if enabled.truth is Truth.UNKNOWN and found.reaches is Truth.FALSE:
        by = "no way works, but whether it is an enabled task of yours could not be seen"
        return Entry("task", name, Truth.UNKNOWN, by, (told(enabled.evidence), *evidence), (), resource)
    return Entry("task", name, found.reaches, found.by, evidence, found.ways, resource)


def _by_ways(asking: RegistryQuery, required: Judgment) -> Entry:
    """Who is let in as anybody is, or by a way of their own."""
    anybody = asking.open()
    if anybody.truth is Truth.TRUE:
        return Entry("", "", Truth.TRUE, _OPEN)
    ways = required.open_ways
    if ways:
        by = "; ".join(_WORDS.get(way, way) for way in ways)
        return Entry("", "", Truth.TRUE, by, tuple(proofs(required, ways)), ways)
    truth = any_of([anybody.truth, required.truth])
    by = "none of its ways works" if truth is Truth.FALSE else "not settled: what decides could not be seen"
    doubts = () if anybody.truth is Truth.FALSE else (anybody.by,)
    return Entry("", "", truth, by, (*doubts, *proofs(required)))


def _idle(enabled: Judgment, found: Entry) -> str:
    """Why a task is none that policies ask for a way."""
    fields = {each.fact.field for each in enabled.evidence}
    if "properties.isSystemTask" in fields:
        return "a system task, which Azure makes for quick runs: see there"
    match found.reaches:
        case Truth.TRUE:
            then = f"it would reach the registry: {found.by}"
        case Truth.FALSE:
            then = "it would not reach the registry"
        case _:
            then = "whether it would reach the registry is not settled"
    return f"disabled, so it does not run; enabled, {then}"


def _dual_stack(asking: RegistryQuery) -> tuple[str, ...]:
    match asking.world.field(asking.registry, "properties.endpointProtocol"):
        case Value(str(protocol)) if protocol.lower() == "ipv4andipv6":
            return (_DUAL_STACK,)
        case _:
            return ()
