"""Codes of findings about files as such: YAML, encodings, sizes, folders."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

FILES: dict[str, Code] = {
    "yaml-syntax": Code(
        "The file is no YAML from here on.",
        "points: [1.1.1",
        "points: [1.1.1]",
    ),
    "tab-indentation": Code(
        "YAML is indented by spaces.",
        ("points:\n\t1.1.1:"),
        ("points:\n  1.1.1:"),
    ),
    "control-character": Code(
        ("A character that nobody sees stands in the file; what is read would not be what people read."),
        "title: A<U+202E>rea",
        "title: Area",
    ),
    "byte-order-mark": Code(
        "The file begins with a byte order mark.",
        "<U+FEFF>pack: ours",
        "pack: ours",
    ),
    "not-utf-8": Code(
        "The file is not written in UTF-8.",
        "title: M<E9>tro",
        "title: Métro, saved as UTF-8",
    ),
    "empty-file": Code(
        "The file holds nothing.",
        "# to be written",
        "pack: ours",
    ),
    "several-documents": Code(
        "A file holds one document.",
        ("pack: ours\n---\npack: theirs"),
        "pack: ours",
    ),
    "not-a-mapping": Code(
        "A file is a mapping of keys to values.",
        ("- pack\n- title"),
        ("pack: ours\ntitle: Ours"),
    ),
    "duplicate-key": Code(
        "A key stands twice, so that one of the two would silently count.",
        ("title: One\ntitle: Two"),
        "title: Two",
    ),
    "empty-key": Code(
        "A key has no text.",
        '"": Ours',
        "title: Ours",
    ),
    "key-not-text": Code(
        "A key is a text.",
        "[1, 2]: value",
        '"1, 2": value',
    ),
    "merge-key": Code(
        "Keys are written out, never merged.",
        "<<: *common",
        ("from: orders\nmin_rows: 5"),
    ),
    "anchor": Code(
        "Anchors are not read: what holds stands where it holds.",
        "where: &open status = 'open'",
        "where: status = 'open'",
    ),
    "alias": Code(
        "Aliases are not read: what holds stands where it holds.",
        "where: *open",
        "where: status = 'open'",
    ),
    "tag": Code(
        "A text that begins with '!' is a tag to YAML.",
        "open: != 0",
        'open: "!= 0"',
    ),
    "directive": Code(
        "Directives of YAML are not read.",
        ("%YAML 1.1\n---\npack: ours"),
        "pack: ours",
    ),
    "not-finite": Code(
        "Nothing is held against what is no finite number.",
        "min: .inf",
        "min: 0",
    ),
    "number-too-long": Code(
        "A number has more digits than are compared exactly.",
        "max: 10000000000000000000000000000000",
        "max: 1_000_000",
    ),
    "file-too-large": Code(
        "The file is larger than any that people read.",
        "one pack.yaml of 5 MB",
        "several files in the pack's folder",
    ),
    "too-many-files": Code(
        "The folder holds more files than a pack has.",
        "pack: ../everything",
        "pack: ../ours",
    ),
    "too-many-nodes": Code(
        "The file holds more entries than are read.",
        "one file of 300,000 lines",
        "several files",
    ),
    "too-many-entries": Code(
        "One list or mapping has more entries than are read.",
        "points: [... 20,000 of them]",
        "several files",
    ),
    "too-deep": Code(
        "Entries are nested deeper than anybody can follow.",
        "any_of: [any_of: [any_of: ...]]",
        "any_of: [{paid: true}, {late: false}]",
    ),
    "empty-pack": Code(
        "The folder holds no file of a pack.",
        "pack: empty/",
        "pack: ours/, which holds pack.yaml",
    ),
    "bad-file-name": Code(
        "A pack's files have names that every system can hold.",
        "points/1:1.yaml",
        "points/1-1.yaml",
    ),
    "yml-file": Code(
        "Only *.yaml is read, so that no file is silently left out.",
        "points.yml",
        "points.yaml",
    ),
    "link-outside": Code(
        "A link leads out of the pack, whose digest would not hold what it leads to.",
        "points.yaml -> ../../points.yaml",
        "points.yaml, the file itself",
    ),
    "unreadable-file": Code(
        "A file that is named can not be read.",
        "waivers: waivrs.yaml",
        "waivers: waivers.yaml",
    ),
    "path-outside": Code(
        "A path leads out of the project's folder.",
        "pack: ../../theirs",
        "pack: packs/theirs",
    ),
    "unknown-key": Code(
        "Nothing reads this key; it may be misspelt.",
        "enforcment: hard",
        "enforcement: hard",
    ),
    "missing-key": Code(
        "A part lacks a key that it can not be without.",
        "points: {1.1.1: {criteria: [{id: paid, text: Paid, require: {paid: '>= 95 %'}}]}}",
        "points: {1.1.1: {title: Point, criteria: [{id: paid, text: Paid, require: {paid: '>= 95 %'}}]}}",
    ),
    "wrong-type": Code(
        "A value is of another kind than its key takes.",
        "title: 5",
        'title: "5"',
    ),
    "unknown-word": Code(
        "A key takes one of some words, and this is none of them.",
        "enforcement: hrad",
        "enforcement: hard",
    ),
    "bad-name": Code(
        "An id or a name is written with characters that it can not have.",
        "paid orders: {title: Paid, from: orders, count: paid}",
        "orders.paid: {title: Paid, from: orders, count: paid}",
    ),
    "bad-value": Code(
        "A value is none that its key takes.",
        "min_rows: 0",
        "min_rows: 1",
    ),
    "bad-text": Code(
        "A text holds characters that can not be printed.",
        "statement: <U+0007>",
        "statement: The sample was drawn by lot",
    ),
    "bad-date": Code(
        "A date is written as year, month and day.",
        "start: 31.01.2026",
        "start: 2026-01-31",
    ),
    "no-time-zone": Code(
        "A moment says in which time zone it is.",
        "end: 2026-01-31T12:00:00",
        "end: 2026-01-31T12:00:00Z",
    ),
    "duplicate-id": Code(
        "Two things have one id, so that one of them would silently count.",
        (
            "criteria:\n- {id: paid, text: Paid, require: {paid: '>= 95 %'}}\n"
            "- {id: paid, text: In time, require: {late: '<= 5 %'}}"
        ),
        (
            "criteria:\n- {id: paid, text: Paid, require: {paid: '>= 95 %'}}\n"
            "- {id: in_time, text: In time, require: {late: '<= 5 %'}}"
        ),
    ),
}
