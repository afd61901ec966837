"""Which columns measures read, by the words in what they say; a word too many costs nothing here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack

_WORD = re.compile(r"[A-Za-z_]\w*")


def columns_read(pack: Pack, measures: Iterable[str], source: str, contract: Contract) -> list[str]:
    """The columns of a source that matter to some measures.

    Beside those that they read, they are those that say which rows count, when and in which currency.

    Args:
        pack: the pack.
        measures: the ids of the measures.
        source: the name of the source.
        contract: its contract, with the columns of its file where it leaves them to that.
    """
    words = {word for id_ in measures for word in _words(pack.measures[id_])}
    roles = (contract.event, contract.recorded, contract.updated, contract.period_end, contract.point)
    words |= {name for name in (*roles, contract.currency_column) if name is not None}
    if pack.baseline is not None and source == pack.baseline.source:
        words |= set(contract.columns)
    for name in reversed(list(contract.derive)):
        if name in words:
            words |= set(_WORD.findall(str(contract.derive[name])))
    return [name for name in contract.columns if name in words]


def _words(measure: Measure) -> Iterator[str]:
    said = measure.model_dump(exclude={"title", "note", "items", "must", "do", "unit"}, exclude_none=True)
    yield from _WORD.findall(str(said))
