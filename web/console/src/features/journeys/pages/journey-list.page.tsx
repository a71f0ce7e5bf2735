// All journeys, and beginning a new one.
import { useMutation } from '@tanstack/react-query';
import { Input, Modal, Radio, Select } from 'antd';
import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Plan, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { jw } from '../words';

export default function JourneyListPage() {
  const w = useWords(jw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '', segment: '', new: '' });
  const [creating, setCreating] = useState(false);
  useEffect(() => {
    if (url.segment || url.new) setCreating(true);
  }, [url.segment, url.new]);
  const create = useMay()('journeys:write') && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => setCreating(true)}>
      {w('new')}
    </Button>
  );
  return (
    <Page title={w('title')} sub={w('sub')} actions={create}>
      <List
        id="journeys"
        label={w('title')}
        ask={{ key: ['journeys', 'list', url.q], fetch: (cursor, signal) => call('GET /journeys', { query: { q: url.q, cursor }, signal }), refetchInterval: 15_000 }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.journey(row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('empty'), text: w('empty_text'), action: create }}
        columns={[
          { id: 'name', title: c('name'), fixed: true, render: (row) => <Go className="main-link" to={paths.journey(row.id)}>{row.name}</Go> },
          { id: 'state', title: c('state'), fixed: true, render: (row) => <span className="row"><StateBadge state={row.state} />{row.version ? <span className="dim small">v{row.version}</span> : null}</span> },
          { id: 'in', title: w('people_in'), end: true, render: (row) => number(row.people_in, lang) },
          { id: 'entered', title: w('entered'), end: true, render: (row) => number(row.entered, lang) },
          { id: 'converted', title: w('converted'), end: true, render: (row) => number(row.converted, lang) },
          { id: 'updated', title: c('updated'), end: true, phone: false, render: (row) => <Ago at={row.updated_at} /> },
        ]}
      />
      <CreateDialog
        open={creating}
        segment={url.segment}
        onClose={() => {
          setCreating(false);
          setUrl({ segment: '', new: '' });
        }}
      />
    </Page>
  );
}

function CreateDialog({ open, segment: given, onClose }: { open: boolean; segment: string; onClose: () => void }) {
  const w = useWords(jw);
  const c = useWords(common);
  const go = useGo();
  const facts = useFacts();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'tested' | 'blank'>('tested');
  const [segment, setSegment] = useState(given);
  const [tried, setTried] = useState(false);
  useEffect(() => setSegment(given), [given]);
  const create = useMutation({
    mutationFn: () => call('POST /journeys', { body: { name: name.trim(), plan: beginning(kind, segment, { arm: w('treated'), control: w('control') }, facts.events.map((one) => one.name)) } }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['journeys'] });
      go(paths.journey(made.id));
    },
  });
  return (
    <Modal open={open} title={w('new')} onCancel={onClose} footer={null} width={520} destroyOnHidden>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim()) create.mutate();
        }}
      >
        <Field label={w('create_name')} wrong={tried && !name.trim() ? w('name_needed') : null}>
          <Input value={name} placeholder={w('create_name_placeholder')} onChange={(e) => setName(e.target.value)} autoFocus />
        </Field>
        <Field label={w('create_segment')}>
          <Select value={segment || undefined} allowClear placeholder={w('create_segment_later')} onChange={(next?: string) => setSegment(next ?? '')} options={facts.segments.map((one) => ({ value: one.id, label: one.name }))} />
        </Field>
        <div className="field">
          <div className="label">{w('create_from')}</div>
          <Radio.Group value={kind} onChange={(e) => setKind(e.target.value as 'tested')}>
            {(['tested', 'blank'] as const).map((one) => (
              <Radio key={one} value={one} style={{ display: 'flex', marginBottom: 6 }}>
                {w(`start_${one}`)}
                <div className="dim small" style={{ whiteSpace: 'normal' }}>{w(`start_${one}_text`)}</div>
              </Radio>
            ))}
          </Radio.Group>
        </div>
        {create.error && <ProblemView error={create.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={create.isPending}>
            {w('create')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const ORDERS = ['purchase', 'order_completed', 'Order Completed', 'order_paid', 'order'];

function beginning(kind: 'tested' | 'blank', segment: string, names: { arm: string; control: string }, events: string[]): Plan {
  const bought = ORDERS.find((name) => events.includes(name)) ?? '';
  const base: Plan = { entry: { segment, include_present: true }, reentry: 'never', goal: bought ? { event: { name: bought }, within: '14d', exit: true } : null, nodes: [], start: null };
  if (kind === 'blank') return base;
  return {
    ...base,
    start: 'n1',
    nodes: [
      { id: 'n1', type: 'split', arms: [{ key: 'a', name: names.arm, weight: 80, control: false, next: 'n2' }, { key: 'control', name: names.control, weight: 20, control: true, next: null }] },
      { id: 'n2', type: 'send', channel: 'email', template: '', purpose: 'marketing', next: 'n3' },
      { id: 'n3', type: 'wait', for: '7d', next: 'n4' },
      { id: 'n4', type: 'exit' },
    ],
  };
}
