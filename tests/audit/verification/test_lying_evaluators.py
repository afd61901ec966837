"""A ledger whose evaluator lies: every signature is right, and its entries contradict each other."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lying_evaluator import Change, Contents, Drafts, Honest, evidence, named, on, sets, without
from tampering import faults, lying, own_signers, signer_of

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.keys import new_key
from phasegate.audit.signing.signers import Signer, Signers


def in_all(change: Callable[[dict[str, Any]], object]) -> Change:
    def changed(drafts: Drafts, _: Contents) -> None:
        for at, draft in enumerate(drafts):
            document = dict(draft.document)
            change(document)
            drafts[at] = replace(draft, document=document)

    return changed


def part(name: str, data: bytes) -> Change:
    """Puts another part in the place of one that makes the record."""

    def changed(drafts: Drafts, contents: Contents) -> None:
        digest = hashlib.sha256(data).hexdigest()
        contents[digest] = data
        contents.pop(drafts[0].document["parts"][name].removeprefix("sha256:"))
        parts = {**drafts[0].document["parts"], name: f"sha256:{digest}"}
        on("run", "1", sets(parts=parts))(drafts, contents)

    return changed


# The run is entry 2, its points 3 and 4, the target 5, the gates 6 to 8.
LIES: dict[str, tuple[Change, tuple[str, str]]] = {
    "a verdict": (
        on("point", "1.1", sets(verdict="pass")),
        ("entry 3", "it differs from its record in verdict"),
    ),
    "a criterion": (
        on("point", "1.2", lambda document: document["criteria"][0].update(verdict="fail")),
        ("entry 4", "it differs from its record in criteria"),
    ),
    "a target": (
        on("target", "1/success", sets(verdict="fail")),
        ("entry 5", "it differs from its record in verdict"),
    ),
    "a gate": (on("gate", "1", sets(state="open")), ("entry 6", "it differs from its record in state")),
    "what a gate rests on": (
        on("gate", "2", lambda document: document["points"].update({"1.1": "pass"})),
        ("entry 7", "it differs from its record in points"),
    ),
    "an approval": (
        on("gate", "1", lambda document: document["approval"].update(signers=3)),
        ("entry 6", "it differs from its record in approval"),
    ),
    "an outcome": (
        on("run", "1", sets(outcome="open")),
        ("entry 2", "it differs from its record in outcome"),
    ),
    "a score": (
        on("run", "1", lambda document: document["score"].update(passing=99)),
        ("entry 2", "it differs from its record in score"),
    ),
    "a state among others": (
        on("run", "1", lambda document: document["gates"].update({"1": "open"})),
        ("entry 2", "it differs from its record in gates"),
    ),
    "disagreements": (
        on("run", "1", sets(disagreements=1)),
        ("entry 2", "it differs from its record in disagreements"),
    ),
    "more than there is": (
        on("gate", "1", sets(comment="agreed by phone")),
        ("entry 6", "it says more than its record: comment"),
    ),
    "less than there is": (
        on("gate", "1", without("reasons")),
        ("entry 6", "it differs from its record in reasons"),
    ),
    "a day": (in_all(sets(as_of="2026-03-09")), ("entry 2", "it differs from its record in as_of")),
    "rules": (in_all(sets(pack="sha256:" + "0" * 64)), ("entry 2", "it differs from its record in pack")),
    "a record": (
        in_all(sets(record="sha256:" + "0" * 64)),
        ("entry 2", "its record can not be read: its parts do not make the record that was kept"),
    ),
    "a record in one entry": (
        on("point", "1.1", sets(record="sha256:" + "0" * 64)),
        ("entry 3", "its record is not that of the run before it"),
    ),
    "a point left out": (
        lambda drafts, _: drafts.pop(2),
        ("entry 2", "its record decides point 1.2, and no entry after it tells of it"),
    ),
    "all of it left out": (
        lambda drafts, _: drafts.__delitem__(slice(1, None)),
        (
            "entry 2",
            (
                "its record decides point 1.1, point 1.2, target 1/success and 3 more, and no entry after it "
                "tells of it"
            ),
        ),
    ),
    "a point twice": (
        lambda drafts, _: drafts.insert(2, drafts[1]),
        ("entry 4", "its run tells of it twice"),
    ),
    "another order": (
        lambda drafts, _: drafts.insert(1, drafts.pop(2)),
        ("entry 4", "it does not stand in the order of its run"),
    ),
    "a point that there is not": (
        lambda drafts, _: drafts.append(replace(drafts[1], subject="9.9")),
        ("entry 9", "the record of its run does not decide it"),
    ),
    "verdicts without a run": (
        lambda drafts, _: drafts.pop(0),
        ("entry 2", "it does not follow on the run that decided it"),
    ),
    "another run's number": (
        lambda drafts, _: drafts.__setitem__(
            slice(None), [replace(each, run=7, document={**each.document, "run": 7}) for each in drafts]
        ),
        ("entry 2", "it is run 7 after run 0"),
    ),
    "a run that is no number": (
        lambda drafts, _: drafts.__setitem__(
            slice(None),
            [replace(each, run=None, document={**each.document, "run": True}) for each in drafts],
        ),
        ("entry 2", "it is run True after run 0"),
    ),
    "a fact of the evidence": (
        evidence(lambda document: document["facts"][0].update(numerator="20")),
        ("entry 3", "its evidence has other facts than the record of its run"),
    ),
    "a source of the evidence": (
        evidence(lambda document: document["sources"].pop()),
        ("entry 3", "its evidence has other sources than the record of its run"),
    ),
    "a verdict of the evidence": (
        evidence(lambda document: document["requirements"][0].update(verdict="pass")),
        ("entry 3", "its evidence has other requirements than the record of its run"),
    ),
    "a waiver of the evidence": (
        evidence(lambda document: document["waivers"].clear()),
        ("entry 3", "its evidence has other waivers than the record of its run"),
    ),
    "evidence that says more": (
        evidence(lambda document: document.update(comment="trust me")),
        ("entry 3", "its evidence has other comment than the record of its run"),
    ),
    "evidence without measures": (
        evidence(lambda document: document.pop("measures")),
        ("entry 3", "its evidence does not say how it was measured"),
    ),
    "the evidence of another point": (
        lambda drafts, contents: on("point", "1.1", sets(evidence=drafts[2].document["evidence"]))(
            drafts, contents
        ),
        ("entry 3", "its evidence has other criteria than the record of its run"),
    ),
    "evidence that is missing": (
        lambda drafts, contents: contents.pop(drafts[1].document["evidence"].removeprefix("sha256:")),
        ("entry 3", "it refers to the document {digest}, which is missing"),
    ),
    "no evidence": (
        on("point", "1.1", without("evidence")),
        ("entry 3", "it does not say where its evidence is kept"),
    ),
    "a part of the record": (
        part("facts", b"[]"),
        ("entry 2", "its record can not be read: its parts do not make the record that was kept"),
    ),
    "a part that is no list": (
        part("sources", b'[],"more":[]'),
        (
            "entry 2",
            "its record can not be read: a part of the record: this is not canonical: it is more than",
        ),
    ),
    "a part that is not canonical": (
        part("sources", b"[ ]"),
        ("entry 2", "its record can not be read: a part of the record: this is not canonical"),
    ),
    "no parts": (
        on("run", "1", sets(parts={})),
        ("entry 2", "its record can not be read: a record has the parts facts, sources, rest"),
    ),
    "who recorded it": (
        on("run", "1", lambda document: document["envelope"].update(evaluator="somebody")),
        ("entry 2", "it was signed by somebody else than it says"),
    ),
    "which key recorded it": (
        on("run", "1", lambda document: document["envelope"].update(fingerprint="SHA256:" + "A" * 43)),
        ("entry 2", "it was signed by somebody else than it says"),
    ),
    "when it was recorded": (
        on("run", "1", lambda document: document["envelope"].update(recorded_at="yesterday")),
        ("entry 2", "it does not say when it was recorded"),
    ),
    "an instant without a zone": (
        on("run", "1", lambda document: document["envelope"].update(recorded_at="2026-03-02T09:00:00")),
        ("entry 2", "it does not say when it was recorded"),
    ),
    "no envelope": (
        on("run", "1", without("envelope")),
        ("entry 2", "it was signed by somebody else than it says"),
    ),
}


def test_what_is_kept_honestly_has_no_fault(honest: Honest, tmp_path: Path) -> None:
    lying(tmp_path / "ledger.db", honest.drafts(), honest.key, lambda *_: None)
    assert faults(tmp_path / "ledger.db") == []


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize("lie", LIES)
def test_entries_that_lie_about_their_run(lie: str, honest: Honest, tmp_path: Path) -> None:
    change, (place, text) = LIES[lie]
    lying(tmp_path / "ledger.db", honest.drafts(), honest.key, change)
    before, _, after = text.partition("{digest}")
    found = faults(tmp_path / "ledger.db")
    assert any(
        where == place and said.startswith(before) and said.endswith(after) for where, said in found
    ), found


WAIVED = "1.1/systems/invoices.reconciled"
# What an evaluator might write into a record before all of its entries are made from it.
RECORDS: dict[str, tuple[Callable[[Any], object], str]] = {
    "another reading of a table": (
        lambda record: record["sources"][0]["reading"].update(rename={"team": "status"}),
        "it reads invoices in another way than its rules say",
    ),
    "another calendar": (
        lambda record: record["calendar"].update(holidays=["2026-03-02"]),
        "it has another calendar than its rules",
    ),
    "other days": (
        lambda record: record.update(time_zone={"name": "Asia/Tokyo", "data": "2026a"}),
        "it counts the days of Asia/Tokyo, and its rules say UTC",
    ),
    "a pass that fails": (
        lambda record: named(record["requirements"], WAIVED).update(verdict="pass", waiver=None),
        f"{WAIVED} is pass, and its facts say fail",
    ),
    "a fail that passes": (
        lambda record: named(record["requirements"], "1.1/systems/invoices.age").update(verdict="fail"),
        "1.1/systems/invoices.age is fail, and its facts say pass",
    ),
    "a fact that another verdict follows from": (
        lambda record: named(record["facts"], "invoices.reconciled").update(numerator="2"),
        "1.2/cranes/invoices.reconciled is pass, and its facts say fail",
    ),
    "evidence that is too old": (
        lambda record: named(record["facts"], "review.rating").update(status="stale"),
        "1.1/review/review.rating is pass, and its facts say stale",
    ),
    "a text that is none of the options": (
        lambda record: named(record["facts"], "review.rating").update(text="high"),
        "1.1/review/review.rating is pass, and its facts say fail",
    ),
    "a named bound with another limit": (
        lambda record: named(record["requirements"], "1.2/cranes/invoices.reconciled").update(limit="99 %"),
        "1.2/cranes/invoices.reconciled is pass, and its facts say fail",
    ),
    "a waiver that had ended": (
        lambda record: record["waivers"][0].update(end="2026-03-02T23:59:59Z"),
        f"{WAIVED} is waived, and the waiver W-1 does not count on 2026-03-02: it ends at",
    ),
    "a waiver granted later": (
        lambda record: record["waivers"][0].update(granted="2026-03-02T00:00:01Z"),
        f"{WAIVED} is waived, and the waiver W-1 does not count on 2026-03-02: it starts at",
    ),
    "a waiver that was revoked": (
        lambda record: record["waivers"][0].update(revoked="2026-03-01T00:00:00Z"),
        f"{WAIVED} is waived, and the waiver W-1 does not count on 2026-03-02: it was revoked at",
    ),
    "a waiver beyond its floor": (
        lambda record: record["waivers"][0].update(floor="91 %"),
        f"{WAIVED} is waived, and its value is beyond what the waiver W-1 covers",
    ),
    "a waiver without a floor": (
        lambda record: record["waivers"][0].update(floor=None),
        f"{WAIVED} is waived, and its value is beyond what the waiver W-1 covers",
    ),
    "a waiver for something else": (
        lambda record: record["waivers"][0].update(covers=["stale"]),
        f"{WAIVED} is waived, and the waiver W-1 does not cover what its facts say: fail",
    ),
    "a waiver of another requirement": (
        lambda record: record["waivers"][0].update(requirement="1.2/cranes/invoices.reconciled"),
        f"{WAIVED} is waived, and the waiver W-1 is about 1.2/cranes/invoices.reconciled",
    ),
    "a waiver under other rules": (
        lambda record: record["waivers"][0].update(pack_digest="sha256:" + "0" * 64),
        f"{WAIVED} is waived, and the waiver W-1 was granted under other rules",
    ),
    "a waiver that nobody vouches for": (
        lambda record: record["waivers"][0].update(standing="untrusted"),
        f"{WAIVED} is waived, and the waiver W-1 is recorded as untrusted",
    ),
    "a waiver that is no date": (
        lambda record: record["waivers"][0].update(end="never"),
        f"{WAIVED} is waived, and the waiver W-1 can not be read",
    ),
    "a waiver of what is hard": (
        lambda record: named(record["criteria"], "1.1/systems").update(enforcement="hard"),
        f"{WAIVED} is waived, and its criterion is hard",
    ),
    "a criterion": (
        lambda record: named(record["criteria"], "1.1/systems").update(verdict="pass"),
        "criterion 1.1/systems is pass, and what it rests on makes it waived",
    ),
    "a choice": (
        lambda record: named(record["criteria"], "1.1/review").update(verdict="waived"),
        "criterion 1.1/review is waived, and what it rests on makes it pass",
    ),
    "a criterion of another one's requirements": (
        lambda record: named(record["criteria"], "1.2/cranes").update(requirements=[WAIVED]),
        "criterion 1.2/cranes rests on a requirement of another one",
    ),
    "a point": (
        lambda record: named(record["points"], "1.1").update(verdict="pass"),
        "point 1.1 is pass, and what it rests on makes it waived",
    ),
    "a gate by itself": (
        lambda record: named(record["gates"], "1").update(own="open"),
        "gate 1 by itself is open, and what it rests on makes it open_with_waivers",
    ),
    "a gate": (
        lambda record: named(record["gates"], "2").update(state="open"),
        "gate 2 is open, and what it rests on makes it open_with_waivers",
    ),
    "a gate that takes no waiver": (
        lambda record: named(record["gates"], "1").update(max_waivers=0),
        "gate 1 is open_with_waivers, and what it rests on makes it closed",
    ),
    "a gate that hides its waiver": (
        lambda record: named(record["gates"], "2").update(waivers=[]),
        f"gate 2 rests on the waiver of {WAIVED}, and does not say so",
    ),
    "a gate that makes one up": (
        lambda record: named(record["gates"], "1")["waivers"].append("1.1/systems/invoices.age"),
        "gate 1 names a waiver of a requirement that is not waived",
    ),
    "a gate's score": (
        lambda record: named(record["gates"], "1")["score"].update(passing=9),
        "the score of gate 1 is not that of its criteria",
    ),
    "the score": (
        lambda record: record["score"].update(apply=1),
        "the score of the run is not that of its criteria",
    ),
    "the outcome": (
        lambda record: record.update(outcome="open"),
        "the outcome is open, and what it rests on makes it open_with_waivers",
    ),
    "a better verdict where the engines disagree": (
        lambda record: (
            record["disagreements"].append({"id": "x", "inferred": "a", "evaluated": "b", "reason": ""}),
            named(record["points"], "1.1").update(verdict="pass"),
        ),
        "point 1.1 is pass, and what it rests on makes it waived",
    ),
    "an approval that nobody gave": (
        lambda record: record["approval"].update(
            signers=2, given=[{"function": "finance", "signer": "fin", "signed": "2026-03-01T00:00:00Z"}]
        ),
        "it says that fin approved its rules for finance, and no entry before it does",
    ),
    "a waiver that nobody signed": (
        lambda record: record["approval"].update(signers=2),
        "it counts the waiver W-1 as signed by nobody, and no entry before it is",
    ),
    "a waiver that somebody did not sign": (
        lambda record: (record["approval"].update(signers=2), record["waivers"][0].update(signer="fin")),
        "it counts the waiver W-1 as signed by fin, and no entry before it is",
    ),
}


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize("lie", RECORDS)
def test_a_record_that_does_not_follow_from_itself(lie: str, honest: Honest, tmp_path: Path) -> None:
    change, text = RECORDS[lie]
    record = copy.deepcopy(honest.record)
    change(record)
    lying(tmp_path / "ledger.db", honest.drafts(record), honest.key, lambda *_: None)
    found = faults(tmp_path / "ledger.db")
    assert any(where == "entry 2" and said.startswith(text) for where, said in found), found


def test_a_record_that_is_worse_where_the_engines_disagree_is_as_it_must_be(
    honest: Honest, tmp_path: Path
) -> None:
    record: Any = copy.deepcopy(honest.record)
    record["disagreements"].append({"id": "1.1", "inferred": "waived", "evaluated": "pass", "reason": ""})
    named(record["points"], "1.1")["verdict"] = "error"
    for gate in record["gates"]:
        gate["own"] = "undecided" if gate["id"] != "2" else gate["own"]
        gate["state"] = "undecided"
    record["outcome"] = "undecided"
    lying(tmp_path / "ledger.db", honest.drafts(record), honest.key, lambda *_: None)
    assert faults(tmp_path / "ledger.db") == []


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"end": "2026-03-02T09:00:00Z"}, "it counted until 2026-03-02T09:00:00Z"),
        ({"revoked": "2026-03-02T08:00:00Z"}, "it was revoked from 2026-03-02T08:00:00Z on"),
        ({"start": "2026-03-02T09:00:01Z"}, "it counts from 2026-03-02T09:00:01Z on only"),
        ({"start": "2026-03-02T09:00:00.5Z"}, ""),
        ({"end": "2026-03-02T09:00:00.5Z"}, ""),
    ],
)
def test_a_run_whose_evaluator_did_not_count_at_its_time(
    limits: dict[str, str], said: str, honest: Honest, tmp_path: Path
) -> None:
    """The moment of a run is kept to the second: within it, whoever may sign may sign."""
    instants = {name: dt.datetime.fromisoformat(text) for name, text in limits.items()}
    signers = Signers([Signer("evaluator", ("evaluator",), honest.key.public, **instants)])
    listed = replace(own_signers(honest.key), document={"signers": signers.as_document(), "envelope": {}})
    drafts = honest.drafts()
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        ledger.append(lambda _: [listed, *drafts.drafts(1)], signer_of(honest.key), drafts.contents)
    found = faults(tmp_path / "ledger.db")
    assert [where for where, _ in found] == (["entry 2"] if said else [])
    assert not said or said in found[0][1]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"signers": []}, "no signer has signed it"),
        ({"signers": [], "more": 1}, "it says more than who may sign"),
        ({"signers": {}}, "this is no list of signers"),
        ({}, "this is no list of signers"),
    ],
)
def test_a_list_of_signers_that_is_none(document: dict[str, Any], said: str, tmp_path: Path) -> None:
    key = new_key(tmp_path / "key", "evaluator")
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        ledger.append(lambda _: [Draft("key", None, "", document)], signer_of(key))
    assert any(said in text for _, text in faults(tmp_path / "ledger.db"))
    quick = [text for _, text in faults(tmp_path / "ledger.db", quick=True)]
    assert any(said in text for text in quick)


@pytest.mark.parametrize("kind", ["waiver", "revocation", "attestation", "approval", "advance"])
@pytest.mark.parametrize("envelope", [None, {}, {"payload": "", "payloadType": "x", "signatures": []}])
def test_a_statement_that_nobody_signed(kind: str, envelope: object, tmp_path: Path) -> None:
    key = new_key(tmp_path / "key", "evaluator")
    draft = Draft(kind, None, "x", {"envelope": envelope})
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        ledger.append(lambda _: [own_signers(key), draft], signer_of(key))
    ((where, text),) = faults(tmp_path / "ledger.db")
    assert (where, text.startswith(f"{kind}: ")) == ("entry 2", True)


def test_an_entry_of_a_kind_that_there_is_not(tmp_path: Path) -> None:
    key = new_key(tmp_path / "key", "evaluator")
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        ledger.append(lambda _: [own_signers(key), Draft("amnesty", None, "", {})], signer_of(key))
    assert faults(tmp_path / "ledger.db") == [("entry 2", "there is no entry of kind 'amnesty'")]
