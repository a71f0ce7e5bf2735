// One segment: its condition or its list, its members, their portrait, how it grew, and why somebody is in.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ConfigProvider, Dropdown, Input } from 'antd';
import { MoreHorizontal, Route } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Problem, type Segment, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ConditionBuilder, faults, namesOf, rooted, size } from '../../../ui/condition-builder';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { HandOver, OwnerName } from '../../../ui/owner';
import { HistoryList, ObjectPage, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { hasRule } from '../logic/types';
import { SegmentBadges } from '../parts/badges';
import { CombineDialog } from '../parts/combine-dialog';
import { Explain } from '../parts/explain';
import { Growth } from '../parts/growth';
import { Members } from '../parts/members';
import { PoolDialog } from '../parts/pool-choice';
import { PortraitTab } from '../parts/portrait/portrait-tab';
import { SampleShare } from '../parts/sample-share';
import { ShareDialog } from '../parts/share-dialog';
import { pw } from '../portrait-words';
import '../segments.css';
import { seg } from '../words';

export default function SegmentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['segments', 'one', id], queryFn: () => call('GET /segments/{id}', { path: { id } }), refetchInterval: (query) => (query.state.data?.is_filled === false ? 1500 : false) });
  return asked.data ? <SegmentView key={id} segment={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function SegmentView({ segment }: { segment: Segment }) {
  const w = useWords(seg);
  const p = useWords(pw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const may = useMay();
  const facts = useFacts();
  const rule = hasRule(segment) ? segment : null;
  const start = rule ? 'condition' : 'members';
  const [url, setUrl] = useUrlState({ tab: '', person: '', q: '', portrait: '', against: '' });
  const tab = url.tab || start;
  const [asking, setAsking] = useState<'archive' | 'combine' | 'share' | 'hand_over' | 'pool' | null>(null);
  const close = () => setAsking(null);
  const saved = useMemo(
    () => ({ name: segment.name, description: segment.description ?? '', condition: segment.condition ? rooted(segment.condition) : null, percent: segment.sample?.percent ?? null }),
    [segment],
  );
  const [form, setForm] = useState(saved);
  useEffect(() => setForm(saved), [saved]);
  const changed = JSON.stringify(form) !== JSON.stringify(saved);
  const names = namesOf(facts);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['segments'] });
  // Untouched, it goes back as it came: a change of the name is no change of the condition.
  const condition = (form.condition === saved.condition ? segment.condition : form.condition) ?? undefined;
  const save = useMutation({
    mutationFn: () => call('PUT /segments/{id}', { path: { id: segment.id }, body: { name: form.name.trim(), description: form.description || undefined, ...(form.condition ? { condition } : {}), ...(form.percent ? { sample: { percent: form.percent } } : {}) } }),
    onSuccess: () => {
      toast.done(w('saved'));
      refresh();
    },
  });
  const archive = useMutation({
    mutationFn: () => call('POST /segments/{id}:archive', { path: { id: segment.id } }),
    onSuccess: () => {
      close();
      refresh();
    },
  });
  const handOver = useMutation({
    mutationFn: (owner: string) => call('POST /segments/{id}:hand_over', { path: { id: segment.id }, body: { owner } }),
    onSuccess: (after) => {
      toast.done(c('handed_over'));
      close();
      // Who is shut out by it has nothing left to look at here.
      if (after.right === 'none') go(paths.segments);
      refresh();
    },
  });
  const whole = (form.condition === null || (size(form.condition) > 0 && Object.keys(faults(form.condition)).length === 0)) && (!segment.sample || !!form.percent);
  const able = changed && !!form.name.trim() && whole;
  const maker = segment.state === 'active' && may('segments:write');
  const active = maker && segment.right !== 'read';
  const owns = may('segments:write') && segment.right === 'own';
  const more = [
    { key: 'combine', label: w('combine'), shown: maker, run: () => setAsking('combine') },
    { key: 'overlap', label: w('overlap'), shown: true, run: () => go(paths.segmentOverlap, { ids: segment.id }) },
    { key: 'snapshot', label: w('snapshot'), shown: maker, run: () => go(paths.segmentNew, { kind: 'list', start: 'snapshot', of: segment.id }) },
    { key: 'pool', label: w('pool'), shown: active, run: () => setAsking('pool') },
    { key: 'share', label: w('share'), shown: owns, run: () => setAsking('share') },
    { key: 'hand_over', label: c('hand_over'), shown: owns, run: () => setAsking('hand_over') },
    { key: 'archive', label: w('archive'), shown: active, run: () => setAsking('archive') },
  ].filter((one) => one.shown);
  return (
    <ObjectPage
      title={segment.name}
      back={{ to: paths.segments, label: w('title') }}
      badge={
        <>
          <SegmentBadges segment={segment} />
          <StateBadge state={segment.state} />
          {segment.right === 'read' && <Badge>{c('read_only')}</Badge>}
        </>
      }
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
          <span>{c('owner')} <OwnerName of={segment} /></span>
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
          {!changed && (maker || owns) && (
            <>
              <Button icon={<Route size={14} />} onClick={() => go(paths.journeys, { segment: segment.id })}>
                {w('use_in_journey')}
              </Button>
              <Dropdown autoFocus trigger={['click']} menu={{ items: more.map(({ key, label }) => ({ key, label, danger: key === 'archive' })), onClick: ({ key }) => more.find((one) => one.key === key)?.run() }}>
                <Button icon={<MoreHorizontal size={14} />}>{w('more')}</Button>
              </Dropdown>
            </>
          )}
        </>
      }
      tabs={[
        ...(rule ? [{ id: 'condition', label: w('tab_condition') }] : []),
        { id: 'members', label: w('tab_members') },
        { id: 'portrait', label: p('tab') },
        { id: 'growth', label: w('tab_growth') },
        ...(rule ? [{ id: 'explain', label: w('tab_explain') }] : [{ id: 'settings', label: w('tab_settings') }]),
        { id: 'history', label: w('tab_history') },
      ]}
      tab={tab}
      onTab={(next) => setUrl({ tab: next === start ? '' : next })}
    >
      {(tab === 'condition' || tab === 'settings') && (
        <div className="stack" style={{ maxWidth: 1040 }}>
          {save.error && <ProblemView error={save.error} kept />}
          <ConfigProvider componentDisabled={!active}>
            <div className="cols">
              <Field label={w('name')} wrong={form.name.trim() ? fieldText(save.error, 'name') : w('name_needed')}>
                <Input value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} />
              </Field>
              <Field label={w('description')}>
                <Input value={form.description} onChange={(e) => setForm({ ...form, description: e.target.value })} />
              </Field>
            </div>
            {segment.sample && <SampleShare value={form.percent} onChange={(percent) => setForm({ ...form, percent })} wrong={form.percent ? fieldText(save.error, 'sample.percent') : w('sample_needed')} />}
            {form.condition && (
              <Panel title={w('who')}>
                <ConditionBuilder value={form.condition} self={segment.id} onChange={(condition) => setForm((was) => ({ ...was, condition: rooted(condition) }))} facts={facts} count={countCondition} refused={save.error instanceof Problem ? save.error.fields : undefined} />
              </Panel>
            )}
          </ConfigProvider>
        </div>
      )}
      {tab === 'members' && <Members segment={segment} able={active} q={url.q} onSearch={(q) => setUrl({ q })} onWhy={(person) => setUrl({ tab: 'explain', person })} />}
      {tab === 'portrait' && <PortraitTab segment={segment} able={maker} shown={url.portrait} against={url.against} onShow={(portrait) => setUrl({ portrait })} onAgainst={(against) => setUrl({ against })} />}
      {tab === 'growth' && <Growth id={segment.id} />}
      {tab === 'explain' && rule && <Explain segment={rule} person={url.person} onPerson={(person) => setUrl({ person })} names={names} />}
      {tab === 'history' && <SegmentHistory id={segment.id} />}
      <Danger open={asking === 'archive'} title={w('archive_title', { name: segment.name })} confirm={w('archive')} busy={archive.isPending} error={archive.error} onConfirm={() => archive.mutate()} onClose={close}>
        <p>{w('archive_text')}</p>
      </Danger>
      {asking === 'combine' && <CombineDialog with={segment.id} onClose={close} />}
      {asking === 'share' && <ShareDialog segment={segment} onClose={close} />}
      {asking === 'pool' && <PoolDialog segment={segment} onClose={close} />}
      {asking === 'hand_over' && <HandOver name={segment.name} owner={segment.owner} busy={handOver.isPending} error={handOver.error} onConfirm={handOver.mutate} onClose={close} />}
    </ObjectPage>
  );
}

function SegmentHistory({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['segments', id, 'history'], queryFn: () => call('GET /segments/{id}/history', { path: { id }, query: { limit: 500 } }) });
  return <Answered of={asked}>{({ items }) => <HistoryList items={items} />}</Answered>;
}
