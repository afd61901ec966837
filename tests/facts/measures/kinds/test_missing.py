"""Where an empty cell is easily overlooked, lint says so; where it can decide nothing, lint is silent."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.facts.measures.kinds.missing import held_from_above
from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.rules.lint.run import SqlProblem
from phasegate.rules.model.pack import Pack

COLUMNS = {
    "due": {"type": "date"},
    "closed": {"type": "date", "nullable": True},
    "state": {"type": "string", "allowed": ["open", "done"], "nullable": True},
    "owner": {"type": "string"},
}
ABOVE, BELOW = "<= 5 %", ">= 5 %"


def told(measure: dict[str, Any], bound: str) -> list[tuple[str, str | None]]:
    """The expressions that are warned of, and what to write."""
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {"1": {"title": "1", "criteria": [{"id": "c", "text": "c", "require": {"m": bound}}]}},
            "sources": {"rows": {"title": "a row", "columns": COLUMNS}},
            "measures": {"m": {"title": "m", "from": "rows", **measure}},
        }
    )
    found = [one for one in check_pack(pack) if isinstance(one, SqlProblem) and one.rule == "null-undecided"]
    assert all(one.severity == "warning" for one in found)
    return [(str(one.path[-1]), one.hint) for one in found]


@pytest.mark.parametrize(
    ("measure", "bound", "where"),
    [
        ({"ratio": {"of": "closed <= due"}}, BELOW, []),  # a row that lacks it is not met, and missed
        ({"ratio": {"of": "closed > due"}}, ABOVE, ["of"]),
        ({"ratio": {"of": "state <> 'open'"}}, BELOW, ["of"]),
        ({"ratio": {"of": "NOT (closed > due)"}}, BELOW, ["of"]),
        ({"ratio": {"of": "state NOT IN ('open')"}}, BELOW, ["of"]),
        ({"ratio": {"of": "owner = 'a'"}, "where": "state = 'done'"}, BELOW, ["where"]),
        ({"ratio": {"of": "owner = 'a'", "over": "closed <= due"}}, BELOW, ["over"]),
        ({"ratio": {"of": "(closed > due) IS TRUE"}}, ABOVE, []),
        ({"ratio": {"of": "(state <> 'open') IS NOT FALSE"}}, BELOW, []),
        ({"ratio": {"of": "owner <> 'a'"}}, ABOVE, []),
        ({"ratio": {"of": "closed > due"}, "where": "closed IS NOT NULL"}, ABOVE, []),
        ({"ratio": {"of": "closed > due", "over": "closed IS NOT NULL AND owner = 'a'"}}, ABOVE, []),
        ({"ratio": {"of": "closed > due"}, "where": "state IS NOT NULL"}, ABOVE, ["of"]),
        ({"ratio": {"of": "owner = 'a'"}, "where": "closed IS NOT NULL AND closed <= due"}, BELOW, []),
        (
            {"ratio": {"of": "state = 'open' OR state <> 'open'", "over": "state IN ('open')"}},
            BELOW,
            ["over"],
        ),
    ],
)
def test_where_a_missing_value_is_easily_overlooked(
    measure: dict[str, Any], bound: str, where: list[str]
) -> None:
    assert [place for place, _ in told(measure, bound)] == where


def test_it_says_what_to_write() -> None:
    ((_, hint),) = told({"ratio": {"of": "closed > due"}}, ABOVE)
    assert hint == "write `(closed > due) IS TRUE` if no `closed` means not met"


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"m": "<= 5 %"}, {"m"}),
        ({"m": ">= 5 %"}, set()),
        ({"m": "== 5"}, {"m"}),
        ({"m": "!= 5"}, {"m"}),
        ({"m": "between 1 and 5"}, {"m"}),
        ({"m": "> 5"}, set()),
        ({"m": "< 5"}, {"m"}),
        ({"m": False}, {"m"}),
        ({"m": True}, set()),
        ({"m": "in [a]"}, set()),
        ({"nobody.knows": "<= 5 %", "m": "<= 5 %"}, {"m"}),
    ],
)
def test_what_is_held_from_above(bounds: dict[str, Any], found: set[str]) -> None:
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {"1": {"title": "1", "criteria": [{"id": "c", "text": "c", "require": bounds}]}},
            "sources": {"rows": {"title": "a row", "columns": COLUMNS}},
            "measures": {name: {"title": name, "from": "rows", "count": "true"} for name in ("m", "n")},
        }
    )
    assert held_from_above(pack) == found
