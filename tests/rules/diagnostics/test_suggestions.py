"""The nearest name is found without comparing every name with every other."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.diagnostics.suggestions import CUTOFF, MOST_COMPARED, nearest

NAMES = st.text("abcdAß_.1", max_size=9)


@pytest.fixture
def ratios(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What comparisons in full have found."""
    compared: list[float] = []
    really = SequenceMatcher.ratio

    def ratio(matcher: SequenceMatcher[str]) -> float:
        compared.append(really(matcher))
        return compared[-1]

    monkeypatch.setattr(SequenceMatcher, "ratio", ratio)
    return compared


@given(NAMES, st.sets(NAMES, max_size=MOST_COMPARED))
def test_it_is_the_one_that_comparing_with_all_of_them_finds(word: str, names: set[str]) -> None:
    others = sorted(names - {word})
    if word.casefold() in [each.casefold() for each in others]:
        assert nearest(word, names) == next(each for each in others if each.casefold() == word.casefold())
    else:
        found = nearest(word, names)
        assert ([] if found is None else [found]) == get_close_matches(word, others, n=1, cutoff=CUTOFF)


@pytest.mark.parametrize(
    ("names", "most"),
    [
        pytest.param([f"{a}_{b}_{c}" for a in "abcdefgh" for b in "ijklmnop" for c in "qrst"], 8, id="short"),
        pytest.param([f"invoices_reconciled_{i:03d}" for i in range(256)], 8, id="numbered"),
        pytest.param([f"{i:08b}_is_it".replace("0", "o") for i in range(256)], 64, id="the same letters"),
    ],
)
def test_few_are_compared_in_full(names: list[str], most: int, ratios: list[float]) -> None:
    """A pack of unknown names, each of which is compared with few of the known ones."""
    for name in names:
        assert nearest(f"{name}x", names) == name
    assert len(ratios) <= most * len(names)
