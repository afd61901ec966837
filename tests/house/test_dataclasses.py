"""What is decided from is not changed afterwards: dataclasses of these folders are frozen and have slots."""

from __future__ import annotations

from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import phasegate

ROOT = Path(phasegate.__file__).parent
FOLDERS = ("engine", "facts/measures", "records", "rules/model", "rules/values")
"""Those whose mutants `make mutants` draws."""
FILLED = {"Run", "Nodes", "Context", "Table", "Shared", "Batch", "Part"}
"""Those that are filled as a run goes on."""
WITH_MORE = FILLED - {"Run", "Nodes"} | {"Attestations", "Baseline", "Frame"}
"""Those that keep more than their fields, such as what is computed once."""


def dataclasses_of(folder: str) -> list[type]:
    """The dataclasses that are written in a folder."""
    found: list[type] = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = import_module(".".join(("phasegate", *parts)).removesuffix(".__init__"))
        written = (each for each in vars(module).values() if isinstance(each, type))
        found += [each for each in written if each.__module__ == module.__name__ and is_dataclass(each)]
    return found


def test_they_are_frozen_and_have_slots() -> None:
    found = [each for folder in FOLDERS for each in dataclasses_of(folder)]
    frozen = {each.__name__ for each in found if each.__dataclass_params__.frozen}  # type: ignore[attr-defined] # of each
    with_slots = {each.__name__ for each in found if "__slots__" in vars(each)}
    assert {each.__name__ for each in found} - frozen == FILLED
    assert {each.__name__ for each in found} - with_slots == WITH_MORE
