"""Codes of findings about contracts: columns, currencies, exchange rates, slices."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

CONTRACTS: dict[str, Code] = {
    "no-columns": Code(
        "A contract without columns holds nothing.",
        "orders: {title: Orders}",
        "orders: {title: Orders, columns: {paid: {type: boolean}}}",
    ),
    "unknown-source": Code(
        "There is no such source.",
        "from: oders",
        "from: orders",
    ),
    "unknown-column": Code(
        "The source has no such column.",
        "event: orderd_on",
        "event: ordered_on",
    ),
    "wrong-column-type": Code(
        "The column is of another type than its use takes.",
        "event: status",
        "event: ordered_on",
    ),
    "never-empty": Code(
        (
            "A row that does not say when it happened, was recorded, ended or was brought up to date counts "
            "on no day, and a rate without a part converts nothing: such a row breaks the contract, "
            "whatever the column says of itself. Whoever wrote that it may be missing expects it to count."
        ),
        "event: ordered_on\ncolumns: {ordered_on: {type: date, nullable: true}}",
        "event: ordered_on\ncolumns: {ordered_on: {type: date}}",
    ),
    "derived-column": Code(
        "What is derived can not be used before it is derived.",
        "convert: {to: USD, rates: fx, columns: [net]}",
        "convert: {to: USD, rates: fx, columns: [amount]}",
    ),
    "useless-clause": Code(
        "A clause that does nothing here; whoever wrote it expects something of it.",
        ("grain: team\nratio: {of: paid}"),
        "ratio: {of: paid}",
    ),
    "no-currency-column": Code(
        "Amounts are added up, and nobody says in which currency they are.",
        "measures: {amount: {title: Amount, from: orders, unit: USD, sum: amount}}",
        (
            "sources: {orders: {currency: currency}}\n"
            "measures: {amount: {title: Amount, from: orders, unit: USD, sum: amount}}"
        ),
    ),
    "no-rates": Code(
        "Amounts are converted by a table that does not say which of its columns are the rates.",
        "convert: {to: USD, rates: fx}",
        "fx: {rates: {date: day, currency: code, rate: rate, to: USD}}",
    ),
    "no-amounts": Code(
        "The file decides which columns are decimals; what is converted must be named.",
        ("infer: true\nconvert: {to: USD, rates: fx}"),
        "convert: {to: USD, rates: fx, columns: [amount]}",
    ),
    "convert-and-rates": Code(
        "A table is converted, or holds the rates.",
        (
            "event: day\ncurrency: code\nconvert: {to: USD, rates: fx}\n"
            "rates: {date: day, currency: code, rate: rate, to: USD}"
        ),
        "rates: {date: day, currency: code, rate: rate, to: USD}",
    ),
    "too-many-digits": Code(
        "Amount and rate together have more digits than are kept exactly.",
        "amount: {type: decimal, scale: 18}",
        "amount: {type: decimal, scale: 2}",
    ),
    "no-point-column": Code(
        "A measure by point reads a source that names no point.",
        "measures: {paid: {by: point}}",
        "sources: {orders: {point: point_id}}\nmeasures: {paid: {by: point}}",
    ),
    "no-event-column": Code(
        "Nobody says when a row happened, so that none is the newest and none too old.",
        "measures: {paid: {max_age: 31 days}}",
        "sources: {orders: {event: ordered_on}}\nmeasures: {paid: {max_age: 31 days}}",
    ),
    "no-age-limit": Code(
        (
            "The source says when its rows happened, and the measure takes them however old they are: "
            "evidence of years ago would still pass."
        ),
        ("from: orders\nratio: {of: paid}"),
        ("from: orders\nmax_age: 92 days\nratio: {of: paid}"),
    ),
    "no-expected-values": Code(
        (
            "The slices are whatever values the data bring: one whose rows are all missing is not "
            "noticed, and the rest pass. With a list of expected values each of them has a slice, "
            "without rows an unknown one, and any other is an error."
        ),
        "by: team",
        "by: {column: team, of: teams}",
    ),
    "personal-told": Code(
        "What is personal would stand in every report.",
        "by: customer",
        "by: region",
    ),
}
