"""What of a pack is refused where its tables stay in their database, told before anything is asked of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.facts.engines.plans import READ
from phasegate.facts.engines.sql.language import Language, Read, language_of
from phasegate.facts.engines.sql.place import SqlTable
from phasegate.facts.engines.sql.source import with_derived_there
from phasegate.facts.engines.sql.table import Columns
from phasegate.facts.expressions.expression import ExpressionError, parse
from phasegate.facts.expressions.scopes import parameter_kinds, scope_of
from phasegate.facts.measures.dependencies import sources_of
from phasegate.facts.measures.kinds.uses import uses
from phasegate.rules.lint.run import SqlProblem
from phasegate.rules.model.connection import DATABASES
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Project

if TYPE_CHECKING:
    from phasegate.facts.expressions.slots import Values


def refusals(pack: Pack, project: Project) -> Iterator[SqlProblem]:
    """What of a pack is refused, with its place: its facts would be errors.

    Args:
        pack: the pack, of which nothing else is wrong.
        project: the project, which says of which sources the tables stay where they are.
    """
    values: Values = {
        name: dt.date(2000, 1, 1) if kind == "date" else 1 for name, kind in parameter_kinds(pack).items()
    }
    staying = {
        name: language_of(connection.database)
        for name, file in project.sources.items()
        if file.compute is not None
        and name in pack.sources
        and (connection := project.connections.get(file.connection or "")) is not None
        and connection.store is None
        and DATABASES[connection.database].computes
    }
    found = {name: _table(name, language, pack, values) for name, language in staying.items()}
    tables = {name: table for name, table in found.items() if table is not None}
    for id_, measure in pack.measures.items():
        if measure.sql is not None and (named := [name for name in sources_of(measure) if name in staying]):
            what = f"a query is computed from rows that were read, and those of {named[0]} are not"
            yield SqlProblem(("measures", id_, "sql"), what, READ, severity="warning")
        for use in uses(id_, measure):
            if (table := tables.get(use.source)) is not None:
                try:
                    table.column(parse(use.sql, scope_of(use.source, pack.sources[use.source], pack)), values)
                except ExpressionError as error:
                    said = f"{error.what}, at {error.place}"
                    yield SqlProblem(use.path, said, error.hint or None, severity="warning")


def _table(name: str, language: Language, pack: Pack, values: Values) -> SqlTable | None:
    contract = pack.sources[name]
    columns = Columns(language, contract, {}, {each: Read(each, each) for each in contract.columns})
    table = SqlTable(None, name, "", columns, "TRUE")
    try:
        with_derived_there(name, contract, table, values)
    except ValueError:  # told where it stands
        return None
    return table
