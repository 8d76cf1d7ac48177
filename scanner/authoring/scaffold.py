"""A new policy and its cases, ready to be changed: from green to green."""

import re
from collections.abc import Sequence
from pathlib import Path

from scanner.authoring.lint import RANGES
from scanner.errors import FileError, UsageError, did_you_mean, os_reason
from scanner.policy.load import CASES_SUFFIX, builtin_folder, load
from scanner.text.writer import write_whole

_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PREFIX = re.compile(r"[A-Z]{2,8}")

_POLICY = """\
# yaml-language-server: $schema={schema}/schema.json
id: {id}
name: {name}
title: Registries should be closed to the internet
severity: medium
status: preview
since: "{since}"
resource: Microsoft.ContainerRegistry/registries

why: |
  Say the consequence for the reader's builds and secrets, in two to four sentences.

# when: where the policy applies; leave it out if everywhere.

require: {{ field: properties.publicNetworkAccess, equals: Disabled }}

messages:
  pass: Registry {{name}} is closed to the internet.
  fail: Registry {{name}} is open to the internet.
  unknown: Whether registry {{name}} is open to the internet could not be determined.

remediation:
  - text: Close the public endpoint.
    az: |
      az acr update --name {{name}} --public-network-enabled false

references:
  - title: Configure public IP network rules
    url: https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks
"""

_CASES = """\
# yaml-language-server: $schema={schema}/cases.schema.json
policy: {id}

# Every case starts from this world and names what it changes.
world:
  resource: {{ properties.publicNetworkAccess: Disabled }}

cases:
  - name: a registry with public access disabled is closed
    expect: pass

  - name: a registry with public access enabled is open
    resource: {{ properties.publicNetworkAccess: Enabled }}
    expect: fail
    because: "publicNetworkAccess is 'Enabled'"

  - name: a row that does not show public access cannot tell
    resource: {{ properties.publicNetworkAccess: unseen }}
    expect: unknown
"""


def scaffold(topic: str, name: str, folder: Path | None, prefix: str) -> Sequence[Path]:
    """The paths of a new policy and its cases; UsageError where a word or the topic will not do."""
    if not _WORD.fullmatch(name) or not _WORD.fullmatch(topic):
        raise UsageError(f"{topic} {name}: a topic and a name are words such as data-endpoint")
    if not _PREFIX.fullmatch(prefix):
        raise UsageError(f"--prefix {prefix}: an id starts with two to eight capital letters")
    if folder is None and topic not in RANGES:
        hint = did_you_mean(topic, RANGES)
        raise UsageError(f"the pack has no topic {topic}{hint}", help=f"topics are {', '.join(RANGES)}")
    home = builtin_folder() if folder is None else folder
    place = home / topic
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{place}: the folder cannot be made: {os_reason(error)}") from error
    words = {"id": _next_id(topic, home, prefix), "name": name, "since": "0.1", "schema": _schema(folder)}
    paths = [place / f"{words['id']}-{name}{ending}" for ending in (".yaml", CASES_SUFFIX)]
    for path, text in zip(paths, (_POLICY, _CASES), strict=True):
        if path.exists():
            raise UsageError(f"{path} is there already")
        write_whole(path, [text.format(**words)])
    return paths


def _schema(folder: Path | None) -> str:
    """Where an editor finds the schemas: beside the pack, or where acr-scan is installed."""
    installed = Path(__file__).parents[1] / "policy"
    return "../../scanner/policy" if folder is None else installed.as_posix()


def _next_id(topic: str, home: Path, prefix: str) -> str:
    """The first free number of the topic's range."""
    there = any(home.rglob("*.yaml"))
    taken = {policy.id for policy in load([home]).policies} if there else set[str]()
    first = int(f"{RANGES.get(topic, '0')}01")
    for number in range(first, first + 99):
        if (free := f"{prefix}{number:03d}") not in taken:
            return free
    raise UsageError(
        f"{topic}: {prefix}{first:03d} to {prefix}{first + 98:03d} are all taken in {home}",
        help="take other letters with --prefix",
    )
