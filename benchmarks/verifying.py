"""Verification and replay: a long ledger against a plain read of it, whole commands against each other."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from start_up import GATE_CODES, PHASEGATE
from yardstick import (
    Measured,
    Row,
    in_turn,
    megabytes,
    memory_ratio,
    run_process,
    seconds,
    time_ratio,
    timed,
)

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.trail.pack_snapshot import rules_document
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.audit.verification.ledger import Asked, verify
from phasegate.audit.verification.runs import Retold
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

POINTS = 249
SHORT, LONG = 100_000, 1_000_000
CHUNK = 4096
_key = Ed25519PrivateKey.from_private_bytes(bytes(32))
_public = PublicKey(_key.public_key().public_bytes_raw(), "evaluator")
SIGNER = CheckpointSigner("evaluator", _public.raw, _key.sign)
POINT = """\
  p{number}:
    title: Point {number}
    criteria:
      - id: reconciled
        text: Each line of the ledger is reconciled
        enforcement: soft
        require: {{lines.reconciled: ">= 95 %"}}
"""
PACK = """\
pack: long
title: Long
points:
{points}
sources:
  lines: {{title: one line, point: point, columns: {{point: {{type: string}}, status: {{type: string}}}}}}
measures:
  lines.reconciled:
    title: Lines that were reconciled
    from: lines
    by: point
    ratio: {{of: status = 'reconciled'}}
"""


def drafts(scratch: Path) -> RunDrafts:
    """A run of 249 points, half of which pass."""
    folder = scratch / "long"
    (folder / "pack").mkdir(parents=True, exist_ok=True)
    points = "".join(POINT.format(number=number) for number in range(POINTS))
    (folder / "pack" / "pack.yaml").write_text(PACK.format(points=points), encoding="utf-8")
    lines = [
        f"p{number},{'open' if number % 2 and line < 5 else 'reconciled'}"
        for number in range(POINTS)
        for line in range(20)
    ]
    (folder / "lines.csv").write_text("\n".join(["point,status", *lines, ""]), encoding="utf-8")
    project = "phasegate: 1\npack: pack\nsources: {lines: {path: lines.csv}}\n"
    (folder / "phasegate.yaml").write_text(project, encoding="utf-8")
    loaded = ready_project(folder)
    files: dict[str, bytes] = {}
    record = evaluate(loaded, dt.date(2026, 3, 1), files=files)
    moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    envelope = Envelope(moment, "evaluator", _public.fingerprint)
    return RunDrafts(record, loaded.pack.pack, rules_document(loaded), envelope, files)


def ledger_of(scratch: Path, entries: int) -> Path:
    """A ledger of whole runs, of at least so many entries, made once."""
    place = scratch / f"runs_{entries}.db"
    if place.exists():
        return place
    run, draft = drafts(scratch), place.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    signers = Signers([Signer("evaluator", ("evaluator",), _public)]).as_document()
    with Ledger.open(draft, create=True) as ledger:
        ledger.append(lambda _: [Draft("key", None, "", {"signers": signers, "envelope": {}})], SIGNER)
        while ledger.size() < entries:
            ledger.append(lambda position: run.drafts(position.newest_run + 1), SIGNER, run.contents)
    draft.rename(place)
    return place


def read(place: Path) -> None:
    """The yardstick: every body is read and hashed, and nothing is done with it."""
    with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as connection:
        (size,) = connection.execute("SELECT max(seq) + 1 FROM entry").fetchone()
        for start in range(0, size, CHUNK):
            chosen = (start, start + CHUNK)
            for (body,) in connection.execute("SELECT body FROM entry WHERE seq >= ? AND seq < ?", chosen):
                hashlib.sha256(body).digest()


def verified(place: Path, *, quick: bool) -> None:
    """A verification as the command does it."""
    with Ledger.open(place) as ledger:
        found = verify(ledger, Asked(quick=quick, retelling=Retold))
    if found.faults:
        raise RuntimeError(f"the benchmark's own ledger is at fault: {found.faults[:3]}")


def long_rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """A million entries, quickly and in full, and what both take at most of memory."""
    places = {size: ledger_of(scratch, size) for size in (SHORT, LONG)}
    for quick, at_most, how in ((True, 5, "`verify --quick`"), (False, 9, "`verify`")):
        ours, theirs = in_turn(
            lambda quick=quick: timed(lambda: verified(places[LONG], quick=quick)),  # type: ignore[misc]
            lambda: timed(lambda: read(places[LONG])),
            rounds if quick else max(2, rounds // 2),
        )
        yield Row(
            f"ledger: {how} of {LONG:,} entries, runs on the same facts",
            "read and SHA-256 of the same entries",
            at_most,
            time_ratio(ours, theirs),
            f"{seconds(ours)} against {seconds(theirs)}",
        )
    for option, how in (("--quick", "`verify --quick`"), ("", "`verify`")):
        commands = [
            [PHASEGATE, "verify", *option.split(), "--ledger", places[size]] for size in (LONG, SHORT)
        ]
        ours, theirs = in_turn(
            lambda command=commands[0]: run_process(command, cwd=scratch),  # type: ignore[misc]
            lambda command=commands[1]: run_process(command, cwd=scratch),  # type: ignore[misc]
            1,
        )
        yield Row(
            f"ledger: {how} of {LONG:,} entries",
            f"of {SHORT:,}",
            1.2,
            memory_ratio(ours, theirs),
            f"{megabytes(ours)} against {megabytes(theirs)}",
            unit="peak memory",
        )


def gate_rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """A gate, which hashes all of its ledger before it decides: a long one against one that is new."""
    long = ledger_of(scratch, SHORT)
    for place in (folders := [scratch / "gate_long", scratch / "gate_new"]):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(scratch / "long", place, ignore=shutil.ignore_patterns("phasegate.db*"))
    shutil.copy(long, folders[0] / "phasegate.db")
    command = [PHASEGATE, "gate", "programme", "--quiet"]
    ours, theirs = in_turn(
        lambda: run_process(command, allowed=GATE_CODES, cwd=folders[0]),
        lambda: run_process(command, allowed=GATE_CODES, cwd=folders[1]),
        rounds,
    )
    yield Row(
        f"`phasegate gate` over a ledger of {SHORT:,} entries",
        "over one of a few runs",
        1.8,
        time_ratio(ours, theirs),
        f"{seconds(ours)} against {seconds(theirs)}",
    )


def command_rows(rounds: int, example: Path) -> Iterator[Row]:
    """Whole commands on the example: `replay` against `check`, and `check` with and without the ledger."""

    def run(*command: str) -> Measured:
        return run_process([PHASEGATE, *command], allowed=GATE_CODES, cwd=example)

    for name in ("phasegate.db", "phasegate.db-wal", "phasegate.db-shm"):
        (example / name).unlink(missing_ok=True)
    run("check")
    for what, ours, theirs, at_most in (
        ("`phasegate replay` of a run", ("replay", "1"), ("check",), 0.5),
        ("`phasegate check`", ("check",), ("check", "--no-ledger"), 1.15),
    ):
        mine, others = in_turn(
            lambda ours=ours: run(*ours),  # type: ignore[misc]
            lambda theirs=theirs: run(*theirs),  # type: ignore[misc]
            2 * rounds,
        )
        yield Row(
            what,
            f"`phasegate {' '.join(theirs)}`",
            at_most,
            time_ratio(mine, others),
            f"{seconds(mine)} against {seconds(others)}",
        )


def rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """What is promised of verification and replay."""
    yield from command_rows(rounds, example)
    yield from gate_rows(rounds, scratch)
    yield from long_rows(rounds, scratch)
