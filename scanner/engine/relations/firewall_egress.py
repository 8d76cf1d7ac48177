"""What an Azure Firewall lets out of a network: by its network rules first, then by its application rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.engine.fields.tag_table import TagTable
from scanner.engine.traffic.address_match import MAYBE, NONE, WHOLE, Match, covers_near, space_of
from scanner.engine.traffic.host_names import covered, share_names
from scanner.engine.traffic.nsg import Decision, Flow, match, walk
from scanner.engine.traffic.rule_values import Rule, rule_of
from scanner.model.resource import Related
from scanner.model.truth import Truth

NO_RULE = Rule("", "Deny", None)
"""What a firewall does with all that no rule of it allows."""

_ELSEWHERE = frozenset({"windowsupdate", "windowsdiagnostics", "microsoftactiveprotectionservice"})
"""FQDN tags that hold no name of the services that are asked for here."""


@dataclass(frozen=True, slots=True)
class Service:
    """The far end of a flow by names: all that it has, or some of them."""

    names: Sequence[str]
    are_all: bool

    def shares(self, patterns: Sequence[str]) -> bool:
        """Whether some name of it may be among these; any may, where none of its names is known."""
        return any(share_names(each, name) for each in patterns for name in self.names or ["*"])


def decide_egress(rules: Related, flow: Flow, service: Service, table: TagTable) -> Decision:
    """Whether a firewall lets all of a flow out, by the rules that the relation `rules` leads to.

    What rules may exist and are not here, or of which the order is not known, may decide otherwise.
    """
    doubt = rules.unseen or next(iter(rules.uncertain), None)
    if doubt is not None:
        return Decision(Truth.UNKNOWN, doubt.reason)
    known = [rule_of(target) for target in rules.targets]
    if any(rule.priority is None for rule in known):
        return Decision(Truth.UNKNOWN, "the order of its rules is not known")
    decision = _by_network_rules([rule for rule in known if rule.kind == "network"], flow, service, table)
    if decision.truth is Truth.UNKNOWN:
        text = f"{decision.rule} cannot be compared with it"
        return Decision(decision.truth, text, decision.name, decision.effect)
    if decision.truth is Truth.TRUE or decision.name != NO_RULE.name:
        return decision
    return _by_application_rules([rule for rule in known if rule.kind == "application"], flow, service)


def _by_network_rules(rules: Sequence[Rule], flow: Flow, service: Service, table: TagTable) -> Decision:
    """A decision of network rules; of `NO_RULE` where these let the rest pass on to the application rules."""
    weighed = [(rule, match(rule, flow, table, _by_name(rule, service))) for rule in rules]
    return walk([*weighed, (NO_RULE, WHOLE)], space_of([flow.peer], table))


def _by_name(rule: Rule, service: Service) -> list[Match]:
    """How the names of a network rule lie over a service."""
    if not rule.fqdns:
        return []
    if service.are_all and all(covered(rule.fqdns, name) for name in service.names):
        return [WHOLE]
    return [MAYBE if service.shares(rule.fqdns) else NONE]


def _by_application_rules(rules: Sequence[Rule], flow: Flow, service: Service) -> Decision:
    """A decision of application rules, which speak of names alone; `*` is all names that a service has."""
    left = {*service.names} if service.are_all else {*service.names, "*"}
    allowing: Rule | None = None
    denying: Rule | None = None
    for rule in rules:
        near = covers_near(rule.sources, flow.near)
        if near is Truth.FALSE or not _is_https(rule, flow.port):
            continue
        taken = {name for name in left if near is Truth.TRUE and covered(rule.fqdns, name)}
        if not service.shares(rule.fqdns) and not _is_vague(rule):
            continue
        if (rule.access or "").lower() == "allow":
            left -= taken
            if not left:
                return _named(Truth.TRUE, rule) if denying is None else _doubtful(denying)
            allowing = allowing or rule
        elif taken and allowing is None and denying is None:
            return _named(Truth.FALSE, rule)
        else:
            denying = denying or rule
    if allowing is not None:
        return _doubtful(allowing)
    return Decision(Truth.FALSE, "having no rule that allows it")


def _is_https(rule: Rule, port: int) -> bool:
    return "https" in map(str.lower, rule.protocols) and str(port) in rule.ports


def _is_vague(rule: Rule) -> bool:
    """Whether nobody knows which names a rule holds: those of an FQDN tag, of a category or of URLs."""
    tags = {each.lower() for each in rule.fqdn_tags}
    return not rule.fqdns and not (tags and tags <= _ELSEWHERE)


def _named(truth: Truth, rule: Rule) -> Decision:
    effect = f"{rule.access}, priority {rule.priority}"
    return Decision(truth, f"{rule.name} ({effect})", rule.name, effect)


def _doubtful(rule: Rule) -> Decision:
    decision = _named(Truth.UNKNOWN, rule)
    text = f"{decision.rule} may be for some of its names"
    return Decision(decision.truth, text, decision.name, decision.effect)
