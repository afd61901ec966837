"""The trails that hold records."""

from harbour_ledger import harbour, place, project

__all__ = ["harbour", "place", "project"]
