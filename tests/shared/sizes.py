"""How much a test tries: little each time, more in the slow tests, all of it in the long ones by hand.

What is drawn by chance is drawn from a fixed seed in the fast tests, and in CI in the slow ones too, so that
a change that breaks nothing fails nothing. By hand the slow and the long ones draw anew each time: all of a
run from one seed, which it prints, and which draws the same again.
"""

from __future__ import annotations

import os
import random
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeVar, cast

from hypothesis import settings

T = TypeVar("T")
Size = Literal["fast", "slow", "long"]
SIZE = cast("Size", os.environ.get("PHASEGATE_TEST_SIZE") or "fast")
"""Which tests run; the Makefile's targets set it."""
FIXED = 2026
"""Where the fast tests begin to draw."""
SEED = "PHASEGATE_TEST_SEED"
"""The variable that says where to begin to draw."""
OTHERS = 3
"""Of a table's cases that the fast tests leave, the slow ones try one in so many, the long ones all."""
SHARE: dict[Size, float] = {"fast": 0.1, "slow": 0.4, "long": 10}


def examples(number: int) -> int:
    """How many examples of a property are tried, which is worth ``number`` of them.

    The fast tests try a tenth, always the same ones; the slow ones two fifths, so that a few runs that draw
    anew have tried the number; the long ones ten times as many.
    """
    return max(min(number, 4), round(number * SHARE[SIZE]))


def some(all_of: Iterable[T], at: int, every: int, slow: int = 1) -> list[T]:
    """Of what each case of a table tries, a part: begun at another place for another ``at``.

    Where the cases begin at places of their own, all that is tried is tried with some of them.

    Args:
        all_of: what is tried.
        at: which case it is.
        every: the fast tests try one in so many.
        slow: the slow ones one in so many, others in other runs; the long ones try all.
    """
    known = list(all_of)
    if SIZE == "fast":
        return known[at % every :: every]
    return known[(at + seed_of_run()) % slow :: slow] if SIZE == "slow" else known


def is_tried_whole() -> bool:
    """Whether each table is tried with all of its cases, as where the tests themselves are measured."""
    return SIZE == "long" or os.environ.get("PHASEGATE_TEST_CASES") == "all"


def part(cases: Sequence[str], every: int, others: int = OTHERS) -> set[str]:
    """Of the ids of a table's cases those to try: one in so many, by the slow tests some of the others.

    Which they are hangs on nothing but their ids, so that neighbours in a table are not left out together;
    and on the Python, so that each tries others. Which of the others, on the seed of the run.

    Args:
        cases: the ids.
        every: the fast tests try one in so many.
        others: of those that they leave the slow ones try one in so many.
    """
    drawn = sorted(cases, key=lambda case: (zlib.crc32(case.encode()), case))
    fast = drawn[sys.version_info.minor % min(every, len(drawn)) :: every]
    left = [case for case in drawn if case not in {*fast}]
    if SIZE == "fast" or not left:
        return {*fast} if SIZE == "fast" else set()
    return {*left[seed_of_run() % min(others, len(left)) :: others]}


def handed_out(all_of: Sequence[T], first: Mapping[T, str], workers: int) -> list[T]:
    """Tests in the order in which what is costly is begun at once, and none of it is waited for at the end.

    Args:
        all_of: the tests; each worker is handed one piece of them, of one length, and steals when it is done.
        first: what begins a piece, by what it needs: what needs the same, such as a server, stays together.
        workers: how many there are.
    """
    groups: dict[str, list[T]] = {}
    for test, needed in first.items():
        groups.setdefault(needed, []).append(test)
    rest, found = [test for test in all_of if test not in first], list[T]()
    for place in range(workers):
        length = (len(all_of) - len(found)) // (workers - place)
        heads = [test for group in [*groups.values()][place::workers] for test in group]
        more = max(length - len(heads), 0)
        found += heads + rest[:more]
        rest = rest[more:]
    return found


def seed_of_run() -> int:
    """From where all of a run is drawn: as was asked for, else fixed, or drawn once and told the workers."""
    if SEED not in os.environ and SIZE != "fast":
        os.environ[SEED] = str(random.SystemRandom().getrandbits(48))
    return int(os.environ.get(SEED) or FIXED)


def first_seed() -> int:
    """Where to begin to draw; printed, and so shown where a test fails."""
    print(f"{SEED}={seed_of_run()}")
    return seed_of_run()


def compute_in_one_thread() -> None:
    """Has polars compute in one thread; what a test starts has as many as the machine."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    pl.thread_pool_size()  # from here on they are as many
    del os.environ["POLARS_MAX_THREADS"]


def set_up() -> None:
    """Chooses how Hypothesis draws; no example is timed, so that none fails because the machine is busy.

    Fast tests that run beside others leave each other a core: two workers with a thread each take less time
    than with two.
    """
    if SIZE == "fast" and "PYTEST_XDIST_WORKER" in os.environ and "POLARS_MAX_THREADS" not in os.environ:
        compute_in_one_thread()
    settings.register_profile(
        "phasegate",
        deadline=None,
        max_examples=examples(100),
        derandomize=SIZE == "fast",
        database=None,
        print_blob=SIZE != "fast",
    )
    settings.load_profile("phasegate")
