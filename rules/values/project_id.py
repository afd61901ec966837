"""The id of a project, by which its entries in a ledger are told from those of all others."""

from __future__ import annotations

import secrets


def new_project_id() -> str:
    """An id that no project has; the letter before it keeps YAML from taking it for a number."""
    return f"p-{secrets.token_hex(8)}"
