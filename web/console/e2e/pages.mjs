// Every page there is, walked in a language, at a width, in a theme: it settles, nothing serious by axe, nothing sticks out, no complaint.
import { axe, open, overflow, settle, shot } from './browser.mjs';

/** Axe takes half of the time: two walks see both languages, widths and themes; `WEFT_AXE=all` asks it of all four. */
export const WALKS = [
  { lang: 'zh', width: 1440, theme: 'light', axe: true },
  { lang: 'en', width: 390, theme: 'dark', axe: true },
  { lang: 'en', width: 1440, theme: 'dark' },
  { lang: 'zh', width: 390, theme: 'light' },
];

/** The paths of all pages; those of single things from what the server has. */
async function allPages(page) {
  const items = (path) => page.evaluate((api) => fetch(`/api/v1${api}`).then((answer) => (answer.ok ? answer.json() : { items: [] })).then((answer) => answer.items ?? []), path);
  const pages = {
    home: '/', people: '/people', segments: '/segments', 'segment-new': '/segments/new', 'segment-new-list': '/segments/new?kind=list', 'segment-new-sample': '/segments/new?kind=sample', 'segments-mine': '/segments?owner=me', 'segment-new-snapshot': '/segments/new?kind=list&start=snapshot', 'segment-combine': '/segments?combine=1', 'segment-overlap-none': '/segments/overlap', journeys: '/journeys', 'journey-new': '/journeys?new=1', templates: '/templates', 'template-new': '/templates/new', ledger: '/ledger', sending: '/sending', blacklist: '/blacklist',
    funnel: '/analytics/funnel', trend: '/analytics/trend', sql: '/analytics/sql', live: '/live', sources: '/sources', 'identity-rules': '/identity-rules', 'trait-rules': '/trait-rules', 'trait-rules-none': '/trait-rules?q=nothingiscalledso', duplicates: '/duplicates', 'duplicates-joined': '/duplicates?state=joined', tags: '/tags', 'tag-new': '/tags?new=1', models: '/models', 'models-none': '/models?q=nothingiscalledso', 'model-new': '/models/new', 'model-new-clusters': '/models/new?kind=clusters', 'model-new-tree': '/models/new?kind=tree', 'model-new-rfm': '/models/new?kind=rfm', 'model-new-look-alike': '/models/new?kind=look_alike', catalog: '/catalog', 'catalog-none': '/catalog?type=article', 'catalog-new': '/catalog?do=new', 'catalog-import': '/catalog?do=import', 'catalog-settings': '/catalog?do=settings', 'catalog-tags': '/catalog/tags', 'catalog-tag-new': '/catalog/tags?new=1', 'tracking-plan': '/tracking-plan', 'tracking-rule': '/tracking-plan?event=purchase', outcomes: '/outcomes', quarantine: '/quarantine', imports: '/imports', 'import-new': '/imports/new', members: '/members', keys: '/keys', audit: '/audit', system: '/system', settings: '/settings', lost: '/nowhere',
  };
  const [person] = await items('/people?limit=1');
  if (person) Object.assign(pages, { person: `/people/${person.id}`, 'person-trait': `/people/${person.id}?trait=${Object.keys(person.traits)[0] ?? 'name'}`, 'person-identity': `/people/${person.id}?tab=identity`, 'person-messages': `/people/${person.id}?tab=messages`, 'people-none': '/people?q=nobodyiscalledso' });
  const segments = await items('/segments?limit=50');
  const segment = segments.find((one) => one.count > 0);
  if (segment) Object.assign(pages, { segment: `/segments/${segment.id}`, 'segment-members': `/segments/${segment.id}?tab=members`, 'segment-growth': `/segments/${segment.id}?tab=growth`, 'segment-explain': `/segments/${segment.id}?tab=explain&person=${person?.id ?? ''}`, 'segment-history': `/segments/${segment.id}?tab=history` });
  const filled = segments.filter((one) => one.state === 'active' && one.count > 0);
  if (filled.length > 1) pages['segment-overlap'] = `/segments/overlap?ids=${filled.slice(0, 4).map((one) => one.id)}`;
  const list = segments.find((one) => one.kind === 'list');
  if (list) Object.assign(pages, { 'segment-list': `/segments/${list.id}`, 'segment-list-settings': `/segments/${list.id}?tab=settings` });
  // One with a portrait and one without.
  const drawn = await Promise.all(filled.map(async (one) => ({ one, portraits: await items(`/portraits?segment=${one.id}&limit=1`) })));
  const without = drawn.find(({ portraits }) => portraits.length === 0);
  const having = drawn.find(({ portraits }) => portraits[0]?.state === 'done');
  if (without) pages['segment-portrait-none'] = `/segments/${without.one.id}?tab=portrait`;
  if (having) pages['segment-portrait'] = `/segments/${having.one.id}?tab=portrait`;
  const journey = (await items('/journeys?limit=20')).sort((a, b) => b.entered - a.entered)[0];
  if (journey) {
    const [walker] = await items(`/journeys/${journey.id}/people?limit=1`);
    Object.assign(pages, { journey: `/journeys/${journey.id}`, 'journey-people': `/journeys/${journey.id}?tab=people${walker ? `&person=${walker.person.id}` : ''}`, 'journey-results': `/journeys/${journey.id}?tab=results`, 'journey-history': `/journeys/${journey.id}?tab=history` });
  }
  const tags = await items('/tags?limit=50');
  const tag = tags.find((one) => one.tagged > 0 && !one.rule.assigned);
  if (tag) Object.assign(pages, { tag: `/tags/${tag.id}`, 'tag-values': `/tags/${tag.id}?tab=values`, 'tag-people': `/tags/${tag.id}?tab=people`, 'tag-evaluation': `/tags/${tag.id}?tab=evaluation` });
  const byHand = tags.find((one) => one.rule.assigned?.by === 'hand');
  if (byHand) Object.assign(pages, { 'tag-by-hand': `/tags/${byHand.id}`, 'tag-by-hand-people': `/tags/${byHand.id}?tab=people` });
  const goods = await items('/catalog/goods?limit=200');
  const thing = [...goods].sort((a, b) => b.events - a.events)[0];
  if (thing) Object.assign(pages, { thing: `/catalog/goods/${encodeURIComponent(thing.id)}`, 'thing-amount': `/catalog/goods/${encodeURIComponent(thing.id)}?measure=amount&days=90`, 'thing-changes': `/catalog/goods/${encodeURIComponent(thing.id)}?tab=changes` });
  for (const one of (await items('/catalog/tags?limit=50')).filter((tag) => tag.state === 'active').slice(0, 6)) Object.assign(pages, { [`thing-tag-${one.name}`]: `/catalog/tags/${one.id}`, [`thing-tag-${one.name}-values`]: `/catalog/tags/${one.id}?tab=values` });
  // One model of each kind that found something.
  const models = (await items('/models?limit=50')).filter((one) => one.last_run?.state === 'done');
  for (const kind of new Set(models.map((one) => one.kind))) pages[`model-${kind}`] = `/models/${models.find((one) => one.kind === kind).id}`;
  const [model] = models;
  if (model) Object.assign(pages, { 'model-settings': `/models/${model.id}?tab=settings`, 'model-runs': `/models/${model.id}?tab=runs`, 'model-history': `/models/${model.id}?tab=history`, 'tag-by-model': `/tags/${model.tag}`, 'tag-by-model-values': `/tags/${model.tag}?tab=values` });
  const [template] = await items('/templates?limit=1');
  if (template) pages.template = `/templates/${template.id}`;
  const [delivery] = await items('/deliveries?limit=1');
  if (delivery) pages.delivery = `/ledger/${delivery.id}`;
  const [entry] = await items('/audit?limit=1');
  if (entry) pages['audit-entry'] = `/audit?entry=${entry.id}`;
  return pages;
}

/** English words that have no business on a Chinese page: runs of three or more plain words outside code and data. */
const english = (page) =>
  page.evaluate(() => {
    const skip = 'code,pre,textarea,input,iframe,.chip,time,[lang=en],.ant-select-item,svg,.preview-box';
    const walker = document.createTreeWalker(document.querySelector('#main'), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      if (/[a-z]+ [a-z]+ [a-z]+/i.test(text) && !/[\u4e00-\u9fff]/.test(text) && !walker.currentNode.parentElement.closest(skip)) found.push(`English: ${text.slice(0, 60)}`);
    }
    return found.slice(0, 4);
  });
/** Chinese among the words of the page itself; what a thing is called may be Chinese anywhere. */
const chinese = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('#main h2, #main th, #main label, #main .label, #main .help, #main .sub, .nav-link, .tabs button, #main .figure .note')]
      .filter((one) => /[\u4e00-\u9fff]/.test(one.textContent) && !one.closest('.ant-select,.bar-line,.jn,table td,.palette-box') && !one.querySelector('a.chip'))
      .map((one) => `Chinese: ${one.textContent.trim().slice(0, 40)}`)
      .slice(0, 4),
  );
/** Pages whose headings are names of things. */
const NAMED = /^(person|tag$|tag-|thing$|thing-|model-|segment|segment-|journey|journey-|template$|delivery)/;

/** Pages that ask a moment after something was typed, or after the first facts are there. */
const ASKS_LATER = /^(funnel|trend|template|template-new|segment|segment-new|segment-portrait|model-new-tree|model-settings)$/;

export async function walk(browser, site, state, { lang, width, theme, axe: asked }, only) {
  const { context, page, complaints } = await open(browser, site.url, { lang, width, theme, state });
  const faults = [];
  let count = 0;
  try {
    await page.goto(site.url);
    await settle(page);
    for (const [name, path] of Object.entries(await allPages(page))) {
      if (only && !only.test(name)) continue;
      complaints.length = 0;
      count += 1;
      await page.goto(site.url + path);
      const found = [];
      await settle(page, ASKS_LATER.test(name) ? 480 : undefined).catch((error) => found.push(`never settled (${String(error).split('\n')[0]})`));
      await shot(page, `${name}.${lang}.${width}.${theme}`);
      if (asked || process.env.WEFT_AXE === 'all') found.push(...(await axe(page)));
      found.push(...(await overflow(page)), ...complaints.splice(0));
      if (await page.locator('#main .problem').count()) found.push(`shows a problem: ${(await page.locator('#main .problem').first().innerText()).replace(/\s+/g, ' ').slice(0, 160)}`);
      found.push(...(lang === 'zh' ? await english(page) : NAMED.test(name) ? [] : await chinese(page)));
      faults.push(...found.map((one) => `${name} (${lang}, ${width} px, ${theme}): ${one}`));
    }
  } finally {
    await context.close();
  }
  return { count, faults };
}
