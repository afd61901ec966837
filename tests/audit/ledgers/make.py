"""Records a ledger for the tests: python tests/audit/ledgers/make.py record-2

What is written, NAME.db, is never written again: see CONTRIBUTING.md.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ID = "p-3f0c96d1a4b7e825"
sys.path.insert(0, str(HERE.parents[1] / "shared"))


def main(name: str) -> None:
    """Keeps three runs of the harbour, the last two under a waiver, and the ledger of them."""
    from kept_runs import DAYS, PACK, keep, write_project

    target = HERE / f"{name}.db"
    if target.exists():
        raise SystemExit(f"{target} is there already; a recorded ledger is not recorded again")
    with tempfile.TemporaryDirectory() as temporary:
        pack = PACK.replace(', after: ["1"]', "")  # the second phase waits for the one before it
        folder = write_project(Path(temporary), pack=pack, id_=ID)
        keep(folder, DAYS[0])
        write_project(folder, waived=True, pack=pack, id_=ID)
        keep(folder, DAYS[1])
        keep(folder, DAYS[2], gate="1", now=dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC))
        shutil.copy(folder / "phasegate.db", target)
    print(f"wrote {target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
