"""Each function is approved by another person, however the same one is written."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.audit.statements.approvals import _seated
from phasegate.rules.values.people import same_person

SIGNED: list[tuple[dict[str, list[str]], dict[str, str]]] = [
    ({"finance": ["fin"], "developer": ["dev"]}, {"finance": "fin", "developer": "dev"}),
    ({"finance": ["fin"], "developer": ["fin"]}, {"developer": "fin"}),
    ({"finance": ["Fin"], "developer": ["fin"]}, {"developer": "fin"}),
    ({"finance": ["ｆin"], "developer": ["fin"]}, {"developer": "fin"}),
    ({"finance": ["fi\u200bn"], "developer": ["fin "]}, {"developer": "fin "}),
    ({"finance": ["FIN", "dev"], "developer": ["fin"]}, {"developer": "fin", "finance": "dev"}),
    ({"finance": ["fin"], "developer": ["Fin", "dev"]}, {"developer": "dev", "finance": "fin"}),
    ({"finance": [], "developer": ["dev"]}, {"developer": "dev"}),
]


def seated(signed: dict[str, list[str]]) -> dict[str, str]:
    return _seated({function: dict.fromkeys(names, "") for function, names in signed.items()})


@pytest.mark.parametrize(("signed", "given"), SIGNED)
def test_nobody_has_two_seats(signed: dict[str, list[str]], given: dict[str, str]) -> None:
    assert seated(signed) == given


NAMES = st.sampled_from(["a", "A", "a\u200b", "b", "B ", "c", "ｃ"])


@given(st.dictionaries(st.sampled_from("fgh"), st.lists(NAMES, max_size=3, unique=True)))
def test_as_many_functions_as_can_be_have_a_person_of_their_own(signed: dict[str, list[str]]) -> None:
    found = seated(signed)
    assert all(name in signed[function] for function, name in found.items())
    people = list(found.values())
    assert not any(same_person(one, other) for one, other in permutations(people, 2))
    assert len(found) == max(len(found), most(list(signed.values()), ()))


def most(left: list[list[str]], taken: tuple[str, ...]) -> int:
    """The most seats that can be filled, tried out."""
    if not left:
        return 0
    free = [name for name in left[0] if not any(same_person(name, other) for other in taken)]
    return max([most(left[1:], taken), *(1 + most(left[1:], (*taken, name)) for name in free)])
