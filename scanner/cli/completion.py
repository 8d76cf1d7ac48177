"""Shell completion of policy words: `--select ACR2<TAB>`."""

import click
from click.shell_completion import CompletionItem


def policy_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    """The ids, names and topics of the shipped policies that start as the word does."""
    from scanner.app.scan.policy_selection import open_pack

    policies = open_pack([]).policies
    words = {policy.id: policy.title for policy in policies}
    words |= {policy.name: policy.title for policy in policies}
    words |= {policy.topic: "" for policy in policies}
    wanted = incomplete.lower()
    return [
        CompletionItem(word, help=text) for word, text in words.items() if word.lower().startswith(wanted)
    ]
