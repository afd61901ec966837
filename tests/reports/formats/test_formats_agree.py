"""What strangers read in each format is what the record says, whatever its texts are and however many."""

from __future__ import annotations

import copy
import datetime as dt
import difflib
import html
import json
import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from dressed_record import vouched
from foreign_readers import READERS, SILENT, Read, read_json
from generated_record import failing
from hostile_text import TEXTS, with_text
from openpyxl import load_workbook
from syrupy.assertion import SnapshotAssertion

from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.json import render as as_json
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report
from phasegate.reports.text.plain import visible

Saved = Callable[[str], Record]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPELT: dict[str, Callable[[str], str]] = {
    "json": str,
    "sarif": str,
    "code-scanning": str,
    "junit": lambda name: FORBIDDEN.sub("\ufffd", name),
    "github": lambda text: re.sub(r"#(?=#\w*\[)", "# ", visible(text)),  # no command of another runner
    "oscal": lambda name: visible(name).strip(),
}
"""How a format spells a name that it can not hold as it is."""

OF_ITS_OWN = {
    "text": ("laid out for a screen, and shortened", "test_every_verdict_and_every_state_of_a_gate_is_shown"),
    "html": ("a page that tells one thing in several places", "test_the_counts_of_a_pack_are_of_criteria"),
    "markdown": ("it counts what does not fit a comment", "test_counts_agree_with_the_record"),
    "csv": ("a row is a requirement, and gates have none", "test_counts_agree_with_the_record"),
    "excel": ("no text: a workbook is opened to be read", "test_counts_agree_with_the_record"),
}
"""Formats that no reader here reads: why not, and the test beside that holds their counts instead."""


def render(record: Record, name: str, *, strict: bool = False) -> str:
    report = Report(record, exit_code(record["outcome"], strict=strict), strict=strict)
    text = FORMATS[name].render(report)
    assert isinstance(text, str)
    text.encode("utf-8")
    return text


def expected(record: Record, name: str) -> Read:
    read = read_json(as_json(Report(record, 0)))
    spelt = Read(*({SPELT[name](key): value for key, value in part.items()} for part in read))
    assert [len(part) for part in spelt] == [len(part) for part in read]
    return spelt.without(SILENT.get(name, frozenset()))


def test_every_format_is_read() -> None:
    assert sorted([*READERS, *OF_ITS_OWN]) == sorted(FORMATS)


@pytest.mark.parametrize("name", OF_ITS_OWN)
def test_what_is_not_read_here_is_held_by_a_test_of_its_own(name: str) -> None:
    _, test = OF_ITS_OWN[name]
    beside = Path(__file__).with_name(f"test_{FORMATS[name].module}.py").read_text(encoding="utf-8")
    assert f"def {test}(" in beside


@pytest.mark.parametrize("record", NAMES)
def test_counts_by_verdict_agree(record: str, saved: Saved) -> None:
    loaded = saved(record)
    read = {name: reader(render(loaded, name)) for name, reader in READERS.items()}
    counts = {name: Counter(each.binding.values()) for name, each in read.items()}
    told = Counter(each["verdict"] for each in loaded["criteria"] if each["enforcement"] != "advisory")
    for name, found in counts.items():
        silent = {verdict: told[verdict] for verdict in SILENT.get(name, frozenset()) & set(told)}
        assert found + Counter(silent) == told, name


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("record", NAMES)
def test_every_verdict_and_state_is_read_back(record: str, name: str, saved: Saved) -> None:
    loaded = saved(record)
    assert READERS[name](render(loaded, name)) == expected(loaded, name)


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("before", [False, True], ids=["behind", "before"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", READERS)
def test_hostile_text_in_every_field_stays_text(name: str, text: str, before: bool, saved: Saved) -> None:
    for record in ("programme", "gate_with_waivers", "broken_cells"):
        loaded = with_text(saved(record), TEXTS[text], before=before)
        assert READERS[name](render(loaded, name)) == expected(loaded, name)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", ["junit", "sarif", "code-scanning", "oscal", "github"])
def test_half_of_a_character_is_written_all_the_same(name: str, saved: Saved) -> None:
    loaded = with_text(saved("programme"), "\ud800", before=True)
    assert READERS[name](render(loaded, name)) == expected(loaded, name)


ODD = {"long": "x" * 119, "braces": "{{0}}", "emoji": "🚢🚀", "all": "{🚢}" * 29}
"""Ids that no pack takes, though records of others, and of later versions, may hold them."""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_ids_stay_apart_and_whole(odd: str, name: str, saved: Saved) -> None:
    record = saved("programme")
    names = [
        *((each["id"], f"{each['id']}/{odd}") for each in record["criteria"]),
        *((each["id"], f"{each['id']}{odd}") for each in (*record["gates"], *record["waivers"])),
    ]
    text = json.dumps(record, ensure_ascii=False)
    for old, new in names:
        text = text.replace(json.dumps(old), json.dumps(new, ensure_ascii=False))
    renamed: Record = json.loads(text)
    renamed["project"] = {"id": odd, "title": odd}
    read = READERS[name](render(renamed, name))
    assert read == expected(renamed, name)
    assert any(key.endswith(odd) for key in read.binding)


def all_text(record: Record, name: str) -> str:
    """Everything that a format holds, as text; a workbook has its dates as numbers."""
    content = FORMATS[name].render(Report(record, exit_code(record["outcome"])))
    if isinstance(content, str):
        return html.unescape(content)
    sheets = load_workbook(BytesIO(content)).worksheets
    cells = (cell for sheet in sheets for line in sheet.iter_rows(values_only=True) for cell in line)
    return "\n".join(f"{cell.isoformat()}Z" if isinstance(cell, dt.datetime) else str(cell) for cell in cells)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("many", [1, 3])
def test_who_vouches_on_what_and_until_when_is_told_everywhere(many: int, name: str, saved: Saved) -> None:
    """A line of GitHub is of what does not pass, so that it names waivers alone."""
    record = vouched(saved("programme"), many)
    told = all_text(record, name)
    used = [each for each in record["waivers"] if each["standing"] == "used"]
    assert used
    assert set(re.findall(r"excuser-\d", told)) >= {each["signer"] for each in used}
    assert all(before(each["end"]) in told or each["end"] in told for each in used)
    if name != "github":
        assert set(re.findall(r"voucher-\d", told)) == {each["signer"] for each in record["attestations"]}
        for each in record["attestations"]:
            assert before(each["end"]) in told or each["end"] in told
            assert all(digest[: len("sha256:") + 12] in told for digest in each["evidence"].values())


def before(end: str) -> str:
    return (dt.date.fromisoformat(end[:10]) - dt.timedelta(days=1)).isoformat()


@pytest.mark.parametrize("name", ["html", "markdown", "text", "junit", "sarif", "oscal", "excel", "csv"])
def test_what_counts_for_nothing_vouches_for_nothing(name: str, saved: Saved) -> None:
    record = vouched(saved("programme"), 1)
    for each in record["attestations"]:
        each["standing"] = "expired"
    told = all_text(record, name)
    assert "voucher-1" not in told or name in ("html", "excel"), "only these tell what became of all of them"


LONG = "]]>::error::\n<script>|`=cmd()\u202e\x00" * 40_000


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_a_megabyte_in_a_field_stays_text(name: str, saved: Saved) -> None:
    assert len(LONG) > 1_000_000
    record = saved("minimal_fail")
    (criterion,), (requirement,), (gate,) = record["criteria"], record["requirements"], record["gates"]
    criterion["text"] = criterion["at"] = requirement["observed"] = record["facts"][0]["title"] = LONG
    gate["title"] = LONG
    assert READERS[name](render(record, name)) == expected(record, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_failures(name: str, saved: Saved) -> None:
    record = failing(saved("minimal_fail"), 10_000)
    found = READERS[name](render(record, name))
    assert Counter(found.binding.values()) == {"fail": 10_000}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("outcome", ["nothing", "bogus"])
def test_an_empty_record_is_not_green(outcome: str, name: str, saved: Saved) -> None:
    record = saved("minimal_pass")
    for part in ("criteria", "requirements", "facts", "points", "gates", "sources", "waivers"):
        record[part] = []  # type: ignore[literal-required]
    record["outcome"] = outcome
    text = render(record, name)
    assert READERS[name](text) == Read({}, {}, {})
    assert {
        "junit": 'errors="1"',
        "sarif": '"executionSuccessful": false',
        "code-scanning": '"executionSuccessful": false',
        "oscal": '"state": "not-satisfied"',
        "github": "::error title=",
        "json": f'"outcome": "{outcome}"',
    }[name] in text


@pytest.mark.parametrize("name", ["junit", "sarif", "code-scanning", "oscal", "github"])
def test_strict_leaves_a_mark_where_waivers_alone_shut_the_gate(name: str, saved: Saved) -> None:
    record = saved("gate_with_waivers")
    assert "--strict takes no waivers" not in render(record, name)
    assert "--strict takes no waivers" in render(record, name, strict=True)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("verdict", ["fail", "stale"])
def test_another_verdict_changes_one_place(
    verdict: str, name: str, saved: Saved, snapshot: SnapshotAssertion
) -> None:
    one = saved("gate_with_waivers")
    other = copy.deepcopy(one)
    (criterion,) = [each for each in other["criteria"] if each["id"] == "1.1.1/protocols"]
    (requirement,) = [each for each in other["requirements"] if each["criterion"] == criterion["id"]]
    criterion["verdict"] = requirement["verdict"] = verdict
    lines = [render(each, name).splitlines() for each in (one, other)]
    changes = [
        each for each in difflib.unified_diff(*lines, lineterm="", n=0) if not each.startswith(("---", "+++"))
    ]
    assert 0 < len(changes) <= (60 if name in ("oscal", "sarif", "code-scanning") else 40)  # a whole finding
    assert "\n".join(changes) == snapshot
