"""What opens a gate, told as work: it is enough, and the gate stays shut without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attested_world import attested, says
from click.testing import Result

__all__ = ["attested"]

Run = Callable[..., Result]
World = Any


def mend(folder: Path, rows: int) -> None:
    """So many of the open invoices are reconciled."""
    table = folder / "invoices.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace(",open", ",reconciled", rows), encoding="utf-8"
    )


def told(run: Run, gate: str = "1") -> Any:
    found = run("why-not", gate, "--format", "json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_so_many_rows_open_it_and_no_fewer(
    run: Run, tmp_path: Path, programme: Callable[[bool], None]
) -> None:
    programme(False)
    found = told(run)
    assert (found["state"], found["open"], found["things"], found["least"]) == ("closed", False, 1, True)
    assert found["work"][0]["does"] == "mend"
    assert found["rows_by_source"] == {"invoices": 1}
    mend(tmp_path, found["work"][0]["rows"])
    assert run("gate", "1").exit_code == 0
    assert told(run)["work"] == []


def test_it_is_told_with_who_does_it_and_what_may_stand_instead(
    run: Run, tmp_path: Path, programme: Callable[[bool], None]
) -> None:
    programme(False)
    found = run("why-not", "phase:2")
    assert found.exit_code == 0
    assert found.stdout == (
        "Gate 2, Cranes · as of 2026-03-01\n"
        "\n"
        "To be done  1 thing\n"
        "  · who keeps invoices: mend rows of invoices.reconciled, Invoices that were reconciled\n"
        "      invoices.reconciled >= 95 %: 1 more of 20 invoices must pass\n"
        "      for 1.1/systems; gate 1\n"
        "      or a waiver of 1.1/systems/invoices.reconciled, granted by any approver\n"
        "\n"
        "Rows to mend, where they are counted: 1 row of invoices.\n"
        "\n"
        "To be open first: gate 1 (CLOSED). What opens it is among the work.\n"
        "\n"
        "Waivers may stand instead of one of these things; any number of waivers is taken.\n"
        "\n"
        "✗ Gate 2 is CLOSED. 1 thing to do opens it, and nothing less does.\n"
    )
    assert not (tmp_path / "phasegate.db").exists()


def test_of_an_open_gate_nothing_is_asked(run: Run, programme: Callable[[bool], None]) -> None:
    programme(True)
    found = run("why-not", "programme")
    assert found.exit_code == 0
    last = found.stdout.splitlines()[-1]
    assert last == "w The programme gate is OPEN WITH WAIVERS: nothing needs to be done."


def test_where_rules_contradict_each_other_no_work_helps(
    run: Run, tmp_path: Path, programme: Callable[[bool], None]
) -> None:
    programme(False)
    pack = tmp_path / "pack" / "pack.yaml"
    text = pack.read_text().replace(">= 80 %", "<= 10 %").replace("        enforcement: soft\n", "")
    pack.write_text(text, encoding="utf-8")
    found = told(run, "programme")
    assert (found["work"], found["things"], found["least"]) == (None, None, None)
    said = run("why-not", "programme").stdout
    assert "Whatever the facts become, this does not hold: " in said
    assert said.splitlines()[-1] == "✗ The programme gate is CLOSED, and no way to open it was found."


def test_what_may_be_done_in_its_place_stands_with_it(
    run: Run, tmp_path: Path, programme: Callable[[bool], None]
) -> None:
    """Of alternatives that take as much, the first of the pack is taken."""
    programme(False)
    pack = tmp_path / "pack" / "pack.yaml"
    text = pack.read_text().replace(
        '          invoices.reconciled: ">= 95 %"\n',
        "          any_of: [{invoices.reconciled: '>= 95 %'}, {audit.done: true}]\n",
    )
    audit = "  audit: {title: one audit, columns: {passed: {type: boolean}}}\nmeasures:\n"
    measure = "  audit.done: {title: An audit passed, from: audit, exists: passed}\n"
    pack.write_text(text.replace("measures:\n", audit) + measure, encoding="utf-8")
    (task,) = told(run)["work"]
    assert (task["does"], task["id"]) == ("mend", "invoices.reconciled")
    assert [(each["does"], each["id"]) for each in task["instead"]] == [("connect", "audit")]
    assert "      or connect audit (who keeps the project file)\n" in run("why-not", "1").stdout
    (tmp_path / "audit.csv").write_text("passed\ntrue\n", encoding="utf-8")
    project = tmp_path / "phasegate.yaml"
    there = "sources: {audit: {path: audit.csv}, "
    project.write_text(project.read_text().replace("sources: {", there), encoding="utf-8")
    assert run("gate", "1").exit_code == 0


def test_a_gate_that_takes_no_waiver_is_not_told_to_ask_for_one(
    run: Run, tmp_path: Path, programme: Callable[[bool], None]
) -> None:
    programme(False)
    pack = tmp_path / "pack" / "pack.yaml"
    pack.write_text(
        pack.read_text().replace('points: ["1.1"]}', 'points: ["1.1"], max_waivers: 0}'), encoding="utf-8"
    )
    found = told(run)
    assert (found["work"][0]["waived_by"], found["waivers_taken"]) == (None, 0)


def test_a_phase_that_is_not_there_is_refused(run: Run, programme: Callable[[bool], None]) -> None:
    programme(False)
    found = run("why-not", "11")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "the pack has no phase '11'" in found.stderr


def test_those_who_approve_the_rules_are_named_and_their_word_is_enough(world: World) -> None:
    world.write(">= 80 %")
    found = told(world.run)
    assert [(each["does"], each["by"]) for each in found["work"]] == [
        ("approve", "approver:developer"),
        ("approve", "approver:finance"),
    ]
    for one, other in (("fin", 1), ("dev", 0)):
        assert world.gate().exit_code == 3
        assert world.by(one, "approve").exit_code == 0
        assert len(told(world.run)["work"]) == other
    assert world.gate().exit_code == 0


def test_waivers_are_granted_by_the_function_that_the_rules_name(world: World) -> None:
    world.approve()
    (task,) = told(world.run)["work"]
    assert (task["does"], task["rows"], task["waived_by"]) == ("mend", 1, "approver:finance")
    assert world.waive(requirement=task["requirements"][0]["id"]).exit_code == 0
    assert world.gate().exit_code == 0


@pytest.mark.parametrize("value", ["false", None])
def test_what_is_to_be_attested_is_told_with_the_role_of_who_may(attested: World, value: str | None) -> None:
    attested.at("2026-03-01T12:10:00+00:00")
    if value is None:  # it has run out
        attested.at("2026-06-01T12:00:00+00:00")
    else:
        says(attested, value)
    (task,) = told(attested.run)["work"]
    assert (task["does"], task["id"], task["by"]) == ("attest", "minuted", "auditor")
    assert attested.gate().exit_code in (1, 3)
    words = ("--value", "true", "--evidence", "minutes.txt", "--until", "2026-07-01")
    assert attested.by("eyes", "attest", "minuted", *words).exit_code == 0
    assert attested.gate().exit_code == 0
