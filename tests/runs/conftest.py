"""The trails of runs."""

from harbour_ledger import harbour, place, project

__all__ = ["harbour", "place", "project"]
