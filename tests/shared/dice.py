"""The strategies of this folder, thrown by plain dice: in a tenth of the time, and nothing shrinks.

Hypothesis takes longer to draw a plan than all of phasegate and the oracle take to decide it. It looks for
the smallest example where something is wrong, and is asked in the tests that everybody runs; for
thousands of plans what it would draw is thrown here, by the same words of `strategies`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from sizes import first_seed


class Throw:
    """A strategy: makes a value by dice."""

    def __init__(self, make: Callable[[random.Random], Any]) -> None:
        self.make = make

    def map(self, change: Callable[[Any], Any]) -> Throw:
        return Throw(lambda dice: change(self.make(dice)))


def _integers(least: int, most: int) -> Throw:
    near = [number for number in (least, most, 0, 1, -1) if least <= number <= most]
    return Throw(lambda dice: dice.choice(near) if dice.random() < 0.1 else dice.randint(least, most))


def _lists(each: Throw, min_size: int = 0, max_size: int = 4, unique: bool = False) -> Throw:
    def make(dice: random.Random) -> list[Any]:
        found = [each.make(dice) for _ in range(dice.randint(min_size, max_size))]
        while unique and len(found := list(dict.fromkeys(found))) < min_size:
            found.append(each.make(dice))
        return found

    return Throw(make)


def _sets(each: Throw, min_size: int = 0, max_size: int = 4) -> Throw:
    return _lists(each, min_size, max_size, unique=True).map(set)


def _composite(compose: Callable[..., Any]) -> Callable[..., Throw]:
    return lambda *given, **named: Throw(
        lambda dice: compose(lambda throw: throw.make(dice), *given, **named)
    )


def _builds(what: Callable[..., Any], *parts: Throw) -> Throw:
    return Throw(lambda dice: what(*(part.make(dice) for part in parts)))


_WORDS = SimpleNamespace(
    sampled_from=lambda choices: Throw(lambda dice: dice.choice(choices)),
    one_of=lambda *throws: Throw(lambda dice: dice.choice(throws).make(dice)),
    just=lambda value: Throw(lambda dice: value),
    booleans=lambda: Throw(lambda dice: dice.random() < 0.5),
    integers=_integers,
    lists=_lists,
    sets=_sets,
    builds=_builds,
    composite=_composite,
)
strategies: Any = ModuleType("strategies by dice")
_SOURCE = Path(__file__).with_name("strategies.py")
_IMPORT = "from hypothesis import strategies as st\n"
_TEXT = _SOURCE.read_text(encoding="utf-8")
assert _IMPORT in _TEXT
strategies.st = _WORDS
exec(compile(_TEXT.replace(_IMPORT, "\n"), str(_SOURCE), "exec"), strategies.__dict__)


def thrown(strategy: Throw, count: int) -> Iterator[Any]:
    """So many values; a test that fails shows the seed of the one that it failed on."""
    first = first_seed()
    for seed in range(first, first + count):
        print(f"thrown({seed})")
        yield strategy.make(random.Random(seed))
