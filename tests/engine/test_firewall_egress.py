"""What a firewall lets out: network rules in the order of their effect, then application rules by name."""

from typing import Any

import pytest
from engine_rows import Json, inventory, tag_table, world
from network_rows import (
    ALL,
    FIREWALL,
    PARENT,
    POLICY,
    classic,
    collection,
    collection_group,
    firewall,
    firewall_policy,
)

from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.firewall_egress import Service, decide_egress
from scanner.engine.traffic.nsg import Decision, Flow
from scanner.model.truth import Truth

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
STORAGE = Service(["*.core.windows.net"], are_all=True)
DIRECTORY = Service(["login.microsoftonline.com", "login.windows.net"], are_all=False)
TAGS = tag_table({"Storage": ["20.60.0.0/24", "20.38.98.0/24"], "Storage.WestUS": ["20.38.98.0/24"]})


def network_rule(*to: str, name: str = "net", **more: Any) -> Json:
    known: Json = {
        "ruleType": "NetworkRule",
        "name": name,
        "protocols": ["TCP"],
        "sourceAddresses": ["10.1.0.0/16"],
        "destinationAddresses": [*to],
        "destinationPorts": ["443"],
    }
    rule = {**known, **more}
    return {**rule, "ipProtocols": rule["protocols"]}  # what a policy calls them


def app_rule(*names: str, name: str = "app", **more: Any) -> Json:
    known: Json = {
        "ruleType": "ApplicationRule",
        "name": name,
        "protocols": [{"protocolType": "Https", "port": 443}],
        "sourceAddresses": ["10.1.2.0/24"],
        "targetFqdns": [*names],
    }
    return {**known, **more}


def outcome(decision: Decision) -> tuple[Truth, str]:
    """Whether a firewall lets something out, and by which rule."""
    return decision.truth, decision.rule


def decided(
    *rows: Json, held: Json, service: Service = STORAGE, tags: TagTable | None = TAGS, peer: str = "Storage"
) -> Decision:
    of = inventory(held, *rows, collected=ALL)
    rules = world(of, tags).related(of.resources[FIREWALL.lower()], "rules")
    return decide_egress(rules, Flow("Outbound", peer, 443, ("10.1.2.0/24",)), service, world(of, tags).tags)


def by_own(*network: Json, app: tuple[Json, ...] = (), service: Service = STORAGE, **more: Any) -> Decision:
    """What a firewall decides by rules of its own, each in a collection of the same priority."""
    held = firewall(
        networkRuleCollections=[classic("n", *network)], applicationRuleCollections=[classic("a", *app)]
    )
    return decided(held=held, service=service, **more)


def by_app(*rules: Json, service: Service = STORAGE) -> Truth:
    """What comes of Allow rules by name alone."""
    return by_own(app=rules, service=service).truth


# ---- network rules


@pytest.mark.parametrize("to", ["Storage", "*", "0.0.0.0/0", "20.0.0.0/8"])
def test_a_network_rule_allows_what_it_covers(to: str) -> None:
    assert outcome(by_own(network_rule(to))) == (TRUE, "net (Allow, priority 300)")


@pytest.mark.parametrize("protocol", ["Any", "TCP", "tcp"])
def test_a_network_rule_for_any_protocol_is_for_tcp(protocol: str) -> None:
    assert by_own(network_rule("Storage", protocols=["UDP", protocol])).truth is TRUE
    assert by_own(network_rule("Storage", protocols=["UDP", "ICMP"])).truth is FALSE


def test_what_no_rule_allows_is_denied() -> None:
    nothing = FALSE, "having no rule that allows it"

    assert outcome(by_own()) == outcome(by_own(network_rule("Storage.WestUS"))) == nothing
    assert outcome(by_own(network_rule("Storage", sourceAddresses=["10.9.0.0/16"]))) == nothing


def test_a_rule_for_a_part_of_the_sources_leaves_it_open() -> None:
    assert by_own(network_rule("Storage", sourceAddresses=["10.1.2.0/25"])).truth is UNKNOWN
    assert by_own(network_rule("Storage", sourceAddresses=["10.1.2.0/25", "10.1.2.128/25"])).truth is TRUE


def test_a_rule_that_cannot_be_compared_leaves_it_open() -> None:
    assert outcome(by_own(network_rule("Sql"))) == (
        UNKNOWN,
        "net (Allow, priority 300) cannot be compared with it",
    )


def test_network_rules_may_name_hosts() -> None:
    def named(*names: str, service: Service = STORAGE) -> Truth:
        return by_own(network_rule(destinationFqdns=[*names]), service=service).truth

    assert named("*.core.windows.net") is named("*.windows.net") is TRUE
    assert named("one.blob.core.windows.net") is named("*.blob.core.windows.net") is UNKNOWN
    assert named("contoso.azurecr.io") is FALSE
    assert named("login.microsoftonline.com", service=DIRECTORY) is UNKNOWN
    assert named("contoso.azurecr.io", service=DIRECTORY) is FALSE
    assert named("contoso.azurecr.io", service=Service([], are_all=False)) is UNKNOWN


# ---- the order of their effect


def test_collections_take_effect_by_priority() -> None:
    def either(first: str, second: str) -> Decision:
        held = firewall(
            networkRuleCollections=[
                classic("late", network_rule("Storage", name="late"), action=second, priority=400),
                classic("early", network_rule("Storage", name="early"), action=first, priority=200),
            ]
        )
        return decided(held=held)

    assert outcome(either("Allow", "Deny")) == (TRUE, "early (Allow, priority 200)")
    assert outcome(either("Deny", "Allow")) == (FALSE, "early (Deny, priority 200)")


def policies(*rows: Json, base: bool = True) -> Decision:
    parent = {"basePolicy": {"id": PARENT}} if base else {}
    held = firewall(firewallPolicy={"id": POLICY})
    return decided(firewall_policy(POLICY, **parent), firewall_policy(PARENT), *rows, held=held)


def test_groups_take_effect_by_priority_before_their_collections() -> None:
    late = collection_group(POLICY, "a", collection("c", network_rule("*"), action="Deny", priority=100))
    early = collection_group(POLICY, "b", collection("c", network_rule("*"), priority=900))
    late["properties"]["priority"], early["properties"]["priority"] = 500, 400

    assert policies(late, early).truth is TRUE
    assert policies({**late, "properties": {**late["properties"], "priority": 300}}, early).truth is FALSE


def test_the_policy_above_takes_effect_first_whatever_the_priorities() -> None:
    child = collection_group(POLICY, "a", collection("c", network_rule("*", name="child"), priority=100))
    parent = collection_group(
        PARENT, "z", collection("c", network_rule("*", name="parent"), action="Deny", priority=60000)
    )
    parent["properties"]["priority"] = 60000

    assert outcome(policies(child, parent)) == (FALSE, "parent (Deny, priority 60000)")
    assert policies(child, parent, base=False).truth is TRUE


def test_network_rules_come_before_application_rules_of_any_policy() -> None:
    child = collection_group(POLICY, "a", collection("c", network_rule("Storage"), priority=900))
    parent = collection_group(PARENT, "z", collection("c", app_rule("*"), action="Deny", priority=100))

    assert policies(child, parent).truth is TRUE


def test_a_rule_that_may_exist_or_whose_place_is_unknown_leaves_it_open() -> None:
    gone = {"ruleCollectionGroups": [{"id": f"{POLICY}/ruleCollectionGroups/gone"}]}
    held = firewall(firewallPolicy={"id": POLICY})
    group = collection_group(POLICY, "a", collection("c", network_rule("Storage")))
    placeless = {**collection("c", network_rule("Storage")), "priority": None}

    listed = decided(firewall_policy(POLICY, **gone), group, held=held)
    unordered = decided(firewall_policy(POLICY), collection_group(POLICY, "a", placeless), held=held)

    assert outcome(listed) == (UNKNOWN, "the rule collection group gone of child could not be seen")
    assert outcome(unordered) == (UNKNOWN, "the order of its rules is not known")


# ---- application rules


@pytest.mark.parametrize("pattern", ["*", "*.core.windows.net", "*.windows.net", "*core.windows.net"])
def test_an_application_rule_that_holds_every_name_of_a_service_allows_it(pattern: str) -> None:
    assert outcome(by_own(app=(app_rule("example.com", pattern),))) == (TRUE, "app (Allow, priority 300)")


@pytest.mark.parametrize("pattern", ["*.blob.core.windows.net", "one.queue.core.windows.net"])
def test_one_that_holds_some_leaves_it_open(pattern: str) -> None:
    doubt = UNKNOWN, "app (Allow, priority 300) may be for some of its names"

    assert outcome(by_own(app=(app_rule(pattern),))) == doubt


def test_one_for_other_names_allows_nothing() -> None:
    assert by_app(app_rule("*.azurecr.io", "core.windows.net.example.com")) is FALSE


@pytest.mark.parametrize(
    "changes",
    [
        {"sourceAddresses": ["10.9.0.0/16"]},
        {"protocols": [{"protocolType": "Http", "port": 443}]},
        {"protocols": [{"protocolType": "Https", "port": 8443}]},
    ],
)
def test_one_for_others_or_another_protocol_allows_nothing(changes: Json) -> None:
    assert by_app(app_rule("*", **changes)) is FALSE


def test_one_for_a_part_of_the_sources_leaves_names_open() -> None:
    assert by_app(app_rule("*", sourceAddresses=["10.1.2.0/25"])) is UNKNOWN


def test_of_a_service_whose_names_are_not_all_known_only_every_name_is_all() -> None:
    assert by_app(app_rule("*"), service=DIRECTORY) is TRUE
    assert by_app(app_rule("login.microsoftonline.com", "login.windows.net"), service=DIRECTORY) is UNKNOWN
    assert by_app(app_rule("*.microsoftonline.com"), app_rule("*"), service=DIRECTORY) is TRUE
    assert by_app(app_rule("*.azurecr.io"), service=DIRECTORY) is FALSE


@pytest.mark.parametrize(
    "held",
    [
        {"fqdnTags": ["AzureKubernetesService"]},
        {"fqdnTags": ["WindowsUpdate", "AzureBackup"]},
        {"webCategories": ["business"]},
        {"targetUrls": ["*.core.windows.net/x"]},
    ],
)
def test_a_rule_whose_names_are_not_known_leaves_it_open(held: Json) -> None:
    assert by_app(app_rule(**held)) is UNKNOWN
    assert by_app(app_rule(**held), app_rule("*")) is TRUE


def test_updates_of_windows_are_elsewhere() -> None:
    assert by_app(app_rule(fqdnTags=["WindowsUpdate", "WindowsDiagnostics"])) is FALSE


def denied(*rules: tuple[str, Json], service: Service = STORAGE) -> Decision:
    """What comes of application rules, each with its action, in this order."""
    collections = [
        classic(f"c{index}", rule, action=action, priority=100 + index)
        for index, (action, rule) in enumerate(rules)
    ]
    return decided(held=firewall(applicationRuleCollections=collections), service=service)


def test_the_first_application_rule_that_matches_decides() -> None:
    all_names, blobs = app_rule("*", name="all"), app_rule("*.blob.core.windows.net", name="blobs")

    assert outcome(denied(("Deny", all_names), ("Allow", all_names))) == (FALSE, "all (Deny, priority 100)")
    assert denied(("Allow", all_names), ("Deny", all_names)).truth is TRUE
    some = outcome(denied(("Deny", blobs), ("Allow", all_names)))
    assert some == (UNKNOWN, "blobs (Deny, priority 100) may be for some of its names")
    assert denied(("Deny", blobs)).truth is FALSE
    assert denied(("Allow", blobs), ("Deny", all_names)).truth is UNKNOWN
    assert denied(("Deny", app_rule("*.example.com")), ("Allow", all_names)).truth is TRUE


def test_network_rules_for_a_part_and_names_for_the_rest_are_enough() -> None:
    assert by_own(network_rule("Storage.WestUS"), app=(app_rule("*.core.windows.net"),)).truth is TRUE
