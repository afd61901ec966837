"""What the catalogue of a PostgreSQL database says of its role, its tables, and what columns are read as."""

from __future__ import annotations

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS

KINDS = ["r", "v", "m", "p", "f"]
"""Tables, views, materialized views, partitioned and foreign tables."""
POWERS = """
SELECT bool_or(r.rolsuper), bool_or(r.rolcreaterole),
    bool_or(r.rolname IN ('pg_write_server_files', 'pg_execute_server_program'))
FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER') OR r.rolname = current_user
"""
"""Whether the role, or one that it can become by SET ROLE, can do whatever it likes."""
WRITES = """
SELECT n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY(%s) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND n.nspname !~ '^pg_(toast|temp)'
AND EXISTS (
    SELECT FROM pg_roles r
    WHERE (pg_has_role(session_user, r.oid, 'MEMBER') OR r.rolname = current_user)
    AND (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
)
ORDER BY 1 LIMIT 1
"""
"""A table that the role may write, or one that it can become, if there is one."""
TABLES = """
SELECT n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY(%s) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND n.nspname !~ '^pg_(toast|temp)' AND NOT c.relispartition
AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
"""
NAMED = """
SELECT n.nspname, c.relname, c.oid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname || '.' || c.relname = %s AND c.relkind = ANY(%s)
"""
FOREIGN = """
WITH RECURSIVE part(oid) AS (
    SELECT %s::oid
    UNION
    SELECT i.inhrelid FROM pg_inherits i JOIN part p ON i.inhparent = p.oid
)
SELECT 1 FROM pg_class c JOIN part USING (oid) WHERE c.relkind = 'f' LIMIT 1
"""
"""Whether a table, or one that it inherits, is another server's."""
STORED = """
SELECT c.relkind IN ('r', 'p', 'm')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = %s
"""
"""Whether a table has rows that are stored, and is no view."""
CHANGED = """
WITH locked AS (
    SELECT DISTINCT relation AS oid FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), own AS (
    SELECT c.oid, c.relname, c.relkind, c.relnatts, n.nspname
    FROM locked JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p', 'v', 'f') AND n.nspname !~ '^pg_'
)
SELECT 1 FROM locked LEFT JOIN pg_class c USING (oid)
WHERE c.oid IS NULL
OR c.relkind IN ('r', 'm') AND c.relfilenode NOT IN (0, pg_relation_filenode(c.oid))
OR c.relkind = 'p' AND EXISTS (
    SELECT FROM pg_inherits i
    WHERE i.inhparent = c.oid AND i.inhrelid NOT IN (SELECT relid FROM pg_partition_tree(c.oid))
)
UNION ALL
SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname || '.' || c.relname = %s AND c.relkind = 'r'
AND i.inhrelid NOT IN (SELECT oid FROM locked)
UNION ALL
SELECT 1 FROM own c WHERE (EXISTS (
        SELECT FROM pg_attribute a, pg_identify_object('pg_class'::regclass, c.oid, a.attnum) now
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND now.identity IS DISTINCT FROM format('%%I.%%I.%%I', c.nspname, c.relname, a.attname)
    )
    OR CASE WHEN EXISTS (SELECT FROM own v WHERE v.relkind = 'v') -- which may have come to read it
        AND current_setting('server_version_num')::int >= 140000 -- 13 raises where there is none
        THEN (pg_identify_object('pg_class'::regclass, c.oid, c.relnatts + 1)).identity IS NOT NULL END)
LIMIT 1
"""
"""Whether anything that was read is not what it was at the moment that is read: there is one by the catalogue
as it was then, its rows are where they were, and its columns are the same ones: to rows of that moment a
column that was added since has nothing but its default. Nothing of it has gone elsewhere. Tables are read as
of the moment; functions of the catalogue tell what is there now."""
EXPECTED = """
WITH RECURSIVE part(oid) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = %s
    UNION
    SELECT i.inhrelid FROM pg_inherits i JOIN part p ON i.inhparent = p.oid
)
SELECT sum(c.reltuples)::bigint FROM pg_class c JOIN part USING (oid)
WHERE c.relkind IN ('r', 'm', 'f') AND c.reltuples > 0
"""
"""About how many rows a table has, those that it inherits included."""
COLUMNS = """
WITH RECURSIVE base(attnum, type, modifier) AS (
    SELECT attnum, atttypid, atttypmod FROM pg_attribute
    WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT b.attnum, t.typbasetype, t.typtypmod
    FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
)
SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, b.modifier, t.typtype::text,
    t.typnamespace = 'pg_catalog'::regnamespace, a.attnotnull
FROM pg_attribute a JOIN base b ON b.attnum = a.attnum JOIN pg_type t ON t.oid = b.type
WHERE a.attrelid = %s AND t.typtype <> 'd'
ORDER BY a.attnum
"""
"""The columns, each with its type; of a domain, that beneath it."""

UNBOUNDED = "numeric"
"""The base of columns of which only their rows tell how many digits they have."""
_PLAIN: dict[str, pl.DataType] = {
    "int2": pl.Int64(),
    "int4": pl.Int64(),
    "int8": pl.Int64(),
    "float4": pl.Float32(),
    "float8": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "timestamptz": pl.Datetime("us", "UTC"),
    "text": pl.String(),
    "varchar": pl.String(),
    "bpchar": pl.String(),
    "name": pl.String(),
    "uuid": pl.String(),
    "json": pl.String(),
    "jsonb": pl.String(),
}
_HEADER = 4  # bytes of a modifier that are no part of it


def column(
    name: str, written: str, base: str, modifier: int, sort: str, own: bool, filled: bool
) -> tuple[TableColumn, str]:
    """A column by its row of `COLUMNS`, and what it is selected as: its base type, or `UNBOUNDED`."""
    kind: pl.DataType | None = None
    if sort == "e":
        kind, base = pl.String(), "text"
    elif own and base == "numeric":
        kind = _decimal(modifier)
        base = UNBOUNDED if kind is None else ""
    elif own:
        kind = _PLAIN.get(base)
    return TableColumn(name, written, kind, filled=filled), base


def _decimal(modifier: int) -> pl.DataType | None:
    """The decimal of a stated precision and scale; None where there are none, or it holds less."""
    if modifier < _HEADER:
        return None
    precision, scale = (modifier - _HEADER) >> 16, (modifier - _HEADER) & 0x7FF
    if scale > precision or precision > DECIMAL_DIGITS:  # a negative scale is a large one here
        return None
    return pl.Decimal(DECIMAL_DIGITS, scale)
