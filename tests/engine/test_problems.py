"""A problem that a relation found is evidence in its own words, after the name of what it is wrong with."""

from engine_rows import GROUP, row

from scanner.engine.compile.facts import found_fact
from scanner.engine.relations.problems import problem, related_problems
from scanner.model.resource import Resource, Source, Unseen, Value
from scanner.model.truth import Truth
from scanner.result.finding import PROBLEM

NSG = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/web"
RULE = f"{NSG}/securityRules/anybody"
ROW = row({"id": NSG, "source": "resourceGraph", "apiVersion": "2024-05-01", "properties": {}})


def opens(port: int) -> Resource:
    return problem(RULE, f"opens port {port} to everybody", ROW)


def test_a_problem_has_the_name_of_what_is_wrong_and_the_provenance_of_its_row() -> None:
    opening = opens(443)

    assert (opening.id, opening.name, opening.type) == (RULE, "anybody", "acr-scan/problems")
    assert (opening.rows[0].source, opening.rows[0].api_version) == (Source.RESOURCE_GRAPH, "2024-05-01")


def test_a_problem_is_said_without_a_field_or_a_comparison() -> None:
    fact = found_fact(PROBLEM, "exists", True, Value("opens port 443", ROW), Truth.TRUE)

    assert fact.sentence == "opens port 443"


def test_any_other_field_is_compared_in_words() -> None:
    fact = found_fact("properties.access", "exists", True, Value("Allow", ROW), Truth.TRUE)

    assert fact.sentence == "properties.access is 'Allow'"


def test_two_problems_with_one_rule_are_two_and_one_that_is_found_twice_is_one() -> None:
    unseen = Unseen("refused")

    related = related_problems([opens(443), opens(80), opens(443)], [unseen], unseen)

    assert [each.rows[0].body["properties"]["problem"] for each in related.targets] == [
        "opens port 443 to everybody",
        "opens port 80 to everybody",
    ]
    assert (related.uncertain, related.unseen) == ((unseen,), unseen)
