"""What a contract demands of whole rows: what must hold in one, what means nothing, how old it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.rules.model.contract import Column, Contract

CONTRACT = Contract(
    title="one test",
    key=("test",),
    holds=("sample <= population", "signed_on >= tested_on", "sample >= :least"),
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
        ("a,,3,2026-01-01,,,,", ""),  # what is missing is the column's own affair
        ("a,4,3,2026-01-01,,,,", 'sample <= population; costs.csv:2 has sample, population "4, 3"'),
        ("a,3,3,2026-01-02,2026-01-01,,,", "signed_on >= tested_on"),
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
