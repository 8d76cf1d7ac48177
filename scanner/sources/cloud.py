"""Azure's clouds: where each has its Resource Manager, who signs in, and what tokens are for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from scanner.errors import UsageError


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud. `scope` is what tokens are asked for, whatever the endpoint."""

    name: str
    endpoint: str
    authority: str
    scope: str


CLOUDS: Mapping[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "Public",
            "https://management.azure.com",
            "login.microsoftonline.com",
            "https://management.azure.com/.default",
        ),
        Cloud(
            "USGovernment",
            "https://management.usgovcloudapi.net",
            "login.microsoftonline.us",
            "https://management.core.usgovcloudapi.net/.default",
        ),
        Cloud(
            "China",
            "https://management.chinacloudapi.cn",
            "login.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
        ),
    )
}


def cloud_at(name: str, endpoint: str | None) -> Cloud:
    """A cloud, with another Resource Manager if one is given; UsageError where that is no https address."""
    cloud = CLOUDS[name]
    if endpoint is None:
        return cloud
    parts = urlsplit(endpoint)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query:
        shown = endpoint.rpartition("@")[2].partition("?")[0]  # who writes a password here shall not read it
        raise UsageError(f"--arm-endpoint {shown}: expected an address such as https://management.example")
    return replace(cloud, endpoint=f"https://{parts.netloc}{parts.path.rstrip('/')}")
