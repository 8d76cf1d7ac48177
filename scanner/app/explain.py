"""`acr-scan explain`: the access table of one registry, from the same inventory that policies judge."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.app.judging import registry_keys
from scanner.engine.evaluate import Evaluator
from scanner.engine.relations import InventoryWorld
from scanner.engine.tags import TagTable
from scanner.engine.verdict import grounds
from scanner.errors import UsageError
from scanner.model.inventory import Inventory
from scanner.model.judgement import Judgement
from scanner.model.resource import Related, Resource, Unseen, Value
from scanner.model.truth import Truth, any_of
from scanner.network import access, ipv4
from scanner.network.service_tags import ServiceTags
from scanner.policy.load import builtin_folder, load
from scanner.policy.model import Is, Of, Spot, Term
from scanner.result.access import Access, Entry

SERVICE = "AzureContainerRegistry"
HERE = Spot("explain", 1, "")
DEPENDANTS: Mapping[str, str] = {
    "machineLearningWorkspaces": "Machine Learning workspace",
    "containerGroupsByIdentity": "container group",
    "defenderRegistryScanning": "Defender plan",
    "cacheRules": "cache rule",
}
WAYS = (
    ("agent-pool", Is(HERE, "runs-on-a-private-pool")),
    ("bypass", Is(HERE, "passes-by-its-identity")),
    ("ip-rules", Of(HERE, "registry", Is(HERE, "admits-the-home-tag"))),
)
"""The ways of ACR201, in the seeds' order of preference."""


def explain(inventory: Inventory, tags: ServiceTags | None, name: str, source: str | None) -> Access:
    """Who reaches a registry; UsageError where it is not in the inventory, or `source` is no IPv4 address."""
    wanted = None if source is None else _address(source)
    registry = inventory.resources[registry_keys(name, inventory)[0]]
    world = InventoryWorld(inventory, TagTable(tags, inventory.cloud))
    table = _Table(world, registry, tags, load([builtin_folder()]).terms)
    answer = None if wanted is None or source is None else table.answer(source, wanted)
    return Access(registry, list(table.entries()), answer)


class _Table:
    """Makes the rows of one registry."""

    def __init__(
        self, world: InventoryWorld, registry: Resource, tags: ServiceTags | None, terms: Mapping[str, Term]
    ) -> None:
        self.world = world
        self.registry = registry
        self.tags = tags
        self.evaluator = Evaluator(world, terms)
        rules = world.members(registry, "properties.networkRuleSet.ipRules[*].value")
        texts = (
            rules
            if isinstance(rules, Unseen)
            else [str(each.value) for each in rules if isinstance(each, Value)]
        )
        self.firewall = access.Firewall(
            world.field(registry, "properties.publicNetworkAccess"),
            world.field(registry, "properties.networkRuleSet.defaultAction"),
            texts,
        )

    def entries(self) -> Iterator[Entry]:
        """Every row, from the widest way in to the narrowest."""
        anybody = access.internet(self.firewall)
        yield Entry("internet", "the internet", anybody.truth, anybody.by)
        yield from self._rules()
        yield from self._endpoints()
        yield from self._subnets()
        yield self._trusted()
        yield from self._tasks()
        yield self._quick_runs()
        yield from self._replicas()
        yield from self._webhooks()

    def answer(self, source: str, wanted: ipv4.Interval) -> Entry:
        """Whether one address gets in, and which service tags hold it."""
        found = access.address(self.firewall, wanted)
        holders = [] if self.tags is None else access.holders(self.tags, wanted)
        names = ", ".join(tag.name for tag in holders) or ("none" if self.tags is not None else "not known")
        notes = [f"service tags that hold it: {names}"]
        if not any(tag.service == SERVICE for tag in holders):
            notes.append(
                "agents of GitHub and Azure DevOps are no task agents: no tag of this service holds theirs"
            )
        return Entry("address", source, found.truth, found.by, tuple(notes))

    def _rules(self) -> Iterator[Entry]:
        rules = self.firewall.rules
        if isinstance(rules, Unseen):
            yield Entry("ip-rule", "IP rules", Truth.UNKNOWN, f"could not be seen ({rules.reason})")
            return
        for text in rules:
            said = access.described(text, self.tags, SERVICE, self.registry.location)
            found = access.rule(self.firewall)
            yield Entry("ip-rule", text, found.truth, found.by, (said,))

    def _endpoints(self) -> Iterator[Entry]:
        connections = self.world.members(self.registry, "properties.privateEndpointConnections[*]")
        if isinstance(connections, Unseen):
            reason = f"the connections could not be seen ({connections.reason})"
            yield Entry("private-endpoint", "private endpoints", Truth.UNKNOWN, reason)
            return
        for connection in connections:
            state, endpoint = _connection(connection.value if isinstance(connection, Value) else None)
            truth = (
                Truth.UNKNOWN if state is None else Truth.TRUE if state.lower() == "approved" else Truth.FALSE
            )
            yield Entry(
                "private-endpoint", endpoint, truth, f"its connection is {state or 'of an unseen state'}"
            )

    def _subnets(self) -> Iterator[Entry]:
        rules = self.world.members(self.registry, "properties.networkRuleSet.virtualNetworkRules[*]")
        if isinstance(rules, Unseen):
            yield Entry(
                "subnet", "subnets by service endpoint", Truth.UNKNOWN, f"not visible ({rules.reason})"
            )
            return
        for rule in rules:
            body = rule.value if isinstance(rule, Value) and isinstance(rule.value, dict) else {}
            name = body.get("virtualNetworkSubnetResourceId") or body.get("id") or "an unseen subnet"
            found = access.rule(self.firewall)
            yield Entry("subnet", str(name), found.truth, found.by)

    def _trusted(self) -> Entry:
        options = self.world.field(self.registry, "properties.networkRuleBypassOptions")
        users = [
            f"{words} {target.name}"
            for relation, words in DEPENDANTS.items()
            for target in self.world.related(self.registry, relation).targets
        ]
        doubts = [
            words
            for relation, words in DEPENDANTS.items()
            if _open(self.world.related(self.registry, relation))
        ]
        said = [f"depends on it: {user}" for user in users]
        said += [f"could not be seen: whether a {words} depends on it" for words in doubts]
        match options:
            case Value(str(value), assumed=assumed):
                truth = Truth.TRUE if value.lower() == "azureservices" else Truth.FALSE
                by = f"networkRuleBypassOptions is {value}{' (Azure default)' if assumed else ''}"
            case _:
                truth, by = Truth.UNKNOWN, "networkRuleBypassOptions could not be seen"
        return Entry("trusted-services", "trusted Microsoft services", truth, by, tuple(said))

    def _tasks(self) -> Iterator[Entry]:
        related = self.world.related(self.registry, "tasks")
        open_ = access.internet(self.firewall)
        for task in related.targets:
            ways = [(way, self.evaluator.judge(condition, task, {})) for way, condition in WAYS]
            truth = any_of([open_.truth, *(judged.truth for _, judged in ways)])
            working = [way for way, judged in ways if judged.truth is Truth.TRUE]
            by = "the registry is open" if open_.truth is Truth.TRUE else ", ".join(working) or "no way works"
            said = [f"{way}: {line}" for way, judged in ways for line in _because(judged)]
            yield Entry(
                "task", task.name, truth, by if truth is not Truth.UNKNOWN else "not settled", tuple(said)
            )
        if related.unseen is not None:
            yield Entry("task", "other tasks", Truth.UNKNOWN, f"could not be seen ({related.unseen.reason})")

    def _quick_runs(self) -> Entry:
        open_ = access.internet(self.firewall)
        home = self.evaluator.judge(Is(HERE, "admits-the-home-tag"), self.registry, {})
        pools = self.world.related(self.registry, "agentPools")
        private = [self.evaluator.judge(Is(HERE, "private-pool"), pool, {}) for pool in pools.targets]
        more = [Truth.UNKNOWN] if pools.unseen is not None else []
        truth = any_of([open_.truth, home.truth, *(each.truth for each in private), *more])
        said = "az acr build and az acr run cannot use the bypass; a pool is named by --agent-pool"
        by = (
            "the internet"
            if open_.truth is Truth.TRUE
            else "IP rules"
            if home.truth is Truth.TRUE
            else "an agent pool"
        )
        return Entry(
            "quick-run", "quick runs", truth, by if truth is Truth.TRUE else "no way is known", (said,)
        )

    def _replicas(self) -> Iterator[Entry]:
        enabled = self.world.field(self.registry, "properties.dataEndpointEnabled")
        dedicated = isinstance(enabled, Value) and enabled.value is True
        for replica in self.world.related(self.registry, "replications").targets:
            region = replica.location or replica.name
            host = (
                f"{self.registry.name.lower()}.{region}.data.azurecr.io"
                if dedicated
                else "*.blob.core.windows.net"
            )
            yield Entry("replica", region, None, f"layers come from {host}")

    def _webhooks(self) -> Iterator[Entry]:
        for hook in self.world.related(self.registry, "webhooks").targets:
            region = hook.location or "its region"
            yield Entry("webhook", hook.name, None, f"its receiver admits {SERVICE}.{region}")


def _connection(body: Any) -> tuple[str | None, str]:
    """The state of a private endpoint connection, and the endpoint that it leads to."""
    match body:
        case {"properties": dict(properties)}:
            state = (properties.get("privateLinkServiceConnectionState") or {}).get("status")
            endpoint = (properties.get("privateEndpoint") or {}).get("id") or body.get("name") or "unnamed"
            return state if isinstance(state, str) else None, str(endpoint)
        case _:
            return None, "a connection that could not be read"


def _open(related: Related) -> bool:
    return related.unseen is not None or bool(related.possible)


def _because(judged: Judgement) -> Sequence[str]:
    return [f"{leaf.resource.rsplit('/', 1)[-1]}: {leaf.sentence}" for _, leaf in grounds(judged)]


def _address(text: str) -> ipv4.Interval:
    interval = ipv4.parse(text)
    if interval is None or interval[0] != interval[1]:
        hint = "IPv6 never passes a registry's IP rules" if _is_ipv6(text) else "write one IPv4 address"
        raise UsageError(f"--from {text} is no IPv4 address", help=hint)
    return interval


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6  # noqa: PLR2004 - IPv6
    except ValueError:
        return False
