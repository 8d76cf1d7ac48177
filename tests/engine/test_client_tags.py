"""The registries that clients reach by tag, and whether their rules let the storage of layers out as well."""

from typing import Any

import pytest
from engine_rows import GROUP, REGISTRIES, Json, inventory, tag_table, world
from network_rows import ALL, FIREWALL, NETWORK, NSG, classic, firewall, nsg, security_rule

from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Gap
from scanner.model.resource import Related

REPLICATIONS = f"{REGISTRIES}/replications"
GROUPS = "microsoft.network/networksecuritygroups"
KNOWN = {REGISTRIES, REPLICATIONS, *ALL}
TAGS = tag_table(
    {
        "AzureCloud": ["20.60.0.0/16"],
        "AzureContainerRegistry": ["20.42.66.0/24", "13.64.180.0/24"],
        "AzureContainerRegistry.eastus": ["20.42.66.0/24"],
        "AzureContainerRegistry.westus": ["13.64.180.0/24"],
        "Storage.eastus": ["20.60.0.0/24"],
        "Storage.westus": ["20.38.98.0/24"],
    }
)
CLOSED = security_rule("closed", access="Deny", priority=4000, protocol="*", destinationPortRange="*")
HUB = f"{NETWORK}/virtualNetworks/hub"


def registry(name: str = "contoso", location: str | None = "eastus", **properties: Any) -> Json:
    known: Json = {"loginServer": f"{name}.azurecr.io", "provisioningState": "Succeeded"}
    return {
        "id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}",
        "location": location,
        "sku": {"name": "Premium"},
        "properties": {**known, **properties},
    }


def replica(location: str, of: str = "contoso") -> Json:
    return {"id": f"{registry(of)['id']}/replications/{location}", "location": location, "properties": {}}


def out(to: str, **properties: Any) -> Json:
    return security_rule("out", **{"destinationAddressPrefix": to, **properties})


def lead(relation: str, owner: Json, *rows: Json, tags: TagTable | None = TAGS, **more: Any) -> Related:
    of = inventory(owner, *rows, **{"collected": KNOWN, **more})
    return world(of, tags).related(of.resources[owner["id"].lower()], relation)


def names(related: Related) -> list[str]:
    return [target.name for target in related.targets]


def doubts(related: Related) -> list[str]:
    return [each.reason for each in (*related.uncertain, *filter(None, [related.unseen]))]


def problems(related: Related) -> list[str]:
    """Each problem after the name of what is wrong; nothing else may be."""
    assert doubts(related) == []
    return [f"{each.name}: {each.rows[0].body['properties']['problem']}" for each in related.targets]


# ---- the registries that clients reach

TWO = registry(), registry("fabrikam", "West US")


def by_tag(*rules: Json, rows: tuple[Json, ...] = TWO, closed: bool = True, **more: Any) -> list[str]:
    related = lead("registriesByTag", nsg(*rules, *([CLOSED] if closed else [])), *rows, **more)
    assert doubts(related) == []
    return names(related)


def test_the_global_tag_has_every_registry() -> None:
    assert by_tag(out("AzureContainerRegistry")) == ["contoso", "fabrikam"]


def test_a_regional_tag_has_the_registries_of_its_region() -> None:
    assert by_tag(out("AzureContainerRegistry.WestUS")) == ["fabrikam"]
    both = out("azurecontainerregistry.eastus"), out("AzureContainerRegistry.WestUS")
    assert by_tag(*both) == ["contoso", "fabrikam"]


def test_a_regional_tag_has_the_registries_with_a_replica_there() -> None:
    rows = *TWO, replica("West US"), replica("uksouth", "fabrikam")

    assert by_tag(out("AzureContainerRegistry.WestUS"), rows=rows) == ["contoso", "fabrikam"]
    assert by_tag(out("AzureContainerRegistry.UKSouth"), rows=rows) == ["fabrikam"]
    assert by_tag(out("AzureContainerRegistry.NorthEurope"), rows=rows) == []


@pytest.mark.parametrize(
    "rule",
    [
        out("Storage"),
        out("AzureContainerRegistryX"),
        out("AzureContainerRegistry", access="Deny"),
        out("AzureContainerRegistry", direction="Inbound"),
    ],
)
def test_a_rule_that_allows_no_client_has_none(rule: Json) -> None:
    assert by_tag(rule) == []


@pytest.mark.parametrize(
    "rows", [(registry(location=None),), (registry(), {**replica("x"), "location": None})]
)
def test_a_registry_with_a_region_that_does_not_show_may_be_reached_by_any_regional_tag(
    rows: tuple[Json, ...],
) -> None:
    related = lead("registriesByTag", nsg(out("AzureContainerRegistry.WestUS"), CLOSED), *rows)

    assert (names(related), doubts(related)) == ([], ["a region of contoso does not show"])


def test_where_all_of_the_internet_is_let_out_nothing_depends_on_the_tag() -> None:
    assert by_tag(out("AzureContainerRegistry"), closed=False) == []
    mail = out("Internet", access="Deny", destinationPortRange="25")
    assert by_tag(out("AzureContainerRegistry"), mail, closed=False) == []


def test_a_rule_that_cannot_be_compared_may_let_all_of_the_internet_out() -> None:
    odd = out("Internet", priority=200, sourceAddressPrefix="10.0.0.0/24")

    related = lead("registriesByTag", nsg(out("AzureContainerRegistry"), odd, CLOSED), *TWO)

    assert (names(related), doubts(related)) == (
        [],
        ["web may let Internet out on port 443; out (Allow, priority 200) cannot be compared with it"],
    )


def test_rules_that_were_not_seen_may_allow_the_tag() -> None:
    gap = Gap(f"{GROUPS}/properties.securityRules", "", "refused")

    for relation in ("registriesByTag", "registriesWithoutStorage"):
        related = lead(relation, {"id": NSG, "properties": {}}, registry(), gaps=[gap])
        assert (names(related), doubts(related)) == ([], ["refused"])


def test_registries_and_replicas_that_were_not_collected_may_be_there() -> None:
    group = nsg(out("AzureContainerRegistry"), CLOSED)
    regional = nsg(out("AzureContainerRegistry.WestUS"), CLOSED)

    related = lead("registriesByTag", group, collected=set())
    assert doubts(related) == ["Microsoft.ContainerRegistry/registries was not collected"]
    assert doubts(lead("registriesByTag", group, *TWO, collected={REGISTRIES})) == []
    related = lead("registriesByTag", regional, *TWO, collected={REGISTRIES})
    assert (names(related), doubts(related)) == (
        ["fabrikam"],
        ["Microsoft.ContainerRegistry/registries/replications was not collected"],
    )


# ---- the storage of their layers


def without_storage(
    *rules: Json, rows: tuple[Json, ...] = (registry(),), tag: str = "AzureContainerRegistry", **more: Any
) -> Related:
    return lead("registriesWithoutStorage", nsg(out(tag), *rules, CLOSED), *rows, **more)


def kept(region: str, *of: str) -> str:
    where = f"where layers of {', '.join(of)} come from"
    return f"closed: keeps clients from Storage.{region} on port 443 (Deny, priority 4000), {where}"


def test_layers_are_kept_back_where_the_storage_of_their_region_is_denied() -> None:
    east = [kept("eastus", "contoso")]

    assert problems(without_storage()) == east
    assert problems(without_storage(out("Storage.WestUS", priority=200))) == east
    assert problems(without_storage(out("Storage", priority=200, destinationPortRange="80"))) == east


@pytest.mark.parametrize("to", ["Storage", "Storage.EastUS", "AzureCloud", "20.60.0.0/16"])
def test_layers_come_through_where_the_storage_of_their_region_is_allowed(to: str) -> None:
    assert without_storage(out(to, priority=200)) == Related()


def test_the_storage_of_a_replica_is_another() -> None:
    rows = registry(), replica("westus")
    east = out("Storage.EastUS", priority=200)

    assert problems(without_storage(east, rows=rows)) == [kept("westus", "contoso")]
    assert without_storage(east, out("Storage.WestUS", priority=210), rows=rows) == Related()


def test_a_regional_tag_asks_for_the_storage_of_its_region_alone() -> None:
    rows = registry(), replica("westus"), registry("fabrikam", "uksouth")

    assert problems(without_storage(rows=rows, tag="AzureContainerRegistry.WestUS")) == [
        kept("westus", "contoso")
    ]


def test_the_registries_of_a_region_are_named_together() -> None:
    rows = registry(), registry("adatum"), registry("own", dataEndpointEnabled=True)

    assert problems(without_storage(rows=rows)) == [kept("eastus", "adatum", "contoso")]


APPROVED = [{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]


@pytest.mark.parametrize("own", [{"dataEndpointEnabled": True}, {"privateEndpointConnections": APPROVED}])
def test_a_registry_with_data_endpoints_of_its_own_needs_no_storage(own: Json) -> None:
    assert without_storage(rows=(registry(**own),)) == Related()


def test_a_registry_whose_data_endpoints_do_not_show_may_need_storage() -> None:
    old = {**registry(), "apiVersion": "2019-05-01"}

    assert doubts(without_storage(rows=(old,))) == [
        "whether layers of contoso come from Storage.eastus could not be seen"
    ]
    assert without_storage(out("Storage", priority=200), rows=(old,)) == Related()


def test_a_rule_that_cannot_be_compared_leaves_storage_open() -> None:
    related = without_storage(out("Sql", priority=200))

    assert (names(related), doubts(related)) == (
        [],
        ["web may let Storage.eastus out on port 443; out (Allow, priority 200) cannot be compared with it"],
    )


def test_a_registry_without_a_region_may_have_any_storage() -> None:
    related = without_storage(rows=(registry(location=None),))

    assert (names(related), doubts(related)) == ([], ["the regions of contoso could not be seen"])


def test_rules_of_virtual_network_manager_come_before_those_of_the_group() -> None:
    configuration = f"{NETWORK}/networkManagers/m/securityAdminConfigurations/c"
    rule = {
        "id": f"{configuration}/ruleCollections/rc/rules/storage/snapshots/1",
        "properties": {
            "access": "AlwaysAllow",
            "direction": "Outbound",
            "priority": 1,
            "protocol": "Tcp",
            "destinations": [{"addressPrefix": "Storage"}],
        },
    }
    applied = {
        "id": f"{HUB}/providers/Microsoft.Network/effectiveSecurityAdminRules/default",
        "properties": {"effectiveSecurityAdminConfigurations": [{"id": f"{configuration}/snapshots/1"}]},
    }
    group = nsg(out("AzureContainerRegistry"), CLOSED, subnets=[{"id": f"{HUB}/subnets/clients"}])

    related = lead("registriesWithoutStorage", group, registry(), rule, applied)

    before = "the rule storage (AlwaysAllow, priority 1) of Virtual Network Manager may come before"
    assert (names(related), doubts(related)) == ([], [f"{before} the security group"])


# ---- firewalls


def to_addresses(*addresses: str, **more: Any) -> Json:
    known: Json = {
        "name": "n",
        "protocols": ["TCP"],
        "destinationAddresses": [*addresses],
        "destinationPorts": ["443"],
    }
    return {**known, **more}


def by_firewall(
    relation: str,
    *rules: Json,
    hosts: tuple[str, ...] = (),
    rows: tuple[Json, ...] = (registry(),),
    **more: Any,
) -> Related:
    app = [classic("a", {"name": "app", "targetFqdns": [*hosts]})] if hosts else []
    held = firewall(networkRuleCollections=[classic("c", *rules)], applicationRuleCollections=app)
    return lead(relation, held, *rows, **more)


def reached(*rules: Json, **more: Any) -> list[str]:
    return names(by_firewall("registriesByTag", *rules, **more))


def past_firewall(*rules: Json, **more: Any) -> Related:
    return by_firewall("registriesWithoutStorage", *rules, **more)


TAG = to_addresses("AzureContainerRegistry.EastUS")


@pytest.mark.parametrize("rule", [TAG, {**TAG, "protocols": ["Any"], "destinationPorts": ["*"]}])
def test_a_firewalls_network_rule_for_the_tag_lets_clients_reach_registries(rule: Json) -> None:
    rows = *TWO, replica("eastus", "fabrikam")

    assert reached(rule, rows=rows) == ["contoso", "fabrikam"]


@pytest.mark.parametrize(
    "changes", [{"protocols": ["UDP"]}, {"destinationPorts": ["80"]}, {"destinationAddresses": ["Storage"]}]
)
def test_a_firewalls_rule_for_something_else_does_not(changes: Json) -> None:
    assert reached({**TAG, **changes}) == []


def test_a_registry_that_a_firewall_allows_by_name_is_judged_by_that() -> None:
    rows = registry(), registry("adatum")

    assert reached(TAG, hosts=("contoso.azurecr.io",), rows=rows) == ["adatum"]


def test_a_firewall_that_allows_the_tag_alone_keeps_layers_back() -> None:
    related = past_firewall(TAG)

    assert problems(related) == [
        (
            "hub: has no rule that allows Storage.eastus or *.blob.core.windows.net on port 443, "
            "where layers of contoso come from"
        )
    ]
    assert related.targets[0].id == FIREWALL


@pytest.mark.parametrize("to", ["Storage", "Storage.EastUS", "*", "20.60.0.0/24"])
def test_a_firewall_may_allow_storage_by_address(to: str) -> None:
    assert past_firewall(TAG, to_addresses(to)) == Related()


def test_a_firewall_may_allow_storage_by_name() -> None:
    blobs = ("*.blob.core.windows.net",)

    assert past_firewall(TAG, hosts=blobs) == Related()
    assert names(past_firewall(TAG, hosts=blobs, cloud="USGovernment")) == ["hub"]
    assert doubts(past_firewall(TAG, hosts=blobs, cloud="Germany")) == [
        "whether hub allows Storage.eastus is not known"
    ]


def test_rules_of_a_firewall_that_could_not_be_seen_may_allow_storage() -> None:
    gone = {"id": f"{NETWORK}/firewallPolicies/gone"}
    held = firewall(networkRuleCollections=[classic("c", TAG)], firewallPolicy=gone)

    related = lead("registriesWithoutStorage", held, registry())

    assert (names(related), doubts(related)[0]) == ([], "gone is not in the scanned scope")
    assert doubts(past_firewall(TAG, to_addresses("Sql"))) == [
        "whether hub allows Storage.eastus is not known"
    ]
