"""A store for the tests of objects."""

from object_lake import lake

__all__ = ["lake"]
