"""What inbound rules open, to the registry service and beside it, is a matter of sets and not of spelling."""

from typing import Any

import pytest
from engine_rows import Json, inventory, tag_table, world
from network_rows import ALL, FIREWALL, NSG, classic, firewall, nsg, security_rule

from scanner.model.inventory import Gap
from scanner.model.resource import Related

TAG = "AzureContainerRegistry"
WEB, HOOKS = ({"id": f"/subscriptions/s/applicationSecurityGroups/{name}"} for name in ("web", "hooks"))


def inbound(name: str, source: str | None, priority: int | None = 100, **properties: Any) -> Json:
    known: Json = {"direction": "Inbound", "sourceAddressPrefix": source, "priority": priority}
    return security_rule(name, **{**known, **properties})


def from_tag(name: str = "hooks", source: str | None = f"{TAG}.EastUS", **properties: Any) -> Json:
    return inbound(name, source, **{"priority": 300, **properties})


def several(*prefixes: str) -> Json:
    """The source prefixes of a rule that names several."""
    return {"sourceAddressPrefix": None, "sourceAddressPrefixes": [*prefixes]}


def ports(*texts: str) -> Json:
    return {"destinationPortRange": None, "destinationPortRanges": [*texts]}


def lead(relation: str, *rules: Json, **more: Any) -> Related:
    of = inventory(nsg(*rules), **more)
    return world(of).related(of.resources[NSG.lower()], relation)


def problems(related: Related) -> list[str]:
    """Each problem after the name of its rule; nothing else is told."""
    assert (related.uncertain, related.unseen) == ((), None)
    return [f"{each.name}: {each.rows[0].body['properties']['problem']}" for each in related.targets]


def doubts(related: Related) -> list[str]:
    """Why there may be problems; there are none."""
    assert related.targets == ()
    return [each.reason for each in (*related.uncertain, *filter(None, [related.unseen]))]


# ---- how wide rules for the tag are


def wide(*rules: Json) -> list[str]:
    return problems(lead("wideTagRules", *rules))


@pytest.mark.parametrize(
    "texts", [["443"], ["443", "8000-8080"], ["1-65534"], ["2-65535"], ["0-32767", "32769-65535"]]
)
def test_ports_that_are_named_are_narrow(texts: list[str]) -> None:
    assert wide(from_tag(**ports(*texts))) == []


@pytest.mark.parametrize(
    "texts",
    [
        ["*"],
        ["443", "*"],
        ["0-65535"],
        ["1-65535"],
        ["0-32767", "32768-65535"],
        ["30000-65535", "1-30000", "443"],
    ],
)
def test_every_port_is_wide_in_whatever_ranges(texts: list[str]) -> None:
    assert wide(from_tag(**ports(*texts))) == [f"hooks: lets {TAG}.EastUS in on every port"]


def test_rules_for_the_tag_may_open_every_port_together() -> None:
    low, high = from_tag("low", **ports("0-32767")), from_tag("high", **ports("32768-65535"))

    assert wide(low, high) == [
        f"low: lets {TAG}.EastUS in on every port, together with high",
        f"high: lets {TAG}.EastUS in on every port, together with low",
    ]
    assert wide(low, {**high, "properties": {**high["properties"], "access": "Deny"}}) == []


def test_what_the_global_tag_may_counts_for_every_region() -> None:
    low, high = from_tag("low", TAG, **ports("0-32767")), from_tag("high", **ports("32768-65535"))

    assert wide(low, high) == [f"high: lets {TAG}.EastUS in on every port, together with low"]
    assert wide(from_tag("low", f"{TAG}.WestUS", **ports("0-32767")), high) == []


def test_rules_for_other_machines_do_not_open_every_port_together() -> None:
    low = from_tag("low", **ports("0-32767"), destinationAddressPrefix="10.0.0.0/24")

    def high(to: str) -> Json:
        return from_tag("high", **ports("32768-65535"), destinationAddressPrefix=to)

    assert wide(low, high("10.0.1.0/24")) == []
    assert wide(low, high("10.0.0.4")) == [f"high: lets {TAG}.EastUS in on every port, together with low"]
    assert len(wide(low, high("10.0.0.0/23"))) == len(wide(low, high("*"))) == 1
    assert len(wide(low, high("10.0.0.0/24"))) == 2


@pytest.mark.parametrize(
    ("protocol", "said"),
    [("*", "any protocol"), ("Udp", "Udp"), ("Icmp", "Icmp")],
)
def test_the_service_speaks_tcp_and_nothing_else(protocol: str, said: str) -> None:
    assert wide(from_tag(protocol=protocol)) == [
        f"hooks: lets {TAG}.EastUS in by {said}, and the service speaks TCP"
    ]
    assert wide(from_tag(protocol="TCP")) == []


def test_a_rule_is_wide_in_each_way_that_it_is() -> None:
    assert wide(from_tag(source=TAG, protocol="*", destinationPortRange="*")) == [
        f"hooks: lets {TAG} in by any protocol, and the service speaks TCP",
        f"hooks: lets {TAG} in on every port",
    ]


def test_ports_of_udp_are_none_of_tcp() -> None:
    low, high = from_tag("low", **ports("0-32767")), from_tag("high", protocol="Udp", **ports("32768-65535"))

    assert wide(low, high) == [f"high: lets {TAG}.EastUS in by Udp, and the service speaks TCP"]


@pytest.mark.parametrize(
    "changes", [{"access": "Deny"}, {"direction": "Outbound"}, {"sourceAddressPrefix": "Internet"}]
)
def test_a_rule_that_lets_the_service_in_nowhere_is_not_wide(changes: Json) -> None:
    assert wide(from_tag(protocol="*", destinationPortRange="*", **changes)) == []


UNREADABLE: list[Json] = [
    {"destinationPortRange": "https"},
    {"destinationPortRange": None},
    {"protocol": None},
    {"access": None},
    {"direction": None},
    {"priority": None},
    {"sourceAddressPrefix": None},
    {"destinationAddressPrefix": None},
]


@pytest.mark.parametrize("changes", UNREADABLE, ids=str)
@pytest.mark.parametrize("relation", ["wideTagRules", "rulesBesideTheTag"])
def test_a_rule_that_cannot_be_read_may_open_anything(relation: str, changes: Json) -> None:
    odd = inbound("odd", "Internet", **changes)

    assert doubts(lead(relation, from_tag(), odd)) == ["the rule odd could not be read"]
    assert "the rule hooks could not be read" in doubts(lead(relation, from_tag(**changes)))


def test_rules_that_could_not_be_seen_may_open_anything() -> None:
    gap = Gap("microsoft.network/networksecuritygroups/properties.securityRules", "", "refused")
    of = inventory({"id": NSG, "properties": {}}, gaps=[gap])

    for relation in ("wideTagRules", "rulesBesideTheTag"):
        assert doubts(world(of).related(of.resources[NSG.lower()], relation)) == ["refused"]


# ---- rules beside it


def beside(*rules: Json) -> list[str]:
    return problems(lead("rulesBesideTheTag", from_tag(), *rules))


ALONE = f"all: opens port 443 to everybody and hooks opens it to {TAG}.EastUS alone"


@pytest.mark.parametrize("source", ["Internet", "*", "0.0.0.0/0", "internet", "::/0", "2000::/3"])
@pytest.mark.parametrize("texts", [["443"], ["*"], ["400-500"], ["80", "443"]])
def test_a_rule_that_opens_the_tags_port_to_everybody_stands_beside_it(source: str, texts: list[str]) -> None:
    assert beside(inbound("all", source, **ports(*texts))) == [ALONE]


@pytest.mark.parametrize(
    "prefixes",
    [
        ["0.0.0.0/1", "128.0.0.0/1"],
        ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
        ["::/1", "8000::/1"],
        ["203.0.113.0/24", "2000::/4", "3000::/4"],
        ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"],
    ],
)
def test_everybody_is_every_public_address_in_whatever_prefixes(prefixes: list[str]) -> None:
    assert beside(inbound("all", None, **several(*prefixes))) == [ALONE]


@pytest.mark.parametrize(
    "prefixes",
    [
        ["0.0.0.0/1"],
        ["0.0.0.0/1", "128.0.0.0/2"],
        ["2000::/4", "0.0.0.0/1"],
        ["fd00::/8"],
        ["Sql", "203.0.113.0/24"],
    ],
)
def test_fewer_are_not_everybody(prefixes: list[str]) -> None:
    assert beside(inbound("all", None, **several(*prefixes))) == []


def test_several_rules_may_let_everybody_in_together() -> None:
    low = inbound("low", "0.0.0.0/1", 100)
    high = inbound("high", "128.0.0.0/1", 110, destinationPortRange="*", protocol="*")

    assert beside(low) == beside(high) == []
    assert beside(low, high) == [
        f"low: opens port 443 to everybody, together with high, and hooks opens it to {TAG}.EastUS alone",
        f"high: opens port 443 to everybody, together with low, and hooks opens it to {TAG}.EastUS alone",
    ]
    assert beside(low, inbound("high", "128.0.0.0/1", 110, destinationPortRange="80")) == []


def test_one_rule_for_everybody_is_named_without_those_that_add_nothing() -> None:
    office = inbound("office", "203.0.113.0/24", 90)

    assert beside(office, inbound("all", "Internet")) == [ALONE]


def test_the_ports_that_are_open_are_named() -> None:
    hooks = from_tag(**ports("443", "8000-8080"))
    related = lead("rulesBesideTheTag", hooks, inbound("all", "*", **ports("80", "443", "8080-9000")))

    assert problems(related) == [
        f"all: opens ports 443, 8080 to everybody and hooks opens them to {TAG}.EastUS alone"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"destinationPortRange": "80"},
        {"protocol": "Udp"},
        {"access": "Deny"},
        {"direction": "Outbound"},
        {"sourceAddressPrefix": "VirtualNetwork"},
        {"sourceAddressPrefix": "203.0.113.0/24"},
        {"sourceAddressPrefix": None, "sourceApplicationSecurityGroups": [WEB]},
    ],
)
def test_a_rule_that_opens_something_else_does_not(changes: Json) -> None:
    assert beside(inbound("all", "*", **changes)) == []


@pytest.mark.parametrize("changes", [{"access": "Deny"}, {"sourceAddressPrefix": "Sql"}, {"protocol": "Udp"}])
def test_without_a_rule_for_the_tag_nothing_stands_beside_it(changes: Json) -> None:
    assert lead("rulesBesideTheTag", inbound("all", "*"), from_tag(**changes)) == Related()


@pytest.mark.parametrize(
    "denial",
    [
        {"sourceAddressPrefix": "*"},
        {"sourceAddressPrefix": "Internet", "protocol": "*", "destinationPortRange": "*"},
        several("0.0.0.0/1", "128.0.0.0/1", "::/0"),
    ],
)
def test_a_denial_before_takes_the_port_from_everybody(denial: Json) -> None:
    assert (
        beside(inbound("all", "Internet", 200), inbound("no", "*", 150, **{"access": "Deny", **denial})) == []
    )


def test_denials_add_up() -> None:
    low = inbound("low", "0.0.0.0/1", 110, access="Deny")
    high = inbound("high", None, 120, access="Deny", **several("128.0.0.0/1", "::/0"))

    assert beside(inbound("all", "Internet", 200), low, high) == []
    assert beside(inbound("all", "0.0.0.0/0", 200), inbound("no", "::/0", 110, access="Deny")) == [ALONE]
    assert beside(inbound("all", "::/0", 200), inbound("no", "0.0.0.0/0", 110, access="Deny")) == [ALONE]


@pytest.mark.parametrize("prefixes", [["20.0.0.0/8"], ["0.0.0.0/1", "::/0"], ["0.0.0.0/0", "2a00::/12"]])
def test_a_denial_of_some_addresses_changes_nothing(prefixes: list[str]) -> None:
    denial = inbound("no", None, 150, **{"access": "Deny", **several(*prefixes)})

    assert beside(denial, inbound("all", "Internet", 200)) == [ALONE]


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": 250},
        {"priority": 200},
        {"sourceAddressPrefix": "Sql"},
        {"destinationAddressPrefix": "10.0.0.4"},
        {"destinationPortRange": "80"},
        {"protocol": "Udp"},
        {"direction": "Outbound"},
        {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [HOOKS]},
    ],
)
def test_a_denial_of_less_or_later_does_not(changes: Json) -> None:
    denial = {"access": "Deny", "priority": 150, **changes}
    rule = security_rule("no", **{**inbound("", "*")["properties"], **denial})

    assert beside(inbound("all", "Internet", 200), rule) == [ALONE]


# ---- the machines that rules are for


def at_hooks(**hooks: Any) -> list[str]:
    """The problems with a rule for everybody at 10.0.0.0/24, beside one for the tag elsewhere."""
    wide = inbound("all", "Internet", destinationAddressPrefix="10.0.0.0/24")
    return problems(lead("rulesBesideTheTag", from_tag(**hooks), wide))


@pytest.mark.parametrize("to", ["*", "0.0.0.0/0", "VirtualNetwork", "10.0.0.4", "10.0.0.0/16"])
def test_a_rule_for_the_same_machines_stands_beside_the_tag(to: str) -> None:
    assert at_hooks(destinationAddressPrefix=to) == [ALONE]


def test_a_rule_for_other_addresses_does_not() -> None:
    assert at_hooks(destinationAddressPrefix="10.0.1.0/24") == []


def test_groups_of_machines_may_have_some_in_common() -> None:
    def group(name: str, source: str, of: Json, **more: Any) -> Json:
        to: Json = {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [of]}
        return inbound(name, source, **to, **more)

    hooks, wide = group("hooks", f"{TAG}.EastUS", HOOKS), group("all", "*", WEB)

    assert doubts(lead("rulesBesideTheTag", hooks, wide)) == [
        "all may open port 443 to everybody on machines that hooks is for"
    ]
    assert problems(lead("rulesBesideTheTag", hooks, group("all", "*", HOOKS))) == [ALONE]
    assert problems(lead("rulesBesideTheTag", hooks, inbound("all", "*"))) == [ALONE]
    assert problems(lead("rulesBesideTheTag", hooks, group("all", "203.0.113.0/24", WEB))) == []


# ---- rules of a firewall that translate a destination

EAST_US = "20.42.66.0/24"
TAGS = tag_table({TAG: [EAST_US, "13.64.180.0/24", "2603:1030::/32"], f"{TAG}.EastUS": [EAST_US]})


def translation(name: str, *sources: str, to: str = "203.0.113.7", **more: Any) -> Json:
    known: Json = {"name": name, "protocols": ["TCP"], "destinationPorts": ["443"]}
    return {**known, "sourceAddresses": [*sources], "destinationAddresses": [to], **more}


def of_firewall(relation: str, *rules: Json, tags: Any = TAGS, **collections: Any) -> Related:
    held = firewall(natRuleCollections=[classic("nat", *rules, action="Dnat")], **collections)
    of = inventory(held, collected=ALL)
    return world(of, tags).related(of.resources[FIREWALL.lower()], relation)


HOOKS_IN = translation("hooks", EAST_US)


def test_a_firewalls_rule_for_addresses_of_the_tag_lets_the_service_in() -> None:
    rules = HOOKS_IN, translation("office", "203.0.113.0/24"), translation("all", "*")

    related = of_firewall("rulesFromTheTag", *rules)

    assert ([each.name for each in related.targets], related.uncertain, related.unseen) == (
        ["hooks"],
        (),
        None,
    )
    assert of_firewall("rulesBesideTheTag", *rules[:2]) == of_firewall("wideTagRules", *rules) == Related()


def test_another_translation_of_the_same_address_opens_it_to_everybody() -> None:
    expected = [ALONE]

    assert problems(of_firewall("rulesBesideTheTag", HOOKS_IN, translation("all", "*"))) == expected
    halves = translation("all", "0.0.0.0/1", "128.0.0.0-255.255.255.255")
    assert problems(of_firewall("rulesBesideTheTag", HOOKS_IN, halves)) == expected


@pytest.mark.parametrize(
    "changes", [{"to": "203.0.113.8"}, {"destinationPorts": ["8443"]}, {"protocols": ["UDP"]}]
)
def test_a_translation_of_another_address_or_port_does_not(changes: Json) -> None:
    assert of_firewall("rulesBesideTheTag", HOOKS_IN, translation("all", "*", **changes)) == Related()


def test_a_translation_for_any_protocol_is_wide() -> None:
    wide_rule = translation("hooks", EAST_US, "13.64.180.7", protocols=["Any"])

    assert problems(of_firewall("wideTagRules", wide_rule)) == [
        f"hooks: lets {TAG} in by any protocol, and the service speaks TCP"
    ]


def test_network_and_application_rules_of_a_firewall_translate_nothing() -> None:
    network = classic("n", translation("out", EAST_US))

    for relation in ("rulesFromTheTag", "wideTagRules", "rulesBesideTheTag"):
        assert of_firewall(relation, translation("all", "*"), networkRuleCollections=[network]) == Related()


def test_without_service_tags_a_translation_may_be_for_the_service() -> None:
    assert doubts(of_firewall("rulesFromTheTag", HOOKS_IN, tags=tag_table(None))) == [
        "no service tags are at hand"
    ]
    assert of_firewall("rulesFromTheTag", translation("all", "*"), tags=tag_table(None)) == Related()


# ---- rules for the tag


def test_rules_that_let_the_service_in_are_those_that_name_its_tag() -> None:
    rules = (
        from_tag(),
        from_tag("global", TAG),
        from_tag("no", access="Deny"),
        from_tag("out", direction="Outbound"),
        from_tag("other", "Internet"),
        from_tag("like", f"{TAG}X"),
        from_tag("address", EAST_US),
    )

    related = lead("rulesFromTheTag", *rules)

    assert [each.name for each in related.targets] == ["hooks", "global"]
    assert doubts(lead("rulesFromTheTag", from_tag(destinationPortRange="x"))) == [
        "the rule hooks could not be read"
    ]
