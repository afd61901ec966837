"""What a measure makes of the rows of its source, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
PROJECT = """\
phasegate: 1
sources:
  rows:
    path: rows.csv
    contract:
      title: one row
      columns:
        id: {type: string}
        inside: {type: boolean, nullable: true}
        met: {type: boolean, nullable: true}
        amount: {type: decimal}
        person: {type: string, personal: true}
measures:
  ratio: {title: A, from: rows, where: inside, ratio: {of: met}}
  over: {title: B, from: rows, ratio: {of: met, over: inside}}
  share: {title: C, from: rows, where: inside, share: {of: met, value: amount}}
  count: {title: D, from: rows, where: inside, count: met}
  exists: {title: E, from: rows, where: inside, exists: met}
  sum: {title: F, from: rows, where: inside, sum: amount}
  all: {title: G, from: rows, count: met}
  said: {title: H, attested: {by: auditor}}
require: {ratio: ">= 50 %", over: ">= 50 %", share: ">= 50 %", count: ">= 1", exists: true, sum: ">= 1",
  all: ">= 1", said: true}
"""
WORDS = {"T": "true", "F": "false", "N": ""}
OF_RATIO = {"meets": "TT", "misses": "TF", "left out": "FT FF FN", "undetermined": "TN NT NF NN"}
OF_COUNT = {"meets": "TT", "misses": "TF NF", "left out": "FT FF FN", "undetermined": "TN NT NN"}
EXPECTED = {
    "ratio": OF_RATIO,
    "over": OF_RATIO,
    "share": OF_RATIO,
    "count": OF_COUNT,
    "exists": OF_COUNT,
    "sum": {"counted": "TT TF TN", "left out": "FT FF FN", "undetermined": "NT NF NN"},
    "all": {"meets": "TT FT NT", "misses": "TF FF NF", "undetermined": "TN FN NN"},
}


@pytest.fixture
def rows(tmp_path: Path) -> None:
    lines = ["id,inside,met,amount,person"]
    lines += [f"{a}{b},{WORDS[a]},{WORDS[b]},1,ann" for a, b in product("TFN", "TFN")]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "phasegate.yaml").write_text(PROJECT)


def looked(run: Run, *args: object) -> dict[str, Any]:
    result = run("facts", *args, "--format", "json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.usefixtures("rows")
def test_every_row_is_of_the_sort_that_logic_says(run: Run) -> None:
    document = looked(run, *EXPECTED, "--rows", "9")
    found = {
        each["measure"]: {rows["sort"]: {row["id"] for row in rows["sample"]} for rows in each["rows"]}
        for each in document["rows"]
    }
    assert found == {
        measure: {sort: set(ids.split()) for sort, ids in sorts.items()}
        for measure, sorts in EXPECTED.items()
    }
    assert all(
        row["person"].startswith("***")
        for each in document["rows"]
        for rows in each["rows"]
        for row in rows["sample"]
    )


@pytest.mark.usefixtures("rows")
def test_of_many_rows_the_first_are_shown(run: Run) -> None:
    shown = run("facts", "ratio", "said", "--rows", "1").stdout
    assert "undetermined, for something is empty: 4 rows\n   1  id: NF, inside: , met: false" in shown
    assert "and 3 more" in shown
    assert "no rows are shown: people state it, and no row shows it" in shown
    assert "ann" not in shown


@pytest.mark.usefixtures("rows")
def test_what_data_say_steers_no_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,inside,met,amount,person\n\x1b[31mred,true,true,1,ann\n")
    shown = run("facts", "ratio", "--rows", "1").stdout
    assert "red" in shown
    assert "\x1b" not in shown


@pytest.mark.usefixtures("rows")
def test_the_cost_of_each_measure(run: Run) -> None:
    costs = {each["measure"]: each for each in looked(run, "ratio", "said", "--profile")["costs"]}
    assert (costs["ratio"]["sources"], costs["ratio"]["rows"]) == (["rows"], 9)
    assert (costs["said"]["sources"], costs["said"]["rows"]) == ([], 0)
    assert costs["ratio"]["seconds"] > 0
    assert "rows read" in run("facts", "--profile").stdout


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--rows", "3"), "name a measure"),
        (("ratio", "--rows", "0"), "0 is not in the range"),
        (("nothing", "--rows", "3"), "nothing"),
    ],
)
def test_what_can_not_be_shown(args: tuple[str, ...], says: str, run: Run) -> None:
    result = run("facts", *args)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.usefixtures("rows")
def test_rows_that_can_not_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").unlink()
    shown = run("facts", "ratio", "--rows", "3").stdout
    assert "no rows are shown: the rows of rows can not be read" in shown
