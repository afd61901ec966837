"""Every file of cases in a folder of such: the valid ones are read, the others say all that is wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path

import jsonschema
import pytest
from case_folder import INVALID, PACK, VALID, harvest
from syrupy.assertion import SnapshotAssertion

from phasegate.rules.cases.load import LoadedCase, NoCaseError, load_cases, read_cases
from phasegate.rules.cases.model import (
    Case,
    CaseFile,
    Expectation,
    FactExpectation,
    GivenAttestation,
    GivenWaiver,
)
from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, render_all
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.loading.pack_files import UnreadableFileError, pack_files
from phasegate.rules.schemas.json_schema import json_schema
from phasegate.rules.yaml.parser import MAX_BYTES, MAX_ENTRIES, parse_yaml

RULES = harvest()


def problems(contents: dict[str, bytes]) -> tuple[Diagnostic, ...]:
    with pytest.raises(PackError) as caught:
        read_cases(RULES.pack, contents)
    return caught.value.diagnostics


@pytest.mark.parametrize("file", sorted(INVALID.iterdir()), ids=lambda file: file.stem)
def test_an_invalid_file_says_everything_that_is_wrong(file: Path, snapshot: SnapshotAssertion) -> None:
    assert render_all(problems({file.name: file.read_bytes()})) == snapshot


@pytest.mark.parametrize("file", sorted(INVALID.iterdir()), ids=lambda file: file.stem)
def test_each_problem_stands_on_text_of_its_file(file: Path) -> None:
    content = file.read_bytes()
    for each in problems({file.name: content}):
        assert each.position is not None
        lines = content.decode(errors="replace").splitlines() or [""]
        if each.snippet is not None:
            assert each.snippet == lines[each.position.line - 1]
        assert each.position.column <= max(1, len(lines[each.position.line - 1]))


def test_a_case_has_the_day_and_the_figures_of_its_file() -> None:
    content = b"""\
as_of: 2026-03-31
cycle_start: 2026-03-01
parameters: {tolerance: 5 days}
cases:
  - name: those of the file
    expect: {points: {"1.1": unknown}}
  - name: those of its own
    as_of: 2026-04-30
    cycle_start: 2026-04-01
    parameters: {tolerance: 6 days}
    expect: {points: {"1.1": unknown}}
"""
    found = [
        (case.as_of.isoformat(), str(case.case.cycle_start), case.case.parameters)
        for case in read_cases(RULES.pack, {"c.yaml": content})
    ]
    assert found == [
        ("2026-03-31", "2026-03-01", {"tolerance": "5 days"}),
        ("2026-04-30", "2026-04-01", {"tolerance": "6 days"}),
    ]


def test_a_name_stands_once_in_all_files() -> None:
    content = b'as_of: 2026-03-31\ncases: [{name: n, expect: {points: {"1.1": unknown}}}]\n'
    (found,) = problems({"a.yaml": content, "b.yaml": content})
    assert (found.rule, found.position and found.position.file) == ("duplicate-id", "b.yaml")
    assert "a.yaml:2" in (found.hint or "")


def many(count: int) -> bytes:
    lines = (f'  - {{name: n {place}, expect: {{points: {{"1.1": unknown}}}}}}\n' for place in range(count))
    return f"as_of: 2026-03-31\ncases:\n{''.join(lines)}".encode()


@pytest.mark.slow
def test_ten_thousand_cases_are_read() -> None:
    begun = time.process_time()
    assert len(read_cases(RULES.pack, {"many.yaml": many(MAX_ENTRIES)})) == MAX_ENTRIES
    assert time.process_time() - begun < 60


def test_more_than_that_are_told_to_be_split() -> None:
    (found,) = problems({"many.yaml": many(MAX_ENTRIES + 1)})
    assert "10,000" in found.message


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(PackError, match="large"):
        load_cases(RULES.pack, tmp_path)


@pytest.mark.parametrize("kind", ["nothing", "an empty folder", "other files", "hidden files"])
def test_a_folder_without_a_case_is_refused(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    if kind != "nothing":
        folder.mkdir()
    if kind == "other files":
        (folder / "test_it.py").touch()
    if kind == "hidden files":
        (folder / ".hidden.yaml").touch()
    with pytest.raises(NoCaseError, match="no case in"):
        load_cases(RULES.pack, folder)


def test_a_file_of_another_ending_is_told_to_be_renamed(tmp_path: Path) -> None:
    (tmp_path / "cases.yml").write_bytes(many(1))
    with pytest.raises(PackError, match=r"rename it to cases\.yaml"):
        load_cases(RULES.pack, tmp_path)


def test_folders_within_the_folder_are_read_too_and_links_to_nowhere_told(tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    (tmp_path / "later/case.yaml").write_bytes(many(1))
    assert [case.name for case in load_cases(RULES.pack, tmp_path)] == ["n 0"]
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UnreadableFileError, match=r"gone\.yaml"):
        load_cases(RULES.pack, tmp_path)


def test_cases_are_no_part_of_the_pack(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_bytes((PACK / "pack.yaml").read_bytes())
    (tmp_path / "points").mkdir()
    (tmp_path / "points/tests").mkdir()
    (tmp_path / "points/tests/more.yaml").write_text("{}")
    before = pack_files(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/case.yaml").write_bytes((VALID / "verdicts.yaml").read_bytes())
    assert pack_files(tmp_path) == before
    assert set(before) == {"pack.yaml", "points/tests/more.yaml"}  # a folder of that name further down is


@pytest.mark.parametrize("key", ["points", "measures", "sources", "areas", "phases", "programme", "pack"])
def test_rules_among_the_cases_are_no_rules_that_nobody_misses(key: str, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_bytes((PACK / "pack.yaml").read_bytes())
    (tmp_path / "tests/deep").mkdir(parents=True)
    (tmp_path / "tests/deep/more.yaml").write_text(f"# more\n{key}: {{}}\n")
    with pytest.raises(PackError) as caught:
        load_pack(tmp_path)
    (found,) = caught.value.diagnostics
    assert (found.rule, str(found.position)) == ("rules-in-tests", "tests/deep/more.yaml:2:1")


def test_the_schema_takes_what_the_reader_takes() -> None:
    schema = json.loads(json.dumps(json_schema("case")))
    for file in VALID.iterdir():
        jsonschema.validate(parse_yaml(file.read_bytes(), file.name).data, schema)


@pytest.mark.slow
def test_each_key_has_a_description_and_an_example_that_is_one() -> None:
    schema = json_schema("case")
    for model in (CaseFile, Case, Expectation, FactExpectation, GivenWaiver, GivenAttestation):
        found = schema if model is CaseFile else schema["$defs"][model.__name__]
        assert set(found["properties"]) == set(model.model_fields)
        for key, entry in found["properties"].items():
            assert entry["description"], key
            assert entry["examples"], key
            for example in entry["examples"]:
                jsonschema.validate(example, {**entry, "$defs": schema["$defs"]})


def test_a_case_knows_where_it_and_its_parts_stand() -> None:
    case: LoadedCase = load_cases(RULES.pack, VALID / "verdicts.yaml")[0]
    assert (case.position.line, case.where("expect", "criteria", "1.1/paid").line) == (5, 12)
