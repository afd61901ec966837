// Walks through served pages in a real browser, by keyboard alone, and prints as JSON what happened.
//
//     node walk.mjs MODULES BASE OUT ADDRESS...
//
// MODULES is the folder that holds node_modules, BASE where the pages are served, OUT a folder for pages
// and the proof that is downloaded on the way, each ADDRESS a page to look at in light, dark and on a phone.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, base, out, ...addresses] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(resolve(modules), 'package.json')));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// What axe asks of the dark: nothing but colours is another there.
const COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
const LOOKS = {
  light: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 } },
};
const SCREENS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const ALL = ['.answer', '.changes', '.takes'];
const IN_SHORT = ['.answer .said', '.in-short:has([href="#changes"])', '.in-short:has([href="#takes"])'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const MOST = 600;

/** Presses Tab until what has the focus is wanted, then Enter. */
async function follow(tab, wanted) {
  for (let step = 0; step < MOST; step += 1) {
    await tab.keyboard.press('Tab');
    const at = await tab.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      return { text: node.textContent.trim(), href: node.getAttribute('href') ?? '',
        row: node.closest('tr')?.textContent ?? '',
        seen: node === document.body || style.outlineStyle !== 'none' };
    });
    if (!at.seen) throw new Error(`nobody sees that ${at.text} has the focus`);
    if (wanted(at)) {
      await tab.keyboard.press('Enter');
      return at;
    }
  }
  throw new Error('the keyboard does not get there');
}

async function walk(browser, javaScriptEnabled) {
  const context = await browser.newContext({ javaScriptEnabled, acceptDownloads: true, ...LOOKS.light });
  const tab = await context.newPage();
  const requests = [];
  const console = [];
  context.on('request', (each) => requests.push(each.url()));
  tab.on('console', (each) => console.push(`${each.type()}: ${each.text()}`));
  await tab.goto(base, { waitUntil: 'load' });
  const way = [];
  const steps = [
    (at) => at.href.includes('/gate?') && at.row.includes('CLOSED'),
    (at) => at.href.includes('/criterion?') && at.row.includes('FAIL'),
    (at) => at.href.includes('/evidence?'),
  ];
  for (const wanted of steps) {
    const before = tab.url();
    const { href } = await follow(tab, wanted);
    await tab.waitForURL((url) => url.href !== before, { waitUntil: 'load' });
    way.push({ href, title: await tab.title(), h1: await tab.locator('h1').textContent(),
      rows: await tab.locator('tbody tr').count() });
  }
  const arriving = tab.waitForEvent('download');
  await follow(tab, (at) => at.href.includes('/proof?'));
  const download = await arriving;
  const proof = join(resolve(out), `${javaScriptEnabled ? 'on' : 'off'}-${download.suggestedFilename()}`);
  await download.saveAs(proof);
  await context.close();
  return { way, proof, requests, console };
}

/** Where what answers the three questions ends, on a desk and on a phone. */
async function first(browser, address, parts) {
  const told = {};
  for (const [name, viewport] of Object.entries(SCREENS)) {
    const context = await browser.newContext({ viewport });
    const tab = await context.newPage();
    await tab.goto(new URL(address, base).href, { waitUntil: 'load' });
    told[name] = await tab.evaluate((names) => names.map((each) => {
      const part = document.querySelector(each);
      return part?.checkVisibility() ? part.getBoundingClientRect().bottom : null;
    }), parts[name]);
    await context.close();
  }
  return told;
}

async function look(browser, address, place) {
  const told = { address };
  for (const [name, options] of Object.entries(LOOKS)) {
    const context = await browser.newContext({ bypassCSP: true, ...options });
    const tab = await context.newPage();
    const requests = [];
    context.on('request', (each) => requests.push(each.url()));
    const answer = await tab.goto(new URL(address, base).href, { waitUntil: 'load' });
    await tab.evaluate(AXE);
    const rules = name === 'dark' ? COLOURS : STANDARDS;
    const found = await tab.evaluate((runOnly) =>
      axe.run(document, { runOnly, resultTypes: ['violations'] }), rules);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    const sideways = await tab.evaluate(() => [...document.querySelectorAll('.wide')].filter((each) =>
      each.checkVisibility() && each.scrollWidth > each.clientWidth + 1).map((each) => each.ariaLabel));
    told[name] = { status: answer.status(), wide, sideways, window: options.viewport.width,
      outside: requests.filter((each) => !each.startsWith(base)),
      axe: found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 120)}`)) };
    if (name === 'light') writeFileSync(join(resolve(out), `${place}.html`), await answer.body());
    await context.close();
  }
  return told;
}

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
try {
  const pages = [];
  for (const [place, each] of addresses.entries()) pages.push(await look(browser, each, place));
  const walks = { off: await walk(browser, false), on: await walk(browser, true) };
  const screens = { portfolio: await first(browser, '/', { desk: ALL, phone: ALL }),
    project: await first(browser, addresses[1], { desk: ALL, phone: IN_SHORT }) };
  process.stdout.write(JSON.stringify({ walks, screens, pages }, null, 1));
} finally {
  await browser.close();
}
