// One browser for the checks: the machine's chromium by playwright-core, quiet and without the network.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.WEFT_SHOTS ?? '';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

const CALLS = new WeakMap();

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** A page with its choices made, that remembers every complaint of the browser. */
export async function open(browser, url, { lang = 'zh', width = 1440, height = width < 500 ? 844 : 900, theme = 'light', state } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', storageState: state });
  await context.addInitScript(([l, t]) => {
    // Frames of shown messages are sandboxed: they have no storage to set.
    if (window.top !== window) return;
    localStorage.setItem('weft.language', l);
    localStorage.setItem('weft.theme', JSON.stringify(t));
  }, [lang, theme]);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  // Calls on their way, so that a page can be waited for without guessing; a stream of events never ends and does not count.
  const calls = { open: 0, last: Date.now() };
  const counts = (request) => ['fetch', 'xhr', 'script', 'stylesheet', 'document'].includes(request.resourceType());
  const over = (request) => counts(request) && Object.assign(calls, { open: Math.max(0, calls.open - 1), last: Date.now() });
  page.on('requestfinished', over);
  page.on('requestfailed', over);
  page.on('framenavigated', (frame) => frame === page.mainFrame() && Object.assign(calls, { open: 0, last: Date.now() }));
  CALLS.set(page, calls);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (counts(request)) Object.assign(calls, { open: calls.open + 1, last: Date.now() });
    const target = new URL(request.url());
    if (/^https?:$/.test(target.protocol) && target.origin !== new URL(url).origin) complaints.push(`outside request: ${request.url()}`);
  });
  return { context, page, complaints };
}

export async function login(page, { url, email, password }) {
  await page.goto(url);
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[type=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('#main h1').waitFor();
}

/** Waits until nothing is loading, and nothing was asked for so long. */
export async function settle(page, quiet = 120) {
  await page.waitForFunction(() => document.querySelector('#main h1, .gate-box h1') && !document.querySelector('.skeleton, [aria-busy=true], .ant-btn-loading'), undefined, { timeout: 10_000 });
  const calls = CALLS.get(page);
  for (const end = Date.now() + 3_000; Date.now() < end && (calls.open > 0 || Date.now() - calls.last < quiet); ) await page.waitForTimeout(30);
  // What was asked for is there; two frames to draw it.
  await page.waitForFunction(() => !document.querySelector('.skeleton'), undefined, { timeout: 10_000 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

export async function shot(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: process.env.WEFT_SHOTS_FULL === '1' });
}

/** Serious and critical faults only, as short lines. Of rows that are all alike the first few are looked at. */
export async function axe(page) {
  if (!(await page.evaluate('typeof window.axe !== "undefined"'))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const alike = ['table tbody tr:nth-child(n+8)', 'ul.panel > li:nth-child(n+8)', '.timeline > li:nth-child(n+14)'].filter((one) => document.querySelector(one));
    const answer = await window.axe.run({ include: [['html']], exclude: alike.map((one) => [one]) }, { preload: false, resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] });
    return answer.violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => `axe ${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} — ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`).join(' | ')}`);
  });
}

/** Elements that stick out of the window. */
export async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width + 1) return [];
    const out = [...document.querySelectorAll('#main *, .gate *')].filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest('.table-wrap,.tabs,pre,.react-flow,.canvas-view'));
    return out.slice(0, 4).map((one) => `sticks out: ${one.tagName}.${String(one.className).slice(0, 60)} ${Math.round(one.getBoundingClientRect().right)}`);
  });
}
