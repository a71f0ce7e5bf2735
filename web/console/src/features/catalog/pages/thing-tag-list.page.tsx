// Tags of things, with how many are called what; and where new ones begin.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Input, Modal, Select } from 'antd';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type ThingTag, type ThingTagRule, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { OwnerName } from '../../../ui/owner';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { refreshCatalog, useTypes } from '../logic/queries';
import { emptyRule, freeName, isWhole, kindOf, templateTitle } from '../logic/rule';
import { typeTitle, valueText } from '../logic/things';
import { RuleEditor } from '../parts/rule-editor';
import { Halves } from '../parts/switch';
import '../catalog.css';
import { cw } from '../words';

/** Values shown in a line. */
const SHOWN = 4;

export default function ThingTagListPage() {
  const w = useWords(cw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '', new: '' });
  const able = useMay()('catalog:write');
  const types = useTypes();
  const create = able && <Button type="primary" icon={<Plus size={14} />} onClick={() => setUrl({ new: '1' })}>{w('tag_new')}</Button>;
  const titleOf = (word: string) => typeTitle(types.data?.find((one) => one.type === word) ?? word, lang);
  return (
    <Page title={w('title')} sub={w('tags_sub')} actions={<Halves at="tags" />}>
      <List
        id="thing-tags"
        label={w('tab_tags')}
        ask={{ key: ['catalog', 'tags', 'list', url.q], fetch: (cursor, signal) => call('GET /catalog/tags', { query: { q: url.q, cursor }, signal }) }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.thingTag(row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('tags_search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('tags_empty'), text: w('tags_empty_text'), action: create }}
        tools={create}
        columns={[
          {
            id: 'title',
            title: c('name'),
            fixed: true,
            render: (row) => (
              <div>
                <Go className="main-link" to={paths.thingTag(row.id)}>{half(row.title, lang)}</Go> <code className="dim">{row.name}</code>
                {row.description && <div className="dim small cut" style={{ maxWidth: 380 }}>{row.description}</div>}
              </div>
            ),
          },
          { id: 'type', title: w('type'), render: (row) => titleOf(row.type) },
          { id: 'kind', title: w('kind'), phone: false, render: (row) => <Badge>{w(`kind_${kindOf(row.rule)}`)}</Badge> },
          { id: 'called', title: w('called'), render: (row) => <InShort tag={row} /> },
          { id: 'state', title: c('state'), phone: false, render: (row) => <StateBadge state={row.state} /> },
          { id: 'owner', title: c('owner'), optional: true, phone: false, render: (row) => <OwnerName of={row} /> },
          { id: 'updated', title: c('updated'), end: true, phone: false, render: (row) => <Ago at={row.updated_at} /> },
        ]}
      />
      {url.new && able && <NewTag onClose={() => setUrl({ new: '' })} />}
    </Page>
  );
}

function InShort({ tag }: { tag: ThingTag }) {
  const w = useWords(cw);
  const lang = useLanguage();
  if (!tag.is_filled) return <span className="dim">{w('filling')}</span>;
  if (tag.values.length === 0) return <span className="dim">–</span>;
  return <span className="soft small">{tag.values.slice(0, SHOWN).map((one) => `${valueText(one.value, tag.rule, lang)} ${number(one.count, lang)}`).join(' · ')}</span>;
}

type Start = { name: string; type: string; title: string; category: string; rule: ThingTagRule };
const OWN = ['ladder', 'share', 'hand'] as const;

function NewTag({ onClose }: { onClose: () => void }) {
  const w = useWords(cw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const fieldText = useFieldText();
  const types = useTypes();
  const templates = useQuery({ queryKey: ['catalog', 'tags', 'templates'], queryFn: () => call('GET /catalog/tags/templates').then((answer) => answer.items) });
  const taken = useQuery({ queryKey: ['catalog', 'tags', 'names'], queryFn: () => call('GET /catalog/tags', { query: { limit: 500 } }).then((answer) => new Set(answer.items.map((one) => one.name))) });
  const [from, setFrom] = useState('');
  const [start, setStart] = useState<Start | null>(null);
  // A ready rule is changed on the tag's page; one's own is written before anything is called by it.
  const own = OWN.find((one) => one === from);
  const choose = (id: string) => {
    setFrom(id);
    const kind = OWN.find((one) => one === id);
    const template = templates.data?.find((one) => one.name === id);
    if (kind) setStart({ name: '', type: 'goods', title: '', category: '', rule: emptyRule(kind) });
    else if (template) setStart({ name: freeName(template.name, taken.data ?? new Set()), type: template.type, title: templateTitle(template, lang), category: template.category, rule: template.rule });
  };
  const create = useMutation({
    mutationFn: () => call('POST /catalog/tags', { body: { ...start!, owner: '', description: '' } }),
    onSuccess: (tag) => {
      refreshCatalog();
      go(paths.thingTag(tag.id));
    },
  });
  return (
    <Modal open title={w('tag_new')} onCancel={onClose} footer={null} width={own ? 820 : 520}>
      <div className="stack">
        <Field label={w('from')}>
          <Select aria-label={w('from')} value={from || undefined} onChange={choose} style={{ width: '100%' }} options={[...(templates.data ?? []).map((one) => ({ value: one.name, label: templateTitle(one, lang) })), ...OWN.map((value) => ({ value, label: w(`own_${value}`) }))]} />
        </Field>
        {start && (
          <>
            <div className="cols">
              <Field label={w('tag_title')} wrong={fieldText(create.error, 'title')}>
                <Input value={start.title} maxLength={100} onChange={(event) => setStart({ ...start, title: event.target.value })} />
              </Field>
              <Field label={w('type')} wrong={fieldText(create.error, 'type')}>
                <Select aria-label={w('type')} value={start.type} onChange={(type: string) => setStart({ ...start, type })} options={(types.data ?? []).map((one) => ({ value: one.type, label: typeTitle(one, lang) }))} />
              </Field>
              <Field label={w('word')} help={w('word_hint')} wrong={fieldText(create.error, 'name')}>
                <Input value={start.name} maxLength={64} onChange={(event) => setStart({ ...start, name: event.target.value })} />
              </Field>
              <Field label={w('category')}>
                <Input value={start.category} maxLength={64} onChange={(event) => setStart({ ...start, category: event.target.value })} />
              </Field>
            </div>
            {own && <RuleEditor type={start.type} rule={start.rule} able onChange={(rule) => setStart((was) => was && { ...was, rule })} fault={(path) => fieldText(create.error, path)} />}
          </>
        )}
        {create.error && <ProblemView error={create.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={!start?.title.trim() || !start.name.trim() || !isWhole(start.rule)} loading={create.isPending} onClick={() => create.mutate()}>{w('create')}</Button>
        </div>
      </div>
    </Modal>
  );
}
