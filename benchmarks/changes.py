"""What looks at many runs: diff, trend, due and runs over a long ledger, against a bare import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from start_up import PHASEGATE, compare
from verifying import SIGNER, _public
from yardstick import Row

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.trail.pack_snapshot import rules_document
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

RUNS, AT_ONCE = 10_000, 100
IMPORT = "import polars"


def ledger_of(scratch: Path, example: Path) -> Path:
    """A ledger of ten thousand runs of the example, as of two days in turn; made once."""
    place = scratch / f"changes_{RUNS}.db"
    if place.exists():
        return place
    draft = place.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    drafts, contents = runs_of(example)
    signers = Signers([Signer("evaluator", ("evaluator",), _public)]).as_document()
    with Ledger.open(draft, create=True) as ledger:
        ledger.append(lambda _: [Draft("key", None, "", {"signers": signers, "envelope": {}})], SIGNER)
        for _ in range(RUNS // AT_ONCE):
            ledger.append(
                lambda position: [
                    each
                    for number, run in enumerate(islice(cycle(drafts), AT_ONCE), position.newest_run + 1)
                    for each in run.drafts(number)
                ],
                SIGNER,
                contents,
            )
    draft.rename(place)
    return place


def runs_of(example: Path) -> tuple[list[RunDrafts], dict[str, bytes]]:
    """Two runs of the example, of today and of yesterday, and the documents that they keep."""
    loaded = ready_project(example)
    rules = rules_document(loaded)
    drafts: list[RunDrafts] = []
    for days in (0, 1):
        day, files = dt.date.today() - dt.timedelta(days=days), dict[str, bytes]()
        record = evaluate(loaded, day, files=files)
        moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
        envelope = Envelope(moment, "evaluator", _public.fingerprint)
        drafts.append(RunDrafts(record, loaded.pack.pack, rules, envelope, files))
    return drafts, {**drafts[0].contents, **drafts[1].contents}


def rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """What is promised of them."""
    place = ledger_of(scratch, example)
    for command in (
        ["due", "--within", "30d"],
        ["diff", str(RUNS - 1)],
        ["trend", "1.1.1/protocols"],
        ["trend", "1"],
        ["runs"],
    ):
        told = " ".join(command)
        ours = [PHASEGATE, *command, "--ledger", place]
        yield compare(
            f"`phasegate {told}` over {RUNS:,} runs of the example", ours, IMPORT, 3, rounds, example
        )
