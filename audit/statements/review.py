"""What rules say otherwise than those that were approved last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from phasegate.audit.ledger.store import Finding
from phasegate.audit.statements.approvals import approves
from phasegate.audit.statements.reader import Said
from phasegate.audit.trail.named_rules import rules_named
from phasegate.records.schema import ApprovalEntry, ChangedRules
from phasegate.rules.changes.changes import RuleChange, changes, told_first
from phasegate.rules.loading.pack import LoadedPack

MOST_TOLD = 5
"""So many changes are told where an approval is missing; `diff --rules` tells all."""


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody who approves rules has not approved yet.

    Attributes:
        function: for which they are approved.
        before: the newest approval of rules for it; None where there is none that counts.
        changes: what the rules in force say otherwise than those; None where these are not kept.
    """

    function: str
    before: Said | None
    changes: tuple[RuleChange, ...] | None


def reviewed(
    function: str,
    rules: LoadedPack,
    approvals: Iterable[Said],
    log: Finding,
    content: Callable[[str], bytes | None],
) -> Review:
    """What the rules in force say otherwise than those that were approved last for a function.

    Args:
        function: the function.
        rules: those in force.
        approvals: in the order of the ledger.
        log: finds the entries of runs.
        content: gives what the ledger keeps, by its address.
    """
    given = [each for each in approvals if approves(each, function)]
    if not given:
        return Review(function, None, None)
    then: LoadedPack | None
    (about,) = given[-1].digests.values()
    if rules.is_named(about):
        then = rules if rules.is_approved_by(about) else rules.as_files_say()
    else:
        then = rules_named(log, content, about)
    return Review(function, given[-1], changes(then, rules) if then is not None else None)


def with_changes(
    approval: ApprovalEntry,
    rules: LoadedPack,
    approvals: Iterable[Said],
    log: Finding,
    content: Callable[[str], bytes | None],
) -> ApprovalEntry:
    """Who has approved rules, with what those say otherwise whose approval is missing; see `reviewed`."""
    given = list(approvals)
    told = []
    for function in approval["missing"]:
        found = reviewed(function, rules, given, log, content)
        if found.before is None or found.before.signer is None or not found.changes:
            continue
        said = [each.said for each in told_first(found.changes)]
        told.append(
            ChangedRules(
                function=function,
                signer=found.before.signer.name,
                signed=str(found.before.predicate["signed"]),
                changes=said[:MOST_TOLD],
                more=len(said[MOST_TOLD:]),
            )
        )
    return {**approval, "changed": told} if told else approval
