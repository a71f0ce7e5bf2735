// The console walked end to end against a running server: stories, then every page in two languages at two widths.
// WEFT_URL, WEFT_EMAIL, WEFT_PASSWORD, WEFT_WRITE_KEY name the server; or WEFT_BIN the program, which is then started in a throw-away folder
// (and its first run is tested too). WEFT_SHOTS keeps pictures, CHROMIUM names another browser, WEFT_ONLY is a pattern of stories and pages,
// WEFT_AXE=all has every page looked through four times, WEFT_VERBOSE tells how far it is.
import { launch, login, open } from './browser.mjs';
import { house } from './house.mjs';
import { mailbox } from './mailbox.mjs';
import { WALKS, walk } from './pages.mjs';
import { STORIES } from './stories.mjs';

const began = Date.now();
const only = process.env.WEFT_ONLY ? new RegExp(process.env.WEFT_ONLY) : null;
const faults = [];
const told = (error) => (error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 12).join('\n    ') : String(error));
let stories = 0;
let pages = 0;
let site;
let browser;
let mail;
try {
  [site, mail, browser] = await Promise.all([house(), mailbox(), launch()]);
  const first = await open(browser, site.url);
  await login(first.page, site);
  const state = await first.context.storageState();
  await first.context.close();
  const made = {};
  for (const [name, story] of STORIES) {
    if (only && !only.test(name)) continue;
    stories += 1;
    const { context, page, complaints } = await open(browser, site.url, { state: story.name === 'sessionEnds' ? undefined : state });
    try {
      Object.assign(made, (await story({ browser, site, state, mail, page, complaints, made })) ?? {});
    } catch (error) {
      faults.push(`story “${name}”: ${told(error)}`);
      if (process.env.WEFT_SHOTS) await page.screenshot({ path: `${process.env.WEFT_SHOTS}/failed-${stories}.png` }).catch(() => undefined);
    } finally {
      await context.close();
    }
    if (process.env.WEFT_VERBOSE) console.error(`${((Date.now() - began) / 1000).toFixed(0)} s  ${name}`);
  }
  // Two at a time: one browser, two cores.
  const queue = [...WALKS];
  const lane = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      const done = await walk(browser, site, state, one, only);
      pages += done.count;
      faults.push(...done.faults);
      if (process.env.WEFT_VERBOSE) console.error(`${((Date.now() - began) / 1000).toFixed(0)} s  pages ${one.lang}, ${one.width} px, ${one.theme}`);
    }
  };
  await Promise.all([lane(), lane()]);
} catch (error) {
  faults.push(told(error));
} finally {
  await browser?.close();
  mail?.stop();
  await site?.stop();
}
for (const fault of faults) console.error(`- ${fault}`);
console.log(`console e2e: ${stories} stories, ${pages} pages, ${faults.length} faults, ${((Date.now() - began) / 1000).toFixed(0)} s`);
process.exit(faults.length > 0 ? 1 : 0);
