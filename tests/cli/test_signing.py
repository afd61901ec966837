"""What people sign, what it does to a gate, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
World = Any
DAY = "2026-03-02T09:00:00+00:00"


def refused(result: Result, said: str) -> None:
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stdout == ""


def last(result: Result) -> str:
    return str(result.stdout.splitlines()[-1])


def standing(record: Any, waiver: str = "W-1") -> tuple[str, str]:
    (found,) = [each for each in record["waivers"] if each["id"] == waiver]
    return found["standing"], found["reason"]


def test_two_people_approve_then_a_waiver_opens_the_gate_and_a_person_advances(world: World) -> None:
    world.approve()
    assert "it counts from 2026-03-01 to 2026-04-30" in world.waive().stdout
    assert world.gate().exit_code == 0  # it covers the rest of the day
    result = world.at(DAY).gate()
    assert result.exit_code == 0, result.output
    assert "Rules approved by dev for developer, fin for finance." in result.stdout
    result = world.by("dev", "advance", "1", "--comment", "agreed in the meeting")
    assert result.stdout == (
        "dev lets the programme go through gate 1, which run 2 found open with waivers.\n"
    )
    kinds = [kind for kind, _ in world.log() if kind not in ("checkpoint", "point")]
    assert kinds == [
        "ledger",
        "key",
        "approval",
        "approval",
        "waiver",
        "run",
        "gate",
        "run",
        "gate",
        "advance",
    ]


def test_a_day_of_the_past_takes_only_what_covers_all_of_it(world: World) -> None:
    world.approve()
    world.waive()
    day, before = world.record("check"), world.record("check", "--as-of", "2026-02-28")
    assert (standing(day)[0], standing(before)[0]) == ("used", "future")
    assert ("statements" in day, "statements" in before) == (True, False)
    past = world.at(DAY).record("check", "--as-of", "2026-03-01")
    assert standing(past)[0] == "future"
    assert standing(world.record("check"))[0] == "used"


# Approvals


def test_a_gate_without_an_approval_is_undecided_and_a_check_only_tells_it(world: World) -> None:
    world.write(">= 80 %")
    for phase in ("1", "2", "programme"):
        result = world.gate(phase)
        assert result.exit_code == 3, result.output
        assert "these rules are not approved for developer" in last(result)
    assert "approval   these rules are not approved for developer" in world.gate("1").stdout
    result = world.by("ci", "check")
    assert result.exit_code == 0
    assert "Rules approved by nobody for developer, nobody for finance." in result.stdout
    assert "Still missing: developer" in world.by("fin", "approve").stdout
    result = world.gate()
    assert (result.exit_code, "for finance" in last(result)) == (3, False)
    assert "Every function has approved them." in world.by("dev", "approve").stdout
    assert world.gate().exit_code == 0


def test_a_closed_gate_stays_closed_without_an_approval(world: World) -> None:
    result = world.gate()
    assert result.exit_code == 1
    assert "CLOSED: 1 criterion fails; these rules are not approved" in last(result)


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        ([("both", "finance"), ("both", "developer")], ["finance"]),  # one person is not two
        ([("fin", "finance"), ("fin-2", "finance")], ["developer"]),
        ([("both", "finance"), ("both", "developer"), ("fin", "finance")], []),
        ([("both", "finance"), ("dev", "developer")], []),
        ([("both", "finance"), ("fin", "finance"), ("both", "developer")], []),
        ([("fin", "finance"), ("fin", "finance")], ["developer"]),
    ],
)
def test_each_function_approves_by_another_person(
    signed: list[tuple[str, str]], missing: list[str], world: World
) -> None:
    world.write(">= 80 %")
    for name, function in signed:
        assert world.by(name, "approve", "--function", function).exit_code == 0
    approval = world.record("gate", "1")["approval"]
    assert approval["missing"] == missing
    names = [given["signer"] for given in approval["given"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("ci", (), "'ci' signs runs, and so approves nothing"),
        ("eyes", (), "'eyes' approves for no function"),
        ("fin", ("--function", "developer"), "'fin' does not approve for developer"),
        ("both", (), "'both' approves for developer and finance\nhelp: say which with --function"),
        ("fin", ("--pack-digest", "sha256:" + "0" * 64), "the rules have changed: review them first"),
        ("stranger", (), "no signer has the key SHA256:"),
    ],
)
def test_who_may_not_approve(name: str, options: tuple[str, ...], said: str, world: World) -> None:
    refused(world.by(name, "approve", *options), said)


@pytest.mark.parametrize("change", ["harden: {1.1/systems: hard}\n", "parameters: {least: 80 %}\n"])
def test_an_approval_is_for_the_digest_in_force(change: str, world: World, tmp_path: Path) -> None:
    world.write(">= 80 %")
    pack = tmp_path / "pack" / "pack.yaml"
    pack.write_text(f"{pack.read_text()}parameters:\n  least: {{value: 70 %, text: The least}}\n")
    world.approve()
    assert world.gate().exit_code == 0
    world.more = change
    text = pack.read_text()
    world.write(">= 80 %")
    pack.write_text(text)
    result = world.gate()
    assert result.exit_code == 3, result.output
    assert "these rules are not approved for developer" in last(result)


def test_signers_of_whom_none_approves_leave_the_rules_unapproved(world: World) -> None:
    world.listed = {"ci": "evaluator", "eyes": "auditor"}
    world.write(">= 80 %")
    result = world.gate()
    assert result.exit_code == 3
    assert "these rules are not approved for finance" in last(result)  # the pack names it
    pack = world.folder / "pack" / "pack.yaml"
    pack.write_text(pack.read_text().replace("        function: finance\n", ""))
    result = world.gate()
    assert result.exit_code == 3
    assert "these rules are not approved for any function" in last(result)


@pytest.mark.parametrize("by_whom", ["a gate", "a person"])
def test_a_function_that_loses_its_line_is_asked_all_the_same(by_whom: str, world: World) -> None:
    world.listed = {name: world.listed[name] for name in ("ci", "fin", "dev")}
    world.write(">= 80 %")
    if by_whom == "a gate":  # either tells the ledger the list
        world.gate()
        world.by("fin", "approve")
    else:
        world.by("fin", "approve")
    del world.listed["dev"]
    world.write(">= 80 %")
    assert "Still missing: developer" in world.by("fin", "approve").stdout
    result = world.gate()
    assert result.exit_code == 3, result.output
    assert "these rules are not approved for developer" in last(result)
    approval = world.record("gate", "1", "--no-ledger")["approval"]
    assert (approval["required"], approval["missing"]) == (["developer", "finance"], ["developer"])
    refused(world.by("fin", "advance", "1"), "gate 1 is undecided")
    assert world.run("verify").exit_code == 0


def test_two_lists_later_a_function_is_asked_still(world: World) -> None:
    world.write(">= 80 %")
    world.by("fin", "approve")
    for kept in (("ci", "fin", "eyes"), ("ci", "fin")):
        world.listed = {name: world.listed[name] for name in kept}
        world.write(">= 80 %")
        result = world.gate()
        assert (result.exit_code, "not approved for developer" in last(result)) == (3, True)


def test_a_function_passes_to_whoever_is_given_its_role(world: World) -> None:
    world.write(">= 80 %")
    world.by("fin", "approve")
    world.listed = {"ci": "evaluator", "fin": "approver:finance", "eyes": "[auditor, approver:developer]"}
    world.write(">= 80 %")
    assert "Every function has approved them." in world.by("eyes", "approve").stdout
    assert world.gate().exit_code == 0
    assert world.run("verify").exit_code == 0


def test_a_function_that_the_pack_names_is_asked_though_nobody_ever_held_it(world: World) -> None:
    world.listed = {"ci": "evaluator", "dev": "approver:developer"}
    world.write(">= 80 %")
    assert "Still missing: finance" in world.by("dev", "approve").stdout
    result = world.gate()
    assert (result.exit_code, "not approved for finance" in last(result)) == (3, True)


def test_a_project_that_lists_no_signers_any_more_is_refused(world: World, tmp_path: Path) -> None:
    world.write(">= 80 %")
    world.approve()
    file = tmp_path / "phasegate.yaml"
    file.write_text(file.read_text().partition("signers:")[0])
    size = len(world.log())
    for options in ((), ("--no-ledger",)):
        for command in (("gate", "1"), ("gate", "programme"), ("check",)):
            refused(
                world.run(*command, *options),
                "the project lists no signers, and its ledger knows some: both, ci, dev, eyes, fin, fin-2\n"
                "help: list them again in 'signers'",
            )
    refused(world.run("explain", "1.1"), "the project lists no signers, and its ledger knows some")
    assert len(world.log()) == size


def test_signers_are_not_dropped_in_two_steps(world: World, tmp_path: Path) -> None:
    """A list of one evaluator looks like the own key of a project that lists nobody."""
    from phasegate.audit.signing.keys import new_key

    world.write(">= 80 %")
    world.approve()
    new_key(tmp_path / "keys" / "evaluator", "evaluator")
    world.listed["evaluator"] = "evaluator"
    world.write(">= 80 %")
    assert world.by("evaluator", "gate", "1").exit_code == 0
    world.listed = {"evaluator": "evaluator"}
    world.write(">= 80 %")
    assert world.by("evaluator", "gate", "1").exit_code == 3
    file = tmp_path / "phasegate.yaml"
    file.write_text(file.read_text().partition("signers:")[0])
    for options in ((), ("--no-ledger",)):
        refused(world.run("gate", "1", *options), "the project lists no signers, and its ledger knows some")


@pytest.mark.parametrize(
    ("ledger", "said"),
    [("phasegate.db", "is not a ledger"), ("env:NOWHERE", "NOWHERE says, and that variable is not set")],
)
def test_without_signers_no_gate_opens_beside_a_ledger_that_can_not_be_read(
    ledger: str, said: str, run: Run, project: Callable[..., Path], tmp_path: Path
) -> None:
    project(">= 80 %", more=f"ledger: {ledger}\n")
    (tmp_path / "phasegate.db").write_bytes(b"nothing that anybody could read" * 100)
    refused(run("gate", "programme", "--no-ledger"), said)
    assert run("check", "--no-ledger").exit_code == 0  # which lets nobody through
    assert run("explain", "project").exit_code == 0


def test_a_project_that_never_listed_signers_needs_none(run: Run, project: Callable[..., Path]) -> None:
    project(">= 80 %")
    assert run("gate", "programme", "--no-ledger").exit_code == 0
    assert run("gate", "programme").exit_code == 0
    for command in (("gate", "programme"), ("check",)):
        assert run(*command, "--no-ledger").exit_code == 0


# Waivers


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("dev", {}, "the criterion concerns finance, not developer"),
        ("both", {"function": "developer"}, "the criterion concerns finance, not developer"),
        ("ci", {}, "'ci' signs runs, and so approves nothing"),
        ("eyes", {}, "'eyes' approves for no function"),
        ("stranger", {}, "no signer has the key"),
        ("fin", {"requester": "FIN"}, "'fin' both asks for the waiver and grants it"),
        ("fin", {"requirement": "1.2/systems/invoices.reconciled"}, "is hard: it takes no waiver"),
        ("fin", {"requirement": "1.1/systems/invoices.paid"}, "the pack has no requirement"),
        ("fin", {"requirement": "1.1/systems"}, "the pack has no requirement"),
        ("fin", {"from": "2026-02-28"}, "nothing is excused that lies in the past"),
        ("fin", {"until": "2026-02-01"}, "'--until' is the first day not covered"),
        ("fin", {"floor": None}, "the waiver names no floor"),
        ("fin", {"floor": "85 days"}, "has not the unit of what is measured\nhelp: write it in %"),
        ("fin", {"reason": None, "until": None}, "a waiver needs --reason, --until"),
        ("fin", {"id": "W 1"}, "this is no waiver: id"),
    ],
)
def test_a_waiver_that_may_not_be_granted(
    name: str, changes: dict[str, str | None], said: str, world: World
) -> None:
    refused(world.waive(name, **changes), said)
    assert not (world.folder / "phasegate.db").exists() or "waiver" not in dict(world.log())


@pytest.mark.parametrize("name", ["fin", "both"])
def test_an_approver_of_the_function_grants_it(name: str, world: World) -> None:
    assert world.waive(name, function="finance").exit_code == 0


def test_an_id_is_granted_once(world: World) -> None:
    world.waive()
    refused(world.waive("fin-2"), "there is a waiver 'W-1' already\nhelp: choose another id with --id")
    assert world.waive("fin-2", id="W-2").exit_code == 0


def test_a_revoked_waiver_counts_no_more_and_can_not_be_revoked_again(world: World) -> None:
    world.approve()
    world.waive()
    assert world.at(DAY).gate().exit_code == 0
    result = world.by("dev", "waive", "--revoke", "W-1", "--reason", "it is over")
    assert result.stdout == "dev ends waiver W-1: from 2026-03-02 on it counts no more. Entry 12.\n"
    assert world.gate().exit_code == 1
    assert standing(world.record("gate", "1")) == ("revoked", "it was revoked at 2026-03-02 09:00:00 UTC")
    refused(world.by("fin", "waive", "--revoke", "W-1"), "was revoked at 2026-03-02T09:00:00Z already")
    refused(world.by("fin", "waive", "--revoke", "W-2"), "there is no signed waiver 'W-2'")
    refused(world.by("eyes", "waive", "--revoke", "W-1"), "approves for no function")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("moment", "code", "said"),
    [
        ("2026-03-09T23:59:59+00:00", 1, "future"),
        ("2026-03-10T00:00:00+00:00", 0, "used"),
        ("2026-03-11T23:59:59+00:00", 0, "used"),
        ("2026-03-12T00:00:00+00:00", 1, "expired"),
        # The same instants on clocks elsewhere: New York is 4 hours behind by then, Auckland 13 ahead.
        ("2026-03-09T19:59:59-04:00", 1, "future"),
        ("2026-03-09T20:00:00-04:00", 0, "used"),
        ("2026-03-11T19:59:59-04:00", 0, "used"),
        ("2026-03-11T20:00:00-04:00", 1, "expired"),
        ("2026-03-10T12:59:59+13:00", 1, "future"),
        ("2026-03-10T13:00:00+13:00", 0, "used"),
        ("2026-03-12T12:59:59+13:00", 0, "used"),
        ("2026-03-12T13:00:00+13:00", 1, "expired"),
    ],
)
def test_a_waiver_counts_on_the_days_that_it_covers(moment: str, code: int, said: str, world: World) -> None:
    world.approve()
    assert world.waive(**{"from": "2026-03-10", "until": "2026-03-12"}).exit_code == 0
    utc = dt.datetime.fromisoformat(moment).astimezone(dt.UTC)
    result = world.at(utc.isoformat()).gate()
    assert result.exit_code == code, result.output
    assert standing(world.record("gate", "1"))[0] == said
    assert (f"W-1  {said} for" in result.stdout) is (said != "used")


def test_a_waiver_that_excuses_nothing_is_shown_as_unused(world: World) -> None:
    world.waive(floor="92 %")
    result = world.at(DAY).gate()
    assert "W-1  unused for 1.1/systems/invoices.reconciled: the requirement is: fail, with a value" in (
        result.stdout
    )


def test_a_waiver_in_a_file_counts_for_nothing_where_signers_are_listed(
    world: World, programme: Callable[[bool], None], tmp_path: Path
) -> None:
    programme(True)
    world.more = "waivers: waivers.yaml\n"
    world.write()
    result = world.by("ci", "check")
    assert result.exit_code == 1
    why = "nobody signed it, and this project lists signers"
    assert f"W-1  untrusted for 1.1/systems/invoices.reconciled: {why}" in result.stdout.replace("\n  ", " ")
    assert standing(world.record("check")) == ("untrusted", why)


def test_a_waiver_falls_with_the_rules_that_it_was_granted_under(world: World) -> None:
    world.waive()
    world.write(">= 94 %")
    assert standing(world.at(DAY).record("check"))[0] == "other_pack"


# Keys that no longer count


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("limit", "counts"),
    [
        ("revoked: 2026-03-01T12:00:01Z", True),  # signed before that
        ("revoked: 2026-03-01T12:00:00Z", False),
        ("revoked: 2026-02-01T00:00:00Z", False),
        ("end: 2026-03-01T12:00:01Z", True),
        ("end: 2026-03-01T12:00:00Z", False),
        ("start: 2026-03-01T12:00:00Z", True),
        ("start: 2026-03-01T12:00:01Z", False),
    ],
)
def test_a_statement_counts_if_its_key_did_when_it_was_signed(limit: str, counts: bool, world: World) -> None:
    world.approve()
    world.waive()
    world.write(fin=limit)
    assert (world.at(DAY).gate().exit_code == 0) is counts
    approval = world.record("gate", "1")["approval"]
    assert approval["missing"] == ([] if counts else ["finance"])
    assert (standing(world.record("gate", "1"))[0] == "used") is counts


def test_a_revoked_key_signs_nothing_more(world: World) -> None:
    world.write(fin="revoked: 2026-03-01T11:00:00Z")
    refused(world.waive(), "the signature of 'fin' does not count at 2026-03-01T12:00:00Z")
    refused(world.by("fin", "approve"), "was revoked from 2026-03-01T11:00:00Z on")


def test_a_stolen_key_can_sign_an_old_date_and_not_take_an_earlier_place(world: World) -> None:
    world.approve()
    world.at("2026-03-05T12:00:00+00:00").write(fin="revoked: 2026-03-05T00:00:00Z")
    world.gate()  # the ledger tells the time
    world.limits.clear()
    world.at("2026-03-04T12:00:00+00:00").write()  # the thief's clock, and the thief's project file
    assert world.waive(until="2026-04-01").exit_code == 0
    world.at("2026-03-06T12:00:00+00:00").write(fin="revoked: 2026-03-05T00:00:00Z")
    assert world.gate().exit_code == 1
    assert standing(world.record("gate", "1"))[1] == (
        "it is dated back: 2026-03-04T12:00:00Z, and entry 6 before it had told 2026-03-05T12:00:00Z "
        "already; sign it again"
    )


def test_after_a_clock_that_was_ahead_people_are_told_to_sign_again(world: World) -> None:
    world.write(">= 80 %")
    world.at("2026-03-05T12:00:00+00:00").gate()  # four days ahead
    world.at("2026-03-01T12:00:00+00:00").approve()
    assert world.by("ci", "check").exit_code == 0
    result = world.at("2026-03-06T12:00:00+00:00").gate()
    assert result.exit_code == 3
    why = (
        "it is dated back: 2026-03-01T12:00:00Z, and entry 1 before it had told 2026-03-05T12:00:00Z "
        "already; sign it again"
    )
    shown = " ".join(result.stdout.split())
    assert f"nobody for developer (entry 8 does not count: {why})" in shown
    assert f"nobody for finance (entry 6 does not count: {why})" in shown
    world.by("fin", "approve")
    approval = world.record("gate", "1")["approval"]
    assert approval["refused"] == [{"function": "developer", "entry": 8, "reason": why}]
    world.by("dev", "approve")
    assert world.gate().exit_code == 0
    assert "refused" not in world.record("gate", "1")["approval"]
    assert world.run("verify").exit_code == 0
    assert world.run("replay", "--all").exit_code == 0


def test_within_the_skew_of_clocks_a_revoked_key_gains_nothing(world: World) -> None:
    world.at("2026-03-05T12:00:00+00:00").gate()
    world.at("2026-03-05T11:30:00+00:00").waive(until="2026-04-01")
    assert standing(world.at("2026-03-06T12:00:00+00:00").record("check"))[0] == "used"
    world.write(fin="revoked: 2026-03-05T11:45:00Z")
    found = standing(world.record("check"))
    assert found[0] == "untrusted"
    assert "the key of 'fin' was revoked from 2026-03-05T11:45:00Z on" in found[1]


def test_a_signer_who_is_no_longer_listed_vouches_for_nothing(world: World) -> None:
    world.approve()
    world.waive()
    world.by("ci", "check")
    del world.listed["fin"]
    world.write()
    record = world.at(DAY).record("gate", "1")
    assert record["outcome"] == "closed"
    assert record["approval"]["missing"] == ["finance"]
    assert standing(record)[0] == "untrusted"
    assert standing(record)[1].startswith("no signer has the key")


def test_a_role_that_came_later_does_not_make_good_what_was_signed_before(world: World) -> None:
    world.listed["dev"] = "[approver:developer]"
    world.write(">= 80 %")
    world.by("fin", "approve")
    world.by("dev", "approve")
    world.listed |= {"fin": "[approver:developer]", "dev": "[approver:finance]"}
    world.write(">= 80 %")
    assert world.record("gate", "1")["approval"]["missing"] == ["developer", "finance"]


def test_a_waiver_does_not_come_back_with_the_removal_of_the_one_who_ended_it(world: World) -> None:
    world.approve()
    world.waive()
    world.by("fin-2", "waive", "--revoke", "W-1")
    world.by("ci", "check")
    del world.listed["fin-2"]
    world.write()
    record = world.at(DAY).record("gate", "1")
    assert record["outcome"] == "closed"
    assert standing(record)[0] == "untrusted"
    assert standing(record)[1].startswith(
        "entry 8 revokes it and does not count itself: no signer has the key"
    )


# The step through a gate


def test_only_an_open_gate_of_today_lets_anybody_pass(world: World) -> None:
    refused(world.by("dev", "advance", "1"), "gate 1 has not been decided yet\nhelp: 'phasegate gate 1'")
    world.gate()
    refused(world.by("dev", "advance", "1"), "gate 1 is closed, as run 1 decided")
    world.write(">= 80 %")
    world.gate()
    refused(world.by("dev", "advance", "1"), "gate 1 is undecided, as run 2 decided")
    world.approve()
    world.by("ci", "check")
    refused(world.by("dev", "advance", "1"), "gate 1 is undecided, as run 2 decided")  # a check decides none
    world.gate("2")
    refused(world.by("dev", "advance", "1"), "gate 1 is undecided, as run 2 decided")  # nor does another gate
    world.gate()
    assert world.by("dev", "advance", "phase:1").exit_code == 0
    for name in ("ci", "eyes"):
        assert world.by(name, "advance", "1").exit_code == 2
    world.at("2026-03-02T00:00:00+00:00")
    refused(world.by("dev", "advance", "1"), "gate 1 was open on 2026-03-01, as run 5 decided, and today is")


def test_nobody_passes_once_the_rules_changed_or_something_was_revoked(world: World) -> None:
    world.approve()
    world.waive()
    assert world.at(DAY).gate().exit_code == 0
    world.by("dev", "waive", "--revoke", "W-1")
    refused(world.by("dev", "advance", "1"), "something was revoked since run 1 decided gate 1")
    world.write(">= 80 %")
    world.approve()
    assert world.gate().exit_code == 0
    world.write(">= 70 %")
    refused(world.by("dev", "advance", "1"), "gate 1 was decided under other rules than those in force")


@pytest.mark.parametrize("change", ["revoked", "new function"])
def test_nobody_passes_once_the_rules_lack_an_approval(change: str, world: World) -> None:
    world.write(">= 80 %")
    world.approve()
    assert world.gate().exit_code == 0
    if change == "revoked":
        missing = "finance"
        world.write(">= 80 %", fin="revoked: 2026-03-01T00:00:00Z")
    else:
        missing = "legal"
        world.listed["fin-2"] = "approver:legal"
        world.write(">= 80 %")
    refused(
        world.by("dev", "advance", "1"),
        f"the rules of gate 1 are not approved for {missing}\nhelp: 'phasegate approve' does that",
    )
    assert "advance" not in dict(world.log())


def test_an_advance_says_what_it_stands_on(world: World) -> None:
    import base64
    import hashlib
    import json

    from phasegate.audit.ledger.ledger import Ledger

    world.write(">= 80 %")
    world.approve()
    world.gate()
    world.by("dev", "advance", "1", "--comment", "agreed")
    document = dict(world.log())["advance"]
    statement = json.loads(base64.b64decode(document["envelope"]["payload"]))
    said = statement["predicate"]
    with Ledger.open(world.folder / "phasegate.db") as ledger:
        gate = next(ledger.rows(said["entry"], said["entry"] + 1))
        assert (said["ledger"], said["run"], said["gate"]) == (ledger.origin, 1, "1")
    assert (gate.kind, gate.subject) == ("gate", "1")
    assert [said[key] for key in ("state", "as_of", "by", "comment")] == [
        "open",
        "2026-03-01",
        "dev",
        "agreed",
    ]
    assert statement["subject"][0]["digest"] == {"sha256": hashlib.sha256(gate.body).hexdigest()}


def test_a_page_tells_who_advanced(world: World) -> None:
    world.write(">= 80 %")
    world.approve()
    world.gate()
    assert "advanced" not in world.run("report", "--format", "html").stdout
    world.by("dev", "advance", "1")
    assert "advanced 1 Mar by dev" in world.run("report", "--format", "html").stdout


# Whatever is attempted is kept


@pytest.mark.parametrize(
    ("name", "command", "error"),
    [
        ("ci", ("gate", "9"), "the pack has no phase '9'"),
        ("ci", ("check", "9.9"), "the pack has no point, criterion, area, target or phase '9.9'"),
        ("ci", ("gate", "1", "--pack-digest", "sha256:0"), "the pack has the digest sha256:"),
        ("dev", ("advance", "1"), "gate 1 has not been decided yet"),
        ("eyes", ("approve",), "'eyes' approves for no function"),
        ("fin", ("waive", "--revoke", "W-9"), "there is no signed waiver 'W-9'"),
        ("fin", ("waive", "1.1/systems"), "a waiver needs --reason, --risk-owner, --requester, --until"),
    ],
)
def test_a_refused_attempt_is_an_entry(name: str, command: tuple[str, ...], error: str, world: World) -> None:
    assert world.by(name, *command).exit_code == 2
    kind, document = world.log()[-1]
    assert kind == "refused"
    assert document["error"].startswith(error)
    assert document["command"][0] == command[0]
    assert document["envelope"]["evaluator"] == name
    assert world.run("verify").exit_code == 0


def test_an_attempt_under_a_faulty_pack_is_an_entry_too(world: World, tmp_path: Path) -> None:
    world.gate()
    world.write(">= 95 days")
    result = world.gate()
    assert result.exit_code == 2
    assert "unit-mismatch" in result.stderr
    assert world.log()[-1][1]["error"] == "pack has 1 problem"
    size = len(world.log())
    result = world.run(
        "gate", "1"
    )  # without a key there is nobody to sign it; the fault is told all the same
    assert "unit-mismatch" in result.stderr
    (tmp_path / "phasegate.yaml").write_text("phasegate: 1\npack: pack\nsurprise: 1\n")
    assert world.gate().exit_code == 2  # a project file with a fault says neither where nor who
    assert len(world.log()) == size


def test_an_unexpected_error_is_kept_without_its_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from phasegate.runs import collect_statements

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("could not parse 'secret' of row 7")

    monkeypatch.setattr(collect_statements, "present", fail)
    assert world.gate().exit_code == 2
    assert world.log()[-1][1]["error"] == "unexpected RuntimeError"


def test_the_words_of_an_attempt_are_printable_and_have_an_end(world: World) -> None:
    assert world.by("ci", "gate", "\x1b[31m\udcff" + "9" * 1000).exit_code == 2
    command, phase = world.log()[-1][1]["command"]
    assert (command, phase.isprintable(), len(phase)) == ("gate", True, 300)


# Which key signs


def test_the_option_is_preferred_to_the_variable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(world.run("gate", "1"), "no key of an evaluator is at hand to sign the run\nhelp: name its file")
    monkeypatch.setenv("PHASEGATE_KEY", str(world.folder / "keys" / "ci"))
    assert world.run("gate", "1").exit_code == 1
    refused(world.by("dev", "gate", "1"), "'dev' is no evaluator, and only evaluators sign runs")
    monkeypatch.setenv("PHASEGATE_KEY", str(world.folder / "keys" / "dev"))
    refused(world.run("check"), "'dev' is no evaluator")
    assert world.gate().exit_code == 1
    assert world.run("gate", "1", "--no-ledger").exit_code == 1  # nothing is signed, so no key is asked for
    monkeypatch.delenv("PHASEGATE_KEY")
    refused(
        world.run("approve"), "nobody signs\nhelp: name the file of your key with --key or in PHASEGATE_KEY"
    )


def test_a_project_without_signers_takes_no_signatures(world: World, project: Callable[..., Path]) -> None:
    project()
    refused(world.by("fin", "approve"), "the project lists no signers, so that no signature counts in it")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://ci.example/jobs/17", "https://ci.example/jobs/17"),
        ("  two\nlines\x1b ", "two\ufffdlines\ufffd"),
        ("x" * 1000, "x" * 297 + "..."),
        ("", None),
    ],
)
def test_the_reference_of_a_pipeline_stands_beside_the_run(
    said: str, kept: str | None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHASEGATE_REFERENCE", said)
    world.gate()
    assert dict(world.log())["run"]["envelope"]["reference"] == kept


@pytest.mark.parametrize("blanks", ["", "  "])
@pytest.mark.parametrize("command", [("check", "--as-of", "2026-02-27"), ("check",), ("gate", "1")])
def test_nobody_makes_a_run_that_is_taken_for_one_of_a_schedule(
    command: tuple[str, ...], blanks: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stand for a day that it looked back to, and silence the run that the schedule owes."""
    said = "schedule weekly due 2026-02-27T06:00Z, by 0123abcd"
    monkeypatch.setenv("PHASEGATE_REFERENCE", blanks + said)
    refused(world.by("ci", *command), f"PHASEGATE_REFERENCE is {said!r}, by which a schedule's own runs")
    assert not (world.folder / "phasegate.db").exists()


def test_keys_new_shows_nothing_private(run: Run, tmp_path: Path) -> None:
    result = run("keys", "new", "fin", "--role", "approver:finance")
    assert result.exit_code == 0
    private = (tmp_path / "fin").read_text(encoding="utf-8")
    assert (tmp_path / "fin").stat().st_mode & 0o777 == 0o600
    lines = [line for line in private.splitlines() if not line.startswith("-----")]
    assert not any(line in result.output for line in lines)
    public = (tmp_path / "fin.pub").read_text(encoding="utf-8").strip()
    assert f'- {{"name": "fin", "roles": ["approver:finance"], "key": "{public}"}}' in result.stdout
    refused(run("keys", "new", "fin"), "there is already a file 'fin'")
    refused(run("keys", "new", "other", "--role", "boss"), "'boss' is no role")
    assert not Path("other").exists()


def test_keys_list_says_who_counts_and_who_does_not(world: World, run: Run, project: Any) -> None:
    world.write(fin="revoked: 2026-02-01T00:00:00Z")
    shown = world.run("keys", "list").stdout
    assert "fin  approver:finance  SHA256:" in shown
    assert "it was revoked from 2026-02-01T00:00:00Z on" in " ".join(shown.split())
    project()
    assert run("keys", "list").stdout.startswith("The project lists no signers")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "command",
    [
        ("facts",),
        ("lint",),
        ("explain", "1.1"),
        ("keys", "list"),
        ("check", "--no-ledger"),
        ("schema", "pack"),
    ],
)
@pytest.mark.parametrize("kept", [False, True])
def test_what_only_tells_writes_nothing(command: tuple[str, ...], kept: bool, world: World) -> None:
    if kept:
        world.approve()
    before = {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")}
    assert world.run(*command).exit_code in (0, 1)
    assert {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")} == before


def test_a_decision_of_today_verifies_replays_and_is_proved_later(world: World) -> None:
    world.approve()
    world.waive()
    assert world.gate().exit_code == 0
    assert world.by("dev", "waive", "--revoke", "W-1", "--reason", "over").exit_code == 0
    assert world.gate().exit_code == 1
    world.at(DAY)
    for words in (
        ("verify",),
        ("replay", "--all"),
        ("replay", "1", "--from-sources"),
        ("prove", "1.1", "--run", "1", "-o", "proof.json"),
        ("verify", "proof.json"),
    ):
        result = world.run(*words)
        assert result.exit_code == 0, (words, result.output)
