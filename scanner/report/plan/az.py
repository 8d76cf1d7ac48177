"""A plan as a shell script of Azure CLI commands: every value quoted, every step commented."""

from collections.abc import Iterator, Mapping

from scanner.report.plan.quoting import shell
from scanner.report.plan.wording import DELAY, about, besides, commented, heading, why
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
    ScalePool,
    SendLogs,
    SetField,
    SignIn,
    Target,
    UsePool,
)
from scanner.text.printable import printable

API = "2025-11-01"
"""The first stable api-version with every setting that a plan sets."""

_OPTIONS: Mapping[str, str] = {
    "properties.adminUserEnabled": "--admin-enabled",
    "properties.anonymousPullEnabled": "--anonymous-pull-enabled",
    "properties.dataEndpointEnabled": "--data-endpoint-enabled",
    "properties.networkRuleSet.defaultAction": "--default-action",
}
_YES: Mapping[str, tuple[str, str]] = {
    "properties.networkRuleBypassOptions": ("--allow-trusted-services", "AzureServices"),
    "properties.publicNetworkAccess": ("--public-network-enabled", "Enabled"),
    "properties.policies.exportPolicy.status": ("--allow-exports", "enabled"),
}
"""Settings whose option of `az acr update` is true for one of their values."""

_NEED = """\
need() {
  if [ -z "$2" ]; then
    printf 'set %s: %s\\n' "$1" "$3" >&2
    exit 2
  fi
}
"""


def render(plan: Plan) -> str:
    """The script. It stops at the first command that fails, and before all if an input is not set."""
    return "".join(_parts(plan))


def _parts(plan: Plan) -> Iterator[str]:
    yield "#!/usr/bin/env bash\n"
    yield commented(heading(plan), "#")
    yield commented(besides(plan), "#")
    if plan.steps:
        yield "set -euo pipefail\n"
    inputs = {each.name: each for registry in plan.registries for each in registry.inputs}
    if inputs:
        yield "\n# What only you know: set these variables, or export them before.\n"
        yield from (f"# {name}=  # {printable(each.means)}\n" for name, each in inputs.items())
        yield _NEED
        yield from (
            f'need {name} "${{{name}:-}}" {shell(printable(each.means))}\n' for name, each in inputs.items()
        )
    for registry in plan.registries:
        yield "\n"
        yield from _registry(registry)


def _registry(plan: RegistryPlan) -> Iterator[str]:
    yield commented(about(plan), "#")
    if any(isinstance(step.act, AddRule | RemoveRule) for step in plan.steps):
        yield f"# {DELAY}\n"
    said: list[str] = []
    for step in plan.steps:
        lines = list(why(step))
        if lines != said:
            yield f"\n{commented(iter(lines), '#')}"
        said = lines
        yield from (f"{line}\n" for line in commands(plan.target, step.act))


def commands(target: Target, act: Act) -> Iterator[str]:
    """The commands of a step."""
    match act:
        case SetField():
            yield _setting(target, act)
        case AddRule(rule):
            yield _az(target, "acr network-rule add", name=target.name, ip_address=rule)
        case RemoveRule(rule):
            yield _az(target, "acr network-rule remove", name=target.name, ip_address=rule)
        case RemoveSubnet(subnet):
            yield _az(target, "acr network-rule remove", name=target.name, subnet=subnet)
        case CreateEndpoint():
            yield from _endpoint(target, act)
        case CreatePool(name, subnet):
            of: dict[str, str | Input] = {
                "registry": target.name,
                "name": name,
                "tier": "S1",
                "count": "1",
                "subnet_id": subnet,
            }
            yield _az(target, "acr agentpool create", **of)
        case ScalePool(pool):
            yield _az(target, "acr agentpool update", registry=target.name, name=pool, count="1")
        case DeletePool(pool):
            yield _az(target, "acr agentpool delete", registry=target.name, name=pool)
        case SendLogs(workspace):
            logs = '[{"categoryGroup":"audit","enabled":true}]'
            said: dict[str, str | Input] = {
                "name": "acr-scan",
                "resource": target.id,
                "workspace": workspace,
                "logs": logs,
            }
            yield _az(target, "monitor diagnostic-settings create", **said)
        case _:
            yield from _task(target, act)


def _task(
    target: Target, act: UsePool | AssignIdentity | AssignRole | AddCredential | SignIn
) -> Iterator[str]:
    of = {"registry": target.name, "name": act.task}
    match act:
        case UsePool(_, pool):
            yield _az(target, "acr task update", **of, agent_pool=pool)
        case AssignIdentity():
            yield _az(target, "acr task identity assign", **of, identities="[system]")
        case AddCredential(_, server):
            yield _az(target, "acr task credential add", **of, login_server=server, use_identity="[system]")
        case SignIn(_, abac):
            how = {"source_acr_auth_id": "[system]"} if abac else {"auth_mode": "None"}
            yield _az(target, "acr task update", **of, **how)
        case AssignRole(_, role):
            shown = _az(target, "acr task show", **of, query="identity.principalId", output="tsv")
            yield f"principal=$({shown})"
            assigned = _az(target, "role assignment create", role=role, scope=target.id)
            yield f'{assigned} --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal'


def _setting(target: Target, act: SetField) -> str:
    if act.path in _OPTIONS:
        option = _OPTIONS[act.path].removeprefix("--").replace("-", "_")
        return _az(target, "acr update", name=target.name, **{option: _word(act.value)})
    if act.path in _YES:
        name, yes = _YES[act.path]
        option = name.removeprefix("--").replace("-", "_")
        return _az(target, "acr update", name=target.name, **{option: _word(act.value == yes)})
    if act.path == "properties.policies.azureADAuthenticationAsArmPolicy.status":
        update = "acr config authentication-as-arm update"
        return _az(target, update, registry=target.name, status=_word(act.value))
    return _az(
        target, "resource update", ids=target.id, api_version=API, set=f"{act.path}={_word(act.value)}"
    )


def _endpoint(target: Target, act: CreateEndpoint) -> Iterator[str]:
    group = {"resource_group": target.resource_group}
    to = {"private_connection_resource_id": target.id, "group_id": "registry", "connection_name": act.name}
    yield "# The endpoint lies in the region of its network: add --location if that is not the group's."
    yield _az(target, "network private-endpoint create", **group, name=act.name, subnet=act.subnet, **to)
    yield "# Where your networks have this zone already, link and name that one in its place."
    yield _az(target, "network private-dns zone create", **group, name=act.zone)
    link = _az(target, "network private-dns link vnet create", **group, zone_name=act.zone, name=act.name)
    yield f'{link} --virtual-network "${{{act.subnet.name}%/subnets/*}}" --registration-enabled false'
    names = {"endpoint_name": act.name, "name": "default", "private_dns_zone": act.zone}
    yield _az(
        target, "network private-endpoint dns-zone-group create", **group, **names, zone_name="registry"
    )


def _az(target: Target, command: str, **options: str | Input) -> str:
    words = [f"az {command}", *(_option(name, value) for name, value in options.items())]
    return " ".join([*words, f"--subscription {shell(target.subscription)}"])


def _option(name: str, value: str | Input) -> str:
    option = f"--{name.replace('_', '-')}"
    if isinstance(value, Input):
        return f'{option} "${value.name}"'
    # a value with a dash in front would be taken for an option
    return f"{option}={shell(value)}" if value.startswith("-") else f"{option} {shell(value)}"


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
