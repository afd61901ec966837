"""Whether a run had what it says people attested: each word must stand in the ledger before it, signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from phasegate.audit.record.attested import in_words
from phasegate.audit.record.document import AttestationEntry, FactEntry, Record
from phasegate.audit.record.waived import UNTRUSTED
from phasegate.audit.signed.signers import Signers
from phasegate.audit.signed.statement import Statement
from phasegate.rules.units import Quantity, QuantityError

_SAME = ("id", "statement", "role", "signed", "start", "end", "comment")
"""What a record says of an attestation in the words of its statement."""
_ATTESTED = "attested"
Signed = tuple[Statement, str]
"""A statement, and the fingerprint of the key that signed it."""


def unattested(record: Record, signers: Signers, statements: Mapping[str, Sequence[Signed]]) -> Iterator[str]:
    """What a run says that people attested, and nobody has, in words.

    Args:
        record: the run's.
        signers: those whom the ledger lists for it.
        statements: the attestations before it whose signatures are right, by id.
    """
    for entry in record["attestations"]:
        if entry["standing"] == UNTRUSTED or entry["signer"] is None:
            continue
        if not any(_is(entry, each, signers) for each in statements.get(entry["id"], ())):
            yield (
                f"it has the attestation {entry['id']} as signed by {entry['signer']}, and no entry before "
                "it is"
            )
    for fact in record["facts"]:
        if fact["kind"] == _ATTESTED and fact["status"] == "present" and not _answered(fact, record):
            yield f"it counts {fact['id']} as attested, and names no attestation that says so"


def _is(entry: AttestationEntry, signed: Signed, signers: Signers) -> bool:
    statement, fingerprint = signed
    said, told = statement.predicate, dict[str, Any](entry)
    slice_ = f"[{said.get('slice')}]" if said.get("slice") else ""
    value = said.get("value")
    return (
        all(said.get(name) == told[name] for name in _SAME)
        and f"{said.get('fact')}{slice_}" == entry["fact"]
        and isinstance(value, str | bool)
        and in_words(value) == entry["value"]
        and {each.name: each.digest for each in statement.subjects} == entry["evidence"]
        and any(
            each.public.fingerprint == fingerprint
            and each.name == entry["signer"]
            and entry["role"] in each.roles
            for each in signers
        )
    )


def _answered(fact: FactEntry, record: Record) -> bool:
    """Whether the record names the one attestation that a fact rests on, with the fact's value."""
    used = [
        each for each in record["attestations"] if each["fact"] == fact["id"] and each["standing"] == "used"
    ]
    return len(used) == 1 and used[0]["signer"] is not None and _same_value(fact, used[0]["value"])


def _same_value(fact: FactEntry, value: str) -> bool:
    if fact["truth"] is not None:
        return value == in_words(fact["truth"])
    if fact["text"] is not None:
        return value == fact["text"]
    if fact["numerator"] is None or fact["denominator"] is None:
        return False
    try:
        number = Quantity.parse(value)
    except QuantityError:
        return False
    pair = (str(number.value.numerator), str(number.value.denominator))
    return pair == (fact["numerator"], fact["denominator"]) and number.unit == fact["unit"]
