"""An engine of a server that is lost: taken up again over the same rows, or an error. No server is needed."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.connections.faults import ServerFaultError
from phasegate.facts.engines.plans import EngineError
from phasegate.facts.engines.sql import engine as engines
from phasegate.facts.engines.sql.engine import SqlEngine
from phasegate.facts.engines.sql.language import language_of
from phasegate.rules.model.connection import DATABASES, DatabaseName


class Fake:
    """A snapshot that answers, until it is lost.

    Args:
        table: what its table is known by.
    """

    def __init__(self, table: int = 40, fault: Exception | None = None) -> None:
        self.table, self.fault = table, fault
        self.held = self.lost = False

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        if self.lost:
            raise PassingFaultError("the connection 'lake' was lost")
        if self.fault is not None:
            raise self.fault
        return [(self.table if statement == "known" else 7,)]


class Language:
    """Holds a server to nothing, but notes that it was asked to."""

    def hold(self, snapshot: Fake, ask: Any) -> None:
        snapshot.held = True


def engine(first: Fake, *others: Fake) -> SqlEngine:
    left: Any = iter(others)
    language: Any = Language()
    given: Any = first
    made = SqlEngine(language, given, lambda: next(left))
    made.hold()
    assert made.know("known") == [(first.table,)]
    return made


def test_another_snapshot_of_the_same_rows_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_PAUSE", 0.0)
    gone, second = Fake(), Fake()
    first, gone.lost = Fake(), True
    own = engine(first, gone, second)
    first.lost = True
    assert own.ask("more") == [(7,)]
    assert second.held, "it may be another server, or set up otherwise"
    assert own.snapshot is second


def test_other_rows_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_PAUSE", 0.0)
    first = Fake()
    own = engine(first, Fake(41), Fake(40))
    first.lost = True
    with pytest.raises(EngineError, match="no longer what they have"):
        own.ask("more")


REFUSED = {"postgres": ("22012", "22008"), "spark_connect": ("PHASEGATE_NOT_ASCII", "ARITHMETIC_OVERFLOW")}


@pytest.mark.parametrize("name", [name for name, kind in DATABASES.items() if kind.computes])
def test_why_it_is_refused_is_told_by_the_code_of_the_server(name: DatabaseName) -> None:
    """And never by its words, which quote what they like."""
    raised, lost = REFUSED[name]
    for code, said, read in (
        (raised, "other signs than those of ASCII", True),
        (lost, "a value can not be computed there", True),
        ("XX000", "the server says XX000", False),
    ):
        fault: Any = Fake(fault=ServerFaultError("the table", code))
        with pytest.raises(EngineError, match=said) as error:
            SqlEngine(language_of(name), fault, Fake).ask("more")  # type: ignore[arg-type]
        assert ("compute: engine" in str(error.value)) is read
