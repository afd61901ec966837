"""A gate that is open because an auditor attested that the board agrees."""

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
