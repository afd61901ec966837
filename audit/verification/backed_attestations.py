"""Whether a run had what it says people attested: each word must stand in the ledger before it, signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from phasegate.facts.measures.kinds.attested import Attestations, standings
from phasegate.records.attestations import PresentedAttestation, attestation_entry, in_words
from phasegate.records.schema import AttestationEntry, FactEntry, Record
from phasegate.records.waivers import UNTRUSTED, instant
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import Quantity, QuantityError

_ATTESTED = "attested"
_USED = "used"


def unattested(record: Record, told: Mapping[str, PresentedAttestation], pack: Pack) -> Iterator[str]:
    """What a run says that people attested, and nobody has, in words.

    Args:
        record: the run's.
        told: the attestations before it by id, in the order of the ledger.
        pack: the rules of the run.
    """
    for entry in record["attestations"]:
        if entry["standing"] == UNTRUSTED or entry["signer"] is None:
            continue
        if (why := _against(entry, told)) is not None:
            yield why
    for fact in record["facts"]:
        if fact["kind"] == _ATTESTED and fact["status"] == "present":
            used = _answer(fact, record)
            if used is None:
                yield f"it counts {fact['id']} as attested, and names no attestation that says so"
            elif used["id"] in told and (why := _unused(used["id"], fact, record, told, pack)) is not None:
                yield f"it counts {fact['id']} by attestation {used['id']}, which does not answer it: {why}"


def _against(entry: AttestationEntry, told: Mapping[str, PresentedAttestation]) -> str | None:
    """Why an attestation that a run has counts for nothing, or is another one."""
    name = entry["id"]
    why = f"it has the attestation {name} as signed by {entry['signer']}, and no entry before it is"
    found = told.get(name)
    if found is None or entry["fact"] not in found.given.attestation.fact_ids:
        return why
    if found.given.refused is not None:
        return f"{why} ({found.given.refused})"
    due = attestation_entry(found, entry["fact"], entry["standing"], entry["reason"])
    if due["revoked"] != entry["revoked"] and found.given.revoked is not None:
        when = instant(found.given.revoked)
        return (
            f"it does not say that the attestation {name} was revoked from {when} on, as an entry before it "
            "does"
        )
    return None if due == entry else why


def _answer(fact: FactEntry, record: Record) -> AttestationEntry | None:
    """The one attestation that a fact rests on, with the fact's value; None if the record names none."""
    used = [
        each for each in record["attestations"] if each["fact"] == fact["id"] and each["standing"] == _USED
    ]
    if len(used) != 1 or used[0]["signer"] is None or not _same_value(fact, used[0]["value"]):
        return None
    return used[0]


def _unused(
    name: str, fact: FactEntry, record: Record, told: Mapping[str, PresentedAttestation], pack: Pack
) -> str | None:
    """Why an attestation answered nothing on the day of a run; None if it did.

    Whether its evidence was still what was signed, nobody can tell any more.
    """
    own = told[name].given.attestation
    measure = pack.measures.get(own.fact)
    try:
        day = dt.date.fromisoformat(record["as_of"])
    except ValueError:
        return "the run is of no day"
    if measure is None:
        return "its rules have no such measure"
    given = Attestations(True, [each.given for each in told.values()], dict.fromkeys(told))
    standing, why = standings(measure, given.of(own.fact, fact["slice"]), day, given).get(
        name, ("unused", "it speaks of another point")
    )
    return None if standing == _USED else why


def _same_value(fact: FactEntry, value: str) -> bool:
    if fact["truth"] is not None:
        return value == in_words(fact["truth"])
    if fact["text"] is not None:
        return value == fact["text"]
    if fact["numerator"] is None or fact["denominator"] is None:
        return False
    try:
        number = Quantity.parse(value).within(fact["unit"])
    except QuantityError:
        return False
    if number is None:
        return False
    return (str(number.value.numerator), str(number.value.denominator)) == (
        fact["numerator"],
        fact["denominator"],
    )
