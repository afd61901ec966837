"""Whether a run had what it says people signed: each approval, waiver and attestation that it counts.

What counts is asked of the same code that runs are decided by, and compared with what the run says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from phasegate.audit.ledger.signer_lists import Listed, is_own
from phasegate.audit.signing.signers import Signers, functions
from phasegate.audit.statements.approvals import approval, is_about
from phasegate.audit.statements.attestations import presented_attestations
from phasegate.audit.statements.reader import Said
from phasegate.audit.statements.waivers import presented_waivers
from phasegate.audit.verification.backed_attestations import unattested
from phasegate.records.attestations import PresentedAttestation
from phasegate.records.schema import GivenApproval, Record, WaiverEntry
from phasegate.records.time_zone import zone_of
from phasegate.records.waivers import UNTRUSTED, PresentedWaiver, instant, waiver_entry
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.verdict import OPEN_STATES
from phasegate.rules.values.folding import folded
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
        if each.kind != "approval" or not is_about(each, rules):
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


def unapproved(record: Record, listed: Listed, named: Callable[[], Collection[str]]) -> Iterator[str]:
    """What a run says of the approvals that it needed, and is not so, in words.

    That each one which it says was given stands in the ledger is seen to elsewhere.

    Args:
        record: the run's.
        listed: the lists of signers before it; the newest is its own.
        named: gives the functions that its rules name; asked only where a gate is open.
    """
    if (why := _miscounted(record["approval"]["signers"], listed)) is not None:
        yield why
        return
    if not record["approval"]["signers"] or listed.newest is None:
        return
    yield from _unfit(record, functions(listed.newest))
    # A run that asked fewer functions than the ledger knew is only wrong about it where a gate opened by
    # that: a ledger that was begun when the signers of the day alone were asked goes on to verify, unless
    # it holds what that rule should never have let through. No release has written such a ledger.
    opened = [gate["id"] for gate in record["gates"] if gate["state"] in OPEN_STATES]
    if record["kind"] == "gate" and opened:
        given = {each["function"] for each in record["approval"]["given"]}
        late = sorted({*listed.functions, *named()} - given)
        if late:
            yield f"it opens gate {opened[0]}, and its rules are not approved for {', '.join(late)}"


def _miscounted(signers: int, listed: Listed) -> str | None:
    """What is wrong with how many signers a run says that its project lists."""
    found = len(listed.newest) if listed.newest is not None else 0
    if listed.newest is None or not is_own(listed.newest):
        right = signers == found
    elif listed.names:  # a project that lists nobody any more is refused
        right = signers == found > 0
    else:
        right = signers in (0, found)
    return None if right else f"it says that {signers} signers are listed, and the ledger lists {found}"


def _unfit(record: Record, due: Collection[str]) -> Iterator[str]:
    """What of the functions that a run says were asked does not fit together, or not the list of the day."""
    approval = record["approval"]
    asked, given = approval["required"], [each["function"] for each in approval["given"]]
    if not asked or not {*due} <= {*asked}:
        left = ", ".join(sorted({*due} - {*asked})) or "any function"
        yield f"it asks nobody to approve its rules for {left}"
    if len({folded(each["signer"]) for each in approval["given"]}) != len(given):
        yield "it says that somebody approved its rules for two functions"
    if len({*given}) != len(given) or sorted([*given, *approval["missing"]]) != sorted(asked):
        yield "the approvals that it says were given and are missing are not those that it asks for"
