// One browser for the checks: Debian's chromium by playwright-core, quiet and without the network.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const SHOTS = process.env.WEFT_SHOTS ?? '';
export const EMAIL = process.env.WEFT_EMAIL ?? 'admin@weft.local';
export const PASSWORD = process.env.WEFT_PASSWORD ?? 'a quiet hill of coffee';

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'] });
}

/** The address to test: given by the environment, or a mock started here. */
export async function address() {
  if (process.env.WEFT_URL) return { url: process.env.WEFT_URL.replace(/\/$/, ''), stop: () => undefined };
  const { start } = await import('../mock/server.mjs');
  const server = await start(0);
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A signed-in page with its choices made, that remembers every complaint of the browser. */
export async function open(browser, url, { lang = 'zh', width = 1440, height = 900, theme = 'light', state } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', storageState: state });
  await context.addInitScript(([l, t]) => {
    // Frames of shown messages are sandboxed: they have no storage to set.
    if (window.top !== window) return;
    localStorage.setItem('weft.language', l);
    localStorage.setItem('weft.theme', JSON.stringify(t));
  }, [lang, theme]);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (/^https?:$/.test(target.protocol) && target.origin !== new URL(url).origin) complaints.push(`outside request: ${request.url()}`);
  });
  return { context, page, complaints };
}

export async function login(page, url) {
  await page.goto(url);
  await page.locator('input[type=email]').fill(EMAIL);
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await page.locator('#main h1').waitFor();
}

/** Waits until nothing is loading and nothing moves. */
export async function settle(page) {
  await page.waitForLoadState('domcontentloaded');
  await page.waitForFunction(() => document.querySelector('#main h1, .gate-box h1') && !document.querySelector('.skeleton'), undefined, { timeout: 8000 });
  await page.waitForTimeout(350);
}

export async function shot(page, name, full = false) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: full });
}

/** Serious and critical faults only, as short lines. */
export async function axe(page) {
  const present = await page.evaluate('typeof window.axe !== "undefined"');
  if (!present) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const answer = await window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] });
    return answer.violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} — ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`).join(' | ')}`);
  });
}

/** Elements that stick out of a narrow window. */
export async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width + 1) return [];
    return [...document.querySelectorAll('#main *, .gate *')].filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest('.table-wrap,.tabs,pre,.react-flow,.canvas-view')).slice(0, 4).map((one) => `${one.tagName}.${String(one.className).slice(0, 60)} ${Math.round(one.getBoundingClientRect().right)}`);
  });
}
