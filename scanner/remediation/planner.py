"""From findings to steps: each proposal is applied to the inventory and judged before it is taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scanner.engine.compile.questions import Questions
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Inventory
from scanner.model.resource import Unseen
from scanner.network.rule_plan import ordered
from scanner.policy.model import Policy, Term
from scanner.remediation.proposals import proposals, rank
from scanner.remediation.registry_view import NotPossible, PlanPreferences, ProposedSteps, RegistryView
from scanner.remediation.simulation import simulate
from scanner.result.finding import Finding, Verdict
from scanner.result.plan import AddRule, Resolved, Step

FailKey = tuple[str, str]
"""A policy's id and a lower-cased resource id."""
Verdicts = Mapping[FailKey, Finding]
DEPTH = 3
"""How far the consequences of a step are followed."""


@dataclass(frozen=True, slots=True)
class PlanState:
    """An inventory after some steps, and what is judged of it."""

    inventory: Inventory
    verdicts: Verdicts
    steps: tuple[Step, ...] = ()
    settled: tuple[Resolved, ...] = ()
    accepted: tuple[FailKey, ...] = ()
    opened: int = 0
    first: Sequence[str] = ()
    """The IP rules before all steps."""

    @property
    def fails(self) -> frozenset[FailKey]:
        """The findings that fail."""
        return frozenset(key for key, each in self.verdicts.items() if each.verdict is Verdict.FAIL)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans for one registry. `judge` gives the findings on it and on all that its settings touch."""

    registry: str
    tags: TagTable
    terms: Mapping[str, Term]
    policies: Mapping[str, Policy]
    """By id: all that a step might make fail."""
    wishes: PlanPreferences
    judge: Callable[[Inventory], Verdicts]
    reasons: dict[FailKey, list[str]] = field(default_factory=dict)
    """Why a finding stays: what was said of each option."""

    def settle(self, inventory: Inventory, wanted: Sequence[FailKey]) -> PlanState:
        """The steps that settle what can be settled of the wanted findings, and make no other fail."""
        state = PlanState(inventory, self.judge(inventory), first=self._rules(inventory))
        for key in sorted(wanted, key=self._rank):
            if key not in state.fails:
                continue
            done, reasons = self._resolve(state, key, 0)
            if done is None:
                self.reasons[key] = reasons
            else:
                state = done
        return state

    def _resolve(self, state: PlanState, key: FailKey, depth: int) -> tuple[PlanState | None, list[str]]:
        """The state in which a finding is settled, and no other came; or why no option leads there."""
        sight = self._sight(state.inventory, worked=depth > 0)
        reasons = []
        options = list(proposals(self.policies[key[0]], sight, state.inventory.resources[key[1]]))
        for option in options:
            if isinstance(option, NotPossible):
                reasons.append(_named(option.way, option.reason))
                continue
            done, why = self._try(state, key, option, depth)
            if done is not None:
                others = tuple(
                    _alternative(each, reasons) for each in options if each is not option and each.way
                )
                return replace(done, settled=(*done.settled, Resolved(*key, option.way, others))), []
            reasons.append(_named(option.way, why))
        return None, reasons

    def _try(
        self, state: PlanState, key: FailKey, option: ProposedSteps, depth: int
    ) -> tuple[PlanState | None, str]:
        """The state after an option and all that it entails; None and why, where another would fail."""
        if not option.acts:
            return None, "nothing is left to do for it"
        after = self._after(state, key, option)
        if key in after.fails:
            return None, "it does not settle the finding"
        if ordered(after.first, self._rules(after.inventory), self.wishes.limit) is None:
            return None, f"no order of all changes keeps within {self.wishes.limit} IP rules"
        tolerated = self._tolerated(option, after, state)
        after = replace(after, accepted=(*after.accepted, *tolerated))
        for other in sorted(after.fails - state.fails - set(after.accepted), key=self._rank):
            if other not in after.fails:
                continue
            done = self._resolve(after, other, depth + 1)[0] if depth < DEPTH else None
            if done is None:
                return None, f"it would make {_said(after.verdicts[other])}"
            after = done
        return after, ""

    def _after(self, state: PlanState, key: FailKey, option: ProposedSteps) -> PlanState:
        inventory = simulate(state.inventory, self.registry, option.acts)
        steps = tuple(
            Step(act, (key[0],), option.notes if place == 0 else ()) for place, act in enumerate(option.acts)
        )
        return replace(
            state,
            inventory=inventory,
            verdicts=self.judge(inventory),
            steps=(*state.steps, *steps),
            opened=state.opened + option.opened,
        )

    def _rules(self, inventory: Inventory) -> Sequence[str]:
        """The IP rules as far as they were seen; proposals that change them ask whether they were."""
        rules = self._sight(inventory).rules
        return () if isinstance(rules, Unseen) else rules

    def _sight(self, inventory: Inventory, *, worked: bool = False) -> RegistryView:
        world = InventoryWorld(inventory, self.tags)
        registry = inventory.resources[self.registry]
        return RegistryView(world, Questions(world, self.terms), registry, self.wishes, worked)

    def _tolerated(self, option: ProposedSteps, after: PlanState, before: PlanState) -> tuple[FailKey, ...]:
        """Who asks for IP rules accepts that tasks share them."""
        if option.way != "ip-rules" or self.wishes.prefer != "ip-rules":
            return ()
        new = sorted(after.fails - before.fails)
        return tuple(key for key in new if self.policies[key[0]].role == "task-path-own")

    def _rank(self, key: FailKey) -> tuple[int, str, str]:
        """The order in which findings are looked at."""
        return rank(self.policies[key[0]]), *key


def _named(way: str | None, reason: str) -> str:
    return reason if way is None else f"{way}: {reason}"


def _alternative(other: ProposedSteps | NotPossible, reasons: Sequence[str]) -> str:
    """What is said of a way that was not taken."""
    if isinstance(other, NotPossible):
        return _named(other.way, other.reason)
    tried = next((reason for reason in reasons if reason.startswith(f"{other.way}: ")), None)
    if tried is not None:
        return tried
    adds = sum(isinstance(act, AddRule) for act in other.acts)
    price = f" that adds {adds} IP rules" if adds > 1 else " that adds an IP rule" if adds else ""
    return f"{other.way}: --prefer {other.way} makes a plan{price}"


def _said(finding: Finding) -> str:
    policy = finding.policy.id
    return f"{policy} fail on {finding.resource.name} (--exclude {policy} accepts that)"
