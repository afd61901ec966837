"""Plausible mistakes of an author, each one edit of a pack that has none, and who finds it."""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """One mistake.

    Attributes:
        what: what went wrong, in the words of the documents.
        old, new: the edit; what is replaced stands in the pack once.
        found: the code of the finding that tells it; empty where lint is silent.
        case: the case of the pack that finds it, where lint is silent.
        why: why nothing can be told of it, where lint is silent.
    """

    what: str
    old: str
    new: str
    found: str = ""
    case: str = ""
    why: str = ""


MISTAKES = (
    # Bounds
    Mistake(
        "a comparison the wrong way round",
        'orders.approved: ">= 95 %"',
        'orders.approved: "<= 95 %"',
        "against-better",
    ),
    Mistake(
        "the same of what should be low",
        'orders.cancelled: "<= 5 %"',
        'orders.cancelled: ">= 5 %"',
        "against-better",
    ),
    Mistake(
        "a rise where a fall was meant",
        "as: fall",
        "as: rise",
        "against-better",
    ),
    Mistake(
        "0.95 % for 95 %",
        'orders.four_eyes: ">= 95 %"',
        'orders.four_eyes: ">= 0.95 %"',
        "small-percentage",
    ),
    Mistake(
        "0.95 for 95 %",
        'orders.four_eyes: ">= 95 %"',
        'orders.four_eyes: ">= 0.95"',
        "unit-mismatch",
    ),
    Mistake(
        "9.5 % for 95 %",
        'orders.four_eyes: ">= 95 %"',
        'orders.four_eyes: ">= 9.5 %"',
        case="one order of ten that its author approved is too many",
        why="a figure that is too low is a figure",
    ),
    Mistake(
        "a bound without its unit",
        'spend.total: ">= 500 USD"',
        'spend.total: ">= 500"',
        "unit-mismatch",
    ),
    Mistake(
        "a bound in another currency",
        'spend.total: ">= 500 USD"',
        'spend.total: ">= 500 EUR"',
        "unit-mismatch",
    ),
    Mistake(
        "a bound that is always met",
        'orders.by_team: ">= 90 %"',
        'orders.by_team: ">= 0 %"',
        "always-true",
    ),
    Mistake(
        "a bound that is never met",
        'orders.by_team: ">= 90 %"',
        'orders.by_team: "> 100 %"',
        "never-true",
    ),
    Mistake(
        "two bounds that exclude each other",
        "orders.large: between 1 and 100",
        'orders.large: [">= 100", "<= 1"]',
        "contradictory-bounds",
    ),
    Mistake(
        "false for true",
        "review.passed: true",
        "review.passed: false",
        case="a review that nothing passed is none",
        why="whether a yes or a no is the good answer stands in no rule",
    ),
    Mistake(
        "the level of a quantile as a part of one",
        "at: 90 %",
        "at: 0.9 %",
        "small-percentage",
    ),
    Mistake(
        "the quantile of the other end",
        "at: 90 %",
        "at: 10 %",
        "easy-quantile",
    ),
    Mistake(
        "a figure written out beside its parameter",
        '"<= :close_days"',
        '"<= 50 days"',
        "unused-parameter",
    ),
    # Requirements, points and phases
    Mistake(
        "a criterion copied and not changed",
        'orders.cancelled: "<= 5 %"',
        ('orders.approved: ">= 95 %"\n          orders.four_eyes: ">= 95 %"'),
        "same-requirement",
    ),
    Mistake(
        "a requirement forgotten",
        '          review.sample: ">= 25"\n',
        "",
        case="a review of 24 orders is too small",
        why="a field that nobody asks for is shown, as others are",
    ),
    Mistake(
        "the measure of another requirement",
        'spend.teams: ">= 2"',
        'orders.large: ">= 2"',
        "unused-measure",
    ),
    Mistake(
        "one of two where both are meant",
        ('orders.approved: ">= 95 %"\n          orders.four_eyes: ">= 95 %"'),
        'any_of: [{orders.approved: ">= 95 %"}, {orders.four_eyes: ">= 95 %"}]',
        case="orders approved in time, and all by their authors",
        why="a choice between two facts is what any_of is for",
    ),
    Mistake(
        "an alternative weaker than the other",
        'orders.fewer_returns: ">= 50 %"',
        'orders.returned: "<= 50 %"',
        "idle-alternative",
    ),
    Mistake(
        "a choice of one",
        '            - orders.fewer_returns: ">= 50 %"\n',
        "",
        "single-alternative",
    ),
    Mistake(
        "a criterion that may be waived",
        "text: Few orders are cancelled\n",
        ("text: Few orders are cancelled\n        enforcement: soft\n"),
        case="nobody waives cancelled orders",
        why=("what may be waived is the author's to say; `phasegate trace` and two signatures see it change"),
    ),
    Mistake(
        "a success target that does not count",
        'measure: orders.in_time, bound: ">= 95 %"',
        'measure: orders.in_time, bound: ">= 95 %", enforcement: advisory',
        "soft-target",
    ),
    Mistake(
        "the wrong area",
        ('title: Plans\n    area: "2"'),
        ('title: Plans\n    area: "1"'),
        "unknown-section",
    ),
    Mistake(
        "a point in no phase",
        "points: [1.2.1, 2.1.1]",
        "points: [1.2.1]",
        "point-in-no-phase",
    ),
    Mistake(
        "a point in two phases",
        "points: [1.1.1]",
        "points: [1.1.1, 1.2.1]",
        "point-scheduled-twice",
    ),
    # Conditions
    Mistake(
        "a misspelt value",
        "of: status = 'cancelled'",
        "of: status = 'canceled'",
        "bad-sql",
    ),
    Mistake(
        "a misspelt value of a derived column",
        "size = 'large'",
        "size = 'Large'",
        "bad-sql",
    ),
    Mistake(
        "numerator and denominator swapped",
        (
            "of: status = 'approved' AND (approved_on <= delivered_on) IS TRUE\n"
            "      over: NOT (status = 'cancelled')"
        ),
        (
            "of: NOT (status = 'cancelled')\n"
            "      over: status = 'approved' AND (approved_on <= delivered_on) IS TRUE"
        ),
        "condition-always",
    ),
    Mistake(
        "a population that asks for what is measured",
        "where: kind = 'sale' AND ordered_on",
        "where: kind = 'sale' AND delivered_on <= promised_on AND ordered_on",
        "condition-always",
    ),
    Mistake(
        "a population that excludes what is measured",
        "over: NOT (status = 'cancelled')",
        "over: status = 'draft'",
        "condition-never",
    ),
    Mistake(
        "a negation lost",
        "over: NOT (status = 'cancelled')",
        "over: status = 'cancelled'",
        "condition-never",
    ),
    Mistake(
        "a population too narrow",
        "over: NOT (status = 'cancelled')",
        "over: status = 'approved'",
        case="a draft is not approved",
        why="which rows belong is what the rule says",
    ),
    Mistake(
        "OR for AND",
        "of: status = 'approved' AND (",
        "of: status = 'approved' OR (",
        case="approved the day after it was delivered",
        why="both are conditions that rows meet and miss",
    ),
    Mistake(
        "IS NULL for IS NOT NULL",
        "of: status = 'approved' AND (approved_on <= delivered_on) IS TRUE",
        "of: approved_on IS NULL AND approved_on <= delivered_on",
        "condition-never",
    ),
    Mistake(
        "a missing value that nobody thought of",
        "of: (author <> approver) IS TRUE",
        "of: author <> approver",
        "null-undecided",
    ),
    Mistake(
        "a day of the event that may be missing",
        "      ordered_on: {type: date}\n",
        "      ordered_on: {type: date, nullable: true}\n",
        "never-empty",
    ),
    Mistake(
        "a column compared with itself",
        "of: (author <> approver) IS TRUE",
        "of: (author <> author) IS TRUE",
        "bad-sql",
    ),
    Mistake(
        "a condition that the contract makes always true",
        "where: kind = 'sale'\n",
        "where: amount > 0\n",
        "condition-always",
    ),
    Mistake(
        "a value that the population leaves out",
        "AND status IN ('draft', 'approved')",
        "AND kind IN ('sale', 'return')",
        "idle-part",
    ),
    Mistake(
        "days that have not come yet",
        "of: kind = 'return'",
        "of: ordered_on > :as_of",
        "condition-never",
    ),
    Mistake(
        "the wrong date",
        "of: delivered_on <= promised_on AND",
        "of: ordered_on <= promised_on AND",
        case="ordered before the day that was promised, and delivered after it",
        why="one date is as good as another, unless the contract says how they stand to each other",
    ),
    Mistake(
        "a period off by one",
        "ordered_on >= :month_start",
        "ordered_on > :month_start",
        case="the first day of the month counts",
        why="a day less is a period too",
    ),
    # Measures and contracts
    Mistake(
        "no age limit",
        ("from: reviews\n    max_age: 92 days"),
        "from: reviews",
        "no-age-limit",
    ),
    Mistake(
        "an age limit ten times too long",
        "max_age: 92 days",
        "max_age: 920 days",
        case="a review of a quarter ago and a day",
        why="how long evidence holds is the author's to say",
    ),
    Mistake(
        "too few rows to judge",
        ("min_rows: 10\n    better: higher\n    ratio:\n"),
        ("better: higher\n    ratio:\n"),
        case="nine orders say nothing",
        why="how many rows are enough is the author's to say",
    ),
    Mistake(
        "slices that nobody expects",
        "by: {column: team, of: teams}",
        "by: team",
        "no-expected-values",
    ),
    Mistake(
        "rows counted for things",
        "distinct: team",
        "distinct: id",
        "distinct-of-unique",
    ),
    Mistake(
        "the amounts of two sources without a grain",
        "    grain: team\n",
        "",
        "no-grain",
    ),
    Mistake(
        "the actual held against itself",
        "forecast: {from: plans, value: planned}, over: forecast",
        "forecast: amount",
        "bad-sql",
    ),
    Mistake(
        "a currency that nobody says",
        ("    event: ordered_on\n    currency: USD\n"),
        "    event: ordered_on\n",
        "no-currency-column",
    ),
    Mistake(
        "a range that ends below the bound",
        ("better: lower\n    valid: [0 %, 100 %]"),
        ("better: lower\n    valid: [10 %, 100 %]"),
        "never-true",
    ),
    Mistake(
        "nothing to judge for a good answer",
        ("better: lower\n    ratio: {of: kind"),
        ("better: lower\n    when_empty: not_applicable\n    ratio: {of: kind"),
        case="without orders nobody knows how many come back",
        why=(
            "no rows are a good answer to some questions; it holds only where control totals show that "
            "none is missing"
        ),
    ),
)


def told_table() -> str:
    """What `docs/mistakes.md` says of those that are told."""
    rows = [
        f"| {each.what} | [{each.found}](reference/findings.md#{each.found}) |"
        for each in MISTAKES
        if each.found
    ]
    return "\n".join(("| mistake | found as |", "|---|---|", *rows))


def silent_table() -> str:
    """What it says of the others."""
    rows = [f"| {each.what} | {each.why} | {each.case} |" for each in MISTAKES if not each.found]
    return "\n".join(("| mistake | why lint says nothing | the case that finds it |", "|---|---|---|", *rows))
