"""durable-rules without its surprises: no timer threads, no swallowed errors, no floats.

Facts are objects of small integers, asserted one by one with ids of our own. Firings are read by a
loop of our own: the library's `do_actions` runs actions that may raise unseen, reads the clock for
each, and does no more for rules whose action does nothing.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from phasegate.engine.inference.errors import EngineFaultError
from phasegate.rules.lint.hash_collisions import Distinct

# When it is imported it asks for the beginning of Unix time, by a function that Python 3.12 deprecates.
# The filter stays: taking it back would not be safe beside other threads. It is for this module alone.
warnings.filterwarnings(
    "ignore", r".*utcfromtimestamp\(\) is deprecated", DeprecationWarning, r"durable\.engine$"
)
from durable import engine as durable  # noqa: E402

SESSION = "run"
"""The one session id; runs follow each other, and each deletes its state."""
_BEGIN = "begin"
"""The id of the fact that opens a run."""
_TAKEN = 0
_UNMATCHED = 1
_WORDS = {2: "it was asserted before", 3: "it was deferred"}
_MOST = 2**63 - 1
_core = durable.durable_rules_engine


class SilentHost(durable.Host):  # type: ignore[misc]
    """A host that starts no threads; nothing here waits for time to pass."""

    def _run(self) -> None:
        pass


class Session:
    """A ruleset of durable-rules with at most one run at a time."""

    def __init__(self, name: str, definition: dict[str, Any]) -> None:
        """Compiles the definition, which is used up by it.

        Raises:
            EngineFaultError: if durable-rules does not take it.
        """
        try:
            self._ruleset = durable.Ruleset(name, SilentHost(), definition)
        except Exception as error:
            raise EngineFaultError("compiling the rules", str(error)) from error
        self._handle = self._ruleset._handle
        self._state: int | None = None

    def begin(self, fact: Mapping[str, int]) -> None:
        """Starts a run with a fact that one rule answers.

        Only when a rule has fired is there a state that can be deleted.

        Raises:
            EngineFaultError: if any other number of rules fires.
        """
        code, state = self._assert(_BEGIN, fact)
        if code != _TAKEN or len(list(self._fire(state))) != 1:
            raise EngineFaultError("beginning a run", "the opening rule did not fire")
        self._state = state

    def tell(self, identity: str, fact: Mapping[str, int]) -> bool:
        """Asserts a fact.

        Returns:
            Whether any rule heeds it.

        Raises:
            EngineFaultError: if it is refused.
        """
        code, _ = self._assert(identity, fact)
        return code == _TAKEN

    def firings(self) -> Iterator[tuple[str, dict[str, dict[str, int]]]]:
        """Each rule that fires, with the facts that it joined, in a fixed order."""
        if self._state is None:
            raise EngineFaultError("reading what fired", "no run has begun")
        yield from self._fire(self._state)

    def end(self) -> None:
        """Ends the run, if one has begun, and frees its memory."""
        if self._state is not None:
            self._state = None
            _core.delete_state(self._handle, SESSION)

    def close(self) -> None:
        """Frees the ruleset."""
        self.end()
        _core.delete_ruleset(self._handle)

    def _assert(self, identity: str, fact: Mapping[str, int]) -> tuple[int, int]:
        try:
            code, state = _core.assert_fact(self._handle, serialise(identity, fact))
        except Exception as error:
            raise EngineFaultError(f"asserting {identity}", str(error)) from error
        if code not in (_TAKEN, _UNMATCHED):
            raise EngineFaultError(f"asserting {identity}", _WORDS.get(code, f"it returned {code}"))
        return code, state

    def _fire(self, state: int) -> Iterator[tuple[str, dict[str, dict[str, int]]]]:
        try:
            started = _core.start_action_for_state(self._handle, state)
            message = started[1] if started else None
            while message:
                yield from json.loads(message).items()
                message = _core.complete_and_start_action(self._handle, state)
        except Exception as error:
            raise EngineFaultError("firing rules", str(error)) from error


def serialise(identity: str, fact: Mapping[str, int]) -> str:
    """A fact as the JSON that durable-rules reads: whole numbers of 64 bits and nothing else.

    Raises:
        EngineFaultError: if a value is of another type or too large.
    """
    for key, value in fact.items():
        if type(value) is not int or not -_MOST <= value <= _MOST:
            raise EngineFaultError(f"writing {identity}", f"{key} is {value!r}, no whole number of 64 bits")
    properties = "".join(f',"{key}":{value}' for key, value in fact.items())
    return f'{{"id":"{identity}","sid":"{SESSION}"{properties}}}'


def identities() -> Distinct:
    """Where the ids of facts come from: no two of them have one hash within the session."""
    return Distinct(f"{SESSION}!", [_BEGIN])
