// What a first visit downloads, gzipped: signing in, the home page, and each further page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { address, launch, login, open, settle } from './browser.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const { url, stop } = await address();
const browser = await launch();
const { page } = await open(browser, url, {});
const seen = new Map();
page.on('response', (response) => {
  const path = new URL(response.url()).pathname;
  if (path.startsWith('/assets/') && !seen.has(path)) seen.set(path, gzipSync(readFileSync(join(dist, path))).length);
});
const total = () => [...seen.values()].reduce((sum, one) => sum + one, 0);
const kb = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
await page.goto(url);
await page.locator('.gate-box h1').waitFor();
await page.waitForTimeout(300);
console.log('sign-in page', kb(total()));
await login(page, url);
await settle(page);
console.log('home, with what signing in brought', kb(total()));
let before = total();
for (const path of ['/people', '/segments/new', '/journeys', '/ledger', '/analytics/funnel', '/live', '/templates/new', '/sources']) {
  await page.goto(url + path);
  await settle(page);
  console.log(path, `+${kb(total() - before)}`);
  before = total();
}
const journey = await page.evaluate(() => fetch('/api/v1/journeys').then((answer) => answer.json()).then((answer) => answer.items[0]?.id));
if (journey) {
  await page.goto(`${url}/journeys/${journey}`);
  await settle(page);
  console.log('/journeys/…', `+${kb(total() - before)}`);
}
console.log([...seen].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([path, size]) => `${path} ${kb(size)}`).join('\n'));
await browser.close();
stop();
process.exit(0);
