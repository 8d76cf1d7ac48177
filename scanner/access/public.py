"""The public endpoint: the internet, IP rules and subnets, and the answer for one address."""

from collections.abc import Iterator, Sequence

from scanner.access.registry_query import SERVICE, RegistryQuery, because
from scanner.model.resource import Unseen, Value
from scanner.model.truth import Truth, all_of, any_of
from scanner.network import ipv4, registry_firewall
from scanner.network.ipv4 import Interval
from scanner.network.registry_firewall import Firewall
from scanner.result.access import Entry

SUBNETS = "properties.networkRuleSet.virtualNetworkRules[*]"
ENDPOINTS = "properties.privateEndpointConnections[*]"


def firewall(asking: RegistryQuery) -> Firewall:
    """What is known of the registry's firewall."""
    rules = asking.world.members(asking.registry, "properties.networkRuleSet.ipRules[*].value")
    selected = asking.term("by-rules")
    by_rules = registry_firewall.Admission(selected.truth, because(selected))
    if isinstance(rules, Unseen):
        return Firewall(asking.open(), by_rules, rules)
    texts = [str(each.value) for each in rules if isinstance(each, Value)]
    odd = next((each for each in rules if isinstance(each, Unseen)), None)
    return Firewall(asking.open(), by_rules, texts, odd)


def internet(asking: RegistryQuery) -> Entry:
    """Whether anybody gets in."""
    found = asking.open()
    return Entry("internet", "", found.truth, found.by)


def ip_rules(asking: RegistryQuery) -> Iterator[Entry]:
    """Each IP rule, and whose addresses it admits."""
    seen = firewall(asking)
    if isinstance(seen.rules, Unseen):
        yield _unseen("ip-rule", seen, seen.rules)
        return
    region = asking.registry.location
    tags = asking.world.tags
    home = Unseen("its region could not be seen") if region is None else tags.find(f"{SERVICE}.{region}")
    elsewhere = tags.elsewhere(SERVICE, region or "")
    for text in seen.rules:
        found = registry_firewall.ip_rule(seen, text)
        yield Entry(
            "ip-rule",
            text,
            found.truth,
            found.by,
            registry_firewall.describe_rule(text, SERVICE, home, elsewhere),
        )
    if seen.odd is not None:
        truth = registry_firewall.admission_by_rule(seen, seen=Truth.UNKNOWN).truth
        yield Entry("ip-rule", "", truth, f"a rule could not be read ({seen.odd.reason})")


def subnets(asking: RegistryQuery) -> Iterator[Entry]:
    """Each subnet that a virtual network rule lets in by its service endpoint."""
    seen = firewall(asking)
    rules = asking.world.members(asking.registry, SUBNETS)
    if isinstance(rules, Unseen):
        yield _unseen("subnet", seen, rules)
        return
    found = registry_firewall.admission_by_rule(seen)
    for rule in rules:
        match rule:
            case Value({"virtualNetworkSubnetResourceId": str(named)} | {"id": str(named)}):
                yield Entry("subnet", subnet_name(named), found.truth, found.by, (), (), named)
            case _:
                yield Entry("subnet", "one without an id", Truth.UNKNOWN, "the rule names no subnet")


def subnet_name(named: str) -> str:
    """A subnet's network and name, as people write them."""
    parts = named.split("/")
    return "/".join([parts[-3], parts[-1]]) if len(parts) > 3 else named


def answer(asking: RegistryQuery, source: str, wanted: Interval) -> Entry:
    """Whether one address gets in, and which service tags hold it."""
    found = (
        _over_private(asking)
        if ipv4.is_private(wanted)
        else registry_firewall.address(firewall(asking), wanted)
    )
    return Entry("address", source, found.truth, found.by, tuple(_notes(asking, found.truth, wanted)))


def _over_private(asking: RegistryQuery) -> registry_firewall.Admission:
    """A private address never arrives over the internet; a private way in goes by network, not by address."""
    seen = firewall(asking)
    served = any_of([seen.open.truth, seen.by_rules.truth])
    subnets_ = all_of([served, asking.term("subnets").truth])
    ways = any_of([asking.term("endpoint").truth, subnets_])
    alone = "a private address arrives by a private way alone"
    if ways is Truth.FALSE:
        return registry_firewall.Admission(
            ways, f"{alone}, and it has none: ask for the address that the client leaves by"
        )
    return registry_firewall.Admission(
        Truth.UNKNOWN, f"{alone}, and there its network decides: see the table"
    )


def _notes(asking: RegistryQuery, truth: Truth, wanted: Interval) -> Iterator[str]:
    tags = asking.world.tags.usable()
    holding: Sequence[str] = ()
    if isinstance(tags, Unseen):
        yield f"service tags that hold it: not known, since {tags.reason}"
    else:
        holding = [tag.name for tag in registry_firewall.tags_containing(tags, wanted)]
        yield f"service tags that hold it: {', '.join(holding) or 'none'}"
    if any(name.partition(".")[0] == SERVICE for name in holding):
        yield "tasks and webhooks of every tenant come from such addresses"
    yield f"agents of GitHub and Azure DevOps are no task agents: they come from no {SERVICE} address"
    if truth is not Truth.TRUE:
        yield "trusted services, and tasks by the bypass, are admitted by identity and not by address"


def _unseen(kind: str, seen: Firewall, unseen: Unseen) -> Entry:
    """The row of rules that nobody could see."""
    found = registry_firewall.admission_by_rule(seen, seen=Truth.UNKNOWN)
    by = found.by if found.truth is not Truth.UNKNOWN else "whether there are rules could not be seen"
    return Entry(kind, "", found.truth, by, (f"not visible: {unseen.reason}",))
