"""Much of everything: ten thousand runs, five hundred points, two hundred projects.

Each page answers, is no longer than somebody can load, and leads to what it does not show itself.
"""

from __future__ import annotations

import datetime as dt
import gzip
import re
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from served_world import NOW, Read, asking, viewer

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.trail.pack_snapshot import rules_document
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.monitoring.portfolio.places import place_of_project
from phasegate.monitoring.portfolio.portfolio import portfolio
from phasegate.monitoring.portfolio.rollup import ALL
from phasegate.monitoring.portfolio.row import Asked
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.runs.attempt import Attempt
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

RUNS, AT_ONCE, POINTS, PROJECTS = 10_000, 500, 500, 200
LARGEST = 100_000
"""Bytes of a page as it is sent compressed."""
OWN = """\
phasegate: 1
id: {id}
ledger: {ledger}
sources: {{invoices: {{path: invoices.csv}}}}
measures:
  invoices.reconciled: {{title: Reconciled, from: invoices, ratio: {{of: status = 'reconciled'}}}}
require: {{invoices.reconciled: ">= 95 %"}}
"""
PACKED = """\
phasegate: 1
id: many-points
pack: pack
sources: {invoices: {path: invoices.csv}}
"""


def own_rules(
    folder: Path, id_: str = "many-runs", ledger: str = "phasegate.db", status: str = "open"
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phasegate.yaml").write_text(OWN.format(id=id_, ledger=ledger), encoding="utf-8")
    (folder / "invoices.csv").write_text(f"invoice,status\nF-1,{status}\n", encoding="utf-8")
    return folder


def many_runs(folder: Path) -> None:
    """Keeps one run over and over, as one that a schedule has every few minutes."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = PublicKey(key.public_key().public_bytes_raw(), "evaluator")
    loaded = ready_project(folder)
    files: dict[str, bytes] = {}
    record = evaluate(loaded, NOW.date(), files=files)
    envelope = Envelope(NOW - dt.timedelta(hours=1), "evaluator", public.fingerprint)
    run = RunDrafts(record, loaded.pack.pack, rules_document(loaded), envelope, files)
    listed = Signers([Signer("evaluator", ("evaluator",), public)]).as_document()
    told = {"signers": listed, "envelope": envelope.document(), "project": record["project"]}
    signer = CheckpointSigner("evaluator", public.raw, key.sign)
    with Ledger.open(folder / "phasegate.db", create=True) as ledger:
        ledger.append(lambda _: [Draft("key", None, "", told)], signer)
        for _ in range(RUNS // AT_ONCE):
            ledger.append(
                lambda at: [
                    each
                    for number in range(at.newest_run + 1, at.newest_run + AT_ONCE + 1)
                    for each in run.drafts(number)
                ],
                signer,
                run.contents,
            )


@pytest.mark.slow(first=True)
def test_ten_thousand_runs(tmp_path: Path) -> None:
    many_runs(own_rules(tmp_path))
    with asking(tmp_path, by=viewer()) as client:
        for path in ("", "runs", "run?run=1", "compare", "people", "schedules", "notifications", "feed.atom"):
            answer = client.get(f"/p/many-runs/{path}")
            assert answer.status_code == 200, path
            assert len(gzip.compress(answer.content)) < LARGEST, path
        seen: list[int] = []
        page = "/p/many-runs/runs"
        for _ in range(3):
            read = Read(client.get(page).text)
            own = [int(each) for each in re.findall(r"[?&]run=([0-9]+)", " ".join(read.links))]
            seen += dict.fromkeys(own)
            page = next(each for each in read.links if "before=" in each)
        assert seen[0] == RUNS
        assert [*dict.fromkeys(seen)] == [*range(RUNS, min(seen) - 1, -1)], (
            "a run is left out between two pages"
        )
        assert client.get(f"/p/many-runs/run?run={RUNS + 1}").status_code == 404
        assert client.get("/api/v1/projects/many-runs").json()["newest"]["run"] == RUNS


@pytest.mark.slow
def test_five_hundred_points(tmp_path: Path) -> None:
    own_rules(tmp_path)
    (tmp_path / "phasegate.yaml").write_text(PACKED, encoding="utf-8")
    rules = '{id: done, text: It is reconciled, enforcement: soft, require: {invoices.reconciled: ">= 95 %"}}'
    points = "".join(f"  p{each}: {{title: Point {each}, criteria: [{rules}]}}\n" for each in range(POINTS))
    names = ", ".join(f"p{each}" for each in range(POINTS))
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack.yaml").write_text(
        f'pack: many\ntitle: Many\npoints:\n{points}phases: {{"1": {{title: All, points: [{names}]}}}}\n'
        "sources: {invoices: {title: one invoice, columns: {status: {type: string}}}}\nmeasures:\n"
        "  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}\n",
        encoding="utf-8",
    )
    Attempt(("check",), tmp_path, NOW, {}).decide(None)
    with asking(tmp_path, by=viewer()) as client:
        for path in ("", "gate?id=1", f"point?id=p{POINTS - 1}", f"criterion?id=p{POINTS - 1}/done"):
            answer = client.get(f"/p/many-points/{path}")
            assert answer.status_code == 200, path
            assert len(gzip.compress(answer.content)) < LARGEST, path
        shown = Read(client.get("/p/many-points/").text)
        assert {f"p{each}-done" for each in range(POINTS)} <= {*shown.ids}
        assert f"p{POINTS - 1}" in client.get(f"/search?q=p{POINTS - 1}").text


@pytest.mark.slow(first=True)
def test_two_hundred_projects_in_one_ledger(tmp_path: Path) -> None:
    """All have a row, the worst first, on the page and by the command; a tenth of them is closed."""
    environ = {"LEDGER": str(tmp_path / "shared.db")}
    folders: list[Path] = []
    for number in range(PROJECTS):
        status = "open" if number % 10 == 9 else "reconciled"
        folder = own_rules(tmp_path / f"p{number}", f"project-{number:03}", "env:LEDGER", status)
        if number:  # one key signs for all
            shutil.copytree(folders[0] / ".phasegate", folder / ".phasegate")
        Attempt(("check",), folder, NOW, environ).decide(None)
        folders.append(folder)
    found = portfolio("All", [place_of_project(each, environ) for each in folders], NOW, Asked(), ALL)
    closed = {f"project-{number:03}" for number in range(9, PROJECTS, 10)}
    assert len({each.project for each in found.rows}) == PROJECTS
    assert {each.project for each in found.rows[: len(closed)]} == closed
    assert {each.standing for each in found.rows[len(closed) :]} == {Standing.OPEN}
    assert found.rolled_up.standing is Standing.CLOSED
    with asking(*folders, by=viewer(), environ=environ) as client:
        first = client.get("/")
        assert first.status_code == 200
        assert len(gzip.compress(first.content)) < LARGEST
        table = first.text.partition('id="projects"')[2]  # above it some are told as examples
        order = re.findall(r'href="/p/(project-[0-9]{3})/"', table)
        assert len({*order}) == PROJECTS
        assert {*order[: len(closed)]} == closed
        assert "project-117" in client.get("/search?q=project-117").text
