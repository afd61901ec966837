"""Runs as a ledger keeps them: writing one, and reading one back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from phasegate.audit.document import Record
from phasegate.audit.entries import digest_of
from phasegate.audit.errors import TrailError, UnknownRunError
from phasegate.audit.ledger.canonical import canonical, read_canonical
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.note import read_checkpoint
from phasegate.audit.saved import parse_record
from phasegate.audit.told import PARTS


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a run is kept.

    Attributes:
        run: its number.
        first, end: its entries, from the first one to before the last.
        note: the checkpoint that covers them; whoever keeps a copy notices any later change.
        place: the ledger, as it may be shown.
    """

    run: int
    first: int
    end: int
    note: str
    place: str

    @property
    def name(self) -> str:
        """The ledger in short: the name of its file, or its address."""
        return self.place if "://" in self.place else self.place.rpartition("/")[2]

    @property
    def checkpoint(self) -> str:
        """The checkpoint in one line: size and root."""
        checkpoint, _ = read_checkpoint(self.note)
        return f"{checkpoint.size} {base64.b64encode(checkpoint.root).decode()}"


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run read back from a ledger.

    Attributes:
        number: the run's number.
        seq: the sequence number of its entry.
        entry: the entry of the run as a whole.
    """

    number: int
    seq: int
    entry: Mapping[str, Any]

    @property
    def envelope(self) -> Mapping[str, Any]:
        """Who recorded it, and when."""
        return cast("Mapping[str, Any]", self.entry["envelope"])


def runs(ledger: Ledger) -> Iterator[KeptRun]:
    """The runs of a ledger, the oldest first."""
    for row in ledger.find(("run",)):
        entry = read_canonical(row.body)
        yield KeptRun(entry["run"], row.seq, entry)


def find_run(ledger: Ledger, given: str) -> KeptRun:
    """The run that somebody names: a number, or ``latest``.

    Raises:
        UnknownRunError: if there is none.
    """
    newest = ledger.store.newest_run()
    number = newest if given == "latest" else int(given) if given.isdecimal() and len(given) < 12 else 0
    rows = ledger.find(("run",), run=number) if number else []
    if len(rows) != 1:
        raise UnknownRunError(given, newest)
    entry = read_canonical(rows[0].body)
    if entry.get("run") != number or entry.get("entry") != "run":
        raise TrailError(f"entry {rows[0].seq} is not the run {number} that the ledger's index says it is")
    return KeptRun(number, rows[0].seq, entry)


def record_of(ledger: Ledger, run: KeptRun) -> Record:
    """The record of a run, held to the digest that the run's entry has of it.

    Raises:
        TrailError: if the ledger does not hold what the entry says.
    """
    parts = {name: content_of(ledger, digest) for name, digest in run.entry["parts"].items()}
    whole = read_canonical(parts["rest"])
    for name in PARTS:
        whole[name] = json.loads(parts[name])
    data = canonical(whole)
    if digest_of(data) != run.entry["record"]:
        raise TrailError(
            f"the record of run {run.number} is not the one that was kept", "'phasegate verify' tells more"
        )
    return parse_record(data, f"the record of run {run.number}")


def content_of(ledger: Ledger, digest: str) -> bytes:
    """Some content of a ledger, held to its address.

    Raises:
        TrailError: if the ledger does not have it.
    """
    content = ledger.content(digest.removeprefix("sha256:"))
    if content is None:
        raise TrailError(
            f"the ledger does not hold {digest}", "'phasegate verify' tells what else is missing"
        )
    return content
