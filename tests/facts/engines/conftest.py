"""A database whose tables are computed over where they are."""

import pytest
from erp_database import erp
from postgres_server import server
from pushed_down import Three

__all__ = ["erp", "server"]


@pytest.fixture
def three(erp) -> Three:  # type: ignore[no-untyped-def]  # a fixture
    """The same rows thrice."""
    return Three(erp)
