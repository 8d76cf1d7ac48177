"""Which policies a command works with: the shipped pack, folders of the user's, and a selection of both."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from scanner.errors import PolicyError, UsageError, did_you_mean
from scanner.policy.load import CASES_SUFFIX, TERMS_FILE, Pack, builtin_folder, load
from scanner.policy.model import Parameter, Policy

_INTEGER = re.compile(r"-?[0-9]{1,18}")


def open_pack(folders: Sequence[Path], *, builtin: bool = True) -> Pack:
    """The shipped policies and those of folders, every name in folders checked; PolicyError lists all wrong.

    Without the shipped policies their terms still hold, unless the folders have terms of the same names.
    """
    if builtin:
        pack = load(folders, shipped=True)
    elif folders:
        own = load(folders)
        pack = Pack(own.policies, {**load((), shipped=True).terms, **own.terms}, own.texts)
    else:
        raise UsageError("--no-builtin leaves no policy to judge by", help="add --policies DIR")
    if folders:
        check_names(pack)
    return pack


def pack_at(path: Path | None) -> Pack:
    """The policies of a folder, or of one policy or cases file; the shipped ones where no path is given.

    Shipped terms hold beside them, unless they have terms of the same names.
    """
    if path is None:
        return load([builtin_folder()])
    if path.name.endswith(CASES_SUFFIX):
        path = path.with_name(path.name.removesuffix(CASES_SUFFIX) + ".yaml")
    own = load([path])
    beside = path.parent / TERMS_FILE
    near = load([beside]).terms if path.is_file() and beside.is_file() and path != beside else {}
    return Pack(own.policies, {**load((), shipped=True).terms, **near, **own.terms}, own.texts)


def check_names(pack: Pack) -> None:
    """PolicyError where a name in a pack means nothing."""
    from scanner.engine.language.name_checks import check_policy, check_term

    problems = [problem for policy in pack.policies for problem in check_policy(policy, pack.terms)]
    problems += [problem for term in pack.terms.values() for problem in check_term(term, pack.terms)]
    if problems:
        raise PolicyError(problems)


class Selection(msgspec.Struct, frozen=True):
    """Patterns of `--select` (or what else `option` says) and `--exclude`: id, name or topic, with globs."""

    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    option: str = "--select"

    def of(self, policies: Iterable[Policy]) -> tuple[Policy, ...]:
        """The selected policies, in order; UsageError where a pattern, or all together, match nothing."""
        known = tuple(policies)
        for option, patterns in ((self.option, self.select), ("--exclude", self.exclude)):
            for pattern in patterns:
                if not any(_matches(policy, pattern) for policy in known):
                    words = [word for policy in known for word in (policy.id, policy.name, policy.topic)]
                    message = f"{option} {pattern} matches no policy{did_you_mean(pattern, words)}"
                    raise UsageError(message, help="acr-scan policy list shows ids, names and topics")
        chosen = [
            policy
            for policy in known
            if not self.select or any(_matches(policy, pattern) for pattern in self.select)
        ]
        kept = [policy for policy in chosen if not any(_matches(policy, pattern) for pattern in self.exclude)]
        if not kept:
            raise UsageError("--select and --exclude together leave no policy")
        return tuple(kept)


def digest_of(pack: Pack, policies: Iterable[Policy]) -> str:
    """What the texts of the policies and of all terms add up to, wherever their files lie."""
    files = {policy.spot.file for policy in policies} | {term.spot.file for term in pack.terms.values()}
    digests = sorted(
        hashlib.sha256(pack.texts[file].encode()).digest() for file in files if file in pack.texts
    )
    return f"sha256:{hashlib.sha256(b''.join(digests)).hexdigest()}"


def parameters_of(settings: Iterable[str], policies: Iterable[Policy]) -> Mapping[str, Mapping[str, Any]]:
    """The values that `--param ID.name=value` sets, by policy id; UsageError where one sets nothing."""
    known = {policy.id.lower(): policy for policy in policies}
    values: dict[str, dict[str, Any]] = {}
    for setting in settings:
        target, equals, text = setting.partition("=")
        identifier, _, name = target.partition(".")
        policy = known.get(identifier.lower())
        if not equals or not name:
            raise UsageError(f"--param {setting} sets nothing", help="write --param ID.name=value")
        if policy is None:
            hint = did_you_mean(identifier, (policy.id for policy in known.values()))
            raise UsageError(
                f"--param {setting} names no selected policy{hint}", help="write --param ID.name=value"
            )
        parameter = policy.parameters.get(name)
        if parameter is None:
            names = ", ".join(policy.parameters) or "none"
            raise UsageError(f"--param {setting}: {policy.id} has no parameter {name!r}; it has {names}")
        values.setdefault(policy.id, {})[name] = _typed(parameter, text, setting)
    return values


def _typed(parameter: Parameter, text: str, setting: str) -> Any:
    match parameter.type:
        case "string":
            return text
        case "boolean" if text in {"true", "false"}:
            return text == "true"
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case kind:
            expected = "true or false" if kind == "boolean" else "a whole number"
            raise UsageError(f"--param {setting}: expected {expected}")


def _matches(policy: Policy, pattern: str) -> bool:
    wanted = pattern.lower()
    return any(fnmatchcase(word.lower(), wanted) for word in (policy.id, policy.name, policy.topic))
