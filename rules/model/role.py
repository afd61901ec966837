"""What a signer may sign."""

from __future__ import annotations

import re

EVALUATOR = "evaluator"
"""Signs runs and the checkpoints of the ledger."""
AUDITOR = "auditor"
"""Attests what the auditor saw."""
APPROVER = "approver:"
"""Followed by the function for which the signer approves."""
_FUNCTION = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,119}"
"""Written as a pack writes the function of a criterion."""
PATTERN = f"^({EVALUATOR}|{AUDITOR}|{APPROVER}{_FUNCTION})$"
"""For editors; `is_role` decides."""
ATTESTER = f"^({AUDITOR}|{APPROVER}{_FUNCTION})$"
"""Of the roles, those that may attest."""


def is_role(text: str) -> bool:
    """Whether there is such a role."""
    return text in (EVALUATOR, AUDITOR) or approves_for(text) is not None


def approves_for(role: str) -> str | None:
    """The function for which a role lets its bearer approve; None where it does not."""
    function = role.removeprefix(APPROVER)
    return function if function != role and re.fullmatch(_FUNCTION, function) else None
