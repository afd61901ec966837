"""The folders of cases that tests of several stations look at, and the pack that they are about."""

from __future__ import annotations

from pathlib import Path

from phasegate.rules.cases.load import LoadedCase, load_cases
from phasegate.rules.loading.pack import LoadedPack, load_pack

FOLDER = Path(__file__).parents[1] / "rules/case_files"
PACK, VALID, INVALID = FOLDER / "pack", FOLDER / "valid", FOLDER / "invalid"


def harvest() -> LoadedPack:
    """The pack, which has every kind of measure once."""
    return load_pack(PACK)


def valid_cases() -> tuple[LoadedCase, ...]:
    """All cases that are as they should be; each of them passes."""
    return load_cases(harvest().pack, VALID)
