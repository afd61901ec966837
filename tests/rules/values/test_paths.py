"""Paths of a project stay in its folder, links included, unless the project says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from phasegate.rules.loading.project import find_project
from phasegate.rules.values.paths import PathError, not_text, resolve_inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "project-2").mkdir()
    (project / "away").symlink_to(tmp_path / "outside")
    (project / "sibling").symlink_to(tmp_path / "project-2")
    (project / "within").symlink_to("data")
    (project / "loop").symlink_to("loop")
    return project


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a.csv", "a.csv"),
        ("data/a.csv", "data/a.csv"),
        ("./data//a.csv", "data/a.csv"),
        ("data/*.csv", "data/*.csv"),
        ("within/a.csv", "data/a.csv"),
        ("not/yet/there.csv", "not/yet/there.csv"),
        ("..data/a.csv", "..data/a.csv"),
        ("~/a.csv", "~/a.csv"),
        (".", "."),
    ],
)
def test_a_path_inside_is_resolved(written: str, found: str, root: Path) -> None:
    assert resolve_inside(root, written) == root / found


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("../a.csv", "leads out"),
        ("data/../../a.csv", "leads out"),
        ("data/../a.csv", "leads out"),
        ("..", "leads out"),
        ("..\\a.csv", "leads out"),
        ("/etc/passwd", "is absolute"),
        ("C:\\a.csv", "is absolute"),
        ("\\\\server\\share\\a.csv", "is absolute"),
        ("away/a.csv", "link that leads out"),
        ("away", "link that leads out"),
        ("sibling/a.csv", "link that leads out"),
        ("loop/a.csv", "leads back to itself"),
        ("", "is not a path"),
        ("a\x00.csv", "is not a path"),
    ],
)
def test_a_path_that_leaves_is_refused(written: str, why: str, root: Path) -> None:
    with pytest.raises(PathError, match=why) as caught:
        resolve_inside(root, written)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("written", "found"),
    [("../a.csv", "a.csv"), ("away/a.csv", "outside/a.csv"), ("data/a.csv", "project/data/a.csv")],
)
def test_a_path_may_leave_where_the_project_says_so(written: str, found: str, root: Path) -> None:
    assert resolve_inside(root, written, allowed=True) == root.parent / found


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("written", ["loop", "loop/a.csv", "two/a.csv"])
def test_a_link_that_leads_to_itself_is_refused_by_each_python(
    root: Path, written: str, allowed: bool
) -> None:
    (root / "two").symlink_to("three")
    (root / "three").symlink_to("two")
    with pytest.raises(PathError, match=f"^'{written}' is a link that leads back to itself"):
        resolve_inside(root, written, allowed=allowed)


def test_no_project_above_is_taken_for_one_that_can_not_be_reached(root: Path) -> None:
    (root / "phasegate.yaml").write_text("")
    with pytest.raises(PathError, match="leads back to itself"):
        find_project(root / "loop")


def test_the_project_may_itself_stand_behind_a_link(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert resolve_inside(link, "data/a.csv") == root / "data/a.csv"


@pytest.mark.parametrize(
    ("path", "told"),
    [("a/b.csv", None), ("ä.csv", None), ("a\udcffb\udc80", r"a\xffb\x80"), ("\ud800", r"\x00")],
)
def test_a_path_that_is_no_text_is_told_as_one(path: str, told: str | None) -> None:
    assert not_text(Path(path)) == told
