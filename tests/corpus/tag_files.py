"""Service tags: weekly files, an answer of the API, what is saved as one by mistake, and a history."""

from collections.abc import Iterator
from typing import Any

from corpus.arm_answers import Json


def tag(name: str, *prefixes: str, number: int = 1, region: str = "") -> Json:
    system = name.split(".", maxsplit=1)[0]
    more = {
        "changeNumber": number,
        "region": region,
        "regionId": 0,
        "platform": "Azure",
        "systemService": system,
    }
    return {
        "name": name,
        "id": name,
        "properties": {**more, "addressPrefixes": list(prefixes), "networkFeatures": None},
    }


REGISTRY_TAG = "AzureContainerRegistry"
EAST = ("20.42.66.0/24", "20.42.67.0/24", "40.71.10.216/29", "2603:1030:210:d::680/122")
GLOBAL = (
    "20.42.66.0/23",
    "40.71.10.216/29",
    "2603:1030:210:d::680/122",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.240/28",
)


def weekly(number: int, *values: Json, cloud: str = "Public") -> Json:
    """A weekly file: the global tag covers the regional ones, in other words, and more."""
    return {"changeNumber": number, "cloud": cloud, "values": [tag(REGISTRY_TAG, *GLOBAL), *values]}


def regional(region: str, *prefixes: str, suffix: str | None = None, number: int = 1) -> Json:
    return tag(f"{REGISTRY_TAG}.{region}", *prefixes, region=suffix or region.lower(), number=number)


def tag_files() -> Iterator[tuple[str, Any]]:
    east, france = (
        regional("EastUS", *EAST),
        regional("FranceCentral", "198.51.100.0/29", suffix="centralfrance"),
    )
    west = regional("WestUS", "198.51.100.0/29", "198.51.100.64/29")
    storage = tag("Storage", "203.0.113.128/25")
    whole = weekly(346, east, france, west, storage, tag("AzureFrontDoor.FirstParty", "192.0.2.0/28"))
    yield "ServiceTags_Public_20250217.json", whole
    yield "ServiceTags_Public_20250217.reduced.json", whole
    yield (
        "ServiceTags_Public_20250303.reduced.json",
        weekly(346, east, france, regional("WestUS", "198.51.100.0/28", "198.51.100.64/29")),
    )
    yield (
        "ServiceTags_Public_20200803.reduced.json",
        weekly(97, east, regional("AustraliaCentral"), regional("WestUS")),
    )
    yield (
        "ServiceTags_Public_20230123.reduced.json",
        weekly(230, east, regional("IsraelCentral", "203.0.113.240/29", suffix="isrealcentral")),
    )
    yield "ServiceTags_Public_20230130.reduced.json", weekly(231, east)
    for cloud, day, number, region in (
        ("AzureGermany", "20201102", 122, "GermanyCentral"),
        ("AzureGovernment", "20260713", 401, "USGovIowa"),
        ("China", "20260713", 404, "ChinaEast2"),
    ):
        listed = regional(region, "192.0.2.128/29")
        yield f"ServiceTags_{cloud}_{day}.reduced.json", weekly(number, listed, cloud=cloud)
    values = [{**each, "serviceTagChangeNumber": "9"} for each in (east, west)]
    for each in values:
        more = {"changeNumber": str(each["properties"]["changeNumber"]), "state": "GA"}
        kept = {
            name: value for name, value in each["properties"].items() if name not in {"platform", "regionId"}
        }
        each["properties"] = {**kept, **more}
    body = {
        "name": "Public",
        "id": "/subscriptions/0/providers/Microsoft.Network/serviceTags/Public",
        "type": "Microsoft.Network/serviceTags",
        "changeNumber": "74",
        "cloud": "Public",
        "nextLink": "",
        "values": values,
    }
    yield "rest-api/serviceTags_JapanWest_20211027.reduced.json", {"status": 200, "body": body}


def history() -> Iterator[Json]:
    """Weeks in which a region grows, shrinks, vanishes and returns, and the change number goes back."""
    for week, (number, east, west) in enumerate(
        (
            (10, ["192.0.2.0/27"], ["198.51.100.0/29"]),
            (11, ["192.0.2.0/27", "192.0.2.64/29"], ["198.51.100.0/29"]),
            (9, ["192.0.2.0/27", "192.0.2.64/29"], None),
            (9, ["192.0.2.64/29"], None),
            (12, ["192.0.2.64/29"], ["198.51.100.0/29", "198.51.100.32/29"]),
        )
    ):
        tags = {f"{REGISTRY_TAG}.EastUS": east, f"{REGISTRY_TAG}.WestUS": west}
        there = {name: prefixes for name, prefixes in tags.items() if prefixes is not None}
        acr = {
            name: {"changeNumber": number, "region": name.partition(".")[2].lower(), "addressPrefixes": each}
            for name, each in {REGISTRY_TAG: GLOBAL, **there}.items()
        }
        yield {"cloud": "Public", "week": f"202201{3 + 7 * week:02}", "changeNumber": number, "acr": acr}


ERROR_PAGES = {
    "an-error-page.json": b"<!DOCTYPE html>\n<html><body>This page is no service tag file.</body></html>\n",
    "an-error-in-xml.json": b"\xef\xbb\xbf<?xml version='1.0'?><Error><Code>NotThere</Code></Error>",
    "nothing.json": b"",
}
