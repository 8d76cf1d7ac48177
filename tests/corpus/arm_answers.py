"""Answers of Resource Manager: registries, what is below and beside them, definitions of Azure Policy."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-corpus"
PROVIDER = "Microsoft.ContainerRegistry/registries"


def registry(
    name: str, version: str, sku: str | None, properties: Json, state: str = "Succeeded", **more: Any
) -> Json:
    """An answer with one registry, as an api-version shows it."""
    body = {
        "id": f"{GROUP}/providers/{PROVIDER}/{name}",
        "name": name,
        "type": PROVIDER,
        "location": "westus",
        "tags": {},
        "properties": {"loginServer": f"{name}.azurecr.io", "provisioningState": state, **properties},
        **({} if sku is None else {"sku": {"name": sku, "tier": sku}}),
        **more,
    }
    return answer(version, body)


def answer(version: str, body: Any, method: str = "GET") -> Json:
    return {"provenance": {"api_version": version, "method": method, "url": "", "status": 200}, "body": body}


def rules(action: str, *addresses: str) -> Json:
    return {"defaultAction": action, "ipRules": [{"action": "Allow", "value": each} for each in addresses]}


def access(public: str, action: str, *addresses: str, **more: Any) -> Json:
    """The network of a Premium registry."""
    network = {"publicNetworkAccess": public, "networkRuleSet": rules(action, *addresses)}
    return {"adminUserEnabled": False, **network, "networkRuleBypassOptions": "AzureServices", **more}


def policies(audience: str, export: str = "enabled") -> Json:
    return {
        "policies": {
            "azureADAuthenticationAsArmPolicy": {"status": audience},
            "exportPolicy": {"status": export},
        }
    }


def registries() -> Iterator[Json]:
    """One of each kind that a test asks for by what it shows, and some of those that policies tell apart."""
    first, older, middle, newer = (
        "2016-06-27-preview",
        "2020-11-01-preview",
        "2021-06-01-preview",
        "2023-11-01-preview",
    )
    address, shut = "203.0.113.7", {"anonymousPullEnabled": False}
    basic = {"adminUserEnabled": True, "publicNetworkAccess": "Enabled", **policies("enabled")}
    export = {"exportPolicy": {"status": "enabled"}}
    yield registry("taskhome", newer, "Premium", access("Enabled", "Deny", address, **shut))
    yield registry("admin", first, None, {"adminUserEnabled": True})
    yield registry("noadmin", first, None, {"adminUserEnabled": False})
    yield registry("classic", "2017-03-01", "Basic", {"adminUserEnabled": False})
    for action in ("Deny", "Allow"):
        shown = {"adminUserEnabled": False, "networkRuleSet": rules(action)}
        yield registry(f"early{action}", "2019-05-01", "Premium", shown)
    yield registry("pullunseen", older, "Premium", access("Enabled", "Allow"))
    yield registry("pullshown", older, "Premium", access("Enabled", "Allow", **shut))
    yield registry("rulesUnderAllow", middle, "Premium", access("Enabled", "Allow", address, **shut))
    yield registry(
        "rulesUnderDeny", middle, "Premium", access("Enabled", "Deny", address, anonymousPullEnabled=True)
    )
    yield registry(
        "exporting", "2021-08-01-preview", "Premium", access("Enabled", "Deny", **shut, policies=export)
    )
    for audience in ("enabled", "disabled"):
        shown = access("Disabled", "Allow", **shut, **policies(audience, audience))
        yield registry(f"closed{audience}", newer, "Premium", shown)
    yield registry("basic", newer, "Basic", {**basic, **shut})
    yield registry("standard", newer, "Standard", {**basic, "anonymousPullEnabled": True})
    yield registry("creatingClosed", newer, "Premium", access("Disabled", "Allow"), "Creating")
    yield registry("creatingOpen", newer, "Premium", access("Enabled", "Allow"), "Creating")
    failed = access("Enabled", "Deny", "203.0.113.0/24")
    yield registry(
        "failed", newer, "Premium", failed, "Failed", identity={"type": "systemAssigned, userAssigned"}
    )


def recent() -> Json:
    """A transcript of one call, with a version that shows nearly everything."""
    shown = access("Disabled", "Deny", anonymousPullEnabled=False, **policies("disabled"))
    body = registry("recent", "2025-11-01", "Premium", shown)["body"]
    call = {"method": "GET", "url": "?api-version=2025-11-01", "status": 200, "body": body}
    return {"interactions": [call]}


def child(parent: str, kind: str, name: str, properties: Json, **more: Any) -> Json:
    """A child of a registry that itself was not recorded, as most were not."""
    identifier = f"{GROUP}/providers/{PROVIDER}/{parent}/{kind}/{name}"
    return {"id": identifier, "name": name, "type": f"{PROVIDER}/{kind}", "properties": properties, **more}


HIDDEN = {"type": "Opaque", "value": "REDACTED"}


def task(name: str, credentials: Json | None, **more: Any) -> Json:
    properties = {"provisioningState": "Succeeded", "status": "Enabled", "platform": {"os": "linux"}}
    return child(
        "taskhome", "tasks", name, {**properties, "credentials": credentials}, location="westus", **more
    )


def tasks() -> Iterator[Json]:
    version = "2019-06-01-preview"
    yield answer(version, task("plain", None, identity={"type": "SystemAssigned", "principalId": "p"}))
    user = {"type": "Opaque", "value": "testuser"}
    login = {"customRegistries": {"other.azurecr.io": {"userName": user, "password": HIDDEN}}}
    yield answer(version, task("build", login), "POST")
    yield answer(
        version,
        {"value": [task("nightly", {"customRegistries": {"other.azurecr.io": None}}), task("purge", None)]},
    )


def agent_pools() -> Iterator[Json]:
    subnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub/subnets/pools"
    common = {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": "Succeeded"}
    version = "2019-06-01-preview"
    for number in range(2):
        yield answer(version, child("poolhome", "agentPools", f"outside{number}", common, location="WESTUS"))
        inside = {**common, "virtualNetworkSubnetResourceId": subnet}
        yield answer(version, child("poolhome", "agentPools", f"inside{number}", inside, location="westus"))


def webhooks() -> Iterator[Json]:
    for name, scope in (
        ("all", {"scope": ""}),
        ("one", {"scope": "hello:1"}),
        ("old", {}),
        ("off", {"scope": ""}),
    ):
        status = "disabled" if name == "off" else "enabled"
        properties = {"status": status, "actions": ["push"], "provisioningState": "Succeeded", **scope}
        yield answer("2023-11-01-preview", child("hookhome", "webhooks", name, properties, location="westus"))


def replications() -> Iterator[Json]:
    for region in ("centralus", "eastus", "northeurope", "westeurope"):
        properties = {"provisioningState": "Succeeded", "status": {"timestamp": "2023-01-01T00:00:00Z"}}
        yield answer(
            "2023-11-01-preview", child("copyhome", "replications", region, properties, location=region)
        )


def specification(version: str, body: Any) -> Json:
    example = {"parameters": {"api-version": version}, "responses": {"200": {"body": body}}}
    return {"_provenance": {"repo": "ours"}, "example": example}


def examples() -> Iterator[tuple[str, Json]]:
    """Examples as API specifications give them, whose api-version stands in the name of the file."""
    version = "2025-03-01-preview"
    system = {"type": "SystemAssigned", "principalId": "p"}
    kept_back = {"sourceRegistry": None, "customRegistries": {"myregistry.azure.io": None}}
    listed = task("listed", kept_back, identity=system)
    yield f"{version}_TasksList.json", specification(version, {"value": [listed]})
    login = {"sourceRegistry": {"identity": "[system]"}}
    made = task("made", login, identity=system)
    yield f"{version}_TasksCreate_WithLoginIdentity.response200.json", specification(version, made)
    shown = access("Enabled", "Allow", anonymousPullEnabled=False, **policies("enabled"))
    more = {"networkRuleBypassAllowedForTasks": False, "roleAssignmentMode": "LegacyRegistryPermissions"}
    body = registry("example", "2025-11-01", "Standard", {**shown, **more, "dataEndpointEnabled": False})[
        "body"
    ]
    yield "2025-11-01_RegistryGet.json", specification("2025-11-01", body)


def network() -> Iterator[tuple[str, list[Json]]]:
    """What lies beside registries."""
    here, version = f"{GROUP}/providers/Microsoft.Network", "2023-09-01"
    connection = {"privateLinkServiceConnectionState": {"status": "Approved"}, "groupIds": ["registry"]}
    endpoint = {
        "provisioningState": "Succeeded",
        "manualPrivateLinkServiceConnections": [{"properties": connection}],
    }
    kind = "Microsoft.Network/privateEndpoints"
    one = {
        "id": f"{here}/privateEndpoints/pe",
        "name": "pe",
        "type": kind,
        "location": "westus",
        "properties": endpoint,
    }
    yield "privateEndpoints.jsonl", [answer(version, one)]
    subnets = [{"name": "pools", "id": f"{here}/virtualNetworks/hub/subnets/pools", "properties": {}}]
    hub = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    kind = "Microsoft.Network/virtualNetworks"
    one = {
        "id": f"{here}/virtualNetworks/hub",
        "name": "hub",
        "type": kind,
        "location": "westus",
        "properties": hub,
    }
    yield "subnets-vnets.jsonl", [answer(version, one)]


def definitions() -> Iterator[tuple[str, Json]]:
    """Conditions that flag what the built-in definitions of these names flag."""

    def field(path: str, **words: Any) -> Json:
        return {"field": f"{PROVIDER}/{path}", **words}

    def unless(path: str, value: object) -> Json:
        return {"not": field(path, equals=value)}

    audience = "policies.azureADAuthenticationAsArmPolicy.status"
    conditions = {
        "ACR_NetworkRulesExist_AuditDeny": {
            "allOf": [
                unless("publicNetworkAccess", "Disabled"),
                unless("networkRuleSet.defaultAction", "Deny"),
            ]
        },
        "ACR_AdminAccountDisabled_AuditDeny": field("adminUserEnabled", equals=True),
        "ACR_AnonymousPullDisabled_AuditDeny": field("anonymousPullEnabled", equals=True),
        "ACR_ExportPolicy_AuditDeny": unless("policies.exportPolicy.status", "disabled"),
        "ACR_AADAuthenticationAsArmPolicy_AuditDeny": unless(audience, "disabled"),
        "ACR_SkuSupportsPrivateEndpoints_AuditDeny": unless("sku.name", "Premium"),
    }  # fmt: skip
    for name, condition in conditions.items():
        rule = {
            "if": {"allOf": [{"field": "type", "equals": PROVIDER}, condition]},
            "then": {"effect": "audit"},
        }
        yield name, {"name": name, "properties": {"displayName": name, "policyRule": rule}}
