"""Templates of security groups, and a schema of SARIF as far as we write it."""

from collections.abc import Iterator
from typing import Any

from corpus.arm_answers import Json


def rule(name: str, direction: str, priority: int, **more: Any) -> Json:
    common = {
        "protocol": "*",
        "sourcePortRange": "*",
        "access": "Allow",
        "priority": priority,
        "direction": direction,
    }
    return {"name": name, "properties": {**common, **more}}


def templates() -> Iterator[tuple[str, Json]]:
    """Groups that write one prefix or several, one port or several, tags, and what is still a parameter."""
    every = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*"}
    out = {"sourceAddressPrefix": "*", "destinationPortRange": "443"}
    entry = {"sourceAddressPrefix": "Internet", "destinationAddressPrefix": "*"}
    denied = {**every, "destinationPortRange": "*", "access": "Deny"}
    closed = [
        rule("let-clients-in", "Inbound", 100, **entry, destinationPortRange="443"),
        rule("deny-the-rest-in", "Inbound", 1000, **denied),
        rule("let-storage-out", "Outbound", 100, **out, destinationAddressPrefix="Storage"),
        rule("let-web-out", "Outbound", 110, **{**out, "destinationPortRange": ""},
             destinationPortRanges=["80", "8080"], destinationAddressPrefix="Internet"),
        rule("deny-the-rest-out", "Outbound", 1000, **denied),
    ]  # fmt: skip
    still = "[parameters('range')]"
    several = [
        rule("let-two-networks-in", "Inbound", 100, sourceAddressPrefixes=["10.0.0.0/24", "10.0.1.0/24"],
             destinationAddressPrefixes=["10.0.2.0/24"], destinationPortRange="443"),
        rule("let-a-parameter-out", "Outbound", 110, **{**out, "sourceAddressPrefix": still},
             destinationAddressPrefix=still),
    ]  # fmt: skip
    for name, held in (("closed-subnet", closed), ("several-prefixes", several)):
        kind = "Microsoft.Network/networkSecurityGroups"
        group = {
            "type": kind,
            "name": name,
            "location": "[parameters('location')]",
            "properties": {"securityRules": held},
        }
        yield name, {"contentVersion": "1.0.0.0", "parameters": {}, "resources": [group]}


def sarif_schema() -> Json:
    text = {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"type": "string", "minLength": 1}},
    }
    uri = {"type": "string", "format": "uri-reference"}
    location = {
        "type": "object",
        "properties": {
            "physicalLocation": {
                "type": "object",
                "properties": {"artifactLocation": {"type": "object", "properties": {"uri": uri}}},
            },
            "message": text,
        },
    }
    result: Json = {
        "type": "object",
        "required": ["message"],
        "properties": {
            "ruleId": {"type": "string"},
            "ruleIndex": {"type": "integer", "minimum": -1},
            "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
            "level": {"enum": ["none", "note", "warning", "error"]},
            "message": text,
            "locations": {"type": "array", "items": location},
            "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
            "suppressions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {"kind": {"enum": ["inSource", "external"]}},
                },
            },
            "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
            "properties": {"type": "object"},
        },
    }
    described = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"},
            "shortDescription": text,
            "fullDescription": text,
            "help": text,
            "helpUri": uri,
            "defaultConfiguration": {
                "type": "object",
                "properties": {"level": result["properties"]["level"]},
            },
        },
    }
    driver = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "rules": {"type": "array", "items": described}},
    }
    run = {
        "type": "object",
        "required": ["tool"],
        "properties": {
            "tool": {"type": "object", "required": ["driver"], "properties": {"driver": driver}},
            "results": {"type": "array", "items": result},
            "invocations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["executionSuccessful"],
                    "properties": {"executionSuccessful": {"type": "boolean"}},
                },
            },
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "required": ["version", "runs"],
        "properties": {"version": {"enum": ["2.1.0"]}, "runs": {"type": "array", "items": run}},
    }
