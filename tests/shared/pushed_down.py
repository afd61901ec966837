"""The same rows as a CSV file, as a table that is staged, and as one that stays in its database.

The corpus has 53 measures of 13 kinds over two sources, and rows that are drawn: with nothing in many cells,
blanks that look empty, texts beyond ASCII, the same day twice, and numbers at their limits.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from erp_database import Erp
from random_sql import over
from spark_servers import Lake

from phasegate.facts.assemble import assemble, parameter_values
from phasegate.facts.evidence_rows import Wanted, rows_behind
from phasegate.facts.expressions.expression import ExpressionError, condition, number
from phasegate.facts.expressions.scopes import scope_of
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.facts.sources.open import open_sources
from phasegate.facts.sources.passes import Source
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
POINTS = ("1.1", "1.2", "2.1")
LINES: dict[str, Any] = {
    "title": "One line",
    "columns": {
        "id": {"type": "integer"},
        "point": {"type": "string", "nullable": True},
        "team": {"type": "string", "nullable": True},
        "status": {"type": "string", "nullable": True},
        "met": {"type": "boolean", "nullable": True},
        "amount": {"type": "decimal", "scale": 2, "nullable": True},
        "plan": {"type": "decimal", "scale": 4, "nullable": True},
        "paid": {"type": "decimal", "scale": 2},
        "budget": {"type": "decimal", "scale": 2, "min": "0"},
        "units": {"type": "integer", "nullable": True},
        "day": {"type": "date"},
        "due": {"type": "date", "nullable": True},
        "written": {"type": "datetime", "nullable": True},
        "owner": {"type": "string", "nullable": True, "personal": True},
        "approver": {"type": "string", "nullable": True, "personal": True},
        "booked": {"type": "datetime"},
    },
    "derive": {
        "late": "due < day",
        "value": "amount * units",
        "month": "month_of(day)",
        "age": "days_between(day, :as_of)",
    },
    "event": "day",
    "recorded": "booked",
    "point": "point",
    "key": ["id"],
    "holds": ["paid <= budget + 10000000000", "due IS NULL OR due >= '2020-01-01'"],
}
PLANS: dict[str, Any] = {
    "title": "One plan line",
    "columns": {
        "point": {"type": "string"},
        "team": {"type": "string", "nullable": True},
        "planned": {"type": "decimal", "scale": 4},
    },
    "point": "point",
}
TYPES = {
    "lines": (
        "id bigint, point varchar(10), team text COLLATE finance.alike, status char(8), met boolean, "
        "amount numeric(14,2), "
        "plan numeric, paid numeric(12,2), budget numeric(12,2), units int, day date, due date, "
        "written timestamptz, owner text, approver text, booked timestamp"
    ),
    "plans": 'point text, team text COLLATE "en-x-icu", planned numeric(12,4)',
}
LAKE_TYPES = {
    "lines": (
        "id bigint, point varchar(10), team string, status char(8), met boolean, amount decimal(14,2), "
        "plan decimal(38,4), paid decimal(12,2), budget decimal(12,2), units int, day date, due date, "
        "written timestamp, owner string, approver string, booked timestamp_ntz"
    ),
    "plans": "point string, team string, planned decimal(12,4)",
}
LAKE_KINDS = dict(each.split(" ") for each in LAKE_TYPES["lines"].split(", "))
COLLATION = (
    "CREATE COLLATION IF NOT EXISTS finance.alike "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)
"""By which ``a`` and ``A`` are the same, unless somebody says otherwise."""


def _corpus() -> dict[str, dict[str, Any]]:
    conditions = {
        "plain": "amount > 10",
        "texts": "team = 'a' OR status IN ('open', 'done')",
        "order": "team >= 'b'",
        "like": "team LIKE '_%b' OR status NOT LIKE 'o%'",
        "day": "due <= :as_of - 31 days",
        "moment": "written < :as_of AND hours_between(written, written) < 1",
        "case": "CASE WHEN met THEN amount > 1 WHEN team = 'a' THEN TRUE ELSE units > 2 END",
        "extreme": "LEAST(amount, plan, units) > 0 AND GREATEST(amount, 5) <= 99",
        "nothing": "COALESCE(team, status, 'none') = 'none' OR NULLIF(units, 2) IS NULL",
        "said": "(amount > plan) IS TRUE OR (met) IS NOT FALSE",
        "shape": "LENGTH(team) = 1 OR SUBSTR(team, 2, 1) = '-' OR SPLIT_PART(team, '-', 2) = 'b'",
        "derived": "late AND age > 10 AND month >= 202601",
        "between": "amount * 2 - plan BETWEEN -5 AND 100.5",
        "exact": "CAST(units AS DECIMAL(38, 3)) * 1.005 >= 2.01",
        "moved": "due + 10 days > day - COALESCE(NULLIF(units, 2147483647), 0)",
        "replaced": "REPLACE(team, '-', '') = 'ab' OR CAST(units AS VARCHAR) = '2'",
    }
    found: dict[str, dict[str, Any]] = {f"count.{name}": {"count": sql} for name, sql in conditions.items()}
    found |= {
        "ratio.whole": {"ratio": {"of": "met"}},
        "ratio.over": {"ratio": {"of": "amount > 10", "over": "team <> 'b'"}},
        "ratio.point": {"ratio": {"of": "met", "over": "units > 0"}, "by": "point"},
        "ratio.team": {"ratio": {"of": "paid > 5", "over": "met"}, "by": "team", "where": "due IS NOT NULL"},
        "ratio.month": {"ratio": {"of": "met"}, "by": "month"},
        "ratio.met": {"ratio": {"of": "paid > 5"}, "by": "met"},
        "count.point": {"count": "late", "by": "point", "when_empty": "not_applicable"},
        "count.due": {"count": "amount > 0", "by": "due"},
        "exists.one": {"exists": "amount > 99"},
        "exists.point": {"exists": "units = 3 AND team = 'a'", "by": "point"},
        "exists.none": {"exists": "paid > 100000000"},
        "distinct.team": {"distinct": "team"},
        "distinct.point": {"distinct": "units", "by": "point", "where": "met"},
        "distinct.day": {"distinct": "day", "by": "team"},
        "sum.paid": {"sum": "paid"},
        "sum.open": {"sum": "paid", "where": "met"},
        "sum.point": {"sum": "paid * 1.19 - budget", "by": "point", "where": "units >= 0"},
        "sum.null": {"sum": "amount"},
        "sum.team": {"sum": "COALESCE(value, 0)", "by": "team"},
        "mean.paid": {"mean": "paid", "where": "met IS TRUE"},
        "mean.point": {"mean": "budget", "by": "point"},
        "share.met": {"share": {"of": "met", "value": "budget"}},
        "share.over": {"share": {"of": "team = 'a'", "value": "budget", "over": "units > 0"}, "by": "point"},
        "share.credit": {"share": {"of": "met", "value": "paid"}, "by": "team"},
        "median.paid": {"median": "paid + id"},
        "median.point": {"median": "paid", "by": "point"},
        "quantile.90": {"quantile": {"of": "budget", "at": "90%"}, "by": "team"},
        "quantile.third": {"quantile": {"of": "paid - budget", "at": "33.3%"}, "where": "met IS NOT NULL"},
        "attainment.rows": {"attainment": {"actual": "paid", "expected": "budget"}},
        "attainment.items": {"attainment": {"actual": "paid", "expected": "budget"}, "grain": ["day", "id"]},
        "attainment.two": {
            "attainment": {"actual": "paid", "expected": {"from": "plans", "value": "planned"}},
            "grain": ["team"],
            "by": "point",
            "where": "team IS NOT NULL",
        },
        "accuracy.rows": {"accuracy": {"actual": "paid", "forecast": "budget"}, "by": "point"},
        "accuracy.items": {
            "accuracy": {"actual": "paid", "forecast": "budget", "over": "forecast"},
            "grain": "day",
        },
        "latest.one": {"latest": {"units": "units", "met": "met", "day": "day"}, "where": "id < 9"},
        "latest.point": {"latest": {"sure": "paid >= 0", "paid": "paid"}, "by": "point", "where": "met"},
        "old.count": {"count": "met", "max_age": "10 days", "min_rows": 3, "by": "team"},
        "sql.whole": {"sql": "SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM lines"},
    }  # fmt: skip
    return found


CORPUS = _corpus()


def pack_of(measures: dict[str, dict[str, Any]] | None = None, lines: dict[str, Any] | None = None) -> Pack:
    """A pack of measures over both sources."""
    chosen = CORPUS if measures is None else measures
    return Pack.model_construct(
        sources={"lines": Contract.model_validate(lines or LINES), "plans": Contract.model_validate(PLANS)},
        measures={
            name: Measure.model_validate({"title": name, "from": "lines", **each})
            for name, each in chosen.items()
        },
        points=dict.fromkeys(POINTS),
        parameters={},
        baseline=None,
    )


def drawn(dice: random.Random, count: int, *, plain: bool = False) -> list[list[Any]]:
    """Rows of lines; plain where all texts are of signs that ASCII prints."""
    texts = (
        "a",
        "b",
        "ab",
        "a-b",
        "A",
        " a ",
        "\u00e9",
        "\u00e9-x",
        " ",
        "\u200b",
        "100%",
        "it's",
        "a\nb",
        "\u65e5",
    )
    days = [dt.date(2026, 3, day) for day in (1, 2, 20, 31)] + [dt.date(2026, 4, 1), dt.date(2024, 2, 29)]
    some = ("1.1", "1.2", "2.1", "9.9")

    def maybe(value: Any, often: float = 0.25) -> Any:
        return None if dice.random() < often else value

    def cents(*values: int) -> Decimal:
        return Decimal(dice.choice(values)) / 100

    return [
        [
            place,
            maybe(dice.choice(some)),
            maybe(dice.choice(texts[:6] if plain else texts)),
            maybe(dice.choice(("open", "done", "o p"))),
            maybe(dice.random() < 0.5),
            maybe(cents(-725, 0, 1, 250, 1001, 99999999999999)),
            maybe(Decimal(dice.choice((-50, 0, 25000, 10000, 1, 99999))) / 10000),
            cents(-100, 0, 1, 250, 333, 999999999999),
            cents(0, 1, 250, 333, 1000),
            maybe(dice.choice((-1, 0, 1, 2, 3, 2**31 - 1))),
            dice.choice(days),
            maybe(dice.choice(days)),
            maybe(dt.datetime(2026, 3, dice.choice((1, 31)), dice.choice((0, 13)), 30, dice.choice((0, 5)))),
            maybe(dice.choice(("f-1", "F-1", "f-2", "\u2003f-1 "))),
            maybe(dice.choice(("f-1", "f-2"))),
            dt.datetime(2026, 3, dice.choice((1, 2, 31)), dice.choice((0, 23)), 59, 59, 999999),
        ]
        for place in range(count)
    ]  # fmt: skip


def planned(dice: random.Random, count: int) -> list[list[Any]]:
    """Rows of plans."""
    return [
        [
            dice.choice(POINTS),
            dice.choice(("a", "b", "ab", None)),
            Decimal(dice.choice((0, 12345, 1))) / 10000,
        ]
        for _ in range(count)
    ]


class Three:
    """One set of rows, as three projects have it.

    Attributes:
        folder: of the projects.
        connection: how the database is reached, whose variable is set.
        statements: how many its engine was asked for the facts that came last.
    """

    folder: Path
    statements = 0
    connection: Connection

    def fill(self, lines: list[list[Any]], plans: list[list[Any]]) -> None:
        """Puts rows where all three find them."""
        for name, rows, contract in (("lines", lines, LINES), ("plans", plans, PLANS)):
            with (self.folder / f"{name}.csv").open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(contract["columns"])
                writer.writerows([["" if cell is None else _written(cell) for cell in row] for row in rows])
        self.load(lines, plans)

    def load(self, lines: list[list[Any]], plans: list[list[Any]]) -> None:
        """Puts rows into the database."""
        raise NotImplementedError

    def twice(self) -> None:
        """Gives lines the columns ``ok`` and ``at``, of which each function of expressions has one."""
        raise NotImplementedError

    def table(self, name: str) -> str:
        """The table of a source."""
        return f"finance.{name}"

    def opened(self, pack: Pack, how: str, as_of: dt.date = AS_OF, **more: object) -> dict[str, Source]:
        """The sources, as ``csv``, ``staged`` or ``engine`` has them; with more that is said of each.

        ``mixed`` has lines where they are, and reads plans.
        """
        files = {
            name: SourceFile.model_validate(
                {"path": f"{name}.csv"}
                if how == "csv"
                else {"from": "erp", "table": self.table(name), **more}
                | ({"compute": "engine"} if how == "engine" or (how, name) == ("mixed", "lines") else {})
            )
            for name in pack.sources
        }
        values = parameter_values(pack, as_of, {})
        connections = {"erp": self.connection}
        return open_sources(
            dict(pack.sources), files, self.folder, as_of, None, values, connections=connections
        )

    def facts(self, pack: Pack, how: str, **more: object) -> FactSet:
        """The facts, likewise; how many statements that took is told by `statements`."""
        opened = self.opened(pack, how, **more)
        found = assemble(pack, opened, AS_OF)
        there = [source.there for source in opened.values() if source.there is not None]
        self.statements = there[0].engine.statements if there else 0  # type: ignore[union-attr]
        return found


class InPostgres(Three):
    """Rows in PostgreSQL."""

    def __init__(self, erp: Erp) -> None:
        self.erp, self.folder = erp, erp.folder
        self.connection = Connection(postgres="env:ERP_URL")

    def load(self, lines: list[list[Any]], plans: list[list[Any]]) -> None:
        """Puts rows into the database."""
        import psycopg

        self.erp.run(COLLATION, *(f"DROP TABLE IF EXISTS finance.{name}" for name in TYPES))
        self.erp.run(*(f"CREATE TABLE finance.{name} ({columns})" for name, columns in TYPES.items()))
        with psycopg.connect(
            self.erp.server.url(self.erp.name), autocommit=True, options="-c TimeZone=UTC"
        ) as connection:
            for name, rows in (("lines", lines), ("plans", plans)):
                marks = ", ".join(["%s"] * len(rows[0])) if rows else ""
                with connection.cursor() as cursor:
                    cursor.executemany(f"INSERT INTO finance.{name} VALUES ({marks})", rows)  # type: ignore[arg-type]

    def twice(self) -> None:
        """Gives lines the columns ``ok`` and ``at``."""
        self.erp.run("ALTER TABLE finance.lines ADD ok boolean", "ALTER TABLE finance.lines ADD at timestamp")
        self.erp.run("UPDATE finance.lines SET ok = met, at = written")


class InLake(Three):
    """Rows in a lake: a new table each time, for files of one that was dropped may stay behind."""

    made = itertools.count()

    def __init__(self, lake: Lake, folder: Path) -> None:
        self.lake, self.folder = lake, folder
        self.connection = Connection(spark_connect="env:SPARK_REMOTE")

    def table(self, name: str) -> str:
        """The table of a source."""
        return f"finance.{name}_{self._number}"

    def load(self, lines: list[list[Any]], plans: list[list[Any]]) -> None:
        """Puts rows into the database."""
        self._number = next(self.made)
        statements = ["CREATE SCHEMA IF NOT EXISTS finance"]
        for name, rows in (("lines", lines), ("plans", plans)):
            types = [column.rpartition(" ")[2] for column in LAKE_TYPES[name].split(", ")]
            statements.append(f"CREATE TABLE {self.table(name)} ({LAKE_TYPES[name]}) USING parquet")
            values = ", ".join(f"({', '.join(map(_literal, row, types))})" for row in rows)
            statements += [f"INSERT INTO {self.table(name)} VALUES {values}"] if rows else []
        self.lake.run(*statements)

    def change(self, changed: str, kind: str = "") -> None:
        """Gives some rows other values: ``column = value WHERE condition``, as an UPDATE would have it."""
        column, _, rest = changed.partition(" = ")
        value, _, test = rest.partition(" WHERE ")
        case = f"CASE WHEN {test or 'TRUE'} THEN {value} ELSE {column} END"
        cells = dict.fromkeys(LAKE_KINDS) | {column: f"CAST({case} AS {kind or LAKE_KINDS[column]})"}
        self._again(cells)

    def as_view(self, row: list[Any]) -> None:
        """Makes lines a view of one row that stands in its query."""
        cells = [
            f"{_literal(cell, kind)} AS {name}"
            for cell, (name, kind) in zip(row, LAKE_KINDS.items(), strict=True)
        ]
        self.lake.run(
            f"DROP TABLE {self.table('lines')}",
            f"CREATE VIEW {self.table('lines')} AS SELECT {', '.join(cells)}",
        )

    def twice(self) -> None:
        """Gives lines the columns ``ok`` and ``at``."""
        more = {"ok": "met", "at": "CAST(written AS TIMESTAMP_NTZ)"}
        self._again(dict.fromkeys(LAKE_KINDS) | more)

    def _again(self, cells: Mapping[str, str | None]) -> None:
        """The same tables once more, lines with other cells; None where they stay."""
        before, self._number = self._number, next(self.made)
        columns = ", ".join(f"{cell or name} AS {name}" for name, cell in cells.items())
        for name, selected in (("lines", columns), ("plans", "*")):
            query = f"SELECT {selected} FROM finance.{name}_{before}"
            self.lake.run(f"CREATE TABLE {self.table(name)} USING parquet AS {query}")


def _literal(cell: Any, type_: str) -> str:
    if cell is None:
        return f"CAST(NULL AS {type_})"
    text = f"CAST(X'{_written(cell).encode().hex()}' AS STRING)"
    return f"CAST({text} AS {type_})"


def _written(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


REFUSED = "compute: engine"


def alike(one: Fact, other: Fact) -> bool:
    """Whether two facts are the same; where their rows are to blame, a file tells its places besides."""
    if one.status == other.status == "error" and one.reason != other.reason:
        return replace(one, reason="") == replace(other, reason="")
    return one == other


def held(three: Three, pack: Any) -> tuple[FactSet, set[tuple[str, str]]]:
    """Holds the facts of all three together; gives those of the database, and which are refused."""
    csv, staged, pushed = (three.facts(pack, how) for how in ("csv", "staged", "engine"))
    refused = set()
    for key in sorted({*csv.facts, *staged.facts, *pushed.facts}):
        if (found := pushed.facts.get(key)) is not None and REFUSED in found.reason:
            assert found.status == "error", found
            refused.add(key)
            continue
        assert key in pushed.facts or any(REFUSED in each.reason for each in pushed.slices(key[0])), key
        if key not in pushed.facts:
            continue
        assert alike(staged.facts[key], found), (staged.facts[key], found)
        assert alike(csv.facts[key], found), (csv.facts[key], found)
    return pushed, refused


DRAWN: dict[str, Any] = {
    **LINES,
    "columns": {
        **LINES["columns"],
        "ok": {"type": "boolean", "nullable": True},
        "at": {"type": "datetime", "nullable": True},
    },
}


def every_expression(three: Three, seed: int, count: int, *, sliced: bool = True) -> None:
    """Holds measures of random conditions and amounts together, as what is read has them and the database.

    Args:
        three: where rows are.
        seed: of what is drawn.
        count: how many measures.
        sliced: whether some are sliced, each of which is a plan of its own.
    """
    dice = random.Random(seed)
    three.twice()
    scope = scope_of("lines", pack_of({}, DRAWN).sources["lines"], pack_of({}, DRAWN))
    measures: dict[str, dict[str, Any]] = {}
    while len(measures) < count:
        draw = over(dice, "")
        try:
            if dice.random() < 0.7:
                sql = draw.condition()[0]
                other = draw.condition(2)[0]
                kinds: list[dict[str, Any]] = [
                    {"count": sql},
                    {"ratio": {"of": sql, "over": other}},
                    {"exists": sql, "where": other},
                    {"share": {"of": sql, "value": "budget", "over": other}},
                    {"sum": "paid", "where": sql},
                    {"distinct": "units", "where": sql},
                ]
                by = dice.choice(({}, {"by": "point"}, {"by": "team"}) if sliced else ({},))
                if condition(sql, scope).varies and condition(other, scope).varies:
                    measures[f"m.{len(measures)}"] = dice.choice(kinds) | by
            else:
                sql = draw.number(3)[0]
                if number(sql, scope).varies:
                    by = {"by": "team"} if sliced else {}
                    measures[f"m.{len(measures)}"] = {"sum": f"COALESCE({sql}, 0)"} | by
        except ExpressionError:
            continue
    staged, pushed = (three.facts(pack_of(measures, DRAWN), how) for how in ("staged", "engine"))
    agreed = set()
    for key, fact in pushed.facts.items():
        if REFUSED not in fact.reason:
            assert alike(staged.facts[key], fact), (measures[key[0]], staged.facts[key], fact)
            agreed.add(key[0])
    refused = {name for name, _ in pushed.facts if name not in agreed}
    assert {name for name, _ in staged.facts} == agreed | refused
    assert len(agreed) > len(measures) / 2


REFUSALS = {
    "ids of people": ({"count": "owner = 'f-1'"}, "ids of people", "character 1"),
    "a number in a text": (
        {"count": "paid > 1 AND CAST(team AS INTEGER) > 1"},
        "a text is made",
        "character 19",
    ),
    "a tag": ({"count": "tag(team, 'x') = 'y'"}, "a tag", "character 1"),
    "a query": ({"sql": "SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM lines"}, "a query", ""),
    "letters beyond ASCII": ({"count": "UPPER(team) = 'A'"}, "ASCII", ""),
    "different people": ({"distinct": "owner"}, "owner", ""),
    "38 digits": (
        {"sum": "paid * 10000000000 * 10000000000 * 100000", "where": "id >= 0"},
        "digits",
        "",
    ),
}
"""A measure, why it is refused, and where that stands."""


def refused(three: Three, what: str) -> None:
    """Holds one measure to be refused, and another one beside it to be what it is."""
    measure, reason, place = REFUSALS[what]
    pack = pack_of({"it.is": measure, "it.counts": {"count": "paid > 1"}})
    found = three.facts(pack, "engine").facts
    assert found["it.is", ""].status == "error"
    for said in (reason, place, "compute: engine"):
        assert said in found["it.is", ""].reason, found["it.is", ""].reason
    assert found["it.counts", ""] == three.facts(pack, "staged").facts["it.counts", ""]


def alike_rows(three: Three) -> None:
    """Holds the rows behind values together, as what is read has them and the database."""
    pack = pack_of()
    wanted = [
        Wanted("ratio.over", "", False, ("team",)),
        Wanted("ratio.point", "1.1", False, None),
        Wanted("count.plain", "", True, None),
        Wanted("attainment.rows", "", False, None),
        Wanted("attainment.items", "", False, None),
        Wanted("attainment.two", "1.2", False, None),
        Wanted("accuracy.items", "", False, None),
        Wanted("latest.one.units", "", False, None),
        Wanted("latest.point.paid", "2.1", False, None),
        Wanted("count.plain", "", False, ("amount",), valued=False),
    ]
    staged, pushed = (
        rows_behind(pack, three.opened(pack, how), AS_OF, {}, wanted, 25) for how in ("staged", "engine")
    )
    for each in wanted:
        one, other = staged[each], pushed[each]
        assert one is not None
        assert other is not None
        assert (one.what, one.total, one.undetermined) == (other.what, other.total, other.undetermined)
        assert one.frame.equals(other.frame), each
        assert one.parquet() == other.parquet()
        if "owner" not in other.frame.columns:  # it is an item
            continue
        assert set(other.frame["owner"].to_list()) <= {"*** A", None}
        assert set(other.frame["approver"].to_list()) <= {"*** A", "*** B", None}
