"""The access model of one registry's public endpoint: whom its firewall lets in, and by which rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.resource import Answer, Unseen, Value
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.coverage import coverage, inside, overlapping
from scanner.network.service_tags import ServiceTags, Tag


@dataclass(frozen=True, slots=True)
class Firewall:
    """What is known of a registry's public network access, default action and IP rules."""

    public: Answer
    default_action: Answer
    rules: Sequence[str] | Unseen


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether somebody gets in, and by which rule or for what reason."""

    truth: Truth
    by: str


def internet(firewall: Firewall) -> Admission:
    """Whether anybody gets in. Public access Disabled overrides every rule; Allow makes rules idle."""
    public, action = _word(firewall.public), _word(firewall.default_action)
    if public == "disabled":
        return Admission(Truth.FALSE, "public network access is Disabled")
    if action == "deny":
        return Admission(Truth.FALSE, "the default action is Deny")
    if public is None:
        return Admission(Truth.UNKNOWN, f"public network access {_unseen(firewall.public)}")
    if action is None:
        return Admission(Truth.UNKNOWN, f"the default action {_unseen(firewall.default_action)}")
    return Admission(Truth.TRUE, "public network access is Enabled and the default action is Allow")


def address(firewall: Firewall, wanted: ipv4.Interval) -> Admission:
    """Whether an address gets in over the public endpoint, and which rule admits it or why none does."""
    anybody = internet(firewall)
    if anybody.truth is Truth.TRUE or _word(firewall.public) == "disabled":
        return anybody
    rules = firewall.rules
    if isinstance(rules, Unseen):
        return Admission(Truth.UNKNOWN, f"the IP rules could not be seen ({rules.reason})")
    by = next((rule for rule in rules if _holds(rule, wanted)), None)
    if by is None and anybody.truth is Truth.FALSE:
        return Admission(
            Truth.FALSE, f"{anybody.by}, and none of its {len(rules)} IP rules holds the address"
        )
    if _word(firewall.public) is None or by is None:
        return Admission(Truth.UNKNOWN, anybody.by)
    return Admission(Truth.TRUE, f"the IP rule {by}")


def rule(firewall: Firewall) -> Admission:
    """Whether those that an IP rule names get in."""
    anybody = internet(firewall)
    if _word(firewall.public) == "disabled" or anybody.truth is Truth.UNKNOWN:
        return anybody
    if anybody.truth is Truth.TRUE:
        return Admission(Truth.TRUE, f"{anybody.by}, so the rule is idle")
    known = _word(firewall.public) is not None
    unknown = f"public network access {_unseen(firewall.public)}"
    return Admission(Truth.TRUE, "the rule itself") if known else Admission(Truth.UNKNOWN, unknown)


def described(text: str, tags: ServiceTags | None, service: str, region: str | None) -> str:
    """What an IP rule is: the home region's tag, another region's, private, or somebody else's."""
    interval = ipv4.parse(text)
    if interval is None:
        return "no IPv4 address or prefix, so it covers nothing"
    if not ipv4.is_public(interval):
        return "private or reserved addresses, which never arrive over the internet"
    if tags is None:
        return "an address range; no service tags are at hand to tell whose"
    home = tags.find(f"{service}.{region}") if region else None
    if home is not None and overlapping([text], home):
        found = coverage([text], home)
        return f"{home.name}, the tag of its own region: {found.covered} of {found.prefixes} prefixes"
    others = [tag for tag in tags.regional(service) if tag is not home and inside([text], [tag])]
    return f"{others[0].name}, the tag of another region" if others else "a client's own addresses"


def holders(tags: ServiceTags, wanted: ipv4.Interval) -> list[Tag]:
    """The service tags that hold an address, in the order listed."""
    return [tag for tag in tags.tags.values() if ipv4.contains(tag.ipv4, wanted)]


def _holds(text: str, wanted: ipv4.Interval) -> bool:
    interval = ipv4.parse(text)
    return interval is not None and ipv4.contains((interval,), wanted)


def _word(answer: Answer) -> str | None:
    """A setting in lower case; None where it was not seen."""
    return answer.value.lower() if isinstance(answer, Value) and isinstance(answer.value, str) else None


def _unseen(answer: Answer) -> str:
    return f"could not be seen ({answer.reason})" if isinstance(answer, Unseen) else "is not set"
