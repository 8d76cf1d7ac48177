"""What findings share: accounts by precedent say what the evaluator says of each resource by itself."""

from pathlib import Path

import bench
import pytest
from precedents import agree

from scanner.model.inventory import Gap
from scanner.policy.load import Pack, builtin_folder, load
from scanner.sources.snapshot import read_snapshot

SAMPLE = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load([builtin_folder()])


def test_of_an_estate(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    bench.write(path, 120)
    assert agree(pack, read_snapshot(path)) > 4000


def test_of_an_estate_that_is_vouched_for(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    bench.write(path, 60)
    assert agree(pack, read_snapshot(path, assume_complete=True))


def test_of_an_estate_with_gaps(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    bench.write(path, 60)
    snapshot = read_snapshot(path)
    registries = "microsoft.containerregistry/registries"
    of = snapshot.inventory.of_type(registries)
    gaps = (
        Gap(f"{registries}/properties.networkRuleSet", of[3].key, "refused"),
        Gap(f"{registries}/tasks", of[5].key, "the list broke off", "try again"),
        Gap(f"{registries}/properties.publicNetworkAccess", of[7].key, "refused"),
        Gap("microsoft.network/privateendpoints", "", "page 2 is missing"),
    )
    assert agree(pack, snapshot, gaps)


def test_of_the_sample(pack: Pack) -> None:
    assert agree(pack, read_snapshot(SAMPLE))
