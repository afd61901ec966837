"""The digest of what rules say: what it is made of, and what must not move it."""

from __future__ import annotations

import copy
import hashlib
import json
import typing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from phasegate.rules.changes.changes import changes
from phasegate.rules.loading.pack import load_pack, pack_of
from phasegate.rules.model.canonical import rules_digest
from phasegate.rules.model.pack import Pack

VALID = sorted((Path(__file__).parents[1] / "packs" / "valid").iterdir())
SMALLEST = b"""\
pack: minimal
title: The smallest pack
points: {p: {title: One point, criteria: [{id: c, text: Paid, require: {orders.paid: ">= 95 %"}}]}}
sources: {orders: {title: an order, columns: {status: {type: string}}}}
measures: {orders.paid: {title: Paid orders, from: orders, ratio: {of: status = 'paid'}}}
"""
DOCUMENT: dict[str, Any] = {
    "schema": "phasegate/digest/2",
    "rules": {
        "pack": "minimal",
        "title": "The smallest pack",
        "points": {
            "p": {
                "title": "One point",
                "criteria": {"c": {"text": "Paid", "require": {"orders.paid": ">= 95 %"}}},
            }
        },
        "sources": {"orders": {"title": "an order", "columns": {"status": {"type": "string"}}}},
        "measures": {
            "orders.paid": {"title": "Paid orders", "from": "orders", "ratio": {"of": "status = 'paid'"}}
        },
    },
}
DEFAULTS = {
    ("Accuracy", "over"): "actual",
    ("Column", "scale"): 9,
    ("Criterion", "enforcement"): "hard",
    ("Measure", "min_rows"): 1,
    ("Measure", "when_empty"): "unknown",
    ("Pack", "version"): "1",
    ("Programme", "title"): "Programme",
    ("Target", "enforcement"): "hard",
}
"""What is meant where nothing is said. Signatures stand under it: another default needs another form of
the digest, or rules that were approved would mean something else and keep their name."""


def test_the_digest_is_that_of_canonical_json_that_anybody_can_write() -> None:
    written = json.dumps(DOCUMENT, sort_keys=True, separators=(",", ":"))
    due = f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"
    assert pack_of({"pack.yaml": SMALLEST}, "minimal").digest == due
    assert due == "sha256:a39c163ab899c2391dd7e7735229c19f8cd4a0106a72f4d0eabe674ddadc831a"


def test_no_default_moves_unnoticed() -> None:
    found = {
        (model.__name__, name): field.default
        for model in set(_models(Pack))
        for name, field in model.model_fields.items()
        if not field.is_required() and not _says_nothing(field.default)
    }
    assert found == DEFAULTS


def test_a_key_that_a_later_version_adds_moves_no_digest() -> None:
    class Later(Pack):
        spoken_of: str | None = None
        marks: tuple[str, ...] = ()

    pack = pack_of({"pack.yaml": SMALLEST}, "minimal").pack
    assert rules_digest(Later(**vars(pack))) == rules_digest(pack)
    assert rules_digest(Later(**vars(pack), spoken_of="x")) != rules_digest(pack)


def _says_nothing(default: object) -> bool:
    if isinstance(default, BaseModel):  # what it says is looked at itself
        return default.model_dump(exclude_defaults=True) == {}
    return default in (None, False, (), {}) or (default == 0 and isinstance(default, int))


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and all that its parts are made of."""
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel) and part is not model:
                yield from _models(part)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in typing.get_args(annotation):
        yield from _parts(part)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("folder", VALID, ids=lambda folder: folder.name)
def test_whatever_a_pack_says_is_in_the_digest_and_told(folder: Path) -> None:
    """Each leaf is changed by itself."""
    loaded = load_pack(folder)
    pack = loaded.pack
    written = pack.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    tried = 0
    for path, leaf in _leaves(written, ()):
        changed = copy.deepcopy(written)
        part: Any = changed
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = _another(leaf)
        try:
            other = Pack.model_validate(changed)
        except ValueError:  # no pack any more
            continue
        assert rules_digest(other) != rules_digest(pack), path
        assert changes(loaded, replace(loaded, pack=other)), path
        tried += 1
    assert tried > 5


def _leaves(part: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else None
    if pairs is None:
        yield path, part
        return
    for key, inner in pairs:
        yield from _leaves(inner, (*path, key))


def _another(leaf: Any) -> Any:
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, int):
        return leaf + 1
    if isinstance(leaf, str) and leaf[:1] in "<>=" and (digit := next(filter(str.isdigit, leaf), None)):
        return leaf.replace(digit, str((int(digit) + 1) % 10), 1)
    return f"{leaf}x"
