"""Codes of findings about the project file, its schedule, its signers, and waivers."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

PROJECT: dict[str, Code] = {
    "unknown-pack": Code(
        "There is no such built-in pack and no such folder.",
        "pack: developer_finanze",
        "pack: developer_finance",
    ),
    "no-rules": Code(
        "A project names a pack, or has points, sources and measures of its own.",
        "sources: {...}",
        ("pack: developer_finance\nsources: {...}"),
    ),
    "pack-and-own-rules": Code(
        "What must hold stands in the pack alone, so that a project can not soften it.",
        ("pack: ours\nmeasures: {...}"),
        "pack: ours",
    ),
    "inferred-contract": Code(
        "A pack says what its columns are; only a project without one may take them from the file.",
        "orders: {title: Orders, infer: true}",
        "orders: {title: Orders, columns: {paid: {type: boolean}}}",
    ),
    "bad-table": Code(
        "A table's path can not be read.",
        "path: data/*.docx",
        "path: data/*.csv",
    ),
    "bad-format": Code(
        "A reading option does not fit the file's format.",
        ("path: a.parquet\ntime_format: ..."),
        "path: a.parquet",
    ),
    "bad-quote": Code(
        "A quote is one character.",
        'quote: "--"',
        'quote: "\'"',
    ),
    "contradictory-reading": Code(
        "Two options read numbers in ways that exclude each other.",
        ('decimal: ","\nthousands: ","'),
        ('decimal: ","\nthousands: "."'),
    ),
    "bad-zone": Code(
        "There is no such time zone.",
        "time_zone: Berlin",
        "time_zone: Europe/Berlin",
    ),
    "bad-ledger": Code(
        "The ledger's address can not be read.",
        "ledger: postgres//host",
        "ledger: env:PHASEGATE_LEDGER",
    ),
    "no-project-id": Code(
        "Where projects share a ledger, only an id tells whose an entry is; no two have the same.",
        "phasegate: 1\nledger: env:PHASEGATE_LEDGER",
        "phasegate: 1\nid: p-3f0c96d1a4b7e825\nledger: env:PHASEGATE_LEDGER",
    ),
    "bad-cron": Code(
        "A cron line has five fields, each in its range.",
        'cron: "0 25 * * *"',
        'cron: "0 6 * * *"',
    ),
    "no-cycle": Code(
        "A schedule counts in weeks of a cycle, and nobody knows when it begins or how long it is.",
        "schedule: {weekly: {every: week 1}}",
        "cycle: {start: 2026-01-05}",
    ),
    "cycle-twice": Code(
        "The cycle stands in the project and in its cycle file.",
        ("cycle: {...}\ncycle_file: cycle.yaml"),
        "cycle_file: cycle.yaml",
    ),
    "control-twice": Code(
        "Control totals stand in the project and in the file of totals.",
        ("sources: {a: {control: ...}}\ncontrol_file: ..."),
        "control_file: totals.yaml",
    ),
    "broken-template": Code(
        "The template of a message can not be filled in.",
        "subject: '{gate'",
        "subject: '{gate}'",
    ),
    "secret-address": Code(
        "The address of a service is a secret and comes from the environment.",
        "url: https://hooks.example/T0/secret",
        "url: env:HOOK",
    ),
    "too-far": Code(
        "A length of time is longer than any programme looks ahead.",
        "ahead: 9000 days",
        "ahead: 14 days",
    ),
    "unknown-role": Code(
        "There is no such role.",
        "roles: [aproover]",
        "roles: [approver]",
    ),
    "duplicate-role": Code(
        "A signer has a role twice.",
        "roles: [approver, approver]",
        "roles: [approver]",
    ),
    "duplicate-name": Code(
        "Two signers have one name.",
        ("- {name: Ada, ...}\n- {name: Ada, ...}"),
        ("- {name: Ada, ...}\n- {name: Ada B., ...}"),
    ),
    "one-key": Code(
        "Two signers have one key: nobody could tell who signed.",
        ("- {name: Ada, key: K}\n- {name: Bo, key: K}"),
        ("- {name: Ada, key: K}\n- {name: Bo, key: L}"),
    ),
    "one-person": Code(
        "One person would ask and approve.",
        ("requester: ada\napprover: ada"),
        ("requester: ada\napprover: bo"),
    ),
    "bad-key": Code(
        "This is no public key of SSH.",
        "key: id_ed25519",
        "key: ssh-ed25519 AAAA...",
    ),
    "no-evaluator": Code(
        "Nobody may sign runs.",
        "signers: [{roles: [approver]}]",
        "signers: [{roles: [evaluator]}, {roles: [approver]}]",
    ),
    "empty-period": Code(
        "A period ends before it begins.",
        ("start: 2026-02-01\nend: 2026-01-01"),
        ("start: 2026-01-01\nend: 2026-02-01"),
    ),
    "unknown-criterion": Code(
        "There is no such criterion or target to harden.",
        "harden: {1.1.1/payed: hard}",
        "harden: {1.1.1/paid: hard}",
    ),
}
