"""The codes of what is wrong with cases; lint does not read them, 'phasegate test' does."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

CASES: dict[str, Code] = {
    "can-not-be": Code(
        "A case expects what never follows, whatever its rows are, so that it could not pass.",
        "expect: {measures: {paid: {found: 21 of 20}}}",
        "expect: {measures: {paid: {found: 18 of 20}}}",
    ),
    "no-expectation": Code(
        "A case that expects nothing would pass whatever is decided.",
        "expect: {measures: {paid: {}}}",
        "expect: {measures: {paid: {status: unknown}}}",
    ),
    "bad-row": Code(
        "A row gives one text, number or truth value a column, or stands for so many rows.",
        "given: {orders: [{repeat: many, row: {paid: true}}]}",
        "given: {orders: [{repeat: 18, row: {paid: true}}]}",
    ),
    "unknown-requirement": Code(
        "A case names a requirement that the pack does not have.",
        "expect: {requirements: {1.1.1/paid/late: pass}}",
        "expect: {requirements: {1.1.1/paid/paid: pass}}",
    ),
    "unknown-slice": Code(
        "A case names a slice that the measure can not have, or none of one that is by point.",
        "expect: {measures: {by_point: {found: 3 of 4}}}",
        'expect: {measures: {"by_point[1.1.1]": {found: 3 of 4}}}',
    ),
    "unknown-target": Code(
        "A case names a target that the pack does not have.",
        "expect: {targets: {1/succes: pass}}",
        "expect: {targets: {1/success: pass}}",
    ),
    "unknown-gate": Code(
        "A case names a gate that the pack does not have: there is one for each phase and the programme.",
        'expect: {gates: {"5": open}}',
        'expect: {gates: {"2": open}}',
    ),
    "rules-in-tests": Code(
        "The folder tests/ of a pack holds cases: rules in it would hold for nobody, unnoticed.",
        "tests/points.yaml, which begins with 'points:'",
        "points.yaml, beside the folder tests/",
    ),
}
