"""The options that hold: the file's of `--config`, but for what the command line says or contradicts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
import msgspec
from click.core import ParameterSource

from scanner.app.config.settings import Config
from scanner.cli.config import CONFIG
from scanner.errors import UsageError

_LIVE = frozenset({"subscription", "management_group", "all_subscriptions"})
_OVERRULED = (
    (_LIVE, _LIVE | {"snapshot", "assume_complete"}),
    (frozenset({"snapshot"}), _LIVE | {"save_snapshot"}),
    (frozenset({"no_exemptions"}), frozenset({"exemptions"})),
    (frozenset({"allow_unknown"}), frozenset({"strict"})),
    (frozenset({"strict"}), frozenset({"allow_unknown"})),
)
"""Options of the command line, and those of the file that would contradict them."""


class EffectiveOptions(msgspec.Struct, frozen=True):
    """The options of a command after the file and the command line, and where each comes from."""

    options: Mapping[str, Any]
    origins: Mapping[str, str]
    config: Config | None
    """What of the file holds."""


def resolve_options(context: click.Context, options: Mapping[str, Any]) -> EffectiveOptions:
    """The options that hold: the file's, but for what the command line says or contradicts."""
    config: Config | None = context.meta.get(CONFIG)
    sources = {name: context.get_parameter_source(name) for name in options}
    given = {name for name, source in sources.items() if source is ParameterSource.COMMANDLINE}
    origins = {name: "command line" if name in given else "default" for name in options}
    if config is None:
        return EffectiveOptions(options, origins, None)
    dropped = {loser for winners, losers in _OVERRULED if winners & given for loser in losers - given}
    holds = config.only(options.keys() - given - dropped | {"param"})
    held = {**options, **{name: _nothing(context, name) for name in dropped & config.values.keys()}}
    origins |= {each.parameter: each.where for each in reversed(holds.settings)}
    if "param" in given and config.values.get("param"):
        held["param"] = (*config.values["param"], *options["param"])
        origins["param"] = "the file, then the command line"
    return EffectiveOptions(held, origins, holds)


def settings_of(held: EffectiveOptions) -> str:
    """The settings as a config file that says where each comes from."""
    from scanner.app.config.file import keys
    from scanner.report.console.settings import Shown, render

    shown = [
        Shown(key.section, key.name, held.options[key.parameter], held.origins[key.parameter])
        for key in keys()
    ]
    return render(shown, held.options["param"], held.origins["param"])


@contextmanager
def locate_errors(held: EffectiveOptions) -> Iterator[None]:
    """Around a scan: an error that comes from a line of the file says so."""
    try:
        yield
    except UsageError as error:
        if held.config is None:
            raise
        raise held.config.blamed(error) from error


def _nothing(context: click.Context, name: str) -> Any:
    """What an option is that nobody set."""
    option = next(each for each in context.command.params if each.name == name)
    if isinstance(option, click.Option) and option.is_flag:
        return False
    return () if option.multiple else None
