"""A plan in each of its formats: it parses with that format's own tools, whatever names it holds."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hcl2
import pytest
import tree_sitter
import tree_sitter_bicep

from scanner.report.plan import az, bicep, terraform
from scanner.result.plan import (
    Act,
    AddCredential,
    AddRule,
    AssignIdentity,
    AssignRole,
    CreateEndpoint,
    CreatePool,
    DeletePool,
    Input,
    Plan,
    RegistryPlan,
    RemoveRule,
    RemoveSubnet,
    Resolved,
    RuleCount,
    ScalePool,
    SendLogs,
    SetField,
    SignIn,
    Step,
    Target,
    Unresolved,
    UsePool,
)

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
POOL_SUBNET = Input("pool_subnet", "the id of a subnet")
HOSTILE = [
    '"><script>alert(1)</script>',
    "=cmd()",
    "$(touch pwned)`id`;rm -rf /",
    "it's \\ ${x} %{y} 'z'",
    "a\nb\r\x1b[31m\x00",
    "\u202eevil\u2066 \u200b",
    "\ud800",
    "-x",
    "名前",
    "*/ // # '''",
    "",
]


def target(name: str = "contoso", group: str = "rg") -> Target:
    identifier = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers"
        f"/Microsoft.ContainerRegistry/registries/{name}"
    )
    rules = {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "20.0.0.0/24"}]}
    settings = {
        "adminUserEnabled": False,
        "networkRuleSet": rules,
        "policies": {"x": {"lastUpdatedTime": "y"}},
    }
    identity = {
        "type": "UserAssigned",
        "principalId": "p",
        "userAssignedIdentities": {f"/i/{name}": {"clientId": "c"}},
    }
    return Target(
        identifier,
        name,
        "eastus",
        group,
        SUBSCRIPTION,
        "Premium",
        settings,
        {name: group},
        identity,
    )


def acts(word: str = "nightly") -> list[Act]:
    """One step of every kind."""
    endpoint = Input("endpoint_subnet", f"the id of a subnet for {word}")
    return [
        CreateEndpoint(f"{word}-registry", endpoint, "privatelink.azurecr.io"),
        AddRule("20.0.0.0/24" if word == "nightly" else word),
        CreatePool(word, POOL_SUBNET),
        ScalePool(f"{word}1"),
        SetField("properties.networkRuleBypassAllowedForTasks", value=True),
        AssignIdentity(word, "SystemAssigned"),
        AssignRole(word, "AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec"),
        AddCredential(word, f"{word}.azurecr.io"),
        SignIn(word, abac=False),
        SignIn(f"{word}2", abac=True),
        AssignRole(f"{word}3", "AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec"),
        UsePool(word, f"{word}4"),
        SetField("properties.networkRuleSet.defaultAction", "Deny"),
        SetField("properties.publicNetworkAccess", "Disabled"),
        RemoveRule(f"{word}-rule"),
        DeletePool(f"{word}5"),
        SetField("properties.networkRuleBypassOptions", "AzureServices"),
        SetField("properties.dataEndpointEnabled", value=True),
        SetField("properties.adminUserEnabled", value=False),
        SetField("properties.anonymousPullEnabled", value=False),
        SetField("properties.policies.exportPolicy.status", "disabled"),
        SetField("properties.policies.azureADAuthenticationAsArmPolicy.status", "disabled"),
        SendLogs(Input("workspace", "the id of a workspace")),
    ]


def plan(word: str = "nightly", *more: Act, name: str = "contoso") -> Plan:
    steps = tuple(Step(act, ("ACR201",), (f"a note on {word}",)) for act in (*acts(word), *more))
    settled = (Resolved("ACR201", f"/x/{word}", "agent-pool", (f"bypass: {word}",)),)
    left = (Unresolved("ACR102", "title", f"/x/{word}", "fail", f"why {word}", (f"advice {word}",)),)
    rules = RuleCount(198, 199, 200, 1024)
    return Plan(
        (RegistryPlan(target(name), steps, settled, left, rules, ("20.0.0.0/24",)),),
        left,
        doubts=(f"doubt {word}",),
    )


def parses_as_shell(text: str, folder: Path) -> None:
    script = folder / "plan.sh"
    script.write_text(text, "utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)
    if shutil.which("shellcheck"):  # SC2016 asks whether $ in single quotes is meant: in a name it is
        checked = subprocess.run(
            ["shellcheck", "--exclude=SC2016", str(script)], capture_output=True, text=True, check=False
        )
        assert (checked.returncode, checked.stdout) == (0, "")


def parses_as_bicep(text: str, folder: Path) -> None:  # noqa: ARG001 - as the others
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
    root = parser.parse(text.encode()).root_node
    assert not root.has_error, _first_error(root, text)


def _first_error(node: Any, text: str) -> str:
    while node.has_error and not node.is_error and not node.is_missing:
        node = next(child for child in node.children if child.has_error or child.is_missing)
    return text.encode()[max(0, node.start_byte - 80) : node.end_byte + 80].decode(errors="replace")


def parses_as_terraform(text: str, folder: Path) -> None:
    (folder / "plan.tf").write_text(text, "utf-8")
    assert hcl2.loads(text)
    if shutil.which("terraform"):
        command = ["terraform", "fmt", "-check", "-diff", "plan.tf"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")


FORMATS: dict[str, tuple[Callable[[Plan], str], Callable[[str, Path], None]]] = {
    "az": (az.render, parses_as_shell),
    "bicep": (bicep.render, parses_as_bicep),
    "terraform": (terraform.render, parses_as_terraform),
}


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_a_plan_with_every_kind_of_step_parses(format_: str, tmp_path: Path) -> None:
    render, parses = FORMATS[format_]

    parses(render(plan()), tmp_path)
    parses(render(plan("nightly", RemoveSubnet("/subscriptions/s/subnets/a"))), tmp_path)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_a_hostile_name_is_a_value_and_nothing_else(format_: str, word: str, tmp_path: Path) -> None:
    render, parses = FORMATS[format_]

    text = render(plan(word, RemoveSubnet(word), name=word or "x"))

    parses(text, tmp_path)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


@pytest.mark.parametrize(
    "word", [word for word in HOSTILE if word and "\x00" not in word and word != "\ud800"], ids=ascii
)
def test_bash_hands_each_value_over_as_it_is(word: str, tmp_path: Path) -> None:
    script = tmp_path / "plan.sh"
    fake_az = 'az() { printf "%s\\0" "$@" >> calls; printf "\\n\\0" >> calls; echo the-principal; }\n'
    script.write_text(
        az.render(plan(word, name="contoso")).replace("set -euo pipefail\n", f"set -euo pipefail\n{fake_az}")
    )
    inputs = {"pool_subnet": "/n/subnets/p", "endpoint_subnet": "/n/subnets/e", "workspace": "/w"}

    subprocess.run(
        ["bash", str(script)],
        cwd=tmp_path,
        check=True,
        env={**inputs, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
    )

    calls = [call.split("\0") for call in (tmp_path / "calls").read_bytes().decode().split("\n\0")]
    used = next(call for call in calls if call[:3] == ["acr", "task", "identity"])
    assert used[4:6] == ["--registry", "contoso"]
    assert used[6:8] == ["--name", word] if word != "-x" else used[6] == "--name=-x"
    assert not (tmp_path / "pwned").exists()
    linked = next(call for call in calls if "--virtual-network" in call)
    assert linked[linked.index("--virtual-network") + 1] == "/n"


def test_an_input_that_is_not_set_stops_the_script_before_its_first_command(tmp_path: Path) -> None:
    script = tmp_path / "plan.sh"
    script.write_text(az.render(plan()))

    done = subprocess.run(
        ["bash", str(script)], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )

    assert done.returncode == 2
    assert done.stderr == "set endpoint_subnet: the id of a subnet for nightly\n"


SHELL = {
    "CreateEndpoint": "az network private-endpoint create --resource-group rg --name nightly-registry",
    "AddRule": "az acr network-rule add --name contoso --ip-address 20.0.0.0/24",
    "RemoveRule": "az acr network-rule remove --name contoso --ip-address nightly-rule",
    "CreatePool": '--registry contoso --name nightly --tier S1 --count 1 --subnet-id "$pool_subnet"',
    "ScalePool": "az acr agentpool update --registry contoso --name nightly1 --count 1",
    "DeletePool": "az acr agentpool delete --registry contoso --name nightly5",
    "UsePool": "az acr task update --registry contoso --name nightly --agent-pool nightly4",
    "AssignIdentity": "az acr task identity assign --registry contoso --name nightly --identities '[system]'",
    "AssignRole": "az role assignment create --role AcrPush --scope /subscriptions/",
    "AddCredential": "credential add --registry contoso --name nightly --login-server nightly.azurecr.io",
    "SignIn": "az acr task update --registry contoso --name nightly --auth-mode None",
    "SignIn, ABAC": "az acr task update --registry contoso --name nightly2 --source-acr-auth-id '[system]'",
    "SendLogs": "az monitor diagnostic-settings create --name acr-scan --resource /subscriptions/",
    "Deny": "az acr update --name contoso --default-action Deny",
    "Disabled": "az acr update --name contoso --public-network-enabled false",
    "trusted": "az acr update --name contoso --allow-trusted-services true",
    "data": "az acr update --name contoso --data-endpoint-enabled true",
    "admin": "az acr update --name contoso --admin-enabled false",
    "anonymous": "az acr update --name contoso --anonymous-pull-enabled false",
    "export": "az acr update --name contoso --allow-exports false",
    "arm": "az acr config authentication-as-arm update --registry contoso --status disabled",
    "bypass": "--api-version 2025-11-01 --set properties.networkRuleBypassAllowedForTasks=true",
}
BICEP = {
    "CreateEndpoint": "id: endpoint_subnet",
    "rules": "value: '20.0.0.0/24'",
    "CreatePool": "virtualNetworkSubnetResourceId: pool_subnet",
    "ScalePool": "union(properties_contoso_nightly1, { count: 1 })",
    "DeletePool": "// Bicep deletes nothing; afterwards: az acr agentpool delete --registry contoso",
    "UsePool": "agentPoolName: 'nightly4'",
    "AssignIdentity": "type: 'SystemAssigned'",
    "AssignRole": "principalId: task_contoso_nightly.identity.principalId",
    "AddCredential": "'nightly.azurecr.io': {",
    "SignIn": "loginMode: 'None'",
    "SendLogs": "workspaceId: workspace",
}
TERRAFORM = {
    "CreateEndpoint": "var.endpoint_subnet",
    "rules": 'ip_range = "20.0.0.0/24"',
    "CreatePool": "virtual_network_subnet_id = var.pool_subnet",
    "ScalePool": "count = 1",
    "DeletePool": "az acr agentpool delete --registry contoso --name nightly5",
    "UsePool": 'agentPoolName = "nightly4"',
    "AssignIdentity": 'type = "SystemAssigned"',
    "AssignRole": "azapi_update_resource.contoso_nightly_2.output.identity.principalId",
    "AssignRole alone": "data.azapi_resource.contoso_nightly3.output.identity.principalId",
    "AddCredential": '"nightly.azurecr.io" = {',
    "SignIn": 'loginMode = "None"',
    "SendLogs": "log_analytics_workspace_id = var.workspace",
    "Disabled": "public_network_access_enabled = false",
    "trusted": 'network_rule_bypass_option = "AzureServices"',
    "data": "data_endpoint_enabled = true",
    "export": "export_policy_enabled = false",
    "bypass": "network_rule_bypass_for_tasks_enabled = true",
    "arm": "azureADAuthenticationAsArmPolicy = {",
}


@pytest.mark.parametrize(("format_", "wanted"), [("az", SHELL), ("bicep", BICEP), ("terraform", TERRAFORM)])
def test_every_step_is_in_the_text(format_: str, wanted: dict[str, str]) -> None:
    text = re.sub(" +", " ", FORMATS[format_][0](plan()))

    assert [name for name, piece in wanted.items() if piece not in text] == []


@pytest.mark.parametrize("format_", FORMATS)
def test_a_reader_is_told_first_what_may_be_missing_and_then_what_is_left(format_: str) -> None:
    text = FORMATS[format_][0](plan())

    assert "INCOMPLETE: not everything could be seen" in "".join(text.splitlines()[:2])
    for said in (
        "IP rules: 198 → 199 of 200, opening 1,024 addresses beyond the tag",
        "settles: ACR201 on nightly, by agent-pool",
        "other way: bypass: nightly",
        "left: ACR102 on nightly (fail): why nightly",
        "advice: advice nightly",
        "a note on nightly",
    ):
        assert said in text


def test_bicep_writes_no_principal_and_nothing_that_azure_only_reports() -> None:
    text = bicep.render(plan())

    assert "lastUpdatedTime" not in text
    assert "clientId" not in text


def test_terraform_ignores_what_is_not_planned() -> None:
    text = terraform.render(Plan((RegistryPlan(target(), (Step(acts()[18], ("ACR901",)),)),)))

    ignored = text[text.index("ignore_changes") :]
    assert "admin_enabled = false" in re.sub(" +", " ", text)
    assert "network_rule_set" not in text.replace(ignored, "")
    for attribute in ("georeplications", "network_rule_set", "public_network_access_enabled", "tags"):
        assert f"      {attribute},\n" in ignored
    assert "      admin_enabled,\n" not in ignored


def test_virtual_network_rules_take_the_version_that_has_them() -> None:
    removed = Plan((RegistryPlan(target(), (Step(RemoveSubnet("/s"), ("ACR109",)),)),))

    assert "Microsoft.ContainerRegistry/registries@2026-03-01-preview" in terraform.render(removed)
    assert "--subnet /s" in az.render(removed)
