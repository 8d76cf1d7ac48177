"""Service tags as both dialects write them."""

import json
from typing import Any

import pytest
from recordings import OURS, RECORDED, Corpus, on_each_corpus

from scanner.network import ipv4
from scanner.network.coverage import coverage
from scanner.network.service_tags import (
    ServiceTags,
    Tag,
    normal_cloud,
    parse_service_tags,
    tag_of,
    weekly_dialect,
)

NO_VALUES = "values: expected a list of service tags, found nothing"
FIRST_PREFIX = "values[0] ('Storage'): addressPrefixes[0]"

WEEKLY: dict[str, Any] = {
    "changeNumber": 346,
    "cloud": "Public",
    "values": [
        {
            "name": "AzureContainerRegistry",
            "id": "AzureContainerRegistry",
            "properties": {
                "changeNumber": 116,
                "region": "",
                "regionId": 0,
                "platform": "Azure",
                "systemService": "AzureContainerRegistry",
                "addressPrefixes": ["20.42.66.0/23", "2603:1030:210:d::680/122"],
                "networkFeatures": None,
            },
        },
        {
            "name": "AzureContainerRegistry.FranceCentral",
            "id": "AzureContainerRegistry.FranceCentral",
            "properties": {
                "region": "centralfrance",
                "systemService": "AzureContainerRegistry",
                "addressPrefixes": ["20.42.67.0/24", "2603:1030::/32", "20.42.66.0/24"],
            },
        },
        {"name": "AzureFrontDoor.FirstParty", "properties": {"addressPrefixes": ["13.107.9.0/24"]}},
    ],
}
ANSWER: dict[str, Any] = {
    "name": "Public",
    "id": "/subscriptions/1/providers/Microsoft.Network/serviceTags/Public",
    "type": "Microsoft.Network/serviceTags",
    "changeNumber": "74",
    "cloud": "Public",
    "nextLink": "",
    "values": [
        {
            "name": "AzureContainerRegistry.EastUS",
            "id": "AzureContainerRegistry.EastUS",
            "serviceTagChangeNumber": "74",
            "properties": {
                "changeNumber": "9",
                "region": "eastus",
                "state": "GA",
                "networkFeatures": ["API", "NSG"],
                "systemService": "AzureContainerRegistry",
                "addressPrefixes": ["20.62.128.0/26"],
            },
        }
    ],
}


def _parse(document: object) -> ServiceTags:
    return parse_service_tags(document, source="file", published=None)


def _one(**properties: Any) -> dict[str, Any]:
    return {"cloud": "Public", "values": [{"name": "Storage", "properties": properties}]}


def _stored(name: str, corpus: Corpus = RECORDED) -> ServiceTags:
    document = json.loads((corpus.folder / "service-tags" / name).read_text(encoding="utf-8"))
    return _parse(document.get("body", document))


def test_a_weekly_file_is_read() -> None:
    tags = parse_service_tags(WEEKLY, source="file", published="2025-02-17")

    assert (tags.cloud, tags.change_number, tags.published, tags.source) == (
        "Public",
        "346",
        "2025-02-17",
        "file",
    )
    assert list(tags.tags) == [
        "azurecontainerregistry",
        "azurecontainerregistry.francecentral",
        "azurefrontdoor.firstparty",
    ]
    assert tags.tags["azurecontainerregistry.francecentral"] == Tag(
        name="AzureContainerRegistry.FranceCentral",
        ipv4=((0x142A4200, 0x142A43FF),),
        prefixes=("20.42.67.0/24", "20.42.66.0/24"),
        ipv6=("2603:1030::/32",),
    )


def test_an_answer_of_the_discovery_api_is_read() -> None:
    tags = parse_service_tags(ANSWER, source="api", published=None)

    assert (tags.cloud, tags.change_number, tags.source) == ("Public", "74", "api")
    assert tags.tags["azurecontainerregistry.eastus"].prefixes == ("20.62.128.0/26",)


def test_a_tag_is_found_by_its_name_in_any_case() -> None:
    tag = _parse(WEEKLY).find("azurecontainerREGISTRY.francecentral")

    assert tag is not None
    assert tag.name == "AzureContainerRegistry.FranceCentral"


def test_a_tag_is_not_found_by_its_region_attribute() -> None:
    assert _parse(WEEKLY).find("AzureContainerRegistry.centralfrance") is None


def test_the_region_is_the_name_after_the_dot() -> None:
    tags = _parse(WEEKLY).tags

    assert [(tag.service, tag.region) for tag in tags.values()] == [
        ("AzureContainerRegistry", None),
        ("AzureContainerRegistry", "francecentral"),
        ("AzureFrontDoor", "firstparty"),
    ]


def test_regional_tags_leave_out_the_global_one() -> None:
    tags = _parse(WEEKLY)

    regional = tags.regional("azureCONTAINERregistry")

    assert [tag.name for tag in regional] == ["AzureContainerRegistry.FranceCentral"]
    assert list(tags.regional("AzureContainer")) == []


def test_an_empty_prefix_list_is_a_tag_without_ipv4() -> None:
    tag = _parse(_one(addressPrefixes=[])).find("storage")

    assert tag == Tag("Storage", (), (), ())


def test_a_tag_may_hold_single_addresses() -> None:
    tag = _parse(_one(addressPrefixes=["20.42.66.1", "::1"])).find("storage")

    assert tag == Tag("Storage", ((0x142A4201, 0x142A4201),), ("20.42.66.1",), ("::1",))


@pytest.mark.parametrize("next_link", [None, ""])
def test_an_answer_without_a_further_page_is_whole(next_link: str | None) -> None:
    assert _parse({**ANSWER, "nextLink": next_link}).change_number == "74"


@pytest.mark.parametrize("number", [None, ""])
def test_a_file_without_change_number_is_read(number: str | None) -> None:
    assert _parse({**WEEKLY, "changeNumber": number}).change_number is None


def test_a_file_of_values_alone_does_not_say_its_cloud() -> None:
    tags = _parse({"values": []})

    assert (tags.cloud, tags.change_number, tags.tags) == ("", None, {})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "the document: expected an object with service tags in `values`, found a list"),
        (None, "the document: expected an object with service tags in `values`, found nothing"),
        ({}, NO_VALUES),
        ({"values": {}}, "values: expected a list of service tags, found an object"),
        (
            {"data": [], "count": 0},
            f"{NO_VALUES} (this is an answer about other resources)",
        ),
        (
            {"value": [{"name": "contoso"}]},
            f"{NO_VALUES} (this is an answer about other resources)",
        ),
        (
            {"error": {"code": "AuthorizationFailed"}},
            f"{NO_VALUES} (this is an error that Azure answered)",
        ),
        (
            {**ANSWER, "nextLink": "https://management.azure.com/?page=2"},
            "nextLink: expected nothing: a page is missing, found 'https://management.azure.com/?page=2'",
        ),
        ({**WEEKLY, "cloud": 7}, "cloud: expected a text, found 7"),
        ({**WEEKLY, "changeNumber": True}, "changeNumber: expected a number, found True"),
        ({**WEEKLY, "changeNumber": [1]}, "changeNumber: expected a number, found a list"),
        ({"values": ["Storage"]}, "values[0]: expected an object, found 'Storage'"),
        ({"values": [{"properties": {}}]}, "values[0]: name: expected a tag's name, found nothing"),
        ({"values": [{"name": ""}]}, "values[0]: name: expected a tag's name, found ''"),
        (
            {"values": [{"name": "Storage"}]},
            "values[0] ('Storage'): properties: expected an object, found nothing",
        ),
        (
            _one(region=""),
            "values[0] ('Storage'): addressPrefixes: expected a list of texts, found nothing",
        ),
        (
            _one(addressPrefixes="20.42.66.0/24"),
            "values[0] ('Storage'): addressPrefixes: expected a list of texts, found '20.42.66.0/24'",
        ),
        (
            _one(addressPrefixes=["20.42.66.0/24", 7]),
            "values[0] ('Storage'): addressPrefixes[1]: expected a text, found 7",
        ),
        (
            _one(addressPrefixes=["20.42.66.0/33"]),
            f"{FIRST_PREFIX}: expected an IPv4 or IPv6 prefix, found '20.42.66.0/33'",
        ),
        (
            _one(addressPrefixes=["::/129"]),
            f"{FIRST_PREFIX}: expected an IPv4 or IPv6 prefix, found '::/129'",
        ),
        (
            _one(addressPrefixes=["20.42.66.0/24", "::g"]),
            "values[0] ('Storage'): addressPrefixes[1]: expected an IPv4 or IPv6 prefix, found '::g'",
        ),
        (
            _one(addressPrefixes=["x" * 90]),
            f"{FIRST_PREFIX}: expected an IPv4 or IPv6 prefix, found '{'x' * 60}'…",
        ),
    ],
)
def test_a_wrong_document_is_refused_with_the_place_and_what_was_expected(
    document: object, message: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        _parse(document)

    assert str(refused.value) == message


def test_a_tag_listed_twice_is_refused() -> None:
    values = [
        {"name": "Storage", "properties": {"addressPrefixes": []}},
        {"name": "Sql", "properties": {"addressPrefixes": []}},
        {"name": "STORAGE", "properties": {"addressPrefixes": []}},
    ]

    with pytest.raises(
        ValueError, match=r"^values\[2\] \('STORAGE'\): name: the tag is listed a second time$"
    ):
        _parse({"values": values})


@pytest.mark.parametrize(
    ("text", "cloud"),
    [
        ("Public", "Public"),
        ("AzurePublic", "Public"),
        ("AzureCloud", "Public"),
        ("azurepubliccloud", "Public"),
        ("USGovernment", "USGovernment"),
        ("AzureGovernment", "USGovernment"),
        ("AzureUSGovernment", "USGovernment"),
        ("China", "China"),
        ("AzureChina", "China"),
        ("AzureChinaCloud", "China"),
        ("AzureGermany", "Germany"),
        ("AzureGermanCloud", "Germany"),
        ("USSec", "USSec"),
        ("", ""),
    ],
)
def test_a_cloud_has_one_name_whatever_its_spelling(text: str, cloud: str) -> None:
    assert normal_cloud(text) == cloud


def test_a_tag_can_be_made_of_prefixes() -> None:
    tag = tag_of("T.EastUS", ["20.42.67.0/24", "20.42.66.9/24"])

    assert (tag.region, tag.ipv4, tag.prefixes) == (
        "eastus",
        ((0x142A4200, 0x142A43FF),),
        ("20.42.67.0/24", "20.42.66.9/24"),
    )


def test_the_weekly_dialect_is_what_the_download_says() -> None:
    document = {"changeNumber": 346, "cloud": "Public", "values": [WEEKLY["values"][1]]}

    written = weekly_dialect(_parse(document))

    assert written == {
        "cloud": "Public",
        "changeNumber": 346,
        "values": [
            {
                "name": "AzureContainerRegistry.FranceCentral",
                "id": "AzureContainerRegistry.FranceCentral",
                "properties": {
                    "region": "francecentral",
                    "systemService": "AzureContainerRegistry",
                    "addressPrefixes": ["20.42.67.0/24", "20.42.66.0/24", "2603:1030::/32"],
                },
            }
        ],
    }


@pytest.mark.parametrize("number", [346, "346", "7-b", "9" * 30, None])
def test_the_weekly_dialect_is_read_back_as_it_was(number: object) -> None:
    tags = _parse({**WEEKLY, "changeNumber": number})

    assert _parse(json.loads(json.dumps(weekly_dialect(tags)))) == tags


def test_a_change_number_too_long_for_json_readers_stays_a_text() -> None:
    tags = _parse({**WEEKLY, "changeNumber": "9" * 19})

    assert weekly_dialect(tags)["changeNumber"] == "9" * 19


def test_a_tag_that_vanishes_from_a_file_is_not_found_in_it() -> None:
    before = _stored("ServiceTags_Public_20230123.reduced.json", OURS)
    after = _stored("ServiceTags_Public_20230130.reduced.json", OURS)

    israel = before.find("AzureContainerRegistry.IsraelCentral")
    assert israel is not None
    assert israel.region == "israelcentral"
    assert after.find("AzureContainerRegistry.IsraelCentral") is None


@pytest.mark.recordings
def test_ten_registry_tags_vanished_in_one_week_of_2023() -> None:
    before = _stored("ServiceTags_Public_20230123.reduced.json")
    after = _stored("ServiceTags_Public_20230130.reduced.json")

    vanished = sorted(
        tag.name for tag in before.regional("AzureContainerRegistry") if not after.find(tag.name)
    )

    assert vanished == [
        "AzureContainerRegistry.EastUSSLV",
        "AzureContainerRegistry.EastUSSTG",
        "AzureContainerRegistry.IsraelCentral",
        "AzureContainerRegistry.ItalyNorth",
        "AzureContainerRegistry.MalaysiaSouth",
        "AzureContainerRegistry.MexicoCentral",
        "AzureContainerRegistry.PolandCentral",
        "AzureContainerRegistry.SpainCentral",
        "AzureContainerRegistry.TaiwanNorth",
        "AzureContainerRegistry.TaiwanNorthwest",
    ]


def test_a_registry_tag_may_have_no_prefixes() -> None:
    tags = _stored("ServiceTags_Public_20200803.reduced.json", OURS)

    bare = [tag.name for tag in tags.regional("AzureContainerRegistry") if not tag.prefixes]
    assert bare == ["AzureContainerRegistry.AustraliaCentral", "AzureContainerRegistry.WestUS"]


@pytest.mark.recordings
def test_registry_tags_without_prefixes_really_occurred() -> None:
    tags = _stored("ServiceTags_Public_20200803.reduced.json")

    bare = [tag.name for tag in tags.regional("AzureContainerRegistry") if not tag.prefixes]

    assert bare == [
        "AzureContainerRegistry.AustraliaCentral",
        "AzureContainerRegistry.AustraliaCentral2",
    ]


@pytest.mark.recordings
def test_east_us_had_thirteen_ipv4_prefixes_and_nine_of_ipv6_in_february_2025() -> None:
    tag = _stored("ServiceTags_Public_20250217.json").find("AzureContainerRegistry.eastus")

    assert tag is not None
    assert (len(tag.prefixes), len(tag.ipv6)) == (13, 9)
    assert ipv4.cidrs(tag.ipv4) == (
        "20.42.66.0/23",
        "20.42.74.64/26",
        "20.62.128.0/26",
        "40.71.10.216/29",
        "40.78.226.208/29",
        "40.78.231.0/24",
        "40.79.154.104/29",
        "52.168.112.192/26",
        "52.168.114.0/23",
        "57.151.4.0/23",
        "72.152.167.192/26",
    )


@on_each_corpus
def test_one_change_number_can_stand_for_two_contents(corpus: Corpus) -> None:
    earlier = _stored("ServiceTags_Public_20250217.reduced.json", corpus)
    later = _stored("ServiceTags_Public_20250303.reduced.json", corpus)

    assert (earlier.change_number, later.change_number) == ("346", "346")
    assert earlier.tags != later.tags


@on_each_corpus
def test_the_global_registry_tag_covers_every_regional_one_though_texts_differ(corpus: Corpus) -> None:
    tags = _stored("ServiceTags_Public_20250217.json", corpus)
    whole = tags.find("AzureContainerRegistry")

    assert whole is not None
    assert "20.42.66.0/24" not in whole.prefixes
    assert [
        tag.name for tag in tags.regional("AzureContainerRegistry") if coverage(whole.prefixes, tag).missing
    ] == []


@on_each_corpus
@pytest.mark.parametrize(
    ("name", "cloud", "change_number"),
    [
        ("ServiceTags_AzureGermany_20201102.reduced.json", "Germany", "122"),
        ("ServiceTags_AzureGovernment_20260713.reduced.json", "USGovernment", "401"),
        ("ServiceTags_China_20260713.reduced.json", "China", "404"),
        ("rest-api/serviceTags_JapanWest_20211027.reduced.json", "Public", "74"),
    ],
)
def test_a_file_of_each_cloud_and_dialect_is_read(
    name: str, cloud: str, change_number: str, corpus: Corpus
) -> None:
    tags = _stored(name, corpus)

    assert (tags.cloud, tags.change_number) == (cloud, change_number)
    assert tags.regional("AzureContainerRegistry")
    assert _parse(weekly_dialect(tags)) == tags
