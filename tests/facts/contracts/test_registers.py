"""Rows that must be found in another source: a stray is an error, never a row that counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.facts.assemble import assemble, sources_read
from phasegate.facts.sources.open import open_sources
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
TEXT, MAYBE, DATE = Column(type="string"), Column(type="string", nullable=True), Column(type="date")
CONTRACTS = {
    "goals": Contract(
        title="one goal",
        columns={"goal": TEXT, "ship": MAYBE, "kind": MAYBE},
        belongs_to={"ships": {"ship": "name", "kind": "kind"}},
    ),
    "ships": Contract(
        title="one ship",
        event="built_on",
        columns={"name": TEXT, "kind": TEXT, "built_on": DATE, "yard": MAYBE},
        belongs_to={"yards": {"yard": "yard"}},
    ),
    "yards": Contract(title="one yard", columns={"yard": TEXT}),
}
FILES = {
    "goals": "goal,ship,kind\ng1,Ann,barge\n{}\n",
    "ships": "name,kind,built_on,yard\nAnn,barge,2020-01-01,y1\nBob,tug,2020-01-01,\nEve,tug,2026-04-01,y1\n",
    "yards": "yard\ny1\n",
}
MEASURES = {"goals": Measure.model_validate({"title": "Goals", "from": "goals", "count": "goal <> 'x'"})}


def pack(**contracts: Contract) -> Pack:
    """A pack with these sources, whose one measure counts goals."""
    point = {
        "title": "P",
        "criteria": ({"id": "c", "text": "t", "require": {"goals": ">= 1"}},),
    }
    data = {"pack": "p", "title": "t", "points": {"1": point}}
    return Pack.model_validate({**data, "sources": CONTRACTS | contracts, "measures": MEASURES})


def found(folder: Path, row: str = "g2,Bob,tug", files=None, **contracts: Contract):
    """The goals, and what was said of their source."""
    texts = FILES | (files or {})
    rules = pack(**contracts)
    for name, text in texts.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text.format(row))
    given = {name: SourceFile(path=f"{name}.csv") for name, text in texts.items() if text is not None}
    sources = {name: rules.sources[name] for name in given}
    facts = assemble(rules, open_sources(sources, given, folder, AS_OF), AS_OF)
    return facts.facts["goals", ""], facts.sources["goals"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("row", "stray"),
    [
        ("g2,Bob,tug", ""),
        ("g2,,tug", ""),  # what it does not name is for `nullable` to say
        ("g2,Bob,", ""),
        ("g2,Zoe,", "1 row names no name, kind that ships has: Zoe"),
        ("g2,,raft", "1 row names no name, kind that ships has: raft"),
        ("g2,,", ""),
        ("g2,Zoe,tug", "1 row names no name, kind that ships has: Zoe, tug"),
        ("g2,Bob,barge", "1 row names no name, kind that ships has: Bob, barge"),
        ("g2,Eve,tug", "1 row names no name, kind that ships has: Eve, tug"),  # not built yet
        ("g2,Zoe,tug\ng3,Ada,tug", "2 rows name no name, kind that ships has: Ada, tug"),
    ],
)
def test_a_row_that_belongs_to_nothing_is_an_error(tmp_path: Path, row: str, stray: str) -> None:
    fact, state = found(tmp_path, row)
    assert (state.status, state.reason) == (("error", stray) if stray else ("ok", ""))
    assert fact.status == ("error" if stray else "present")
    assert fact.sources == ("goals", "ships", "yards")


def test_people_are_not_told(tmp_path: Path) -> None:
    people = Column(type="string", nullable=True, personal=True)
    contract = CONTRACTS["goals"].model_copy(
        update={"columns": {"goal": TEXT, "ship": people, "kind": MAYBE}}
    )
    fact, state = found(tmp_path, "g2,Zoe,tug", goals=contract)
    assert fact.status == "error"
    assert state.reason == "1 row names no name, kind that ships has"


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"ships": None}, "unknown"),
        ({"yards": None}, "unknown"),
        ({"ships": "name\nAnn\n"}, "error"),
        ({"ships": "name,kind,built_on,yard\nAnn,barge,soon,y1\n"}, "error"),
        ({"ships": FILES["ships"].replace("y1", "y9")}, "error"),
    ],
)
def test_without_its_register_nothing_has_a_value(tmp_path: Path, files, status: str) -> None:
    fact, _ = found(tmp_path, files=files)
    assert fact.status == status, fact.reason


def test_a_measure_rests_on_the_registers_behind_it() -> None:
    assert sources_read(pack()) == {"goals", "ships", "yards"}


def test_a_register_without_the_column_is_an_error(tmp_path: Path) -> None:
    contract = CONTRACTS["goals"].model_copy(update={"belongs_to": {"ships": {"ship": "title"}}})
    fact, state = found(tmp_path, goals=contract)
    assert fact.status == "error"
    assert state.reason == "belongs_to names 'title', which is no column of ships"


def test_two_columns_may_be_found_in_one(tmp_path: Path) -> None:
    contract = CONTRACTS["goals"].model_copy(
        update={"belongs_to": {"ships": {"ship": "name", "kind": "name"}}}
    )
    _, state = found(tmp_path, "g2,Bob,Ann", files={"goals": "goal,ship,kind\n{}\n"}, goals=contract)
    assert state.reason == "1 row names no name, name that ships has: Bob, Ann"


@pytest.mark.parametrize(
    ("number", "reason"), [("1.5", ""), ("1.55", "1 row names no size that yards has: 1.5500")]
)
def test_decimals_are_the_same_however_many_digits_are_kept(tmp_path: Path, number: str, reason: str) -> None:
    own, their = Column(type="decimal", scale=2), Column(type="decimal", scale=4)
    goals = Contract(title="g", columns={"goal": TEXT, "size": own}, belongs_to={"yards": {"size": "size"}})
    files = {"goals": "goal,size\n{}\n", "yards": "size\n1.5000\n"}
    yards = Contract(title="y", columns={"size": their})
    ships = CONTRACTS["ships"].model_copy(update={"belongs_to": {}})
    _, state = found(tmp_path, f"g1,{number}", files=files, goals=goals, yards=yards, ships=ships)
    assert state.reason == reason
