// Opens a report in a real browser and prints as JSON what happened; the tests beside it judge.
//
//     node page.mjs MODULES PAGE OUT
//
// MODULES is the folder that holds node_modules, PAGE the file, OUT a folder for the PDF.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, page, out] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(resolve(modules), 'package.json')));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
const FILE = pathToFileURL(resolve(page)).href;
const DESK = { width: 1200, height: 900 };
const PHONE = { width: 360, height: 740 };
// What the margins leave of A4: 186 mm by 276 mm.
const PAPER = { width: 703, height: 1043 };
const FIRST = { width: 1280, height: 800 };
const FIRST_PHONE = { width: 390, height: 844 };
// The widest of the fonts that a page may get.
const WIDE_FONT = 'body{font-family:"DejaVu Sans"!important}';
const SMALLEST = 7; // points, on paper
// What a Jenkins puts before the files of a build that it shows, unless somebody loosened it.
const JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A page that is open, with every request and every complaint of the console so far. */
async function open(browser, address, options) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: DESK, ...options });
  const tab = await context.newPage();
  const seen = { requests: [], console: [] };
  context.on('request', (each) => seen.requests.push(each.url()));
  tab.on('console', (each) => seen.console.push(`${each.type()}: ${each.text()}`));
  tab.on('pageerror', (each) => seen.console.push(`error: ${each.message}`));
  tab.on('dialog', (each) => { seen.console.push(`dialog: ${each.message()}`); return each.dismiss(); });
  await tab.goto(address, { waitUntil: 'load' });
  return { context, tab, seen };
}

/** Walks through the page by the Tab key alone and opens each fold by Enter, once it is reached. */
async function keyboard(tab) {
  const reached = { folds: 0, opened: 0, tables: 0, links: 0, filters: 0 };
  const unseen = [];
  for (let step = 0; step < 20_000; step += 1) {
    await tab.keyboard.press('Tab');
    const at = await tab.evaluate(() => {
      const node = document.activeElement;
      if (node === null || node === document.body || node.hasAttribute('data-reached')) return null;
      node.setAttribute('data-reached', '');
      const kind = { SUMMARY: 'folds', A: 'links', DIV: 'tables', INPUT: 'filters' }[node.tagName];
      const shown = node.tagName === 'INPUT' ? node.parentElement : node;
      return { kind, folded: kind === 'folds' && !node.parentElement.open,
        outlined: getComputedStyle(shown).outlineStyle !== 'none', name: node.textContent.slice(0, 80) };
    });
    if (at === null) break;
    reached[at.kind] += 1;
    if (!at.outlined) unseen.push(at.name);
    if (at.folded) {
      await tab.keyboard.press('Enter');
      if (await tab.evaluate(() => document.activeElement.parentElement.open)) reached.opened += 1;
    }
  }
  const left = await tab.evaluate(() => {
    const all = [...document.querySelectorAll('summary, a[href], .wide, [tabindex]')];
    // What scrolls and takes no focus is reached by nobody without a mouse.
    const scrolls = [...document.querySelectorAll('body *')].filter((node) =>
      node.scrollWidth > node.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX));
    // What stands in short for a phone is not there for the keyboard of a wider screen.
    const missed = [...all, ...scrolls].filter((node) => !node.hasAttribute('data-reached')
      && (!node.closest('.in-short') || node.checkVisibility()));
    return missed.map((node) => node.outerHTML.slice(0, 120));
  });
  return { ...reached, missed: left, without_outline: unseen };
}

/** What axe finds, in the dark of what hangs on colours; with scripts on, since axe is one, and the report has none. */
async function axe(browser, scheme, viewport) {
  const { context, tab } = await open(browser, FILE,
    { javaScriptEnabled: true, bypassCSP: true, colorScheme: scheme, viewport });
  await tab.evaluate(AXE);
  const found = await tab.evaluate(async (asked) => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    const told = await globalThis.axe.run(document, { runOnly: asked, resultTypes: ['violations'] });
    return told.violations.map(({ id, help, nodes }) =>
      ({ id, help, nodes: nodes.length, first: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary }));
  }, scheme === 'dark' ? COLOURS : STANDARDS);
  await context.close();
  return found;
}

/** How wide the page is against its window; wider means that the page itself scrolls sideways. */
async function width(tab) {
  await tab.screenshot(); // a shadow that goes by scrolling is there once a frame was drawn
  return tab.evaluate(() => {
    const all = [...document.querySelectorAll('body *')].filter((node) => !node.closest('.wide, svg, .skip, .unseen, thead, caption'));
    const beyond = all.filter((node) => node.getBoundingClientRect().right > innerWidth + 1);
    // A shadow at the right of each table that goes on there, and of no other.
    const tables = [...document.querySelectorAll('.wide')].filter((node) => node.checkVisibility());
    const wrong = tables.filter((node) => (node.scrollWidth > node.clientWidth + 1)
      !== (Number(getComputedStyle(node, '::after').opacity) > 0));
    return { page: document.scrollingElement.scrollWidth, window: innerWidth,
      misled: wrong.map((node) => node.ariaLabel),
      beyond: beyond.slice(0, 5).map((node) => node.outerHTML.slice(0, 120)) };
  });
}

async function plain(browser, scheme) {
  const { context, tab, seen } = await open(browser, FILE, { colorScheme: scheme });
  const told = { ...seen, title: await tab.title(), text: (await tab.innerText('body')).replace(/\s+/g, '').length };
  if (scheme === 'light') {
    told.elements = await tab.evaluate(() => [...new Set([...document.querySelectorAll('*')]
      .map((node) => node.localName))].sort());
    told.keyboard = await keyboard(tab);
  }
  await context.close();
  return told;
}

async function phone(browser) {
  const { context, tab } = await open(browser, FILE, { viewport: PHONE });
  const folded = await width(tab);
  const long = await tab.evaluate(() => document.documentElement.scrollHeight);
  await tab.evaluate(() => { for (const fold of document.querySelectorAll('details')) fold.open = true; });
  const unfolded = await width(tab);
  await context.close();
  return { folded, unfolded, long };
}

/** Prints the page as it is opened first, with its folds shut, and tells which of them print shows. */
async function print(browser) {
  const { context, tab } = await open(browser, FILE, {});
  await tab.pdf({ path: join(out, 'page.pdf'), format: 'A4', printBackground: true });
  const count = () => tab.evaluate(() => {
    const folds = [...document.querySelectorAll('details:not([open])')];
    const shown = folds.filter((fold) => fold.lastElementChild.checkVisibility());
    const left = folds.filter((fold) => fold.closest('.off-paper'));
    return { folded: folds.length, shown: shown.length, left: left.length };
  });
  const screen = await count();
  await tab.emulateMedia({ media: 'print' });
  const paper = await count();
  await tab.setViewportSize(PAPER);
  const cut = await tab.evaluate(() => [...document.querySelectorAll('.wide table, .wide td, .wide th')]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
    .map((node) => node.outerHTML.slice(0, 120)));
  // A page wider than the sheet is shrunk as a whole, and nobody is told.
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
  const small = await tab.evaluate((least) => [...document.querySelectorAll('body *')].filter((node) =>
    [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim()) && node.checkVisibility()
    && !node.closest('.unseen') && parseFloat(getComputedStyle(node).fontSize) * 0.75 < least)
    .map((node) => node.outerHTML.slice(0, 120)), SMALLEST);
  const dark = await paperOf(browser);
  await context.close();
  return { screen, paper, cut, wide, small: small.slice(0, 5), dark };
}

/** The ground of the sheet for whoever reads in the dark: paper is light. */
async function paperOf(browser) {
  const { context, tab } = await open(browser, FILE, { colorScheme: 'dark' });
  await tab.emulateMedia({ media: 'print' });
  const found = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await context.close();
  return found;
}

/** Where the answers to three questions end, in the widest font too, on a desk and on a phone. */
async function first(browser) {
  const told = {};
  const screens = { desk: [FIRST, ['.answer', '.cycle', '.changes', '.takes']],
    phone: [FIRST_PHONE, ['.answer .box', '.answer .said', '.in-short [href="#changes"]', '.in-short [href="#takes"]']] };
  for (const [name, [viewport, parts]] of Object.entries(screens)) {
    const { context, tab } = await open(browser, FILE, { viewport, bypassCSP: true, javaScriptEnabled: true });
    const ends = () => tab.evaluate((names) => names.map((each) => {
      const part = document.querySelector(each);
      const told = part?.closest('p') ?? part?.lastElementChild;
      return told?.checkVisibility() ? told.getBoundingClientRect().bottom : null;
    }), parts);
    told[name] = { own: await ends() };
    await tab.addStyleTag({ content: WIDE_FONT });
    told[name].wide = await ends();
    await context.close();
  }
  return told;
}

/** What is left when each filter is chosen, by what the classes say and by what is seen; and on paper. */
async function filters(browser) {
  const { context, tab } = await open(browser, FILE, {});
  const told = await tab.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    const parts = [...document.querySelectorAll('.f')];
    const found = {};
    for (const radio of document.querySelectorAll('.filter input')) {
      const [, kind, value] = radio.id.split('-');
      const own = kind === 'v' ? `h-${value}` : `${kind}${value}`;
      radio.checked = true;
      found[radio.id] = { seen: parts.filter((each) => each.checkVisibility()).length,
        wanted: parts.filter((each) => value === 'all' || each.classList.contains(own)).length };
      document.getElementById(`filter-${kind}-all`).checked = true;
    }
    const last = document.querySelector('.filter:last-child input');
    if (last !== null) last.checked = true;
    return found;
  });
  await tab.emulateMedia({ media: 'print' });
  const hidden = await tab.evaluate(() => [...document.querySelectorAll('.f')]
    .filter((each) => !each.closest('.off-paper') && !each.checkVisibility()).length);
  await context.close();
  return { told, hidden };
}

/** Whether a link to what is folded unfolds it. */
async function revealed(browser) {
  const { context, tab } = await open(browser, FILE, {});
  const folded = await tab.evaluate(() => [...document.querySelectorAll('details:not([open]) [id]')]
    .map((each) => each.id));
  const shut = [];
  for (const id of [folded[0], folded[folded.length - 1]].filter(Boolean)) {
    await tab.goto(`${FILE}#${encodeURIComponent(id)}`);
    if (!await tab.evaluate((name) => document.getElementById(name).closest('details').open, id)) shut.push(id);
  }
  await context.close();
  return { folded: folded.length, shut };
}

/** The page as a Jenkins shows it, whose policy forbids the page's own style. */
async function jenkins(browser) {
  const server = createServer((request, answer) => {
    answer.setHeader('Content-Security-Policy', JENKINS);
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(readFileSync(page));
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  const address = `http://127.0.0.1:${server.address().port}/report.html`;
  const { context, tab, seen } = await open(browser, address, { javaScriptEnabled: true });
  const told = await tab.evaluate(() => ({
    text: document.body.innerText.replace(/\s+/g, '').length,
    styled: getComputedStyle(document.body).maxWidth !== 'none',
    wide: document.scrollingElement.scrollWidth,
  }));
  await context.close();
  server.close();
  return { ...told, address, ...seen };
}

/** Runs a part, and says on stderr how long it took. */
async function timed(name, part) {
  const began = performance.now();
  const found = await part;
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1)} s ${name}\n`);
  return found;
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
try {
  const told = {
    file: FILE,
    light: await timed('light', plain(browser, 'light')),
    dark: await timed('dark', plain(browser, 'dark')),
    axe: {
      light: await timed('axe, light', axe(browser, 'light', DESK)),
      dark: await timed('axe, dark', axe(browser, 'dark', DESK)),
      phone: await timed('axe, phone', axe(browser, 'light', PHONE)),
    },
    phone: await timed('phone', phone(browser)),
    jenkins: await timed('Jenkins', jenkins(browser)),
    print: await timed('print', print(browser)),
    first: await timed('first screen', first(browser)),
    filters: await timed('filters', filters(browser)),
    revealed: await timed('links to what is folded', revealed(browser)),
  };
  process.stdout.write(`${JSON.stringify(told, null, 1)}\n`);
} finally {
  await browser.close();
}
