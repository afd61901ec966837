"""Codes of findings about measures and their expressions."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

MEASURES: dict[str, Code] = {
    "measure-kind": Code(
        "A measure has exactly one kind.",
        ("count: paid\nratio: {of: paid}"),
        "ratio: {of: paid}",
    ),
    "unknown-measure": Code(
        "There is no such measure, or it has no such field.",
        'orders.payd: ">= 95 %"',
        'orders.paid: ">= 95 %"',
    ),
    "unknown-parameter": Code(
        "There is no such parameter.",
        'paid: ">= :tolerence"',
        'paid: ">= :tolerance"',
    ),
    "bad-sql": Code(
        (
            "An expression names what there is not, compares what can not be compared, or says what no "
            "rule may say; the message tells which."
        ),
        "ratio: {of: stauts = 'paid'}",
        "ratio: {of: status = 'paid'}",
    ),
    "condition-never": Code(
        (
            "The condition holds in no row that the contract and the population let in: a ratio is 0 % "
            "and a count 0 whatever the data say, which passes a bound from above. Most often 'where' "
            "or 'over' excludes what 'of' asks for."
        ),
        ("where: status = 'open'\nratio: {of: status = 'paid'}"),
        ("where: status IN ('open', 'paid')\nratio: {of: status = 'paid'}"),
    ),
    "condition-always": Code(
        (
            "The condition holds in every row that the contract and the population let in: a ratio is "
            "100 % whatever the data say. Most often 'of' and 'over' stand in each other's place, or "
            "'where' asks for what should be measured."
        ),
        "ratio: {of: status = 'approved', over: status = 'approved' AND signed}",
        "ratio: {of: status = 'approved' AND signed, over: status = 'approved'}",
    ),
    "idle-part": Code(
        (
            "A part of a condition changes nothing: beside AND it always holds, beside OR it never "
            "does. Something else was meant, or it can go."
        ),
        ("where: kind = 'sale'\nratio: {of: kind = 'return' OR paid}"),
        ("where: kind = 'sale'\nratio: {of: paid}"),
    ),
    "null-undecided": Code(
        (
            "A column that may be empty decides where a missing value is easily overlooked: it says "
            "which rows belong, it is negated, or the value is held from above. A row without it is "
            "undetermined, and the fact may be unknown; what a missing value means is for the author "
            "to say."
        ),
        "where: approver <> author",
        "where: (approver <> author) IS TRUE",
    ),
    "distinct-of-unique": Code(
        "What is another in each row is counted, which counts rows.",
        "distinct: id",
        "distinct: customer",
    ),
    "no-grain": Code(
        "Amounts of two sources are matched item by item, and nobody says what an item is.",
        "attainment: {actual: amount, expected: {from: plans, value: planned}}",
        ("grain: cost_centre\nattainment: {actual: amount, expected: {from: plans, value: planned}}"),
    ),
    "no-baseline": Code(
        "A change is held against a baseline, and the pack has none.",
        "measures: {less: {title: Less, change: {of: late, as: fall}}}",
        ("measures: {less: {title: Less, change: {of: late, as: fall}}}\nbaseline: {source: baseline}"),
    ),
    "change-of-no-figure": Code(
        "Only what is a number changes.",
        "less: {title: Less, change: {of: signed, as: rise}}",
        "less: {title: Less, change: {of: paid, as: rise}}",
    ),
    "by-mismatch": Code(
        "A change has the slices of what changes.",
        "less: {title: Less, by: point, change: {of: late, as: fall}}",
        "less: {title: Less, change: {of: late, as: fall}}",
    ),
    "unit-mismatch": Code(
        "Two figures in different units are held against each other.",
        'days: "<= 95 %"',
        'days: "<= 31 days"',
    ),
    "unknown-unit": Code(
        "No measure is counted in this unit.",
        'days: "<= 20 dyas"',
        'days: "<= 20 days"',
    ),
    "bad-unit": Code(
        "This is no unit.",
        "unit: percent",
        'unit: "%"',
    ),
    "bad-quantity": Code(
        "This is no number with a unit.",
        "max_age: a month",
        "max_age: 31 days",
    ),
    "small-percentage": Code(
        (
            "A percentage is a hundredth or less where percentages are usually large: the part of one "
            "was written as a percentage."
        ),
        'paid: ">= 0.95 %"',
        'paid: ">= 95 %"',
    ),
    "easy-quantile": Code(
        (
            "A low quantile is held from above, or a high one from below: most rows may lie beyond the "
            "bound, and it still passes."
        ),
        "days: {unit: days, quantile: {of: days, at: 10 %}}  # where days: <= 5 days is asked",
        "days: {unit: days, quantile: {of: days, at: 90 %}}",
    ),
    "ambiguous-fact": Code(
        "A measure is called like a field of another one.",
        (
            'review: {title: R, from: orders, latest: {passed: "signed"}}\n'
            'review.passed: {title: R, from: orders, exists: "signed"}'
        ),
        (
            'review: {title: R, from: orders, latest: {passed: "signed"}}\n'
            'reviewed: {title: R, from: orders, exists: "signed"}'
        ),
    ),
    "unused-measure": Code(
        "No requirement asks for the measure; one may have been forgotten.",
        'paid: ">= 95 %"',
        ('paid: ">= 95 %"\nlate: "<= 5 %"  # of the measures paid and late'),
    ),
    "unused-source": Code(
        "No measure reads the source.",
        "plans: {title: a plan, columns: {planned: {type: decimal}}}",
        "orders: {title: an order, columns: {paid: {type: boolean}}}",
    ),
    "unused-parameter": Code(
        "Nothing names the parameter: changing it changes nothing.",
        ('paid: ">= 95 %"  # beside parameters: {tolerance: {value: 95 %, text: so many}}'),
        'paid: ">= :tolerance"',
    ),
}
