"""Gathers what people present to a run: from the project's files, and from its ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.approvals import approval
from phasegate.audit.statements.attestations import presented_attestations
from phasegate.audit.statements.reader import Said, said
from phasegate.audit.statements.waivers import presented_waivers
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.waiver import Waiver
from phasegate.runs.presented import Presented, unsigned

KINDS = ("waiver", "attestation", "revocation", "approval")


def presented_to(
    loaded: LoadedProject, filed: Sequence[Waiver], ledger: Ledger | None, now: dt.datetime | None = None
) -> Presented:
    """The statements that a run of a project takes into account.

    In a project without signers the waivers of its file count on their word, and nothing else does.
    With signers only what they signed counts.

    Args:
        loaded: the project.
        filed: the waivers of its file.
        ledger: where the signed statements stand; None while there is no ledger.
        now: the moment, after which nobody has signed anything; None where it is not to be asked.
    """
    if not loaded.project.signers:
        return unsigned(filed)
    signers = Signers.of(loaded.project)
    statements: list[Said] = [] if ledger is None else list(said(ledger, signers, now, *KINDS))
    listed = Listed.of(ledger.find(("key",)) if ledger is not None else ())
    by_kind = {kind: [each for each in statements if each.kind == kind] for kind in KINDS}
    changes = [each for each in statements if each.kind in ("waiver", "revocation")]
    attested = [each for each in statements if each.kind in ("attestation", "revocation")]
    return Presented(
        waivers=tuple(presented_waivers(changes, filed, loaded.pack.pack)),
        attestations=presented_attestations(attested, loaded.pack.pack, loaded.project.time_zone),
        approval=approval(by_kind["approval"], signers, loaded.pack, listed.functions),
    )
