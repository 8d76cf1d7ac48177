"""The formats of a plan, by name."""

from collections.abc import Callable, Mapping

from scanner.report import plan_az, plan_bicep, plan_terraform
from scanner.result.plan import Plan

FORMATS: Mapping[str, Callable[[Plan], str]] = {
    "az": plan_az.render,
    "bicep": plan_bicep.render,
    "terraform": plan_terraform.render,
}
