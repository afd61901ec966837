"""Names that a reader takes for one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.values.folding import alike, folded
from phasegate.rules.values.people import same_person

ONE = [
    ("F-101", "f-101"),
    ("F-101", " F-101\t"),
    ("F-101", "\u00a0F-101\u3000"),
    ("F-101", "Ｆ－１０１"),
    ("F-101", "F\u200b-101"),
    ("F-101", "\ufeffF-101"),
    ("F-101", "F-101\ufe0f"),
    ("F-101", "F-\u034f101"),
    ("F-101", "F-10\x001"),
    ("F-101", "F-101\u200d "),
    ("F-101", "F-1\U000e007f01"),
    ("ﬁnance", "FINANCE"),
    ("Straße", "STRASSE"),
    ("Ångström", "A\u030angstro\u0308m"),
    ("e\u0301", "e\u200d\u0301"),
    ("ΣΑΣ", "σας"),
    ("\u0345", "\u0399"),
    ("\u1100\u1161", "\uac00"),
    ("F-101", "F\u2011101"),
    ("F-101", "F\u2013101"),
    ("F-101", "F\u2212101"),
    ("O'Brien", "O\u2019Brien"),
    ("A-3", "\u0410-3"),
    ("A-3", "\u0391-\u0417"),
    ("PAXHEB", "\u0420\u0410\u0425\u041d\u0415\u0412"),
    ("cop", "\u0441\u043e\u0440"),
    ("NIKO", "\u039d\u0399\u039a\u039f"),
    ("ís", "\u0456\u0301\u0455"),
]
TWO = [("F-101", "F-102"), ("F-101", "F 101"), ("I", "ı"), ("", "x"), ("é", "e")]
TWO += [("F-101", "F-1O1"), ("F-101", "F-l01"), ("F-101", "F101"), ("д-1", "d-1"), ("ё", "e"), ("F-1", "F_1")]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_names_that_a_reader_takes_for_one(one: str, other: str) -> None:
    assert one != other
    assert folded(one) == folded(other)
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_names_that_a_reader_tells_apart(one: str, other: str) -> None:
    assert not same_person(one, other)


UNSEEN = [
    *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180F, 0x2065, 0x3164, 0xFE00, 0xFE0F, 0xFFA0),
    *(0xFFF0, 0xFFF8, 0xE0000, 0xE00FF, 0xE01F0, 0xE0FFF),
]
SEEN = [
    *(0x034E, 0x0350, 0x115E, 0x1161, 0x17B3, 0x17B6, 0x180A, 0x1810, 0x3163, 0x3165, 0xFDFF, 0xFE10, 0xFF9F),
    *(0xFFA1, 0xFFEF, 0xFFFC, 0xDFFFF, 0xE1000),
]


@pytest.mark.parametrize("code", UNSEEN, ids=hex)
def test_what_unicode_lets_a_reader_ignore_is_ignored(code: int) -> None:
    assert folded(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize("code", SEEN, ids=hex)
def test_what_stands_beside_it_is_seen(code: int) -> None:
    assert folded(f"a{chr(code)}b") != "ab"


@given(st.text())
def test_a_folded_name_stays_as_it_is(name: str) -> None:
    once = folded(name)
    assert folded(once) == once
    assert once == once.strip()


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_a_name_is_the_same_in_every_normal_form(name: str, form: str) -> None:
    assert folded(unicodedata.normalize(form, name)) == folded(name)  # type: ignore[arg-type] # a literal


@given(st.text(), st.text(), st.characters(categories=["Cf"]))
def test_what_nobody_sees_makes_no_other_name(head: str, tail: str, unseen: str) -> None:
    assert folded(head + unseen + tail) == folded(head + tail)


def test_names_that_are_alike_are_told_in_groups() -> None:
    assert alike(["b", "A", "a", "B ", "c", "A"]) == [("b", "B "), ("A", "a")]
    assert alike([("m", "1"), ("M", "1"), ("m", "2")]) == [(("m", "1"), ("M", "1"))]
    assert alike([]) == []
