"""Files that start a project: the smallest one that runs, and one for a pack with all its sources."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import listed, visible
from phasegate.rules.schemas.json_schema import modeline

if TYPE_CHECKING:
    from phasegate.rules.model.contract import Contract
    from phasegate.rules.model.pack import Pack
    from phasegate.rules.schemas.json_schema import SchemaKind

_MINIMAL = """\
phasegate: 1
sources: {invoices: {path: invoices.csv}}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
    items: invoices
require:
  invoices.reconciled: ">= 95 %"
id: {id}    # tells its runs from those of other projects; never change it
{modeline}
"""
BUILT_IN = "developer_finance"
_INVOICES, _OPEN = 20, (7, 16)


def first_files(minimal: bool, today: dt.date, id_: str) -> dict[str, str]:
    """What a new project begins with, by file name: the smallest one, or one for the built-in pack.

    Args:
        minimal: whether it is the smallest one.
        today: the day that the cycle is proposed to start on.
        id_: the project's, which no other has.
    """
    if minimal:
        return minimal_project(id_)
    from phasegate.rules.loading.pack import load_pack

    return {"phasegate.yaml": pack_project(load_pack(BUILT_IN).pack, today, id_), **schema_files("project")}


def schema_files(kind: SchemaKind) -> dict[str, str]:
    """The schema by which an editor knows the files of a kind, by its name beside them."""
    from phasegate.rules.schemas.json_schema import schema_file

    return {schema_file(kind): _schema_text(kind)}


@cache
def _schema_text(kind: SchemaKind) -> str:
    """The schema of a kind of file, which takes longer to make than all else of a new project."""
    from phasegate.reports.output import as_json
    from phasegate.rules.schemas.json_schema import json_schema

    return as_json(json_schema(kind))


def document_project(pack: Pack, document: str, folder: str, today: dt.date, id_: str) -> dict[str, str]:
    """A project of a pack that a document became, by file name; it has no tables yet.

    Args:
        pack: the pack.
        document: the name of the document's file.
        folder: the pack's.
        today: the day that the cycle is proposed to start on.
        id_: the project's, which no other has.
    """
    text = f"""\
{modeline("project")}
# A project of {visible(pack.title)}, as {visible(document)} plans it.
# 'phasegate check' decides: nothing is met before somebody attests it.
phasegate: 1
id: {id_}    # tells its runs from those of other projects; never change it
pack: {folder}

# The cycle that is being decided: its name, and the day on which it began.
cycle:
  id: {today.year}-1
  start: {today.isoformat()}

# Whose signatures count, each with a role that the measures of the pack name: 'phasegate keys --help'.
# signers:
#   - {{name: ann, key: ssh-ed25519 AAAA..., roles: [auditor]}}

# Where each table comes from, as soon as a measure of the pack reads one.
# sources:
#   invoices: {{path: data/invoices.csv}}
"""
    return {"phasegate.yaml": text, **schema_files("project")}


def minimal_project(id_: str) -> dict[str, str]:
    """The smallest project, by file name: one table, one measure, one requirement.

    18 of its 20 invoices are reconciled, so that it fails and shows what is missing.
    """
    rows = ["invoice,status"]
    for number in range(1, _INVOICES + 1):
        rows.append(f"F-{number:03d},{'open' if number in _OPEN else 'reconciled'}")
    text = _MINIMAL.replace("{id}", id_).replace("{modeline}", modeline("project"))
    return {"phasegate.yaml": text, "invoices.csv": "\n".join(rows) + "\n", **schema_files("project")}


def pack_project(pack: Pack, today: dt.date, id_: str) -> str:
    """A project file for a pack, with a comment on everything that its owner has to fill in.

    Args:
        pack: the pack; every source of it is listed with what its table must hold.
        today: the day that the cycle is proposed to start on.
        id_: the project's, which no other has.
    """
    lines = [
        modeline("project"),
        f"# A project of the pack {pack.pack}: {visible(pack.title)}.",
        "# 'phasegate facts' shows what is measured, 'phasegate check' decides.",
        "phasegate: 1",
        f"id: {id_}    # tells its runs from those of other projects; never change it",
        f"pack: {pack.pack}",
        "",
        "# The cycle that is being decided: its name, and the day on which it began.",
        "cycle:",
        f"  id: {today.year}-1",
        f"  start: {today.isoformat()}",
        "",
        "# Days that are no business days.",
        "calendar:",
        "  weekend: [sat, sun]",
        "  holidays: []",
        "",
        *_parameters(pack),
        "# Exceptions that somebody answers for.",
        "# waivers: waivers.yaml",
        "",
        "# Where runs are kept: a file beside this one, or a PostgreSQL database for many machines.",
        "# ledger: env:PHASEGATE_LEDGER",
        "",
        "# When it is decided by itself, by 'phasegate schedule run', and who is then told of what changed.",
        "# schedules:",
        '#   weekdays: {cron: "0 6 * * mon-fri", zone: Europe/Berlin}',
        "# notifications:",
        "#   board: {to: env:BOARD_CHANNEL, about: [gates, due]}",
        "",
        "# Where each table comes from: a file or a glob in this folder; CSV, Parquet or NDJSON. Remove a",
        "# source that you do not have yet: what it would show is then unknown, and its gates undecided.",
        "# Where a file is written differently, say so:",
        "#   costs:",
        "#     path: data/costs.csv",
        '#     separator: ";"',
        "#     decimal_comma: true",
        "#     encoding: latin1",
        '#     null_values: ["", "NULL"]',
        '#     date_format: "%d.%m.%Y"',
        "#     rename: {Betrag: amount}     # the file's column: the pack's",
        "#     control: {rows: 1234}        # what the extract's owner says that it holds",
        "sources:",
    ]
    for name, contract in pack.sources.items():
        lines += _source(name, contract)
    return "\n".join(lines) + "\n"


def _parameters(pack: Pack) -> list[str]:
    if not pack.parameters:
        return []
    lines = ["# Figures of the pack that a project may set.", "# parameters:"]
    for name, parameter in pack.parameters.items():
        lines.append(f"#   {name}: {parameter.value}    # {visible(parameter.text)}")
    return [*lines, ""]


def _source(name: str, contract: Contract) -> list[str]:
    columns = [
        f"{column}{'?' if described.optional or described.nullable else ''}"
        for column, described in contract.columns.items()
    ]
    key = f" One row for each {listed(contract.key)}." if contract.key else ""
    return [
        f"  # A row is {visible(contract.title)}.{key}",
        *_wrapped(columns),
        f"  {name}: {{path: data/{name}.csv}}",
    ]


def _wrapped(columns: list[str]) -> list[str]:
    from textwrap import wrap

    text = f"Columns: {', '.join(columns)}"
    return wrap(text, 100, initial_indent="  # ", subsequent_indent="  #   ", break_on_hyphens=False)
