// All tags, with how many people have them; and where new ones begin.
import { Input, Modal, Select } from 'antd';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type TagRule, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { OwnerFilter, OwnerName } from '../../../ui/owner';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { emptyHand, emptyLadder, emptyStatistic, freeName, isWhole, kindOf, titleOf } from '../logic/rule';
import { RuleEditor } from '../parts/rule-editor';
import { tw } from '../words';

export default function TagListPage() {
  const w = useWords(tw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '', owner: '', new: '' });
  const able = useMay()('tags:write');
  const create = able && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => setUrl({ new: '1' })}>
      {w('new')}
    </Button>
  );
  return (
    <Page title={w('title')} sub={w('sub')} actions={create}>
      <List
        id="tags"
        label={w('title')}
        ask={{ key: ['tags', 'list', url.q, url.owner], fetch: (cursor, signal) => call('GET /tags', { query: { q: url.q, owner: url.owner, cursor }, signal }) }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.tag(row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filters={<OwnerFilter value={url.owner} onChange={(owner) => setUrl({ owner })} />}
        filtered={!!url.q || !!url.owner}
        onClear={() => setUrl({ q: '', owner: '' })}
        empty={{ title: w('empty'), text: w('empty_text'), action: create }}
        columns={[
          {
            id: 'title',
            title: c('name'),
            fixed: true,
            render: (row) => (
              <div>
                <Go className="main-link" to={paths.tag(row.id)}>{half(row.title, lang)}</Go> <code className="dim">{row.name}</code>
                {row.description && <div className="dim small cut" style={{ maxWidth: 380 }}>{row.description}</div>}
              </div>
            ),
          },
          { id: 'category', title: w('category'), phone: false, render: (row) => (row.rule.assigned?.by === 'model' ? w('by_model') : row.category) || <span className="dim">–</span> },
          { id: 'kind', title: w('kind'), render: (row) => <Badge>{w(kindOf(row.rule))}</Badge> },
          { id: 'tagged', title: w('tagged'), end: true, render: (row) => (row.is_filled ? <b>{number(row.tagged, lang)}</b> : <span className="dim">{w('filling')}</span>) },
          { id: 'state', title: c('state'), render: (row) => <StateBadge state={row.state} /> },
          { id: 'owner', title: c('owner'), phone: false, render: (row) => <OwnerName of={row} /> },
          { id: 'updated', title: c('updated'), end: true, phone: false, render: (row) => <Ago at={row.updated_at} /> },
        ]}
      />
      {url.new && able && <NewTag onClose={() => setUrl({ new: '' })} />}
    </Page>
  );
}

/** Rules of one's own, from nothing. */
const OWN = { ladder: emptyLadder, statistic: emptyStatistic, hand: emptyHand };

type Start = { name: string; title: string; category: string; rule: TagRule };

function NewTag({ onClose }: { onClose: () => void }) {
  const w = useWords(tw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const fieldText = useFieldText();
  const templates = useQuery({ queryKey: ['tags', 'templates'], queryFn: () => call('GET /tags/templates').then((answer) => answer.items) });
  const taken = useQuery({ queryKey: ['tags', 'all'], queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => new Set(answer.items.map((one) => one.name))) });
  const [from, setFrom] = useState('');
  const [start, setStart] = useState<Start | null>(null);
  // A ready rule is changed on the tag's page; one's own is written before anybody is called by it.
  const isOwn = from in OWN;
  const choose = (id: string) => {
    setFrom(id);
    const template = templates.data?.find((one) => one.name === id);
    if (template) setStart({ name: freeName(template.name, taken.data ?? new Set()), title: titleOf(template, lang), category: template.category, rule: template.rule });
    else setStart({ name: '', title: '', category: '', rule: OWN[id as keyof typeof OWN]() });
  };
  const create = useMutation({
    mutationFn: () => call('POST /tags', { body: start! }),
    onSuccess: (tag) => {
      void queries.invalidateQueries({ queryKey: ['tags'] });
      go(paths.tag(tag.id));
    },
  });
  return (
    <Modal open title={w('new')} onCancel={onClose} footer={null} width={isOwn ? 900 : 520}>
      <div className="stack">
        <Field label={w('from')}>
          <Select
            aria-label={w('from')}
            value={from || undefined}
            onChange={choose}
            style={{ width: '100%' }}
            options={[...(templates.data ?? []).map((one) => ({ value: one.name, label: titleOf(one, lang) })), { value: 'ladder', label: w('own_ladder') }, { value: 'statistic', label: w('own_statistic') }, { value: 'hand', label: w('own_hand') }]}
          />
        </Field>
        {start && (
          <>
            <Field label={w('name')} wrong={fieldText(create.error, 'title')}>
              <Input value={start.title} maxLength={100} onChange={(event) => setStart({ ...start, title: event.target.value })} />
            </Field>
            <Field label={w('word')} help={w('word_hint')} wrong={fieldText(create.error, 'name')}>
              <Input value={start.name} maxLength={64} onChange={(event) => setStart({ ...start, name: event.target.value })} />
            </Field>
            <Field label={w('category')}>
              <Input value={start.category} maxLength={64} onChange={(event) => setStart({ ...start, category: event.target.value })} />
            </Field>
            {isOwn && <RuleEditor rule={start.rule} able onChange={(rule) => setStart((was) => was && { ...was, rule })} fault={(path) => fieldText(create.error, path)} />}
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
