"""A thousand cases of the built-in pack, against one check of the example; its mutants, against its cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from start_up import GATE_CODES, PHASEGATE
from yardstick import Row, in_turn, processor, processor_ratio, run_process, seconds, time_ratio

from phasegate.facts.measures.dependencies import sources_behind
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.model.requirements import bounds_of, measure_of

CASES, IN_A_FILE = 1_000, 200


def write_cases(folder: Path) -> None:
    """Cases of all criteria that rest on plain kinds of measures, a few rows each, none as it is expected."""
    pack = load_pack("developer_finance").pack
    lines: list[str] = []
    for turn in count():
        for full_id, criterion in pack.criteria():
            facts = [fact for fact, *_ in bounds_of(criterion.require, ())]
            measures = [pack.measures[name] for fact in facts if (name := measure_of(pack, fact))]
            if any(measure.sql is not None for measure in measures):
                continue
            sources = {each for one in measures if one.source for each in sources_behind(one, pack.sources)}
            given = {name: [{"repeat": 3 + turn % 3, "row": {}}] for name in sorted(sources)}
            expect = {"requirements": {f"{full_id}/{facts[turn % len(facts)]}": "not_applicable"}}
            lines.append(json.dumps({"name": f"{full_id} {turn}", "given": given, "expect": expect}))
        if len(lines) >= CASES:
            break
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, CASES, IN_A_FILE):
        cases = "".join(f"  - {line}\n" for line in lines[:CASES][first : first + IN_A_FILE])
        (folder / f"cases-{first:04}.yaml").write_text(
            f"as_of: 2026-03-31\ncases:\n{cases}", encoding="utf-8"
        )


def rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """What is promised of cases.

    Args:
        rounds: how often the pair is run.
        scratch: a folder for the cases.
        example: a folder with the example project and its data.
    """
    folder = scratch / "cases"
    write_cases(folder)
    test = [PHASEGATE, "test", "developer_finance", "--cases", folder, "--format", "github"]
    check = [PHASEGATE, "check", "--no-ledger"]
    mine, others = in_turn(
        lambda: run_process(test, allowed=(1,), cwd=example),
        lambda: run_process(check, allowed=GATE_CODES, cwd=example),
        min(rounds, 3),
    )
    detail = f"{seconds(mine)} against {seconds(others)}"
    yield Row(
        f"`phasegate test` of {CASES:,} cases",
        "`phasegate check` on the example",
        15,
        time_ratio(mine, others),
        detail,
    )


def mutant_rows(example: Path) -> Iterator[Row]:
    """What is promised of mutants: all of the built-in pack, tried once; it takes ten minutes.

    Args:
        example: a folder with the example project and its data.
    """
    test = [PHASEGATE, "test", "developer_finance"]
    others = [run_process(test, cwd=example)]
    mine = [run_process([*test, "--mutate"], cwd=example)]
    yield Row(
        "`phasegate test --mutate` of the built-in pack",
        "`phasegate test` of its cases",
        60,
        processor_ratio(mine, others),
        f"{processor(mine)} against {processor(others)}",
        unit="processor time",
    )
