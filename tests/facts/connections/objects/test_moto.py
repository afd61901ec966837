"""The same files on a disk, in a bucket that keeps versions, and in one that keeps none: the same facts."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from delta_tables import Table, metadata, protocol, removed
from moto_server import MotoServer
from object_lake import Lake
from object_server import trickling
from typed_page import SOURCES, follow

from phasegate import cli
from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.connections.objects.s3 import OpenS3

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[4]
SECRET = "own/canary+s3cret"
PROJECT = """
phasegate: 1
id: p-5c1e8a94d2f07b36
connections:
  lake: {s3: env:AWS}
sources:
  usage:
    %s
    contract:
      title: usage
      columns:
        team: {type: string}
        day: {type: date}
        cost: {type: decimal, scale: 2}
        owner: {type: string, nullable: true}
measures:
  all: {title: All, from: usage, count: "true"}
  owned: {title: Owned, from: usage, share: {value: cost, of: owner IS NOT NULL}}
  cost: {title: Cost, from: usage, sum: cost}
  middle: {title: Middle, from: usage, median: cost}
  teams: {title: Teams, from: usage, distinct: team}
require: {all: ">= 1", owned: ">= 95 %%", cost: ">= 0"}
"""


def table(begins: int) -> pl.DataFrame:
    number = pl.int_range(begins, begins + 2_000)
    return pl.select(
        team=pl.format("t{}", number % 17),
        day=pl.lit("2026-01-02").str.to_date(),
        cost=(number % 9_973).cast(pl.Decimal(18, 2)),
        owner=pl.when(number % 11 > 0).then(pl.lit("ada")),
    )


WRITTEN: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "csv": lambda frame, path: frame.write_csv(path),
    "csv.gz": lambda frame, path: path.write_bytes(gzip.compress(frame.write_csv().encode())),
    "ndjson": lambda frame, path: frame.with_columns(pl.col("cost").cast(pl.String)).write_ndjson(path),
    "parquet": lambda frame, path: frame.write_parquet(path),
}


@pytest.fixture
def owner(moto: MotoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MotoServer:
    monkeypatch.chdir(tmp_path)
    for end, value in {
        "ACCESS_KEY_ID": "AKIDOWNER",
        "SECRET_ACCESS_KEY": SECRET,
        "ENDPOINT_URL": moto.address,
    }.items():
        monkeypatch.setenv(f"AWS_{end}", value)
    return moto


def checked(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(cli.main, ["check", "--as-of", "2026-03-01", "--format", "json", *words])
    assert result.stdout, result.output
    assert SECRET not in result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("versions", [True, False], ids=["versions", "no versions"])
@pytest.mark.parametrize("ending", WRITTEN)
def test_facts_and_verdicts_are_those_of_the_same_files(
    owner: MotoServer, ending: str, versions: bool
) -> None:
    bucket = f"lake-{'kept' if versions else 'plain'}"
    owner.bucket(bucket, versions)
    put = {}
    for month in (1, 2):
        name = f"2026-{month}.{ending}"
        WRITTEN[ending](table(month * 1_000), Path(name))
        put[f"s3://{bucket}/{ending}/{name}"] = owner.put(bucket, f"{ending}/{name}", Path(name).read_bytes())
    Path("phasegate.yaml").write_text(PROJECT % f"# of two lines\n    path: '2026-*.{ending}'")
    file = checked()
    place = f"from: lake\n    path: s3://{bucket}/{ending}/2026-*.{ending}"
    Path("phasegate.yaml").write_text(PROJECT % place)
    lake = checked()
    assert lake["facts"] == file["facts"]
    assert lake["requirements"] == file["requirements"]
    (of_file,), (of_lake,) = file["sources"], lake["sources"]
    assert list(of_lake["files"]) == list(put)
    assert list(of_lake["files"].values()) == list(of_file["files"].values())
    assert of_lake["content"] == of_file["content"]
    assert of_lake.get("versions", {}) == {key: each for key, each in put.items() if each}
    assert bool(of_lake.get("versions")) is versions


def test_a_delta_table_is_the_one_that_it_is_on_a_disk(owner: MotoServer) -> None:
    delta = Table(Path("usage"))
    kinds = {"team": "string", "day": "date", "cost": "decimal(18,2)", "owner": "string"}
    first, second = (delta.file(f"{name}.parquet", table(name * 1_000)) for name in (1, 2))
    delta.commit(protocol("deletionVectors"), metadata(kinds), first)
    delta.commit(removed(first), second)
    delta.commit(removed(second), delta.vector(second, [1, 1_999]))
    Path("phasegate.yaml").write_text(PROJECT % "# of two lines\n    path: usage")
    file = checked()
    owner.bucket("lake")
    for path in Path("usage").rglob("*.*"):
        owner.put("lake", f"data/{path.as_posix()}", path.read_bytes())
    Path("phasegate.yaml").write_text(PROJECT % "from: lake\n    path: s3://lake/data/usage")
    lake = checked()
    assert lake["facts"] == file["facts"]
    assert lake["requirements"] == file["requirements"]
    (of_file,), (of_lake,) = file["sources"], lake["sources"]
    assert of_lake["table"] == of_file["table"]
    assert of_lake["rows"] == 1_998


def test_an_object_in_parts_has_the_digest_of_its_bytes(owner: MotoServer) -> None:
    owner.bucket("parts")
    rows = table(1).write_csv()
    parts = [(rows + rows.partition("\n")[2] * 200).encode(), b"t1,2026-01-02,1.00,\n"]
    assert len(parts[0]) > 5 << 20
    assert owner.put_in_parts("parts", "u.csv", parts).strip('"').endswith("-2")
    Path("phasegate.yaml").write_text(PROJECT % "from: lake\n    path: s3://parts/u.csv")
    (source,) = checked()["sources"]
    assert source["files"] == {"s3://parts/u.csv": f"sha256:{hashlib.sha256(b''.join(parts)).hexdigest()}"}


@pytest.mark.parametrize("versions", [True, False], ids=["versions", "no versions"])
@pytest.mark.parametrize("change", ["replaced", "deleted", "the same again"])
def test_what_happens_after_the_list_is_told(
    owner: MotoServer, versions: bool, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = f"busy-{'kept' if versions else 'plain'}"
    owner.bucket(bucket, versions)
    text = "team,day,cost,owner\na,2026-01-01,1.00,b\n"
    for name in ("a.csv", "b.csv"):
        owner.put(bucket, name, text.encode())
    Path("phasegate.yaml").write_text(PROJECT % f"from: lake\n    path: 's3://{bucket}/*.csv'")
    coming = OpenS3.coming

    def meanwhile(self: OpenS3, bucket: str, wanted: Any) -> Any:
        if wanted.key == "b.csv" and change == "deleted":
            owner.client.delete_object(Bucket=bucket, Key="b.csv")
        elif wanted.key == "b.csv":
            now = text.replace("1.00", "9.00") if change == "replaced" else text
            owner.put(bucket, "b.csv", now.encode())
        return coming(self, bucket, wanted)

    monkeypatch.setattr(OpenS3, "coming", meanwhile)
    (source,) = checked()["sources"]
    if change == "the same again":
        assert source["status"] == "ok"
    else:
        assert source["status"] == "error"
        assert f"s3://{bucket}/b.csv changed while it was read" in source["reason"]


@pytest.mark.parametrize("same", [True, False])
def test_a_second_try_finds_what_the_first_one_found(
    owner: MotoServer, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.bucket("broken", True)
    text = b"team,day,cost,owner\na,2026-01-01,1.00,b\n"
    owner.put("broken", "a.csv", text)
    Path("phasegate.yaml").write_text(PROJECT % "from: lake\n    path: s3://broken/a.csv")
    pieces, tries = OpenS3._pieces, []

    def broken(self: OpenS3, asked: Any, body: Any) -> Any:
        tries.append(asked)
        if len(tries) == 1:
            yield text[:7]
            owner.put("broken", "a.csv", text if same else text.replace(b"1.00", b"9.00"))
            raise PassingFaultError("it broke off")
        yield from pieces(self, asked, body)

    monkeypatch.setattr(OpenS3, "_pieces", broken)
    (source,) = checked()["sources"]
    if same:
        assert source["files"]["s3://broken/a.csv"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
        assert source["status"] == "ok"
    else:
        assert "s3://broken/a.csv changed while it was read" in source["reason"]


def test_the_built_in_pack_decides_with_its_tables_in_a_lake_as_with_files(owner: MotoServer) -> None:
    example = ROOT / "examples" / "developer_finance"
    command = [sys.executable, example / "generate.py", "--out", ".", "--as-of", "2026-03-01"]
    subprocess.run(command, check=True, capture_output=True)
    project = (example / "phasegate.yaml").read_text()
    Path("phasegate.yaml").write_text(project)
    file = checked()
    owner.bucket("finance", True)
    for path in Path("data").rglob("*.*"):
        owner.put("finance", str(path), path.read_bytes())
    moved = re.sub(r"\{path: (data/[^,}]+)", r"{from: lake, path: 's3://finance/\1'", project)
    moved = re.sub(
        r"^    path: (data/.+)$", r"    from: lake\n    path: s3://finance/\1", moved, flags=re.MULTILINE
    )
    Path("phasegate.yaml").write_text(moved + "\nconnections:\n  lake: {s3: env:AWS}\n")
    lake = checked()
    assert len(lake["sources"]) == moved.count("from: lake") > 20
    for key in ("facts", "requirements", "criteria", "points", "gates"):
        assert json.dumps(lake[key]).replace("s3://finance/", "") == json.dumps(file[key]), key
    digests = [[*source["files"].values()] for source in file["sources"]]
    assert [[*source["files"].values()] for source in lake["sources"]] == digests


def test_a_run_is_measured_again_from_its_objects(owner: MotoServer) -> None:
    owner.bucket("again", True)
    owner.put("again", "u.csv", table(1).write_csv().encode())
    Path("phasegate.yaml").write_text(PROJECT % "from: lake\n    path: s3://again/u.csv")
    checked()

    def replayed() -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, ["replay", "1", "--from-sources"])
        return result.exit_code, " ".join(result.output.split())

    owner.put("again", "u.csv", table(1).write_csv().encode())
    code, told = replayed()
    assert code == 0, told  # another version of the same bytes
    owner.put("again", "u.csv", table(2).write_csv().encode())
    code, told = replayed()
    assert code == 1
    assert "other content in s3://again/u.csv (2,000 rows then, 2,000 now)" in told


def test_what_the_page_says_is_so(owner: MotoServer) -> None:
    owner.bucket("billing")
    for month, rows in (
        ("01", "apps,2026-01,120.00,ada\ndata,2026-01,80.50,grace\nweb,2026-01,9.75,\n"),
        ("02", "apps,2026-02,119.10,ada\ndata,2026-02,91.00,grace\n"),
    ):
        body = f"team,month,cost,owner\n{rows}".encode()
        owner.put("billing", f"usage/2026-{month}.csv", body)
    owner.put("billing", "usage/2025-12.csv", b"other\n1\n")
    assert follow(SOURCES / "s3.md", hidden=[SECRET]) == 3


def test_nothing_is_left_behind_when_a_run_is_killed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a signal that nobody can answer, while an object is half here."""
    kept = lake.folder / "kept"
    kept.mkdir()
    half = b"id\n" + b"1234567\n" * 4_000_000

    def slow(to: Any) -> None:
        to.send(200, half, length=len(half) + 10, ETag='"x"')
        trickling(to)

    lake.store.always = slow
    (lake.folder / "phasegate.yaml").write_text(
        (PROJECT % "from: lake\n    path: s3://bucket/u.csv").replace("env:AWS", "env:LAKE")
    )
    command = [sys.executable, "-m", "phasegate", "check", "--project", str(lake.folder)]
    started = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(kept)}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(str(kept) in name for name in open_files(started.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert any(str(kept) in name for name in open_files(started.pid)), "it is being kept"
    started.send_signal(signal.SIGKILL)
    started.wait()
    assert list(kept.iterdir()) == []


MEASURED = """
import os, resource
from phasegate.facts.connections.objects.find import Objects
from phasegate.facts.sources.content import Room
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.project import SourceFile
objects = Objects({"lake": Connection(s3="env:LAKE")}, os.environ)
(found,) = objects.find(SourceFile.model_validate({"from": "lake", "path": "s3://bucket/u.csv"}), Room())
print(found.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_the_memory_that_an_object_takes_does_not_grow_with_it(lake: Lake) -> None:
    peaks = []
    for size in (16 << 20, 256 << 20):

        def large(to: Any, size: int = size) -> None:
            if "list-type" in to.path:
                to.answer()
                return
            to.send(200, b"", length=size, ETag='"x"')
            for _ in range(size // (1 << 20)):
                to.wfile.write(b"1234567\n" * (1 << 17))

        lake.store.always = large
        ended = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
        found, peak = ended.stdout.split()
        assert int(found) == size
        peaks.append(int(peak))
    assert peaks[1] < 1.1 * peaks[0], peaks


def open_files(process: int) -> list[str]:
    found = []
    for link in Path(f"/proc/{process}/fd").glob("*"):
        try:
            found.append(str(link.readlink()))
        except OSError:
            continue
    return found
