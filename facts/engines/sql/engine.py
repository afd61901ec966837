"""A server as an engine: few statements over one snapshot for many plans, and no less than was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from phasegate.facts.connections.again import PAUSE, again
from phasegate.facts.connections.base import PassingFaultError, Snapshot, Table
from phasegate.facts.connections.faults import ServerFaultError
from phasegate.facts.engines.plans import READ, EngineError, ItemRows, NewestRows, Plan, Row
from phasegate.facts.engines.sql.language import Language
from phasegate.facts.engines.sql.shown import Shown, shown
from phasegate.facts.engines.sql.written import Asked, asked
from phasegate.facts.measures.row_selection import Chosen
from phasegate.facts.sources.files import SourceError

AT_ONCE = 16
"""So many plans are asked in one statement."""
_PAUSE = PAUSE


class SqlEngine:
    """One snapshot of a database, or another one in which its tables are what they were.

    Args:
        language: its SQL.
        snapshot: what is asked.
        renew: opens another one in its place.
    """

    def __init__(self, language: Language, snapshot: Snapshot, renew: Callable[[], Snapshot]) -> None:
        self.language, self.snapshot, self._renew = language, snapshot, renew
        self.statements = 0
        self._held = False
        self._known: dict[str, list[tuple[Any, ...]]] = {}

    def hold(self) -> None:
        """Sees to it that the server computes as it must.

        Raises:
            SourceError, EngineError: if it does not.
        """
        if not self._held:
            self.language.hold(self.snapshot, self.ask)
            self._held = True

    def know(self, sql: str) -> list[tuple[Any, ...]]:
        """What a statement answers by whose answer a table is known, whenever it is asked again.

        Raises:
            EngineError: if it does not.
        """
        found = self._known[sql] = self.ask(sql)
        return found

    def hold_same(self, table: Table, known_by: str, *, sure: bool) -> None:
        """Holds a table, of which all was asked, against what it was at first.

        Args:
            table: it.
            known_by: the statement that it is known by.
            sure: whether its snapshot tells of any other row; else they are looked at again.

        Raises:
            SourceError, EngineError: if it is another one.
        """
        self.snapshot.hold(table)
        if not sure and self.ask(known_by) != self._known[known_by]:
            raise SourceError(f"{table.shown} had other rows when it was asked first", READ)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What a statement answers.

        Raises:
            EngineError: if it does not.
        """
        self.statements += 1
        try:
            try:
                return self.snapshot.ask(sql)
            except PassingFaultError:
                return again(lambda: self._anew(sql), _PAUSE)
        except ServerFaultError as error:
            said = self.language.refusal(error.code)
            found = f"{said}, which is done row by row: {READ}" if said else error.message
        except SourceError as error:
            found = error.message
        # Raised out here, so that what the server said, which may quote values, is not told with it.
        raise EngineError(found)

    def _anew(self, sql: str) -> list[tuple[Any, ...]]:
        """The same of another snapshot, whose tables have the same rows as those of the one that was lost.

        Raises:
            SourceError: if they have not: some answers would be of other rows than others.
        """
        snapshot = self._renew()
        self.language.hold(snapshot, snapshot.ask)
        for known, rows in self._known.items():
            if snapshot.ask(known) != rows:
                what = "the connection was lost, and what its tables had before is no longer what they have"
                raise SourceError(what, "run again")
        self.snapshot = snapshot
        return snapshot.ask(sql)

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
            f"SELECT {place} AS plan, a.t FROM ({plan.sql}) AS a UNION ALL "
            f"SELECT {place}, {self.language.no_texts}"
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
            EngineError: if the server does not answer.
        """
        found: list[tuple[int, pl.DataFrame]] = []
        for start in range(0, len(wanted), AT_ONCE):
            found += self._first([shown(each, most) for each in wanted[start : start + AT_ONCE]])
        return found

    def _first(self, wanted: Sequence[Shown]) -> list[tuple[int, pl.DataFrame]]:
        parts = [
            f"SELECT {place} AS plan, r.n, r.k, r.t FROM ({each.sql}) AS r UNION ALL "
            f"SELECT {place}, 0, 0, {self.language.no_texts}"
            for place, each in enumerate(wanted)
        ]
        answers: dict[int, list[tuple[int, int, list[str | None]]]] = {}
        ended: set[int] = set()
        for place, number, total, texts in self.ask(" UNION ALL ".join(parts)):
            if texts is None:
                ended.add(place)
            else:
                answers.setdefault(place, []).append((number, total, texts))
        if ended != set(range(len(wanted))):
            raise EngineError("the server did not answer all that was asked")
        return [_frame(each, answers.get(place, [])) for place, each in enumerate(wanted)]


def _frame(wanted: Shown, answers: list[tuple[int, int, list[str | None]]]) -> tuple[int, pl.DataFrame]:
    answers.sort(key=lambda answer: answer[0])
    if [number for number, _, _ in answers] != list(range(1, len(answers) + 1)):
        raise EngineError("the server gave other rows than the first ones")
    rows = [list(map(_value, texts, wanted.types)) for _, _, texts in answers]
    total = answers[0][1] if answers else 0
    return total, pl.DataFrame(rows, schema=wanted.schema, orient="row")


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
