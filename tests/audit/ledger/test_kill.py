"""Writers that are killed at any moment: what they were told was kept is kept, and nothing is half there."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.checkpoint import read_checkpoint
from phasegate.audit.ledger.compact_range import fold
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.merkle import Frontier, leaf_hash
from phasegate.audit.signing.canonical_json import read_canonical

WRITERS = 3
KILLS = [3, pytest.param(20, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.long)]

# Appends for ever, and says of each append that it was acknowledged in a file of its own, whose
# lines outlive the process. Every few appends it closes the ledger, as a command does at its end.
WRITER = """
import hashlib, os, random, sys
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
draw = random.Random(os.getpid())
told = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
signer = CheckpointSigner("evaluator", bytes(32), lambda data: hashlib.sha512(data).digest())
while True:
    with Ledger.open(os.environ["LEDGER"], create=True) as ledger:
        for _ in range(draw.randrange(1, 6)):
            text, count = draw.randbytes(draw.randrange(1_000)).hex(), draw.randrange(1, 60)
            document = draw.randbytes(20_000)
            kept = hashlib.sha256(document).hexdigest()
            more = dict(text=text, kept=kept)
            done = ledger.append(
                lambda position: [
                    Draft("point", position.newest_run + 1, f"1.1.{i}", dict(more, count=count))
                    for i in range(count)
                ],
                signer,
                {kept: document},
            )
            note = hashlib.sha256(done.note.encode()).hexdigest()
            os.write(told, f"{done.first} {done.end} {done.run} {note}\\n".encode())
"""


def start(address: str, told: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "LEDGER": address}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(told)], env=environment, stderr=subprocess.PIPE
    )


def kill_writers(address: str, folder: Path, kills: int, seed: int) -> list[tuple[int, int, int, str]]:
    """Kills one writer after the other, each a moment after it has begun to write; what they were told."""
    draw = random.Random(seed)
    told = [folder / f"told-{i}" for i in range(kills)]
    running: list[tuple[subprocess.Popen[bytes], Path]] = []
    try:
        for each in told:
            running.append((start(address, each), each))
            if len(running) == WRITERS:
                stop(draw, *running.pop(0))
        while running:
            stop(draw, *running.pop(0))
    finally:
        for process, _ in running:
            process.kill()
            process.communicate()
    lines = [line.split() for each in told for line in each.read_text().splitlines()]
    return [(int(first), int(end), int(run), note) for first, end, run, note in lines]


def stop(draw: random.Random, process: subprocess.Popen[bytes], told: Path) -> None:
    until = time.monotonic() + 60
    while not (told.exists() and told.stat().st_size) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    time.sleep(draw.random() * 0.05)
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode == -signal.SIGKILL, said.decode()


def check(address: str, acknowledged: list[tuple[int, int, int, str]]) -> None:
    """Holds the whole ledger against itself, from the bodies of its entries, and against what was told."""
    with Ledger.open(address) as ledger:
        checkpoints = dict(ledger.store.checkpoints())
        frontier, leaves, runs = Frontier(), [], dict[int, list[dict[str, Any]]]()
        noted: dict[int, str] = {}
        for seq, row in enumerate(ledger.rows()):
            assert row.seq == seq
            leaves.append(leaf_hash(row.body))
            frontier.add(leaves[-1])
            document = read_canonical(row.body)
            if row.kind == "checkpoint":
                noted[seq] = document["note"]
            if row.run is not None:
                runs.setdefault(row.run, []).append(document)
            if (note := checkpoints.get(seq + 1)) is not None:
                checkpoint = read_checkpoint(note)[0]
                assert (checkpoint.size, checkpoint.root) == (seq + 1, frontier.root())
                assert checkpoint.origin == ledger.origin
        size = frontier.size
        assert ledger.size() == size
        assert ledger.store.leaves(0, size) == leaves
        for level, below in ((8, leaves), (16, ledger.store.nodes(8, 0, size))):
            full = [fold(below[i : i + 256]) for i in range(0, len(below) - 255, 256)]
            assert ledger.store.nodes(level, 0, size) == full
        # One checkpoint an append: the newest stands over all entries, each earlier one is the next entry.
        assert max(checkpoints) == size
        assert noted == {at: note for at, note in checkpoints.items() if at != size}
        # A run is whole or it is not there, and so is what it refers to.
        assert sorted(runs) == list(range(1, len(runs) + 1))
        for documents in runs.values():
            assert [document["subject"] for document in documents] == [
                f"1.1.{i}" for i in range(documents[0]["count"])
            ]
            assert ledger.content(documents[0]["kept"]) is not None
        assert len(list(ledger.store.contents())) == len(runs)
        assert ledger.store.file_faults() == []
        assert ledger.store.schema_faults() == []
        # Whatever was acknowledged is there.
        assert acknowledged
        for first, end, run, note in acknowledged:
            assert end in checkpoints, "an acknowledged append was lost"
            assert hashlib.sha256(checkpoints[end].encode()).hexdigest() == note
            assert len(runs[run]) == end - first
        assert len({run for *_, run, _ in acknowledged}) == len(acknowledged) <= len(runs)


@pytest.mark.parametrize("kills", KILLS)
def test_writers_of_a_file_are_killed(tmp_path: Path, kills: int) -> None:
    address = str(tmp_path / "phasegate.db")
    acknowledged = kill_writers(address, tmp_path, kills, seed=1)
    check(address, acknowledged)
    with Ledger.open(address, read_only=False) as ledger:
        assert ledger.size()
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith(("told-", ".phasegate-"))}
    assert left == {"phasegate.db"}


@pytest.mark.parametrize("kills", KILLS)
def test_writers_on_a_server_are_killed(database: str, tmp_path: Path, kills: int) -> None:
    check(database, kill_writers(database, tmp_path, kills, seed=2))


@pytest.mark.parametrize(
    "turns", [pytest.param(3, marks=pytest.mark.slow), pytest.param(10, marks=pytest.mark.long)]
)
def test_a_server_is_killed(server: Any, database: str, tmp_path: Path, turns: int) -> None:
    draw = random.Random(3)
    with closing(Ledger.open(database, create=True)):
        pass
    acknowledged = []
    for turn in range(turns):
        told = [tmp_path / f"told-{turn}-{i}" for i in range(WRITERS)]
        running = [start(database, each) for each in told]
        until = time.monotonic() + 60
        while not all(each.exists() and each.stat().st_size for each in told) and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(draw.random() * 0.2)
        server.stop()
        for process in running:
            _, said = process.communicate(timeout=60)
            # The writers are told, and end; none of them goes on as if it had been kept.
            assert b"LedgerError" in said
            assert process.returncode == 1
        server.start()
        for each in told:
            for line in each.read_text().splitlines():
                first, end, run, note = line.split()
                acknowledged.append((int(first), int(end), int(run), note))
        check(database, acknowledged)
