"""A step through a gate rests on what people say when it is signed, not only when the gate was decided."""

from __future__ import annotations

from typing import Any

import pytest

World = Any
MINUTED = """\
      - id: minutes
        text: The board agrees
        require:
          minuted: true
"""


@pytest.fixture
def attested(world: World) -> World:
    """Gate 1 is open because an auditor attested that the board agrees."""
    write = world.write

    def written(*args: str, **limits: str) -> None:
        write(*args, **limits)
        file = world.folder / "pack" / "pack.yaml"
        text = file.read_text(encoding="utf-8").replace('  "1.2":\n', f'{MINUTED}  "1.2":\n')
        text += "  minuted: {title: The board agrees, attested: {by: auditor}}\n"
        file.write_text(text, encoding="utf-8")

    world.write = written
    (world.folder / "minutes.txt").write_text("agreed")
    world.write(">= 80 %")
    world.approve()
    says(world, "true")
    assert world.gate().exit_code == 0
    return world


def says(world: World, value: str) -> None:
    words = ("--value", value, "--evidence", "minutes.txt", "--until", "2026-05-01")
    result = world.by("eyes", "attest", "minuted", *words)
    assert result.exit_code == 0, result.output


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
