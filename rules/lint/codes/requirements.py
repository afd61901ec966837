"""Codes of findings about requirements, points, phases and targets."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

REQUIREMENTS: dict[str, Code] = {
    "no-requirement": Code(
        "Nothing is required, which would always pass.",
        "require: {}",
        'require: {paid: ">= 95 %"}',
    ),
    "bad-require": Code(
        "Measures are required with their bounds; 'any_of' takes mappings.",
        "require: [paid]",
        'require: {paid: ">= 95 %"}',
    ),
    "bad-bound": Code(
        "This is no bound.",
        "paid: 95 %",
        'paid: ">= 95 %"',
    ),
    "type-mismatch": Code(
        "A bound takes another kind of value than the fact has.",
        "paid: true  # a ratio",
        'paid: ">= 95 %"',
    ),
    "inexact-equality": Code(
        "A figure that is divided equals another only by chance.",
        'paid: "== 95 %"',
        'paid: ">= 95 %"',
    ),
    "always-true": Code(
        "Every value that the fact can have meets the bound, so that nothing is required.",
        'paid: ">= 0 %"',
        'paid: ">= 95 %"',
    ),
    "never-true": Code(
        "No value that the fact can have meets the bound.",
        'paid: "> 100 %"',
        'paid: ">= 95 %"',
    ),
    "contradictory-bounds": Code(
        "Bounds that must all hold exclude each other.",
        'paid: [">= 95 %", "<= 5 %"]',
        'paid: ">= 95 %"',
    ),
    "against-better": Code(
        (
            "The bound asks for the values that the measure says are the bad ones: a comparison is the "
            "wrong way round, and the gate passes on bad values alone."
        ),
        'late: ">= 5 %"  # of a measure with better: lower',
        'late: "<= 5 %"',
    ),
    "bounds-disagree": Code(
        (
            "One place holds a fact from below and another one from above; one comparison is probably "
            "the wrong way round."
        ),
        'paid: "<= 95 %"  # where another point has paid: ">= 95 %"',
        'paid: ">= 95 %"',
    ),
    "same-requirement": Code(
        "Two criteria of a point require the same, word for word: one was copied and not changed.",
        (
            'criteria:\n- {id: paid, text: Paid, require: {paid: ">= 95 %"}}\n'
            '- {id: signed, text: Signed, require: {paid: ">= 95 %"}}'
        ),
        (
            'criteria:\n- {id: paid, text: Paid, require: {paid: ">= 95 %"}}\n'
            "- {id: signed, text: Signed, require: {signed: true}}"
        ),
    ),
    "single-alternative": Code(
        "A choice has one way to pass.",
        'any_of: [{paid: ">= 95 %"}]',
        'paid: ">= 95 %"',
    ),
    "idle-alternative": Code(
        "Whatever meets one alternative meets another, weaker one too, which alone decides.",
        'any_of: [{paid: ">= 95 %"}, {paid: ">= 90 %"}]',
        'paid: ">= 90 %"',
    ),
    "by-point-outside-point": Code(
        "A target belongs to no point, and the fact is measured by point.",
        'success: {name: Paid, measure: by_point, bound: ">= 95 %"}',
        'success: {name: Paid, measure: paid, bound: ">= 95 %"}',
    ),
    "self-reference": Code(
        "A target's bound names the target itself.",
        'success: {name: Paid, measure: paid, bound: ">= success"}',
        'success: {name: Paid, measure: paid, bound: ">= 95 %"}',
    ),
    "no-target": Code(
        "A bound names a target that the area does not have.",
        'paid: ">= kpi"  # of an area without one',
        'paid: ">= success"',
    ),
    "no-success-target": Code(
        "An area has points in a phase and no success target that its gate could ask for.",
        'areas: {"1": {title: Area}}',
        'areas: {"1": {title: Area, success: {name: Paid, measure: paid, bound: ">= 95 %"}}}',
    ),
    "soft-target": Code(
        "A success target may be waived, or does not count: the gate opens without success.",
        'success: {name: Paid, measure: paid, bound: ">= 95 %", enforcement: advisory}',
        'success: {name: Paid, measure: paid, bound: ">= 95 %", enforcement: hard}',
    ),
    "nothing-counts": Code(
        "Every criterion of a point is advisory, so that the point can never pass.",
        'criteria: [{id: paid, text: Paid, require: {paid: ">= 95 %"}, enforcement: advisory}]',
        'criteria: [{id: paid, text: Paid, require: {paid: ">= 95 %"}, enforcement: soft}]',
    ),
    "no-area": Code(
        "A point is in no area, so that no success target goes with it.",
        'title: Point\ncriteria: [{id: paid, text: Paid, require: {paid: ">= 95 %"}}]',
        'title: Point\narea: "1"\ncriteria: [{id: paid, text: Paid, require: {paid: ">= 95 %"}}]',
    ),
    "unknown-area": Code(
        "There is no such area.",
        'area: "7"',
        'area: "1"',
    ),
    "unknown-section": Code(
        "The area has no such section.",
        ('area: "1"\nsection: "2.1"'),
        ('area: "1"\nsection: "1.1"'),
    ),
    "unused-area": Code(
        "An area has no point; one may be in the wrong area.",
        'areas: {"1": {title: Area}, "2": {title: Nobody speaks of it}}',
        'areas: {"1": {title: Area}}',
    ),
    "point-in-no-phase": Code(
        (
            "No phase schedules the point, so that no phase's gate asks for it; it was forgotten, or "
            "the programme's own gate alone is meant to ask."
        ),
        'phases: {"1": {points: [1.1.1]}}',
        'phases: {"1": {points: [1.1.1, 1.1.2]}}',
    ),
    "point-scheduled-twice": Code(
        "A point belongs to one phase.",
        'phases: {"1": {points: [1.1.1]}, "2": {points: [1.1.1]}}',
        'phases: {"1": {points: [1.1.1]}, "2": {points: [1.1.2]}}',
    ),
    "unknown-point": Code(
        "There is no such point.",
        "points: [1.1.11]",
        "points: [1.1.1]",
    ),
    "unknown-phase": Code(
        "There is no such phase.",
        'after: ["0"]',
        'after: ["1"]',
    ),
    "phases-out-of-order": Code(
        "A phase does not say what it comes after, and so waits for the one that stands before it, which "
        "begins later.",
        (
            '"2": {title: Second, weeks: [5, 8], points: [1.1.2]}\n'
            '"1": {title: First, weeks: [1, 4], points: [1.1.1]}'
        ),
        (
            '"1": {title: First, weeks: [1, 4], points: [1.1.1]}\n'
            '"2": {title: Second, weeks: [5, 8], points: [1.1.2]}'
        ),
    ),
    "cyclic-phases": Code(
        "Phases wait for each other, so that none of their gates could open.",
        ('"1": {after: ["2"]}\n"2": {after: ["1"]}'),
        '"2": {after: ["1"]}',
    ),
    "bad-weeks": Code(
        "The weeks of a phase are no period of the cycle.",
        "weeks: [6, 4]",
        "weeks: [4, 6]",
    ),
    "reserved-name": Code(
        "The name means something already.",
        "phases: {programme: {title: All, points: [1.1.1]}}",
        'phases: {"1": {title: All, points: [1.1.1]}}',
    ),
    "alike-names": Code(
        "Two names beside each other differ in case, form or unseen signs alone: whoever reads them takes "
        "them for one.",
        "points: {Berth: {title: B, criteria: []}, berth: {title: B, criteria: []}}",
        "points: {berth-a: {title: B, criteria: []}, berth-b: {title: B, criteria: []}}",
    ),
    "ambiguous-id": Code(
        "Two things that are asked for by id have one.",
        ('areas: {"1": {title: Area}}\npoints: {"1": {title: Point, criteria: []}}'),
        ('areas: {"1": {title: Area}}\npoints: {1.1.1: {title: Point, criteria: []}}'),
    ),
    "colliding-names": Code(
        "The inference engine knows names by a hash of 32 bits, and these two have the same.",
        "points: {liquid: {title: L, criteria: []}, costarring: {title: C, criteria: []}}",
        "points: {liquid: {title: L, criteria: []}, co-starring: {title: C, criteria: []}}",
    ),
    "too-many-requirements": Code(
        "The pack has more requirements than the engine takes.",
        "one pack for ten programmes",
        "a pack for each programme",
    ),
}
