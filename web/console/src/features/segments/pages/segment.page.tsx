// One segment: its condition, its members, how it grew, and why somebody is in.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Input } from 'antd';
import { Archive, Route } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Problem, type Segment, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Avatar, Badge, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ConditionBuilder, faults, rooted, size } from '../../../ui/condition-builder';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { HistoryList, ObjectPage, Panel } from '../../../ui/page';
import { personName } from '../../../ui/person-picker';
import { common } from '../../../ui/words';
import { Explain } from '../parts/explain';
import { Growth } from '../parts/growth';
import { seg } from '../words';

export default function SegmentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['segments', 'one', id], queryFn: () => call('GET /segments/{id}', { path: { id } }), refetchInterval: (query) => (query.state.data?.is_filled === false ? 1500 : false) });
  return asked.data ? <SegmentView key={id} segment={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function SegmentView({ segment }: { segment: Segment }) {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const may = useMay();
  const facts = useFacts();
  const [url, setUrl] = useUrlState({ tab: 'condition', person: '', q: '' });
  const [archiving, setArchiving] = useState(false);
  const saved = useMemo(() => ({ name: segment.name, description: segment.description ?? '', condition: rooted(segment.condition) }), [segment]);
  const [form, setForm] = useState(saved);
  useEffect(() => setForm(saved), [saved]);
  const changed = JSON.stringify(form) !== JSON.stringify(saved);
  const names = { segment: (other: string) => facts.segments.find((one) => one.id === other)?.name };
  const refresh = () => void queries.invalidateQueries({ queryKey: ['segments'] });
  const save = useMutation({
    mutationFn: () => call('PUT /segments/{id}', { path: { id: segment.id }, body: { ...form, name: form.name.trim(), description: form.description || undefined } }),
    onSuccess: () => {
      toast.done(w('saved'));
      refresh();
    },
  });
  const archive = useMutation({
    mutationFn: () => call('POST /segments/{id}:archive', { path: { id: segment.id } }),
    onSuccess: () => {
      setArchiving(false);
      refresh();
    },
  });
  const able = changed && !!form.name.trim() && size(form.condition) > 0 && Object.keys(faults(form.condition)).length === 0;
  return (
    <ObjectPage
      title={segment.name}
      back={{ to: paths.segments, label: w('title') }}
      badge={<StateBadge state={segment.state} />}
      sub={
        <span className="row wrap" style={{ gap: '2px 14px' }}>
          <b style={{ color: 'var(--ink)' }}>{c('people_count', { n: number(segment.count, lang) })}</b>
          {segment.is_filled ? (
            <span>
              {w('as_of')} <Ago at={segment.as_of} />
            </span>
          ) : (
            <Badge tone="info">{w('filling')}</Badge>
          )}
          {segment.description && <span>{segment.description}</span>}
        </span>
      }
      actions={
        <>
          {changed && <Badge tone="warn">{w('unsaved')}</Badge>}
          {changed && <Button onClick={() => setForm(saved)}>{w('discard')}</Button>}
          {changed && (
            <Button type="primary" disabled={!able} loading={save.isPending} onClick={() => save.mutate()}>
              {w('save')}
            </Button>
          )}
          {!changed && segment.state === 'active' && may('segments:write') && (
            <>
              <Button icon={<Route size={14} />} onClick={() => go(paths.journeys, { segment: segment.id })}>
                {w('use_in_journey')}
              </Button>
              <Button icon={<Archive size={14} />} onClick={() => setArchiving(true)}>
                {w('archive')}
              </Button>
            </>
          )}
        </>
      }
      tabs={[
        { id: 'condition', label: w('tab_condition') },
        { id: 'members', label: w('tab_members') },
        { id: 'growth', label: w('tab_growth') },
        { id: 'explain', label: w('tab_explain') },
        { id: 'history', label: w('tab_history') },
      ]}
      tab={url.tab}
      onTab={(tab) => setUrl({ tab })}
    >
      {url.tab === 'condition' && (
        <div className="stack" style={{ maxWidth: 1040 }}>
          {save.error && <ProblemView error={save.error} kept />}
          <div className="cols">
            <Field label={w('name')} wrong={form.name.trim() ? fieldText(save.error, 'name') : w('name_needed')}>
              <Input value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} />
            </Field>
            <Field label={w('description')}>
              <Input value={form.description} onChange={(e) => setForm({ ...form, description: e.target.value })} />
            </Field>
          </div>
          <Panel title={w('who')}>
            <ConditionBuilder value={form.condition} self={segment.id} onChange={(condition) => setForm((was) => ({ ...was, condition: rooted(condition) }))} facts={facts} count={countCondition} refused={save.error instanceof Problem ? save.error.fields : undefined} />
          </Panel>
        </div>
      )}
      {url.tab === 'members' && (
        <List
          id="members"
          label={w('tab_members')}
          ask={{ key: ['segments', segment.id, 'members', url.q], fetch: (cursor, signal) => call('GET /segments/{id}/members', { path: { id: segment.id }, query: { q: url.q, cursor, limit: 50 }, signal }) }}
          search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('members_search') }}
          filtered={!!url.q}
          onClear={() => setUrl({ q: '' })}
          rowKey={(row) => row.person.id}
          rowTo={(row) => paths.person(row.person.id)}
          empty={{ title: w('members_empty'), text: w('members_empty_text') }}
          columns={[
            {
              id: 'who',
              title: w('member'),
              fixed: true,
              render: (row) => (
                <Go className="main-link row" to={paths.person(row.person.id)}>
                  <Avatar name={personName(row.person)} size={22} />
                  {personName(row.person)}
                </Go>
              ),
            },
            { id: 'since', title: w('since'), fixed: true, end: true, render: (row) => <Ago at={row.since} /> },
            { id: 'why', title: '', fixed: true, end: true, render: (row) => <button type="button" className="linkish" onClick={() => setUrl({ tab: 'explain', person: row.person.id })}>{w('why')}</button> },
          ]}
        />
      )}
      {url.tab === 'growth' && <Growth id={segment.id} />}
      {url.tab === 'explain' && <Explain segment={segment} person={url.person} onPerson={(person) => setUrl({ person })} names={names} />}
      {url.tab === 'history' && <SegmentHistory id={segment.id} />}
      <Danger open={archiving} title={w('archive_title', { name: segment.name })} confirm={w('archive')} busy={archive.isPending} error={archive.error} onConfirm={() => archive.mutate()} onClose={() => setArchiving(false)}>
        <p>{w('archive_text')}</p>
      </Danger>
    </ObjectPage>
  );
}

function SegmentHistory({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['segments', id, 'history'], queryFn: () => call('GET /segments/{id}/history', { path: { id }, query: { limit: 500 } }) });
  return <Answered of={asked}>{({ items }) => <HistoryList items={items} />}</Answered>;
}
