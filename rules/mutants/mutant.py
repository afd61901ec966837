"""Mutants: packs in which one thing is changed, as a slip of the author would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from pydantic import ValidationError

from phasegate.rules.diagnostics.position import Position
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.mutants.change import Change, changed
from phasegate.rules.mutants.gates import gate_changes, parameter_changes
from phasegate.rules.mutants.measures import measure_changes, source_changes
from phasegate.rules.mutants.places import place_of
from phasegate.rules.mutants.requirements import requirement_changes
from phasegate.rules.mutants.rewording import Reword
from phasegate.rules.mutants.touched import Touched, touched_by
from phasegate.rules.yaml.parser import Path


@dataclass(frozen=True)
class Mutant:
    """A pack with one thing changed.

    Attributes:
        id: where it is changed and what; the same wherever the line stands.
        path: where it is changed, by keys from the top of the pack.
        told: the change in words.
        position: the line.
        touched: what can come out otherwise.
        original: the pack as it is.
        value: what stands at the path.
    """

    id: str
    path: Path
    told: str
    position: Position
    touched: Touched
    original: LoadedPack
    value: Any

    @property
    def pack(self) -> Pack:
        """The pack with the change."""
        return changed(self.original.pack, self.path, self.value)

    @cached_property
    def loaded(self) -> LoadedPack:
        """The pack with the change, and where its parts come from."""
        return replace(self.original, pack=self.pack, by_files=False, earlier=frozenset())


def mutants_of(loaded: LoadedPack, reword: Reword) -> Iterator[Mutant]:
    """Each mutant of a pack, in the order of its sections; none says what the pack says.

    What can not be read is none. Whether lint takes a mutant is left to who asks: it takes its time.

    Args:
        loaded: a pack without faults.
        reword: rewords expressions.
    """
    pack = loaded.pack
    times: Counter[str] = Counter()
    for change in changes_of(pack, reword):
        try:
            other = changed(pack, change.path, change.value)
        except ValidationError:
            continue
        if other == pack:
            continue
        stem = f"{place_in_words(pack, change.path)} | {change.told}"
        times[stem] += 1
        id_ = stem if times[stem] == 1 else f"{stem} ({times[stem]})"
        position = place_of(loaded, change.path, change.text, change.at)
        touched = touched_by(pack, change.path)
        yield Mutant(id_, change.path, change.told, position, touched, loaded, change.value)


def changes_of(pack: Pack, reword: Reword) -> Iterator[Change]:
    """All changes of a pack, whether or not they can be read."""
    return chain(
        parameter_changes(pack),
        gate_changes(pack),
        requirement_changes(pack),
        measure_changes(pack, reword),
        source_changes(pack, reword),
    )


def place_in_words(pack: Pack, path: Path) -> str:
    """Where something stands, by names alone: a place in a list is another one with each entry before it."""
    rest = [each for each in path if isinstance(each, str)]
    match path:
        case ("points", str(point), "criteria", int(place), *_):
            criterion = pack.points[point].criteria[place].id
            return "/".join([point, criterion, *(each for each in rest[3:] if each != "require")])
        case ("areas", *_):
            return "/".join(each for each in rest[1:] if each != "bound")
        case ("programme", "targets", *_):
            return "/".join(each for each in (PROGRAMME, *rest[2:]) if each != "bound")
        case ("programme", *_):
            return " ".join(rest)
    return " ".join([rest[0].removesuffix("s"), rest[1], ".".join(rest[2:])])
