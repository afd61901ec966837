"""The rules with other figures, to see what would follow from them: nothing is ever decided by these."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, RootModel

from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import RequiredBound, required_bounds
from phasegate.rules.values.bounds import Bound, BoundError
from phasegate.rules.values.units import Quantity, QuantityError
from phasegate.rules.yaml.parser import Path


class WhatIfError(PhasegateError):
    """A what-if about something that the rules do not have, or of another kind than they have it."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is supposed.

    Attributes:
        parameters: other values of parameters, by name.
        bounds: other bounds, by the id of their requirement, target or criterion of one bound.
        without_waivers: whether no waiver counts.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, str] = field(default_factory=dict)
    without_waivers: bool = False

    def __bool__(self) -> bool:
        return bool(self.parameters or self.bounds or self.without_waivers)


class Supposed(NamedTuple):
    """One figure that is another one.

    Attributes:
        what: what kind of figure it is.
        id: which.
        was: as the rules have it.
        now: as it is supposed.
    """

    what: Literal["parameter", "bound"]
    id: str
    was: str
    now: str


def supposed(loaded: LoadedPack, what_if: WhatIf) -> tuple[LoadedPack, list[Supposed]]:
    """The rules as they are supposed, and what of them is another one.

    They have digests of their own: nothing that somebody signed or pinned is about them. Whether all of their
    bounds fit what they are held against is for whoever looks rules over.

    Args:
        loaded: the rules in force.
        what_if: what is supposed of them.

    Raises:
        WhatIfError: if there is no such parameter or bound, or what is written is none, or in another unit.
    """
    pack, told = loaded.pack, []
    for name, value in what_if.parameters.items():
        was = _parameter(pack, name, value)
        pack = _with(pack, ("parameters", name, "value"), value)
        told.append(Supposed("parameter", name, was, value))
    named = dict(_named(loaded.pack))
    for name, written in what_if.bounds.items():
        one = named.get(name)
        if one is None:
            raise WhatIfError(f"the pack has no bound {name!r}", suggest(name, named, of="requirements"))
        pack = _with(pack, one.path, _bound(name, written))
        told.append(Supposed("bound", name, _shown(one.bound), written))
    said = json.dumps([each._asdict() for each in told], sort_keys=True)
    digest = hashlib.sha256(f"what if\n{loaded.files_digest}\n{said}\n".encode()).hexdigest()
    changed = replace(loaded, pack=pack, files_digest=f"sha256:{digest}", by_files=False, earlier=frozenset())
    return (changed if told else loaded), told


def _parameter(pack: Pack, name: str, value: str) -> str:
    """The value that a parameter has.

    Raises:
        WhatIfError: if there is none, or the other value is none of its unit.
    """
    declared = pack.parameters.get(name.removeprefix(":"))
    if declared is None or name.startswith(":"):
        raise WhatIfError(
            f"the pack knows no parameter {name!r}",
            f"write {name[1:]!r}" if declared else suggest(name, pack.parameters, of="parameters"),
        )
    was = str(declared.value)
    try:
        unit = Quantity.parse(value).unit
    except QuantityError as error:
        raise WhatIfError(f"of {name}, {error.short}", f"the pack has {was}") from None
    due = Quantity.parse(was).unit
    if unit != due:
        message = f"{name!r} is set in {unit or 'plain numbers'}, the pack has it in {due or 'plain numbers'}"
        raise WhatIfError(message, f"the pack has {was}")
    return was


def _bound(name: str, written: str) -> str | bool:
    try:
        bound = Bound.parse(written)
    except BoundError as error:
        raise WhatIfError(f"of {name}, {error.short}", error.hint) from None
    return written if bound.expected is None else bound.expected


def _named(pack: Pack) -> Iterator[tuple[str, RequiredBound]]:
    """The bounds of a pack by the names that they may be called by.

    A slice that the data bring has the bound of them all. What has one bound alone is named by its criterion.
    """
    found: dict[str, RequiredBound] = {}
    alone: dict[str, list[RequiredBound]] = {}
    times: Counter[str] = Counter()
    for one in required_bounds(pack):
        criterion = _criterion(pack, one)
        stem = f"{criterion}/{one.fact}"
        times[stem] += 1
        found[stem if times[stem] == 1 else f"{stem}#{times[stem]}"] = one
        alone.setdefault(criterion, []).append(one)
    yield from found.items()
    yield from ((name, bounds[0]) for name, bounds in alone.items() if len(bounds) == 1)


def _criterion(pack: Pack, one: RequiredBound) -> str:
    if one.point is None:
        return f"{one.area or 'programme'}/{one.target}"
    place = one.path[3]
    assert isinstance(place, int)
    return f"{one.point}/{pack.points[one.point].criteria[place].id}"


def _shown(bound: str | bool) -> str:
    return str(bound).lower() if isinstance(bound, bool) else bound


def _with(part: Any, path: Path, value: object) -> Any:
    """A part of a pack with another value at a path."""
    if not path:
        return value
    key, *rest = path
    if isinstance(part, RootModel):
        return type(part)(_with(part.root, path, value))
    if isinstance(part, BaseModel):
        return part.model_copy(update={str(key): _with(getattr(part, str(key)), tuple(rest), value)})
    if isinstance(part, dict):
        return {**part, key: _with(part[key], tuple(rest), value)}
    assert isinstance(key, int)
    return type(part)([*part[:key], _with(part[key], tuple(rest), value), *part[key + 1 :]])
