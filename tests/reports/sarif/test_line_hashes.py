"""The hash by which GitHub knows a line, held against its definition and against what GitHub makes itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.reports.sarif.line_hashes import line_hashes

FOUR = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]
SENTENCE = [
    *(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)),
    "a7f2ff1481e87703:1",
    "a9cf91f7bbf1862b:1",
    "55ec222b86bcae53:1",
    "cc97dc7b1d7d8f7b:1",
    "c129715d7a2bc9a3:1",
]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", FOUR),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
        (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
        ("Lorem ipsum dolor sit amet.\n" * 10, SENTENCE),
    ],
)
def test_it_is_what_github_computes(text: str, told: list[str]) -> None:
    assert line_hashes(text) == told


@given(st.text(st.sampled_from("ab \t\n\r🚢é{"), max_size=400))
def test_a_line_has_the_value_of_the_hundred_characters_from_its_start(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "").split("\n")
    seen: list[str] = []
    for number, found in enumerate(line_hashes(text)):
        rest = "\n".join(lines[number:]).encode("utf-16-le")
        units = [int.from_bytes(rest[place : place + 2], "little") for place in range(0, len(rest), 2)]
        block = [*units, 65_535, *[0] * 100][:100]
        value = sum(unit * 37 ** (99 - place) for place, unit in enumerate(block)) % 2**64
        seen.append(f"{value:x}")
        assert found == f"{value:x}:{seen.count(f'{value:x}')}"
    assert len(seen) == len(lines)
