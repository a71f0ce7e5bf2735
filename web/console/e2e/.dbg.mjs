import { address, launch, open, login, settle } from './browser.mjs';
const { url, stop } = await address(); const b = await launch();
const { page, complaints } = await open(b, url, {}); await login(page, url); await page.goto(url + '/segments/new'); await settle(page);
const who = () => page.evaluate(() => document.activeElement.tagName + '.' + document.activeElement.className.slice(0, 60) + ' ' + document.activeElement.textContent.slice(0, 30));
await page.getByRole('button', { name: '添加条件' }).focus(); await page.keyboard.press('Enter'); await page.waitForTimeout(500); console.log(await who());
await page.keyboard.press('ArrowDown'); await page.waitForTimeout(200); console.log(await who());
await page.keyboard.press('Enter'); await page.waitForTimeout(500); console.log(await page.evaluate(() => document.querySelector('.cb-lines').innerText)); console.log(await who());
await b.close(); stop(); process.exit(0)
