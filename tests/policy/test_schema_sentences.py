"""What a file's shape is refused with is told in our own words; those of jsonschema may change."""

import pytest

from scanner.text.json_schema import problems
from scanner.text.yaml import parse_yaml

LIMITS = {
    "a port below all": (
        "nsgAllows: { direction: Outbound, to: AzureContainerRegistry, port: -1 }",
        "require.nsgAllows.port: -1 is less than 0",
    ),
    "a port above all": (
        "nsgAllows: { direction: Outbound, to: AzureContainerRegistry, port: 65536 }",
        "require.nsgAllows.port: 65536 is greater than 65535",
    ),
}


@pytest.mark.parametrize("case", LIMITS)
def test_a_number_out_of_bounds_is_told_with_the_bound(case: str) -> None:
    condition, said = LIMITS[case]
    found = problems(parse_yaml(f"require:\n  {condition}\n", "p.yaml"), "schema.json", "scanner.policy")

    assert f"p.yaml:2: {said}" in [str(each) for each in found]
