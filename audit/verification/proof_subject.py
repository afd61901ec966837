"""Finds what somebody wants proved, and the checkpoints that somebody kept."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from phasegate.audit.errors import TrailError, UnknownSubjectError
from phasegate.audit.ledger.checkpoint import MAX_NOTE, Checkpoint, read_checkpoint
from phasegate.audit.ledger.entry_errors import EntryError, document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.trail.runs import KeptRun, content_of
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.loading.given_file import GivenFileError, read_given

DECIDED = ("point", "target", "gate")


def entry_of(ledger: Ledger, run: KeptRun, given: str) -> Row:
    """The entry of a run that decides a point, a criterion or requirement of it, a target or a gate.

    Args:
        ledger: where the run is kept.
        run: the run.
        given: such as ``1.1.1``, ``1.1.1/validation``, ``1/success``, ``phase:2``, ``programme``; or
            ``run`` for the run as a whole.

    Raises:
        UnknownSubjectError: if the run did not decide it.
    """
    if given == "run":
        return ledger.find(("run",), run=run.number)[0]
    rows = ledger.find(DECIDED, run=run.number)
    gate = given.removeprefix("phase:")
    for row in rows:
        if row.kind == "gate" and row.subject == gate and (given != gate or gate == "programme"):
            return _held(row, run)
    known = ["run", *(f"phase:{row.subject}" if row.kind == "gate" else row.subject for row in rows)]
    for row in rows:
        if row.kind == "gate":
            continue
        if given == row.subject:
            return _held(row, run)
        if given.startswith(f"{row.subject}/"):
            parts = _parts(ledger, row)
            if given in parts:
                return _held(row, run)
            known += parts
    raise UnknownSubjectError(given, run.number, suggest(given, known, of="ids"))


def _parts(ledger: Ledger, row: Row) -> list[str]:
    """The ids of the criteria and the requirements that an entry decides, by its evidence."""
    with naming(row):
        evidence = read_canonical(content_of(ledger, document_of(row)["evidence"]))
        return [each["id"] for kind in ("criteria", "requirements") for each in evidence[kind]]


def _held(row: Row, run: KeptRun) -> Row:
    """The row, once it says itself what the ledger's index says of it."""
    document = document_of(row)
    if document.get("run") != run.number or document.get("entry") != row.kind:
        raise EntryError(row, "is not what the ledger's index says")
    return row


def kept_checkpoint(given: str, folder: Path = Path()) -> tuple[str, Checkpoint]:
    """A checkpoint that somebody kept: the file of a signed note, or its size and root as reports print them.

    Args:
        given: either of them.
        folder: from which a file is seen.

    Returns:
        Its name for messages, and the checkpoint; its log is empty where it was not kept.

    Raises:
        TrailError: if it is neither.
    """
    size, _, root = given.strip().partition(" ")
    if size.isdecimal() and root:
        try:
            decoded = base64.b64decode(root, validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if len(decoded) != 32 or len(size) > 18:
            raise TrailError(
                f"{given!r} is no checkpoint", "write its size, a blank and its root, as reports do"
            )
        return f"the checkpoint {given!r}", Checkpoint("", int(size), decoded)
    try:
        text = read_given(folder / given, MAX_NOTE).decode("utf-8")
    except (GivenFileError, UnicodeDecodeError) as error:
        why = error.why if isinstance(error, GivenFileError) else "it is not UTF-8 text"
        raise TrailError(
            f"the checkpoint {given!r} can not be read: {why}",
            "name a file that 'phasegate checkpoint' wrote, or write 'SIZE ROOT'",
        ) from error
    return f"the checkpoint in {given}", read_checkpoint(text)[0]


def file_name(given: str, run: int) -> str:
    """What a proof's file is called where nobody says otherwise."""
    plain = "".join(character if character.isalnum() or character in "._" else "-" for character in given)
    return f"proof-{plain[:80]}-run-{run}.json"
