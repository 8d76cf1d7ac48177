"""Microsoft's own registry is reached by two names, or two tags: the second serves the layers."""

from typing import Any

import pytest
from engine_rows import Json, tag_table
from network_rows import FIREWALL, NETWORK, classic, firewall, nsg
from test_client_rules import CLOSED, FRONT_DOOR, MICROSOFT, TAG, allow, doubts, lead, problems

from scanner.model.resource import Related

# ---- by tag


def alone(*rules: Json, **more: Any) -> list[str]:
    return problems(lead("mcrTagRulesAlone", nsg(*rules), **more))


def test_the_tag_of_microsofts_registry_alone_lets_nothing_through() -> None:
    said = f"and {FRONT_DOOR}, which serves it, is kept back on port 443 by closed (Deny, priority 4000)"

    assert alone(allow(MICROSOFT, "mcr"), CLOSED) == [f"mcr: allows {MICROSOFT}, {said}"]
    assert alone(allow(f"{MICROSOFT}.EastUS", "mcr"), CLOSED) == [f"mcr: allows {MICROSOFT}.EastUS, {said}"]


def test_both_tags_together_do() -> None:
    both = allow(MICROSOFT, "mcr"), allow(FRONT_DOOR, "front-door", priority=110)

    assert alone(*both, CLOSED) == alone(allow(MICROSOFT)) == []
    late = allow(FRONT_DOOR, "front-door", priority=4010)
    assert len(alone(both[0], late, CLOSED)) == 1
    assert (
        len(alone(both[0], allow(FRONT_DOOR, "front-door", priority=110, destinationPortRange="80"), CLOSED))
        == 1
    )


@pytest.mark.parametrize(
    "changes", [{"access": "Deny"}, {"direction": "Inbound"}, {"destinationAddressPrefix": TAG}]
)
def test_other_rules_ask_for_nothing(changes: Json) -> None:
    assert alone(allow(**{"to": MICROSOFT, **changes}), CLOSED) == []


def test_a_cloud_whose_tags_lack_the_front_door_asks_for_none() -> None:
    china = tag_table({MICROSOFT: ["204.79.197.0/24"]})

    assert alone(allow(MICROSOFT), CLOSED, tags=china) == []
    assert by_firewall(to(MICROSOFT), tags=china) == []
    assert len(doubts(lead("mcrTagRulesAlone", nsg(allow(MICROSOFT), CLOSED), tags=tag_table(None)))) == 1


def to(*addresses: str, name: str = "mcr", **more: Any) -> Json:
    known: Json = {"name": name, "protocols": ["TCP"], "destinationPorts": ["443"]}
    return {**known, "destinationAddresses": [*addresses], **more}


def hub(*network: Json, app: tuple[Json, ...] = ()) -> Json:
    return firewall(
        networkRuleCollections=[classic("n", *network)], applicationRuleCollections=[classic("a", *app)]
    )


def by_firewall(*network: Json, app: tuple[Json, ...] = (), **more: Any) -> list[str]:
    return problems(lead("mcrTagRulesAlone", hub(*network, app=app), **more))


MCR_ALONE = [f"mcr: allows {MICROSOFT}, and {FRONT_DOOR}, which serves it, is allowed by no rule"]
HTTPS = [{"protocolType": "Https", "port": 443}]


def test_a_firewall_needs_both_tags_as_well() -> None:
    assert by_firewall(to(MICROSOFT)) == by_firewall(to(MICROSOFT), to("Storage")) == MCR_ALONE
    assert by_firewall(to(MICROSOFT, FRONT_DOOR)) == by_firewall(to(MICROSOFT), to("*", name="all")) == []
    assert by_firewall(to(MICROSOFT), to(FRONT_DOOR, protocols=["UDP"])) == MCR_ALONE
    assert by_firewall(to(MICROSOFT, destinationPorts=["80"])) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"targetFqdns": ["*.data.mcr.microsoft.com"]},
        {"targetFqdns": ["*.microsoft.com"]},
        {"fqdnTags": ["AzureKubernetesService"]},
    ],
)
def test_the_names_of_layers_let_them_through_a_firewall(rule: Json) -> None:
    app = {"name": "names", "protocols": HTTPS, **rule}

    assert by_firewall(to(MICROSOFT), app=(app,)) == []
    mcr = {"name": "mcr", "protocols": HTTPS, "targetFqdns": ["mcr.microsoft.com"]}
    assert lead("mcrRulesWithoutData", hub(app=(mcr, app))) == Related()


def test_a_destination_that_cannot_be_compared_may_serve_it() -> None:
    assert doubts(lead("mcrTagRulesAlone", hub(to(MICROSOFT), to("Sql")))) == [
        f"whether hub allows {FRONT_DOOR} could not be seen"
    ]


# ---- by name


def by_name(*rules: Json, network: tuple[Json, ...] = (), **more: Any) -> list[str]:
    return problems(lead("mcrRulesWithoutData", hub(*network, app=rules), **more))


def names(*hosts: str, name: str = "mcr", **more: Any) -> Json:
    return {"name": name, "protocols": HTTPS, "targetFqdns": [*hosts], **more}


DATALESS = "allows mcr.microsoft.com, and no rule allows *.data.mcr.microsoft.com, where the layers come from"


@pytest.mark.parametrize(
    "others",
    [
        [],
        ["eastus.data.mcr.microsoft.com"],
        ["data.mcr.microsoft.com"],
        ["*.azurecr.io"],
    ],
)
def test_the_registry_without_all_of_its_data_endpoints_is_named(others: list[str]) -> None:
    assert by_name(names("MCR.microsoft.com", *others)) == [f"mcr: {DATALESS}"]


@pytest.mark.parametrize(
    "pattern",
    [
        "*.data.mcr.microsoft.com",
        "*.DATA.mcr.microsoft.com",
        "*.mcr.microsoft.com",
        "*soft.com",
        "*.com",
        "*",
    ],
)
def test_any_pattern_that_holds_the_data_endpoints_lets_layers_through(pattern: str) -> None:
    assert by_name(names("mcr.microsoft.com", pattern)) == []
    assert by_name(names("mcr.microsoft.com"), names(pattern, name="other")) == []
    in_network = to(name="net", destinationFqdns=[pattern])
    assert by_name(names("mcr.microsoft.com"), network=(in_network,)) == []


def test_the_tag_of_the_front_door_lets_layers_through() -> None:
    assert by_name(names("mcr.microsoft.com"), network=(to(FRONT_DOOR, name="net"),)) == []
    assert by_name(names("mcr.microsoft.com"), network=(to(MICROSOFT, name="net"),)) == [f"mcr: {DATALESS}"]
    china = tag_table({MICROSOFT: ["204.79.197.0/24"]})
    assert by_name(names("mcr.microsoft.com"), network=(to("Storage", name="net"),), tags=china) == [
        f"mcr: {DATALESS}"
    ]


@pytest.mark.parametrize("tag", ["WindowsUpdate", "MicrosoftContainerRegistry"])
def test_other_fqdn_tags_do_not(tag: str) -> None:
    assert by_name(names("mcr.microsoft.com"), names(name="tag", fqdnTags=[tag])) == [f"mcr: {DATALESS}"]


def test_what_is_denied_is_not_allowed() -> None:
    held = firewall(
        applicationRuleCollections=[
            classic("a", names("mcr.microsoft.com")),
            classic("d", names("*", name="all", fqdnTags=["AzureKubernetesService"]), action="Deny"),
        ]
    )

    assert problems(lead("mcrRulesWithoutData", held)) == [f"mcr: {DATALESS}"]


def test_a_firewall_that_does_not_allow_the_registry_is_not_looked_at() -> None:
    for rule in (names("*.azurecr.io", "*.data.mcr.microsoft.com"), names("*.mcr.microsoft.com")):
        assert by_name(rule) == []
        assert lead("rulesForMcr", hub(app=(rule,))) == Related()
    denied = firewall(applicationRuleCollections=[classic("d", names("mcr.microsoft.com"), action="Deny")])
    assert lead("rulesForMcr", denied) == Related()


def test_every_rule_for_the_registry_is_named() -> None:
    two = names("mcr.microsoft.com", name="one"), names("mcr.microsoft.com", name="two")

    assert by_name(*two) == [f"one: {DATALESS}", f"two: {DATALESS}"]
    assert [each.name for each in lead("rulesForMcr", hub(app=two)).targets] == ["one", "two"]


def test_rules_of_a_firewall_that_could_not_be_seen_may_allow_anything() -> None:
    held = hub(to(MICROSOFT, name="tag"), app=(names("mcr.microsoft.com"),))
    held["properties"]["firewallPolicy"] = {"id": f"{NETWORK}/firewallPolicies/gone"}
    gone = "gone is not in the scanned scope"

    assert doubts(lead("mcrRulesWithoutData", held))[-1] == doubts(lead("mcrTagRulesAlone", held))[-1] == gone
    assert lead("rulesForMcr", held).unseen is not None
    bare = {"id": FIREWALL, "properties": {"firewallPolicy": {"id": f"{NETWORK}/firewallPolicies/gone"}}}
    assert doubts(lead("mcrRulesWithoutData", bare)) == [gone]
