"""Which registries a difference of service tags touches: their IP rules against the tag of their region."""

from collections.abc import Iterator, Sequence

from scanner.engine.compile.questions import Questions
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource, Unseen, Value
from scanner.model.truth import Truth, any_of
from scanner.network.service_tags import ServiceTags, Tag
from scanner.network.tags.changes import TagChange, changes
from scanner.network.tags.comparison import AffectedRegistry
from scanner.network.tags.effects import EffectState, Rules, effect_on, removed_addresses
from scanner.policy.load import builtin_folder, load
from scanner.result.report import REGISTRIES

SERVICE = "AzureContainerRegistry"
RULES = "properties.networkRuleSet.ipRules[*].value"
_OTHER_WAYS = ("task-on-pool", "task-by-identity")


def affected_registries(
    inventory: Inventory, old: ServiceTags, new: ServiceTags
) -> Sequence[AffectedRegistry]:
    """What the difference does to each registry of an inventory, in the order of their ids."""
    return list(_Impact(inventory, old, new).registries())


def unseen(inventory: Inventory) -> tuple[str, ...]:
    """What may hide registries, or all that is known of one; in words, each once."""
    gaps = [gap for gap in inventory.gaps if gap.what in {REGISTRIES, "*"}]
    found = [": ".join(filter(None, (gap.where, gap.reason))) for gap in gaps]
    found += [f"{row.where}: {row.reason}" for row in inventory.unusable]
    if not found and not inventory.of_type(REGISTRIES):
        found.append("there is no registry in what was looked at")
    return tuple(dict.fromkeys(found))


class _Impact:
    """The old tags and the new over one inventory."""

    def __init__(self, inventory: Inventory, old: ServiceTags, new: ServiceTags) -> None:
        self.world = InventoryWorld(inventory, TagTable(new, inventory.cloud))
        self.registered = inventory.of_type(REGISTRIES)
        self.old = TagTable(old, inventory.cloud)
        self.new = TagTable(new, inventory.cloud)
        self.questions = Questions(self.world, load([builtin_folder()]).terms)
        differences: Sequence[TagChange] = changes(old, new, [SERVICE])
        other_cloud = isinstance(self.new.usable(), Unseen)
        self.elsewhere = () if other_cloud else removed_addresses(differences, new, SERVICE)

    def registries(self) -> Iterator[AffectedRegistry]:
        """Each registry."""
        for registry in self.registered:
            name = f"{SERVICE}.{registry.location}"
            found = effect_on(self._rules(registry), *self._tags(registry, name), self.elsewhere)
            tasks = () if found.state is EffectState.UNAFFECTED else tuple(self._tasks(registry))
            yield AffectedRegistry(registry, name, found, tasks)

    def _tags(self, registry: Resource, name: str) -> tuple[Tag | Unseen, Tag | Unseen]:
        if registry.location is None:
            nowhere = Unseen("its region does not show, so its tag is not known")
            return nowhere, nowhere
        return self.old.find(name), self.new.find(name)

    def _rules(self, registry: Resource) -> Rules:
        judged = self.questions.term("by-rules", registry)
        why = "; ".join(dict.fromkeys(each.fact.sentence for each in judged.evidence))
        members = self.world.members(registry, RULES)
        if isinstance(members, Unseen):
            return Rules(members, judged.truth, why)
        hidden = next((each for each in members if isinstance(each, Unseen)), None)
        if hidden is not None:
            return Rules(hidden, judged.truth, why)
        return Rules([str(each.value) for each in members if isinstance(each, Value)], judged.truth, why)

    def _tasks(self, registry: Resource) -> Iterator[str]:
        """The enabled tasks of which no other way than the IP rules is known to work."""
        for task in self.world.related(registry, "tasks").targets:
            ways = any_of(self.questions.truth(way, task) for way in _OTHER_WAYS)
            enabled = self.questions.truth("task-enabled", task)
            if enabled is not Truth.FALSE and ways is not Truth.TRUE:
                yield task.name
