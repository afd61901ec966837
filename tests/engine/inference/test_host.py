"""What is asked of durable-rules, and that it behaves as the engine relies on."""

import threading

import pytest

from phasegate.engine.inference.errors import EngineFaultError
from phasegate.engine.inference.host import SESSION, Session, identities, serialise
from phasegate.engine.inference.rule_syntax import nothing
from phasegate.engine.inference.scaling import LARGEST

BEGIN = {"kind": 0}


def session(**conditions):
    """A session with one rule a condition, begun."""
    rules = {name: {"all": [{"m0": condition}], "run": nothing} for name, condition in conditions.items()}
    made = Session("test", {"begins": {"all": [{"m0": BEGIN}], "run": nothing}, **rules})
    made.begin(BEGIN)
    return made


def fired(made):
    return [rule for rule, _ in made.firings()]


def test_names_of_one_hash_are_one_name_to_durable_rules() -> None:
    made = session(wet={"liquid": 1})
    assert not made.tell("a", {"solid": 1})
    assert made.tell("b", {"costarring": 1})
    assert fired(made) == ["wet"]
    made.close()


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        (LARGEST // 2, ["least", "most"]),
        (LARGEST // 2 - 1, ["most"]),
        (LARGEST // 2 + 1, ["least"]),
        (LARGEST, ["least"]),
        (-LARGEST, ["most"]),
    ],
)
def test_integers_of_62_bits_compare_to_the_last_unit(value, rules) -> None:
    limit = LARGEST // 2
    made = session(least={"$gte": {"v": limit}}, most={"$lte": {"v": limit}})
    made.tell("a", {"v": value})
    assert sorted(fired(made)) == rules
    made.close()


def test_a_fact_is_told_once() -> None:
    made = session(any={"v": 1})
    made.tell("a", {"v": 1})
    with pytest.raises(EngineFaultError, match="asserting a: it was asserted before"):
        made.tell("a", {"v": 1})
    made.close()


def test_runs_follow_each_other_in_one_session() -> None:
    made = session(any={"v": 1})
    for _ in range(3):
        made.tell("a", {"v": 1})
        assert fired(made) == ["any"]
        made.end()
        with pytest.raises(EngineFaultError, match="no run has begun"):
            fired(made)
        made.begin(BEGIN)
    made.close()


def test_a_run_does_not_begin_unless_the_opening_rule_fires() -> None:
    made = Session("test", {"begins": {"all": [{"m0": {"kind": 9}}], "run": nothing}})
    with pytest.raises(EngineFaultError, match="the opening rule did not fire"):
        made.begin(BEGIN)
    made.close()


def test_a_definition_that_is_refused_is_a_fault() -> None:
    with pytest.raises(EngineFaultError, match="compiling the rules: Could not create ruleset"):
        Session("test", {"bad": {"all": [{"m0": {"$lt": 5}}], "run": nothing}})


def test_no_thread_is_started() -> None:
    before = threading.active_count()
    made = session(any={"v": 1})
    assert threading.active_count() == before
    made.close()


def test_a_fact_is_written_as_whole_numbers() -> None:
    assert serialise("a", {"v": 1, "w": -2}) == f'{{"id":"a","sid":"{SESSION}","v":1,"w":-2}}'


@pytest.mark.parametrize(
    "value", [0.95, 1e-05, float("nan"), float("inf"), True, None, "95", 2**63, -(2**63)]
)
def test_nothing_else_is_written(value) -> None:
    with pytest.raises(EngineFaultError, match=r"v is .*, no whole number of 64 bits"):
        serialise("a", {"v": value})


def test_ids_of_one_hash_are_kept_apart(monkeypatch) -> None:
    monkeypatch.setattr("phasegate.rules.lint.hash_collisions.fnv1a", lambda text, start=0: len(text))
    ids = identities()
    assert [ids.name(wanted) for wanted in ("a", "b", "cc", "begin")] == ["a", "b_", "cc_", "begin_"]
