"""Facts of amounts in several currencies, from files, held in memory or scanned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from exchanged import AS_OF, FX, INVOICES, PLANS, RATES, Facts

from phasegate.facts.assemble import assemble, parameter_values
from phasegate.facts.model.fact import FactSet
from phasegate.facts.sources import passes
from phasegate.facts.sources.open import open_sources
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import SourceFile


@pytest.fixture(params=["held", "scanned"])
def reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether sources are small enough to be held in memory, or none is."""
    if request.param == "scanned":
        monkeypatch.setattr(passes, "SMALL", -1)
    return str(request.param)


@pytest.fixture
def facts(tmp_path: Path, reading: str) -> Facts:
    """Computes measures over CSV tables, held or scanned."""

    def compute(
        measures: Mapping[str, Mapping[str, Any]],
        invoices: str,
        rates: str | None = RATES,
        plans: str = "month,money,team,planned\n",
        convert: Mapping[str, Any] | None = None,
        contracts: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> FactSet:
        own = INVOICES | {"convert": INVOICES["convert"] | dict(convert or {})}
        pack = Pack.model_validate(
            {
                "pack": "p",
                "title": "P",
                "points": {
                    id_: {"title": id_, "criteria": [{"id": "c", "text": "C", "require": {"m": "true"}}]}
                    for id_ in ("1.1", "1.2")
                },
                "sources": {"invoices": own, "plans": PLANS, "fx": FX} | dict(contracts or {}),
                "measures": {
                    id_: {"title": id_, "from": "invoices", **measure} for id_, measure in measures.items()
                },
            }
        )
        files = {}
        for name, text in {"invoices": invoices, "plans": plans, "fx": rates}.items():
            if text is not None:
                (tmp_path / f"{name}.csv").write_text(text.lstrip(), encoding="utf-8")
                files[name] = SourceFile(path=f"{name}.csv")
        values = parameter_values(pack, AS_OF, {})
        contracts_read = {name: pack.sources[name] for name in files}
        opened = open_sources(contracts_read, files, tmp_path, AS_OF, values=values)
        return assemble(pack, opened, AS_OF)

    return compute
