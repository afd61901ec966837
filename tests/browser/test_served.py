"""Served pages in a real browser: from all projects to the worst gate, its reason, the rows and a proof."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_at_hand import EXAMPLE, MOST_SECONDS, needed, node
from twelve_projects import twelve_projects

PHASEGATE = Path(sys.executable).with_name("phasegate")
ACCESS = "access:\n  local: {evidence: true}\n  rate: {per_minute: 100000, burst: 10000}\n"
SEEN = "2.2.1/protocols/platform_cost.owner_coverage%5BMicrosoft%5D"
PAGES = (
    "/",
    *(
        f"/p/served/{each}"
        for each in (
            "", "gate?id=2", "point?id=2.2.1", "criterion?id=2.2.1/protocols", f"requirement?id={SEEN}",
            f"evidence?id={SEEN}", "runs", "compare", "people", "schedules", "notifications", "verification",
        )
    ),
    "/search?q=budget",
    "/p/served/gate?id=nothing",
)  # fmt: skip
MOST = {"desk": 800, "phone": 844}


@pytest.fixture(scope="session", autouse=True)
def _needed() -> None:
    needed()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Where the example and eleven projects are served; the server ends in order when it is told to."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "phasegate.yaml").write_bytes((EXAMPLE / "phasegate.yaml").read_bytes())
    (folder / "phasegate.serve.yaml").write_text(ACCESS, encoding="utf-8")
    made = [sys.executable, EXAMPLE / "generate.py", "--out", folder]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PHASEGATE, "check", "-q"], cwd=folder, check=False, stdout=subprocess.DEVNULL)
    others = twelve_projects(tmp_path / "others", 11)
    command = [PHASEGATE, "serve", "--port", "0", ".", *others]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().rpartition(" ")[2].strip()
        finally:
            server.send_signal(signal.SIGTERM)
            rest, _ = server.communicate(timeout=MOST_SECONDS)
    assert (server.returncode, rest) == (0, "Stopped.\n")


@pytest.mark.slow
def test_by_keyboard_alone_from_the_first_page_to_a_proof(served: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = node("walk.mjs", served, out, *PAGES)
    empty = tmp_path / "empty"
    empty.mkdir()
    for script, walk in told["walks"].items():
        assert walk["console"] == [], script
        assert all(each.startswith(served) for each in walk["requests"]), "it asks another server"
        gate, criterion, rows = walk["way"]
        assert "CLOSED" in gate["title"]
        assert "FAIL" in criterion["title"]
        assert rows["rows"] > 0
        command = [PHASEGATE, "verify", walk["proof"]]
        done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for page, screens in told["screens"].items():
        for screen, ends in screens.items():
            assert None not in ends, f"a question has no answer: {page}, {screen}"
            assert max(ends) <= MOST[screen], f"an answer is below the first screen: {page}, {screen}"
    assert node("valid.mjs", *(out / f"{place}.html" for place in range(len(PAGES)))) == []
    assert len(told["pages"]) == len(PAGES)
    for page in told["pages"]:
        for look in ("light", "dark", "phone"):
            shown = page[look]
            status = 404 if page["address"].endswith("nothing") else 200
            found = (shown["status"], shown["axe"], shown["outside"])
            assert found == (status, [], []), page["address"]
            assert shown["wide"] <= shown["window"], "the page itself scrolls sideways"
            assert shown["sideways"] == [], "a table scrolls sideways"
