"""What somebody who may read some areas alone gets of a record."""

from __future__ import annotations

import json
from pathlib import Path

from kept_runs import DAYS, PACK, keep, write_project
from served_world import KEY, viewer

from phasegate.web.narrow import readable

PLANNING = 'title: Crane planning\n    area: "1"'
OTHERS = PACK.replace(PLANNING, PLANNING.replace("1", "2"))
SUCCESS = '{name: Reconciled, measure: invoices.reconciled, bound: ">= 50 %"}'
AREAS = OTHERS.replace("points:\n", f'  "2": {{title: Cranes, success: {SUCCESS}}}\npoints:\n', 1)
OWNERS = 'owners: {"1": Ms. Quay, "1.2": Mr. Jib, 1.2/cranes: Mr. Jib, invoices: the clerks}'


def test_whom_things_concern_is_told_of_what_may_be_read(tmp_path: Path) -> None:
    folder = write_project(tmp_path, pack=AREAS, id_=KEY)
    file = folder / "phasegate.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}{OWNERS}\n", encoding="utf-8")
    record, _ = keep(folder, DAYS[0])
    found = readable(record, viewer(areas="1"), KEY)
    assert found.get("owners") == {"1": "Ms. Quay", "invoices": "the clerks"}
    assert "Jib" not in json.dumps(found)
