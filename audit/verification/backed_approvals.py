"""Whether the rules of a run had every approval that they needed, as the ledger before it knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from phasegate.audit.ledger.signer_lists import Listed, is_own
from phasegate.audit.signing.signers import functions
from phasegate.records.schema import Record
from phasegate.rules.model.verdict import OPEN_STATES
from phasegate.rules.values.folding import folded


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
