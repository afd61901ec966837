"""Whom a request comes from, how often they may ask, and how much is remembered of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.web.access.asked import client_of, read
from phasegate.web.access.model import Access, Rate
from phasegate.web.access.rates import Rates

PROXIES = ("10.0.0.0/24",)


@pytest.mark.parametrize(
    ("peer", "passed", "client"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # says so itself
        ("10.0.0.5", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # the first one was sent along
        ("10.0.0.5", ["6.6.6.6", "198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        ("10.0.0.5", ["198.51.100.1, no address"], "10.0.0.5"),
        ("10.0.0.5", [], "10.0.0.5"),
        (None, ["198.51.100.1"], "198.51.100.1"),
        (None, [], "nobody"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
    ],
)
def test_proxies_are_believed_from_the_last_one_backwards(
    peer: str | None, passed: list[str], client: str
) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in passed]
    scope = {"method": "GET", "path": "/", "headers": headers, "client": (peer, 1) if peer else None}
    access = Access.model_construct(proxies=PROXIES)
    assert client_of(read(scope, unix=peer is None), access) == client


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 90)), max_size=60), st.integers(1, 9))
def test_nobody_ever_has_more_than_the_burst_and_what_came_back(
    asked: list[tuple[str, float]], burst: int
) -> None:
    rates, now = Rates(Rate(per_minute=30, burst=burst)), 0.0
    allowed: dict[str, list[float]] = {}
    for who, after in asked:
        now += after
        wait = rates.wait(who, now)
        if not wait:
            allowed.setdefault(who, []).append(now)
        for first, begin in enumerate(times := allowed.get(who, [])):
            assert len(times) - first <= burst + (times[-1] - begin) * 0.5 + 1e-6
        if wait:
            assert rates.wait(who, now + wait) == 0
            allowed[who].append(now := now + wait)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    rates = Rates(Rate(per_minute=60, burst=1))
    assert [rates.wait("a", now) > 0 for now in (100.0, 50.0, 50.5, 51.0)] == [False, True, True, False]


def test_no_more_are_remembered_than_fit() -> None:
    rates = Rates(Rate(per_minute=1, burst=1), most=100)
    for number in range(1000):
        assert rates.wait(str(number), 0) == 0
    assert len(rates._buckets) == 100
    assert rates.wait("999", 0) > 0
