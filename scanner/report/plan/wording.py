"""What every format of a plan says in its comments: what is settled, what is left and why, what may lack."""

from collections.abc import Iterator

from scanner.result.plan import Plan, RegistryPlan, Resolved, Step, Unresolved
from scanner.text.printable import printable

DELAY = "A change of the firewall takes a few minutes until it counts."


def heading(plan: Plan) -> Iterator[str]:
    """The lines above everything: what may be missing comes first."""
    if plan.doubts:
        yield "INCOMPLETE: not everything could be seen, so the plan may lack parts:"
        yield from (f"  {printable(doubt)}" for doubt in plan.doubts)
        yield ""
    count = f"{_number(plan.steps, 'step')} for {_number(len(plan.registries), 'registry', 'registries')}"
    yield f"A plan by acr-scan: {count}. It only says what to do; nothing has been run."
    if plan.remark is not None:
        yield printable(plan.remark)
    if not plan.steps:
        open_ = any(each.left for each in plan.registries) or bool(plan.elsewhere)
        yield "Nothing is to do." if not open_ else "There is no step to take; what is left takes a decision."


def besides(plan: Plan) -> Iterator[str]:
    """What is said of findings that are no registry's."""
    for settled in plan.settled:
        yield from _settled(settled)
    yield from left(plan.elsewhere)


def about(plan: RegistryPlan) -> Iterator[str]:
    """The lines above a registry's steps."""
    target = plan.target
    yield f"{printable(target.name)} ({printable(target.location or 'region unknown')})"
    yield printable(target.id)
    rules = plan.rules
    if rules is not None:
        opened = f", opening {rules.opened:,} addresses beyond the tag" if rules.opened else ""
        change = f"{rules.before} → {rules.after}" if plan.rules_after is not None else f"{rules.before}"
        yield f"IP rules: {change} of {rules.limit}{opened}"
    for settled in plan.settled:
        yield from _settled(settled)
    for accepted in plan.accepted:
        yield f"comes of the way that was asked for: {printable(accepted)}"
    yield from left(plan.left)


def left(findings: tuple[Unresolved, ...]) -> Iterator[str]:
    """A line for each finding that stays, and its policy's advice."""
    for each in findings:
        where = printable(each.resource.rsplit("/", 1)[-1])
        yield f"left: {each.policy} on {where} ({each.verdict}): {printable(each.reason)}"
        yield from (f"  advice: {printable(advice)}" for advice in each.advice)


def why(step: Step) -> Iterator[str]:
    """The lines above a step."""
    yield f"{', '.join(step.policies)}:" if step.notes else ", ".join(step.policies)
    yield from (f"  {printable(note)}" for note in step.notes)


def commented(lines: Iterator[str], mark: str) -> str:
    """Lines as comments."""
    return "".join(f"{mark} {line}".rstrip() + "\n" for line in lines)


def _settled(settled: Resolved) -> Iterator[str]:
    way = "" if settled.way is None else f", by {settled.way}"
    yield f"settles: {settled.policy} on {printable(settled.resource.rsplit('/', 1)[-1])}{way}"
    yield from (f"  other way: {printable(other)}" for other in settled.others)


def _number(count: int, one: str, more: str | None = None) -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"
