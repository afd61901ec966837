"""Writes a ledger for those who work without phasegate: plain files, which any program can check."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.checkpoint import read_checkpoint
from phasegate.audit.ledger.entry_errors import document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.merkle import Frontier, leaf_hash
from phasegate.audit.ledger.store import DamagedLedgerError
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signers
from phasegate.audit.trail.locate import newest_checkpoint

ENTRIES, CHECKPOINT, SIGNERS = "entries.ndjson", "checkpoint.txt", "signers.json"


class ExportError(TrailError):
    """Something that could not be written; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        entries, keys, documents: how many of each.
    """

    entries: int
    keys: int
    documents: int


def export_entries(ledger: Ledger, folder: Path, *, documents: bool = False) -> Exported:
    """Writes a ledger into a folder, all of it or nothing.

    ``entries.ndjson`` has each entry's bytes as they were hashed, one a line (canonical JSON holds no
    line feed). ``checkpoint.txt`` is the newest signed note, which covers all of them; ``signers.json``
    has the lists of signers, each with the number of its entry and the project whose it is; ``keys/`` every
    key that was ever listed, as OpenSSH and as OpenSSL read it; ``contents/`` the kept documents, named by
    their SHA-256.

    Args:
        ledger: opened for reading.
        folder: where nothing stands yet.
        documents: whether the kept documents are written too.

    Raises:
        ExportError: if something stands there, or it can not be written.
        LedgerError: if the ledger is empty or damaged, or its entries are not those that the newest
            checkpoint was signed over.
    """
    with _new_folder(folder) as draft:
        note = newest_checkpoint(ledger)
        lists, size = _entries(ledger, draft / ENTRIES, note)
        _write(draft / CHECKPOINT, note.encode())
        _write(draft / SIGNERS, _pretty(lists))
        (draft / "keys").mkdir()
        keys = _named_keys(lists)
        for name, key in keys.items():
            _write(draft / "keys" / f"{name}.pub", f"{key.openssh}\n".encode())
            _write(draft / "keys" / f"{name}.pem", key.pem.encode())
        return Exported(size, len(keys), _documents(ledger, draft / "contents") if documents else 0)


def write_new(path: Path, document: Mapping[str, Any]) -> None:
    """Writes a JSON file where nothing stands yet, all of it or nothing.

    Raises:
        ExportError: if something stands there, or it can not be written.
    """
    draft = path.with_name(f".phasegate-{secrets.token_hex(8)}")
    with _telling(path):
        try:
            _write(draft, _pretty(document))
            os.link(draft, path)  # which fails where the name is taken
        finally:
            draft.unlink(missing_ok=True)


def _entries(ledger: Ledger, path: Path, note: str) -> tuple[list[dict[str, Any]], int]:
    """Writes the entries; returns the lists of signers among them, and how many entries there are."""
    lists: list[dict[str, Any]] = []
    tree = Frontier()
    checkpoint, _ = read_checkpoint(note)
    with path.open("xb") as file:
        for row in ledger.rows(0, checkpoint.size):
            file.write(row.body + b"\n")
            tree.add(leaf_hash(row.body))
            if row.kind == "key":
                with naming(row):
                    document = document_of(row)
                    signers = Signers.from_document(document.get("signers"))
                whose = {"project": document["project"]} if "project" in document else {}
                lists.append({"entry": row.seq, **whose, "signers": signers.as_document()})
        file.flush()
        os.fsync(file.fileno())
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise DamagedLedgerError(ledger.shown, "its entries are not those of its newest checkpoint")
    return lists, tree.size


def _named_keys(lists: list[dict[str, Any]]) -> dict[str, PublicKey]:
    """Every key by its signer's name, which is an id; a later key of the same name has a number behind it."""
    found: dict[str, PublicKey] = {}
    for each in lists:
        for signer in Signers.from_document(each["signers"]):
            name, number = signer.name, 1
            while found.setdefault(name, signer.public) != signer.public:
                number += 1
                name = f"{signer.name}.{number}"
    return found


def _documents(ledger: Ledger, folder: Path) -> int:
    folder.mkdir()
    count = 0
    for digest in ledger.store.contents():
        content = ledger.content(digest)
        if content is not None:
            _write(folder / digest, content)
            count += 1
    return count


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder under a passing name, which gets its own once it is complete."""
    draft = folder.with_name(f".phasegate-{secrets.token_hex(8)}")
    with _telling(folder):
        if os.path.lexists(folder):
            raise FileExistsError
        draft.mkdir()
        try:
            yield draft
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise ExportError(f"there is already something at {path}", "nothing is ever overwritten") from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ExportError(f"{path} can not be written: {why}", "nothing of it is left") from error


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _pretty(document: object) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
