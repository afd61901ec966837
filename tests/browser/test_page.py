"""The page in a real browser: it opens from a file with scripts off, prints, and Tab reaches all of it."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_at_hand import EXAMPLE, needed, node
from dressed_record import dressed, remembered
from hostile_text import TEXTS, with_text

from phasegate.records.build import exit_code
from phasegate.records.reader import load_record
from phasegate.reports.formats.html import render
from phasegate.reports.report import Report
from phasegate.rules.model.verdict import SETTLED

ROOT = Path(__file__).parents[2]
RECORDS = ROOT / "tests" / "reports" / "records"
DAYS = ("2026-01-15", "2026-02-10", "2026-03-01")
STYLE_REFUSED = "error: Applying inline style violates the following Content Security Policy directive"


@pytest.fixture(scope="session", autouse=True)
def _needed() -> None:
    needed()


def hold(page: Path, out: Path) -> dict[str, Any]:
    """Opens a page in every way, and holds what happened against what must."""
    assert node("valid.mjs", page) == []
    told: dict[str, Any] = node("page.mjs", page, out)
    for scheme in ("light", "dark"):
        assert told[scheme]["requests"] == [page.as_uri()], "it asks for something"
        assert told[scheme]["console"] == []
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(told["light"]["elements"])
    keyboard = told["keyboard"] = told["light"]["keyboard"]
    assert keyboard["missed"] == [], "Tab alone does not reach it"
    assert keyboard["without_outline"] == [], "nobody sees where the focus is"
    assert keyboard["opened"] == told["print"]["screen"]["folded"], "Enter does not open a fold"
    assert told["axe"] == {"light": [], "dark": [], "phone": []}
    for state in (told["phone"]["folded"], told["phone"]["unfolded"]):
        assert state["page"] <= state["window"] == 360, "the page itself scrolls sideways"
        assert state["beyond"] == []
        assert state["misled"] == [], "nothing tells whether a table goes on at its right"
    folded = told["print"]["screen"]["folded"]
    assert told["print"]["screen"]["shown"] == 0
    left = told["print"]["paper"]["left"]
    assert told["print"]["paper"]["folded"] == folded
    assert told["print"]["paper"]["shown"] == folded - left, "paper has no folds to open"
    assert told["print"]["cut"] == [], "paper has no way to scroll a table"
    assert told["print"]["wide"] <= 703, "the browser shrinks every sheet"
    assert told["print"]["small"] == [], "nobody reads less than 7 points"
    assert told["print"]["dark"] == "rgb(255, 255, 255)"
    for name, found in told["filters"]["told"].items():
        assert found["seen"] == found["wanted"], name
    assert told["filters"]["hidden"] == 0, "paper hides what a filter hides"
    assert told["revealed"]["shut"] == [], "a link leads to what stays folded"
    jenkins = told["jenkins"]
    assert jenkins["requests"] == [jenkins["address"]]
    assert not jenkins["styled"], "the policy is not that of a Jenkins"
    assert all(each.startswith(STYLE_REFUSED) for each in jenkins["console"])
    assert jenkins["text"] >= told["light"]["text"], "some of it is there with its style alone"
    return told


def printed(pdf: Path) -> str:
    """The text of a PDF without its spaces, which lines break at."""
    assert pdf.read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("all but the text of the PDF holds, and no pdftotext is there to read that")
    done = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", "", done.stdout)


@pytest.mark.slow
def test_the_report_of_the_example(tmp_path: Path) -> None:
    project = (EXAMPLE / "phasegate.yaml").read_text(encoding="utf-8")
    (tmp_path / "phasegate.yaml").write_text(project, encoding="utf-8")
    made = [EXAMPLE / "generate.py", "--out", tmp_path, "--as-of", DAYS[-1]]
    subprocess.run([sys.executable, *made], check=True, stdout=subprocess.DEVNULL)
    phasegate = Path(sys.executable).with_name("phasegate")
    for day in DAYS:
        output = ["-o", "page.html", "-o", "record.json"]
        done = subprocess.run([phasegate, "check", "--as-of", day, *output], cwd=tmp_path, check=False)
        assert done.returncode == 1
    record = load_record(tmp_path / "record.json")
    told = hold(tmp_path / "page.html", tmp_path)
    assert told["revealed"]["folded"] > len(record["criteria"]) - 5
    assert len(told["filters"]["told"]) >= 11
    assert told["keyboard"]["tables"] >= 3  # those of rows lie within folds
    for screen, most in {"desk": 800, "phone": 844}.items():
        for font, ends in told["first"][screen].items():
            assert None not in ends, "a question has no answer"
            assert max(ends) <= most, f"a question has its answer below the first screen: {screen}, {font}"
    assert told["phone"]["long"] <= 16_000
    page = (tmp_path / "page.html").read_bytes()
    assert len(gzip.compress(page)) <= 60_000
    sheets = (tmp_path / "page.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 8
    # Only style breaks long words: a table of thirteen columns is as wide as the names of these.
    assert told["jenkins"]["wide"] <= 1600
    text = printed(tmp_path / "page.pdf")
    for each in record["requirements"]:
        if each["verdict"] not in SETTLED:
            assert re.sub(r"\s+", "", each["at"]) in text
    for criterion in record["criteria"]:
        if criterion["verdict"] not in SETTLED:
            assert re.sub(r"\s+", "", f"{criterion['id']} {criterion['text']}") in text
    for point in record["points"]:
        assert re.sub(r"\s+", "", f"{point['id']} {point['title']}") in text


@pytest.mark.slow
def test_a_hostile_report(tmp_path: Path) -> None:
    record = dressed(load_record(RECORDS / "programme.json"))
    texts = ['"><img src=x onerror=alert(1)>', "javascript:alert(1)", "W" * 300, *TEXTS.values()]
    record = with_text(record, " ".join(["<script>alert(1)</script></style>", *texts]))
    report = replace(Report(record, exit_code(record["outcome"])), past=remembered(record))
    page = tmp_path / "page.html"
    page.write_text(render(report), encoding="utf-8")
    hold(page, tmp_path)
    assert "<script>alert(1)</script>" in printed(tmp_path / "page.pdf")


FAULTY = """\
<!DOCTYPE html><html><head><title>x</title></head><body>
<p style="color:#ddd;background:#fff;width:40rem">Hardly to be read</p>
<img src="missing.png"><a href="#a" tabindex="-1">nowhere</a>
<div style="width:10rem;overflow-x:auto;white-space:nowrap">{}</div>
<details><summary>Shut</summary><p>for ever</p></details>
</body></html>
""".format("wide " * 100)


@pytest.mark.slow
def test_what_is_wrong_with_a_page_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(FAULTY, encoding="utf-8")
    told = node("page.mjs", page, tmp_path)
    assert told["light"]["requests"] == [page.as_uri(), (tmp_path / "missing.png").as_uri()]
    assert [each for each in told["light"]["console"] if "missing.png" in each or "ERR_FILE" in each]
    assert len(told["light"]["keyboard"]["missed"]) == 1
    assert "color-contrast" in {each["id"] for each in told["axe"]["dark"]}
    found = {each["id"] for each in told["axe"]["light"]}
    assert {"color-contrast", "html-has-lang", "image-alt"} <= found
    assert told["phone"]["folded"]["page"] > 360
    assert told["print"]["paper"] == {"folded": 1, "shown": 0, "left": 0}
    assert len(told["jenkins"]["requests"]) == 2
    assert {each["ruleId"] for each in node("valid.mjs", page)} >= {"element-required-attributes"}
