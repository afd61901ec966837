"""What a contract demands of whole rows: what must hold in one, what means nothing, how old it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.rules.model.contract import Column, Contract

CONTRACT = Contract(
    title="one test",
    key=("test",),
    holds=(
        "sample IS NULL OR sample <= population",
        "signed_on IS NULL OR signed_on >= tested_on",
        "sample IS NULL OR sample >= :least",
    ),
    no_value=("n/a", "Nobody", "-"),
    columns={
        "test": Column(type="string"),
        "sample": Column(type="integer", nullable=True),
        "population": Column(type="integer", nullable=True),
        "tested_on": Column(type="date", nullable=True),
        "signed_on": Column(type="date", nullable=True),
        "signer": Column(type="string", nullable=True),
        "state": Column(type="string", nullable=True, allowed=("-", "done")),
        "tags": Column(type="string", nullable=True),
    },
    derive={"owner": "tag(tags, 'owner')"},
)
HEAD = "test,sample,population,tested_on,signed_on,signer,state,tags\n"
VALUES = {"least": 0, "as_of": dt.date(2026, 3, 31)}


def write(folder: Path, *rows: str, head: str = HEAD) -> None:
    (folder / "costs.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,3,3,2026-01-01,2026-01-01,,,", ""),
        ("a,,3,2026-01-01,2026-01-01,,,", ""),
        ("a,3,,2026-01-01,2026-01-01,,,", "sample <= population"),  # nobody knows, and nobody says so
        ("a,3,3,2026-01-01,,,,", ""),  # of which it is said
        ("a,4,3,2026-01-01,,,,", 'sample <= population; costs.csv:2 has sample, population "4, 3"'),
        ("a,3,3,2026-01-02,2026-01-01,,,", "signed_on >= tested_on"),
        ("a,3,3,,2026-01-01,,,", "signed_on >= tested_on"),
        ("a,-1,3,,,,,", "sample >= :least"),
    ],
)
def test_what_must_hold_in_a_row(settle, tmp_path: Path, row: str, reason: str) -> None:
    write(tmp_path, row)
    state, _ = settle(CONTRACT, path="costs.csv", values=VALUES)
    assert state.status == ("error" if reason else "ok")
    assert reason in state.reason
    assert state.reason.startswith("1 row breaks the contract") or not reason


def test_people_are_masked_where_they_break_a_row(settle, tmp_path: Path) -> None:
    people = {name: Column(type="string", personal=True) for name in ("tester", "reviewer")}
    write(tmp_path, "q-7,q-7", head="tester,reviewer\n")
    contract = Contract(title="one test", columns=people, holds=("tester <> reviewer",))
    state, _ = settle(contract, path="costs.csv", values=VALUES)
    assert state.breaches[0].rows == 1
    assert "q-7" not in str(state)


@pytest.mark.parametrize(
    ("row", "holds", "breaches"),
    [
        ("F-7,f-8", "tester <> reviewer", 0),
        ("F-7,F-7", "tester <> reviewer", 1),
        ("F-7,f-7", "tester <> reviewer", 1),
        ("F-7, f\u200b-7", "tester <> reviewer", 1),
        ("F-7,f-7", "tester = reviewer", 1),
        ("F-7,f-7", "tester = 'f-7'", 1),
        ("F-7,f-8", "tester = 'F-7'", 0),
        ("F-7,", "tester <> reviewer", 1),
        ("F-7,", "reviewer IS NULL OR tester <> reviewer", 0),
        ("F-7,f-7", "tester <> reviewer OR tester IS NOT NULL", 0),
    ],
)
def test_ids_that_a_reader_takes_for_one_person_hold_nothing(
    settle, tmp_path: Path, row: str, holds: str, breaches: int
) -> None:
    people = {name: Column(type="string", personal=True, nullable=True) for name in ("tester", "reviewer")}
    write(tmp_path, row, head="tester,reviewer\n")
    contract = Contract(title="one test", columns=people, holds=(holds,))
    state, _ = settle(contract, path="costs.csv", values=VALUES)
    assert [breach.rows for breach in state.breaches] == [1] * breaches
    assert all("write ids alike that differ in nothing" in breach.hint for breach in state.breaches)
    assert "7" not in str([breach.sample for breach in state.breaches])


@pytest.mark.parametrize("role", ["event", "recorded"])
def test_a_row_without_its_day_does_not_count_in_silence(settle, tmp_path: Path, role: str) -> None:
    """To empty the cell would date the row back: it is a breach, even where the column may be empty."""
    days = {"happened": Column(type="date"), "written": Column(type="date")}
    name = {"event": "happened", "recorded": "written"}[role]
    days[name] = Column(type="date", nullable=True)
    write(tmp_path, *("2026-03-01," if role == "recorded" else ",2026-03-01",), head="happened,written\n")
    contract = Contract(title="one test", columns=days, event="happened", recorded="written")
    state, _ = settle(contract, path="costs.csv", values=VALUES)
    assert [(breach.clause, breach.rows) for breach in state.breaches] == [(f"{name}: not null", 1)]
    assert f"without {name} nobody can tell when the row counts" in state.breaches[0].hint


@pytest.mark.parametrize(
    ("rows", "unique", "key"),
    [
        (["F-7,a", "f-7,a"], 2, 2),
        (["F-7,a", "f\u200b-7,a", "f-8,a"], 2, 2),
        (["f-7,a", "f-8,a"], 0, 0),
        (["F-7,a", "f-7,b"], 2, 0),
    ],
)
def test_ids_of_people_that_a_reader_takes_for_one_are_there_twice(
    settle, tmp_path: Path, rows: list[str], unique: int, key: int
) -> None:
    write(tmp_path, *rows, head="seat,seal\n")
    seat, seal = Column(type="string", personal=True), Column(type="string")
    for contract, alike in (
        (Contract(title="s", columns={"seat": seat.model_copy(update={"unique": True})}), unique),
        (Contract(title="s", columns={"seat": seat, "seal": seal}, key=("seat", "seal")), key),
    ):
        state, _ = settle(contract, path="costs.csv", values=VALUES)
        assert [breach.rows for breach in state.breaches] == ([alike] if alike else [])
        assert "7" not in str(state.breaches)


EMPTY = ", and nowhere empty"


@pytest.mark.parametrize(
    ("rows", "unique", "key"),
    [
        (["1,x", "2,y"], {}, {}),
        ([",x"], {}, {}),  # there is no other row that it could be
        (["1,x", ",y"], {EMPTY: 1}, {}),  # y tells it from the other one, and nothing tells what is unique
        (["1,x", ",x"], {EMPTY: 1}, {EMPTY: 1}),
        (["1,x", "2,x", ",x", ",y"], {EMPTY: 2}, {EMPTY: 1}),
        ([",x", ",x", "1,y"], {EMPTY: 2}, {"": 2, EMPTY: 2}),
        ([",x", ",y"], {EMPTY: 2}, {}),
        (["1,x", "1,x", ",z"], {"": 2, EMPTY: 1}, {"": 2}),
    ],
)
def test_a_row_without_its_key_may_be_another_one_once_more(
    settle, tmp_path: Path, rows: list[str], unique: dict[str, int], key: dict[str, int]
) -> None:
    write(tmp_path, *rows, head="id,part\n")
    may = Column(type="integer", nullable=True)
    part = Column(type="string")
    only = may.model_copy(update={"unique": True})
    for name, contract, broken in (
        ("id: unique", Contract(title="s", columns={"id": only}), unique),
        ("key id: unique", Contract(title="s", columns={"id": may}, key=("id",)), None),
        (
            "key id, part: unique",
            Contract(title="s", columns={"id": may, "part": part}, key=("id", "part")),
            key,
        ),
    ):
        state, _ = settle(contract, path="costs.csv", values=VALUES)
        found = {breach.clause: breach.rows for breach in state.breaches}
        assert (state.status == "ok") is not bool(found)
        if broken is None:  # two rows without a key are one key twice as well
            assert {each.removeprefix("key ") for each in found} >= {f"id: unique{each}" for each in unique}
            continue
        assert found == {f"{name}{end}": count for end, count in broken.items()}
        assert all(
            "fill in id: nobody can tell" in each.hint for each in state.breaches if EMPTY in each.clause
        )


def test_two_columns_that_may_be_empty_tell_nothing_apart(settle, tmp_path: Path) -> None:
    write(tmp_path, "1,", ",2", head="id,part\n")
    may = Column(type="integer", nullable=True)
    contract = Contract(title="s", columns={"id": may, "part": may}, key=("id", "part"))
    state, _ = settle(contract, path="costs.csv", values=VALUES)
    assert [(each.clause, each.rows) for each in state.breaches] == [(f"key id, part: unique{EMPTY}", 2)]


@pytest.mark.parametrize(
    ("holds", "reason"),
    [
        ("sample <= populaton", "there is no column populaton"),
        ("owner IS NOT NULL", "owner"),
        ("tag(tags, 'owner') = 'x'", "tag"),
        ("1 = 1", "no column"),
        ("sample <= :most", "most"),
    ],
)
def test_a_condition_that_no_row_could_be_held_against_is_an_error(
    settle, tmp_path: Path, holds: str, reason: str
) -> None:
    write(tmp_path, "a,3,3,,,,,")
    contract = CONTRACT.model_copy(update={"holds": (holds,)})
    state, _ = settle(contract, path="costs.csv", values=VALUES)
    assert state.status == "error"
    assert reason in state.reason


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("f-1", "f-1"),
        ("n/a", None),
        (" N/A ", None),
        ("NOBODY", None),
        ("   ", None),
        ("n/a\u200b", None),
        ("ｎ／ａ", None),
        ("nobody else", "nobody else"),
    ],
)
def test_words_that_mean_nothing_are_nothing(settle, tmp_path: Path, written: str, read: str | None) -> None:
    write(tmp_path, f'a,,,,,{written},-,"{{""owner"": ""{written}""}}"')
    state, rows = settle(CONTRACT, path="costs.csv", values=VALUES)
    assert state.status == "ok"
    assert rows["signer"].to_list() == [read]
    assert rows["owner"].to_list() == [read]
    assert rows["state"].to_list() == ["-"]  # a word that the contract allows says what it says


def test_without_such_words_a_text_is_what_it_is(settle, tmp_path: Path) -> None:
    write(tmp_path, "a,,,,,n/a,-,")
    contract = CONTRACT.model_copy(update={"no_value": ()})
    _, rows = settle(contract, path="costs.csv", values=VALUES)
    assert rows["signer"].to_list() == ["n/a"]


@pytest.mark.parametrize(("personal", "told"), [(True, "test: not null"), (False, "")])
def test_whoever_must_be_named_is_not_named_by_such_a_word(
    settle, tmp_path: Path, personal: bool, told: str
) -> None:
    """But another text that must be there says what it says."""
    write(tmp_path, "-,,,,,,,")
    columns = {**CONTRACT.columns, "test": Column(type="string", personal=personal)}
    state, _ = settle(CONTRACT.model_copy(update={"columns": columns}), path="costs.csv", values=VALUES)
    assert told in state.reason
    assert state.status == ("error" if told else "ok")


@pytest.mark.parametrize(
    ("day", "reason"),
    [("2026-03-31", ""), ("2026-04-01", "updated_on: not after 2026-03-31"), ("", "updated_on: not null")],
)
def test_what_was_brought_up_to_date_on_a_day_to_come_is_a_breach(
    settle, tmp_path: Path, day: str, reason: str
) -> None:
    columns = {"test": Column(type="string"), "updated_on": Column(type="date", nullable=True)}
    write(tmp_path, f"a,{day}", head="test,updated_on\n")
    state, rows = settle(Contract(title="t", columns=columns, updated="updated_on"), path="costs.csv")
    assert reason in state.reason
    assert state.status == ("error" if reason else "ok")
    assert rows is None or rows.height == 1  # and never left out


@pytest.mark.parametrize(
    ("control", "reason"),
    [({"rows": 1}, ""), ({"rows": 2}, "not the whole extract"), (None, "no control totals")],
)
def test_control_totals_that_a_contract_asks_for(settle, tmp_path: Path, control, reason: str) -> None:
    write(tmp_path, "a,,,,,,,")
    contract = CONTRACT.model_copy(update={"control": True})
    state, _ = settle(contract, path="costs.csv", values=VALUES, control=control)
    assert reason in state.reason
    assert state.status == ("error" if reason else "ok")


@pytest.mark.parametrize(
    ("day", "hint"),
    [
        (
            "",
            "without signed_on nobody can tell how old the row is",
        ),
        ("2026-04-01", 'costs.csv:2 has signed_on "2026-04-01"; correct it in the file'),
    ],
)
def test_the_day_of_a_row_says_what_to_do_about_it(settle, tmp_path: Path, day: str, hint: str) -> None:
    write(tmp_path, f"a,,,,{day},,,")
    contract = CONTRACT.model_copy(update={"updated": "signed_on"})
    state, _ = settle(contract, path="costs.csv", values=VALUES)
    assert state.reason.endswith(hint)
