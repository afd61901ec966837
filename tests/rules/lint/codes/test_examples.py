"""The examples of codes are real: what is called wrong is found to be so, and what is called right is not."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from phasegate.rules.cases.load import read_cases
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.lint.codes.table import CODES
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.portfolio.load import load_portfolio
from phasegate.rules.values.ssh_public_key import ssh_line
from phasegate.runs.preflight import all_faults

PACK: dict[str, Any] = {
    "pack": "ours",
    "title": "Ours",
    "cycle": {"weeks": 8},
    "parameters": {"tolerance": {"value": "95 %", "text": "so many"}},
    "areas": {
        "1": {
            "title": "Area",
            "sections": {"1.1": "Section"},
            "success": {"name": "Paid", "measure": "paid", "bound": ">= 95 %"},
        }
    },
    "points": {
        point: {
            "title": "Point",
            "area": "1",
            "section": "1.1",
            "criteria": [{"id": "paid", "text": "Orders are paid", "require": {"paid": ">= 95 %"}}],
        }
        for point in ("1.1.1", "1.1.2")
    },
    "phases": {
        "1": {"title": "First", "weeks": [1, 4], "points": ["1.1.1"]},
        "2": {"title": "Second", "weeks": [5, 8], "points": ["1.1.2"], "after": ["1"]},
    },
    "sources": {
        "orders": {
            "title": "an order",
            "event": "ordered_on",
            "columns": {
                "id": {"type": "string", "unique": True},
                "point_id": {"type": "string"},
                "kind": {"type": "string", "allowed": ["sale", "return"]},
                "status": {"type": "string", "allowed": ["open", "paid", "approved"]},
                "paid": {"type": "boolean"},
                "signed": {"type": "boolean"},
                "amount": {"type": "decimal", "scale": 2},
                "days": {"type": "integer"},
                "team": {"type": "string"},
                "region": {"type": "string", "allowed": ["north", "south"]},
                "customer": {"type": "string", "personal": True},
                "author": {"type": "string", "personal": True},
                "approver": {"type": "string", "personal": True, "nullable": True},
                "currency": {"type": "string"},
                "ordered_on": {"type": "date"},
            },
            "derive": {"net": "amount - 1"},
        },
        "teams": {"title": "a team", "key": ["team"], "columns": {"team": {"type": "string"}}},
        "plans": {
            "title": "a plan",
            "columns": {"cost_centre": {"type": "string"}, "planned": {"type": "decimal", "scale": 2}},
        },
        "fx": {
            "title": "a rate",
            "columns": {
                "day": {"type": "date"},
                "code": {"type": "string"},
                "rate": {"type": "decimal", "scale": 18},
            },
            "rates": {"date": "day", "currency": "code", "rate": "rate", "to": "USD"},
        },
        "baseline": {
            "title": "a figure",
            "columns": {
                "measure": {"type": "string"},
                "slice": {"type": "string", "nullable": True},
                "value": {"type": "decimal"},
                "fixed_on": {"type": "date"},
            },
        },
    },
    "measures": {
        "paid": {"title": "Paid", "from": "orders", "max_age": "31 days", "ratio": {"of": "paid"}},
        "late": {"title": "Late", "from": "orders", "max_age": "31 days", "ratio": {"of": "days > 5"}},
        "days": {"title": "Days", "from": "orders", "max_age": "31 days", "unit": "days", "median": "days"},
        "amount": {"title": "Amount", "from": "orders", "max_age": "31 days", "unit": "USD", "sum": "amount"},
        "by_point": {
            "title": "By point",
            "from": "orders",
            "max_age": "31 days",
            "by": "point",
            "ratio": {"of": "paid"},
        },
    },
}
PROJECT: dict[str, Any] = {
    "phasegate": 1,
    "pack": "pack",
    "cycle": {"id": "2026-1", "start": "2026-01-05"},
    "sources": {name: {"path": f"{name}.csv"} for name in PACK["sources"]},
}


class Plain(yaml.SafeLoader):
    """Reads YAML and leaves dates as they are written."""


Plain.yaml_implicit_resolvers = {
    sign: [each for each in resolvers if not each[0].endswith("timestamp")]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Place(NamedTuple):
    """Where the lines of an example stand.

    Attributes:
        file: ``pack``, ``project``, ``case`` or ``portfolio``; ``text`` for a pack's file that is nothing
            but these lines.
        path: in which part of it.
        anew: whether they are all of that part, and not merged into it.
        without: what the pack and the project must not have.
        over: what the pack has besides.
    """

    file: str = "pack"
    path: tuple[str | int, ...] = ()
    anew: bool = False
    without: tuple[tuple[str, ...], ...] = ()
    over: dict[str, Any] = {}


ASKED = Place("pack", ("points", "1.1.1", "criteria", 0, "require"), anew=True)
CRITERION = Place("pack", ("points", "1.1.1", "criteria", 0))
POINT, AREA, PHASE = (Place("pack", path) for path in (("points", "1.1.1"), ("areas", "1"), ("phases", "2")))
PACK_FILE, PROJECT_FILE, TEXT, CASE = Place("pack"), Place("project"), Place("text"), Place("case")
MEASURES, MEASURE = Place("pack", ("measures",)), Place("pack", ("measures", "paid"))
KINDLESS = MEASURE._replace(without=(("measures", "paid", "ratio"),))
SOURCES, ORDERS = Place("pack", ("sources",)), Place("pack", ("sources", "orders"))
COLUMNS = Place("pack", ("sources", "orders", "columns"))
TABLE, SIGNER = Place("project", ("sources", "orders")), Place("project", ("signers", 0))
CYCLELESS = PROJECT_FILE._replace(without=(("cycle",),))
SIGNED = {"measures": {"signed": {"title": "Signed", "from": "orders", "exists": "signed"}}}
MONEY = {"sources": {"orders": {"currency": "currency"}}}
LATE = {"measures": {"late": {"better": "lower"}}}

PLACES: dict[str, Place] = {
    **dict.fromkeys(("no-requirement", "bad-require"), CRITERION),
    **dict.fromkeys(
        (
            "bad-bound", "type-mismatch", "inexact-equality", "always-true", "never-true", "unit-mismatch",
            "contradictory-bounds", "bounds-disagree", "single-alternative", "idle-alternative",
            "no-target", "small-percentage", "unknown-unit", "unknown-parameter", "unused-parameter",
        ),
        ASKED,
    ),
    "against-better": ASKED._replace(over=LATE),
    "unused-measure": ASKED._replace(
        without=tuple(("measures", name) for name in ("days", "amount", "by_point"))
    ),
    "unknown-measure": ASKED._replace(over={"measures": {"orders.paid": {
        "title": "Paid", "from": "orders", "ratio": {"of": "paid"}}}}),
    "same-requirement": POINT._replace(over=SIGNED),
    **dict.fromkeys(("nothing-counts", "unknown-area", "unknown-section"), POINT),
    "no-area": POINT._replace(anew=True),
    **dict.fromkeys(("by-point-outside-point", "self-reference", "soft-target"), AREA),
    "no-success-target": PACK_FILE._replace(without=(("areas",),)),
    **dict.fromkeys(
        ("unused-area", "point-scheduled-twice", "no-baseline", "reserved-name", "ambiguous-id",
         "alike-names", "colliding-names"),
        PACK_FILE,
    ),
    "point-in-no-phase": PACK_FILE._replace(without=(("phases", "2"),)),
    "no-currency-column": PACK_FILE._replace(without=(("measures", "by_point"),)),
    "no-point-column": PACK_FILE._replace(without=(("measures", "by_point"),)),
    "no-event-column": PACK_FILE._replace(without=(("sources", "orders", "event"),)),
    "bad-name": MEASURES, "duplicate-id": POINT, "useless-clause": KINDLESS,
    "unknown-pack": PROJECT_FILE, "one-person": PROJECT_FILE, "password": PROJECT_FILE,
    "unknown-connection": PROJECT_FILE._replace(without=(("sources", "orders", "path"),)),
    "unknown-point": PHASE, "unknown-phase": PHASE, "bad-weeks": PHASE,
    **dict.fromkeys(("cyclic-phases", "phases-out-of-order"), Place("pack", ("phases",), anew=True)),
    **dict.fromkeys(
        ("measure-kind", "condition-never", "condition-always", "idle-part", "distinct-of-unique",
         "bad-sql"),
        KINDLESS,
    ),
    "no-grain": KINDLESS, "null-undecided": MEASURE, "bad-unit": MEASURE, "bad-quantity": MEASURE,
    "change-of-no-figure": MEASURES._replace(over=SIGNED), "by-mismatch": MEASURES,
    "ambiguous-fact": MEASURES, "easy-quantile": MEASURES._replace(
        without=(("measures", "days", "median"),),
        over={"points": {"1.1.2": {"criteria": [
            {"id": "fast", "text": "Fast", "require": {"days": "<= 5 days"}}]}}},
    ),
    "unused-source": SOURCES._replace(without=(("sources",),)),
    "no-columns": SOURCES._replace(without=(("sources", "orders", "columns"),)), "inferred-contract": SOURCES,
    "no-age-limit": KINDLESS._replace(
        without=(("measures", "paid", "ratio"), ("measures", "paid", "max_age"))
    ),
    "unknown-source": MEASURE,
    "unknown-column": ORDERS, "wrong-column-type": ORDERS, "never-empty": ORDERS,
    "no-expected-values": MEASURE, "personal-told": MEASURE,
    "unknown-criterion": PROJECT_FILE, "pack-and-own-rules": PROJECT_FILE,
    "no-rules": PROJECT_FILE._replace(anew=True),
    "bad-table": TABLE, "bad-quote": TABLE, "contradictory-reading": TABLE, "bad-format": TABLE,
    "bad-zone": PROJECT_FILE, "bad-ledger": PROJECT_FILE, "no-project-id": PROJECT_FILE,
    "bad-cron": Place("project", ("schedules", "daily")),
    "no-cycle": CYCLELESS._replace(over={"cycle": {"weeks": 8}}), "cycle-twice": CYCLELESS,
    **dict.fromkeys(
        ("control-twice", "broken-template", "secret-address", "too-far", "duplicate-role",
         "duplicate-name", "one-key", "bad-key", "no-evaluator", "path-outside", "unreadable-file"),
        PROJECT_FILE,
    ),
    "empty-period": PROJECT_FILE,
    **dict.fromkeys(
        ("yaml-syntax", "tab-indentation", "control-character", "byte-order-mark", "empty-file",
         "several-documents", "not-a-mapping", "duplicate-key", "empty-key", "key-not-text", "merge-key",
         "anchor", "alias", "directive", "tag", "not-finite", "number-too-long"),
        TEXT,
    ),
    "unknown-key": CRITERION, "unknown-word": CRITERION, "wrong-type": POINT, "bad-value": MEASURE,
    "missing-key": PACK_FILE._replace(without=(("points",),)),
    "unknown-role": PROJECT_FILE._replace(over={"points": {"1.1.2": {"criteria": [{
        "id": "paid", "text": "Paid", "require": {"paid": ">= 95 %"}, "function": "finance"}]}}}),
    **dict.fromkeys(
        (
            "can-not-be", "no-expectation", "bad-row", "unknown-requirement", "unknown-slice",
            "unknown-target", "unknown-gate",
        ),
        CASE,
    ),
    **dict.fromkeys(("bad-project", "project-twice"), Place("portfolio", ("projects",), anew=True)),
    "bad-rollup": Place("portfolio"),
    "no-time-zone": SIGNER, "bad-date": Place("project", ("cycle",)),
    "derived-column": ORDERS._replace(over=MONEY), "no-amounts": ORDERS._replace(over=MONEY),
    "convert-and-rates": Place("pack", ("sources", "fx")),
    "too-many-digits": COLUMNS._replace(over={"sources": {"orders": {
        "currency": "currency", "convert": {"to": "USD", "rates": "fx"}}}}),
    "no-rates": SOURCES._replace(without=(("sources", "fx", "rates"),), over={"sources": {"orders": {
        "currency": "currency", "convert": {"to": "USD", "rates": "fx"}}}}),
}  # fmt: skip
"""Where each example stands; those of two files, and of what is no line of a file, are not here."""


def merged(old: Any, new: Any) -> Any:
    """A document with another one over it."""
    if not isinstance(old, dict) or not isinstance(new, dict) or not new:
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


def put(document: Any, place: Place, lines: Any) -> Any:
    """A document with the lines of an example in it."""
    for *above, last in place.without:
        part = document
        for key in above:
            part = part.get(key, {})
        part.pop(last, None)

    def into(part: Any, path: tuple[str | int, ...]) -> Any:
        if not path:
            return lines if place.anew else merged(part, lines)
        key, *rest = path
        if isinstance(key, int):
            part = list(part or [{}])
            part[key] = into(part[key], tuple(rest))
            return part
        return {**(part or {}), key: into((part or {}).get(key), tuple(rest))}

    return into(document, place.path)


def _key_of(owner: str) -> str:
    seed = owner.encode().ljust(32)
    return ssh_line(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def found_in_case(folder: Path, text: str) -> set[str]:
    """The codes of what is found where an example stands in a case."""
    (folder / "pack.yaml").write_text(json.dumps(PACK, default=str), encoding="utf-8")
    case = {"expect": {"points": {"1.1.1": "unknown"}}, **yaml.load(text, Loader=Plain)}
    content = json.dumps({"as_of": "2026-03-31", "cases": [{"name": "a case", **case}]}).encode()
    try:
        read_cases(load_pack(folder).pack, {"cases.yaml": content})
    except PackError as error:
        return {one.rule for one in error.diagnostics}
    return set()


def found_in_portfolio(folder: Path, place: Place, text: str) -> set[str]:
    """The codes of what is found where an example stands in a portfolio file."""
    whole = {"phasegate": 1, "title": "Ports", "projects": [{"path": "a"}, {"path": "b"}]}
    file = folder / "phasegate.portfolio.yaml"
    file.write_text(json.dumps(put(whole, place, yaml.load(text, Loader=Plain))), encoding="utf-8")
    try:
        load_portfolio(file)
    except PackError as error:
        return {one.rule for one in error.diagnostics}
    return set()


def found(folder: Path, place: Place, text: str) -> set[str]:
    """The codes of what is found where an example stands in a project."""
    if place.file == "case":
        return found_in_case(folder, text)
    if place.file == "portfolio":
        return found_in_portfolio(folder, place, text)
    text = re.sub(r"<U\+([0-9A-F]{4})>", lambda sign: chr(int(sign[1], 16)), text)
    text = re.sub(r"ssh-ed25519 AAAA\.\.\.([a-z]+)", lambda owner: _key_of(owner[1]), text)
    pack, project = copy.deepcopy(PACK), copy.deepcopy(PROJECT)
    for part in (project, pack):
        put(part, Place(without=place.without), {})
    pack = merged(pack, place.over) if place.over else pack
    written = text
    if place.file != "text":
        lines = yaml.load(text, Loader=Plain)
        if place.file == "pack":
            pack = put(pack, place, lines)
        else:
            project = put(project, place, lines)
        written = json.dumps(pack, default=str)
    (folder / "pack").mkdir()
    (folder / "pack/pack.yaml").write_text(written, encoding="utf-8")
    (folder / "totals.yaml").write_text("control: {orders: {rows: 9}}")
    (folder / "waivers.yaml").write_text("waivers: []")
    (folder / "phasegate.yaml").write_text(json.dumps(project, default=str), encoding="utf-8")
    return {one.rule for one in all_faults(None, folder)}


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("name", PLACES)
def test_what_is_called_wrong_is_found_and_what_is_called_right_is_not(name: str, tmp_path: Path) -> None:
    rules = []
    for folder, text in (("wrong", CODES[name].wrong), ("right", CODES[name].right)):
        (tmp_path / folder).mkdir()
        rules.append(found(tmp_path / folder, PLACES[name], text))
    assert name in rules[0]
    assert name not in rules[1]


NO_LINES = {
    "bad-text", "too-many-requirements", "not-utf-8", "file-too-large", "too-many-files", "too-many-nodes",
    "too-many-entries", "too-deep", "empty-pack", "bad-file-name", "yml-file", "link-outside",
    "rules-in-tests",
    "unfit-data", "unseen-value", "near-value", "not-sampled",
}  # fmt: skip
"""Of which the example is no YAML of a pack or a project: a file's name, its size, a command's argument,
or is told of data."""


def test_each_example_is_tried_or_no_line_of_a_file() -> None:
    assert set(CODES) == set(PLACES) | NO_LINES
    assert not set(PLACES) & NO_LINES
    whole = {name: (CODES[name].wrong + CODES[name].right).replace("AAAA...", "") for name in PLACES}
    assert not [name for name, lines in whole.items() if "..." in lines]
