"""Approvals of rules: each function signs the digest under which gates may open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from phasegate.audit.errors import TrailError
from phasegate.audit.signing.in_toto import APPROVAL, Statement
from phasegate.audit.signing.signers import Signer, Signers, functions
from phasegate.audit.statements import subjects
from phasegate.audit.statements.reader import Said, to_the_second
from phasegate.records.schema import ApprovalEntry, GivenApproval, RefusedApproval
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.role import APPROVER, EVALUATOR
from phasegate.rules.values.folding import folded

ANY_FUNCTION = "any function"
"""What is missing where a project lists signers and none of them approves anything."""


class NoApproverError(TrailError):
    """Somebody who approves for no function, or for several without saying which."""


def function_of(signer: Signer, asked: str | None) -> str:
    """The function for which a signer signs.

    Raises:
        NoApproverError: if the signer does not approve for it, or approves for several and none was named.
    """
    own = functions([signer])
    if signer.has(EVALUATOR):
        raise NoApproverError(
            f"{signer.name!r} signs runs, and so approves nothing", "what decides must not grant exceptions"
        )
    if asked is not None:
        if asked not in own:
            raise NoApproverError(
                f"{signer.name!r} does not approve for {asked}", f"its roles are {', '.join(signer.roles)}"
            )
        return asked
    if len(own) != 1:
        what = f"approves for {' and '.join(own)}" if own else "approves for no function"
        hint = "say which with --function" if own else f"its roles are {', '.join(signer.roles)}"
        raise NoApproverError(f"{signer.name!r} {what}", hint)
    return own[0]


def approval_statement(pack: LoadedPack, function: str, signer: Signer, moment: dt.datetime) -> Statement:
    """The statement that approves the rules in force for a function."""
    predicate = {
        "function": function,
        "by": signer.name,
        "signed": to_the_second(moment),
        "pack": pack.pack.pack,
        "version": pack.pack.version,
    }
    return Statement(APPROVAL, [subjects.rules(pack.pack.pack, pack.digest)], predicate)


def named_functions(pack: Pack) -> tuple[str, ...]:
    """The functions that a pack's criteria concern, sorted."""
    found = {criterion.function for point in pack.points.values() for criterion in point.criteria}
    return tuple(sorted(function for function in found if function is not None))


def required(signers: Signers, pack: Pack, known: Iterable[str]) -> tuple[str, ...]:
    """The functions that must approve rules, sorted: none where the project lists no signers.

    That a function has no line any more does not mean that nobody has to ask it: who could take its
    approver out of the project file could do without its approval.

    Args:
        signers: those whom the project lists.
        pack: the rules.
        known: the functions for which any list of signers in the ledger had an approver.
    """
    if not len(signers):
        return ()
    return tuple(sorted({*functions(signers), *named_functions(pack), *known})) or (ANY_FUNCTION,)


def approval(
    statements: Iterable[Said], signers: Signers, rules: LoadedPack, known: Iterable[str]
) -> ApprovalEntry:
    """Who has approved the rules in force: each function by another person.

    Args:
        statements: approvals in the order of the ledger.
        signers: those whom the project lists.
        rules: those in force.
        known: the functions for which any list of signers in the ledger had an approver.
    """
    asked = required(signers, rules.pack, known)
    signed: dict[str, dict[str, str]] = {function: {} for function in asked}
    refused: dict[str, RefusedApproval] = {}
    for each in statements:
        function = str(each.predicate.get("function"))
        if not is_about(each, rules):
            continue
        if each.refused is not None:
            refused[function] = RefusedApproval(function=function, entry=each.seq, reason=each.refused)
        if function in signed and approves(each, function):
            assert each.signer is not None
            assert each.signed is not None
            signed[function].setdefault(each.signer.name, to_the_second(each.signed))
    given = _seated(signed)
    found = ApprovalEntry(
        signers=len(signers),
        required=list(asked),
        given=[
            GivenApproval(function=name, signer=given[name], signed=signed[name][given[name]])
            for name in sorted(given)
        ],
        missing=[name for name in asked if name not in given],
    )
    if told := [refused[name] for name in found["missing"] if name in refused]:
        found["refused"] = told
    return found


def is_about(each: Said, rules: LoadedPack) -> bool:
    """Whether an approval is one of some rules, and of nothing else."""
    return [rules.is_approved_by(digest) for digest in each.digests.values()] == [True]


def approves(each: Said, function: str) -> bool:
    """Whether a statement approves some rules for a function, by somebody who may."""
    if each.signer is None or each.signed is None or len(each.digests) != 1:
        return False
    mine = str(each.predicate.get("function")) == function and each.has(f"{APPROVER}{function}")
    return mine and not each.signer.has(EVALUATOR)


def _seated(signed: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """As many functions as can be, each with one of its signers, and nobody twice, however they are written.

    Whoever signed for two functions makes room in one of them where somebody else signed for it too
    (augmenting paths in a bipartite graph).
    """
    people: dict[str, dict[str, str]] = {function: {} for function in signed}
    for function, signers in signed.items():
        for signer in signers:
            people[function].setdefault(folded(signer), signer)
    seats: dict[str, tuple[str, str]] = {}

    def seat(function: str, asked: set[str]) -> bool:
        for person, signer in people[function].items():
            if person not in asked:
                asked.add(person)
                if person not in seats or seat(seats[person][0], asked):
                    seats[person] = (function, signer)
                    return True
        return False

    for function in sorted(signed):
        seat(function, set())
    return dict(seats.values())
