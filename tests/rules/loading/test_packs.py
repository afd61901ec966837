"""Every folder under ``packs/`` is a case: the valid ones are clean, the others say what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, render_all
from phasegate.rules.lint.run import lint
from phasegate.rules.loading.pack import LoadedPack, load_pack, read_pack
from phasegate.rules.loading.pack_files import built_in_packs
from phasegate.rules.model.requirements import required_bounds

PACKS = Path(__file__).parents[1] / "packs"
VALID = sorted(path for path in (PACKS / "valid").iterdir() if path.is_dir())
INVALID = sorted(path for path in (PACKS / "invalid").iterdir() if path.is_dir())


def problems(folder: Path) -> tuple[Diagnostic, ...]:
    """What reading a pack finds, and linting as much of it as can be read."""
    try:
        return tuple(lint(read_pack(folder)))
    except PackError as error:
        return error.diagnostics


@pytest.mark.parametrize("folder", VALID, ids=lambda folder: folder.name)
def test_a_valid_pack_has_no_problem(folder: Path) -> None:
    assert problems(folder) == ()


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_an_invalid_pack_says_everything_that_is_wrong(folder: Path, snapshot: SnapshotAssertion) -> None:
    found = problems(folder)
    assert found
    assert render_all(found) == snapshot


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_each_problem_stands_on_text_of_its_file(folder: Path) -> None:
    for diagnostic in problems(folder):
        at = diagnostic.position
        assert at is not None
        lines = (folder / at.file).read_text().splitlines()
        line = lines[at.line - 1] if lines else ""
        assert (diagnostic.snippet or "") == line
        assert at.column + at.width - 1 <= max(1, len(line))


@pytest.mark.parametrize("name", built_in_packs())
def test_the_built_in_packs_have_no_error(name: str) -> None:
    found = lint(load_pack(name))
    assert render_all([one for one in found if one.severity == "error"]) == "Found no problems."


@pytest.mark.parametrize("name", built_in_packs())
def test_every_bound_of_a_built_in_pack_is_found_in_its_file(name: str) -> None:
    loaded = load_pack(name)
    for one in required_bounds(loaded.pack):
        fact = one.path if one.target is None else (*one.path[:-1], "measure")
        assert one.fact in source_line(loaded, fact)
        if isinstance(one.bound, str):
            assert one.bound in source_line(loaded, one.path)


def source_line(loaded: LoadedPack, path: tuple[str | int, ...]) -> str:
    """The line of a pack's file that a path leads to."""
    return loaded.diagnose("x", "x", path, part="value").snippet or ""
