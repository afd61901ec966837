"""Workbooks written by hand, so that each cell is stored as a test says."""

from __future__ import annotations

import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(**targets: str) -> str:
    named = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{named}</Relationships>'


def parts(
    rows: str, sheet: str = "", styles: str = "", shared: str = "", workbook: str = ""
) -> dict[str, str]:
    """The parts of a workbook with one sheet, written by hand."""
    return {
        "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}'
        '<sheets><sheet name="Q1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            worksheet="worksheets/sheet1.xml", sharedStrings="/xl/shared.xml", styles="styles.xml"
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>'
        f"{sheet}</worksheet>",
        "xl/shared.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }


def packed(path: Path, contents: dict[str, str], way: int = zipfile.ZIP_DEFLATED) -> None:
    """A workbook of such parts; the same bytes each time."""
    with zipfile.ZipFile(path, "w", way) as file:
        for name, content in contents.items():
            file.writestr(zipfile.ZipInfo(name), content, way)


def inline(*rows: tuple[str, ...]) -> str:
    """Rows of XML, each cell a text or as it is."""
    return "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)


def cell(content: str) -> str:
    return content if content.startswith("<") else f'<c t="inlineStr"><is><t>{content}</t></is></c>'
