"""Writes pictures of served pages and of a portfolio, as the documents show them.

    .venv/bin/python tools/served_pictures.py --at 2026-02-23T12:00 --gate 1 --criterion ID OUT PROJECT...

The projects have their runs already; the first one is the one whose pages are shown. It needs what
``make browser`` fetches, and a Chromium. It prints as JSON how wide each page is, and its window.
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
from report_pictures import ROOT, reduced

from phasegate import cli
from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access, Local, Rate
from phasegate.web.config import Config
from phasegate.web.server import guarded, serve

DESK, PHONE = (1280, 800), (390, 844)
SCRIPT = """
const [modules, out, shots] = process.argv.slice(1);
const { chromium } = require(`${modules}/node_modules/playwright-core`);
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const told = {};
  for (const [name, address, colorScheme, width, height] of JSON.parse(shots)) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const tab = await context.newPage();
    await tab.goto(address);
    await tab.screenshot({ path: `${out}/${name}.png` });
    told[name] = await tab.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    await context.close();
  }
  await browser.close();
  process.stdout.write(JSON.stringify(told));
})();
"""
Shot = tuple[str, str, str, int, int]


def main() -> None:
    """Serves the projects, and has a browser look at them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("projects", nargs="+", type=Path)
    parser.add_argument("--at", required=True, help="the moment that it is, in UTC")
    parser.add_argument("--gate", required=True, help="the gate that is shown")
    parser.add_argument("--criterion", required=True, help="the criterion that is shown")
    parser.add_argument("--runs", help="two runs to compare, such as 3,5: else the newest two")
    parser.add_argument("--raw", action="store_true", help="with all colours, which is quicker")
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
        try:
            told = _look(given, base, next(iter(config.projects)), _portfolio(given, now))
        finally:
            stopped.set()
            server.join(30)
    for each in given.out.glob("*.png"):
        if not given.raw:
            each.write_bytes(reduced(each.read_bytes()))
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _portfolio(given: argparse.Namespace, now: dt.datetime) -> str:
    """The page that ``phasegate portfolio`` writes of the projects."""
    page = given.out.resolve() / "portfolio.html"
    cli.now = lambda: now
    words = ["portfolio", *map(str, given.projects), "--format", "html", "-o", str(page)]
    CliRunner().invoke(cli.main, words, catch_exceptions=False)
    return page.as_uri()


def _look(given: argparse.Namespace, base: str, key: str, portfolio: str) -> dict[str, list[int]]:
    of = f"{base}/p/{quote(key)}/"
    before, _, after = (given.runs or "").partition(",")
    gate = f"{of}gate?id={quote(given.gate)}"
    verification = f"{of}verification"
    _verified(verification)
    shots: list[Shot] = [
        ("served-first-light", f"{base}/", "light", *DESK),
        ("served-first-phone", f"{base}/", "light", *PHONE),
        ("served-project-light", of, "light", *DESK),
        ("served-project-phone", of, "light", *PHONE),
        ("served-gate-light", gate, "light", *DESK),
        ("served-gate-dark", gate, "dark", *DESK),
        ("served-gate-phone", gate, "light", *PHONE),
        ("served-criterion-light", f"{of}criterion?id={quote(given.criterion)}", "light", *DESK),
        ("served-criterion-phone", f"{of}criterion?id={quote(given.criterion)}", "light", *PHONE),
        ("served-compare-light", f"{of}compare?before={before}&after={after}", "light", *DESK),
        ("served-compare-phone", f"{of}compare?before={before}&after={after}", "light", *PHONE),
        ("served-verification-light", verification, "light", *DESK),
        ("served-people-light", f"{of}people", "light", *DESK),
        ("served-runs-light", f"{of}runs", "light", *DESK),
        ("portfolio-light", portfolio, "light", *DESK),
        ("portfolio-phone", portfolio, "light", *PHONE),
    ]
    words = ["node", "-e", SCRIPT, ROOT / ".tmp" / "browser", given.out, json.dumps(shots)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, list[int]] = json.loads(done.stdout)
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
