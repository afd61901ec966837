"""Whether a run had what it says people signed: each approval, waiver and attestation that it counts.

What counts is asked of the same code that runs are decided by, and compared with what the run says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.approvals import approval
from phasegate.audit.statements.attestations import presented_attestations
from phasegate.audit.statements.reader import Said
from phasegate.audit.statements.waivers import presented_waivers
from phasegate.audit.verification.backed_attestations import unattested
from phasegate.records.attestations import PresentedAttestation
from phasegate.records.schema import GivenApproval, Record, WaiverEntry
from phasegate.records.time_zone import zone_of
from phasegate.records.waivers import UNTRUSTED, PresentedWaiver, instant, waiver_entry
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.values.time_zones import day_of


def claims(record: Record) -> bool:
    """Whether a run says that it counts anything that somebody signed."""
    if record["approval"]["given"] or record["attestations"]:
        return True
    if any(fact["kind"] == "attested" and fact["status"] == "present" for fact in record["facts"]):
        return True
    return bool(record["approval"]["signers"] and record["waivers"])


def unbacked(
    record: Record, statements: Sequence[Said], signers: Signers, rules: LoadedPack, trusted: Signers | None
) -> Iterator[str]:
    """What a run claims and nobody has signed, in words.

    Args:
        record: the run's.
        statements: what stood in the ledger before it, as its project had to read it.
        signers: those whom the ledger lists for it.
        rules: those of the run.
        trusted: the signers that somebody outside of the ledger vouches for, if anybody does.
    """
    statements = statements[: heard_of(record, statements)]
    resting: set[str] = set()
    for given in record["approval"]["given"]:
        if (why := _unapproved(given, statements, signers, rules)) is not None:
            yield (
                f"it says that {given['signer']} approved its rules for {given['function']}, and no entry "
                f"before it does{why}"
            )
        resting.add(given["signer"])
    if record["approval"]["signers"]:
        changes = [each for each in statements if each.kind in ("waiver", "revocation")]
        waivers = {each.waiver.id: each for each in presented_waivers(changes, (), rules.pack, rules.name_of)}
        for waiver in record["waivers"]:
            if waiver["standing"] != UNTRUSTED:
                if (why := _ungranted(waiver, waivers, rules)) is not None:
                    yield why
                resting.add(waiver["signer"] or "")
    attested = [each for each in statements if each.kind in ("attestation", "revocation")]
    told: Mapping[str, PresentedAttestation] = {
        each.given.attestation.id: each
        for each in presented_attestations(
            attested, rules.pack, zone_of(record), today="statements" in record
        )
    }
    yield from unattested(record, told, rules.pack)
    resting |= {each["signer"] or "" for each in record["attestations"] if each["standing"] == "used"}
    yield from _strange(resting, signers, trusted)


def heard_of(record: Record, statements: Sequence[Said]) -> int:
    """How many of some statements a run says that it has taken into account; all where it does not say."""
    size = record.get("statements")
    return sum(size is None or each.seq < size for each in statements)


def unheard(record: Record, statements: Sequence[Said], seq: int, at: dt.datetime | None) -> Iterator[str]:
    """What is wrong with which statements a run says that it has taken into account, in words.

    A gate hears whatever may shut it; what is said while it is decided makes it decide anew.

    Args:
        record: the run's.
        statements: what stood in the ledger before it.
        seq: the number of its entry.
        at: when it was recorded; None where it does not say.
    """
    size = record.get("statements")
    if size is None:
        return
    if not 0 <= size <= seq:
        yield f"it takes the statements of {size} entries into account, and {seq} stand before it"
    if at is None or day_of(at, zone_of(record)).isoformat() != record["as_of"]:
        yield f"it decides {record['as_of']} as the day on which it is decided, and was recorded on another"
    late = [each for each in statements if each.seq >= size and each.kind in ("revocation", "attestation")]
    if record["kind"] == "gate" and late:
        yield f"it leaves out the {late[0].kind} of entry {late[0].seq}, which stands before it"


def _unapproved(
    given: GivenApproval, statements: Sequence[Said], signers: Signers, rules: LoadedPack
) -> str | None:
    """Why an approval that a run says was given was not: empty where nothing is known of it."""
    refused = ""
    for each in statements:
        about = [rules.name_of(digest) for digest in each.digests.values()]
        if each.kind != "approval" or about != [rules.digest]:
            continue
        if given in approval((each,), signers, rules, (given["function"],))["given"]:
            return None
        if each.predicate.get("function") == given["function"] and each.refused is not None:
            refused = f" (entry {each.seq} does not count: {each.refused})"
    return refused


def _ungranted(waiver: WaiverEntry, waivers: Mapping[str, PresentedWaiver], rules: LoadedPack) -> str | None:
    """Why a waiver that a run counts counts for nothing, or is another one; None if it is as it says."""
    name, who = waiver["id"], waiver["signer"] or "nobody"
    why = f"it counts the waiver {name} as signed by {who}, and no entry before it is"
    found = waivers.get(name)
    if found is None:
        return why
    if found.refused is not None:
        return f"{why} ({found.refused})"
    due = waiver_entry(found, waiver["standing"], waiver["reason"])
    if due["revoked"] != waiver["revoked"] and found.waiver.revoked is not None:
        when = instant(found.waiver.revoked)
        return (
            f"it does not say that the waiver {name} was revoked from {when} on, as an entry before it does"
        )
    # A run looks for the rules of a waiver that might count; of one that has ended it may keep the old name.
    same = rules.name_of(waiver["pack_digest"]) == due["pack_digest"]
    return None if same and {**due, "pack_digest": waiver["pack_digest"]} == waiver else why


def _strange(names: set[str], signers: Signers, trusted: Signers | None) -> Iterator[str]:
    """Those on whose word a run rests, and whom nobody outside of the ledger knows."""
    if trusted is None:
        return
    known = {each.public.fingerprint for each in trusted}
    for each in signers:
        if each.name in names and each.public.fingerprint not in known:
            yield (
                f"it rests on what {each.name} signed ({each.public.fingerprint}), and the project lists no "
                "such key"
            )
