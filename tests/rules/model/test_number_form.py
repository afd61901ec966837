"""What a source says of its numbers may not contradict itself; lint says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.loading.project import load_project

PROJECT = """phasegate: 1
sources:
  t:
    path: t.csv
    {option}
measures: {{n: {{title: Rows, from: t, count: x > 0}}}}
require: {{n: ">= 1"}}
"""


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ('thousands: "."', "'.' is the sign between thousands and the decimal sign too"),
        ('{thousands: ",", decimal_comma: true}', "',' is the sign between thousands and the decimal sign"),
        ('thousands: "0"', "'0' can not stand between thousands"),
        ('thousands: "-"', "'-' can not stand between thousands"),
        ('thousands: ",,"', "1 character"),
        ('thousands: ""', "thousands"),
        ('currency_sign: "$ "', "'$ ' is no sign of a currency"),
        ('currency_sign: "5"', "'5' is no sign of a currency"),
        ('currency_sign: "%"', "'%' is no sign of a currency"),
        ('currency_sign: "-"', "'-' is no sign of a currency"),
        ('currency_sign: "\u2212"', "it says whether an amount is below zero"),
        ('currency_sign: "\u2013"', "it says whether an amount is below zero"),
        ('currency_sign: "-$"', "it says whether an amount is below zero"),
        ('currency_sign: "($"', "it says whether an amount is below zero"),
        ('currency_sign: "\u2030"', "it says by what an amount is multiplied"),
        ("currency_sign: k", "it says by what an amount is multiplied"),
        ("currency_sign: M€", "it says by what an amount is multiplied"),
        ("currency_sign: TEUR", "it says by what an amount is multiplied"),
        ("currency_sign: Mio.", "it says by what an amount is multiplied"),
        ("{true_values: [ja, NO], false_values: [no]}", "'no' is both true and false"),
        ('false_values: ["1"]', "'1' is both true and false"),
        ('{null_values: ["-", ""], false_values: ["-"]}', "'-' is a missing value too"),
        ("true_values: []", "true_values"),
        ('separator: ";;"', "1 character"),
        ('separator: ""', "separator"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(tmp_path: Path, option: str, said: str) -> None:
    lines = option.strip("{}").replace(", decimal", "\n    decimal").replace(", false_v", "\n    false_v")
    (tmp_path / "phasegate.yaml").write_text(PROJECT.format(option=lines))
    with pytest.raises(PackError) as refused:
        load_project(tmp_path / "phasegate.yaml")
    told = str(refused.value)
    assert said in told
    assert any(f"phasegate.yaml:{line}:" in told for line in (5, 6))


@pytest.mark.parametrize(
    "option",
    [
        'thousands: ","', '{thousands: ".", decimal_comma: true}', 'thousands: " "', 'thousands: "\u00a0"',
        'thousands: "\'"', "currency_sign: $", "currency_sign: EUR", "currency_sign: kr.",
        "currency_sign: KM", "currency_sign: US$", "currency_sign: MKD", "percent: true", "accounting: true",
        "{true_values: [ja], false_values: [nein]}", "trim: true",
    ],
)  # fmt: skip
def test_what_fits_together_is_taken(tmp_path: Path, option: str) -> None:
    lines = option.strip("{}").replace(", decimal", "\n    decimal").replace(", false_v", "\n    false_v")
    (tmp_path / "phasegate.yaml").write_text(PROJECT.format(option=lines))
    assert load_project(tmp_path / "phasegate.yaml").project.sources["t"]
