"""The reference in docs/ is what the commands and the models say today."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from phasegate import cli


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "reference.py"
    spec = importlib.util.spec_from_file_location("reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference"] = module
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_those_that_would_be_written(reference: ModuleType) -> None:
    pages = reference.pages()
    assert len(pages) == 10
    for name, text in pages.items():
        assert (reference.PLACE / name).read_text(encoding="utf-8") == text, f"{name}: run make reference"
    assert {path.name for path in reference.PLACE.iterdir()} == set(pages)


def test_every_command_has_its_section(reference: ModuleType) -> None:
    text = reference.commands()
    for name in cli.main.commands:
        assert f"\n## phasegate {name}\n" in text


def test_attributes_of_models_are_told(reference: ModuleType) -> None:
    assert "| `min_rows` | integer | `1` | fewer rows than this are too few to judge" in reference.keys_of(
        "pack"
    )
