// A real browser on a page of another origin, as a brand's shop is of another origin than the server that collects.
import { createServer } from 'node:http';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync'];

/** `CHROMIUM`, or the first one on the path. */
function browserPath() {
  const named = process.env.CHROMIUM;
  const candidates = named ? [named] : process.env.PATH.split(delimiter).flatMap((dir) => [join(dir, 'chromium'), join(dir, 'chromium-browser')]);
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not this one.
    }
  }
  throw new Error('no chromium on the path; set CHROMIUM');
}

/** Serves `files` (path → [type, text or file URL]) at a free port. */
async function serve(files) {
  const server = createServer((request, response) => {
    const found = files[new URL(request.url, 'http://localhost').pathname];
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    const [type, content] = found;
    response.writeHead(200, { 'content-type': type }).end(content instanceof URL ? readFileSync(content) : content);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/**
 * Opens each page in turn and waits until `window.done` resolves and the network is idle.
 * Returns what each `done` resolved to, and every answer of the collecting server.
 */
export async function browse(server, files, pages) {
  const site = await serve(files);
  const browser = await chromium.launch({ executablePath: browserPath(), args: ARGS });
  const answers = [];
  const faults = [];
  try {
    const results = [];
    const context = await browser.newContext();
    for (const path of pages) {
      const page = await context.newPage();
      page.on('response', (r) => r.url().startsWith(server) && answers.push({ method: r.request().method(), path: new URL(r.url()).pathname, status: r.status() }));
      page.on('requestfailed', (r) => r.url().startsWith(server) && faults.push(`${r.method()} ${new URL(r.url()).pathname}: ${r.failure()?.errorText}`));
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.goto(site.origin + path);
      results.push(await page.evaluate('window.done'));
      // A client that is refused tries again and again.
      await page.waitForLoadState('networkidle', { timeout: 15_000 }).catch((error) => faults.push(String(error)));
      await page.close({ runBeforeUnload: true });
    }
    await context.close();
    faults.push(...answers.filter((a) => a.status >= 300).map((a) => `${a.method} ${a.path}: ${a.status}`));
    if (faults.length > 0) throw new Error(faults.join('; '));
    return { results, answers };
  } finally {
    await browser.close();
    site.server.close();
  }
}
