"""`--dask`: workers of a Dask cluster, each of which reads the snapshot, judges parts of it and renders them.

Nothing but what the options say goes to a worker, and nothing but rulings and finished texts comes back: to
send the inventory, or findings one by one, takes longer than to judge it (samples/bench/README.md).
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib import metadata
from io import BytesIO
from itertools import islice
from typing import Any
from uuid import uuid4

from scanner import __version__
from scanner.app.scan.rendering import RendererFactories, Rendering, judge_and_render
from scanner.app.scan.shares import ShareResult, result_of, table_of
from scanner.app.scan.snapshot_source import SnapshotSource
from scanner.engine.exemptions import Acceptance
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload
from scanner.errors import ScanError, UsageError
from scanner.model.inventory import Inventory
from scanner.report.spool import JoinedSections, Sections, Spool
from scanner.result.finding_table import FindingTable

PARTS = 4
"""Parts for each worker: one that is slow, or dies, holds up little."""
PATIENCE = 20.0
"""Seconds without news after which one looks whether there are workers at all."""
START = 5.0
"""Seconds to wait for the first worker."""
_INSTALL = "install the same acr-scan on every worker: version"


@dataclass(frozen=True, slots=True)
class RemoteScan:
    """What all parts of a scan have in common."""

    identity: str
    """A worker reads the snapshot once for each."""
    source: SnapshotSource
    rules: Workload
    """The policies and what belongs to them; its inventory is empty."""
    factories: RendererFactories
    acceptance: Acceptance | None

    def read(self) -> Workload:
        """The workload of the snapshot that the worker reads. FileError where it cannot."""
        snapshot = self.source.read()
        inventory, tags = snapshot.inventory, self.source.tags or snapshot.service_tags
        types = {kind for policy in self.rules.judged_policies for kind in policy.types}
        resources = self.source.filter.of(inventory, types)
        table = TagTable(tags, inventory.cloud)
        return replace(self.rules, inventory=inventory, resources=resources, tags=table)


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a worker gives back: the rulings, and by format the texts."""

    resources: str
    """The digest of the resources that it judged."""
    result: ShareResult
    texts: Mapping[str, bytes]


_read_lock = threading.Lock()
_last_read: tuple[str, Workload] | None = None
"""The snapshot that this worker read last, by the identity of the scan."""


def judge_part(scan: RemoteScan, number: int, of: int) -> PartResult:
    """Judge and render one of several parts, on a worker."""
    global _last_read  # noqa: PLW0603 - a worker calls functions, and keeps what it read between them
    with _read_lock:
        if _last_read is None or _last_read[0] != scan.identity:
            _last_read = scan.identity, scan.read()
        workload = _last_read[1]
        share = next(islice(workload.shares(of), number, None), None)
        if share is None:  # of another snapshot, which has fewer resources
            return PartResult("", ShareResult((), {}, {}), {})
        spools = {name: Spool(BytesIO()) for name in scan.factories}
        table = judge_and_render(share, Rendering.start(scan.factories, spools), scan.acceptance)
    places = {name: spool.places for name, spool in spools.items()}
    texts = {name: _bytes_of(spool) for name, spool in spools.items()}
    return PartResult(_digest(share), result_of(table, places), texts)


def judge_on_dask(
    address: str,
    workload: Workload,
    source: SnapshotSource,
    factories: RendererFactories,
    acceptance: Acceptance | None,
    opened: ExitStack,
) -> tuple[FindingTable, Mapping[str, Sections]]:
    """The findings that one process would make, in the same order, and by format their texts.

    ScanError where the cluster cannot do it, with what to install or to start.
    """
    rules = replace(workload, inventory=Inventory({}, frozenset()), resources=workload.resources[:0])
    there = replace(source, path=source.path.absolute())
    scan = RemoteScan(uuid4().hex, there, rules, factories, acceptance)
    results: dict[int, ShareResult] = {}
    spools: dict[str, dict[int, Spool]] = {name: {} for name in factories}
    with _connected(address) as client:
        of = PARTS * _workers(client)
        shares = [*workload.shares(of)]
        for number, part in _parts(client, scan, len(shares), of):
            if part.resources != _digest(shares[number]):
                raise ScanError(
                    f"{source.path}: a worker reads another snapshot there than this machine",
                    help="put the snapshot where every worker finds the same, such as a shared folder",
                )
            results[number] = part.result
            for name in factories:
                spools[name][number] = _spool(part, name, opened)
    texts = {
        name: JoinedSections([found[number] for number in sorted(found)]) for name, found in spools.items()
    }
    return table_of(workload, [results[number] for number in sorted(results)]), texts


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "--dask needs dask.distributed", help="pip install '.[dask]' in the checkout"
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is raised
    try:
        return Client(address, timeout="10s")
    except (OSError, ValueError, TypeError, ImportError) as error:  # tls: and ucx: want more than a host
        raise ScanError(f"no Dask scheduler answers at {address}: {error}") from error


def _workers(client: Any) -> int:
    """How many workers there are; ScanError where there is none, or one has not this acr-scan."""
    with suppress(TimeoutError):  # those that were started together with this scan
        client.wait_for_workers(1, timeout=START)
    versions = client.run(metadata.version, "acr-scan", on_error="return")
    if not versions:
        raise ScanError(
            "the Dask scheduler has no workers",
            help="start some where acr-scan is installed: dask worker tcp://HOST:PORT",
        )
    for worker, version in sorted(versions.items()):
        if isinstance(version, Exception):
            raise ScanError(f"the worker {worker} has no acr-scan", help=f"{_INSTALL} {__version__}")
        if version != metadata.version("acr-scan"):
            raise ScanError(
                f"the worker {worker} has acr-scan {version}, and this is {__version__}",
                help=f"{_INSTALL} {__version__}",
            )
    return len(versions)


def _parts(client: Any, scan: RemoteScan, parts: int, of: int) -> Iterator[tuple[int, PartResult]]:
    """Each part's number and result as soon as it is there; nothing of it stays in the cluster then."""
    from distributed import KilledWorker, wait

    sent = client.scatter(scan, broadcast=True, hash=False)
    waiting = {client.submit(judge_part, sent, number, of, pure=False): number for number in range(parts)}
    while waiting:
        try:
            done = wait([*waiting], timeout=PATIENCE, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            if not client.nthreads():
                raise ScanError("the Dask scheduler has lost all its workers") from None
            continue
        for future in sorted(done, key=waiting.__getitem__):
            try:
                part = future.result()
            except KilledWorker as error:
                raise ScanError(
                    "a part was not judged: it ended every worker that tried",
                    help="give the workers more memory; each reads the whole snapshot",
                ) from error
            except UsageError as error:
                raise ScanError(
                    f"a worker cannot read the snapshot: {error}",
                    help="put it where every worker finds it under this path, such as a shared folder",
                ) from error
            future.release()
            yield waiting.pop(future), part


def _digest(share: Workload) -> str:
    """Of the resources' ids, in order: whether two machines speak of the same."""
    digest = blake2b(digest_size=16)
    for resource in share.resources:
        digest.update(f"{resource.key}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _bytes_of(spool: Spool) -> bytes:
    spool.file.seek(0)
    return spool.file.read()


def _spool(part: PartResult, name: str, opened: ExitStack) -> Spool:
    spool = Spool.start()
    opened.callback(spool.close)
    spool.file.write(part.texts[name])
    return Spool(spool.file, dict(part.result.places[name]))
