"""Gathers what people present to a run: from the project's files, and from its ledger.

What reads signed statements is imported where there are signers: most runs are of projects without.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phasegate.records.attestations import PresentedAttestation
from phasegate.records.schema import ApprovalEntry
from phasegate.records.waivers import PresentedWaiver, renamed
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.loading.waivers import load_waivers
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.paths import resolve_inside

if TYPE_CHECKING:
    from phasegate.audit.ledger.entry import Position
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.audit.ledger.store import Finding
    from phasegate.audit.signing.signers import Signers


def _nobody() -> ApprovalEntry:
    return ApprovalEntry(signers=0, required=[], given=[], missing=[])


@dataclass(frozen=True, slots=True)
class Presented:
    """The statements of people that a run takes into account, or refuses.

    Attributes:
        waivers: all of them; a refused one counts for nothing and is shown.
        attestations: all of them in the order of the ledger, refused ones too.
        approval: who approved the rules.
        statements: of how many entries of the ledger the statements are, where a day is decided on that day
            itself; None where it is another day, or nobody is listed.
    """

    waivers: tuple[PresentedWaiver, ...] = ()
    attestations: tuple[PresentedAttestation, ...] = ()
    approval: ApprovalEntry = field(default_factory=_nobody)
    statements: int | None = None


def unsigned(waivers: Iterable[Waiver], rules: LoadedPack) -> Presented:
    """What a project without signers presents: waivers that count on the word of their file."""
    return Presented(tuple(PresentedWaiver(renamed(waiver, rules.name_of)) for waiver in waivers))


def present(
    loaded: LoadedProject,
    environ: Mapping[str, str],
    now: dt.datetime | None = None,
    *,
    deciding: bool = False,
    as_of: dt.date | None = None,
    statements: int | None = None,
) -> Presented:
    """What people present to a run of a project, its ledger's signed statements included.

    Args:
        loaded: the project.
        environ: the environment.
        now: the moment of the run, after which nobody has signed anything; None where it is not to
            be asked.
        deciding: whether a gate is decided by it. The ledger is then held against its newest
            checkpoint, and that against the project's signers, and the clock against the ledger.
        as_of: the day that is decided; None for the day of the moment.
        statements: of how many entries the statements are taken, as a record has it that is repeated; None
            for all of them.

    Raises:
        PackError: if the waiver file is malformed.
        LedgerError: if the ledger is there and can not be read, hides something, or no gate is decided by
            it.
        EarlyClockError: if a gate is decided, and the ledger has told of a later moment.
    """
    filed = project_waivers(loaded)
    if not loaded.project.signers and not deciding:
        return unsigned(filed, loaded.pack)
    from phasegate.audit.statements.adoptions import own_entries
    from phasegate.audit.statements.reader import refuse_early
    from phasegate.audit.trail.held import refuse_changed_tables
    from phasegate.audit.trail.trail import reading
    from phasegate.rules.values.ledger_address import ledger_address

    ledger = reading(ledger_address(loaded.project.ledger, loaded.root, environ))
    try:
        today = statements is not None or (now is not None and as_of in (None, loaded.today(now)))
        if ledger is None or not ledger.size():
            return presented_to(loaded, filed, None, now, today=today, most=statements)
        refuse_changed_tables(ledger)
        log = _held(ledger, loaded) if deciding else ledger.position()
        log = own_entries(log, loaded, now, statements)
        if deciding and now is not None:
            refuse_early(log, now)
        return presented_to(loaded, filed, log, now, today=today, most=statements, content=ledger.content)
    finally:
        if ledger is not None:
            ledger.close()


def project_waivers(loaded: LoadedProject) -> tuple[Waiver, ...]:
    """The waivers of a project; none where it names no file."""
    if loaded.project.waivers is None:
        return ()
    waivers, _ = load_waivers(resolve_inside(loaded.root, loaded.project.waivers))
    return waivers


def presented_to(
    loaded: LoadedProject,
    filed: Sequence[Waiver],
    log: Finding | None,
    now: dt.datetime | None = None,
    *,
    today: bool = False,
    most: int | None = None,
    content: Callable[[str], bytes | None] | None = None,
) -> Presented:
    """The statements that a run of a project takes into account.

    In a project without signers the waivers of its file count on their word, and nothing else does.
    With signers only what they signed counts.

    Args:
        loaded: the project.
        filed: the waivers of its file.
        log: where the signed statements stand; None while there is no ledger.
        now: the moment, after which nobody has signed anything; None where it is not to be asked.
        today: whether the day is decided on that day itself.
        most: of so many entries the statements are taken; None for all.
        content: gives what the ledger keeps, by its address; None where that is not to be looked at.
    """
    if not loaded.project.signers:
        return unsigned(filed, loaded.pack)
    from phasegate.audit.signing.signers import Signers

    signers, zone = Signers.of(loaded.project), loaded.project.time_zone
    return signed(signers, loaded.pack, zone, filed, log, now, today=today, most=most, content=content)


def signed(
    signers: Signers,
    rules: LoadedPack,
    zone: str,
    filed: Sequence[Waiver],
    log: Finding | None,
    now: dt.datetime | None = None,
    *,
    today: bool = False,
    most: int | None = None,
    content: Callable[[str], bytes | None] | None = None,
) -> Presented:
    """The statements that a run takes into account where signers are listed.

    Args:
        signers: whose signatures count.
        rules: those in force.
        zone: the time zone whose days count.
        filed: the waivers of a file, which nobody signed.
        log: where the signed statements stand; None while there is no ledger.
        now: the moment, after which nobody has signed anything; None where it is not to be asked.
        today: whether the day is decided on that day itself.
        most: of so many entries the statements are taken; None for all.
        content: gives what the ledger keeps, by its address; None where that is not to be looked at.
    """
    from phasegate.audit.ledger.signer_lists import Listed
    from phasegate.audit.statements.approvals import approval
    from phasegate.audit.statements.attestations import presented_attestations
    from phasegate.audit.statements.reader import said, size_of
    from phasegate.audit.statements.types import RUN_RESTS_ON
    from phasegate.audit.statements.waivers import presented_waivers
    from phasegate.audit.trail.named_rules import kept_in, with_earlier_names

    statements = list(said(log, signers, now, *RUN_RESTS_ON)) if log is not None else []
    statements = [each for each in statements if most is None or each.seq < most]
    listed = Listed.of(log.find(("key",)) if log is not None else ())
    by_kind = {kind: [each for each in statements if each.kind == kind] for kind in RUN_RESTS_ON}
    changes = [each for each in statements if each.kind in ("waiver", "revocation")]
    attested = [each for each in statements if each.kind in ("attestation", "revocation")]
    if log is not None and content is not None:
        about = [digest for each in [*by_kind["approval"], *changes] for digest in each.digests.values()]
        rules = with_earlier_names(rules, about, kept_in(log, content))
    approved = approval(by_kind["approval"], signers, rules, listed.functions)
    if approved["missing"] and log is not None and content is not None:
        from phasegate.audit.statements.review import with_changes

        approved = with_changes(approved, rules, by_kind["approval"], log, content)
    return Presented(
        waivers=tuple(presented_waivers(changes, filed, rules.pack, rules.name_of)),
        attestations=presented_attestations(attested, rules.pack, zone, today=today),
        approval=approved,
        statements=size_of(statements) if today else None,
    )


def _held(ledger: Ledger, loaded: LoadedProject) -> Position:
    """The entries of a ledger by which a gate is decided, those of all projects."""
    from phasegate.audit.signing.signers import Signers
    from phasegate.audit.trail.held import held, refuse_untrusted

    at = held(ledger)
    refuse_untrusted(at, Signers.of(loaded.project), loaded.project.id)
    return at
