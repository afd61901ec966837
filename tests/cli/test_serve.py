"""The command that serves pages: what it refuses to begin with. That it serves, the browser's test holds."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import write_project

from phasegate.cli import main
from phasegate.commands import serve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(tmp_path, id_="harbour-programme")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PORTFOLIO = "phasegate_portfolio: 1\ntitle: All\nprojects:\n  - {ledger: x.db, project: harbour-programme}\n"
REFUSED = {
    "an address that others reach": (
        ["--host", "0.0.0.0"],
        "others can reach 0.0.0.0, and nobody signs in there",
    ),
    "a name that may be any address": (["--host", "pages.example.org"], "others can reach pages.example.org"),
    "no project": (["elsewhere"], "there is no phasegate.yaml"),
    "one project twice": ([".", "phasegate.yaml"], "would both be served as 'harbour-programme'"),
    "projects beside a portfolio": ([".", "--portfolio", "all.yaml"], "name none beside it"),
    "no port": (["--port", "70000"], "70000 is not in the range"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_it_is_refused(folder: Path, why: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    given, said = REFUSED[why]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "all.yaml").write_text(PORTFOLIO, encoding="utf-8")
    words = [str(elsewhere) if each == "elsewhere" else each for each in given]
    done = CliRunner().invoke(main, ["serve", *words])
    assert done.exit_code == 2
    assert said in done.output.replace("\n", " ")


def brought() -> list[str]:
    """What the extra brings, by the names under which it is imported."""
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra = known["project"]["optional-dependencies"]["serve"]
    return [re.split(r"[<>=]", each)[0].lower() for each in extra]


def test_all_of_the_extra_is_looked_for() -> None:
    assert {*serve.NEEDED} == {*brought()}


@pytest.mark.parametrize("missing", serve.NEEDED)
def test_the_extra_is_named_where_it_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    done = CliRunner().invoke(main, ["serve"])
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert f"pages can not be served without {missing}" in said
    assert "install it with: pip install 'phasegate[serve]'" in said
