"""A stand-in of Azure Resource Manager: it answers from a world and from rules, and knows no test."""

from fake_azure.faults import PASSING, Fault, Faults
from fake_azure.identity import Tokens
from fake_azure.quota import Quota
from fake_azure.stand_in import Arrived, FakeAzure
from fake_azure.world import TENANT, Subscription, World, tags_document

__all__ = [
    "PASSING",
    "TENANT",
    "Arrived",
    "FakeAzure",
    "Fault",
    "Faults",
    "Quota",
    "Subscription",
    "Tokens",
    "World",
    "tags_document",
]
