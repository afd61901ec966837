"""The table of verdicts: the documents tell each of its columns, in their order and by their kind."""

from __future__ import annotations

import re
from pathlib import Path

from phasegate.reports.text.verdict_rows import COLUMNS

DOCUMENT = Path(__file__).parents[3] / "docs" / "reports.md"


def test_the_documents_tell_each_column() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition("## The columns of CSV and workbook\n")[2]
    told = re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE)
    assert told == list(COLUMNS.items())
