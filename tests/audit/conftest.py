"""The trails that are looked at."""

from harbour_ledger import harbour, place, project

__all__ = ["harbour", "place", "project"]
