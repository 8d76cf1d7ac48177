"""The policy lint: what a policy owes its readers, beyond being well formed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scanner.authoring.cases import Case, cases_file, read_cases
from scanner.authoring.contradictions import cannot_hold
from scanner.catalog.fields import resource_types
from scanner.engine.language.name_checks import check_policy, check_term
from scanner.errors import PolicyError, Problem, did_you_mean
from scanner.policy.load import Pack, builtin_folder
from scanner.policy.model import Policy
from scanner.result.finding import Verdict

RANGES: Mapping[str, str] = {
    "exposure": "1",
    "tasks": "2",
    "trusted-services": "3",
    "webhooks": "4",
    "clients": "5",
    "dns": "6",
    "monitoring": "7",
    "hardening": "9",
}
"""Each topic owns a range of ids: ACR2xx is tasks."""

RETIRED: frozenset[str] = frozenset()
"""Ids that were released and are gone: never reused."""

_SENTENCE = re.compile(r"[.!?]$")
_CULTURE = re.compile(r"learn\.microsoft\.com/[a-z]{2}-[a-z]{2}/")


def lint(pack: Pack) -> list[Problem]:
    """All that is wrong with the policies of a pack, in the order of files and lines."""
    problems = [problem for term in pack.terms.values() for problem in check_term(term, pack.terms)]
    for policy in pack.policies:
        problems += check_policy(policy, pack.terms)
        problems += _house_rules(policy)
        problems += _remedies_by_type(policy)
        if problem := cannot_hold(policy, pack.terms):
            problems.append(problem)
        if all(name in resource_types() for name in policy.types):
            problems += _case_rules(policy)
    return sorted(set(problems))


def _house_rules(policy: Policy) -> Iterator[Problem]:
    file = Path(policy.spot.file)
    if file.stem != f"{policy.id}-{policy.name}":
        yield _problem(policy, "", f"the file is called {policy.id}-{policy.name}.yaml")
    if policy.id.startswith("ACR") and policy.topic in RANGES and policy.id[3] != RANGES[policy.topic]:
        yield _problem(policy, "id", f"the topic {policy.topic} owns ACR{RANGES[policy.topic]}xx")
    if policy.id in RETIRED:
        yield _problem(policy, "id", "the id is retired; take the next free one")
    for key, message in policy.messages.items():
        text = "".join(part if isinstance(part, str) else "x" for part in message.parts).strip()
        if not _SENTENCE.search(text):
            yield _problem(policy, f"messages.{key}", "is no sentence; end it with a period")
    for reference in policy.references:
        if _CULTURE.search(reference.url):
            yield _problem(policy, "references", f"{reference.url}: leave the language out of Learn links")
    if policy.title.endswith("."):
        yield _problem(policy, "title", "is a title; it ends without a period")
    if policy.plan is None and file.resolve().is_relative_to(builtin_folder()):
        yield _problem(policy, "", "a shipped policy says how a plan settles its fails; add `plan`")


def _remedies_by_type(policy: Policy) -> Iterator[Problem]:
    """Every type that a policy judges has a remedy, and each remedy is for one of them."""
    kinds = {remedy.resource for remedy in policy.remediation}
    for kind in sorted(kind for kind in kinds if kind is not None and kind not in policy.types):
        hint = did_you_mean(kind, policy.types)
        yield _problem(policy, "remediation", f"the policy judges no {kind!r}{hint}")
    for name in policy.resources:
        if None not in kinds and name.lower() not in kinds:
            yield _problem(policy, "remediation", f"{name} has no remedy")


def _case_rules(policy: Policy) -> Iterator[Problem]:
    """A case for each verdict that the policy can reach."""
    try:
        cases = read_cases([policy])
    except PolicyError as error:
        yield from error.problems
        return
    for verdict in _unproven(policy, cases):
        name = cases_file(policy).name
        yield _problem(policy, "", f"{name} has no case that expects {verdict.value}; add one")


def _unproven(policy: Policy, cases: Sequence[Case]) -> list[Verdict]:
    reachable = [Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN]
    if policy.when is not None:
        reachable.append(Verdict.NOT_APPLICABLE)
    expected = {case.expect for case in cases}
    return [verdict for verdict in reachable if verdict not in expected]


def _problem(policy: Policy, field: str, message: str) -> Problem:
    spot = policy.at(field)
    return Problem(spot.file, spot.line, field, message)
