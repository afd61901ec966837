"""Stores for the tests of objects."""

from moto_server import moto
from object_lake import lake

__all__ = ["lake", "moto"]
