"""The pictures that the documents show of each page are made, and no page scrolls sideways in any look.

With PHASEGATE_PICTURES=docs/img/pages they are written there, of more weeks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from browser_at_hand import ROOT, needed
from decided_example import DAY, WAIVED, WEEKS, decided_example
from twelve_projects import twelve_projects

from phasegate.web.shell import PAGES

KEPT = os.environ.get("PHASEGATE_PICTURES")
MOST_BYTES = 1_200_000
CRITERION = WAIVED.rpartition("/")[0]
OWN = {
    "project": "",
    "gate": "gate?id=3",
    "point": f"point?id={CRITERION.partition('/')[0]}",
    "criterion": f"criterion?id={CRITERION}",
    "requirement": f"requirement?id={WAIVED}",
    "evidence": "evidence?id=2.2.1/protocols/platform_cost.owner_coverage%5BMicrosoft%5D",
    "run": "run?run=1",
    "compare": f"compare?before=1&after={len(WEEKS) + 1 if KEPT else 2}",
    **{name: name for name, _ in PAGES if name not in ("", "compare")},
}
ALSO = {"portfolio", "search", "portfolio-file", "report"}


@pytest.fixture(scope="session", autouse=True)
def _needed() -> None:
    needed()


# Not in CI: on a busy machine Chromium now and then takes no picture. test_served.py asks the same of pages.
@pytest.mark.long
def test_each_page_is_shown_in_four_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = ROOT / KEPT if KEPT else tmp_path / "out"
    weeks = WEEKS if KEPT else WEEKS[:1]
    projects = [decided_example(tmp_path / "developer-finance", monkeypatch, weeks)]
    projects += twelve_projects(tmp_path / "projects", 11, DAY)
    pages = [word for name, address in OWN.items() for word in ("--page", f"{name}={address}")]
    command = [
        sys.executable,
        ROOT / "tools" / "served_pictures.py",
        "--at",
        f"{DAY}T12:00",
        "--run",
        f"{len(weeks) + 1}",
    ]
    done = subprocess.run([*command, *pages, out, *projects], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {*told} == {*OWN, *ALSO} == {each.stem for each in out.glob("*.webp")}
    for name, looks in told.items():
        assert {*looks} == {"light", "dark", "phone", "paper"}
        assert [look for look, (wide, window) in looks.items() if wide > window] == [], name
    assert sum(each.stat().st_size for each in out.glob("*.webp")) <= MOST_BYTES
    for each in ("report.html", "portfolio-file.html"):
        (out / each).unlink()


def test_the_documents_show_each_page() -> None:
    said = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    kept = {each.stem for each in (ROOT / "docs" / "img" / "pages").glob("*.webp")}
    assert kept == {*OWN, *ALSO}
    assert [each for each in kept if f"img/pages/{each}.webp" not in said] == []
