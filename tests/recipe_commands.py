"""The acr-scan command lines of a recipe, as words; and the same lines on a snapshot instead of Azure."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import tree_sitter
import tree_sitter_bicep
import yaml

from scanner.cli.group import acr_scan

SCRIPTS = ("run", "script", "inlineScript")
IN_AZURE = {"--subscription": 1, "--all-subscriptions": 0, "--auth": 1, "--webhook-endpoints": 0}
"""Options that only a scan of Azure takes → how many words follow."""


def documents(path: Path) -> list[Any]:
    """The documents of a YAML file."""
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def scripts(node: Any) -> Iterator[str]:
    """The shell scripts of a workflow or pipeline, in order."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in SCRIPTS and isinstance(value, str):
                yield value
            yield from scripts(value)
    elif isinstance(node, list):
        for item in node:
            yield from scripts(item)


def of_script(script: str) -> Iterator[list[str]]:
    """The command lines of a shell script."""
    for line in script.replace("\\\n", " ").splitlines():
        found = re.search(r"(?:^|[;&|]|\bthen|\belse)\s*acr-scan\s(.*)", line)
        if found:
            yield list(_until_operator(found[1]))


def _until_operator(text: str) -> Iterator[str]:
    words = shlex.shlex(text, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    for word in words:
        if set(word) <= set("();<>|&"):
            return
        yield from ("--all-subscriptions",) if word == "${scope[@]}" else (word,)


def of_remarks(path: Path) -> Iterator[list[str]]:
    """The command lines that a page, or the comments of a file, show."""
    lines = path.read_text("utf-8").splitlines()
    for line in lines if path.suffix == ".md" else (line for line in lines if line.lstrip()[:1] in "#/"):
        for found in re.finditer(r"(?:^[#/\s]*|`|docker run .*)\bacr-scan( (?:-|[a-z]+ -)[^`]*)", line):
            yield shlex.split(found[1])


def of_containers(path: Path) -> Iterator[list[str]]:
    """What the containers of Kubernetes manifests are started with."""
    for document in documents(path):
        if document["kind"] == "CronJob":
            for container in document["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]:
                yield container["args"]


def bicep(path: Path) -> tree_sitter.Node:
    """The syntax tree of a Bicep file; AssertionError where it does not parse."""
    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language())).parse(path.read_bytes())
    assert not tree.root_node.has_error, path
    return tree.root_node


def nodes(root: tree_sitter.Node, *types: str) -> Iterator[tree_sitter.Node]:
    """All nodes of some types below a node, in order."""
    for child in root.named_children:
        if child.type in types:
            yield child
        yield from nodes(child, *types)


def text_of(node: tree_sitter.Node | None) -> str:
    """The source of a node, without the quotes of a string."""
    return node.text.decode().strip("'") if node is not None and node.text else ""


def of_bicep(path: Path) -> list[str]:
    """What the container is started with: the arrays of `args`, and of the variables that it names."""
    root = bicep(path)
    named = {
        text_of(node.named_children[0]): node
        for node in nodes(root, "variable_declaration", "parameter_declaration")
    }
    (given,) = (node for node in nodes(root, "object_property") if text_of(node.named_children[0]) == "args")
    words: list[str] = []
    for argument in nodes(given.named_children[1], "array", "identifier"):
        source = named.get(text_of(argument), argument) if argument.type == "identifier" else argument
        if source.type == "variable_declaration":
            source = next(nodes(source, "array"))
        words += [_value(word, named) for word in source.named_children if source.type == "array"]
    return words


def _value(word: tree_sitter.Node, named: dict[str, tree_sitter.Node]) -> str:
    """A string as it is, a parameter's default, and `id`."""
    if word.type == "string":
        return text_of(word)
    return text_of(named[text_of(word)].named_children[-1]) if text_of(word) in named else text_of(word)


def understood(words: Sequence[str]) -> click.Context:
    """What the command line makes of words, without doing it; click.UsageError where it makes nothing."""
    command: click.Command = acr_scan
    context = click.Context(command)
    while isinstance(command, click.Group):
        if words[0].startswith("-"):
            words = ["scan", *words]
        named = command.get_command(context, words[0])
        if named is None:
            raise click.UsageError(f"no command {words[0]}")
        command, words = named, words[1:]
    return command.make_context(command.name, list(words))


def offline(words: Iterable[str], snapshot: Path) -> list[str]:
    """The words of a scan without those of Azure, with a snapshot; those of other commands as they are."""
    left = list(words)
    if not left or not left[0].startswith("-"):
        return left
    kept = []
    while left:
        word = left.pop(0)
        option, equals, _ = word.partition("=")
        if option not in IN_AZURE:
            kept.append(word)
        elif not equals:
            del left[: IN_AZURE[option]]
    return [*kept, "--snapshot", str(snapshot)]
