"""One statement attests many points: one signature and one entry, told at each point, and ended as one."""

from __future__ import annotations

import json
import re

import pytest

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.canonical_json import read_canonical

AREAS = """\
areas:
  "1":
    title: Board
    sections: {"1.0": Meetings}
    success: {name: Called, measure: called, bound: ">= 95 %"}
points:
"""
PHASES = """\
phases:
  "1": {title: Decide, points: ["1.1"]}
  "2": {title: Fund, points: ["1.2", "1.3"], after: ["1"]}
sources:
"""
AT = "2026-03-10T09:00:00"


@pytest.fixture
def seats(board):
    """The board in an area, with phases; all three points ask for minutes."""
    pack = board.pack.replace("points:\n", AREAS, 1).replace("sources:\n", PHASES, 1)
    pack = pack.replace("{title: Decide, criteria", '{title: Decide, area: "1", section: "1.0", criteria')
    pack = pack.replace("{title: Fund, criteria", '{title: Fund, area: "1", section: "1.0", criteria')
    pack = pack.replace('require: {called: ">= 95 %"}', 'require: {called: ">= 95 %", minuted: true}')
    board.write(pack)
    board.pack = pack
    return board


def attest(board, *points, by="aud", at="2026-03-09T09:00:00", **options):
    words = [word for point in points for word in ("--point", point)]
    given = {"value": "true", "evidence": "minutes.txt", "until": "2026-06-01", "id": "A-1", **options}
    words += [word for name, value in given.items() for word in (f"--{name}", value)]
    return board.run("attest", "minuted", *words, by=by, at=at)


def statement(board):
    with Ledger.open(board.folder / "phasegate.db") as ledger:
        (row,) = ledger.find(("attestation",))
    import base64

    return json.loads(base64.b64decode(read_canonical(row.body)["envelope"]["payload"]))["predicate"]


def verdicts(board, at=AT):
    record = board.record(at=at)
    return {
        each["id"].split("[")[1][:-1]: each["status"] for each in record["facts"] if "minuted[" in each["id"]
    }


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("given", "points"),
    [
        (("1.1", "1.2"), ["1.1", "1.2"]),
        (("1.3", "1.1"), ["1.1", "1.3"]),
        (("1.1", "1.2", "1.1"), ["1.1", "1.2"]),
        (("1",), ["1.1", "1.2"]),
        (("1.0",), ["1.1", "1.2"]),
        (("phase:2",), ["1.2", "1.3"]),
        (("phase:2", "1"), ["1.1", "1.2", "1.3"]),
        (("programme",), ["1.1", "1.2", "1.3"]),
    ],
)
def test_one_signature_is_for_each_of_them(given, points, seats):
    result = attest(seats, *given)
    assert result.exit_code == 0, result.output
    facts = [f"minuted[{each}]" for each in points]
    assert f"aud attests {', '.join(facts[:-1])} and {facts[-1]} as true" in result.output
    assert seats.kept().count("attestation") == 1
    assert (statement(seats)["slice"], statement(seats)["slices"]) == ("", points)
    assert {name for name, status in verdicts(seats).items() if status == "present"} == {*points}
    assert seats.standing() == [(each, "used") for each in facts]
    assert seats.run("verify").exit_code == 0
    assert seats.run("replay", "--all").exit_code == 0


def test_one_point_is_signed_as_ever(seats):
    attest(seats, "phase:1")
    assert statement(seats)["slice"] == "1.1"
    assert "slices" not in statement(seats)


def test_each_verdict_shows_it(seats):
    attest(seats, "1")
    seats.record()
    for id_ in ("1.1/decided", "1.2/funded"):
        told = seats.run("explain", id_, at=AT).output
        assert "Attestation A-1, signed by aud" in " ".join(told.split())
    assert "attests minuted of 1.1 and 1.2 = true" in " ".join(seats.run("runs", "--all").output.split())
    proof = seats.run("prove", "1.2", "--run", "1", "-o", "proof.json")
    assert proof.exit_code == 0, proof.output
    assert seats.run("verify", "proof.json").exit_code == 0


def test_it_is_ended_as_one(seats):
    attest(seats, "programme")
    assert seats.run("attest", "--revoke", "A-1", by="aud-2", at="2026-03-10T08:00:00").exit_code == 0
    assert {*verdicts(seats).values()} == {"unknown"}
    told = seats.run("check", by="ci", at=AT).output
    assert len(re.findall("A-1  revoked for", told)) == 1
    assert "minuted[1.1], minuted[1.2] and minuted[1.3]" in " ".join(told.split())
    assert seats.run("verify").exit_code == 0


def test_a_newer_word_about_one_of_them_answers_that_one_alone(seats):
    attest(seats, "programme")
    attest(seats, "1.2", id="A-2", value="false", at="2026-03-09T10:00:00")
    assert seats.standing() == [
        ("minuted[1.1]", "used"),
        ("minuted[1.2]", "unused"),
        ("minuted[1.2]", "used"),
        ("minuted[1.3]", "used"),
    ]
    assert seats.run("verify").exit_code == 0


def test_it_goes_on_to_count_for_the_others_when_a_point_leaves_the_rules(seats):
    attest(seats, "1.1", "1.3")
    pack = re.sub(r'  "1\.3": .*\n', "", seats.pack).replace('"1.2", "1.3"]', '"1.2"]')
    seats.write(pack)
    assert verdicts(seats)["1.1"] == "present"


def test_what_is_due_names_it_once_with_all_that_rests_on_it(seats):
    attest(seats, "programme", until="2026-03-20")
    seats.record()
    found = json.loads(seats.run("due", "--format", "json", at=AT).output)["due"]
    (word,) = [each for each in found if each["kind"] == "attestation"]
    assert word["id"] == "A-1"
    assert {"1.1/decided", "1.3/called"} <= {*word["criteria"]}
    assert seats.run("due", at=AT).exit_code == 0


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (("1.1", "9.9"), "the pack has no point '9.9'"),
        (("phase:9",), "the pack has no point 'phase:9'"),
        (("1.1/decided",), "the pack has no point '1.1/decided'"),
        ((), "'minuted' is attested by point, and none is named"),
    ],
)
def test_what_names_no_point_is_refused(points, said, seats):
    result = attest(seats, *points)
    assert result.exit_code == 2
    assert said in result.output
    assert "attestation" not in seats.kept()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "slices", [["1.1"], ["1.1", "1.1"], ["1.1", ""], "1.1", ["9.8", "9.9"], [["1.1"], "1.2"]]
)
def test_what_nobody_could_sign_counts_for_no_point(slices, seats, predicate):
    seats.record()
    seats.say({**predicate, "slice": "", "slices": slices})
    assert {*verdicts(seats).values()} == {"unknown"}


def test_a_run_that_claims_it_for_another_point_is_found_out(seats):
    from phasegate.audit.signing.signers import Signers
    from phasegate.audit.statements.attestations import presented_attestations
    from phasegate.audit.statements.reader import said
    from phasegate.audit.verification.backed_attestations import unattested
    from phasegate.rules.loading.project import load_project

    attest(seats, "1.1", "1.2")
    record = seats.record()
    loaded = load_project(seats.folder / "phasegate.yaml")
    with Ledger.open(seats.folder / "phasegate.db") as ledger:
        words = list(said(ledger, Signers.of(loaded.project), None, "attestation"))
    told = {
        each.given.attestation.id: each
        for each in presented_attestations(words, loaded.pack.pack, today=True)
    }
    assert list(unattested(record, told, loaded.pack.pack)) == []
    used = next(each for each in record["attestations"] if each["fact"] == "minuted[1.2]")
    used["fact"] = "minuted[1.3]"
    fact = next(each for each in record["facts"] if each["id"] == "minuted[1.3]")
    fact |= {"status": "present", "truth": True}
    found = list(unattested(record, told, loaded.pack.pack))
    assert any("no entry before it is" in each for each in found)
    assert any("minuted[1.3]" in each and "does not answer it" in each for each in found)
