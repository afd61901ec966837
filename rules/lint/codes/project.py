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
        ("phasegate: 1\nsources: {orders: {path: orders.csv}}"),
        ("phasegate: 1\npack: ours\nsources: {orders: {path: orders.csv}}"),
    ),
    "pack-and-own-rules": Code(
        "What must hold stands in the pack alone, so that a project can not soften it.",
        ('pack: ours\nmeasures: {paid: {title: Paid, from: orders, count: "paid"}}'),
        "pack: ours",
    ),
    "inferred-contract": Code(
        "A pack says what its columns are; only a project without one may take them from the file.",
        "orders: {title: Orders, infer: true}",
        "orders: {title: Orders, columns: {paid: {type: boolean}}}",
    ),
    "bad-table": Code(
        "A table is said to be read in ways that exclude each other.",
        "header_row: 4\nskip_rows: 3",
        "header_row: 4",
    ),
    "unknown-connection": Code(
        "A source names a connection that the project does not have.",
        "connections: {erp: {postgres: env:ERP_URL}}\nsources: {orders: {from: epr, table: sales.orders}}",
        "connections: {erp: {postgres: env:ERP_URL}}\nsources: {orders: {from: erp, table: sales.orders}}",
    ),
    "bad-format": Code(
        "A form of moments names what would not be read, such as the abbreviation of a zone.",
        'datetime_format: "%Y-%m-%d %H:%M %Z"',
        'datetime_format: "%Y-%m-%d %H:%M %z"',
    ),
    "bad-quote": Code(
        "A quote is one character.",
        'quote: "--"',
        'quote: "\'"',
    ),
    "contradictory-reading": Code(
        "Two options read numbers in ways that exclude each other.",
        ('decimal_comma: true\nthousands: ","'),
        ('decimal_comma: true\nthousands: "."'),
    ),
    "bad-zone": Code(
        "There is no such time zone.",
        "time_zone: Berlin",
        "time_zone: Europe/Berlin",
    ),
    "bad-ledger": Code(
        "The ledger's address can not be read.",
        "ledger: ../runs.db",
        "ledger: runs.db",
    ),
    "password": Code(
        "An address carries a password, which everybody could read who reads the rules.",
        'ledger: "postgresql://ada:secret@host/runs"',
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
        "A schedule follows the cycle, and nobody knows when it begins or how long it is.",
        "schedules: {begin: {every: cycle}}",
        ("cycle: {id: 2026-1, start: 2026-01-05}\nschedules: {begin: {every: cycle}}"),
    ),
    "cycle-twice": Code(
        "The cycle stands in the project and in its cycle file.",
        ("cycle: {id: 2026-1, start: 2026-01-05}\ncycle_file: cycle.yaml"),
        "cycle_file: cycle.yaml",
    ),
    "control-twice": Code(
        "Control totals stand in the project and in the file of totals.",
        ("sources: {orders: {control: {rows: 9}}}\ncontrol_file: totals.yaml"),
        "control_file: totals.yaml",
    ),
    "broken-template": Code(
        "The template of a message can not be filled in.",
        "notifications: {board: {to: env:BOARD, title: $verdict}}",
        "notifications: {board: {to: env:BOARD, title: $title}}",
    ),
    "secret-address": Code(
        "The address of a service is a secret and comes from the environment.",
        'notifications: {board: {to: "https://hooks.example/T0/secret"}}',
        "notifications: {board: {to: env:BOARD}}",
    ),
    "too-far": Code(
        "A length of time is longer than any programme looks ahead.",
        "notifications: {board: {to: env:BOARD, within: 9000 days}}",
        "notifications: {board: {to: env:BOARD, within: 14 days}}",
    ),
    "unknown-role": Code(
        "There is no such role.",
        "notifications: {board: {to: env:BOARD, roles: [finance]}}",
        'notifications: {board: {to: env:BOARD, roles: ["approver:finance"]}}',
    ),
    "duplicate-role": Code(
        "A signer has a role twice.",
        "signers: [{name: Ada, roles: [evaluator, evaluator], key: ssh-ed25519 AAAA...ada}]",
        "signers: [{name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada}]",
    ),
    "duplicate-name": Code(
        "Two signers have one name.",
        (
            "signers:\n- {name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada}\n"
            "- {name: ada, roles: [auditor], key: ssh-ed25519 AAAA...bo}"
        ),
        (
            "signers:\n- {name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada}\n"
            "- {name: Ada-B, roles: [auditor], key: ssh-ed25519 AAAA...bo}"
        ),
    ),
    "one-key": Code(
        "Two signers have one key: nobody could tell who signed.",
        (
            "signers:\n- {name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada}\n"
            "- {name: Bo, roles: [auditor], key: ssh-ed25519 AAAA...ada}"
        ),
        (
            "signers:\n- {name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada}\n"
            "- {name: Bo, roles: [auditor], key: ssh-ed25519 AAAA...bo}"
        ),
    ),
    "one-person": Code(
        "One person would ask and approve, or decide and grant the exceptions.",
        'signers: [{name: Ada, roles: [evaluator, "approver:finance"], key: ssh-ed25519 AAAA...ada}]',
        (
            "signers:\n- {name: pipeline, roles: [evaluator], key: ssh-ed25519 AAAA...ada}\n"
            '- {name: Ada, roles: ["approver:finance"], key: ssh-ed25519 AAAA...bo}'
        ),
    ),
    "bad-key": Code(
        "This is no public key of SSH.",
        "signers: [{name: Ada, roles: [evaluator], key: id_ed25519}]",
        "signers: [{name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada}]",
    ),
    "no-evaluator": Code(
        "Nobody may sign runs.",
        "signers: [{name: Ada, roles: [auditor], key: ssh-ed25519 AAAA...ada}]",
        (
            "signers:\n- {name: Ada, roles: [auditor], key: ssh-ed25519 AAAA...ada}\n"
            "- {name: pipeline, roles: [evaluator], key: ssh-ed25519 AAAA...bo}"
        ),
    ),
    "empty-period": Code(
        "A period ends before it begins.",
        (
            "signers:\n- {name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada,\n"
            "   start: 2026-02-01T00:00:00Z, end: 2026-01-01T00:00:00Z}"
        ),
        (
            "signers:\n- {name: Ada, roles: [evaluator], key: ssh-ed25519 AAAA...ada,\n"
            "   start: 2026-01-01T00:00:00Z, end: 2026-02-01T00:00:00Z}"
        ),
    ),
    "unknown-criterion": Code(
        "There is no such criterion or target to harden.",
        "harden: {1.1.1/payd: hard}",
        "harden: {1.1.1/paid: hard}",
    ),
    "unfit-data": Code(
        "The beginning of a table is not what its contract says, so that nothing measured of it would have a "
        "value: a column is missing, is of another type, or its dates are written otherwise. Told by --data.",
        "the file's header has 'stauts', where the contract has 'status'",
        "the header has 'status', or 'rename: {stauts: status}' says which column is meant",
    ),
    "unseen-value": Code(
        "A column is compared with a text that no row of the beginning of its table has; the texts that it "
        "has are told beside it. It may be misspelt, or only rare. Told by --data.",
        "ratio: {of: status = 'reconcilled'}  # seen: reconciled, open",
        "ratio: {of: status = 'reconciled'}",
    ),
    "near-value": Code(
        "A column is compared with a text, and rows of its table have one that is like it but for its case, "
        "its blanks or the width of its characters. To a condition it is another: under an upper bound such "
        "rows are not counted, and a gate opens. Told by --data.",
        "count: status = 'open'  # rows have 'Open' and 'open '",
        "count: lower(trim(status)) = 'open'",
    ),
    "not-sampled": Code(
        "The beginning of a table was not looked at, for it can not be read by itself: it is in a database "
        "or a store, or in a large file of a form that is read as a whole. Told by --data.",
        "sources: {invoices: {from: erp, table: finance.invoices}}  # with lint --data",
        "sources: {invoices: {from: erp, table: finance.invoices}}  # with facts, which measures all of it",
    ),
}
