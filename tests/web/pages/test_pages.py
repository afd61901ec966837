"""What pages say: proofs that prove elsewhere, commands that can be typed, what changed and who signed."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kept_runs import DAYS, PACK, keep, write_project
from served_world import KEY, NOW, PROJECT, REQUIREMENT, Read, asking, viewer, world
from starlette.testclient import TestClient

from phasegate.audit.trail.runs import find_run
from phasegate.audit.verification.make_proof import make_proof
from phasegate.audit.verification.proof_subject import entry_of
from phasegate.audit.verification.service import verified_proof
from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.web.ledgers.served import ServedProject
from phasegate.web.ledgers.today import Today

FIGURES = {
    "gate": ("1", "phase:1"),
    "point": ("1.1", "1.1"),
    "criterion": ("1.1/systems", "1.1/systems"),
    "requirement": (REQUIREMENT, REQUIREMENT),
    "evidence": (REQUIREMENT, REQUIREMENT),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with asking(folder, by=viewer()) as found:
        yield found


def typed(page: str) -> list[list[str]]:
    """The commands that a page shows, as a shell reads them."""
    return [shlex.split(unescape(each)) for each in re.findall(r"<code>(phasegate [^<]*)</code>", page)]


@pytest.mark.parametrize("kind", FIGURES)
def test_each_figure_has_a_proof_that_is_verified_elsewhere(
    client: TestClient, folder: Path, tmp_path: Path, kind: str
) -> None:
    given, subject = FIGURES[kind]
    page = client.get(f"{PROJECT}{kind}", params={"id": given})
    (link,) = [each for each in Read(page.text).links if "/proof?" in each]
    answer = client.get(link)
    name = re.fullmatch(r'attachment; filename="([\w.-]+)"', answer.headers["content-disposition"])
    assert name is not None
    (tmp_path / name[1]).write_bytes(answer.content)
    shown = verified_proof(tmp_path / name[1], (), (), tmp_path)
    assert shown.good
    run = parse_qs(urlsplit(link).query)["run"][0]
    with ServedProject(folder, {}).opened() as opened:
        log = opened.log
        assert make_proof(log, entry_of(log, find_run(log, run), subject)) == answer.text
    assert ["phasegate", "verify", name[1]] in typed(page.text)


def test_the_lines_to_sign_are_filled_in(client: TestClient) -> None:
    page = client.get(f"{PROJECT}criterion", params={"id": "1.2/cranes"})
    lines = typed(client.get(f"{PROJECT}requirement", params={"id": "1.1/systems/invoices.reconciled"}).text)
    waive = next(line for line in lines if line[1] == "waive")
    assert waive[2] == REQUIREMENT
    assert waive[3:5] == ["--covers", "fail"]
    assert not any(line[1] == "waive" for line in typed(page.text)), "no waiver is taken for what is hard"


def test_an_open_gate_says_how_to_advance(tmp_path: Path) -> None:
    write_project(tmp_path, open_invoices=(), waived=True, id_=KEY)
    keep(tmp_path, DAYS[2], gate="1")
    with asking(tmp_path, by=viewer()) as client:
        page = client.get(f"{PROJECT}gate?id=1").text
        assert ["phasegate", "advance", "1"] in typed(page)
        assert "open" in client.get(f"{PROJECT}badge.svg?id=1").text
    later = NOW + dt.timedelta(days=60)
    with asking(tmp_path, by=viewer(), now=later) as client:
        page = client.get(f"{PROJECT}gate?id=1").text
        assert "Today it stands" in page
        assert "phasegate advance" not in page
        assert "open" not in client.get(f"{PROJECT}badge.svg?id=1").text
        assert "Today it stands" not in client.get(f"{PROJECT}gate?id=1&run=1").text, "that is told of then"


HOSTILE = ("<script>alert(1)</script>", "$(touch x)", "'; rm -rf /", "../..", "a b&c=d#e?f", "\u202egnp")


def test_what_data_says_is_harmless_wherever_it_is_shown(tmp_path: Path) -> None:
    """A slice of a measure is named by a value of the data, and stands in ids, addresses and commands."""
    pack = PACK.replace("enforcement: advisory", "enforcement: soft").replace('">= 50 %"', '">= 99 %"')
    write_project(tmp_path, pack=pack, id_=KEY)
    rows = [f'F-{at},"{each}",2026-01-10,open' for at, each in enumerate(HOSTILE)]
    (tmp_path / "invoices.csv").write_text(
        "\n".join(["invoice,customer,opened,status", *rows, ""]), encoding="utf-8"
    )
    keep(tmp_path, DAYS[2])
    with asking(tmp_path, by=viewer()) as client:
        record = client.get(f"/api/v1/projects/{KEY}/record").json()
        ids = [each["id"] for each in record["requirements"] if each["criterion"] == "1.2/customers"]
        assert len(ids) == len(HOSTILE)
        seen = set()
        waiting = [f"{PROJECT}criterion?id=1.2/customers", PROJECT]
        while waiting:
            page = waiting.pop()
            if page in seen or not page.startswith(PROJECT) or "/report?" in page or len(seen) > 80:
                continue
            seen.add(page)
            answer = client.get(page)
            assert answer.status_code == 200, page
            if answer.headers["content-type"].startswith("text/html"):
                assert "<script>" not in answer.text
                waiting += [unescape(each) for each in Read(answer.text).links]
        for name in ids:
            text = client.get(f"{PROJECT}requirement", params={"id": name}).text
            for line in re.findall(r"<code>(phasegate waive [^<]*)</code>", text):
                said = subprocess.run(
                    ["bash", "-c", f'phasegate() {{ printf "%s\\n" "$@"; }}; {unescape(line)}'],
                    capture_output=True,
                    text=True,
                    cwd=tmp_path,
                    check=True,
                ).stdout.splitlines()
                assert said[:2] == ["waive", name]
        assert not (tmp_path / "x").exists()


def test_any_two_runs_are_compared(client: TestClient) -> None:
    page = client.get(f"{PROJECT}compare?before=1&after=3").text
    assert "What changed from run 1 to run 3" in page
    assert "the data changed" in page
    same = client.get(f"{PROJECT}compare?before=1&after=2").text
    assert "No verdict and no gate changed." in same
    assert client.get(f"{PROJECT}compare?before=1&after=99").status_code == 404
    assert client.get(f"{PROJECT}compare?before=x").status_code == 400


def test_filters_stand_in_the_address(client: TestClient) -> None:
    gates = client.get(f"{PROJECT}runs?kind=gate").text
    assert "run 4" in gates
    assert "run 3<" not in gates
    assert '<option value="gate" selected>' in gates
    assert "run 3" not in client.get(f"{PROJECT}runs?before=3").text
    acts = client.get(f"{PROJECT}people?kind=key").text
    assert "brought the list of signers" in acts
    assert "There is no such entry" in client.get(f"{PROJECT}people?who=nobody").text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("crane", "point?id=1.2"),
        ("1.1/SYSTEMS", "criterion?id=1.1%2Fsystems"),
        ("reconciled", "requirement?id=1.1%2Fsystems%2Finvoices.reconciled"),
        ("evaluator", "people?who=evaluator"),
        ("Berths", "gate?id=1"),
    ],
)
def test_the_search_finds(client: TestClient, words: str, found: str) -> None:
    links = Read(client.get("/search", params={"q": words}).text).links
    assert f"{PROJECT}{found}" in links


def test_the_search_finds_nothing_that_may_not_be_read(folder: Path) -> None:
    with asking(folder, by=viewer(areas="2")) as client:
        assert "0 places" in client.get("/search?q=crane").text


def test_a_criterion_is_told_by_the_newest_run_that_decided_it(client: TestClient) -> None:
    """The newest of all decided one gate alone, and what is of the other one is told by the run before it."""
    assert "run 4" in client.get(f"{PROJECT}criterion?id=1.1/systems").text
    page = client.get(f"{PROJECT}criterion?id=1.2/cranes").text
    assert "run 3" in page
    assert "Told of run" not in page
    assert "Told of run 1" in client.get(f"{PROJECT}criterion?id=1.2/cranes&run=1").text


def test_some_areas_alone(folder: Path) -> None:
    with asking(folder, by=viewer(areas="1")) as client:
        page = client.get(PROJECT).text
        assert "You may read some areas of this project" in page
        assert "CLOSED" not in page
        assert client.get(f"{PROJECT}criterion?id=1.1/systems").status_code == 200


def test_a_proof_tells_of_no_id_that_may_not_be_read(folder: Path) -> None:
    with asking(folder, by=viewer(areas="2")) as client:
        told = set()
        for given in ("1.1/systems", "1.1/system", "1.1", "1.2/cranes/x", "run", "phase:1", "programme"):
            answer = client.get(f"{PROJECT}proof", params={"id": given, "run": "3"})
            assert answer.status_code == 404
            told.add(Read(answer.text).text.replace(repr(given), "IT"))
    assert len(told) == 1


def test_a_gate_says_what_it_takes_as_the_report_does(client: TestClient) -> None:
    page = client.get(f"{PROJECT}gate?id=1").text
    assert "5 more of 20 invoices must pass." in page
    assert "Nothing while it is waived." not in page
    assert "Nothing while it is waived." in client.get(f"{PROJECT}gate?id=1&run=1").text
    assert "it must become" not in page


def test_what_is_worst_of_a_point_stands_first(client: TestClient) -> None:
    page = client.get(f"{PROJECT}point?id=1.2").text
    found = re.findall(r'class="word \w+">\S (\w+)</span> (?:<[^>]*>)*Invoices', page)
    assert {*found} == {"FAIL", "pass"}
    assert found == sorted(found)


@pytest.mark.parametrize(("many", "more"), [(3, None), (96, "and 93 more")])
def test_the_first_page_tells_three_reasons_of_a_project(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, many: int, more: str | None
) -> None:
    known = Today.of

    def with_reasons(*given: Any) -> PortfolioRow:
        return replace(known(*given), why=tuple(f"reason {place}" for place in range(many)))

    monkeypatch.setattr(Today, "of", with_reasons)
    page = Read(client.get("/").text)
    assert re.findall(r"reason \d+", page.text) == ["reason 0", "reason 1", "reason 2"]
    assert re.findall(r"and [\d,]+ more", page.text) == ([more] if more else [])
    assert page.links.count(PROJECT) == (3 if more else 2)  # it takes something, and has a row


def test_whoever_signed_in_can_sign_out_on_each_page(folder: Path) -> None:
    signed_in = replace(viewer(), sign_out="/auth/out")
    form = '<form action="/auth/out" method="post"><button type="submit">Sign out</button></form>'
    with asking(folder, by=signed_in) as client:
        for page in ("/", PROJECT, f"{PROJECT}gate?id=1", "/search"):
            assert client.get(page).text.count(form) == 1, page
    with asking(folder, by=viewer()) as client:
        assert "Sign out" not in client.get("/").text
