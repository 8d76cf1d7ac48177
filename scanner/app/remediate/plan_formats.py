"""The formats of a plan, by name."""

from collections.abc import Callable, Mapping

from scanner.report.plan import az, bicep, terraform
from scanner.result.plan import Plan

FORMATS: Mapping[str, Callable[[Plan], str]] = {
    "az": az.render,
    "bicep": bicep.render,
    "terraform": terraform.render,
}
