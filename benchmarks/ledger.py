"""The ledger: a run appended against a plain write of its bytes, a proof in a long and a short ledger."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from yardstick import Row, in_turn, seconds, time_ratio, timed

from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.canonical_json import canonical

RUN = 250
SHORT, LONG = 10_000, 1_000_000
_key = Ed25519PrivateKey.from_private_bytes(bytes(32))
SIGNER = CheckpointSigner("evaluator", _key.public_key().public_bytes_raw(), _key.sign)


def verdict(number: int, reasons: int) -> dict[str, object]:
    """A point's verdict as it is kept, of about 130 bytes a reason."""
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    reason = {
        "requirement": "measure.name",
        "observed": f"{number}/280",
        "bound": ">= 95 %",
        "source": digest,
    }
    return {"verdict": "pass", "reasons": [reason] * reasons}


def drafts(runs: int, reasons: int) -> Callable[[Position], list[Draft]]:
    """Whole runs, each of 250 points."""
    verdicts = [(f"1.{i // 10}.{i % 10}", verdict(i, reasons)) for i in range(RUN)]
    return lambda position: [
        Draft("point", position.newest_run + 1 + run, point, document)
        for run in range(runs)
        for point, document in verdicts
    ]


def ledger_of(place: Path, entries: int) -> Path:
    """A ledger of at least so many entries, made once."""
    if place.exists():
        return place
    draft = place.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with Ledger.open(draft, create=True) as ledger:
        while ledger.size() < entries:
            ledger.append(drafts(min(100, entries // RUN), 1), SIGNER)
    draft.rename(place)
    return place


def append_rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """A run of 250 points."""
    folder = scratch / "append"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    place, plain = folder / "phasegate.db", folder / "plain"
    with Ledger.open(place, create=True) as ledger:
        ledger.append(drafts(8, 9), SIGNER)
        data = b"".join(row.body for row in ledger.find(["point"], 1))

    def write() -> None:
        handle = os.open(plain, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)

    def whole() -> None:
        with Ledger.open(place, create=True) as ledger:
            ledger.append(drafts(1, 9), SIGNER)

    with Ledger.open(place, read_only=False) as opened:
        ours, theirs = in_turn(
            lambda: timed(lambda: opened.append(drafts(1, 9), SIGNER)), lambda: timed(write), 3 * rounds
        )
    for what, at_most, mine, other in (
        ("in one transaction", 15, ours, theirs),
        # Closing writes it all once more, from the log into the one file that is left.
        (
            "and the ledger opened and closed",
            30,
            *in_turn(lambda: timed(whole), lambda: timed(write), 3 * rounds),
        ),
    ):
        yield Row(
            f"ledger: {RUN} entries of {len(data) / RUN / 1000:.1f} kB appended, {what}",
            "write and fsync of the same bytes",
            at_most,
            time_ratio(mine, other),
            f"{seconds(mine)} against {seconds(other)}",
        )


def prove_rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """A point's proof: the ledger opened, the entry found and proved, the ledger closed."""
    places = {size: ledger_of(scratch / f"ledger_{size}.db", size) for size in (LONG, SHORT)}
    draw = random.Random(7)

    def prove(size: int) -> None:
        with Ledger.open(places[size]) as ledger:
            subject = f"1.{draw.randrange(RUN // 10)}.{draw.randrange(10)}"
            [row] = ledger.find(["point"], draw.randrange(1, size // RUN), subject)
            canonical([step.hex() for step in ledger.prove(row.seq)])

    ours, theirs = in_turn(
        lambda: timed(lambda: prove(LONG)), lambda: timed(lambda: prove(SHORT)), 30 * rounds
    )
    yield Row(
        f"ledger: one entry of {LONG:,} found and proved",
        f"one of {SHORT:,}",
        2,
        time_ratio(ours, theirs),
        f"{seconds(ours)} against {seconds(theirs)}",
    )


def rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """What is promised of the ledger."""
    yield from append_rows(rounds, scratch)
    yield from prove_rows(rounds, scratch)
