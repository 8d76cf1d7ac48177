"""The shipped policies hold what their cases say, and the runner and the lint can tell when one does not."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from shipped_pack import cases_of, pack

from scanner.app.scan.policy_selection import pack_at
from scanner.authoring.cases import read_cases, run_case
from scanner.authoring.lint import lint
from scanner.errors import PolicyError
from scanner.policy.model import Policy
from scanner.result.finding import Verdict

POLICY = """\
id: ACR199
name: data-endpoint
title: Registries should have a data endpoint
severity: low
status: stable
since: "0.1"
resource: Microsoft.ContainerRegistry/registries
why: Without one, layers come from a name that every account in the region shares.
when: { field: sku.name, equals: Premium }
require: { field: properties.dataEndpointEnabled, equals: true }
messages:
  pass: Registry {name} has a data endpoint.
  fail: Registry {name} has no data endpoint.
  unknown: The data endpoint of registry {name} could not be seen.
remediation:
  - text: Switch it on.
references:
  - title: Dedicated data endpoints
    url: https://learn.microsoft.com/azure/container-registry/dedicated-data-endpoints
"""

CASES_OF_POLICY = """\
policy: ACR199
world:
  resource: { sku.name: Premium }
cases:
  - name: a data endpoint is one
    resource: { properties.dataEndpointEnabled: true }
    expect: pass
  - name: without a data endpoint there is none
    expect: fail
    because: properties.dataEndpointEnabled is False (Azure's default)
  - name: an old api-version does not show it
    resource: { apiVersion: 2019-05-01 }
    expect: unknown
  - name: a Basic registry cannot have one
    resource: { sku.name: Basic }
    expect: notApplicable
"""

WHEN = "when: { field: sku.name, equals: Premium }\n"
REQUIRE = "require: { field: properties.dataEndpointEnabled, equals: true }\n"


def write(
    folder: Path,
    policy: str = POLICY,
    cases: str | None = CASES_OF_POLICY,
    *,
    terms: str | None = None,
    path: str = "exposure/ACR199-data-endpoint.yaml",
) -> None:
    """A policy with its cases and terms in a folder."""
    file = folder / path
    file.parent.mkdir()
    file.write_text(policy)
    if cases is not None:
        file.with_suffix(".test.yaml").write_text(cases)
    if terms is not None:
        (folder / "_terms.yaml").write_text(terms)


def changed(text: str, changes: Mapping[str, str]) -> str:
    """A text with parts replaced, each of which stands in it once."""
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def found(folder: Path) -> list[str]:
    """What lint says of a folder: the file, the field and the sentence."""
    problems = lint(pack_at(folder))
    return [
        ": ".join(part for part in (Path(each.file).name, each.field, each.message) if part)
        for each in problems
    ]


def lint_of(folder: Path, changes: Mapping[str, str], *, terms: str | None = None) -> list[str]:
    """What lint says of the policy above after some changes, without the name of its file."""
    write(folder, changed(POLICY, changes), terms=terms)
    return [each.removeprefix("ACR199-data-endpoint.yaml: ") for each in found(folder)]


def complaint(folder: Path, changes: Mapping[str, str]) -> list[str | None]:
    """What the runner says of each case of the policy above after some changes to them."""
    write(folder, cases=changed(CASES_OF_POLICY, changes))
    own = pack_at(folder)
    return [run_case(case, own).complaint for case in read_cases(own.policies)]


@pytest.mark.parametrize("policy", pack().policies, ids=lambda policy: policy.id)
def test_every_case_holds(policy: Policy) -> None:
    complaints = {case.name: run_case(case, pack()).complaint for case in cases_of(policy)}

    assert {name: complaint for name, complaint in complaints.items() if complaint is not None} == {}
    assert complaints


def test_the_lint_finds_nothing_in_the_shipped_policies() -> None:
    assert [str(problem) for problem in lint(pack())] == []


def test_every_policy_has_a_case_of_each_verdict_that_it_can_reach() -> None:
    always = {Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN}
    reached = {policy.id: {case.expect for case in cases_of(policy)} for policy in pack().policies}

    assert reached == {
        policy.id: always if policy.when is None else {*always, Verdict.NOT_APPLICABLE}
        for policy in pack().policies
    }


def test_every_policy_is_explained_by_sentences_that_differ() -> None:
    names = [(policy.id, case.name) for policy in pack().policies for case in cases_of(policy)]

    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name in names if name[1].endswith(".") or name[1] != name[1].strip()] == []


def test_cases_that_hold_bring_no_complaint(tmp_path: Path) -> None:
    assert complaint(tmp_path, {}) == [None, None, None, None]


def test_a_case_that_expects_the_wrong_verdict_is_reported_with_the_evidence(tmp_path: Path) -> None:
    wrong = {"{ properties.dataEndpointEnabled: true }": "{ properties.dataEndpointEnabled: false }"}
    assert complaint(tmp_path, wrong)[0] == (
        "expected pass, found fail: contoso: properties.dataEndpointEnabled is False"
    )


def test_a_case_that_comes_out_right_for_another_reason_is_reported(tmp_path: Path) -> None:
    wrong = {"(Azure's default)": "since the row says so"}
    assert complaint(tmp_path, wrong)[1] == (
        "fail, but not because 'properties.dataEndpointEnabled is False since the row says so': "
        "contoso: properties.dataEndpointEnabled is False (Azure's default)"
    )


def test_an_object_that_a_case_names_takes_the_place_of_its_members_in_the_world(tmp_path: Path) -> None:
    assert complaint(tmp_path, {"{ sku.name: Basic }": "{ sku: { tier: Basic } }"})[3] is None


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("{ source: resourcegraph }", "cases[3]: source is arm or resourceGraph, not 'resourcegraph'"),
        ("{ apiVersion: 2025 }", "cases[3]: apiVersion is a text, not 2025"),
        ("{ id: 1 }", "cases[3]: id is a text, not 1"),
    ],
)
def test_a_row_that_cannot_be_made_is_refused(tmp_path: Path, row: str, sentence: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        complaint(tmp_path, {"{ sku.name: Basic }": row})
    assert [f"{each.field}: {each.message}" for each in refusal.value.problems] == [sentence]


def test_lint_accepts_a_policy_that_owes_nothing(tmp_path: Path) -> None:
    assert lint_of(tmp_path, {}) == []


def test_lint_refuses_a_policy_without_cases(tmp_path: Path) -> None:
    write(tmp_path, cases=None)
    assert found(tmp_path) == [
        "ACR199-data-endpoint.yaml: has no cases; write them in ACR199-data-endpoint.test.yaml"
    ]


@pytest.mark.parametrize("verdict", ["pass", "fail", "unknown", "notApplicable"])
def test_lint_refuses_cases_that_leave_a_verdict_out(tmp_path: Path, verdict: str) -> None:
    other = "fail" if verdict != "fail" else "pass"
    write(tmp_path, cases=changed(CASES_OF_POLICY, {f"expect: {verdict}\n": f"expect: {other}\n"}))
    assert found(tmp_path) == [
        (
            "ACR199-data-endpoint.yaml: "
            f"ACR199-data-endpoint.test.yaml has no case that expects {verdict}; add one"
        )
    ]


def test_lint_asks_for_no_case_of_notapplicable_where_a_policy_applies_always(tmp_path: Path) -> None:
    cases = changed(CASES_OF_POLICY, {"expect: notApplicable": "expect: fail"})
    write(tmp_path, changed(POLICY, {WHEN: ""}), cases)
    assert found(tmp_path) == []


def test_lint_refuses_a_file_that_is_not_called_like_its_policy(tmp_path: Path) -> None:
    write(tmp_path, path="exposure/ACR199-endpoint.yaml")
    assert found(tmp_path) == ["ACR199-endpoint.yaml: the file is called ACR199-data-endpoint.yaml"]


def test_lint_refuses_an_id_outside_of_its_topics_range(tmp_path: Path) -> None:
    write(tmp_path, path="hardening/ACR199-data-endpoint.yaml")
    assert found(tmp_path) == ["ACR199-data-endpoint.yaml: id: the topic hardening owns ACR9xx"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"has no data endpoint.": "has no data endpoint"},
            "messages.fail: is no sentence; end it with a period",
        ),
        (
            {"microsoft.com/azure": "microsoft.com/en-us/azure"},
            (
                "references: https://learn.microsoft.com/en-us/azure/container-registry/dedicated-data-endpoints"
                ": leave the language out of Learn links"
            ),
        ),
        (
            {"should have a data endpoint\n": "should have a data endpoint.\n"},
            "title: is a title; it ends without a period",
        ),
    ],
    ids=["a message without a period", "a Learn link with a language", "a title with a period"],
)
def test_lint_refuses_texts_that_break_the_house_rules(
    tmp_path: Path, changes: Mapping[str, str], sentence: str
) -> None:
    assert lint_of(tmp_path, changes) == [sentence]


@pytest.mark.parametrize(
    "require",
    [
        "{ field: sku.name, equals: Basic }",
        "{ field: sku.name, notEquals: premium }",
        "{ field: sku.name, in: [Basic, Standard] }",
        "{ not: { field: sku.name, equals: Premium } }",
        "{ allOf: [{ field: sku.tier, equals: Basic }, { field: sku.name, equals: Basic }] }",
        "{ anyOf: [{ field: sku.name, equals: Basic }, { field: sku.name, equals: Standard }] }",
    ],
)
def test_lint_refuses_a_require_that_contradicts_its_when(tmp_path: Path, require: str) -> None:
    assert lint_of(tmp_path, {REQUIRE: f"require: {require}\n"}) == [
        "require: cannot hold where `when` does, so the policy can never pass"
    ]


def test_lint_refuses_a_require_that_contradicts_the_term_in_its_when(tmp_path: Path) -> None:
    changes = {
        WHEN: "when: { is: selected-networks }\n",
        REQUIRE: "require: { field: properties.publicNetworkAccess, equals: disabled }\n",
    }
    assert lint_of(tmp_path, changes) == [
        "require: cannot hold where `when` does, so the policy can never pass"
    ]


def test_lint_accepts_a_require_of_which_one_branch_can_hold(tmp_path: Path) -> None:
    require = (
        "{ anyOf: [{ field: sku.name, equals: Basic }, "
        "{ field: properties.dataEndpointEnabled, equals: true }] }"
    )
    assert lint_of(tmp_path, {REQUIRE: f"require: {require}\n"}) == []


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            "{ field: properties.dataEndpointEnable, equals: true }",
            (
                "require: Microsoft.ContainerRegistry/registries has no 'properties.dataEndpointEnable' in "
                "scanner/catalog/fields.yaml; did you mean 'properties.dataEndpointEnabled'?; a new field is "
                "added there, with its default and where Azure documents it"
            ),
        ),
        (
            "{ of: webhook, field: properties.status, equals: enabled }",
            (
                "require.of: Microsoft.ContainerRegistry/registries has no relation 'webhook'; did you mean "
                "'webhooks'?; it has agentPools, cacheRules, containerGroupsByIdentity, "
                "containerGroupsUnableToPull, defenderRegistryScanning, diagnosticSettings, "
                "endpointsWithoutRecords, endpointsWithoutZone, machineLearningWorkspaces, privateEndpoints, "
                "replications, tasks, webhooks, workspacesUnableToPull"
            ),
        ),
        (
            "{ count: { of: webhooks, where: { field: properties.state, equals: enabled } }, equals: 0 }",
            (
                "require.count.where: Microsoft.ContainerRegistry/registries/webhooks has no "
                "'properties.state' in scanner/catalog/fields.yaml; did you mean 'properties.status'?; "
                "a new field is added there, with its default and where Azure documents it"
            ),
        ),
        (
            "{ is: network-restrict }",
            "require.is: there is no term 'network-restrict'; did you mean 'network-restricted'?",
        ),
        (
            "{ field: properties.loginServer, equals: '{param.sever}' }",
            "require: there is no parameter 'sever'; did you mean 'server'?",
        ),
        (
            "{ field: properties.loginServer, equals: '{properties.loginSever}' }",
            (
                "require: {properties.loginSever}: Microsoft.ContainerRegistry/registries has no "
                "'properties.loginSever' in the catalogue; did you mean 'properties.loginServer'?"
            ),
        ),
        (
            "{ field: properties.publicNetworkAccess, equals: Disable }",
            (
                "require: properties.publicNetworkAccess is one of Enabled, Disabled, never 'Disable'; "
                "did you mean 'Disabled'?"
            ),
        ),
        (
            "{ field: properties.publicNetworkAccess, notIn: [Enabled, SecuredByPerimeter] }",
            "require: properties.publicNetworkAccess is one of Enabled, Disabled, never 'SecuredByPerimeter'",
        ),
        (
            "{ field: properties.dataEndpointEnabled, equals: 'true' }",
            "require: properties.dataEndpointEnabled is of type boolean, so it is never 'true'",
        ),
        (
            "{ field: properties.loginServer, equals: true }",
            "require: properties.loginServer is of type string, so it is never True",
        ),
        (
            "{ is: reaches-the-registry-privately }",
            (
                "require.is: the term 'reaches-the-registry-privately' speaks of "
                "Microsoft.ContainerRegistry/registries/agentPools, and here of "
                "Microsoft.ContainerRegistry/registries"
            ),
        ),
        (
            "{ of: tasks, is: network-restricted }",
            (
                "require.is: the term 'network-restricted' speaks of Microsoft.ContainerRegistry/registries, "
                "and here of Microsoft.ContainerRegistry/registries/tasks"
            ),
        ),
    ],
    ids=[
        *("unknown field", "unknown relation", "unknown field of a relation", "unknown term"),
        *("unknown parameter", "unknown placeholder", "undocumented value", "undocumented value of a list"),
        *("text for a boolean", "boolean for a text", "term of another type", "term of another relation"),
    ],
)
def test_lint_refuses_names_and_values_that_mean_nothing(
    tmp_path: Path, condition: str, sentence: str
) -> None:
    parameters = "parameters: { server: { type: string, default: x, means: A login server. } }\n"
    assert lint_of(tmp_path, {REQUIRE: f"{parameters}require: {condition}\n"}) == [sentence]


def test_lint_refuses_a_type_that_the_catalogue_lacks(tmp_path: Path) -> None:
    assert lint_of(tmp_path, {"ContainerRegistry/registries": "ContainerRegistry/registry"}) == [
        (
            "resource: 'Microsoft.ContainerRegistry/registry' is no type of the catalogue; "
            "did you mean 'Microsoft.ContainerRegistry/registries'?"
        )
    ]


def test_lint_refuses_a_message_with_a_placeholder_that_means_nothing(tmp_path: Path) -> None:
    assert lint_of(tmp_path, {"{name} has a data": "{sku.nam} has a data"}) == [
        (
            "messages.pass: {sku.nam}: Microsoft.ContainerRegistry/registries has no 'sku.nam' in the "
            "catalogue; did you mean 'sku.name'?"
        )
    ]


WAYS = """\
require:
  anyOf:
    - { way: data-endpoint, field: properties.dataEndpointEnabled, equals: true }
    - { way: closed, is: network-restricted }
"""


def test_lint_accepts_a_remedy_for_each_way(tmp_path: Path) -> None:
    remedies = "  - { way: data-endpoint, text: Switch it on. }\n  - { way: closed, text: Close it. }\n"
    assert lint_of(tmp_path, {REQUIRE: WAYS, "  - text: Switch it on.\n": remedies}) == []


def test_lint_refuses_a_way_without_a_remedy(tmp_path: Path) -> None:
    remedies = "  - { way: data-endpoint, text: Switch it on. }\n"
    assert lint_of(tmp_path, {REQUIRE: WAYS, "  - text: Switch it on.\n": remedies}) == [
        "remediation: the way 'closed' has no remedy; say how to open it"
    ]


def test_lint_refuses_a_remedy_of_no_way(tmp_path: Path) -> None:
    remedies = "  - text: Switch it on.\n  - { way: close, text: Close it. }\n"
    assert lint_of(tmp_path, {REQUIRE: WAYS, "  - text: Switch it on.\n": remedies}) == [
        "remediation: there is no way 'close'; did you mean 'closed'?"
    ]


def test_lint_accepts_a_remedy_for_the_policys_type(tmp_path: Path) -> None:
    remedies = "  - { resource: Microsoft.ContainerRegistry/Registries, text: Switch it on. }\n"
    assert lint_of(tmp_path, {"  - text: Switch it on.\n": remedies}) == []


def test_lint_refuses_a_remedy_for_a_type_that_is_not_judged_and_a_type_without_one(tmp_path: Path) -> None:
    remedies = "  - { resource: Microsoft.ContainerRegistry/registry, text: Switch it on. }\n"
    assert lint_of(tmp_path, {"  - text: Switch it on.\n": remedies}) == [
        "remediation: Microsoft.ContainerRegistry/registries has no remedy",
        (
            "remediation: the policy judges no 'microsoft.containerregistry/registry'; "
            "did you mean 'microsoft.containerregistry/registries'?"
        ),
    ]


def test_lint_refuses_a_way_that_is_named_twice(tmp_path: Path) -> None:
    ways = changed(WAYS, {"way: closed": "way: data-endpoint"})
    assert lint_of(tmp_path, {REQUIRE: ways}) == ["require: the way 'data-endpoint' is named twice"]


def term(condition: str, name: str = "well-made", kind: str = "registries") -> str:
    resource = f"Microsoft.ContainerRegistry/{kind}"
    return f"{name}:\n  means: It is.\n  resource: {resource}\n  condition: {condition}\n"


def test_lint_accepts_a_term_of_the_folders_own(tmp_path: Path) -> None:
    terms = term("{ field: properties.dataEndpointEnabled, equals: true }")
    assert lint_of(tmp_path, {REQUIRE: "require: { is: well-made }\n"}, terms=terms) == []


def test_lint_refuses_a_term_that_stands_on_itself(tmp_path: Path) -> None:
    write(tmp_path, terms=term("{ not: { is: well-made } }"))
    assert found(tmp_path) == ["_terms.yaml: well-made: the term 'well-made' stands on itself"]


def test_lint_refuses_terms_that_stand_on_each_other(tmp_path: Path) -> None:
    write(tmp_path, terms=term("{ is: well-kept }") + term("{ is: well-made }", "well-kept"))
    assert found(tmp_path) == [
        "_terms.yaml: well-made: the term 'well-made' stands on itself",
        "_terms.yaml: well-kept: the term 'well-kept' stands on itself",
    ]


def test_lint_refuses_a_term_that_names_what_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, terms=term("{ field: properties.tier, equals: S1 }", kind="agentPool"))
    assert found(tmp_path) == [
        (
            "_terms.yaml: well-made: resource: 'microsoft.containerregistry/agentpool' is no type of the "
            "catalogue; did you mean 'Microsoft.ContainerRegistry/registries/agentPools'?"
        )
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("{ properties.dataEndpointEnabled: true }", []),
        (
            "{ properties.dataEndpointsEnabled: true }",
            [
                (
                    "plan.sets: Microsoft.ContainerRegistry/registries has no "
                    "'properties.dataEndpointsEnabled' "
                    "in scanner/catalog/fields.yaml; did you mean 'properties.dataEndpointEnabled'?"
                )
            ],
        ),
        (
            "{ properties.dataEndpointEnabled: 'yes' }",
            [
                "plan.sets: properties.dataEndpointEnabled is of type boolean, so it is never 'yes'",
            ],
        ),
        (
            "{ properties.publicNetworkAccess: Off }",
            ["plan.sets: properties.publicNetworkAccess is one of Enabled, Disabled, never 'Off'"],
        ),
    ],
)
def test_lint_refuses_a_plan_that_sets_what_a_registry_does_not_have(
    settings: str, said: list[str], tmp_path: Path
) -> None:
    changes = {"\nreferences:": f"\nplan: {{ sets: {settings} }}\n\nreferences:"}

    assert lint_of(tmp_path, changes) == said


def test_lint_refuses_a_template_for_a_way_that_there_is_not(tmp_path: Path) -> None:
    deploy = """
deploy:
  - { way: nowhere, type: Microsoft.ContainerRegistry/registries@2025-11-01, body: { a: 1 } }

references:"""

    assert lint_of(tmp_path, {"\nreferences:": deploy}) == ["deploy: there is no way 'nowhere'"]


def test_a_shipped_policy_owes_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.authoring.lint.builtin_folder", lambda: tmp_path)

    assert lint_of(tmp_path, {}) == ["a shipped policy says how a plan settles its fails; add `plan`"]
