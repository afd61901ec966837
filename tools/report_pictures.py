"""Writes the pictures of the HTML report that the documents show: light, dark, on a phone and on paper.

    .venv/bin/python tools/report_pictures.py PAGE

PAGE is a report of the example after some runs. It needs what ``make browser`` fetches, a Chromium and
pdftoppm. A picture is written with at most 200 colours: a page of text and lines needs no more.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "img"
COLOURS, DEEP, BRIGHT = 200, 8, 4
SCRIPT = """
const [modules, page, out] = process.argv.slice(1);
const { chromium } = require(`${modules}/node_modules/playwright-core`);
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const shot = async (name, options) => {
    const context = await browser.newContext(options);
    const tab = await context.newPage();
    await tab.goto(`file://${page}`);
    await tab.screenshot({ path: `${out}/${name}.png` });
    const paper = { path: `${out}/page.pdf`, preferCSSPageSize: true, printBackground: true };
    if (name === 'light') await tab.pdf(paper);
    await context.close();
  };
  const desk = { width: 1280, height: 800 };
  await shot('light', { viewport: desk });
  await shot('dark', { viewport: desk, colorScheme: 'dark' });
  await shot('phone', { viewport: { width: 390, height: 1100 } });
  await browser.close();
})();
"""


def main(page: Path) -> None:
    """Draws the pictures and writes them small.

    Args:
        page: the report.
    """
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "-e", SCRIPT, ROOT / ".tmp" / "browser", page.resolve(), folder], check=True)
        sheet = ["pdftoppm", "-r", "72", "-f", "1", "-l", "1", "-png", "-singlefile", "page.pdf", "paper"]
        subprocess.run(sheet, cwd=folder, check=True)
        for name in ("light", "dark", "phone", "paper"):
            small = reduced((Path(folder) / f"{name}.png").read_bytes())
            (PICTURES / f"report-{name}.png").write_bytes(small)
            sys.stdout.write(f"docs/img/report-{name}.png {len(small):,} bytes\n")


def reduced(png: bytes) -> bytes:
    """The same picture with its commonest colours alone; any other one becomes the nearest of these."""
    width, height, rows = _pixels(png)
    found = Counter(pixel for row in rows for pixel in row)
    # What is no grey counts more often: few pixels have the colour of a verdict, and all depends on it.
    by_weight = sorted(found, key=lambda each: -found[each] * (1 + (max(each) - min(each)) // BRIGHT))
    palette = by_weight[:COLOURS]
    nearest = {each: min(range(len(palette)), key=lambda at: _apart(each, palette[at])) for each in found}
    lines = b"".join(b"\0" + bytes(nearest[pixel] for pixel in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, DEEP, 3, 0, 0, 0)
    parts = (
        (b"IHDR", header),
        (b"PLTE", b"".join(map(bytes, palette))),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return png[:8] + b"".join(_chunk(name, content) for name, content in parts)


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _pixels(png: bytes) -> tuple[int, int, list[list[tuple[int, ...]]]]:
    """Width, height and the pixels of each row, as a browser and pdftoppm write them: eight bits a colour."""
    at, data, width, height, kind = 8, b"", 0, 0, 2
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if name == b"IHDR":
            width, height, _, kind = struct.unpack(">IIBB", content[:10])
        data += content if name == b"IDAT" else b""
        at += 12 + length
    each = {2: 3, 6: 4}[kind]
    raw, before, rows = zlib.decompress(data), bytearray(width * each), []
    for start in range(0, len(raw), width * each + 1):
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * each]), before, each)
        rows.append([tuple(before[place : place + 3]) for place in range(0, len(before), each)])
    return width, height, rows


def _unfiltered(kind: int, line: bytearray, above: bytearray, each: int) -> bytearray:
    for place in range(len(line)):
        left = line[place - each] if place >= each else 0
        up, corner = above[place], above[place - each] if place >= each else 0
        if kind == 1:
            line[place] = (line[place] + left) & 255
        elif kind == 2:
            line[place] = (line[place] + up) & 255
        elif kind == 3:
            line[place] = (line[place] + (left + up) // 2) & 255
        elif kind == 4:
            line[place] = (line[place] + _paeth(left, up, corner)) & 255
    return line


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda each: abs(guess - each))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
