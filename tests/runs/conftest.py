"""The trails of runs."""

from harbour_ledger import harbour, place, project
from lying_evaluator import honest

__all__ = ["harbour", "honest", "place", "project"]
