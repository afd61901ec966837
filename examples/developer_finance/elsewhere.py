"""Decides the example with its tables in a database or a lake, and holds that against its files.

    python examples/developer_finance/elsewhere.py postgres --out .tmp/example-postgres
    python examples/developer_finance/elsewhere.py lake --out .tmp/example-lake

The folder gets two projects: ``files`` is the example, ``postgres`` or ``lake`` the same with its tables
there.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import generate
import lake_tables
import postgres_tables
import yaml
from typed_tables import TypedTable, typed_tables

from phasegate.rules.loading.project import load_project

PHASEGATE = Path(sys.executable).with_name("phasegate")
HERE = Path(__file__).parent
STORES = {"postgres": postgres_tables.kept, "lake": lake_tables.kept}
TITLES = {"postgres": "With its tables in PostgreSQL", "lake": "With its tables in a lake"}
DECIDED = (0, 1, 3)
"""Exit codes of runs that decided something."""
COMPARED = ("facts", "requirements", "criteria", "points", "areas", "gates", "score", "outcome", "waivers")
"""What two runs must have alike, whatever their tables are in."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line, makes and decides both projects; 1 where they are not alike."""
    parser = argparse.ArgumentParser(description="Decide the example with its tables elsewhere.")
    parser.add_argument("store", choices=STORES)
    parser.add_argument("--out", type=Path, required=True, help="a folder for both projects")
    today = dt.datetime.now(dt.UTC).date()
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=today, help="date (UTC)")
    given = parser.parse_args(arguments)
    files, there = given.out.resolve() / "files", given.out.resolve() / given.store
    tables = made(files, given.as_of)
    print("With its tables in files:", flush=True)
    before = decided(files, given.as_of)
    there.mkdir(exist_ok=True)
    with STORES[given.store](there, tables) as (said, environ):
        write_project(files, there, said)
        print(f"{TITLES[given.store]}:", flush=True)
        after = decided(there, given.as_of, environ)
    differences = [*other_verdicts(before, after), *other_rows(there, tables, before, after)]
    print("One against the other:")
    for difference in differences:
        print(f"  not the same: {difference}")
    if not differences:
        rows = sum(table.frame.height for table in tables.values())
        print(f"  {len(tables)} tables, {rows:,} rows: the digest of the rows of each is the same")
        facts, requirements = len(before["facts"]), len(before["requirements"])
        print(f"  {facts} facts, {requirements} requirements, {len(before['gates'])} gates: the same")
        print(f"How it reads them: {there / 'phasegate.yaml'}")
    return 1 if differences else 0


def made(folder: Path, as_of: dt.date) -> dict[str, TypedTable]:
    """The example with its files in a folder; its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phasegate.yaml").write_bytes((HERE / "phasegate.yaml").read_bytes())
    generate.generate(folder, as_of)
    return typed_tables(folder)


def write_project(files: Path, there: Path, said: Mapping[str, object]) -> None:
    """The same project with its tables elsewhere, beside its files that are no tables."""
    project = yaml.safe_load((files / "phasegate.yaml").read_text(encoding="utf-8"))
    for key in ("cycle_file", "control_file", "waivers"):
        place = there / project[key]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes((files / project[key]).read_bytes())
    text = yaml.safe_dump({**project, **said}, sort_keys=False, allow_unicode=True)
    (there / "phasegate.yaml").write_text(text, encoding="utf-8", newline="\n")
    # Which tables are read is a part of the rules, under which a waiver is granted.
    waivers = there / project["waivers"]
    granted = waivers.read_text(encoding="utf-8").replace(rules_of(files), rules_of(there))
    waivers.write_text(granted, encoding="utf-8", newline="\n")


def rules_of(project: Path) -> str:
    """The digest of a project's rules."""
    return load_project(project / "phasegate.yaml").pack.digest


def decided(project: Path, as_of: dt.date, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `phasegate check` records of a project.

    Raises:
        SystemExit: if it decides nothing.
    """
    record = project / "record.json"
    command = [PHASEGATE, "check", "--as-of", as_of.isoformat(), "--format", "json", "-o", record]
    ended = subprocess.run(command, cwd=project, env={**os.environ, **(environ or {})}, check=False)
    if ended.returncode not in DECIDED:
        raise SystemExit(ended.returncode)
    found: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return found


def other_verdicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What two records say otherwise, of all that does not depend on where tables are."""
    first, second = without_places(before), without_places(after)
    for part in COMPARED:
        if first[part] != second[part]:
            yield f"{part} of the record"


def without_places(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record whose rows stand nowhere, and whose rules do not say where tables are: these differ."""
    files = [file for source in record["sources"] for file in source["files"]]
    place = re.compile(f"(?:{'|'.join(map(re.escape, files))})(?::[0-9]+| row [0-9]+)")
    text = json.dumps(record, ensure_ascii=False).replace(record["pack"]["digest"], "these rules")
    found: Mapping[str, Any] = json.loads(place.sub("a row", text))
    return found


def other_rows(
    there: Path, tables: Mapping[str, TypedTable], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[str]:
    """The sources whose rows are others there, by their digest in whatever order they come.

    A record has that of small tables wherever they are kept, and of large ones in a database. Of large ones
    in files it has the digests of their bytes: their rows are read once more.
    """
    first, second = (
        {each["name"]: each.get("content") for each in one["sources"]} for one in (before, after)
    )
    again = {} if all(map(second.get, tables)) else typed_tables(there)
    for name, table in tables.items():
        if first.get(name) and second.get(name):
            same = first[name] == second[name]
        else:
            same = table.digest == (second.get(name) or again[name].digest)
        if not same:
            yield f"the rows of {name}"


if __name__ == "__main__":
    sys.exit(main())
