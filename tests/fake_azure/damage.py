"""What a fault does to an answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fake_azure.faults import Fault, Injected
from fake_azure.messages import (
    ACCESS_DENIED,
    HTML,
    THROTTLED,
    Answer,
    Delivery,
    Request,
    arm_error,
    forbidden,
    graph_error,
)
from fake_azure.world import type_of

REASONS = {
    Fault.ERROR_500: (500, "InternalServerError"),
    Fault.ERROR_502: (502, "BadGateway"),
    Fault.ERROR_503: (503, "ServiceUnavailable"),
    Fault.ERROR_504: (504, "GatewayTimeout"),
}
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h2>{0}</h2></body></html>"


def instead(injected: Injected, request: Request, retry_after: int) -> Answer | None:
    """The answer that a fault puts in place of the true one, or None where the fault is of another kind."""
    if injected.fault in REASONS:
        return _server_error(*REASONS[injected.fault], injected.body)
    match injected.fault:
        case Fault.RESET:
            return Answer(0, delivery=Delivery.RESET)
        case Fault.THROTTLED:
            return _throttled(request, retry_after)
        case Fault.THROTTLED_BARE:
            return replace(_throttled(request, retry_after), headers={})
        case Fault.FORBIDDEN if request.is_graph:
            return graph_error(403, "AccessDenied", ACCESS_DENIED).answer
        case Fault.FORBIDDEN:
            return forbidden(f"{type_of(request.path)}/read", request.path).answer
        case Fault.NOT_FOUND:
            return arm_error(404, "ResourceNotFound", f"The Resource '{request.path}' was not found.").answer
    return None


def after(fault: Fault, answer: Answer, request: Request) -> Answer:
    """The true answer, damaged; one that is no 200 stays as it is."""
    if answer.status != 200:
        return answer
    if fault is Fault.TRUNCATED:
        return replace(answer, delivery=Delivery.CUT)
    if fault is Fault.HTML:
        return replace(answer, body=PAGE.format("Sign in to your account").encode(), content_type=HTML)
    change = PAGES.get(fault)
    if change is None or not isinstance(answer.body, dict):
        return answer
    body = dict(answer.body)
    change(body, request)
    return replace(answer, body=body)


def _repeat_token(body: dict[str, Any], request: Request) -> None:
    if request.skip_token:
        body["$skipToken"] = request.skip_token


def _miscount(body: dict[str, Any], _: Request) -> None:
    body["count"] += 1


def _mistotal(body: dict[str, Any], _: Request) -> None:
    body["totalRecords"] += 1


def _double(body: dict[str, Any], _: Request) -> None:
    if isinstance(body["data"], list) and body["data"]:
        body["data"] = [*body["data"], body["data"][0]]
        body["count"] += 1


def _lose(body: dict[str, Any], _: Request) -> None:
    if isinstance(body["data"], list) and body["data"]:
        body["data"] = body["data"][:-1]
        body["count"] -= 1


PAGES: dict[Fault, Callable[[dict[str, Any], Request], None]] = {
    Fault.REPEATED_TOKEN: _repeat_token,
    Fault.WRONG_COUNT: _miscount,
    Fault.WRONG_TOTAL: _mistotal,
    Fault.DOUBLED_ROW: _double,
    Fault.LOST_ROW: _lose,
}


def _server_error(status: int, code: str, body: str) -> Answer:
    if body == "empty":
        return Answer(status)
    if body == "html":
        return Answer(status, PAGE.format(f"{status} {code}").encode(), content_type=HTML)
    return arm_error(status, code, "The request could not be completed. Please try again later.").answer


def _throttled(request: Request, retry_after: int) -> Answer:
    headers = {"Retry_After": str(retry_after)}
    if request.is_graph:
        headers |= {
            "x-ms-user-quota-remaining": "0",
            "x-ms-user-quota-resets-after": f"00:00:{retry_after:02}",
        }
        return graph_error(429, "RateLimiting", THROTTLED, **headers).answer
    return arm_error(429, "TooManyRequests", "The request is being throttled.", **headers).answer
