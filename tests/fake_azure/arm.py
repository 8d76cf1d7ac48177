"""The reads and actions of Azure Resource Manager that a scan needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fake_azure.messages import Answer, Refusal, Request, arm_error, forbidden
from fake_azure.quota import Quota
from fake_azure.tasks import without_secrets, without_values
from fake_azure.versions import ACR, DATED, VERSIONS, copied, returned
from fake_azure.world import Body, World, type_of

TAGS = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/providers/microsoft\.network/locations/(?P<location>[^/]+)/servicetags",
    re.IGNORECASE,
)
SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)(/.*)?", re.IGNORECASE)
ACTIONS = {f"{ACR}/webhooks": "getcallbackconfig", f"{ACR}/tasks": "listdetails"}
WRITES = 1200


@dataclass
class Arm:
    """Answers everything but Resource Graph; `endpoint` is what nextLinks begin with."""

    world: World
    endpoint: str = ""
    quota: Quota = field(default_factory=lambda: Quota(12_000, 300.0))

    def answer(self, request: Request) -> Answer:
        """The answer to a read or an action, with the headers that tell of the quota."""
        found = SUBSCRIPTION.fullmatch(request.path)
        ticket = self.quota.take(found[1].lower() if found else "tenant")
        try:
            if not ticket.allowed:
                raise arm_error(
                    429,
                    "SubscriptionRequestsThrottled",
                    "Number of requests exceeded the limit for this subscription over a time interval. "
                    f"Please try again after '{ticket.seconds}' seconds.",
                    Retry_After=str(ticket.seconds),
                )
            answer = self._route(request, found[1] if found else None)
        except Refusal as refusal:
            answer = refusal.answer
        what = "tenant" if found is None else "subscription"
        counter = (
            {f"x-ms-ratelimit-remaining-{what}-reads": str(ticket.remaining)}
            if request.method == "GET"
            else {f"x-ms-ratelimit-remaining-{what}-writes": str(WRITES - 1)}
        )
        return Answer(answer.status, answer.body, {**counter, **answer.headers})

    def _route(self, request: Request, subscription: str | None) -> Answer:
        path = request.path
        if request.api_version is None:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise arm_error(400, "MissingApiVersionParameter", message)
        if subscription is not None:
            self._enter(subscription, path)
        if request.method == "POST":
            return self._act(request)
        if request.method != "GET":
            raise arm_error(405, "MethodNotAllowed", f"The stand-in does not answer {request.method}.")
        if path.lower() == "/subscriptions":
            self._version(request, "microsoft.resources/subscriptions")
            return self._listed(request, [_subscription(one) for one in self.world.readable()])
        if tags := TAGS.fullmatch(path):
            return self._tags(request, tags["subscription"], tags["location"])
        return self._read(request)

    def _enter(self, identifier: str, path: str) -> None:
        one = self.world.subscription(identifier)
        if one is None:
            message = f"The subscription '{identifier}' could not be found."
            raise arm_error(404, "SubscriptionNotFound", message)
        if one.tenant != self.world.tenant:
            issuers = [f"https://sts.windows.net/{tenant}/" for tenant in (self.world.tenant, one.tenant)]
            message = (
                f"The access token is from the wrong issuer '{issuers[0]}'. It must match the tenant "
                f"'{issuers[1]}' associated with this subscription."
            )
            raise arm_error(401, "InvalidAuthenticationTokenTenant", message)
        if not one.readable:
            raise forbidden(f"{type_of(path)}/read", path)

    def _read(self, request: Request) -> Answer:
        path, kind = request.path, type_of(request.path)
        rest = path.rpartition("/providers/")[2] if "/providers/" in path else f"x{path}"
        if rest.count("/") % 2:
            return self._collection(request, kind)
        self._version(request, kind.lower())
        self._allow(f"{kind}/read", path)
        body = self._found(path)
        return Answer(200, self._shown(body, request, "get"))

    def _collection(self, request: Request, kind: str) -> Answer:
        path = request.path
        self._version(request, kind.lower())
        above = path.rpartition("/")[0]
        before, named, last = above.rpartition("/providers/")
        if "/" in last:  # …/registries/r/tasks
            scope, bodies = above, self.world.below(path)
            self._found(scope)
        elif "/providers/" in before:  # …/registries/r/providers/Microsoft.Insights/diagnosticSettings
            scope, bodies = before, self.world.below(path)
            self._found(scope)
        elif named:  # /subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries
            scope, bodies = before, self._of_kind(before, kind)
        else:
            raise arm_error(404, "InvalidResourceType", f"The stand-in has no list {path}.")
        self._allow(f"{kind}/read", scope)
        return self._listed(request, [self._shown(body, request, "list") for body in bodies])

    def _of_kind(self, scope: str, kind: str) -> list[Body]:
        return [
            body
            for identifier, body in sorted(self.world.by_id().items())
            if identifier.startswith(f"{scope.lower()}/") and type_of(identifier).lower() == kind.lower()
        ]

    def _shown(self, body: Body, request: Request, read: str) -> dict[str, Any]:
        kind = type_of(body["id"]).lower()
        shown = returned(body, kind, request.api_version)
        if kind == f"{ACR}/tasks":
            return without_values(shown) if read in self.world.withhold else without_secrets(shown)
        return shown

    def _act(self, request: Request) -> Answer:
        resource, _, action = request.path.rpartition("/")
        kind = type_of(resource)
        if ACTIONS.get(kind.lower()) != action.lower():
            message = f"The requested resource does not support http method '{request.method}'."
            raise arm_error(405, "UnsupportedHttpMethod", message)
        self._version(request, kind.lower())
        self._allow(f"{kind}/{action}/action", resource)
        body = self._found(resource)
        if action.lower() == "listdetails":
            return Answer(200, copied(body))
        callbacks = {identifier.lower(): config for identifier, config in self.world.callbacks.items()}
        config = callbacks.get(resource.lower(), {"serviceUri": "https://example.invalid/hook"})
        return Answer(200, {"customHeaders": {}, **config})

    def _tags(self, request: Request, subscription: str, location: str) -> Answer:
        scope = f"/subscriptions/{subscription}"
        self._allow("Microsoft.Network/locations/serviceTags/read", scope)
        self._version(request, "microsoft.network/locations/servicetags")
        place = location.replace(" ", "").lower()
        document = self.world.service_tags.get(place, self.world.service_tags.get("*"))
        if document is None:
            raise self._unknown_version(request, "locations/serviceTags", "2024-05-01", place)
        values: Sequence[Any] = document.get("values", [])
        size = self.world.tags_page_size or max(1, len(values))
        first = _first(request)
        more = first + size < len(values)
        cloud = document.get("cloud", "Public")
        shown = {
            "name": cloud,
            "id": f"{scope}/providers/Microsoft.Network/serviceTags/{cloud}",
            "type": "Microsoft.Network/serviceTags",
            "changeNumber": str(document.get("changeNumber", "1")),
            "cloud": cloud,
            "nextLink": self._link(request, first + size) if more else "",
            "values": values[first : first + size],
        }
        return Answer(200, shown)

    def _listed(self, request: Request, values: Sequence[Mapping[str, Any]]) -> Answer:
        first, size = _first(request), self.world.page_size
        page: dict[str, Any] = {"value": values[first : first + size]}
        if first + size < len(values):
            page["nextLink"] = self._link(request, first + size)
        return Answer(200, page)

    def _link(self, request: Request, first: int) -> str:
        return f"{self.endpoint}{quote(request.path)}?api-version={request.api_version}&$skiptoken={first}"

    def _found(self, identifier: str) -> Body:
        body = self.world.by_id().get(identifier.lower())
        if body is not None:
            return body
        one = SUBSCRIPTION.fullmatch(identifier)
        if one and one[2] is None and (known := self.world.subscription(one[1])):
            return _subscription(known)
        if (group := self.world.groups().get(identifier.lower())) is not None:
            return {
                "id": group[0],
                "name": group[0].rpartition("/")[2],
                "location": group[1],
                "properties": {},
            }
        parts = identifier.split("/")
        name = identifier.rpartition("/providers/")[2]
        under = parts[4] if len(parts) > 4 else "<null>"
        raise arm_error(
            404,
            "ResourceNotFound",
            f"The Resource '{name}' under resource group '{under}' was not found. For more details please go "
            "to https://aka.ms/ARMResourceNotFoundFix",
        )

    def _allow(self, action: str, scope: str) -> None:
        if not self.world.may(action, scope):
            raise forbidden(action, scope)

    def _version(self, request: Request, kind: str) -> None:
        version = request.api_version or ""
        if not DATED.fullmatch(version):
            message = f"The api-version '{version}' is invalid."
            raise arm_error(400, "InvalidApiVersionParameter", message)
        known = self.world.api_versions.get(kind, VERSIONS.get(kind))
        if known is not None and version not in known:
            name = type_of(request.path).partition("/")[2]
            raise self._unknown_version(request, name, ", ".join(known), "global")

    def _unknown_version(self, request: Request, name: str, known: str, location: str) -> Refusal:
        return arm_error(
            400,
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '{location}' and API version "
            f"'{request.api_version}' for type '{name}'. The supported api-versions are '{known}'. The "
            "supported locations are 'eastus, westeurope'.",
        )


def _subscription(one: Any) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{one.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": one.id,
        "tenantId": one.tenant,
        "displayName": one.name or one.id,
        "state": one.state,
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "spendingLimit": "Off"},
    }


def _first(request: Request) -> int:
    token = request.query.get("$skiptoken", "0")
    if not token.isdecimal():
        raise arm_error(400, "InvalidSkipToken", f"The skip token '{token}' is invalid.")
    return int(token)
