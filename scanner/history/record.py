"""A report as a history keeps it: texts that any database takes, and what a run is known by."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scanner.history.life import STATES, FindingState
from scanner.result.finding import Finding, Verdict
from scanner.result.report import Report
from scanner.result.trend import TrendPoint

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and halves of a pair, which are in no encoding."""


@dataclass(frozen=True)
class Record:
    """A run to be stored. `scope` says what was asked for; each scope has a history of its own."""

    report: Report
    scope: Mapping[str, Any]
    stored: datetime

    @property
    def collected(self) -> datetime:
        """When its inventory was; when it was judged or stored, where nothing says when it was collected."""
        return moment(self.report.run.collected) or moment(self.report.run.evaluated) or self.stored

    @property
    def scope_words(self) -> str:
        """The scope as text, the same for the same scope."""
        return as_text(self.scope)

    @property
    def digest(self) -> str:
        """What a run is known by: what decided its verdicts, and these; not what gates."""
        run = self.report.run
        tags = run.service_tags
        identity = {
            "scope": self.scope,
            "collected": self.collected.isoformat(),
            "evaluated": run.evaluated,
            "complete": run.complete,
            "policies": run.policy_digest,
            "parameters": run.parameters,
            "serviceTags": None if tags is None else [tags.cloud, tags.change_number],
            "verdicts": [[each.fingerprint, each.verdict.value] for each in self.report.findings],
        }
        return digest(as_text(identity))

    @property
    def row(self) -> dict[str, Any]:
        """The columns of the run, but for its id and that of its scope."""
        report, run = self.report, self.report.run
        return {
            "digest": self.digest,
            "collected": self.collected,
            "evaluated": moment(run.evaluated),
            "stored": self.stored,
            "tool_version": storable(run.tool_version),
            "source": storable(run.source),
            "complete": run.complete,
            "exit_code": report.exit_code,
            "policy_count": len(run.policies),
            "policy_digest": storable(run.policy_digest),
            "parameters": as_text(run.parameters),
            "tag_change_number": _tag_change(report),
            "registries": report.registries,
            "passed": report.verdicts[Verdict.PASS],
            "failed": report.verdicts[Verdict.FAIL],
            "unknown": report.verdicts[Verdict.UNKNOWN],
            "exempt": report.verdicts[Verdict.EXEMPT],
            "not_applicable": report.verdicts[Verdict.NOT_APPLICABLE],
            "gating_fails": report.gating[Verdict.FAIL],
            "gating_unknowns": report.gating[Verdict.UNKNOWN],
        }

    @property
    def point(self) -> TrendPoint:
        """The run as a point of the trend."""
        row = self.row
        counts = (row["passed"], row["failed"], row["unknown"], row["exempt"])
        return TrendPoint(rfc3339(self.collected), *counts)

    @property
    def judged(self) -> Mapping[str, tuple[Finding, FindingState]]:
        """What was judged, by fingerprint."""
        return {each.fingerprint: (each, STATES[each.verdict]) for each in self.report.findings}

    @property
    def policies(self) -> Mapping[str, tuple[str, str]]:
        """Name and severity of each policy of the run, by id."""
        return {
            storable(policy.id): (storable(policy.name), policy.severity.value)
            for policy in self.report.run.policies
        }


def _tag_change(report: Report) -> str | None:
    tags = report.run.service_tags
    return None if tags is None or tags.change_number is None else storable(tags.change_number)


def moment(said: str | None) -> datetime | None:
    """An RFC 3339 time in UTC; None where there is none."""
    try:
        read = None if said is None else datetime.fromisoformat(said)
        return None if read is None else read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def rfc3339(when: datetime) -> str:
    """A time as reports write it, in UTC."""
    return when.isoformat().replace("+00:00", "Z")


def storable(text: str) -> str:
    r"""The text without what databases refuse; an escape such as `\u0000` stands in its place."""
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_text(value: Any) -> str:
    """A value as ASCII JSON, the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def digest(text: str) -> str:
    """The SHA-256 of an ASCII text, in hex."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()
