// The console walked end to end: every page, two widths, two languages, both themes, no serious axe fault, no complaint of the browser.
// WEFT_URL tests a running server (with WEFT_EMAIL and WEFT_PASSWORD); without it a mock is started. WEFT_SHOTS names a folder for pictures.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { EMAIL, PASSWORD, address, axe, launch, login, open, overflow, settle, shot } from './browser.mjs';

let browser;
let site;
let state;
const mocked = !process.env.WEFT_URL;

before(async () => {
  site = await address();
  browser = await launch();
  const { context, page } = await open(browser, site.url, {});
  await login(page, site.url);
  state = await context.storageState();
  await context.close();
});
after(async () => {
  await browser?.close();
  site?.stop();
});

/** The paths of all pages; those of single things from what the server has. */
async function allPages(page) {
  const first = (path) => page.evaluate((api) => fetch(`/api/v1${api}`).then((answer) => (answer.ok ? answer.json() : { items: [] })).then((answer) => answer.items[0]?.id ?? null), path);
  const pages = {
    home: '/', people: '/people', segments: '/segments', 'segment-new': '/segments/new', journeys: '/journeys', templates: '/templates', 'template-new': '/templates/new', ledger: '/ledger', sending: '/sending', blacklist: '/blacklist',
    funnel: '/analytics/funnel', trend: '/analytics/trend', sql: '/analytics/sql', live: '/live', sources: '/sources', outcomes: '/outcomes', imports: '/imports', 'import-new': '/imports/new', keys: '/keys', audit: '/audit', system: '/system', lost: '/nowhere',
  };
  const person = await first('/people?limit=1');
  if (person) Object.assign(pages, { person: `/people/${person}`, 'person-identity': `/people/${person}?tab=identity`, 'person-messages': `/people/${person}?tab=messages` });
  const segment = await first('/segments?limit=1');
  if (segment) Object.assign(pages, { segment: `/segments/${segment}`, 'segment-members': `/segments/${segment}?tab=members`, 'segment-growth': `/segments/${segment}?tab=growth`, 'segment-explain': `/segments/${segment}?tab=explain&person=${person}`, 'segment-history': `/segments/${segment}?tab=history` });
  const journey = await first('/journeys?limit=1');
  if (journey) {
    const walker = await page.evaluate((id) => fetch(`/api/v1/journeys/${id}/people?limit=1`).then((answer) => answer.json()).then((answer) => answer.items?.[0]?.person.id ?? ''), journey);
    Object.assign(pages, { journey: `/journeys/${journey}`, 'journey-people': `/journeys/${journey}?tab=people${walker ? `&person=${walker}` : ''}`, 'journey-results': `/journeys/${journey}?tab=results`, 'journey-history': `/journeys/${journey}?tab=history` });
  }
  const template = await first('/templates?limit=1');
  if (template) pages.template = `/templates/${template}`;
  const delivery = (await first('/deliveries?state=sent&limit=1')) ?? (await first('/deliveries?limit=1'));
  if (delivery) pages.delivery = `/ledger/${delivery}`;
  const mail = await first('/sink/messages?limit=1');
  if (mail) pages.inbox = `/inbox?message=${mail}`;
  return pages;
}

/** English words that have no business on a Chinese page: runs of three or more plain words outside code and data. */
async function english(page) {
  return page.evaluate(() => {
    const skip = 'code,pre,textarea,input,iframe,.chip,time,[lang=en],.ant-select-item,svg';
    const walker = document.createTreeWalker(document.querySelector('#main'), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      if (/[a-z]+ [a-z]+ [a-z]+/i.test(text) && !/[\u4e00-\u9fff]/.test(text) && !walker.currentNode.parentElement.closest(skip)) found.push(text.slice(0, 60));
    }
    return found.slice(0, 4);
  });
}
async function chinese(page) {
  return page.evaluate(() => [...document.querySelectorAll('#main h1, #main h2, #main th, #main label, #main button, #main .label, .nav-link')].filter((one) => /[\u4e00-\u9fff]/.test(one.textContent) && !one.closest('[data-data],.live-line,.ant-select,.bar-line,.jn,table td')).map((one) => one.textContent.trim().slice(0, 40)).slice(0, 6));
}

for (const [lang, width, theme] of [['zh', 1440, 'light'], ['en', 1440, 'light'], ['zh', 390, 'light'], ['en', 390, 'dark'], ['zh', 1440, 'dark']]) {
  test(`every page: ${lang}, ${width} px, ${theme}`, { timeout: 240_000 }, async () => {
    const { context, page, complaints } = await open(browser, site.url, { lang, width, height: width < 500 ? 844 : 900, theme, state });
    await page.goto(site.url);
    await settle(page);
    const faults = [];
    for (const [name, path] of Object.entries(await allPages(page))) {
      complaints.length = 0;
      await page.goto(site.url + path);
      await settle(page).catch((error) => faults.push(`${name}: never settled (${String(error).split('\n')[0]})`));
      await shot(page, `${name}.${lang}.${width}.${theme}`);
      for (const fault of await axe(page)) faults.push(`${name}: axe ${fault}`);
      for (const fault of await overflow(page)) faults.push(`${name}: sticks out: ${fault}`);
      for (const complaint of complaints.splice(0)) faults.push(`${name}: ${complaint}`);
      if (lang === 'zh') for (const text of await english(page)) faults.push(`${name}: English: ${text}`);
      // A thing's own name may be Chinese anywhere; the words around it may not.
      else if (mocked && !/^(person|segment|journey|template|delivery|inbox|ledger|sources|imports|live|outcomes|home)/.test(name)) for (const text of await chinese(page)) faults.push(`${name}: Chinese: ${text}`);
    }
    await context.close();
    assert.deepEqual(faults, []);
  });
}

test('a wrong password says so and keeps the address', async () => {
  const { context, page } = await open(browser, site.url, { lang: 'zh' });
  await page.goto(site.url);
  await page.locator('input[type=email]').fill(EMAIL);
  await page.locator('input[type=password]').fill('not the one');
  await page.locator('button[type=submit]').click();
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /邮箱或密码不对/);
  assert.equal(await page.locator('input[type=email]').inputValue(), EMAIL);
  await shot(page, 'login-wrong.zh.1440.light');
  assert.deepEqual(await axe(page), []);
  await context.close();
});

test('an ended session asks again and keeps what was typed', async () => {
  const { context, page } = await open(browser, site.url, { lang: 'zh' });
  await login(page, site.url);
  await page.goto(`${site.url}/segments/new`);
  await settle(page);
  await page.getByLabel('人群名称').fill('会话过期也不丢');
  await page.evaluate(() => fetch('/api/v1/session', { method: 'DELETE', headers: { 'X-Weft-Console': '1' } }));
  await page.getByRole('button', { name: '创建人群' }).click();
  await page.getByText('登录已过期').waitFor();
  await shot(page, 'session-ended.zh.1440.light');
  await page.getByRole('dialog').locator('input[type=password]').fill(PASSWORD);
  await page.getByRole('dialog').getByRole('button', { name: '登录' }).click();
  // The call that met the closed door goes through by itself.
  await page.locator('h1', { hasText: '会话过期也不丢' }).waitFor();
  await context.close();
});

test('a segment by keyboard alone', async () => {
  const { context, page, complaints } = await open(browser, site.url, { lang: 'zh', state });
  await page.goto(site.url);
  await settle(page);
  const key = (name) => page.keyboard.press(name);
  // The palette is the way to anywhere.
  await key('Control+k');
  await page.getByRole('combobox', { name: /输入页面/ }).waitFor();
  await page.keyboard.type('新建人群');
  await page.waitForTimeout(300);
  await shot(page, 'palette.zh.1440.light');
  assert.deepEqual(await axe(page), []);
  await key('Enter');
  await page.locator('h1', { hasText: '新建人群' }).waitFor();
  await settle(page);
  const name = `键盘圈选 ${Date.now() % 100000}`;
  await page.keyboard.type(name);
  assert.equal(await page.getByLabel('人群名称').inputValue(), name);
  // On to "add condition": the first entry of its menu is an event.
  for (let i = 0; i < 30; i += 1) {
    await key('Tab');
    if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === '添加条件') break;
  }
  await key('Enter');
  await page.getByRole('menuitem').first().waitFor();
  await key('Enter');
  // The keyboard now stands in the new line's open blank: choose the event there.
  const event = page.getByRole('combobox', { name: '选择事件' });
  await event.waitFor();
  await page.waitForTimeout(300);
  assert.ok(await event.evaluate((one) => one === document.activeElement), 'the new line has the focus');
  await key('ArrowDown');
  await page.waitForTimeout(250);
  await key('Enter');
  await page.waitForFunction(() => /\d/.test(document.querySelector('[data-testid="condition-count"]')?.textContent ?? ''));
  await page.waitForTimeout(700);
  await shot(page, 'segment-by-keyboard.zh.1440.light');
  assert.match(await page.locator('.cb-read').innerText(), /做过「.+」/);
  // Undo takes the choice back, redo brings it again.
  await key('Control+z');
  assert.match(await page.locator('.cb').innerText(), /请选择事件/);
  await key('Control+Shift+z');
  assert.doesNotMatch(await page.locator('.cb').innerText(), /请选择事件/);
  const create = page.getByRole('button', { name: '创建人群' });
  await create.focus();
  await key('Enter');
  await page.locator('h1', { hasText: name }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a journey from nothing to published', async () => {
  const { context, page, complaints } = await open(browser, site.url, { lang: 'zh', state });
  await page.goto(`${site.url}/journeys?new=1`);
  await settle(page);
  const name = `端到端 ${Date.now() % 100000}`;
  await page.getByLabel('旅程名称').fill(name);
  await page.getByRole('combobox', { name: '谁会进入' }).click();
  await page.locator('.ant-select-item-option').first().click();
  await page.getByRole('button', { name: '创建并打开画布' }).click();
  await page.locator('.react-flow__node').first().waitFor();
  await settle(page);
  // The fault list points at the message without a template.
  await page.getByRole('button', { name: '选择要发送的模板' }).click();
  await page.getByRole('combobox', { name: '模板' }).click();
  await page.locator('.ant-select-item-option').first().click();
  await page.getByText('草稿已保存').waitFor();
  await shot(page, 'journey-editing.zh.1440.light');
  // Add by keyboard, undo, and see it gone.
  const nodes = () => page.locator('.react-flow__node').count();
  const before = await nodes();
  await page.getByRole('toolbar').getByRole('button', { name: '等待', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction((n) => document.querySelectorAll('.react-flow__node').length === n + 1, before);
  await page.getByRole('button', { name: '撤销' }).first().click();
  await page.waitForFunction((n) => document.querySelectorAll('.react-flow__node').length === n, before);
  await page.waitForTimeout(1200);
  await page.getByRole('button', { name: '发布', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('publish-count').waitFor();
  await shot(page, 'journey-publish.zh.1440.light');
  assert.deepEqual(await axe(page), []);
  const n = (await dialog.getByTestId('publish-count').innerText()).replace(/\D/g, '');
  const typed = dialog.getByRole('textbox');
  if ((await typed.count()) > 0) await typed.fill(n);
  await dialog.getByRole('button', { name: '发布', exact: true }).click();
  await page.getByText('运行中').first().waitFor();
  // Stop is always in sight, and stops.
  await page.getByRole('button', { name: '停止' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停止' }).click();
  await page.getByText('已停止').first().waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

describe('with the mock only', { skip: !mocked }, () => {
  test('the first run', async () => {
    const { spawn } = await import('node:child_process');
    const { createServer } = await import('node:net');
    const port = await new Promise((resolve) => { const probe = createServer().listen(0, '127.0.0.1', () => { const free = probe.address().port; probe.close(() => resolve(free)); }); });
    const child = spawn(process.execPath, [new URL('../mock/server.mjs', import.meta.url).pathname, '--fresh'], { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const url = `http://127.0.0.1:${port}`;
      for (const [lang, width] of [['en', 390], ['zh', 1440]]) {
        const { context, page } = await open(browser, url, { lang, width, height: 900 });
        await page.goto(url);
        await page.locator('.gate-box h1').waitFor();
        assert.deepEqual(await axe(page), []);
        assert.deepEqual(await overflow(page), []);
        await shot(page, `setup.${lang}.${width}.light`);
        if (lang === 'zh') {
          await page.getByRole('button', { name: '完成初始化' }).click();
          await page.getByText('请填写初始化口令').waitFor();
          await page.getByLabel('初始化口令').fill('demo-token');
          await page.getByLabel('工作空间名称').fill('新品牌');
          await page.getByLabel('邮箱').fill('me@example.com');
          await page.locator('input[type=password]').fill('mypassword123456');
          await page.getByRole('button', { name: '完成初始化' }).click();
          await page.getByText('密码太弱：').waitFor();
          assert.equal(await page.getByLabel('工作空间名称').inputValue(), '新品牌');
          await page.locator('input[type=password]').fill('a hill with much rain');
          await page.getByRole('button', { name: '完成初始化' }).click();
          await page.locator('#main h1').waitFor();
          await page.getByText('新品牌').first().waitFor();
        }
        await context.close();
      }
    } finally {
      child.kill();
    }
  });
});
