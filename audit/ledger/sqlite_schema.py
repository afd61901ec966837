"""The tables of a ledger in a SQLite file, word for word as the file itself holds them.

The file keeps the text of every table, index and trigger, so that this text is also what a
verifier compares it with: a trigger that was dropped or added shows.
"""

from __future__ import annotations

APPLICATION_ID = 0x70686C67
"""Stands in the file's header, as ``phlg``; `file` and SQLite tell it apart by it."""
VERSION = 1
"""Of the tables; a file of a later version is refused."""

_TABLES = {
    # The hash stands before the body, so that reading it leaves a long body unread.
    "entry": """CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    run INTEGER,
    subject TEXT NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    body BLOB NOT NULL
) STRICT""",
    "node": """CREATE TABLE node (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID""",
    "content": """CREATE TABLE content (
    digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
    packed BLOB NOT NULL
) STRICT""",
    "checkpoint": """CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT""",
}
_INDEXES = {
    "entry_kind": "CREATE INDEX entry_kind ON entry (kind, run, subject)",
    "entry_run": "CREATE INDEX entry_run ON entry (run)",
}
# What an insert must not do; INSERT OR REPLACE would else remove a row without a DELETE.
_UNFIT = {
    "entry": (
        "NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry)",
        "an entry follows on the last one",
    ),
    "node": (
        "NEW.place IS NOT (SELECT coalesce(max(place) + 1, 0) FROM node WHERE level = NEW.level)",
        "a node follows on the last one of its level",
    ),
    "content": (
        "EXISTS (SELECT 1 FROM content WHERE digest = NEW.digest)",
        "a document is kept once",
    ),
    "checkpoint": (
        "NEW.size IS NOT (SELECT max(seq) + 1 FROM entry) OR NEW.size <= (SELECT max(size) FROM checkpoint)",
        "a checkpoint covers all entries, and more than the one before",
    ),
}


def _triggers() -> dict[str, str]:
    made = {}
    for table, (unfit, rule) in _UNFIT.items():
        for verb in ("update", "delete"):
            made[f"{table}_{verb}"] = (
                f"CREATE TRIGGER {table}_{verb} BEFORE {verb.upper()} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'the ledger is append-only: no {verb.upper()} on {table}'); END"
            )
        made[f"{table}_insert"] = (
            f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN {unfit} BEGIN "
            f"SELECT RAISE(ABORT, 'the ledger is append-only: {rule}'); END"
        )
    return made


SCHEMA: dict[str, str] = {**_TABLES, **_INDEXES, **_triggers()}
"""The text of each table, index and trigger by its name."""
