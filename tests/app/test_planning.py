"""An applied plan is a clean scan: what it settles is gone, nothing else fails, and no finding is lost."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import shipped_pack
from estates_to_mend import estate, service_tags
from scanned import scan_all

from scanner.app.options import ScanOptions
from scanner.app.remediate.planning import Planning, RemediationOptions, plan_of
from scanner.app.scan.run import collect_and_judge
from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Row, Source
from scanner.network.service_tags import ServiceTags
from scanner.policy.load import Pack
from scanner.remediation.simulation import simulate
from scanner.report.plan import az, bicep, terraform
from scanner.result.finding import Exempted, Finding, Verdict
from scanner.result.plan import (
    AddCredential,
    AddRule,
    AssignIdentity,
    AssignRole,
    CreateEndpoint,
    CreatePool,
    Plan,
    RegistryPlan,
    RemoveRule,
    SetField,
    SignIn,
    UsePool,
)

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"
ESTATES = int(os.environ.get("REMEDIATION_ESTATES", "200"))
"""How many registries are drawn; thousands on request."""

PACK: Pack = shipped_pack.pack()
TAGS = service_tags()

Key = tuple[str, str]


def judged(inventory: Inventory, tags: ServiceTags | None) -> dict[Key, Finding]:
    """Every finding of the whole pack on the whole inventory."""
    table = TagTable(tags, inventory.cloud)
    found = scan_all(inventory, table, PACK.policies, PACK.terms)
    return {(each.policy.id, each.resource.key): each for each in found}


def fails(findings: Mapping[Key, Finding]) -> set[Key]:
    return {key for key, each in findings.items() if each.verdict is Verdict.FAIL}


NEITHER = RemediationOptions()


def planned(inventory: Inventory, asking: RemediationOptions = NEITHER, tags: ServiceTags = TAGS) -> Plan:
    table = TagTable(tags, inventory.cloud)
    planning = Planning(inventory, table, PACK, PACK.policies, {}, asking)
    return planning.plan(judged(inventory, tags).values())


def after(inventory: Inventory, plan: Plan) -> Inventory:
    """The inventory once every step was taken, in the order of the plan."""
    for each in plan.registries:
        inventory = simulate(inventory, each.target.id.lower(), [step.act for step in each.steps])
    return inventory


def settled(plans: Iterable[RegistryPlan]) -> set[Key]:
    return {(each.policy, each.resource) for plan in plans for each in plan.settled}


def settled_by(plan: Plan) -> set[Key]:
    return settled(plan.registries) | {(each.policy, each.resource) for each in plan.settled}


def left(plan: Plan, *verdicts: str) -> set[Key]:
    everything = [each for of in plan.registries for each in of.left] + list(plan.elsewhere)
    return {(each.policy, each.resource) for each in everything if each.verdict in verdicts}


def check(inventory: Inventory, plan: Plan, tags: ServiceTags | None) -> Counter[str]:
    """That a plan does what it says; counts for the reader."""
    before = judged(inventory, tags)
    then = judged(after(inventory, plan), tags)
    failed, fail_now = fails(before), fails(then)
    accepted = {said for each in plan.registries for said in each.accepted}
    new = {key for key in fail_now - failed if f"{key[0]} on {key[1].rsplit('/', 1)[-1]}" not in accepted}

    assert new == set()
    assert settled_by(plan) & fail_now == set()
    assert failed - fail_now == settled_by(plan) & failed
    assert left(plan, "fail") == failed & fail_now
    assert left(plan, "unknown") == {key for key, each in before.items() if each.verdict is Verdict.UNKNOWN}
    for each in plan.registries:
        assert each.rules is None or each.rules.after <= max(each.rules.limit, each.rules.before)
    return Counter(
        registries=len(plan.registries), steps=plan.steps, settled=len(failed - fail_now), left=len(fail_now)
    )


@pytest.mark.slow
@pytest.mark.parametrize("prefer", [None, "agent-pool", "bypass", "ip-rules"])
def test_the_samples_plan_leaves_nothing_behind_and_breaks_nothing(prefer: str | None) -> None:
    asked = ScanOptions(CONTOSO)
    seen = collect_and_judge(asked)

    plan = plan_of(seen, asked, RemediationOptions(prefer))

    counts = check(seen.inventory, plan, seen.tags)
    assert plan.doubts == ()
    assert counts["registries"] >= 12
    assert counts["settled"] > 30


PARTS = 4
"""In how many tests the estates are tried, so that workers share them."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    "asking",
    [RemediationOptions(), RemediationOptions("bypass"), RemediationOptions("ip-rules", widen=True)],
    ids=["default", "bypass", "widened"],
)
def test_the_plan_of_any_registry_leaves_nothing_behind_and_breaks_nothing(
    asking: RemediationOptions, part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()

    for seed in range(part, ESTATES if asking == RemediationOptions() else max(25, ESTATES // 4), PARTS):
        inventory = estate(seed)
        try:
            counts += check(inventory, planned(inventory, asking), TAGS)
        except AssertionError as error:
            raise AssertionError(f"estate {seed}: {error}") from error

    with capsys.disabled():
        print(f"\n{dict(counts)}")
    assert counts["settled"] > counts["left"] > 0


def registry(*, rules: Iterable[str] = (), region: str = "eastus", **settings: object) -> Row:
    identifier = (
        "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers"
        "/Microsoft.ContainerRegistry/registries/fabrikam"
    )
    properties = {
        "loginServer": "fabrikam.azurecr.io",
        "provisioningState": "Succeeded",
        "adminUserEnabled": False,
        "dataEndpointEnabled": True,
        "publicNetworkAccess": "Enabled",
        "networkRuleBypassOptions": "None",
        "networkRuleBypassAllowedForTasks": False,
        "roleAssignmentMode": "LegacyRegistryPermissions",
        "policies": {"azureADAuthenticationAsArmPolicy": {"status": "disabled"}},
        "privateEndpointConnections": [],
        "networkRuleSet": {
            "defaultAction": "Deny",
            "ipRules": [{"action": "Allow", "value": rule} for rule in rules],
            "virtualNetworkRules": [],
        },
        **settings,
    }
    return row(identifier, properties, region, sku={"name": "Premium"})


def task(registry: Row, *, name: str = "nightly", **rest: object) -> Row:
    own = rest.pop("properties", {})
    assert isinstance(own, dict)
    properties = {"status": "Enabled", "provisioningState": "Succeeded", "platform": {"os": "linux"}, **own}
    return row(f"{registry.id}/tasks/{name}", properties, registry.body["location"], **rest)


def row(identifier: str, properties: Mapping[str, object], region: str, **rest: object) -> Row:
    kind = "microsoft.containerregistry/registries" + ("/tasks" if "/tasks/" in identifier else "")
    body = {"id": identifier, "location": region, "properties": properties, **rest}
    return Row(identifier, kind, body, Source.ARM, "2026-03-01-preview")


def inventory_of(*rows: Row) -> Inventory:
    subscription = "11111111-1111-4111-8111-111111111111"
    return Inventory(by_id(rows), None, subscriptions=frozenset({subscription}))


def steps_of(plan: Plan) -> list[object]:
    (only,) = plan.registries
    return [step.act for step in only.steps]


def reasons_of(plan: Plan) -> dict[str, str]:
    (only,) = plan.registries
    return {each.policy: each.reason for each in only.left}


CLIENTS = [f"9.0.{number // 200}.{number % 200}" for number in range(200)]


def test_a_registry_of_198_rules_gets_the_two_prefixes_of_its_tag_that_it_lacks() -> None:
    home = ["20.42.66.0/24", "20.42.67.0/24", "20.42.74.64/26"]
    inventory = inventory_of(registry(rules=[*CLIENTS[:195], *home]))

    plan = planned(inventory, RemediationOptions())

    assert steps_of(plan)[:2] == [AddRule("40.71.10.216/29"), AddRule("52.168.114.0/24")]
    assert plan.registries[0].rules is not None
    assert (plan.registries[0].rules.before, plan.registries[0].rules.after) == (198, 200)


def test_with_199_rules_the_merge_makes_the_room_first() -> None:
    home = ["20.42.66.0/24", "20.42.67.0/24", "20.42.74.64/26"]
    inventory = inventory_of(registry(rules=[*CLIENTS[:196], *home]))

    plan = planned(inventory, RemediationOptions())

    assert [each for each in steps_of(plan) if isinstance(each, AddRule | RemoveRule)] == [
        AddRule("20.42.66.0/23"),
        RemoveRule("20.42.66.0/24"),
        RemoveRule("20.42.67.0/24"),
        AddRule("40.71.10.216/29"),
        AddRule("52.168.114.0/24"),
    ]
    check(inventory, plan, TAGS)


def test_a_tag_for_which_there_is_no_room_at_all_is_refused_with_the_numbers() -> None:
    inventory = inventory_of(registry(rules=[*CLIENTS[:199], "20.42.66.0/24"]))

    refused = reasons_of(planned(inventory, RemediationOptions(widen=True)))["ACR206"]

    assert refused == (
        "200 rules are there, and with all of AzureContainerRegistry.EastUS 203, of 200 allowed; "
        "no widening fits either"
    )


def test_widening_is_priced_before_it_is_allowed_and_in_the_plan_that_allows_it() -> None:
    inventory = inventory_of(registry(rules=[*CLIENTS[:197], "20.42.66.0/24"]))

    refused = reasons_of(planned(inventory))["ACR206"]
    plan = planned(inventory, RemediationOptions(widen=True))

    # 20.42.64.0/20 holds the region's three prefixes there
    assert "--allow-widening makes it 200, and opens 3,520 addresses beyond the tag" in refused
    rules = plan.registries[0].rules
    assert rules is not None
    assert (rules.after, rules.opened) == (200, 3520)
    assert "opening 3,520 addresses beyond the tag" in az.render(plan)
    check(inventory, plan, TAGS)


def test_a_house_budget_holds_for_what_a_plan_adds() -> None:
    inventory = inventory_of(registry(rules=[*CLIENTS[:184], "20.42.66.0/24"]))

    assert "of 185 allowed" in reasons_of(planned(inventory))["ACR206"]


def test_a_task_gets_its_way_in_the_order_of_preference_and_by_all_its_steps() -> None:
    home = registry(rules=["9.9.9.9"])
    inventory = inventory_of(home, task(home))

    acts = [each for each in steps_of(planned(inventory)) if not isinstance(each, SetField)]

    assert [type(each) for each in acts][:3] == [CreateEndpoint, CreatePool, UsePool]
    assert acts[2] == UsePool("nightly", "tasks")
    check(inventory, planned(inventory), TAGS)


def test_where_a_region_has_no_pools_a_task_gets_the_bypass() -> None:
    home = registry(rules=["9.9.9.9"], region="uksouth")
    inventory = inventory_of(home, task(home, properties={"agentPoolName": "gone"}))

    plan = planned(inventory)

    flag = SetField("properties.networkRuleBypassAllowedForTasks", value=True)
    assert steps_of(plan)[:5] == [
        flag,
        AssignIdentity("nightly", "SystemAssigned"),
        AssignRole("nightly", "AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec"),
        AddCredential("nightly", "fabrikam.azurecr.io"),
        SignIn("nightly", abac=False),
    ]
    (found,) = [each for each in plan.registries[0].settled if each.policy == "ACR201"]
    assert found.others[0] == "agent-pool: Azure offers no agent pools in uksouth"
    assert "azure-cli#23373" in az.render(plan)


def test_a_registry_with_abac_permissions_takes_the_role_and_the_sign_in_of_that_mode() -> None:
    home = registry(rules=["9.9.9.9"], region="uksouth", roleAssignmentMode="AbacRepositoryPermissions")
    user = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"
    identity = {"type": "UserAssigned", "userAssignedIdentities": {user: {}}}
    inventory = inventory_of(home, task(home, identity=identity))

    acts = steps_of(planned(inventory))

    assert AssignIdentity("nightly", "SystemAssigned, UserAssigned") in acts
    role = "Container Registry Repository Writer"
    assert AssignRole("nightly", role, "2a1e307c-b015-4ebd-883e-5b7698a07328") in acts
    assert SignIn("nightly", abac=True) in acts


def test_ip_rules_that_were_asked_for_say_that_tasks_share_them() -> None:
    home = registry(rules=["9.9.9.9"])
    inventory = inventory_of(home, task(home))

    plan = planned(inventory, RemediationOptions("ip-rules"))

    assert plan.registries[0].accepted == ("ACR209 on nightly",)
    assert AddRule("20.42.66.0/23") in steps_of(plan)
    assert "comes of the way that was asked for: ACR209 on nightly" in az.render(plan)


def test_a_registry_is_not_closed_before_its_tasks_have_a_way_in() -> None:
    open_ = {"defaultAction": "Allow", "ipRules": [{"value": "9.9.9.9"}], "virtualNetworkRules": []}
    home = registry(networkRuleSet=open_)
    inventory = inventory_of(home, task(home))

    plan = planned(inventory)

    acts = steps_of(plan)
    deny = acts.index(SetField("properties.networkRuleSet.defaultAction", "Deny"))
    assert acts.index(UsePool("nightly", "tasks")) < deny
    check(inventory, plan, TAGS)


def test_a_registry_that_is_closed_keeps_its_way_for_quick_runs() -> None:
    open_ = {"defaultAction": "Allow", "ipRules": [{"value": "9.9.9.9"}], "virtualNetworkRules": []}

    acts = steps_of(planned(inventory_of(registry(region="uksouth", networkRuleSet=open_))))

    assert [each for each in acts if isinstance(each, AddRule)] == [
        AddRule("51.105.66.0/23"),
        AddRule("51.132.192.0/29"),
    ]
    assert SetField("properties.networkRuleSet.defaultAction", "Deny") in acts


def test_quick_runs_alone_are_no_reason_to_open_a_registry() -> None:
    plan = planned(inventory_of(registry(region="uksouth", rules=["9.9.9.9"])))

    assert [each for each in steps_of(plan) if isinstance(each, AddRule)] == []
    assert reasons_of(plan)["ACR211"].startswith("whether anybody needs az acr build")


def test_rules_that_have_to_be_merged_are_there_before_the_registry_is_closed() -> None:
    home = ["20.42.66.0/24", "20.42.67.0/24", "20.42.74.64/26"]
    rules = [{"value": rule} for rule in (*CLIENTS[:196], *home)]
    inventory = inventory_of(registry(networkRuleSet={"defaultAction": "Allow", "ipRules": rules}))

    acts = steps_of(planned(inventory, RemediationOptions("ip-rules")))

    deny = acts.index(SetField("properties.networkRuleSet.defaultAction", "Deny"))
    assert acts.index(AddRule("20.42.66.0/23")) < acts.index(AddRule("52.168.114.0/24")) < deny


def test_what_would_make_another_finding_is_not_planned_and_says_which() -> None:
    inventory = inventory_of(registry(rules=["51.105.66.0/24"]))

    assert reasons_of(planned(inventory))["ACR207"].startswith("it would make ACR102 fail on fabrikam")


def test_china_allows_half_as_many_rules() -> None:
    inventory = replace(inventory_of(registry(rules=[*CLIENTS[:97], "20.42.66.0/24"])), cloud="China")

    tags = replace(TAGS, cloud="China")

    assert "of 100 allowed" in reasons_of(planned(inventory, tags=tags))["ACR206"]


def test_what_is_exempt_is_listed_and_not_planned() -> None:
    inventory = inventory_of(registry(rules=["9.9.9.9"], adminUserEnabled=True))
    found = judged(inventory, TAGS)
    key = next(key for key in found if key[0] == "ACR901")
    exempted = Exempted("waiver", "for the old builders", "me", "2027-01-01")
    accepted = msgspec.structs.replace(found[key], verdict=Verdict.EXEMPT, exemption=exempted)
    planning = Planning(inventory, TagTable(TAGS, "Public"), PACK, PACK.policies, {}, RemediationOptions())

    plan = planning.plan([accepted])

    assert plan.steps == 0
    assert reasons_of(plan) == {"ACR901": "it is exempt until 2027-01-01"}


def test_what_only_an_older_row_shows_is_kept_when_something_is_set_beside_it() -> None:
    home = registry()
    shown = task(home, properties={"credentials": {"sourceRegistry": {"loginMode": "None"}}})
    withheld = msgspec.structs.replace(
        task(home, properties={"credentials": None}), api_version="2025-03-01-preview"
    )
    inventory = inventory_of(home, withheld, msgspec.structs.replace(shown, api_version="2019-06-01-preview"))

    changed = simulate(inventory, home.id.lower(), [AddCredential("nightly", "fabrikam.azurecr.io")])

    assert changed.resources[shown.id.lower()].rows[0].body["properties"]["credentials"] == {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"fabrikam.azurecr.io": {"identity": "[system]"}},
    }


def test_a_clean_registry_gets_no_step() -> None:
    inventory = estate(0)
    empty = replace(inventory, resources={})

    assert planned(empty).registries == ()
    for render in (az.render, bicep.render, terraform.render):
        assert "Nothing is to do." in render(planned(empty))
