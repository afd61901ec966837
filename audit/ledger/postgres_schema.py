"""The tables of a ledger on a PostgreSQL server: those of the SQLite file, in a schema of their own."""

from __future__ import annotations

VERSION = 1
"""Of the tables; a schema of a later version is refused."""
MARK = "phasegate ledger "
"""The schema's comment begins with it and ends with the version."""
LOCK = int.from_bytes(b"phasegat", "big")
"""The number of the advisory lock that every writer of a database takes."""

COLUMNS: dict[str, dict[str, tuple[str, bool]]] = {
    "entry": {
        "seq": ("bigint", True),
        "kind": ("text", True),
        "run": ("bigint", False),
        "subject": ("text", True),
        "leaf": ("bytea", True),
        "body": ("bytea", True),
    },
    "node": {"level": ("integer", True), "place": ("bigint", True), "hash": ("bytea", True)},
    "content": {"digest": ("text", True), "packed": ("bytea", True)},
    "checkpoint": {"size": ("bigint", True), "note": ("text", True)},
}
"""Type of each column of each table, and whether it must hold something."""
_CONSTRAINTS = {
    "entry": "PRIMARY KEY (seq), CHECK (seq >= 0), CHECK (octet_length(leaf) = 32)",
    "node": "PRIMARY KEY (level, place), CHECK (octet_length(hash) = 32)",
    "content": "PRIMARY KEY (digest), CHECK (length(digest) = 64)",
    "checkpoint": "PRIMARY KEY (size)",
}

OURS_ALONE = ("SET search_path = pg_catalog", "SET row_security = off")
"""Said first on each connection: no operator or function of somebody else's stands for one of the
server's, and where a policy would hide rows the server refuses to answer."""

REFUSE = """
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: no % on %', TG_OP, TG_TABLE_NAME;
END
"""
"""The body of the function that every trigger calls."""
TRIGGER_TYPE = 2 | 8 | 16 | 32
"""What pg_trigger keeps of the trigger: BEFORE, DELETE, UPDATE and TRUNCATE of a statement."""


def _statements() -> list[str]:
    made = [
        "CREATE SCHEMA phasegate",
        f"CREATE FUNCTION phasegate.refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse${REFUSE}$refuse$",
    ]
    for table, columns in COLUMNS.items():
        lines = [f"{name} {kind}{' NOT NULL' * filled}" for name, (kind, filled) in columns.items()]
        trigger = f"append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON phasegate.{table}"
        made += [
            f"CREATE TABLE phasegate.{table} ({', '.join(lines)}, {_CONSTRAINTS[table]})",
            f"CREATE TRIGGER {trigger} EXECUTE FUNCTION phasegate.refuse()",
            # Also where a session says that it replicates.
            f"ALTER TABLE phasegate.{table} ENABLE ALWAYS TRIGGER append_only",
        ]
    return [
        *made,
        "CREATE INDEX entry_kind ON phasegate.entry (kind, run, subject)",
        "CREATE INDEX entry_run ON phasegate.entry (run)",
        f"COMMENT ON SCHEMA phasegate IS '{MARK}{VERSION}'",
    ]


STATEMENTS = _statements()
"""What makes the schema, in one transaction."""

FOUND_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'phasegate'::regnamespace AND c.relkind NOT IN ('i', 't') AND a.attnum > 0
AND NOT a.attisdropped
"""
FOUND_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype::int, t.tgqual IS NULL, p.proname, p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relnamespace = 'phasegate'::regnamespace
"""
FOUND_RULES = "SELECT tablename, rulename FROM pg_rules WHERE schemaname = 'phasegate'"
FOUND_POLICIES = "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'phasegate'"
FOUND_KINDS = """
SELECT c.relname,
    c.relkind = 'r' AND c.relpersistence = 'p'
    AND NOT EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)),
    c.relrowsecurity OR c.relforcerowsecurity
FROM pg_class c
WHERE c.relnamespace = 'phasegate'::regnamespace AND c.relkind NOT IN ('i', 't')
"""
"""What the server says of the schema; compared with the above."""
