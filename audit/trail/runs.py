"""Runs as a ledger keeps them: writing one, and reading one back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from phasegate.audit.errors import TrailError, UnknownRunError
from phasegate.audit.ledger.checkpoint import NoteError, in_a_line, read_checkpoint
from phasegate.audit.ledger.entry_errors import EntryError, document_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.canonical_json import CanonicalError, canonical, digest_of, read_canonical
from phasegate.audit.trail.entry_schema import PARTS, RunEntry
from phasegate.records.reader import RecordError, checked_record, shape_fault
from phasegate.records.schema import Record
from phasegate.records.time_zone import zone_of
from phasegate.rules.values.time_zones import day_of


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a run is kept.

    Attributes:
        run: its number.
        first, end: its entries, from the first one to before the last.
        note: the checkpoint that covers them; whoever keeps a copy notices any later change.
        place: the ledger, as it may be shown.
        recorded_at, evaluator: when it was recorded, in UTC, and by whose key; None where that is not
            known.
        doubt: what is odd about where it was kept, in one line; None if nothing is.
        record: the digest of its record, which that was held to; None where that is not known.
    """

    run: int
    first: int
    end: int
    note: str
    place: str
    recorded_at: str | None = None
    evaluator: str | None = None
    doubt: str | None = None
    record: str | None = None

    @property
    def name(self) -> str:
        """The ledger in short: the name of its file, or its address."""
        return self.place if "://" in self.place else self.place.rpartition("/")[2]

    @property
    def checkpoint(self) -> str:
        """The checkpoint in one line: size and root."""
        checkpoint, _ = read_checkpoint(self.note)
        return in_a_line(checkpoint.size, checkpoint.root)


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

    @property
    def whole(self) -> bool:
        """Whether it decided all that there was to decide."""
        return self.entry["kind"] == "check" and not self.entry["scope"]


def recorded_day(run: KeptRun) -> str:
    """The day on which a run was recorded, by the time zone of its project."""
    recorded = dt.datetime.fromisoformat(str(run.envelope["recorded_at"]))
    return day_of(recorded, zone_of(run.entry)).isoformat()


def runs(ledger: Ledger, last: int | None = None) -> Iterator[KeptRun]:
    """The runs of a ledger, the oldest first.

    Args:
        ledger: where they are.
        last: so many of the newest; None for all.

    Raises:
        TrailError: if the entry of one is none of a run.
    """
    if last is not None and last < ledger.newest_run():
        yield from [*islice(newest_first(ledger), last)][::-1]
        return
    for row in ledger.find(("run",)):
        yield _kept_run(row)


def newest_first(ledger: Ledger, most: int | None = None) -> Iterator[KeptRun]:
    """The runs that a ledger is read for, the newest first.

    Args:
        ledger: where they are.
        most: the highest number; None for any.

    Raises:
        TrailError: if the entry of one is none of a run.
    """
    newest = ledger.newest_run()
    for number in range(newest if most is None else min(most, newest), 0, -1):
        for row in ledger.find(("run",), run=number):
            yield _kept_run(row)


def runs_after(ledger: Ledger, number: int) -> Iterator[KeptRun]:
    """The runs that a ledger is read for after one, the oldest first.

    Raises:
        TrailError: if the entry of one is none of a run.
    """
    for each in range(number + 1, ledger.newest_run() + 1):
        for row in ledger.find(("run",), run=each):
            yield _kept_run(row)


def find_run(ledger: Ledger, given: str) -> KeptRun:
    """The run that somebody names: a number, or ``latest``.

    Raises:
        UnknownRunError: if there is none.
        TrailError: if its entry is none of that run.
    """
    if given == "latest":
        found = next(newest_first(ledger), None)
        if found is None:
            raise UnknownRunError(given, 0)
        return found
    number = int(given) if given.isdecimal() and len(given) < 12 else 0
    rows = ledger.find(("run",), run=number) if number else []
    if len(rows) != 1:
        newest = next(newest_first(ledger), None)
        raise UnknownRunError(given, newest.number if newest is not None else 0)
    return _kept_run(rows[0])


def _kept_run(row: Row) -> KeptRun:
    entry = document_of(row)
    fault = shape_fault(entry, RunEntry)
    if fault is None and entry["run"] != row.run:
        fault = f"the ledger's index says that it is run {row.run}, and it is run {entry['run']}"
    if fault:
        raise EntryError(row, f"is not a run that can be read: {fault}")
    return KeptRun(entry["run"], row.seq, entry)


def kept_as(ledger: Ledger, run: KeptRun) -> Kept:
    """Where a run is kept, under the newest checkpoint, which covers it too.

    Raises:
        TrailError: if the ledger has no checkpoint that can be read.
    """
    note = ledger.newest_checkpoint()
    try:
        if note is None:
            raise NoteError("it has none")
        read_checkpoint(note)
    except NoteError as error:
        message = f"the newest checkpoint of {ledger.shown}: {error.message}"
        raise TrailError(message, "'phasegate verify' tells more") from error
    by = run.envelope
    at, size = by["recorded_at"], ledger.size()
    record = str(run.entry["record"])
    return Kept(run.number, run.seq, size, note, ledger.shown, at, by["evaluator"], record=record)


def record_of(ledger: Ledger, run: KeptRun) -> Record:
    """The record of a run, held to the digest that the run's entry has of it.

    Raises:
        TrailError: if the ledger does not hold what the entry says.
    """
    parts = {name: content_of(ledger, digest) for name, digest in run.entry["parts"].items()}
    try:
        return record_from(parts, str(run.entry["record"]))
    except TrailError as error:
        raise TrailError(f"run {run.number}: {error.message}", "'phasegate verify' tells more") from error


def record_from(parts: Mapping[str, bytes], digest: str) -> Record:
    """A record from its parts, held to its digest.

    Raises:
        TrailError: if the parts do not make that record, or what they make is none.
    """
    if set(parts) != {*PARTS, "rest"}:
        raise TrailError(f"a record has the parts {', '.join([*PARTS, 'rest'])}")
    try:
        whole = read_canonical(parts["rest"])
        written = {name: canonical(part) for name, part in whole.items()}
        for name in PARTS:
            whole[name], written[name] = _list_of(parts[name]), parts[name]
        members = (b"%s:%s" % (canonical(name), written[name]) for name in sorted(written))
    except CanonicalError as error:
        raise TrailError(f"a part of the record: {error.message}") from error
    # Canonical parts in the order of their names are the canonical whole: nothing is written again.
    if digest_of(b"{%s}" % b",".join(members)) != digest:
        raise TrailError("its parts do not make the record that was kept")
    try:
        return checked_record(whole, "what its parts make")
    except RecordError as error:
        raise TrailError(error.message) from error


def _list_of(part: bytes) -> Any:
    """A canonical list; only objects can be read as canonical by themselves."""
    found = read_canonical(b'{"":%s}' % part)
    if set(found) != {""}:
        raise CanonicalError("this is not canonical: it is more than a list")
    return found[""]


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
