// usage: node look.mjs out lang width theme path...
import { address, launch, open, login, settle, axe, overflow } from '/work/main/web/console/e2e/browser.mjs';
const [out, lang, width, theme, ...paths] = process.argv.slice(2);
const { url, stop } = await address();
const browser = await launch();
const { page, complaints } = await open(browser, url, { lang, width: Number(width), height: Number(width) < 500 ? 844 : 900, theme });
await login(page, url);
const first = async (api) => (await page.evaluate(async (a) => (await (await fetch('/api/v1' + a)).json()).items[0].id, api));
for (const p of paths) {
  let [path, name, ...acts] = p.split('|');
  for (const [k, api] of [['PERSON', '/people?q=10001'], ['SEG', '/segments'], ['JNY', '/journeys'], ['TPL', '/templates'], ['DLV', '/deliveries?state=sent']]) if (path.includes(k)) path = path.replaceAll(k, await first(api));
  await page.goto(url + path); 
  try { await settle(page); } catch (e) { console.log(name, 'unsettled', String(e).slice(0, 100)); }
  for (const a of acts) { if (a.startsWith('click:')) await page.locator(a.slice(6)).first().click(); else if (a.startsWith('key:')) await page.keyboard.press(a.slice(4)); else if (a.startsWith('type:')) await page.keyboard.type(a.slice(5)); await page.waitForTimeout(500); }
  await page.screenshot({ path: `${out}/${name}.png` });
  console.log(name, 'axe:', JSON.stringify(await axe(page)), 'overflow:', JSON.stringify(await overflow(page)), 'errors:', JSON.stringify(complaints.splice(0)));
}
await browser.close(); stop(); process.exit(0);
