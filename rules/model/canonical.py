"""The rules of a pack as one document, whatever their files look like, and the digest of it.

Two packs have one digest if they say the same. Comments, the layout of files, their names, and the order
of parts that are found by their names are not in it. A default is not in it either, written or not, so
that a key that a later version adds changes no digest of a pack that does not use it. How a project reads
its tables stands beside the rules: the same words over other columns are another promise.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from phasegate.rules.model.pack import Pack, Require
from phasegate.rules.model.reading import Reading
from phasegate.rules.model.requirements import AREA_TARGETS, bounds_of
from phasegate.rules.values.bounds import Bound

SCHEMA = "phasegate/digest/2"
"""The form of the document; the first one was the digest of a pack's files."""
READING = "reading"
"""The key under which the document has how tables are read."""
IN_ORDER = "in order"
"""The key of a ``require`` that tells its lines in their order. No fact has such an id."""


def rules_digest(pack: Pack, reading: Reading | None = None) -> str:
    """``sha256:...`` of what a pack says, and of how a project reads its tables.

    It is that of the canonical JSON of `rules_data` beside the name of its form, and of the reading where
    there is one: keys sorted, no white space, UTF-8.

    Args:
        pack: free of faults, with what its project sets.
        reading: how the project reads its tables, see `rules.model.reading`; a pack by itself says nothing.
    """
    document = {"rules": rules_data(pack), "schema": SCHEMA, **({READING: dict(reading)} if reading else {})}
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def rules_data(pack: Pack, *, whole: bool = False) -> dict[str, Any]:
    """What a pack says, as plain data; of two packs it is the same only if they say the same.

    Args:
        pack: free of faults.
        whole: with every key that has its default, too.
    """
    data = pack.model_dump(mode="json", by_alias=True, exclude_defaults=not whole)
    for name, parameter in data.get("parameters", {}).items():
        parameter["value"] = str(pack.parameters[name].value)
    for name, phase in data.get("phases", {}).items():
        phase["after"] = list(pack.before(name))  # what is not said is meant by the order of phases
    for area in data.get("areas", {}).values():
        for kind in AREA_TARGETS:
            _as_read(area.get(kind))
    for target in data.get("programme", {}).get("targets", {}).values():
        _as_read(target)
    for contract in data.get("sources", {}).values():
        if contract.get("derive"):  # each may name those before it
            contract["derive"] = [[name, how] for name, how in contract["derive"].items()]
    for name, point in data["points"].items():
        for criterion, said in zip(pack.points[name].criteria, point["criteria"], strict=True):
            said["require"] = _required(criterion.require)
        ids = [criterion["id"] for criterion in point["criteria"]]
        if len({*ids}) == len(ids):  # what has two of one id is no pack that anything is decided by
            point["criteria"] = {each.pop("id"): each for each in point["criteria"]}
    return data


def _as_read(target: dict[str, Any] | None) -> None:
    if target is not None:
        target["bound"] = Bound.parse(target["bound"]).text


def _required(require: Require) -> dict[str, Any]:
    """What must hold, by fact.

    The second of two bounds on one fact has a name of its own, by the order in which they stand: a waiver
    names it. The lines are then kept in that order.
    """
    times = Counter(fact for fact, _, _ in bounds_of(require, ()))
    return _lines(require, max(times.values(), default=0) > 1)


def _lines(require: Require, ordered: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, wanted in require.root.items():
        if isinstance(wanted, list):
            found[key] = [
                _lines(each, ordered) if isinstance(each, Require) else Bound.parse(each).text
                for each in wanted
            ]
        else:
            found[key] = Bound.parse(wanted).text
    return {IN_ORDER: [list(each) for each in found.items()]} if ordered else found
