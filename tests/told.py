"""Findings whose account is known beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.resource import Resource
from scanner.result.finding import Account


@dataclass(frozen=True)
class Told:
    """Tells what a test says that was found."""

    said: Account

    def account(self, _: Sequence[Resource]) -> Account:
        return self.said
