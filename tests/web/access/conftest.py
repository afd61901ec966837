"""What tests of access share."""

from __future__ import annotations

import pytest
from guarded_site import Browser, Site
from made_provider import MadeProvider, site_of


@pytest.fixture
def provider() -> MadeProvider:
    return MadeProvider()


@pytest.fixture
def site(provider: MadeProvider) -> Site:
    return site_of(provider)


@pytest.fixture
def browser(site: Site) -> Browser:
    return Browser(site, "gates.example.org")
