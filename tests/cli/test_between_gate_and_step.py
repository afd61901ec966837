"""A step through a gate rests on what people say when it is signed, not only when the gate was decided."""

from __future__ import annotations

from typing import Any

from attested_world import attested, says

__all__ = ["attested"]
World = Any


def test_nobody_passes_once_something_else_was_attested(attested: World) -> None:
    attested.at("2026-03-01T12:10:00+00:00")
    says(attested, "false")
    result = attested.by("dev", "advance", "1")
    assert result.exit_code == 2, result.output
    assert "something was attested since run 1 decided gate 1" in result.output
    assert attested.gate().exit_code == 1
    assert attested.by("dev", "advance", "1").exit_code == 2
    attested.at("2026-03-01T12:20:00+00:00")
    says(attested, "true")
    assert attested.gate().exit_code == 0
    assert attested.by("dev", "advance", "1").exit_code == 0
    assert attested.run("verify").exit_code == 0


def test_nobody_passes_once_a_signer_it_rests_on_no_longer_counts(attested: World) -> None:
    attested.at("2026-03-01T12:10:00+00:00")
    attested.write(">= 80 %", eyes="revoked: 2026-03-01T11:00:00Z")
    result = attested.by("dev", "advance", "1")
    assert result.exit_code == 2, result.output
    assert "'eyes' is listed otherwise, or no longer, since run 1 decided gate 1" in result.output
    assert attested.gate().exit_code != 0


def test_one_signer_more_shuts_nothing(attested: World) -> None:
    attested.listed["stranger"] = "auditor"
    attested.write(">= 80 %")
    assert attested.by("dev", "advance", "1").exit_code == 0
