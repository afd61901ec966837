"""Each format holds to its owner's schema, in the judgement of the owner's own validator.

JUnit XML by the schema in pytest's source, SARIF by Microsoft's multitool, OSCAL by compliance-trestle.
`make validators` fetches them, and ``PHASEGATE_TEST_VALIDATORS=1`` makes it a failure that they are missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from dressed_record import vouched
from generated_record import failing
from hostile_text import TEXTS, with_text
from readers_at_hand import MULTITOOL, PYTHON, SCHEMA, needed, run
from sizes import some

from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report

pytestmark = pytest.mark.slow
Saved = Callable[[str], Record]
HERE = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in (HERE / "records").glob("*.json"))
FOUND = re.compile(r"^(.*?)\(\d.*?\): (error|warning|note) (\w+): (.*)$")
ADDRESS = "SARIF2005"
"""It asks for an address where the tool is told of, and there is none; so it says this of every log that it
could read. Of one that it could not, such as one with a kind that there is not, it says nothing at all."""
KNOWN = {ADDRESS, "SARIF2017"}
"""The latter asks for a line, where a hostile text has left none."""


def by_schema(folder: Path, files: list[Path]) -> list[str]:
    needed(PYTHON, SCHEMA)
    return run(PYTHON, HERE / "owners_judge.py", "junit", SCHEMA, *files, folder=folder).splitlines()


def by_trestle(folder: Path, files: list[Path]) -> list[str]:
    needed(PYTHON)
    return run(PYTHON, HERE / "owners_judge.py", "oscal", *files, folder=folder).splitlines()


def by_multitool(folder: Path, files: list[Path], kinds: str = "Sarif") -> list[str]:
    tool, schema = MULTITOOL / "Sarif.Multitool", MULTITOOL / "sarif-2.1.0.json"
    needed(PYTHON, tool, schema)
    by_rule = run(PYTHON, HERE / "owners_judge.py", "sarif", schema, *files, folder=folder).splitlines()
    options = ("--rule-kind", kinds, "--json-schema", schema, "--max-file-size-in-kb", "100000")
    said = run(tool, "validate", *options, *files, folder=folder)
    assert f"{len(files)} files scanned" in said, said
    found = [each for line in said.splitlines() if (each := FOUND.match(line))]
    read = {Path(each[1]).name for each in found if each[3] == ADDRESS}
    unread = [f"{each.name}: the multitool could not read it" for each in files if each.name not in read]
    return [*by_rule, *unread, *(each[0] for each in found if each[3] not in KNOWN)]


def by_what_github_takes(folder: Path, files: list[Path]) -> list[str]:
    return by_multitool(folder, files, "Sarif;Ghas")


JUDGES: Mapping[str, Callable[[Path, list[Path]], list[str]]] = {
    "junit": by_schema,
    "sarif": by_multitool,
    "code-scanning": by_what_github_takes,
    "oscal": by_trestle,
}


def records(saved: Saved) -> dict[str, Record]:
    """Every record that lies here, some with hostile text, an empty one and a large one."""
    found = {name: saved(name) for name in NAMES}
    for place, (kind, text) in enumerate(some(TEXTS.items(), 0, 3, slow=3)):
        found[kind] = with_text(saved("programme"), text, before=place % 2 == 0)
    empty: Any = saved("minimal_pass")
    for part in ("criteria", "requirements", "facts", "points", "gates", "sources", "waivers"):
        empty[part] = []
    long = with_text(saved("minimal_fail"), "")
    long["criteria"][0]["text"] = long["requirements"][0]["observed"] = "x]]>|\u202e" * 20_000
    return {
        **found,
        "empty": {**empty, "outcome": "nothing"},
        "long": long,
        "large": failing(saved("minimal_fail"), 100),
        "attested": vouched(saved("programme")),
    }


@pytest.mark.sampled
@pytest.mark.parametrize("name", JUDGES)
def test_owner_finds_nothing(name: str, saved: Saved, tmp_path: Path) -> None:
    files = []
    for each, record in records(saved).items():
        text = FORMATS[name].render(Report(record, exit_code(record["outcome"])))
        assert isinstance(text, str)
        files.append(tmp_path / f"{each}{'.xml' if name == 'junit' else '.sarif'}")
        files[-1].write_text(text, encoding="utf-8", newline="")
    assert JUDGES[name](tmp_path, files) == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        (
            "junit",
            [
                (' name="project/requirements/invoices.reconciled"', ""),
                ('failures="1"', 'failed="1"'),
                ("<failure ", "<fail "),
                ("found 18", "found \x0b"),
            ],
        ),
        (
            "sarif",
            [
                ('"kind": "fail"', '"kind": "failed"'),
                ('"uri": "phasegate.yaml"', '"uri": "phase gate.yaml"'),
                ('"ruleIndex": 0', '"ruleIndex": 7'),
                ('"startLine": ', '"startLine": -'),
                ('"columnKind"', '"kindOfColumn"'),
            ],
        ),
        (
            "oscal",
            [
                ('"target-id": "criterion.', '"target-id": "1/'),
                ('"state": "not-satisfied"', '"state": "failed"'),
                ('"start": "2026-03-01T00:00:00Z"', '"start": "2026-03-01"'),
                ('"uuid": "', '"uuid": "x'),
                ('"import-ap"', '"imports"'),
            ],
        ),
    ],
)
def test_owner_finds_what_is_broken(
    name: str, changes: list[tuple[str, str]], saved: Saved, tmp_path: Path
) -> None:
    text = FORMATS[name].render(Report(saved("minimal_fail"), 1))
    assert isinstance(text, str)
    files = []
    for place, (old, new) in enumerate(changes):
        assert old in text
        files.append(tmp_path / f"broken{place}.sarif")
        files[-1].write_text(text.replace(old, new), encoding="utf-8")
    found = "\n".join(JUDGES[name](tmp_path, files))
    assert [each.name for each in files if each.name not in found] == []


def test_trestle_misses_what_dangles(saved: Saved, tmp_path: Path) -> None:
    """Why test_oscal.py looks for ids that name nothing: this validator does not."""
    text = FORMATS["oscal"].render(Report(saved("minimal_fail"), 1))
    document = json.loads(text)
    (result,) = document["assessment-results"]["results"]
    result["findings"][0]["related-observations"][0]["observation-uuid"] = (
        "00000000-0000-4000-8000-000000000000"
    )
    file = tmp_path / "dangling.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert by_trestle(tmp_path, [file]) == []
