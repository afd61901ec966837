"""What somebody who may read some areas alone gets of a record."""

from __future__ import annotations

import json
from pathlib import Path

from kept_runs import DAYS, PACK, keep, write_project
from served_world import KEY, PROJECT, asking, viewer

from phasegate.web.narrow import readable
from phasegate.web.routes import PAGES

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


BROKEN = PACK.replace("status: {type: string}", "status: {type: string, allowed: [open, reconciled]}")
CELL = "torn up by f-101"


def test_a_row_that_breaks_a_contract_is_a_row(tmp_path: Path) -> None:
    """It stands in the record beside its source; whoever may not see rows sees it on no page."""
    folder = write_project(tmp_path, pack=BROKEN, id_=KEY)
    keep(folder, DAYS[1])
    file = folder / "invoices.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",open\n", f",{CELL}\n"), encoding="utf-8")
    record, _ = keep(folder, DAYS[2])
    assert CELL in json.dumps(record)
    looks: list[tuple[str, str, str, bool]] = []
    with asking(folder, by=viewer(looks=looks)) as client:
        assert "1 place" in client.get("/search?q=1.1/systems/invoices.age").text
        assert not looks
        assert CELL in client.get(PROJECT).text
    assert {each[2] for each in looks} == {"run 2, what breaks a contract"}
    for who in (viewer(evidence=False), viewer(areas="1", evidence=False)):
        with asking(folder, by=who) as client:
            for page in PAGES:
                values = {"id": "1.1/systems" if page.seeks == "criterion" else "1.1", "run": "2"}
                answer = client.get(page.path.replace("{project}", KEY), params=values)
                assert CELL not in answer.text, page.path
