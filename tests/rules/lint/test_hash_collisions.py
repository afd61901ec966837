"""Names that durable-rules would take for one another."""

import pytest

from phasegate.rules.lint.hash_collisions import Distinct, find_collisions, fnv1a


@pytest.mark.parametrize(
    ("text", "value"),
    [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)],
    ids=["empty", "one letter", "published test vector"],
)
def test_the_hash_is_fnv1a_of_32_bits(text: str, value: int) -> None:
    assert fnv1a(text) == value


def test_a_hash_goes_on_from_a_prefix() -> None:
    assert fnv1a("bar", fnv1a("foo")) == fnv1a("foobar")


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        ([], []),
        (["liquid", "solid"], []),
        (["liquid", "solid", "costarring"], [("liquid", "costarring")]),
        (["altarage", "liquid", "zinke", "costarring"], [("altarage", "zinke"), ("liquid", "costarring")]),
        (["liquid", "liquid"], []),
    ],
    ids=["none", "different", "two of one hash", "two pairs", "the same name twice is no collision"],
)
def test_collisions_are_found_in_order(names: list[str], pairs: list[tuple[str, str]]) -> None:
    assert find_collisions(names) == pairs


@pytest.mark.parametrize(
    ("prefix", "names"),
    [("", ["liquid", "costarring_", "solid"]), ("run!", ["liquid", "costarring", "solid"])],
    ids=["one hash", "two hashes behind the prefix"],
)
def test_names_of_ours_are_lengthened_until_their_hash_is_their_own(prefix: str, names: list[str]) -> None:
    distinct = Distinct(prefix)
    assert [distinct.name(wanted) for wanted in ("liquid", "costarring", "solid")] == names


def test_a_name_that_is_taken_is_given_to_nobody_else() -> None:
    distinct = Distinct(taken=["begin"])
    assert [distinct.name("begin"), distinct.name("begin")] == ["begin_", "begin__"]
