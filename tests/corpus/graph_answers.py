"""Answers of Resource Graph: tables, object arrays, pages and errors."""

from collections.abc import Iterator
from typing import Any

from corpus.arm_answers import GROUP, Json


def graph_rows(*names: str) -> list[Json]:
    kind = "microsoft.storage/storageaccounts"
    place = {"type": kind, "location": "westus", "resourceGroup": "rg-corpus", "kind": "", "identity": None}
    return [
        {
            "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{name}",
            "name": name,
            **place,
            "properties": {},
        }
        for name in names
    ]


def graph(status: int, body: Json) -> Json:
    return {
        "provenance": {},
        "request": {"method": "POST"},
        "response": {"status": status, "headers": {}, "body": body},
    }


def page(data: Any, total: int, **more: Any) -> Json:
    listed = data["rows"] if isinstance(data, dict) else data
    return {"totalRecords": total, "count": len(listed), "resultTruncated": "false", "data": data, **more}


def table(*names: str) -> Json:
    """What Resource Graph answered before 2021: a table of columns and rows."""
    columns = ("id", "name", "type", "location", "properties")
    kinds = [{"name": each, "type": "object" if each == "properties" else "string"} for each in columns]
    return {"columns": kinds, "rows": [[row[each] for each in columns] for row in graph_rows(*names)]}


def refusal(
    code: str, *details: str, message: str = "Please provide below info when asking for support."
) -> Json:
    inner = [{"code": each, "message": f"{each}, in the words of ours."} for each in details]
    return {"code": code, "message": message, "details": inner}


def graph_files() -> Iterator[tuple[str, Any]]:
    skipped = {"$skipToken": "ew0KIA=="}
    ids = [{"id": row["id"]} for row in graph_rows("a")]
    yield (
        "azure-cli-extensions/test_query.json",
        [graph(200, page(graph_rows("a", "b"), 2)), graph(200, page(table("a"), 1))],
    )
    yield (
        "azure-cli-extensions/test_paged_query.json",
        [graph(200, page(ids, 3)), graph(200, page(graph_rows("c"), 3))],
    )
    yield (
        "azure-cli-extensions/test_skip_token_query.json",
        [
            graph(200, page(graph_rows("a"), 2, **skipped)),
            graph(200, page(graph_rows("b"), 2)),
        ],
    )
    wrong = {"error": refusal("BadRequest", "InvalidQuery", "ParserFailure")}
    yield "azure-cli-extensions/test_query_error.json", [graph(400, wrong)]
    answers = [{"data": page(graph_rows("a"), 1)}, {"data": {"value": graph_rows("a")}}]
    yield (
        "c7n-azure/ResourceGraphSource_storage_arg_vs_arm.json",
        {
            "version": 1,
            "interactions": [
                {"request": {}, "response": {"status": {"code": 200}, "body": each}} for each in answers
            ],
        },
    )
    nobody = "NoValidSubscriptionsInQueryRequest"
    large = refusal("BadRequest", "ResponsePayloadTooLarge")
    for name, content in {
        "400_InvalidQuery_2019_ours": {"body": {"error": refusal("InvalidQuery", "ParserFailure")}},
        f"400_{nobody}_ours": {"body": {"error": refusal("BadRequest", nobody)}},
        "400_ResponsePayloadTooLarge_2020_ours": {"detail": large["details"][0]},
        "400_ResponsePayloadTooLarge_azcli_stderr_ours": {"stderr_object": large},
        "400_ResponsePayloadTooLarge_ours": {"body": {"error": large}},
        "429_RateLimiting_ours": {"body": {"error": refusal("RateLimiting", "RateLimiting")}},
    }.items():  # fmt: skip
        yield f"errors/{name}.json", {"status": int(name[:3]), **content}
