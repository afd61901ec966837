"""PostgreSQL as an engine: few statements over one snapshot for many plans, and no less than was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from phasegate.facts.contracts.personal import MASK
from phasegate.facts.contracts.types import polars_type
from phasegate.facts.engines.plans import EngineError, ItemRows, NewestRows, Plan, Row
from phasegate.facts.engines.postgres.place import PostgresTable
from phasegate.facts.engines.postgres.words import RAISED, READ
from phasegate.facts.engines.postgres.written import Asked, array, asked, flag, there
from phasegate.facts.measures.row_selection import Chosen, Masked
from phasegate.facts.sources.files import SourceError

_OTHERWISE = "the server says 22"
"""How it is told that a value can not be computed, which is told of no value."""
AT_ONCE = 16
"""So many plans are asked in one statement."""
Answers = Callable[[str], list[tuple[Any, ...]]]
"""Asks the snapshot a statement, and gives the rows that it answers."""


class PostgresEngine:
    """One snapshot of a database.

    Args:
        answers: asks it.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.statements = 0

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What a statement answers.

        Raises:
            EngineError: if it does not.
        """
        self.statements += 1
        try:
            return self._answers(sql)
        except SourceError as error:
            said = str(error)
            if RAISED in said:
                what = "a text with other signs than those of ASCII is lowered, trimmed or looked for"
                said = f"{what}, which is done row by row: {READ}"
            elif _OTHERWISE in said:  # a day of no calendar, a number that does not fit
                said = f"{said.partition(chr(10))[0]}: {READ}"
        # Raised out here, so that what the server said, which may quote values, is not told with it.
        raise EngineError(said.partition("\n")[0])

    def run(self, plans: Sequence[Plan]) -> list[list[Row]]:
        """The answer of each plan.

        Raises:
            EngineError: if one is missing, or is not whole.
        """
        found: list[list[Row]] = []
        for start in range(0, len(plans), AT_ONCE):
            found += self._some([asked(plan) for plan in plans[start : start + AT_ONCE]])
        return found

    def _some(self, plans: Sequence[Asked]) -> list[list[Row]]:
        parts = [
            f"SELECT {place} AS plan, a.t FROM ({plan.sql}) AS a(t) UNION ALL SELECT {place}, NULL"
            for place, plan in enumerate(plans)
        ]
        answers: dict[int, list[list[str | None]]] = {}
        ended: set[int] = set()
        for place, texts in self.ask(" UNION ALL ".join(parts)):
            if texts is None:
                ended.add(place)
            else:
                answers.setdefault(place, []).append(texts)
        if ended != set(range(len(plans))):
            raise EngineError("the server did not answer all that was asked")
        return [_rows(plan, answers.get(place, [])) for place, plan in enumerate(plans)]

    def rows(
        self, wanted: Sequence[Chosen | NewestRows | ItemRows], most: int
    ) -> list[tuple[int, pl.DataFrame]]:
        """Of each of some rows how many there are, and the first ones in the order of their values.

        Raises:
            EngineError: if the server does not answer, or they are found by looking at others.
        """
        return [self._first(each, most) for each in wanted]

    def _first(self, wanted: Chosen | NewestRows | ItemRows, most: int) -> tuple[int, pl.DataFrame]:
        if not isinstance(wanted, Chosen):
            raise EngineError("rows that are found by looking at others are not told from a database")
        own, table = there(wanted.table), wanted.table
        names = [each.of for each in wanted.shown]
        rows = own.select(table, {*names, *wanted.reads})
        shown = [
            (each.name, *_shown(own, each, table.contract.columns[each.of].type)) for each in wanted.shown
        ]
        order = ", ".join(f"{sql} NULLS LAST" for _, _, sql in shown)
        texts = array([sql for _, _, sql in shown])
        found = self.ask(
            f"SELECT count(*) OVER () AS k, {texts} FROM {rows} WHERE {flag(table, wanted.flag)} "
            f"ORDER BY {order} LIMIT {most}"
        )
        schema = {
            name: pl.String() if each.mask is not None else polars_type(table.contract.columns[each.of])
            for each, (name, _, _) in zip(wanted.shown, shown, strict=True)
        }
        types = [type_ for _, type_, _ in shown]
        values = [
            [_value(text, type_) for text, type_ in zip(texts, types, strict=True)] for _, texts in found
        ]
        return (found[0][0] if found else 0), pl.DataFrame(values, schema=schema, orient="row")


def _shown(own: PostgresTable, each: Masked, type_: str) -> tuple[str, str]:
    """The type and the words of a column as it is shown; what is personal is masked there."""
    column = f"s.{own.alias(each.of)}"
    if each.mask is None:
        return ("decimal" if type_ == "float" else type_), column
    alike = each.mask if isinstance(each.mask, tuple) else ()
    masked = f"'{MASK}'"
    if 1 < len(alike) <= len(_LETTERS):
        place = alike.index(each.of)
        before = [
            f"WHEN {column} = s.{own.alias(name)} THEN '{MASK} {letter}'"
            for letter, name in zip(_LETTERS, alike[:place], strict=False)
        ]
        own_letter = f"'{MASK} {_LETTERS[place]}'"
        masked = f"CASE {' '.join(before)} ELSE {own_letter} END" if before else own_letter
    return "string", f'((CASE WHEN {column} IS NULL THEN NULL ELSE {masked} END)::text COLLATE "C")'


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _rows(plan: Asked, answers: Sequence[Sequence[str | None]]) -> list[Row]:
    if plan.single and len(answers) != 1:
        raise EngineError(f"the server gave {len(answers)} rows for one")
    rows: list[Row] = []
    for texts in answers:
        if len(texts) != len(plan.columns):
            raise EngineError("the server gave rows of another form than was asked for")
        rows.append(
            {name: _value(text, type_) for (name, type_), text in zip(plan.columns, texts, strict=True)}
        )
    if plan.whole is not None and sum(row["all rows "] for row in rows) != plan.whole.rows_in_force:
        raise EngineError(f"the server answered of other rows than the {plan.whole.rows_in_force:,} in force")
    return rows


_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "string": str,
    "boolean": lambda text: {"true": True, "false": False}[text],
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}


def _value(text: str | None, type_: str) -> Any:
    """A value by its text.

    Raises:
        EngineError: if it is none.
    """
    if text is None:
        return None
    try:
        found = _READ[type_](text)
    except (ValueError, KeyError, ArithmeticError):
        raise EngineError(f"the server gave what is no {type_}") from None
    if isinstance(found, Decimal) and not found.is_finite():
        raise EngineError("the server gave a number that is none")
    return found
