"""Reading: the passes over the sources of a run.

Every source is read once. The small ones come first, whole, together with their checks: planning a
scan anew for each measure would cost more than the rows do. All large ones are read in one pass
together with every measure and their own checks, and nothing of them is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from phasegate.facts.expressions.expression import Kind
from phasegate.facts.model.fact import SourceState
from phasegate.rules.model.contract import Contract

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.engines.plans import There
    from phasegate.facts.model.exchange import Exchange
    from phasegate.facts.model.place import Place


SMALL, SMALL_TOGETHER = 8 * 2**20, 64 * 2**20
"""Bytes of files up to which a source is held in memory, and all of those together."""


class Source(Protocol):
    """An open source, as `facts.sources.open` makes it."""

    name: str
    contract: Contract
    frame: pl.LazyFrame | None
    kinds: dict[str, Kind]
    checks: tuple[pl.LazyFrame, ...]
    exchange: Exchange | None
    there: There | None

    @property
    def size(self) -> int:
        """The bytes of its files."""

    def settle(self, values: Mapping[str, Any]) -> SourceState:
        """What was found, once the checks were computed."""

    def diagnose(self) -> SourceState | None:
        """Reads this source alone after the common pass failed."""

    def recheck(self) -> SourceState | None:
        """Its state where a file changed since it was settled, and rows may have been read of it."""

    @property
    def left_out(self) -> Mapping[str, str]:
        """Why a column of its files is not read, by its name."""

    def numbered(self) -> pl.LazyFrame | None:
        """Its rows in force with their numbers; None where they come from no file."""

    def places(self, rows: Iterable[int]) -> Mapping[int, Place]:
        """Where rows stand, by their numbers."""


def read_errors() -> tuple[type[Exception], ...]:
    """What polars raises where data can not be read or computed."""
    import polars as pl

    from phasegate.facts.engines.plans import EngineError

    return pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EngineError


def collect(frames: Sequence[pl.LazyFrame], small: Sequence[bool] = ()) -> list[pl.DataFrame]:
    """Computes frames together, in memory that does not grow with the rows of large sources.

    Each frame over a large source reads for itself the columns that it needs: what polars finds in
    common it would keep, which at ten million rows is gigabytes.

    Args:
        frames: what to compute.
        small: for each of the first frames, whether all that it reads is in memory already and
            polars' engine for that may compute it; not so for the rest.

    Returns:
        The results in the order of the frames.
    """
    import polars as pl

    held = [i for i, easy in enumerate(small) if easy]
    others = [i for i in range(len(frames)) if i not in set(held)]
    apart = pl.QueryOptFlags(comm_subplan_elim=False)
    found = dict(zip(held, pl.collect_all([frames[i] for i in held], engine="in-memory"), strict=True))
    large = pl.collect_all([frames[i] for i in others], engine="streaming", optimizations=apart)
    found |= dict(zip(others, large, strict=True))
    return [found[i] for i in range(len(frames))]


class Begun:
    """The checks of the large sources, begun in a thread of their own.

    polars computes them without the interpreter, which has time for imports and for compiling the
    measures meanwhile.

    Args:
        sources: the open sources; those that are small, or can not be read, are left out.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        large = [source for source in sources if source.frame is not None and source.size > SMALL]
        self.names = frozenset(source.name for source in large)
        self._checks = [check for source in large for check in source.checks]
        self._results: list[pl.DataFrame] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._compute)
        if self._checks:
            self._thread.start()

    def results(self) -> list[pl.DataFrame]:
        """What came of them; waits until they are computed.

        Raises:
            Exception: what polars raised, see `read_errors`.
        """
        if self._checks:
            self._thread.join()
        if self._error is not None:
            raise self._error
        return self._results

    def _compute(self) -> None:
        try:
            self._results = collect(self._checks)
        except BaseException as error:  # noqa: BLE001 - polars' panics are no Exception; told in `results`
            self._error = error


class Reading:
    """The sources of a run, and how far they were read.

    Attributes:
        states: what was found, of the sources whose checks were computed.
        frames: the rows in force of the sources that can be read.
        held: the names of those whose rows are in memory.
        there: the names of those that an engine computes over where they are.
    """

    def __init__(
        self, names: Iterable[str], opened: Mapping[str, Source], begun: Begun | None = None
    ) -> None:
        self.states: dict[str, SourceState] = {}
        self.frames: dict[str, pl.LazyFrame] = {}
        self.held: set[str] = set()
        self.there: set[str] = set()
        self._pending: list[Source] = []
        self._opened = opened
        self._begun = begun
        for name in names:
            source = opened.get(name)
            if source is None:
                self.states[name] = SourceState(name, "absent", "the project names no file for it")
            elif source.frame is None:
                self.states[name] = source.settle({})
                if source.there is not None and self.states[name].status == "ok":
                    self.there.add(name)
            else:
                marks = source.exchange.marks if source.exchange is not None else ()
                self.frames[name] = source.frame.select([*source.kinds, *marks])
                self._pending.append(source)

    @property
    def readable(self) -> set[str]:
        """The sources over which measures can be computed."""
        return {*self.frames, *self.there}

    def read_small(self) -> None:
        """Reads the small sources and settles them; one that is broken has no frame afterwards."""
        small, together = [], 0
        for source in sorted(self._pending, key=lambda source: source.size):
            together += source.size
            if source.size <= SMALL and together <= SMALL_TOGETHER:
                small.append(source)
        try:
            self._hold(small)
        except read_errors():
            for source in small:
                self._hold_alone(source)
        self._pending = [source for source in self._pending if source.name not in self.states]

    def checks(self) -> list[pl.LazyFrame]:
        """The checks that are still to be computed; `settle` takes their results."""
        begun = self._begun.names if self._begun else frozenset()
        return [check for source in self._pending if source.name not in begun for check in source.checks]

    def begun(self) -> list[pl.DataFrame]:
        """The results of the checks that were begun before, which `settle` takes too.

        Raises:
            Exception: what polars raised, see `read_errors`.
        """
        return self._begun.results() if self._begun else []

    def settle(self, results: Iterable[pl.DataFrame]) -> None:
        """Settles the sources that were left, with the results of `checks` and `begun`."""
        values = _numbers(results)
        for source in self._pending:
            self._settled(source, source.settle(values))
        self._pending = []

    def diagnose(self) -> None:
        """Reads each source that is left by itself, after a pass over all of them failed."""
        for source in self._pending:
            self._settled(source, source.diagnose() or self._checked(source))
        self._pending = []

    def recheck(self) -> None:
        """Looks once more at the sources of which rows were read after they were settled."""
        for name, state in list(self.states.items()):
            if state.status == "ok" and name not in self.held:
                now = self._opened[name].recheck()
                if now is not None:
                    self._settled(self._opened[name], now)

    def _hold(self, sources: list[Source]) -> None:
        import polars as pl

        frames = [self.frames[source.name] for source in sources]
        checks = [check for source in sources for check in source.checks]
        results = pl.collect_all([*frames, *checks], engine="in-memory") if frames else []
        values = _numbers(results[len(frames) :])
        for source, held in zip(sources, results, strict=False):
            self.frames[source.name] = held.lazy()
            self.held.add(source.name)
            self._settled(source, source.settle(values))

    def _hold_alone(self, source: Source) -> None:
        state = source.diagnose()
        if state is not None:
            self._settled(source, state)
            return
        try:
            self._hold([source])
        except read_errors() as error:
            self._settled(source, SourceState(source.name, "error", f"it can not be read: {cause(error)}"))

    def _checked(self, source: Source) -> SourceState:
        import polars as pl

        try:
            return source.settle(_numbers(pl.collect_all(source.checks, engine="streaming")))
        except read_errors() as error:
            return SourceState(source.name, "error", f"it can not be read: {cause(error)}")

    def _settled(self, source: Source, state: SourceState) -> None:
        self.states[source.name] = state
        if state.status != "ok":
            self.frames.pop(source.name, None)
            self.there.discard(source.name)


def cause(error: BaseException) -> str:
    """What polars says, without the values that it quotes: they may be personal.

    Nor does it tell how many values there were: polars counts by the pieces in which it works, and
    those depend on the machine. So do the words of a panic, which are about polars' own source.
    """
    import polars as pl

    if isinstance(error, pl.exceptions.PanicException):
        return "polars broke off in the midst of it, as it does where data are damaged"
    first = str(error).strip().split("\n", 1)[0] or type(error).__name__
    return re.sub(r" for \d+ out of \d+ values", "", first.partition(": [")[0])


def _numbers(results: Iterable[pl.DataFrame]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for result in results:
        found.update(result.row(0, named=True))
    return found
