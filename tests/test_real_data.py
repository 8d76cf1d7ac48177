"""What Azure answers: our own corpus of its shapes, and recordings where `ACR_SCAN_DATA` has them."""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import shipped_pack
from agreement import agree
from jsonschema import Draft202012Validator
from recordings import CORPORA, Corpus, on_each_file

from scanner.app.options import ScanOptions
from scanner.app.scan.run import run
from scanner.cli import main
from scanner.report import json_results, junit
from scanner.report.console import scan_table
from scanner.result.finding import Finding, Verdict
from scanner.result.report import Report
from scanner.sources.files.snapshot import read_snapshot

WEEKLY = "service-tags/ServiceTags_Public_20250217.json"
CLI, SPECIFICATIONS = "arm/azure-cli-recordings", "arm/azure-rest-api-specs"

Body = dict[str, Any]


# the recordings, unwrapped


def recorded(path: Path) -> Iterator[Body]:
    """Every resource of a file as a row: source arm, and the api-version it was read by."""
    text = path.read_text("utf-8")
    documents = (
        [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]
    )
    for document in documents:
        for version, body in answers(document, path):
            listed = body["value"] if isinstance(body.get("value"), list) else [body]
            for each in listed:
                if "id" in each:
                    yield {**copy.deepcopy(each), "source": "arm", "apiVersion": version}


def answers(document: Body, path: Path) -> Iterator[tuple[str | None, Body]]:
    provenance = document.get("provenance", {})
    for one in document.get("interactions", [document]):
        place = " ".join(
            [str(provenance.get("api_version")), str(one.get("url", provenance.get("url"))), path.name]
        )
        version = re.search(r"\d{4}-\d\d-\d\d(-preview)?", place)
        bodies = [one.get("body")] if "body" in one else []
        bodies += [answer["body"] for answer in document.get("example", {}).get("responses", {}).values()]
        yield from ((version[0] if version else None, body) for body in bodies if body)


def with_own_ids(bodies: Iterator[Body]) -> Iterator[Body]:
    """The recordings use few names again and again: the second body of an id becomes NAME-2, and so on."""
    seen = Counter[str]()
    for body in bodies:
        key = body["id"].lower()
        seen[key] += 1
        if seen[key] > 1:
            body["id"] = f"{body['id']}-{seen[key]}"
            body["name"] = f"{body['name']}-{seen[key]}"
        yield body


@cache
def everything(corpus: Corpus) -> Sequence[Body]:
    files = [path for path in corpus.files("arm/*/*.json*") if path.parent.name != "azure-policy-builtin"]
    return list(with_own_ids(body for path in files for body in recorded(path)))


@cache
def registries(corpus: Corpus) -> Sequence[Body]:
    kind = "microsoft.containerregistry/registries"
    return [body for body in everything(corpus) if body["type"].lower() == kind]


def judge(folder: Path, corpus: Corpus, bodies: Sequence[Body], **settings: Any) -> Report:
    path = folder / "rows.ndjson"
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), "utf-8")
    return run(ScanOptions(path, service_tags=corpus.folder / WEEKLY, **settings))


@pytest.fixture(scope="module", params=CORPORA, ids=lambda corpus: corpus.name)
def corpus(request: pytest.FixtureRequest) -> Corpus:
    """Each corpus that is here."""
    found: Corpus = request.param
    return found


@pytest.fixture(scope="module")
def rows(corpus: Corpus) -> Sequence[Body]:
    return everything(corpus)


@pytest.fixture(scope="module")
def whole(corpus: Corpus, rows: Sequence[Body], tmp_path_factory: pytest.TempPathFactory) -> Report:
    return judge(tmp_path_factory.mktemp("whole"), corpus, rows)


def test_there_is_enough_to_speak_of(corpus: Corpus, rows: Sequence[Body]) -> None:
    kinds = Counter(body["type"].rsplit("/", 1)[-1].lower() for body in rows)
    assert kinds["registries"] > (15 if corpus.is_ours else 500)
    assert min(kinds[kind] for kind in ("tasks", "agentpools", "webhooks", "replications")) > 3
    assert len({body["id"].lower() for body in rows}) == len(rows)
    assert None not in {body["apiVersion"] for body in rows}


@pytest.mark.slow
def test_every_row_is_judged_or_accounted_for(corpus: Corpus, rows: Sequence[Body], whole: Report) -> None:
    counted = whole.run.rows
    assert counted.read == len(rows) == counted.judged + counted.context + counted.unusable
    assert counted.unusable == 0
    judged = {finding.resource.key for finding in whole.findings}
    assert {body["id"].lower() for body in registries(corpus)} <= judged
    assert whole.registries == len(registries(corpus))


@pytest.mark.slow
def test_what_is_said_of_each_is_what_the_evaluator_says_of_it_alone(
    corpus: Corpus, rows: Sequence[Body], tmp_path: Path
) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_text("".join(json.dumps(body) + "\n" for body in rows), "utf-8")
    assert agree(shipped_pack.pack(), read_snapshot(path)) > 10 * len(registries(corpus))


@pytest.mark.slow
def test_every_report_of_it_is_well_formed(whole: Report) -> None:
    schema = json.loads((resources.files("scanner.result") / "results.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads(json_results.render(whole, all_results=True)))
    suites = ET.fromstring(junit.render(whole))
    cases = [case for case in suites.iter("testcase") if not case.get("classname", "").startswith("acr-scan")]
    judged = [finding for finding in whole.findings if finding.verdict is not Verdict.NOT_APPLICABLE]
    assert len(cases) >= len(judged)
    assert scan_table.render(whole, width=100, color=False, verbose=True)


def test_the_command_line_judges_it_without_a_traceback(
    corpus: Corpus, rows: Sequence[Body], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows), "utf-8")
    assert main(["--snapshot", str(path), "--service-tags", str(corpus.folder / WEEKLY)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert "Traceback" not in out


# verdicts by hand: why each is right stands in the test's name or beside it


@pytest.fixture
def verdict(corpus: Corpus, tmp_path: Path) -> Callable[..., Verdict]:
    def found(policy: str, body: Body, *others: Body, **settings: Any) -> Verdict:
        report = judge(tmp_path, corpus, [body, *others], select=[policy], **settings)
        [finding] = [each for each in report.findings if each.resource.key == body["id"].lower()]
        return finding.verdict

    return found


@pytest.fixture
def one(corpus: Corpus) -> Callable[..., Body]:
    """The first recorded registry that shows some values; None stands for a missing field."""

    def found(**wanted: Any) -> Body:
        known = registries(corpus)
        fitting = (body for body in known if all(shown(body, key) == value for key, value in wanted.items()))
        return copy.deepcopy(next(fitting))

    return found


def shown(body: Body, name: str) -> Any:
    properties = body.get("properties") or {}
    rules = properties.get("networkRuleSet") or {}
    match name:
        case "version":
            return body["apiVersion"]
        case "sku":
            return (body.get("sku") or {}).get("name")
        case "action":
            return rules.get("defaultAction")
        case "rules":
            return len(rules.get("ipRules") or [])
        case _:
            return properties.get(name)


Found = Callable[..., Verdict]
One = Callable[..., Body]


def test_disabled_together_with_allow_is_restricted(verdict: Found, one: One) -> None:
    body = one(publicNetworkAccess="Disabled", action="Allow", provisioningState="Succeeded")
    assert verdict("ACR101", body) is Verdict.PASS  # Disabled overrides the stored default action


def test_allow_with_ip_rules_is_open(verdict: Found, one: One) -> None:
    body = one(publicNetworkAccess="Enabled", action="Allow", rules=1, version="2021-06-01-preview")
    assert verdict("ACR101", body) is Verdict.FAIL  # rules under Allow have no effect


def test_deny_with_ip_rules_is_restricted(verdict: Found, one: One) -> None:
    body = one(publicNetworkAccess="Enabled", action="Deny", rules=1, version="2021-06-01-preview")
    assert verdict("ACR101", body) is Verdict.PASS
    # its rule is one address that is in no service tag: nobody meant to admit the tasks
    assert verdict("ACR206", body) is Verdict.NOT_APPLICABLE


def test_a_basic_registry_has_no_rule_set_and_is_open(verdict: Found, one: One) -> None:
    body = one(sku="Basic", publicNetworkAccess="Enabled", action=None, provisioningState="Succeeded")
    assert verdict("ACR101", body) is Verdict.FAIL  # only Premium can close, so what is missing is known


def test_a_basic_registry_of_2017_does_not_even_show_public_access_and_is_open(
    verdict: Found, one: One
) -> None:
    body = one(sku="Basic", version="2017-03-01")
    assert verdict("ACR101", body) is Verdict.FAIL


def test_a_premium_registry_read_by_an_old_version_without_public_access(verdict: Found, one: One) -> None:
    closed, opened = (one(sku="Premium", version="2019-05-01", action=action) for action in ("Deny", "Allow"))
    assert verdict("ACR101", closed) is Verdict.PASS  # Deny alone restricts
    assert verdict("ACR101", opened) is Verdict.UNKNOWN  # it may be Disabled, and this version does not say


def test_without_a_sku_nobody_knows_whether_it_could_close(verdict: Found, one: One) -> None:
    body = one(sku=None, version="2016-06-27-preview")
    assert (
        verdict("ACR101", body) is Verdict.UNKNOWN
    )  # neither field is in an api of 2016, and the SKU is unseen


def test_a_registry_that_is_being_created_shows_what_it_has(verdict: Found, one: One) -> None:
    closed = one(provisioningState="Creating", publicNetworkAccess="Disabled")
    opened = one(provisioningState="Creating", publicNetworkAccess="Enabled", action="Allow")
    assert verdict("ACR101", closed) is Verdict.PASS  # values that are there count in every state
    assert verdict("ACR101", opened) is Verdict.FAIL


def test_a_missing_field_of_a_registry_that_is_being_created_is_unseen(verdict: Found, one: One) -> None:
    body = one(provisioningState="Creating", anonymousPullEnabled=None)
    assert verdict("ACR902", body) is Verdict.UNKNOWN


def test_anonymous_pull_missing_at_2020_11_01_preview_is_unseen(verdict: Found, one: One) -> None:
    # of 71 registries recorded at this version 31 lack the field: it was introduced while it was live
    missing = one(version="2020-11-01-preview", provisioningState="Succeeded", anonymousPullEnabled=None)
    there = one(version="2020-11-01-preview", provisioningState="Succeeded", anonymousPullEnabled=False)
    assert verdict("ACR902", missing) is Verdict.UNKNOWN
    assert verdict("ACR902", there) is Verdict.PASS


@pytest.mark.parametrize(("value", "expected"), [(True, Verdict.FAIL), (False, Verdict.PASS)])
def test_the_admin_user_is_shown_since_2016(
    verdict: Found, one: One, *, value: bool, expected: Verdict
) -> None:
    assert verdict("ACR901", one(version="2016-06-27-preview", adminUserEnabled=value)) is expected


def test_the_arm_audience_policy_came_in_2022(verdict: Found, one: One) -> None:
    older = one(version="2021-08-01-preview", provisioningState="Succeeded")
    newer = one(version="2023-11-01-preview", provisioningState="Succeeded")
    assert verdict("ACR904", older) is Verdict.UNKNOWN
    assert verdict("ACR904", newer) is Verdict.FAIL  # its status is enabled, as Azure sets it


def test_a_task_without_a_row_of_its_registry_is_unknown_never_not_applicable(
    corpus: Corpus, verdict: Found
) -> None:
    body = next(recorded(corpus.folder / CLI / "tasks.jsonl"))
    assert verdict("ACR201", body, assume_complete=True) is Verdict.UNKNOWN  # a parent is never absent


def test_a_task_of_an_open_registry_needs_no_path(corpus: Corpus, verdict: Found, one: One) -> None:
    task = next(recorded(corpus.folder / CLI / "tasks.jsonl"))
    opened = one(publicNetworkAccess="Enabled", action="Allow", provisioningState="Succeeded")
    opened["id"] = task["id"].rsplit("/tasks/", 1)[0]
    assert verdict("ACR201", task, opened) is Verdict.NOT_APPLICABLE


def restricted(corpus: Corpus, task: Body, **properties: Any) -> Body:
    """The example registry of 2025-11-01 as the task's own, closed."""
    [body] = recorded(corpus.folder / SPECIFICATIONS / "2025-11-01_RegistryGet.json")
    body |= {"id": task["id"].rsplit("/tasks/", 1)[0], "location": task["location"]}
    body["sku"] = {"name": "Premium", "tier": "Premium"}
    body["properties"] |= {
        "publicNetworkAccess": "Disabled",
        "loginServer": "myregistry.azurecr.io",
        **properties,
    }
    body["properties"]["networkRuleSet"] = {"defaultAction": "Deny", "ipRules": []}
    return body


def test_credentials_that_the_list_keeps_back_are_unseen(corpus: Corpus, verdict: Found) -> None:
    # TasksList shows `customRegistries: {host: null}` and `sourceRegistry: null`, whatever they hold
    [task] = recorded(corpus.folder / SPECIFICATIONS / "2025-03-01-preview_TasksList.json")
    its_host = restricted(
        corpus, task, networkRuleBypassAllowedForTasks=True, loginServer="myregistry.azure.io"
    )
    assert verdict("ACR201", task, its_host) is Verdict.UNKNOWN


def test_a_host_that_the_list_does_not_name_has_no_credentials(corpus: Corpus, verdict: Found) -> None:
    # the keys of customRegistries are shown, only their contents are not
    [task] = recorded(corpus.folder / SPECIFICATIONS / "2025-03-01-preview_TasksList.json")
    other_host = restricted(corpus, task, networkRuleBypassAllowedForTasks=True)
    assert verdict("ACR201", task, other_host) is Verdict.FAIL


def test_a_closed_bypass_settles_it_whatever_the_credentials_are(corpus: Corpus, verdict: Found) -> None:
    [task] = recorded(corpus.folder / SPECIFICATIONS / "2025-03-01-preview_TasksList.json")
    closed = restricted(corpus, task, networkRuleBypassAllowedForTasks=False)
    assert (
        verdict("ACR201", task, closed) is Verdict.FAIL
    )  # no pool is named, no rule can work under Disabled


def test_a_login_identity_on_an_abac_registry_lacks_the_credential_of_the_registry(
    corpus: Corpus, verdict: Found
) -> None:
    name = "2025-03-01-preview_TasksCreate_WithLoginIdentity.response200.json"
    [task] = recorded(corpus.folder / SPECIFICATIONS / name)
    abac = {"roleAssignmentMode": "AbacRepositoryPermissions", "networkRuleBypassAllowedForTasks": True}
    assert (
        verdict("ACR201", task, restricted(corpus, task, **abac)) is Verdict.FAIL
    )  # customRegistries is not set
    host = {"myregistry.azurecr.io": {"identity": "[system]"}}
    task["properties"]["credentials"]["customRegistries"] = host
    assert verdict("ACR201", task, restricted(corpus, task, **abac)) is Verdict.PASS


@pytest.mark.parametrize("subnet", [False, True])
def test_a_task_on_a_recorded_agent_pool(corpus: Corpus, verdict: Found, *, subnet: bool) -> None:
    pools = list(recorded(corpus.folder / CLI / "agentPools.jsonl"))
    pool = next(body for body in pools if ("virtualNetworkSubnetResourceId" in body["properties"]) is subnet)
    pool["properties"] |= {"provisioningState": "Succeeded", "count": 1}
    [task] = recorded(corpus.folder / SPECIFICATIONS / "2025-03-01-preview_TasksList.json")
    task["id"] = f"{pool['id'].rsplit('/agentPools/', 1)[0]}/tasks/build"
    task["name"] = "build"
    task["properties"]["agentPoolName"] = pool["name"]
    closed = restricted(corpus, task, networkRuleBypassAllowedForTasks=False, privateEndpointConnections=[])
    # outside of any subnet a pool reaches nothing; inside of one it needs an endpoint, and there is none
    assert verdict("ACR201", task, closed, pool) is Verdict.FAIL


def test_a_webhook_is_judged_by_no_list_that_hides_its_address(whole: Report) -> None:
    hooks = [finding for finding in whole.findings if finding.resource.type.endswith("/webhooks")]
    # no policy may pass or fail what a list never shows; the address takes POST getCallbackConfig
    leaves = [
        each.fact
        for finding in hooks
        for each in finding.evidence
        if each.fact.field.startswith("properties.service")
    ]
    assert all(leaf.optional for leaf in leaves)
    assert not [finding for finding in hooks if finding.verdict is Verdict.FAIL]


# Azure Policy's own definitions (data/arm/azure-policy-builtin), read by hand


def is_(value: Any, word: object) -> bool:
    """Azure Policy's `equals`: strings compare without case."""
    return (
        value.lower() == word.lower() if isinstance(value, str) and isinstance(word, str) else value == word
    )


def unrestricted(properties: Body) -> bool:  # d0793b48-0edc-4296-a390-4c75d1bdfd71
    action = (properties.get("networkRuleSet") or {}).get("defaultAction")
    access = properties.get("publicNetworkAccess")
    return (action is None or is_(action, "Allow")) and (access is None or is_(access, "Enabled"))


def admin_user(properties: Body) -> bool:  # dc921057-6b28-4fbe-9b83-f7bec05db6c2
    return is_(properties.get("adminUserEnabled"), True)


def anonymous_pull(properties: Body) -> bool:  # 9f2dea28-e834-476c-99c5-3507b4728395
    return is_(properties.get("anonymousPullEnabled"), True)


def arm_audience(properties: Body) -> bool:  # 42781ec6-6127-4c30-bdfa-fb423a0047d3
    status = audience_status(properties)
    return status is None or is_(status, "enabled")


def audience_status(properties: Body) -> Any:
    policy = (properties.get("policies") or {}).get("azureADAuthenticationAsArmPolicy") or {}
    return policy.get("status")


def whole_access(properties: Body) -> bool:
    return "publicNetworkAccess" in properties and "defaultAction" in (properties.get("networkRuleSet") or {})


PARITY: Mapping[str, tuple[Callable[[Body], bool], Callable[[Body], bool], Mapping[str, int]]] = {
    "ACR101": (unrestricted, whole_access, {"ours": 10, "recorded": 300}),
    "ACR901": (
        admin_user,
        lambda properties: "adminUserEnabled" in properties,
        {"ours": 15, "recorded": 400},
    ),
    "ACR902": (
        anonymous_pull,
        lambda properties: "anonymousPullEnabled" in properties,
        {"ours": 8, "recorded": 200},
    ),
    "ACR904": (
        arm_audience,
        lambda properties: audience_status(properties) is not None,
        {"ours": 4, "recorded": 80},
    ),
}
"""Policy → what Azure Policy flags, whether a row shows its fields, and how many rows agree at least."""


@pytest.mark.parametrize("policy", PARITY)
def test_pass_and_fail_agree_with_azure_policy(
    policy: str, corpus: Corpus, rows: Sequence[Body], whole: Report
) -> None:
    flagged, visible, least = PARITY[policy]
    bodies = {body["id"].lower(): body for body in rows}
    agreed = 0
    for finding in whole.findings:
        if finding.policy.id != policy:
            continue
        properties = bodies[finding.resource.key].get("properties") or {}
        if finding.verdict is Verdict.UNKNOWN:
            assert not visible(properties), told(finding)
        else:
            assert (finding.verdict is Verdict.FAIL) is flagged(properties), told(finding)
            agreed += 1
    assert agreed >= least[corpus.name]


def told(finding: Finding) -> str:
    row = finding.resource.rows[0]
    return f"{row.id} at {row.api_version}: {finding.verdict} {finding.evidence}"


# secrets


def test_recorded_secrets_are_in_no_output(
    corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = corpus.folder / CLI
    tasks = list(with_own_ids(recorded(folder / "tasks.jsonl")))
    assert any("testuser" in json.dumps(task) for task in tasks)  # listDetails shows a name and a password
    hook = next(recorded(folder / "webhooks.jsonl"))
    line = (folder / "webhooks-getCallbackConfig.jsonl").read_text("utf-8").splitlines()[0]
    config = json.loads(line)["body"]
    config["serviceUri"] = (
        config["serviceUri"].replace("://", "://name:hidden-1@") + "/hidden-2?code=hidden-3"
    )
    config["customHeaders"] = dict.fromkeys(config["customHeaders"], "hidden-4")
    hook["properties"] |= config
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([*tasks, hook]), "utf-8")
    outputs = [*("--json", str(tmp_path / "x.json")), *("--junit", str(tmp_path / "x.xml"))]
    main(["--snapshot", str(path), "--verbose", "--all-results", *outputs])
    everything_written = "".join(capsys.readouterr())
    everything_written += "".join((tmp_path / name).read_text("utf-8") for name in ("x.json", "x.xml"))
    for secret in ("testuser", "REDACTED", "hidden-1", "hidden-2", "hidden-3", "hidden-4"):
        assert secret not in everything_written


# Resource Graph


def graph_answers(corpus: Corpus) -> Iterator[tuple[str, int, Any]]:
    for path in [*corpus.files("arg/azure-cli-extensions/*.json"), *corpus.files("arg/c7n-azure/*.json")]:
        document = json.loads(path.read_text("utf-8"))
        for number, one_call in enumerate(
            document if isinstance(document, list) else document["interactions"]
        ):
            answer = one_call["response"]
            status = answer["status"]
            body = answer["body"]
            body = body["data"] if path.parent.name == "c7n-azure" else body  # wrapped by c7n
            code = status["code"] if isinstance(status, dict) else status
            yield f"{corpus.name}-{path.name}:{number}", code, body


GRAPH = [answer for corpus in CORPORA for answer in graph_answers(corpus)]


@pytest.mark.parametrize(("status", "body"), [each[1:] for each in GRAPH], ids=[each[0] for each in GRAPH])
def test_recorded_answers_of_resource_graph(
    status: int, body: Body, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(body), "utf-8")
    code = main(["--snapshot", str(path), "--json", "-"])
    out, err = capsys.readouterr()
    if status != 200:
        assert code == 2
        assert err.startswith(f"acr-scan: {path}: this is an error that Azure answered")
        return
    assert code == 3  # none of them holds a registry: nothing was scanned
    rows_read = json.loads(out)["run"]["rows"]
    listed = body["data"] if "data" in body else body["value"]
    assert rows_read["read"] == (len(listed["rows"]) if isinstance(listed, dict) else len(listed))


@on_each_file("arg/errors/*.json")
def test_recorded_errors_are_told_with_their_real_code(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(path.read_text("utf-8"))
    body = next(document[key] for key in ("body", "stderr_object", "detail") if key in document)
    saved = tmp_path / "rows.json"
    saved.write_text(json.dumps(body), "utf-8")
    assert main(["--snapshot", str(saved)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"acr-scan: {saved}: this is an error that Azure answered and holds no rows (")
    assert path.name.split("_")[1] in err
    assert err.count("\n") == 1


@on_each_file("service-tags/broken/*")
def test_broken_service_tags_are_refused_in_one_sentence(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows_file = tmp_path / "rows.json"
    rows_file.write_text("[]", "utf-8")
    assert main(["--snapshot", str(rows_file), "--service-tags", str(path)]) == 2
    wrong, how = capsys.readouterr().err.splitlines()
    assert wrong.startswith(f"acr-scan: {path}: is ")
    assert how.startswith("help: download the weekly file from https://")
