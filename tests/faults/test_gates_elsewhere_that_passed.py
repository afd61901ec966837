"""Gates elsewhere passed for each of these reasons. None of them opens a gate here."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from broken import PACK, TODAY, Harbour

from phasegate.engine.inference import partition, rule_base
from phasegate.rules.model.verdict import Verdict

SHARE = "share: {of: status = 'paid', value: amount}"
HEADER = "invoice,day,amount,currency,status\n"
COMMANDS = [("check",), ("gate", "1"), ("gate", "programme")]


@pytest.fixture(params=COMMANDS, ids=" ".join)
def decides(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Each command that decides."""
    return request.param


def test_the_gate_opens_where_nothing_is_wrong(harbour: Harbour, decides: tuple[str, ...]) -> None:
    result = harbour.run(*decides)
    assert result.exit_code == 0, result.output
    assert "OPEN: " in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("pack", "said"),
    [
        (PACK.partition("points:")[0], "the pack needs 'points'"),
        (PACK.replace('          invoices.paid: ">= 95 %"\n', "          {}\n"), "would always pass"),
        (PACK.replace("        enforcement: soft\n", "        enforcement: advisory\n"), "is advisory"),
        (PACK.partition("measures:")[0], "the pack needs 'measures'"),
        ("", "the file is empty"),
        ("{}\n", "the pack needs 'pack'"),
    ],
    ids=[
        "no points",
        "an empty require",
        "only advisory",
        "no measures",
        "an empty file",
        "an empty mapping",
    ],
)
def test_no_rules_at_all(harbour: Harbour, decides: tuple[str, ...], pack: str, said: str) -> None:
    harbour.write("pack/pack.yaml", pack)
    result = harbour.run(*decides)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said.replace("the pack", "") in result.stderr


def test_no_rules_at_all_in_a_project_without_a_pack(harbour: Harbour, decides: tuple[str, ...]) -> None:
    harbour.write("phasegate.yaml", "phasegate: 1\nsources: {invoices: {path: invoices.csv}}\n")
    result = harbour.run(*decides)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is neither a 'pack' nor 'require'" in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("check", "quey"),
        ("check", "quay/payd"),
        ("check", "quay", "docks"),
        ("check", "phase:3"),
        ("check", ""),
        ("gate", "3"),
        ("gate", "phase:3"),
        ("gate", "quay"),
        ("gate", ""),
        ("facts", "quey"),
        ("explain", "quay/payd"),
        ("check", "--project", "nowhere"),
        ("lint", "no_pack"),
    ],
    ids=" ".join,
)
def test_a_namespace_that_does_not_exist(harbour: Harbour, args: tuple[str, ...]) -> None:
    result = harbour.run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert "\nhelp: " in result.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pack/pack.yaml", "from: invoices", "from: invoises", "did you mean 'invoices'?"),
        ("pack/pack.yaml", 'invoices.paid: ">=', 'invoices.payed: ">=', "did you mean 'invoices.paid'?"),
        ("pack/pack.yaml", "points: [quay]", "points: [quai]", "did you mean 'quay'?"),
        ("pack/pack.yaml", "status = 'paid'", "state = 'paid'", "did you mean status?"),
        ("phasegate.yaml", "pack: pack", "pack: packs", "neither a built-in one nor a folder"),
        ("phasegate.yaml", "  invoices: {", "  invoises: {", "did you mean 'invoices'?"),
    ],
)
def test_a_name_that_does_not_exist(harbour: Harbour, file: str, old: str, new: str, said: str) -> None:
    harbour.edit(file, old, new)
    result = harbour.run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize(
    "measure",
    [
        SHARE,
        "share: {of: status = 'paid', value: amount}\n    by: point",
        "ratio: {of: status <> 'lost'}",
        "ratio: {of: amount > 0, over: status = 'lost'}",
        "attainment: {actual: amount, expected: amount * 2}",
        "accuracy: {actual: amount, forecast: amount * 2}",
        "ratio: {of: status <> 'lost'}\n    by: currency",
        "where: status = 'lost'\n    ratio: {of: amount > 0}",
        "ratio: {of: status <> 'lost'}\n    when_empty: not_applicable",
    ],
)
@pytest.mark.parametrize("rows", ["", "F-1,2026-04-01,100.00,EUR,paid\n"], ids=["no rows", "later rows"])
def test_no_data_counted_as_100_percent(
    harbour: Harbour, decides: tuple[str, ...], measure: str, rows: str
) -> None:
    harbour.edit("pack/pack.yaml", SHARE, measure)
    if "by: point" in measure:
        harbour.edit(
            "pack/pack.yaml", "    currency: currency\n", "    currency: currency\n    point: status\n"
        )
    harbour.write("invoices.csv", HEADER + rows)
    result = harbour.run(*decides)
    assert result.exit_code == 3, result.output
    assert "UNDECIDED: " in result.stdout.splitlines()[-1]
    assert "no rows" in result.stdout


@pytest.mark.parametrize(
    "measure",
    [
        "ratio: {of: 'TRUE'}",
        "ratio: {of: 1 = 1}",
        "ratio: {of: ':as_of IS NOT NULL'}",
        "share: {of: 2 > 1, value: amount}",
        "ratio: {of: 'amount > 5 OR 1 = 1'}",
        "distinct: '7'",
        "mean: '100'",
        "median: amount - amount + 100",
        "quantile: {of: 'CASE WHEN TRUE THEN 100 ELSE amount END', at: 90 %}",
        "attainment: {actual: '3', expected: '2'}",
        "accuracy: {actual: '3', forecast: '3 * 1'}",
    ],
)
def test_no_data_behind_a_condition(harbour: Harbour, measure: str) -> None:
    harbour.edit("pack/pack.yaml", SHARE, measure)
    result = harbour.run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "this is a constant, whatever the data say" in result.stderr


@pytest.mark.parametrize(
    "measure",
    [
        "ratio: {of: amount > 5, over: (amount) > 5}",
        "share: {of: amount > 5, over: amount > 5, value: amount}",
        "ratio: {of: amount > 5}\n    where: amount > 5",
        "attainment: {actual: amount, expected: (amount)}",
        "accuracy: {actual: amount, forecast: amount + 0}",
        "attainment: {actual: amount, expected: {from: invoices, value: amount}}\n    grain: invoice",
    ],
)
def test_a_condition_that_rows_meet_to_count_at_all(harbour: Harbour, measure: str) -> None:
    harbour.edit("pack/pack.yaml", SHARE, measure)
    result = harbour.run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "whatever the data say" in result.stderr


def test_no_data_behind_a_derived_column(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", SHARE, "ratio: {of: settled}")
    harbour.edit(
        "pack/pack.yaml", "    key: [invoice]\n", "    key: [invoice]\n    derive: {settled: 1 = 1}\n"
    )
    result = harbour.run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "this is a constant, whatever the data say" in result.stderr


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS numerator, 1 AS denominator, 1 AS rows", "the query reads no source"),
        ("SELECT COUNT(*) AS numerator, 20 AS rows FROM invoices WHERE FALSE", "rows is a constant"),
        ("SELECT 100 AS numerator, COUNT(*) AS rows FROM invoices", "numerator is a constant"),
    ],
)
def test_no_data_behind_a_constant(harbour: Harbour, query: str, said: str) -> None:
    harbour.edit("pack/pack.yaml", SHARE, f'sql: "{query}"\n    unit: "%"')
    result = harbour.run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_no_data_because_the_source_is_not_named(harbour: Harbour, decides: tuple[str, ...]) -> None:
    harbour.edit("phasegate.yaml", "  invoices: {path: invoices.csv}\n", "")
    result = harbour.run(*decides)
    assert result.exit_code == 3
    assert "invoices: the project names no file for it" in result.stdout


def measure_a_change(harbour: Harbour) -> None:
    """Asks that the share of paid invoices did not fall."""
    how = "change: {of: invoices.paid, as: difference}"
    change = f'{SHARE}\n  invoices.rise:\n    title: Rise\n    unit: "%"\n    {how}'
    harbour.edit("pack/pack.yaml", SHARE, change)
    harbour.edit("pack/pack.yaml", 'invoices.paid: ">= 95 %"', 'invoices.rise: ">= 0 %"')


def test_no_baseline_in_the_pack(harbour: Harbour, decides: tuple[str, ...]) -> None:
    measure_a_change(harbour)
    result = harbour.run(*decides)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a change is held against the baseline, and the pack has none" in result.stderr


BASELINE = {
    "the project names no file": (None, "the baseline is absent"),
    "it has no figure": ("other,,0.5,2026-02-01,f-1,d-1\n", "the baseline has no figure for it"),
    "nobody approved it": ("invoices.paid,,0.5,2026-02-01,,d-1\n", "no Finance approver"),
    "one person approved it": ("invoices.paid,,0.5,2026-02-01,x-1,X-1\n", "the same person"),
    "it was fixed too late": ("invoices.paid,,0.5,2026-03-02,f-1,d-1\n", "after the cycle's start"),
}


FIGURES = """\
  baseline:
    title: one figure
    columns:
      measure: {type: string}
      slice: {type: string, nullable: true}
      value: {type: decimal, scale: 4}
      fixed_on: {type: date}
      finance_approver: {type: string, nullable: true}
      developer_approver: {type: string, nullable: true}
"""


def test_no_baseline_before_a_cycle_that_has_not_begun(harbour: Harbour, decides: tuple[str, ...]) -> None:
    measure_a_change(harbour)
    harbour.edit("pack/pack.yaml", "title: Harbour\n", "title: Harbour\nbaseline: {source: baseline}\n")
    harbour.edit("pack/pack.yaml", "measures:\n", f"{FIGURES}measures:\n")
    harbour.edit("phasegate.yaml", "sources:\n", "sources:\n  baseline: {path: baseline.csv}\n")
    head = "measure,slice,value,fixed_on,finance_approver,developer_approver\n"
    harbour.write("baseline.csv", f"{head}invoices.paid,,0.5,2026-03-01,f-1,d-1\n")
    assert harbour.run(*decides).exit_code == 0
    harbour.edit("phasegate.yaml", "start: 2026-03-01", "start: 2062-03-01")
    result = harbour.run(*decides)
    assert result.exit_code == 3, result.output
    assert "no cycle that has begun" in result.stdout


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize(("row", "said"), BASELINE.values(), ids=BASELINE)
def test_no_baseline(harbour: Harbour, decides: tuple[str, ...], row: str | None, said: str) -> None:
    measure_a_change(harbour)
    harbour.edit("pack/pack.yaml", "title: Harbour\n", "title: Harbour\nbaseline: {source: baseline}\n")
    harbour.edit("pack/pack.yaml", "measures:\n", f"{FIGURES}measures:\n")
    if row:
        harbour.edit("phasegate.yaml", "sources:\n", "sources:\n  baseline: {path: baseline.csv}\n")
        head = "measure,slice,value,fixed_on,finance_approver,developer_approver\n"
        harbour.write("baseline.csv", head + row)
    result = harbour.run(*decides)
    assert result.exit_code == 3, result.output
    assert said in " ".join(result.stdout.split())


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize(
    ("paid", "all_", "code"),
    [
        ("94.99", "100.00", 1),
        ("94.999", "100.000", 1),
        ("9499999999999999.99", "10000000000000000.00", 1),
        ("0.94999999999999999", "1.00000000000000000", 1),
        ("95.00", "100.00", 0),
        ("9500000000000000.00", "10000000000000000.00", 0),
        ("0.95000000000000001", "1.00000000000000000", 0),
        ("94.51", "99.50", 1),
        ("2.84", "2.99", 1),  # 0.9498...; as decimals of two digits it would be 0.95
    ],
)
def test_a_percentage_rounded_up_to_its_threshold(
    harbour: Harbour, decides: tuple[str, ...], paid: str, all_: str, code: int
) -> None:
    digits = len(paid.partition(".")[2])
    harbour.edit(
        "pack/pack.yaml", "amount: {type: decimal, scale: 2}", f"amount: {{type: decimal, scale: {digits}}}"
    )
    whole, part = int(all_.replace(".", "")), int(paid.replace(".", ""))
    rest = str(whole - part).zfill(digits + 1)
    rows = f"F-1,2026-03-01,{paid},EUR,paid\nF-2,2026-03-01,{rest[:-digits]}.{rest[-digits:]},EUR,open\n"
    harbour.write("invoices.csv", HEADER + rows)
    result = harbour.run(*decides)
    assert result.exit_code == code, result.output
    if code:
        assert "= 95 %, margin" not in result.stdout
        assert "to pass: 0 " not in result.stdout


def test_a_percentage_of_counts_rounded_up_to_its_threshold(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", SHARE, "ratio: {of: status = 'paid'}")
    rows = [f"F-{n},2026-03-01,1.00,EUR,{'paid' if n < 94_999 else 'open'}\n" for n in range(100_000)]
    harbour.write("invoices.csv", HEADER + "".join(rows))
    result = harbour.run("gate", "1")
    assert result.exit_code == 1
    assert "94,999 of 100,000 = 94.999 %" in result.stdout
    harbour.write("invoices.csv", HEADER + "".join(rows).replace("open", "paid", 1))
    assert harbour.run("gate", "1").exit_code == 0


ZEROS = {
    "at most 0": ("count: status = 'open'", '"<= 0"', 1),
    "equal to 0": ("count: status = 'open'", '"== 0"', 1),
    "below 0": ("count: status = 'lost'", '"< 0"', 1),
    "at least 0 is no limit, but it is met": ("count: status = 'open'", '">= 0"', 0),
    "above 0": ("count: status = 'lost'", '"> 0"', 1),
    "between 0 and 0": ("count: status = 'open'", '"between 0 and 0"', 1),
    "at most 0 %": ("ratio: {of: status = 'open'}", '"<= 0 %"', 1),
    "a parameter of 0": ("count: status = 'open'", '"<= :most"', 1),
    "a greatest age of 0": (f"{SHARE}\n    max_age: 0 days", '">= 95 %"', 3),
    "a valid range of 0": ('count: status = \'open\'\n    valid: ["0", "0"]', '">= 0"', 3),
}


@pytest.mark.parametrize(("measure", "bound", "code"), ZEROS.values(), ids=ZEROS)
def test_a_threshold_of_0_taken_for_not_set(harbour: Harbour, measure: str, bound: str, code: int) -> None:
    harbour.edit("pack/pack.yaml", SHARE, measure)
    harbour.edit("pack/pack.yaml", '">= 95 %"', bound)
    if ":most" in bound:
        harbour.edit("pack/pack.yaml", "points:\n", "parameters: {most: {value: 9, text: t}}\npoints:\n")
        harbour.edit("phasegate.yaml", "sources:\n", "parameters: {most: 0}\nsources:\n")
    result = harbour.run("gate", "1")
    assert result.exit_code == code, result.output


def test_a_cap_of_0_waivers_taken_for_not_set(harbour: Harbour) -> None:
    harbour.edit("invoices.csv", "F-19,2026-03-19,100.00,EUR,paid", "F-19,2026-03-19,100.00,EUR,open")
    harbour.waive()
    assert harbour.run("gate", "1").exit_code == 0
    harbour.edit("pack/pack.yaml", "points: [quay]}", "points: [quay], max_waivers: 0}")
    harbour.waive()
    result = harbour.run("gate", "1")
    assert result.exit_code == 1
    assert "it rests on 1 waiver and takes 0 at most" in result.stdout


def test_a_control_total_of_0_taken_for_not_set(harbour: Harbour) -> None:
    harbour.edit("phasegate.yaml", "{path: invoices.csv}", "{path: invoices.csv, control: {rows: 0}}")
    result = harbour.run("gate", "1")
    assert result.exit_code == 3
    assert "rows 20, where its control total says 0" in result.stdout


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize(
    "args",
    [
        ("check",),
        ("check", "quay"),
        ("check", "quay/paid"),
        ("check", "phase:1"),
        ("check", "programme"),
        ("gate", "1"),
        ("gate", "2"),
        ("gate", "programme"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    ("end", "code"),
    [("2026-04-01T00:00:00Z", 0), ("2026-03-31T23:59:59Z", 1), ("2026-03-31T00:00:00Z", 1)],
)
def test_an_expired_exception_still_honoured_by_one_of_two_code_paths(
    harbour: Harbour, args: tuple[str, ...], end: str, code: int
) -> None:
    harbour.edit("invoices.csv", "F-19,2026-03-19,100.00,EUR,paid", "F-19,2026-03-19,100.00,EUR,open")
    harbour.waive("2026-05-01T00:00:00Z", end)
    result = harbour.run(*args)
    assert result.exit_code == code, result.output
    assert ("W-1  expired for quay/paid/invoices.paid" in result.stdout) is (code == 1)
    later = harbour.run(*args, today=TODAY + dt.timedelta(days=1))
    assert later.exit_code == 1


@pytest.mark.parametrize(
    "args", [("check",), ("gate", "1"), ("gate", "2"), ("gate", "programme")], ids=" ".join
)
@pytest.mark.parametrize("how", ["dropped", "wrong", "doubled"])
def test_a_rule_that_raised_and_was_dropped(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], how: str
) -> None:
    make_rules = partition.make_rules

    def sabotaged(*given):
        rules = list(make_rules(*given))
        (rule,) = (rule for rule in rules if rule.name == "question 0 fails")
        others = [other for other in rules if other is not rule]
        wrong = replace(rule, outcome=Verdict.PASS)
        return (
            others + {"dropped": [], "wrong": [wrong], "doubled": [rule, replace(wrong, name="again")]}[how]
        )

    monkeypatch.setattr(partition, "make_rules", sabotaged)
    harbour.edit("invoices.csv", "F-19,2026-03-19,100.00,EUR,paid", "F-19,2026-03-19,100.00,EUR,open")
    result = harbour.run(*args)
    assert result.exit_code == 3, result.output
    assert "do not agree" in result.stdout or "disagree" in result.stdout


def test_a_rule_that_raises_is_no_verdict(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object) -> None:
        raise RuntimeError("the rule broke")

    monkeypatch.setattr(rule_base.RuleBase, "decide", raises)
    result = harbour.run("gate", "1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "unexpected RuntimeError: the rule broke" in result.stderr


def test_a_measure_that_raised_and_was_dropped(harbour: Harbour) -> None:
    harbour.write(
        "invoices.csv",
        HEADER + f"F-1,2026-03-01,{'9' * 36}.00,EUR,paid\n" * 1 + f"F-2,2026-03-01,{'9' * 36}.00,EUR,paid\n",
    )
    result = harbour.run("gate", "1")
    assert result.exit_code == 3, result.output
    assert "it can not be computed: overflow" in result.stdout


UNSIGNED = {
    "a file that is missing": (None, "", "there is no file 'waivers.yaml'"),
    "nobody approved it": ("    approver: f-9\n", "", "needs 'approver'"),
    "an empty approver": ("approver: f-9", "approver: ''", "'approver' is empty"),
    "a blank approver": ("approver: f-9", "approver: '  '", "'approver' is empty"),
    "a null approver": ("approver: f-9", "approver: ~", "expected text, found nothing"),
    "its own approver": ("approver: f-9", "approver: D-7", "both asks for the waiver and grants it"),
    "no digest of the rules": ("pack_digest: sha256:", "pack_digest: md5:", "write sha256:"),
}


@pytest.mark.parametrize(("old", "new", "said"), UNSIGNED.values(), ids=UNSIGNED)
def test_a_missing_signature(
    harbour: Harbour, decides: tuple[str, ...], old: str | None, new: str, said: str
) -> None:
    harbour.waive(old or "", new)
    if old is None:
        (harbour.root / "waivers.yaml").unlink()
    result = harbour.run(*decides)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert said in result.stderr


def test_a_waiver_for_other_rules(harbour: Harbour) -> None:
    harbour.edit("invoices.csv", "F-19,2026-03-19,100.00,EUR,paid", "F-19,2026-03-19,100.00,EUR,open")
    harbour.waive()
    harbour.edit("pack/pack.yaml", '">= 95 %"', '">= 94 %"')
    result = harbour.run("gate", "1")
    assert result.exit_code == 1
    assert "W-1  other pack" in result.stdout.replace("_", " ")


@pytest.mark.parametrize(("rows", "code"), [(1, 3), (24, 3), (25, 0)])
def test_small_samples(harbour: Harbour, decides: tuple[str, ...], rows: int, code: int) -> None:
    harbour.edit("pack/pack.yaml", SHARE, f"{SHARE}\n    min_rows: 25")
    paid = [f"F-{n},2026-03-01,100.00,EUR,paid\n" for n in range(rows)]
    harbour.write("invoices.csv", HEADER + "".join(paid))
    result = harbour.run(*decides)
    assert result.exit_code == code, result.output
    if code:
        assert "fewer than the 25 that it takes" in result.stdout
