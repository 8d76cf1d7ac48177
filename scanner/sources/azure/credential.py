"""Signing in by azure-identity, and what to do where that fails. No token is ever printed."""

import logging
import os
from collections.abc import Callable, Mapping

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from scanner.errors import SourceError
from scanner.sources.cloud import Cloud

_MAKERS: Mapping[str, Callable[[Cloud], TokenCredential]] = {
    "default": lambda cloud: DefaultAzureCredential(authority=cloud.authority),
    "cli": lambda _: AzureCliCredential(),
    "environment": lambda cloud: EnvironmentCredential(authority=cloud.authority),
    "workload": lambda cloud: WorkloadIdentityCredential(authority=cloud.authority),
    # azure-identity takes AZURE_CLIENT_ID by itself in its default chain only
    "managed": lambda _: ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID")),
    "devicecode": lambda cloud: DeviceCodeCredential(authority=cloud.authority),
}

_NEXT_STEP: Mapping[str, str] = {
    "default": "sign in with `az login`, or choose another way with --auth",
    "cli": "sign in with `az login`",
    "environment": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or a certificate)",
    "workload": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE",
    "managed": "run where a managed identity is assigned; AZURE_CLIENT_ID chooses a user-assigned one",
    "devicecode": "run again and enter the code in time",
}

_WRONG_TENANT = ("AADSTS50020", "AADSTS90002", "AADSTS700016", "InvalidAuthenticationTokenTenant")
_TENANT = "sign in to the tenant of the subscription: az login --tenant TENANT"

logging.getLogger("azure").addHandler(logging.NullHandler())
"""What azure-identity tries is told once, as an error; not line by line on standard error."""


def credential_for(auth: str, cloud: Cloud) -> TokenCredential:
    """The credential of `--auth`; SourceError where its settings are missing."""
    try:
        return _MAKERS[auth](cloud)
    except ValueError as error:
        raise SourceError(f"cannot sign in: {first_line(error)}", help=_NEXT_STEP[auth]) from error


def sign_in_error(error: ClientAuthenticationError, auth: str) -> SourceError:
    """What failed when a token was asked for, and the next step."""
    text = str(error.message)
    if any(code in text for code in _WRONG_TENANT):
        return SourceError(f"signed in to the wrong tenant: {first_line(error)}", help=_TENANT)
    what = "not signed in" if isinstance(error, CredentialUnavailableError) else "cannot sign in"
    return SourceError(f"{what}: {first_line(error)}", help=_NEXT_STEP[auth])


def token_refused(status: int, code: str, message: str) -> SourceError | None:
    """What to do where Azure does not take the token that it was given; None where that is not it."""
    if code in _WRONG_TENANT:
        return SourceError(f"signed in to the wrong tenant: {message}", help=_TENANT)
    if status == 401:
        return SourceError(f"Azure refuses the token: {code}: {message}", help="sign in again: az login")
    return None


def first_line(error: Exception) -> str:
    """What an exception says, short: one line, at most 300 characters."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
