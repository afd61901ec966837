"""What roles add up to: nothing is seen that no role lets anybody see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.web.access.viewer import ALL, Grant, UnguardedError, Viewer, viewer_of

IDS = ["p-1", "p-2", "p-3"]
AREAS = ["1", "2"]


def names(of: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([*of, ALL]), min_size=1)


grants = st.lists(st.builds(Grant, names(IDS), names(AREAS), st.booleans()), max_size=4)


@given(grants)
def test_what_is_seen_was_given(held: list[Grant]) -> None:
    viewer = Viewer("ada", tuple(held), lambda *told: None)

    def given_by(project: str, area: str | None, evidence: bool = False) -> bool:
        return any(
            (ALL in each.projects or project in each.projects)
            and (ALL in each.areas or (area is not None and area in each.areas))
            and (each.evidence or not evidence)
            for each in held
        )

    for project in IDS:
        assert viewer.may_read_whole(project) == given_by(project, None)
        assert viewer.may_see_evidence(project) == given_by(project, None, True)
        for area in AREAS:
            assert viewer.may_read_area(project, area) == given_by(project, area)
            assert viewer.may_see_evidence(project, area) == given_by(project, area, True)
            if viewer.may_read_area(project, area):
                assert viewer.may_read(project)
    assert viewer.may_read_anything == bool(held)


def test_roles_do_not_lend_each_other_what_they_have() -> None:
    one, other = (
        Grant(frozenset({"p-1"}), frozenset({"1"}), True),
        Grant(frozenset({"p-2"}), frozenset({ALL})),
    )
    viewer = Viewer("ada", (one, other), lambda *told: None)
    assert not viewer.may_see_evidence("p-2", "1")
    assert not viewer.may_read_area("p-1", "2")
    assert not viewer.may_read_whole("p-1")
    assert not viewer.may_read("p-3")


def test_a_page_without_the_guard_shows_nobody_anything() -> None:
    for scope in ({}, {"phasegate.viewer": "ada"}, None):
        with pytest.raises(UnguardedError):
            viewer_of(scope)
