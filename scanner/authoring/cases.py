"""Policies' own tests: each case starts from a world, names what it changes, and says what must come out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.authoring.case_world import CaseWorld, world_of
from scanner.engine.judge import Judge
from scanner.errors import PolicyError, Problem, did_you_mean
from scanner.policy.load import CASES_SUFFIX, Pack, read_yaml
from scanner.policy.model import Policy
from scanner.result.finding import Finding, Verdict
from scanner.result.gate import Gate
from scanner.text.validation import validate
from scanner.text.yaml import Document

CASES_SCHEMA = "cases.schema.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a policy: its world with the changes laid over it."""

    policy: Policy
    name: str
    file: str
    line: int
    expect: Verdict
    because: str | None
    parameters: Mapping[str, Any]
    world: CaseWorld


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What came of a case; `complaint` is None where it came out as it should."""

    case: Case
    finding: Finding
    complaint: str | None

    @property
    def said(self) -> Sequence[str]:
        """The evidence, a sentence a leaf."""
        return sentences(self.finding)


def cases_file(policy: Policy) -> Path:
    """The sibling file of a policy's cases."""
    return Path(policy.spot.file).with_suffix("").with_suffix(CASES_SUFFIX)


def read_cases(policies: Sequence[Policy]) -> list[Case]:
    """The cases of policies from their sibling files; PolicyError lists all that is wrong."""
    problems: list[Problem] = []
    cases: list[Case] = []
    for policy in policies:
        path = cases_file(policy)
        if not path.is_file():
            problems.append(Problem(policy.spot.file, 1, "", f"has no cases; write them in {path.name}"))
            continue
        document = read_yaml(path, problems)
        if document is not None:
            cases += _cases(policy, document, problems)
    if problems:
        raise PolicyError(problems)
    return cases


def run_case(case: Case, pack: Pack) -> CaseOutcome:
    """What a policy says in a case, and whether it is what the case expects."""
    judge = Judge(case.world, pack.terms, Gate(), {case.policy.id: case.parameters})
    finding = judge.finding(case.policy, case.world.resource)
    return CaseOutcome(case, finding, _complaint(case, finding))


def sentences(finding: Finding) -> list[str]:
    """A finding's evidence as a reader sees it: `contoso: properties.x is 'y'`."""
    return [f"{leaf.resource.rsplit('/', 1)[-1]}: {leaf.fact.sentence}" for leaf in finding.evidence]


def _complaint(case: Case, finding: Finding) -> str | None:
    said = "; ".join(sentences(finding)) or "no evidence"
    if finding.verdict is not case.expect:
        return f"expected {case.expect.value}, found {finding.verdict.value}: {said}"
    if case.because is not None and not any(case.because in sentence for sentence in sentences(finding)):
        return f"{case.expect.value}, but not because {case.because!r}: {said}"
    return None


def _cases(policy: Policy, document: Document, problems: list[Problem]) -> Iterator[Case]:
    if wrong := validate(document, CASES_SCHEMA, "scanner.policy"):
        problems += wrong
        return
    data = document.data
    if data["policy"] != policy.id:
        problems.append(
            document.problem(("policy",), f"this file's policy is {policy.id}, not {data['policy']}")
        )
        return
    names: set[str] = set()
    for index, case in enumerate(data["cases"]):
        place = ("cases", index)
        if case["name"] in names:
            problems.append(document.problem((*place, "name"), f"there is a case {case['name']!r} above"))
        names.add(case["name"])
        unknown = case.get("parameters", {}).keys() - policy.parameters.keys()
        for name in sorted(unknown):
            hint = did_you_mean(name, policy.parameters)
            problems.append(
                document.problem((*place, "parameters"), f"{policy.id} has no parameter {name!r}{hint}")
            )
        world = world_of(policy, data.get("world", {}), case, document, place, problems)
        if world is not None:
            yield Case(
                policy,
                case["name"],
                document.file,
                document.line(place),
                Verdict(case["expect"]),
                case.get("because"),
                case.get("parameters", {}),
                world,
            )
