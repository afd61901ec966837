"""Writes pictures of each served page, of a portfolio and of a report: light, dark, on a phone and on paper.

    .venv/bin/python tools/served_pictures.py --at 2026-02-23T12:00 --page gate=gate?id=2 ... OUT PROJECT...

The projects have their runs already; the first one is the one whose pages are shown. For each page a picture
NAME.webp is written, in which the four looks stand beside each other. It needs what ``make browser`` fetches,
and a Chromium. It prints as JSON how wide each page is in each look, and its window.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

from click.testing import CliRunner

from phasegate import cli
from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access, Local, Rate
from phasegate.web.config import Config
from phasegate.web.server import guarded, serve

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
const [modules, out, pages] = process.argv.slice(1);
const { chromium } = require(`${modules}/node_modules/playwright-core`);
const { writeFileSync } = require('node:fs');
const HEIGHT = 400, BETWEEN = 10, QUALITY = 0.68;
const LOOKS = {
  light: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 } },
  paper: { viewport: { width: 703, height: 994 } },
};
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  const told = {};
  const table = await (await browser.newContext()).newPage();
  for (const [name, address] of Object.entries(JSON.parse(pages))) {
    const shots = [];
    told[name] = {};
    for (const [look, options] of Object.entries(LOOKS)) {
      const context = await browser.newContext(options);
      const tab = await context.newPage();
      if (look === 'paper') await tab.emulateMedia({ media: 'print' });
      await tab.goto(address);
      shots.push((await tab.screenshot()).toString('base64'));
      told[name][look] = await tab.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      await context.close();
    }
    const picture = await table.evaluate(async ({ shots, height, between, quality }) => {
      const images = await Promise.all(shots.map(async (each) => {
        const image = new Image();
        image.src = `data:image/png;base64,${each}`;
        await image.decode();
        return image;
      }));
      const wide = images.map((each) => Math.round(each.width * height / each.height));
      const canvas = document.createElement('canvas');
      canvas.width = wide.reduce((sum, each) => sum + each + between, between);
      canvas.height = height + 2 * between;
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#8590a0';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = 'high';
      let at = between;
      images.forEach((each, place) => {
        pen.drawImage(each, at, between, wide[place], height);
        at += wide[place] + between;
      });
      return canvas.toDataURL('image/webp', quality).split(',')[1];
    }, { shots, height: HEIGHT, between: BETWEEN, quality: QUALITY });
    writeFileSync(`${out}/${name}.webp`, Buffer.from(picture, 'base64'));
  }
  await browser.close();
  process.stdout.write(JSON.stringify(told));
})();
"""


def main() -> None:
    """Serves the projects, and has a browser look at them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("projects", nargs="+", type=Path)
    parser.add_argument("--at", required=True, help="the moment that it is, in UTC")
    parser.add_argument("--run", default="latest", help="the run of which a report is shown")
    parser.add_argument(
        "--page", action="append", default=[], help="NAME=ADDRESS, a page of the first project"
    )
    given = parser.parse_args()
    now = dt.datetime.fromisoformat(given.at).replace(tzinfo=dt.UTC)
    given.out.mkdir(parents=True, exist_ok=True)
    config = Config.of(given.projects, lambda: now, title="Programme office")
    access = Access(local=Local(evidence=True), rate=Rate(per_minute=100_000, burst=10_000))
    listening = Listening(port=0)
    stopped, ready = Event(), Event()
    with listening.bind() as bound:
        app = guarded(config, access, listening, sys.stderr, given.out)
        server = Thread(target=serve, args=(app, bound, stopped, ready.set), daemon=True)
        server.start()
        ready.wait(60)
        base = f"http://127.0.0.1:{bound.getsockname()[1]}"
        of = f"{base}/p/{quote(next(iter(config.projects)))}/"
        own = {name: f"{of}{address}" for name, _, address in (each.partition("=") for each in given.page)}
        try:
            _verified(f"{of}verification")
            pages = {"portfolio": f"{base}/", "search": f"{base}/search?q=budget", **own}
            told = _look(given.out, {**pages, **_files(given, now)})
        finally:
            stopped.set()
            server.join(30)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _files(given: argparse.Namespace, now: dt.datetime) -> dict[str, str]:
    """What ``phasegate portfolio`` writes of the projects, and ``phasegate report`` of the first one."""
    cli.now = lambda: now
    found = {}
    for name, words in {
        "portfolio-file": ["portfolio", *map(str, given.projects)],
        "report": ["report", given.run, "--project", str(given.projects[0])],
    }.items():
        file = given.out.resolve() / f"{name}.html"
        CliRunner().invoke(cli.main, [*words, "--format", "html", "-o", str(file)], catch_exceptions=False)
        found[name] = file.as_uri()
    return found


def _look(out: Path, pages: dict[str, str]) -> dict[str, dict[str, list[int]]]:
    words = ["node", "-e", SCRIPT, ROOT / ".tmp" / "browser", out, json.dumps(pages)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, dict[str, list[int]]] = json.loads(done.stdout)
    return told


def _verified(page: str) -> None:
    """Waits until the ledger was read as a whole."""
    for _ in range(100):
        with urllib.request.urlopen(page) as answer:  # noqa: S310 - of the server above
            if b'http-equiv="refresh"' not in answer.read():
                return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
