"""A small pack with weak cases: what tests of mutants and of coverage look at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from textwrap import indent

from phasegate.rules.cases.load import LoadedCase, load_cases, read_cases
from phasegate.rules.cases.reasons import Never, Survivor, read_reasons
from phasegate.rules.loading.pack import load_pack
from phasegate.runs.cases.run import Ground

FOLDER = Path(__file__).parents[1] / "runs/mutants/harbour"


@cache
def ground() -> Ground:
    """The pack, by itself."""
    return Ground.of_pack(load_pack(FOLDER), FOLDER)


def weak() -> tuple[LoadedCase, ...]:
    """Cases that all pass, and notice little."""
    return load_cases(ground().pack, FOLDER / "tests")


def strong() -> tuple[LoadedCase, ...]:
    """Cases that notice everything, and show all that there is."""
    return load_cases(ground().pack, FOLDER.parent / "strong.yaml")


def cases(*texts: str) -> tuple[LoadedCase, ...]:
    """Cases of which each text says what is given and what is expected."""
    named = (f"  - name: case {place}\n{indent(text, '    ')}\n" for place, text in enumerate(texts, 1))
    return read_cases(ground().pack, {"cases.yaml": f"as_of: 2026-03-31\ncases:\n{''.join(named)}".encode()})


def survivors(files: Mapping[str, str]) -> tuple[Survivor, ...]:
    """The survivors that files name."""
    return read_reasons({name: text.encode() for name, text in files.items()}).survivors


def never(files: Mapping[str, str]) -> tuple[Never, ...]:
    """What files name as never shown."""
    return read_reasons({name: text.encode() for name, text in files.items()}).never
