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
        "paid: true, where paid is a ratio",
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
        ('late: {better: lower, ...}\nlate: ">= 5 %"'),
        'late: "<= 5 %"',
    ),
    "bounds-disagree": Code(
        (
            "One place holds a fact from below and another one from above; one comparison is probably "
            "the wrong way round."
        ),
        ('1.1.1: {paid: ">= 95 %"}\n1.1.2: {paid: "<= 95 %"}'),
        '1.1.2: {paid: ">= 95 %"}',
    ),
    "same-requirement": Code(
        "Two criteria of a point require the same, word for word: one was copied and not changed.",
        ('- {id: paid, require: {paid: ">= 95 %"}}\n- {id: signed, require: {paid: ">= 95 %"}}'),
        "- {id: signed, require: {signed: true}}",
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
        "success: {measure: paid_by_point, ...}",
        "success: {measure: paid, ...}",
    ),
    "self-reference": Code(
        "A target's bound names the target itself.",
        'success: {bound: ">= success", ...}',
        'success: {bound: ">= 95 %", ...}',
    ),
    "no-target": Code(
        "A bound names a target that the area does not have.",
        'paid: ">= kpi"',
        'areas: {"1": {kpi: {...}}}',
    ),
    "no-success-target": Code(
        "An area has points in a phase and no success target that its gate could ask for.",
        'areas: {"1": {title: Area}}',
        'areas: {"1": {title: Area, success: {...}}}',
    ),
    "soft-target": Code(
        "A success target may be waived, or does not count: the gate opens without success.",
        "success: {enforcement: advisory, ...}",
        "success: {enforcement: hard, ...}",
    ),
    "nothing-counts": Code(
        "Every criterion of a point is advisory, so that the point can never pass.",
        "criteria: [{enforcement: advisory, ...}]",
        "criteria: [{enforcement: soft, ...}]",
    ),
    "no-area": Code(
        "A point is in no area, so that no success target goes with it.",
        "1.1.1: {title: Point, ...}",
        '1.1.1: {title: Point, area: "1", ...}',
    ),
    "unknown-area": Code(
        "There is no such area.",
        'area: "7"',
        'area: "1"',
    ),
    "unknown-section": Code(
        "The area has no such section.",
        ('area: "1"\nsection: 2.1'),
        ('area: "1"\nsection: 1.1'),
    ),
    "unused-area": Code(
        "An area has no point; one may be in the wrong area.",
        'areas: {"1": ..., "2": ...}',
        'points: {2.1.1: {area: "2", ...}}',
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
        '"2": {weeks: [5, 8], ...}\n"1": {weeks: [1, 4], ...}',
        '"1": {weeks: [1, 4], ...}\n"2": {weeks: [5, 8], ...}',
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
        "phases: {programme: ...}",
        'phases: {"1": ...}',
    ),
    "alike-names": Code(
        "Two names beside each other differ in case, form or unseen signs alone: whoever reads them takes "
        "them for one.",
        "points: {Berth: ..., berth: ...}",
        "points: {berth-a: ..., berth-b: ...}",
    ),
    "ambiguous-id": Code(
        "Two things that are asked for by id have one.",
        ('points: {"1": ...}\nareas: {"1": ...}'),
        ('points: {1.1.1: ...}\nareas: {"1": ...}'),
    ),
    "colliding-names": Code(
        "The inference engine knows names by a hash of 32 bits, and these two have the same.",
        "points: {liquid: ..., costarring: ...}",
        "points: {liquid: ..., co-starring: ...}",
    ),
    "too-many-requirements": Code(
        "The pack has more requirements than the engine takes.",
        "one pack for ten programmes",
        "a pack for each programme",
    ),
}
