// The server under test: given by the environment, or started here from WEFT_BIN in a folder that is thrown away.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OWN = { email: 'walk@example.com', password: 'a quiet hill of coffee', apiKey: 'wk_console_walk_4d8f1a2b7c9e3f60', writeKey: 'wr_console_walk_7a1c5e9d3b2f8046' };

/** A server from the binary, in a folder of its own; `token` is the one for setting it up, while nobody has. */
export async function start(bin, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'weft-console-'));
  const child = spawn(bin, ['serve', '--json', '--data', folder, '--listen', '127.0.0.1:0'], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2_000)));
  const ready = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not come up: ${said}`)), 60_000);
    let lines = '';
    child.stdout.on('data', (chunk) => {
      lines += chunk;
      const line = lines.split('\n').find((one) => one.includes('"ready"'));
      if (!line) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const stop = async () => {
    if (child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: ready.url, token: ready.setup_token, stop };
}

export async function house() {
  const { WEFT_URL, WEFT_EMAIL, WEFT_PASSWORD, WEFT_WRITE_KEY, WEFT_BIN } = process.env;
  if (WEFT_URL) {
    if (!WEFT_EMAIL || !WEFT_PASSWORD || !WEFT_WRITE_KEY) throw new Error('WEFT_URL needs WEFT_EMAIL, WEFT_PASSWORD and WEFT_WRITE_KEY beside it');
    return { url: WEFT_URL.replace(/\/$/, ''), email: WEFT_EMAIL, password: WEFT_PASSWORD, writeKey: WEFT_WRITE_KEY, stop: async () => undefined };
  }
  if (!WEFT_BIN) throw new Error('name a running server (WEFT_URL, WEFT_EMAIL, WEFT_PASSWORD, WEFT_WRITE_KEY), or the program (WEFT_BIN) to start one');
  const server = await start(WEFT_BIN, { WEFT__BOOTSTRAP__EMAIL: OWN.email, WEFT__BOOTSTRAP__PASSWORD: OWN.password, WEFT__BOOTSTRAP__API_KEY: OWN.apiKey, WEFT__BOOTSTRAP__WRITE_KEY: OWN.writeKey });
  return { ...OWN, url: server.url, stop: server.stop };
}
