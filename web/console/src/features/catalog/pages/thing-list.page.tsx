// Things of a type: what they are, what they are called, and how often events name them.
import { Input, Modal, Select } from 'antd';
import { FileUp, Plus, Settings2 } from 'lucide-react';
import { useState } from 'react';
import { type ThingTag, type ThingType, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { useThingTags, useTypes } from '../logic/queries';
import { namedValues, showAttribute, typeTitle, valueText } from '../logic/things';
import { Called } from '../parts/called';
import { ImportDialog } from '../parts/import-dialog';
import { Halves } from '../parts/switch';
import { ThingForm } from '../parts/thing-form';
import { TypeSettings } from '../parts/type-settings';
import { cw } from '../words';

/** Chosen at the end of the list of types. */
const ANOTHER = '+';

export default function ThingListPage() {
  const w = useWords(cw);
  const types = useTypes();
  return (
    <Page title={w('title')} sub={w('sub')} actions={<Halves at="things" />}>
      <Answered of={types} lines={8}>{(found) => <Things types={found} />}</Answered>
    </Page>
  );
}

function Things({ types }: { types: ThingType[] }) {
  const w = useWords(cw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const able = useMay()('catalog:write');
  const [url, setUrl] = useUrlState({ type: '', q: '', tag: '', state: '', do: '' });
  // The type that has the most things is where one looks first.
  const first = [...types].sort((a, b) => b.counts.described + b.counts.seen - (a.counts.described + a.counts.seen))[0];
  const word = url.type || (first?.type ?? 'goods');
  const type = types.find((one) => one.type === word);
  const title = typeTitle(type ?? word, lang);
  const tags = useThingTags();
  const mine = (tags.data ?? []).filter((one) => one.type === word);
  const actions = able && (
    <span className="row wrap">
      <Button type="primary" icon={<FileUp size={14} />} onClick={() => setUrl({ do: 'import' })}>{w('import')}</Button>
      <Button icon={<Plus size={14} />} onClick={() => setUrl({ do: 'new' })}>{w('new')}</Button>
    </span>
  );
  const close = () => setUrl({ do: '' });
  return (
    <>
      <List
        id="things"
        label={title}
        ask={{ key: ['catalog', 'list', word, url.q, url.tag, url.state], fetch: (cursor, signal) => call('GET /catalog/{type}', { path: { type: word }, query: { q: url.q, tag: url.tag, state: (url.state || undefined) as never, cursor }, signal }) }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.thing(word, row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filters={
          <>
            <TypeSelect types={types} word={word} able={able} onChange={(next) => setUrl({ type: next, tag: '', q: '' })} />
            <Select aria-label={c('state')} value={url.state} style={{ minWidth: 120 }} onChange={(state: string) => setUrl({ state })} options={[{ value: '', label: w('any_state') }, ...(['described', 'seen', 'archived'] as const).map((value) => ({ value, label: w(`state_${value}`) }))]} />
            {mine.length > 0 && <TagFilter tags={mine} value={url.tag} onChange={(tag) => setUrl({ tag })} />}
          </>
        }
        tools={
          <>
            {able && <Button icon={<Settings2 size={14} />} onClick={() => setUrl({ do: 'settings' })}>{w('settings')}</Button>}
            {actions}
          </>
        }
        filtered={!!url.q || !!url.tag || !!url.state}
        onClear={() => setUrl({ q: '', tag: '', state: '' })}
        empty={{ title: w('empty', { type: title }), text: w('empty_text'), action: actions }}
        columns={[
          {
            id: 'name',
            title: w('name'),
            fixed: true,
            render: (row) => (
              <div style={{ minWidth: 0 }}>
                <Go className="main-link" to={paths.thing(word, row.id)}>{row.name || row.id}</Go> {row.state === 'seen' ? <Badge tone="warn">{w('state_seen_short')}</Badge> : row.state === 'archived' && <Badge>{w('state_archived')}</Badge>}
                {row.name && <div className="dim small cut"><code>{row.id}</code></div>}
              </div>
            ),
          },
          { id: 'tags', title: w('tags'), render: (row) => <Called values={row.tags} tags={mine} /> },
          { id: 'price', title: w('price'), end: true, phone: false, render: (row) => (row.attributes.price === undefined ? <span className="dim">–</span> : <span className="num">{showAttribute(row.attributes.price)}</span>) },
          { id: 'events', title: w('events'), end: true, render: (row) => <span className="num">{number(row.events, lang)}</span> },
          { id: 'seen', title: w('last_seen'), end: true, phone: false, render: (row) => <Ago at={row.last_seen} /> },
          { id: 'updated', title: c('updated'), end: true, optional: true, render: (row) => <Ago at={row.updated_at} /> },
        ]}
      />
      {type && <p className="dim small">{w('counts', { described: number(type.counts.described, lang), seen: number(type.counts.seen, lang) })}</p>}
      {able && url.do === 'new' && <ThingForm type={word} title={w('form_new', { type: title })} onClose={close} onDone={(id) => go(paths.thing(word, id))} />}
      {able && url.do === 'import' && <ImportDialog type={word} title={w('import_title', { type: title })} onClose={close} />}
      {able && url.do === 'settings' && type && <TypeSettings type={type} onClose={close} />}
    </>
  );
}

function TypeSelect({ types, word, able, onChange }: { types: ThingType[]; word: string; able: boolean; onChange: (word: string) => void }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const [naming, setNaming] = useState(false);
  const known = types.some((one) => one.type === word);
  const options = [
    ...types.map((one) => ({ value: one.type, label: typeTitle(one, lang) })),
    ...(known ? [] : [{ value: word, label: typeTitle(word, lang) }]),
    ...(able ? [{ value: ANOTHER, label: w('type_new') }] : []),
  ];
  return (
    <>
      <Select aria-label={w('type')} value={word} style={{ minWidth: 120 }} onChange={(next: string) => (next === ANOTHER ? setNaming(true) : onChange(next))} options={options} />
      {naming && <NameType onClose={() => setNaming(false)} onChoose={(next) => { setNaming(false); onChange(next); }} />}
    </>
  );
}

function NameType({ onChoose, onClose }: { onChoose: (word: string) => void; onClose: () => void }) {
  const w = useWords(cw);
  const c = useWords(common);
  const [word, setWord] = useState('');
  const fits = /^[\p{L}\p{N}_-]{1,40}$/u.test(word.trim()) && !['types', 'tags'].includes(word.trim());
  return (
    <Modal open title={w('type_new')} onCancel={onClose} footer={null} width={400}>
      <div className="stack">
        <Field label={w('type_word')} help={w('type_word_hint')}>
          <Input value={word} maxLength={40} autoFocus onChange={(event) => setWord(event.target.value)} onPressEnter={() => fits && onChoose(word.trim())} />
        </Field>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={!fits} onClick={() => onChoose(word.trim())}>{c('open')}</Button>
        </div>
      </div>
    </Modal>
  );
}

function TagFilter({ tags, value, onChange }: { tags: ThingTag[]; value: string; onChange: (tag: string) => void }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const options = tags.map((tag) => ({ label: half(tag.title, lang), options: namedValues(tag.rule).map((one) => ({ value: `${tag.name}:${one.value}`, label: `${half(tag.title, lang)}: ${valueText(one.value, tag.rule, lang)}` })) }));
  return <Select aria-label={w('tags')} value={value} style={{ minWidth: 130, maxWidth: 260 }} popupMatchSelectWidth={false} onChange={onChange} options={[{ value: '', label: w('any_tag') }, ...options]} />;
}
