"""Of each change between two runs there is the cause that was made, and no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_runs import DAYS, PACK, WAIVERS, keep, write_project

from phasegate.audit.ledger.ledger import Ledger
from phasegate.monitoring.history.load import Compared, compare
from phasegate.rules.loading.project import load_project

Change = Callable[[Path], object]
LATER = dt.date(2026, 4, 10)
RECONCILED, AGE = "1.1/systems/invoices.reconciled", "1.1/systems/invoices.age"
RATING, CRANES = "1.1/review/review.rating", "1.2/cranes/invoices.reconciled"


def edited(name: str, old: str, new: str) -> Change:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return edit


def several(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes]


def nothing(_: Path) -> None:
    pass


def opened(*numbers: int) -> Change:
    return lambda folder: write_project(folder, open_invoices=numbers)


def waived(folder: Path) -> None:
    write_project(folder, waived=True)


def waived_now(folder: Path) -> None:
    """The same data under a waiver, so that the verdict is another one."""
    tables = {name: (folder / name).read_bytes() for name in ("invoices.csv", "reviews.csv")}
    waived(folder)
    for name, table in tables.items():
        (folder / name).write_bytes(table)


def compared(folder: Path, before: Change, day: dt.date, after: Change, then: dt.date) -> Compared:
    before(folder)
    keep(folder, day)
    after(folder)
    keep(folder, then)
    with Ledger.open(folder / "phasegate.db") as ledger:
        return compare(ledger, "1", "latest")


def told(found: Compared, requirement: str) -> list[tuple[str, str]]:
    (change,) = [
        each
        for criterion in found.difference.criteria
        for each in criterion.requirements
        if each.id == requirement
    ]
    return [(cause.kind, cause.said) for cause in change.causes]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("before", "after", "then", "requirement", "kind", "said"),
    [
        pytest.param(
            opened(),
            opened(3, 4),
            DAYS[0],
            RECONCILED,
            "data",
            "invoices: other content in invoices.csv (20 rows then, 20 now)",
            id="rows",
        ),
        pytest.param(
            nothing,
            lambda folder: (folder / "invoices.csv").unlink(),
            DAYS[0],
            AGE,
            "data",
            "invoices: ",
            id="a source that is gone",
        ),
        pytest.param(
            nothing,
            edited("pack/pack.yaml", ">= 95 %", ">= 90 %"),
            DAYS[0],
            RECONCILED,
            "rule",
            "the bound was >= 95 % and is now >= 90 %, at pack/pack.yaml:18",
            id="a bound",
        ),
        pytest.param(
            opened(1, 2, 3),
            edited("pack/pack.yaml", ">= 85.125 %", ">= 80 %"),
            DAYS[0],
            CRANES,
            "rule",
            "the bound was >= success (85.125 %) and is now >= success (80 %), at pack/pack.yaml:",
            id="a target",
        ),
        pytest.param(
            opened(),
            edited(
                "pack/pack.yaml",
                "ratio: {of: status = 'reconciled'}\n    items",
                "ratio: {of: status = 'open'}\n    items",
            ),
            DAYS[0],
            RECONCILED,
            "rule",
            "invoices.reconciled is measured in another way",
            id="how it is measured",
        ),
        pytest.param(
            nothing,
            edited("phasegate.yaml", "60 days", "20 days"),
            DAYS[0],
            AGE,
            "rule",
            "the bound was <= :most_days (60 days) and is now <= :most_days (20 days), at pack/pack.yaml:19",
            id="a parameter",
        ),
        pytest.param(
            nothing,
            waived,
            DAYS[0],
            RECONCILED,
            "waiver",
            "W-1 excuses it now, and ends on 2026-04-01",
            id="a waiver begins",
        ),
        pytest.param(
            waived, nothing, LATER, RECONCILED, "waiver", "W-1 ended on 2026-04-01", id="a waiver ends"
        ),
        pytest.param(
            waived,
            write_project,
            DAYS[1],
            RECONCILED,
            "waiver",
            "W-1 is no longer there",
            id="a waiver is taken away",
        ),
        pytest.param(
            nothing,
            nothing,
            LATER,
            RATING,
            "time",
            "the newest evidence is of 2026-02-20, and may be 31 days old",
            id="evidence ages",
        ),
        pytest.param(
            # Rows came, and none of them is a newer review: it is time, and not the data.
            nothing,
            edited("reviews.csv", "R-1,2026-01-20", "R-0,2026-01-02,low,1,true\nR-1,2026-01-20"),
            LATER,
            RATING,
            "time",
            "the newest evidence is of 2026-02-20, and may be 31 days old",
            id="evidence ages beside new rows",
        ),
        pytest.param(
            nothing,
            nothing,
            LATER,
            AGE,
            "time",
            "the same sources, as of 2026-04-10 and not 2026-03-01: its measure reads the day",
            id="the day is read",
        ),
        pytest.param(
            opened(7, 16),
            several(opened(7), edited("pack/pack.yaml", ">= 85.125 %", ">= 97 %")),
            DAYS[0],
            CRANES,
            "rule",
            "the bound was >= success (85.125 %) and is now >= success (97 %), at pack/pack.yaml:",
            id="a bound beside rows that would not have done it",
        ),
    ],
)
def test_one_cause(
    before: Change, after: Change, then: dt.date, requirement: str, kind: str, said: str, folder: Path
) -> None:
    ((found, words),) = told(compared(folder, before, DAYS[0], after, then), requirement)
    assert found == kind
    assert words.startswith(said)


def test_two_things_that_each_would_have_done_it_are_both_told(folder: Path) -> None:
    both = several(opened(1, 2, 3, 4), edited("pack/pack.yaml", ">= 85.125 %", ">= 95 %"))
    assert [kind for kind, _ in told(compared(folder, nothing, DAYS[0], both, DAYS[0]), CRANES)] == [
        "rule",
        "data",
    ]


def test_two_things_of_which_neither_would_have_done_it_are_both_told(folder: Path) -> None:
    both = several(opened(7), edited("pack/pack.yaml", ">= success", "<= 90 %"))
    assert [kind for kind, _ in told(compared(folder, nothing, DAYS[0], both, DAYS[0]), CRANES)] == [
        "rule",
        "data",
    ]


def test_the_same_decided_twice_is_no_change(folder: Path) -> None:
    found = compared(folder, nothing, DAYS[0], nothing, DAYS[0])
    assert found.difference.same
    assert found.rows == {}


def test_gates_and_the_rows_behind_a_verdict(folder: Path) -> None:
    found = compared(folder, opened(7), DAYS[0], opened(7, 3), DAYS[0])
    assert [(each.id, each.before, each.after) for each in found.difference.gates] == [
        ("1", "open", "closed"),
        ("2", "open", "closed"),
        ("programme", "open", "closed"),
    ]
    rows = found.rows[RECONCILED]
    assert (rows.known, rows.came, rows.went) == (False, 2, 0)  # what passes has no rows behind it


def test_rows_that_came_and_went(folder: Path) -> None:
    invoices = edited("invoices.csv", "2026-01-16,open", "2026-01-16,reconciled")
    found = compared(folder, opened(7, 16), DAYS[0], several(opened(7, 16, 3), invoices, waived_now), DAYS[0])
    rows = found.rows[RECONCILED]
    assert (rows.known, rows.came, rows.went) == (True, 1, 1)
    assert [row["invoice"] for row in (*rows.first_came, *rows.first_went)] == ["F-3", "F-7"]


def test_a_requirement_that_fails_beside_others_is_told_too(folder: Path) -> None:
    found = compared(folder, nothing, DAYS[0], edited("phasegate.yaml", "60 days", "20 days"), DAYS[0])
    (criterion,) = found.difference.criteria
    assert (criterion.id, criterion.before, criterion.after) == ("1.1/systems", "fail", "fail")
    assert [each.id for each in criterion.requirements] == [AGE]


def test_a_criterion_that_came_and_one_that_went(folder: Path) -> None:
    cranes = PACK[PACK.index("      - id: cranes") : PACK.index("phases:")]
    renamed = edited("pack/pack.yaml", "- id: cranes", "- id: hoists")
    found = compared(
        folder,
        nothing,
        DAYS[0],
        several(renamed, edited("phasegate.yaml", "harden: {1.2/cranes: hard}", "")),
        DAYS[0],
    )
    assert "cranes" in cranes
    assert [
        (each.id, each.before, each.after, each.causes[0].said) for each in found.difference.criteria
    ] == [
        ("1.2/hoists", None, "pass", "it is new, at pack/pack.yaml:36"),
        ("1.2/cranes", "pass", None, "it is no longer there"),
    ]


def test_of_a_gate_and_a_check_what_both_decided_is_compared(folder: Path) -> None:
    keep(folder, DAYS[0])
    write_project(folder, open_invoices=())
    keep(folder, DAYS[0], gate="1")
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = compare(ledger, "1", "2").difference
    assert found.narrower
    assert [each.id for each in found.gates] == ["1"]
    assert {each.id for each in found.criteria} == {"1.1/systems"}


def test_a_slice_that_comes_or_goes_does_so_with_the_rows(folder: Path) -> None:
    each = '          invoices.by_customer: ">= 50 %"\n'
    many = edited("pack/pack.yaml", "enforcement: advisory\n", "enforcement: soft\n")
    more = edited("invoices.csv", "F-2,", "F-2b,Nobody,2026-01-11,open\nF-2,")
    assert each in PACK
    found = compared(folder, many, DAYS[0], more, DAYS[0]).difference
    (criterion,) = [one for one in found.criteria if one.id == "1.2/customers"]
    told_of = {one.id: [(why.kind, why.said) for why in one.causes] for one in criterion.requirements}
    assert told_of == {"1.2/customers/invoices.by_customer[Nobody]": [("data", "rows are of Nobody now")]}
    with Ledger.open(folder / "phasegate.db") as ledger:
        back = compare(ledger, "2", "1").difference
    (criterion,) = [one for one in back.criteria if one.id == "1.2/customers"]
    assert [why.said for one in criterion.requirements for why in one.causes] == [
        "no rows are of Nobody any more"
    ]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("age", "then", "kinds"),
    [
        ("35 days", LATER, ["time"]),  # the longer age excuses more, and too much time passed all the same
        ("5 days", dt.date(2026, 3, 5), ["rule"]),
        ("10 days", dt.date(2026, 3, 5), ["rule", "time"]),  # neither alone would have done it
        ("5 days", LATER, ["rule", "time"]),  # either alone would have done it
        ("20 days", LATER, ["time"]),
    ],
)
def test_an_age_that_was_changed(age: str, then: dt.date, kinds: list[str], folder: Path) -> None:
    found = compared(
        folder, nothing, DAYS[0], edited("pack/pack.yaml", "max_age: 31 days", f"max_age: {age}"), then
    )
    assert [kind for kind, _ in told(found, RATING)] == kinds


def test_a_contract_that_was_changed(folder: Path) -> None:
    change = edited("pack/pack.yaml", "customer: {type: string}", "customer: {type: integer}")
    ((kind, said),) = told(compared(folder, nothing, DAYS[0], change, DAYS[0]), CRANES)
    assert kind == "rule"
    assert said == "the contract of invoices asks for something else"


def test_what_is_personal_by_now_is_masked_in_rows_of_before_too(folder: Path) -> None:
    personal = edited(
        "pack/pack.yaml", "customer: {type: string}", "customer: {type: string, personal: true}"
    )
    unasked = edited("pack/pack.yaml", "by: customer", "by: status")
    found = compared(
        folder, unasked, DAYS[0], several(opened(7, 16, 3), unasked, personal, waived_again), DAYS[0]
    )
    rows = found.rows[RECONCILED]
    assert (rows.known, rows.came, rows.went) == (True, 1, 0)
    assert {row["customer"] for row in (*rows.first_came, *rows.first_went)} == {"***"}


def waived_again(folder: Path) -> None:
    """A waiver under the rules as they are now."""
    digest = load_project(folder / "phasegate.yaml").pack.digest
    (folder / "waivers.yaml").write_text(WAIVERS.format(digest=digest), encoding="utf-8")
    file = folder / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "waivers: waivers.yaml\n", encoding="utf-8")


def test_a_value_that_a_waiver_no_longer_covers_is_the_cause_and_not_the_waiver(folder: Path) -> None:
    def worse_data(folder: Path) -> None:
        write_project(folder, waived=True, open_invoices=(1, 2, 3, 4))

    found = told(compared(folder, waived, DAYS[0], worse_data, DAYS[0]), RECONCILED)
    assert [kind for kind, _ in found] == ["data"]
