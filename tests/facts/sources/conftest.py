"""Opening a source in a test: a folder, a contract, a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import OpenSource, numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
Settle = Callable[..., tuple[SourceState, pl.DataFrame | None]]


@pytest.fixture
def settle(tmp_path: Path) -> Settle:
    """Opens a source in the test's folder, computes its checks, and gives its state and rows."""

    def settle(contract: Contract | None, root: Path = tmp_path, **file: Any) -> tuple[SourceState, Any]:
        as_of = file.pop("as_of", AS_OF)
        more = {key: file.pop(key) for key in ("calendar", "values", "progress") if key in file}
        source = open_source("costs", contract, SourceFile(**file), root, as_of, **more)
        return settled(source)

    return settle


def settled(source: OpenSource) -> tuple[SourceState, pl.DataFrame | None]:
    if source.frame is None:
        return source.settle({}), None
    visible = source.frame.select(*source.kinds)
    try:
        *checks, rows = pl.collect_all([*source.checks, visible], engine="streaming")
    except pl.exceptions.PolarsError:
        state = source.diagnose()
        assert state is not None
        return state, None
    return source.settle(numbers(checks)), rows
