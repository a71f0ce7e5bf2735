// What a first visit downloads, gzipped: signing in, the home page, and each further page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { launch, login, open, settle } from './browser.mjs';
import { house } from './house.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const site = await house();
const browser = await launch();
const { page } = await open(browser, site.url);
const seen = new Map();
page.on('response', (response) => {
  const path = new URL(response.url()).pathname;
  if (path.startsWith('/assets/') && !seen.has(path)) seen.set(path, gzipSync(readFileSync(join(dist, path))).length);
});
const total = () => [...seen.values()].reduce((sum, one) => sum + one, 0);
const kb = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
try {
  await page.goto(site.url);
  await page.locator('.gate-box h1').waitFor();
  await page.waitForTimeout(300);
  console.log('sign-in page', kb(total()));
  await login(page, site);
  await settle(page);
  console.log('home, with what signing in brought', kb(total()));
  let before = total();
  const journeys = await page.evaluate(() => fetch('/api/v1/journeys?limit=1').then((answer) => answer.json()).then((answer) => answer.items));
  for (const path of ['/people', '/segments/new', '/journeys', ...journeys.map((one) => `/journeys/${one.id}`), '/ledger', '/sending', '/analytics/funnel', '/live', '/templates/new', '/sources', '/imports/new']) {
    await page.goto(site.url + path);
    await settle(page);
    console.log(path, `+${kb(total() - before)}`);
    before = total();
  }
  console.log([...seen].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([path, size]) => `${path} ${kb(size)}`).join('\n'));
} finally {
  await browser.close();
  await site.stop();
}
