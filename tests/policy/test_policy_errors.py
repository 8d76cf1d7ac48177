"""Each kind of mistake in a policy, and what its author reads: all problems at once, each where it stands."""

from pathlib import Path

import pytest

from scanner.errors import PolicyError, Problem, did_you_mean
from scanner.policy.load import Pack, builtin_folder, load, read_yaml
from scanner.policy.model import AnyOf, Count, Is, Not, Of, Way
from scanner.policy.templates import Placeholder, Template

VALID = """\
id: ACR999
name: task-has-pool
title: Tasks should have a pool
severity: high
status: stable
since: "0.1"
resource: Microsoft.ContainerRegistry/registries/tasks
why: |
  Without a pool there is no path.
parameters:
  least: { type: integer, default: 1, means: The least number. }
when: { field: properties.status, notEquals: Disabled }
require:
  anyOf:
    - way: pool
      of: agentPool
      allOf:
        - { field: properties.count, greaterOrEquals: "{param.least}" }
        - not: { field: properties.tier, like: "S*" }
    - way: many
      of: registry
      count:
        of: agentPools
        where: { field: properties.tier, in: [S1, S2] }
      greaterOrEquals: 2
messages:
  pass: Task {name} has a pool.
  fail: Task {name} has no pool.
  unknown: Whether task {name} has a pool could not be determined.
remediation:
  - way: pool
    text: Make a pool.
    az: |
      az acr agentpool create --registry {registry.name} --name {pool}
references:
  - title: Pools
    url: https://learn.microsoft.com/azure/container-registry/tasks-agent-pools
    date: "2024-04-30"
"""

WHEN = "when: { field: properties.status, notEquals: Disabled }"
RESOURCE = "resource: Microsoft.ContainerRegistry/registries/tasks"
TITLE = "title: Tasks should have a pool"
PASS = "  pass: Task {name} has a pool."

LONG_ID = "A" * 58

MISTAKES: list[tuple[str, str, list[str]]] = [
    (TITLE, "title: { a: b }", [":3: title: expected a string, found a mapping"]),
    (TITLE, "title: [a]", [":3: title: expected a string, found a list"]),
    ("id: ACR999", "id: É1", [':1: id: "\\u00c91" is not written like ^[A-Z]{2,8}[0-9]{3,5}$']),
    ("id: ACR999", f"id: {LONG_ID}", [f':1: id: "{LONG_ID}" is not written like ^[A-Z]{{2,8}}[0-9]{{3,5}}$']),
    (
        "id: ACR999",
        f"id: {LONG_ID}A",
        [f':1: id: "{LONG_ID[:56]}… is not written like ^[A-Z]{{2,8}}[0-9]{{3,5}}$'],
    ),
    ("severity: high\n", "", [":1: the key 'severity' is missing"]),
    (
        "severity: high",
        "severity: hihg",
        [
            (
                ':4: severity: expected one of info, low, medium, high, critical, found "hihg"; '
                "did you mean 'high'?"
            )
        ],
    ),
    (
        "severity: high",
        "severity: [high]",
        [
            (
                ":4: severity: expected one of info, low, medium, high, critical, found a list; "
                "did you mean 'high'?"
            )
        ],
    ),
    (
        "severity: high",
        "severty: high",
        [":1: the key 'severity' is missing", ":4: unknown key 'severty'; did you mean 'severity'?"],
    ),
    ("id: ACR999", "id: acr999", [':1: id: "acr999" is not written like ^[A-Z]{2,8}[0-9]{3,5}$']),
    ("id: ACR999", "id: 999", [":1: id: expected a string, found 999"]),
    (
        "name: task-has-pool",
        "name: Task has pool",
        [':2: name: "Task has pool" is not written like ^[a-z][a-z0-9]*(-[a-z0-9]+)*$'],
    ),
    ("name: task-has-pool", "name: a" + "b" * 40, [":2: name: is longer than 40 characters"]),
    (TITLE, 'title: ""', [":3: title: is empty"]),
    (TITLE, "title: " + "x" * 101, [":3: title: is longer than 100 characters"]),
    (TITLE, "title:", [":3: title: expected a string, found nothing"]),
    (
        "status: stable",
        "status: Stable",
        [
            (
                ':5: status: expected one of preview, stable, deprecated, found "Stable"; did you'
                " mean 'stable'?"
            )
        ],
    ),
    ('since: "0.1"', "since: 0.1", [":6: since: expected a string, found 0.1"]),
    (RESOURCE, "resource: 7", [":7: resource: expected the ARM type it judges, or a list of types, found 7"]),
    (
        RESOURCE,
        "resource: []",
        [":7: resource: expected the ARM type it judges, or a list of types, found a list"],
    ),
    (
        "require:\n",
        "requires:\n",
        [":1: the key 'require' is missing", ":13: unknown key 'requires'; did you mean 'require'?"],
    ),
    (WHEN, "when: properties.status", [':12: when: expected a mapping, found "properties.status"']),
    (WHEN, "when: {}", [":12: when: is empty"]),
    (WHEN, "if: {}", [":12: unknown key 'if'"]),
    (
        WHEN,
        "when: { field: properties.status, equal: Disabled }",
        [":12: when: unknown key 'equal'; did you mean 'equals'?"],
    ),
    (
        WHEN,
        "when: { field: properties.status, equals: Disabled, equal: 1 }",
        [":12: when: unknown key 'equal'; did you mean 'equals'?"],
    ),
    (
        WHEN,
        "when: { anyof: [{ field: properties.status, equals: Disabled }] }",
        [":12: when: unknown key 'anyof'; did you mean 'anyOf'?"],
    ),
    (WHEN, "when: { allOf: [] }", [":12: when.allOf: is empty"]),
    (
        WHEN,
        "when: { field: properties.status }",
        [":12: when: 'field' needs an operator beside it, such as equals or exists"],
    ),
    (WHEN, "when: { equals: Disabled }", [":12: when: expected one of allOf, anyOf, not, is, field, count"]),
    (
        WHEN,
        "when: { of: registry }",
        [
            (
                ":12: when: expected one of allOf, anyOf, not, is, field, count; `of: X` alone "
                "asks nothing: add what must hold of it"
            )
        ],
    ),
    (
        WHEN,
        "when: { field: properties.status, equals: a, notEquals: b }",
        [":12: when: 'equals' and 'notEquals' cannot stand together; wrap them in allOf"],
    ),
    (
        WHEN,
        'when: { field: properties.status, exists: "false" }',
        [':12: when.exists: expected true or false, found "false"'],
    ),
    (
        WHEN,
        "when: { field: properties.status, in: Disabled }",
        [':12: when.in: expected a list, found "Disabled"'],
    ),
    (WHEN, "when: { field: properties.status, in: [] }", [":12: when.in: is empty"]),
    (
        WHEN,
        "when: { field: properties.status, equals: null }",
        [":12: when.equals: expected a string or a number or true or false, found nothing"],
    ),
    (
        WHEN,
        "when: { field: properties.status, equals: [a] }",
        [":12: when.equals: expected a string or a number or true or false, found a list"],
    ),
    (
        WHEN,
        "when: { field: properties..status, equals: a }",
        [
            (
                ":12: when.field: 'properties..status' is no path; write it like "
                "properties.networkRuleSet.ipRules[*].value"
            )
        ],
    ),
    (
        WHEN,
        'when: { field: "properties.ipRules[*].value", equals: a }',
        [
            (
                ":12: when.field: [*] stands in a count, or before coversServiceTag, "
                "insideServiceTag, overlapsServiceTag; use count with where"
            )
        ],
    ),
    (
        WHEN,
        'when: { field: properties.status, like: "a*b*" }',
        [":12: when.like: a pattern has at most one *"],
    ),
    (
        WHEN,
        'when: { field: properties.status, prefixLengthLess: "16" }',
        [":12: when.prefixLengthLess: a prefix length is a whole number"],
    ),
    (
        WHEN,
        'when: { field: properties.status, equals: "{a b}" }',
        [":12: when.equals: {a b} is no placeholder; write a path, or {{ for a brace"],
    ),
    (
        WHEN,
        "when: { field: properties.status, equals: a, exceptRegion: eastus }",
        [":12: when.exceptRegion: 'exceptRegion' goes with insideServiceTag"],
    ),
    (
        WHEN,
        'when: { field: "a[*].b", insideServiceTag: A, exceptRegion: "{" }',
        [(":12: when.exceptRegion: a single '{' opens or closes nothing; write {{ for a brace")],
    ),
    (
        WHEN,
        "when: { is: restricted, equals: true }",
        [":12: when.equals: 'equals' needs a field or a count beside it, not 'is'"],
    ),
    (
        WHEN,
        "when: { is: restricted, field: properties.status }",
        [":12: when: 'is' and 'field' cannot stand together; wrap them in allOf"],
    ),
    (
        WHEN,
        "when: { allOf: [{ is: x }], anyOf: [{ is: y }] }",
        [":12: when: 'allOf' and 'anyOf' cannot stand together; wrap them in allOf"],
    ),
    (
        WHEN,
        "when: { allOf: [{ is: x }], like: y }",
        [":12: when.like: 'like' needs a field or a count beside it, not 'allOf'"],
    ),
    (WHEN, "when: { not: [] }", [":12: when.not: expected a mapping, found a list"]),
    (
        WHEN,
        "when: { is: x, way: Not Good }",
        [':12: when.way: "Not Good" is not written like ^[a-z][a-z0-9-]*$'],
    ),
    (
        WHEN,
        "when: { is: x, way: good }",
        [":12: when.way: a way stands in `require`, below nothing but allOf and anyOf"],
    ),
    (WHEN, "when: { count: {}, equals: 1 }", [":12: when.count: is empty"]),
    (
        WHEN,
        "when: { count: { where: { is: x } }, equals: 1 }",
        [":12: when.count: a count has a field or an of, and one of them"],
    ),
    (
        WHEN,
        'when: { count: { of: tasks, field: "a[*]" }, equals: 1 }',
        [":12: when.count: a count has a field or an of, and one of them"],
    ),
    (
        WHEN,
        "when: { count: { field: a }, equals: 1 }",
        [(":12: when.count.field: a count goes over the members of an array; end the field in [*]")],
    ),
    (
        WHEN,
        'when: { count: { field: "a[*].b" }, equals: 1 }',
        [(":12: when.count.field: a count goes over the members of an array; end the field in [*]")],
    ),
    (
        WHEN,
        'when: { count: { field: "a..b[*]" }, equals: 1 }',
        [
            (
                ":12: when.count.field: 'a..b[*]' is no path; write it like "
                "properties.networkRuleSet.ipRules[*].value"
            )
        ],
    ),
    (
        WHEN,
        "when: { count: { of: tasks } }",
        [":12: when: 'count' needs an operator beside it, such as equals or exists"],
    ),
    (
        WHEN,
        "when: { count: { of: tasks }, contains: 1 }",
        [
            (
                ":12: when.contains: a count compares by equals, greater, greaterOrEquals, less, "
                "lessOrEquals, notEquals"
            )
        ],
    ),
    (
        WHEN,
        'when: { count: { of: tasks }, equals: "1" }',
        [":12: when.equals: a count compares with a whole number"],
    ),
    (
        WHEN,
        "when: { count: { of: tasks }, equals: true }",
        [":12: when.equals: a count compares with a whole number"],
    ),
    (
        WHEN,
        "when: { count: { of: tasks }, less: 1.5 }",
        [":12: when.less: a count compares with a whole number"],
    ),
    (
        WHEN,
        "when: { count: { of: tasks, where: { equals: 1 } }, equals: 1 }",
        [":12: when.count.where: expected one of allOf, anyOf, not, is, field, count"],
    ),
    (
        WHEN,
        "when: { count: { of: tasks, were: { is: x } }, equals: 1 }",
        [":12: when.count: unknown key 'were'; did you mean 'where'?"],
    ),
    ("default: 1", "default: one", [":11: parameters.least.default: the default is no integer"]),
    ("default: 1", "default: true", [":11: parameters.least.default: the default is no integer"]),
    (
        "type: integer, default: 1",
        "type: int, default: 1",
        [
            (
                ":11: parameters.least.type: expected one of integer, string, boolean, found "
                "\"int\"; did you mean 'integer'?"
            )
        ],
    ),
    (", means: The least number.", "", [":11: parameters.least: the key 'means' is missing"]),
    (
        "  unknown: Whether task {name} has a pool could not be determined.\n",
        "",
        [":26: messages: the key 'unknown' is missing"],
    ),
    (
        PASS,
        "  pass: Task {name has a pool.",
        [":27: messages.pass: a single '{' opens or closes nothing; write {{ for a brace"],
    ),
    (PASS, '  pass: ""', [":27: messages.pass: is empty"]),
    (
        "az acr agentpool",
        "kubectl acr agentpool",
        [(":33: remediation[0].az: 'kubectl' is no Azure CLI command; a line starts with az")],
    ),
    (
        "--name {pool}",
        "--name {pool",
        [(":33: remediation[0].az: a single '{' opens or closes nothing; write {{ for a brace")],
    ),
    (
        "text: Make a pool.",
        "text: Make {a b}.",
        [(":32: remediation[0].text: {a b} is no placeholder; write a path, or {{ for a brace")],
    ),
    (
        "    az: |",
        "    forEach: missed\n    az: |",
        [
            (
                ':33: remediation[0].forEach: expected one of missing, excess, found "missed"; '
                "did you mean 'missing'?"
            )
        ],
    ),
    (
        "url: https://learn",
        "url: http://learn",
        [
            (
                ':37: references[0].url: "http://learn.microsoft.com/azure/container-'
                "registry/task… is not written like ^https://"
            )
        ],
    ),
    (
        'date: "2024-04-30"',
        "date: April 2024",
        [(':38: references[0].date: "April 2024" is not written like ^[0-9]{4}-[0-9]{2}-[0-9]{2}$')],
    ),
    (
        "references:\n",
        "plan: { note: first look }\nreferences:\n",
        [
            ":35: plan: a plan has sets, a decision or steps, and one of them",
            ":35: plan.note: a note goes with sets",
        ],
    ),
    (
        "references:\n",
        "plan: { steps: close, decision: yours }\nreferences:\n",
        [":35: plan: a plan has sets, a decision or steps, and one of them"],
    ),
    ("remediation:\n", "remediation: []\nold:\n", [":30: remediation: is empty", ":31: unknown key 'old'"]),
]


def said(path: Path) -> list[str]:
    """The problems of a folder of policies, each from its line number on."""
    with pytest.raises(PolicyError) as caught:
        load([path])
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [line.removeprefix(str(path / "p.yaml")) for line in str(caught.value).splitlines()]


def loaded(path: Path, text: str) -> Pack:
    (path / "p.yaml").write_text(text, "utf-8")
    return load([path])


@pytest.mark.parametrize(("old", "new", "problems"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, old: str, new: str, problems: list[str]) -> None:
    assert VALID.count(old) == 1
    (tmp_path / "p.yaml").write_text(VALID.replace(old, new), "utf-8")

    assert said(tmp_path) == problems


def test_the_policy_without_mistakes_is_read(tmp_path: Path) -> None:
    [policy] = loaded(tmp_path, VALID).policies

    assert (policy.id, policy.name, policy.severity.value, policy.status.value, policy.since) == (
        "ACR999",
        "task-has-pool",
        "high",
        "stable",
        "0.1",
    )
    assert policy.resources == ("Microsoft.ContainerRegistry/registries/tasks",)
    assert policy.types == ("microsoft.containerregistry/registries/tasks",)
    assert policy.why == "Without a pool there is no path.\n"
    assert policy.exceptions is None
    assert policy.parameters["least"].default == 1
    assert policy.references[0].date == "2024-04-30"
    assert policy.spot.line == 1
    [remedy] = policy.remediation
    assert (remedy.way, remedy.text, remedy.for_each) == ("pool", Template(("Make a pool.",)), None)
    assert [line.placeholders for line in remedy.az] == [("registry.name", "pool")]


def test_a_remedy_has_a_command_for_each_line_that_is_not_blank(tmp_path: Path) -> None:
    az = "az acr agentpool create --registry {registry.name} --name {pool}"
    text = VALID.replace("text: Make a pool.", 'text: "  Make a pool.  "')

    [policy] = loaded(tmp_path, text.replace(az, "az one  \n\n        az two")).policies

    [remedy] = policy.remediation
    assert remedy.text == Template(("Make a pool.",))
    assert remedy.az == (Template(("az one",)), Template(("az two",)))


def test_conditions_keep_the_order_of_way_of_and_core(tmp_path: Path) -> None:
    [policy] = loaded(tmp_path, VALID).policies

    assert isinstance(policy.require, AnyOf)
    pool, many = policy.require.parts
    assert isinstance(pool, Way)
    assert (pool.name, pool.spot.line, pool.spot.field) == ("pool", 15, "require.anyOf[0].way")
    assert isinstance(pool.part, Of)
    assert (pool.part.relation, pool.part.spot.line) == ("agentPool", 16)
    assert isinstance(many, Way)
    assert isinstance(many.part, Of)
    count = many.part.part
    assert isinstance(count, Count)
    assert (count.relation, count.field, count.operator, count.operand) == (
        "agentPools",
        None,
        "greaterOrEquals",
        2,
    )
    assert (count.spot.line, count.spot.field) == (20, "require.anyOf[1]")


def test_operands_are_templates_scalars_and_tuples_of_them(tmp_path: Path) -> None:
    when = 'when: { field: sku.name, in: ["{param.least}", Basic, 1, true] }'

    [policy] = loaded(tmp_path, VALID.replace(WHEN, when)).policies

    assert getattr(policy.when, "operand", None) == (
        Template((Placeholder("param.least"),)),
        Template(("Basic",)),
        1,
        True,
    )


def test_a_count_may_compare_with_a_placeholder(tmp_path: Path) -> None:
    when = 'when: { count: { field: "a[*]" }, less: "{param.least}" }'

    [policy] = loaded(tmp_path, VALID.replace(WHEN, when)).policies

    assert isinstance(policy.when, Count)
    assert policy.when.operand == Template((Placeholder("param.least"),))


def test_a_policy_may_judge_several_types_and_apply_everywhere(tmp_path: Path) -> None:
    text = VALID.replace(RESOURCE, "resource: [A.B/c, A.B/D]").replace(f"{WHEN}\n", "")

    [policy] = loaded(tmp_path, text).policies

    assert policy.types == ("a.b/c", "a.b/d")
    assert policy.when is None


def test_a_condition_may_be_a_term_under_a_not(tmp_path: Path) -> None:
    when = "when: { not: { is: network-restricted } }"

    [policy] = loaded(tmp_path, VALID.replace(WHEN, when)).policies

    assert isinstance(policy.when, Not)
    assert isinstance(policy.when.part, Is)
    assert (policy.when.part.term, policy.when.part.spot.field) == ("network-restricted", "when.not.is")


def test_one_mistake_does_not_hide_the_next(tmp_path: Path) -> None:
    text = VALID.replace(WHEN, "when: { field: a..b, equals: x }").replace('"S*"', '"S**"')
    (tmp_path / "p.yaml").write_text(text.replace("{param.least}", "{").replace(PASS, "  pass: a }"), "utf-8")

    assert said(tmp_path) == [
        ":12: when.field: 'a..b' is no path; write it like properties.networkRuleSet.ipRules[*].value",
        (
            ":18: require.anyOf[0].allOf[0].greaterOrEquals: "
            "a single '{' opens or closes nothing; write {{ for a brace"
        ),
        ":19: require.anyOf[0].allOf[1].not.like: a pattern has at most one *",
        ":27: messages.pass: a single '}' opens or closes nothing; write }} for a brace",
    ]


def test_every_file_tells_its_problems(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(VALID.replace("severity: high", "severity: hgh"), "utf-8")
    (tmp_path / "b.yaml").write_text("a: 1\na: 2\n", "utf-8")
    (tmp_path / "c.yaml").write_bytes(b"id: \xff\n")
    (tmp_path / "d.yaml").write_text("", "utf-8")
    (tmp_path / "e.yml").write_text(VALID, "utf-8")
    (tmp_path / "f.yaml").write_text("# " + "x" * 1_000_000, "utf-8")
    (tmp_path / "g.yaml").write_text("- a\n", "utf-8")
    (tmp_path / "h.yaml").mkdir()

    with pytest.raises(PolicyError) as caught:
        load([tmp_path])

    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        (
            "a.yaml:4: severity: expected one of info, low, medium, high, critical, "
            "found \"hgh\"; did you mean 'high'?"
        ),
        "b.yaml:2: the key 'a' stands here twice",
        "c.yaml:1: not UTF-8 text",
        "d.yaml:1: the file is empty",
        "e.yml:1: policy files end in .yaml, so this one would not be read",
        "f.yaml:1: larger than 1,000,000 bytes",
        "g.yaml:1: expected a mapping, found a list",
        "h.yaml:1: is a directory",
    ]
    assert caught.value.exit_code == 2


def test_an_id_and_a_term_are_taken_once(tmp_path: Path) -> None:
    terms = "# words\nopen: { means: Open., resource: A.B/c, condition: { is: x } }\n"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.yaml").write_text(VALID, "utf-8")
        (tmp_path / name / "_terms.yaml").write_text(terms, "utf-8")

    with pytest.raises(PolicyError) as caught:
        load([tmp_path / "one", tmp_path / "two"])

    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "two/_terms.yaml:2: the term open is taken by one/_terms.yaml:2",
        "two/p.yaml:1: the id ACR999 is taken by one/p.yaml:1",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("open: { resource: A.B/c, condition: { is: x } }", ":1: open: the key 'means' is missing"),
        ("Open: { means: a, resource: A.B/c, condition: { is: x } }",
         ':1: "Open" is not written like ^[a-z][a-z0-9]*(-[a-z0-9]+)*$'),
        ("open:\n  means: a\n  resource: A.B/c\n  condition: { field: a, equal: b }",
         ":4: open.condition: unknown key 'equal'; did you mean 'equals'?"),
        ("open:\n  means: a\n  resource: A.B/c\n  condition: { field: a..b, equals: b }",
         (":4: open.condition.field: 'a..b' is no path; "
         "write it like properties.networkRuleSet.ipRules[*].value")),
        ("open:\n  means: a\n  resource: A.B/c\n  condition: { not: { is: b, way: c } }",
         ":4: open.condition.not.way: a way stands in `require`, below nothing but allOf and anyOf"),
        ("{}", ":1: is empty"),
    ],
)  # fmt: skip
def test_terms_tell_their_problems_too(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "_terms.yaml").write_text(text, "utf-8")

    with pytest.raises(PolicyError) as caught:
        load([tmp_path])

    assert str(caught.value) == f"{tmp_path}/_terms.yaml{problem}"


def test_terms_are_read_with_their_lower_cased_type(tmp_path: Path) -> None:
    text = "open: { means: Open to all., resource: A.B/C, condition: { field: a, equals: b } }"
    (tmp_path / "_terms.yaml").write_text(text, "utf-8")

    pack = load([tmp_path])

    assert pack.policies == ()
    assert {name: (term.resource, term.means) for name, term in pack.terms.items()} == {
        "open": ("a.b/c", "Open to all.")
    }


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("empty", "empty:1: the folder holds no policy; files end in .yaml"),
        ("nowhere", "nowhere:1: there is no such folder of policies"),
        ("x" * 300, f"{'x' * 300}:1: file name too long"),
    ],
)
def test_a_folder_without_policies_is_a_mistake(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(PolicyError) as caught:
        load([tmp_path / name])

    assert str(caught.value) == f"{tmp_path}/{problem}"


@pytest.mark.parametrize("closed", ["", "exposure"])
def test_a_folder_that_cannot_be_read_may_hold_policies(without_rights: Path, closed: str) -> None:
    pack = without_rights / "pack"
    (pack / "exposure").mkdir(parents=True)
    (pack / "a.yaml").write_text(VALID, "utf-8")
    (pack / closed).chmod(0)

    with pytest.raises(PolicyError) as caught:
        load([pack])

    assert str(caught.value) == f"{pack / closed}:1: permission denied"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without an end is a device")
def test_a_file_without_an_end_is_too_large() -> None:
    problems: list[Problem] = []

    assert read_yaml(Path("/dev/zero"), problems) is None
    assert [str(each) for each in problems] == ["/dev/zero:1: larger than 1,000,000 bytes"]


def test_policies_come_in_the_order_of_their_ids_and_without_their_test_cases(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.yaml").write_text(VALID, "utf-8")
    (tmp_path / "a.test.yaml").write_text("policy: ACR999\n", "utf-8")
    (tmp_path / "b" / "b.yaml").write_text("\ufeff" + VALID.replace("ACR999", "ACR100"), "utf-8")

    pack = load([tmp_path])

    assert [policy.id for policy in pack.policies] == ["ACR100", "ACR999"]
    assert [policy.topic for policy in pack.policies] == ["b", tmp_path.name]
    assert pack.policies[0].page == "policies/b/ACR100-task-has-pool.md"
    assert set(pack.texts) == {str(tmp_path / "a.yaml"), str(tmp_path / "b" / "b.yaml")}


def test_a_single_file_is_a_folder_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(VALID, "utf-8")

    assert [policy.id for policy in load([tmp_path / "a.yaml"]).policies] == ["ACR999"]


def test_a_policy_knows_where_its_keys_stand(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(VALID, "utf-8")
    [policy] = load([tmp_path]).policies

    asked = ("messages.fail", "messages.mild", "require", "mild", "")
    assert [policy.at(key).line for key in asked] == [28, 26, 13, 1, 1]
    assert policy.at("messages.fail").field == "messages.fail"


def test_the_shipped_pack_has_no_problem() -> None:
    pack = load([builtin_folder()])

    assert "ACR201" in {policy.id for policy in pack.policies}
    assert "network-restricted" in pack.terms
    assert load((), shipped=True) == pack  # a scan reads it without its shapes being checked again


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("equal", ["equals", "exists"], "; did you mean 'equals'?"),
        ("ANYOF", ["anyOf", "allOf"], "; did you mean 'anyOf'?"),
        ("xyz", ["equals"], ""),
        ("equals", [], ""),
    ],
)
def test_the_nearest_word_is_proposed_whatever_its_case(word: str, known: list[str], hint: str) -> None:
    assert did_you_mean(word, known) == hint
