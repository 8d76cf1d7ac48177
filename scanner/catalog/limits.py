"""What Azure allows, and how it names what registries and their agent pools need."""

from collections.abc import Mapping, Sequence

SERVICE = "AzureContainerRegistry"
"""The service tag of tasks, by region: <SERVICE>.<region>."""

IP_RULES: Mapping[str, int] = {"China": 100}
"""Fixed, support cannot raise it: https://learn.microsoft.com/azure/container-registry/container-registry-skus
and docs.azure.cn; 100 everywhere before January 2026."""
IP_RULES_ELSEWHERE = 200

POOL_REGIONS = frozenset(
    {
        "canadacentral",
        "centralus",
        "eastasia",
        "eastus",
        "eastus2",
        "germanywestcentral",
        "jioindiacentral",
        "jioindiawest",
        "northeurope",
        "southcentralus",
        "swedencentral",
        "switzerlandnorth",
        "usgovarizona",
        "usgovtexas",
        "usgovvirginia",
        "westeurope",
        "westus2",
        "westus3",
    }
)
"""https://learn.microsoft.com/azure/container-registry/tasks-agent-pools, as of August 2026."""

POOL_SERVICES = ("AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory")
"""The service tags that an agent pool's subnet has to let out to, on 443. AzureMonitor, on 443 and 12000, is
a fifth: without it runs work, and nothing is logged."""

POOL_SERVICE_NAMES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Public": {
        "AzureKeyVault": ["*.vault.azure.net"],
        "Storage": ["*.core.windows.net"],
        "EventHub": ["*.servicebus.windows.net"],
        "AzureActiveDirectory": ["login.microsoftonline.com", "login.windows.net", "sts.windows.net"],
    },
    "USGovernment": {
        "AzureKeyVault": ["*.vault.usgovcloudapi.net"],
        "Storage": ["*.core.usgovcloudapi.net"],
        "EventHub": ["*.servicebus.usgovcloudapi.net"],
        "AzureActiveDirectory": ["login.microsoftonline.us"],
    },
}
"""The names behind these tags, by cloud: of AzureActiveDirectory some of many. Azure offers no agent pools in
other clouds."""

SERVICE_ENDPOINTS: Mapping[str, Sequence[str]] = {
    "AzureKeyVault": ["Microsoft.KeyVault"],
    "Storage": ["Microsoft.Storage", "Microsoft.Storage.Global"],
    "EventHub": ["Microsoft.EventHub"],
}
"""The service endpoints that lead a subnet's traffic to a service past its routes. AzureActiveDirectory has
none but for Data Lake Storage Gen1:
https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview"""

BLOBS: Mapping[str, str] = {
    "Public": "*.blob.core.windows.net",
    "USGovernment": "*.blob.core.usgovcloudapi.net",
    "China": "*.blob.core.chinacloudapi.cn",
}
"""Where the layers of a registry without data endpoints come from, by cloud."""

ROLES: Mapping[str, str] = {
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "Container Registry Repository Writer": "2a1e307c-b015-4ebd-883e-5b7698a07328",
}
"""The built-in roles that a plan gives, by name: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""

_HERE = "Microsoft.ContainerRegistry/registries"
ROLE_ACTIONS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "AcrPush": {"actions": [f"{_HERE}/pull/read", f"{_HERE}/push/write"]},
    "Container Registry Repository Writer": {
        "dataActions": [
            f"{_HERE}/repositories/content/read",
            f"{_HERE}/repositories/content/write",
            f"{_HERE}/repositories/metadata/read",
            f"{_HERE}/repositories/metadata/write",
        ]
    },
}
"""What the roles that a plan gives allow."""


def ip_rule_limit(cloud: str) -> int:
    """How many IP rules a registry of a cloud may have."""
    return IP_RULES.get(cloud, IP_RULES_ELSEWHERE)
