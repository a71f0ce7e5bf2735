// One model: what it found, how it is set, when it ran.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Archive, Play, Tag } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Problem, call } from '../../../lib/api';
import type { Draft, Model, RunError } from '../../../lib/api/models';
import { dateTime, duration, number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useActorName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Empty, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useProblemText, useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { List } from '../../../ui/list';
import { HistoryList, ObjectPage } from '../../../ui/page';
import { common } from '../../../ui/words';
import { draftFrom, lacks } from '../logic/drafts';
import { DraftForm } from '../parts/draft-form';
import { RunProgress } from '../parts/progress';
import { ResultView } from '../parts/results';
import { rw } from '../result-words';
import { mw } from '../words';

export default function ModelPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['models', 'one', id], queryFn: () => call('GET /models/{id}', { path: { id } }), refetchInterval: (query) => (query.state.data?.progress ? 1_000 : false) });
  return asked.data ? <ModelView key={id} model={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

const refresh = () => void queries.invalidateQueries({ queryKey: ['models'] });

function ModelView({ model }: { model: Model }) {
  const w = useWords(mw);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const able = useMay()('models:write') && model.state === 'active';
  const [url, setUrl] = useUrlState({ tab: 'result', run: '' });
  const [archiving, setArchiving] = useState(false);
  const saved = useMemo(() => draftFrom(model), [model.version, model.updated_at]);
  const [form, setForm] = useState<Draft>(saved);
  useEffect(() => setForm(saved), [saved]);
  const changed = JSON.stringify(form) !== JSON.stringify(saved);
  const guard = useLeaveGuard(changed);
  // The tag's people and everything built on them are other ones once a run has ended.
  const running = !!model.progress;
  useEffect(() => {
    if (!running) for (const key of ['tags', 'segments']) void queries.invalidateQueries({ queryKey: [key] });
  }, [running]);
  const save = useMutation({
    mutationFn: () => call('PUT /models/{id}', { path: { id: model.id }, body: { ...form, title: form.title.trim() } as Draft }),
    onSuccess: () => {
      toast.done(w('saved'));
      refresh();
    },
  });
  const run = useMutation({
    mutationFn: () => call('POST /models/{id}:run', { path: { id: model.id } }),
    onSuccess: () => {
      toast.done(w('started'));
      setUrl({ tab: 'result', run: '' });
      refresh();
    },
    onError: toast.failed,
  });
  const archive = useMutation({
    mutationFn: () => call('POST /models/{id}:archive', { path: { id: model.id } }),
    onSuccess: () => {
      setArchiving(false);
      refresh();
    },
  });
  return (
    <ObjectPage
      title={model.title}
      back={{ to: paths.models, label: w('title') }}
      badge={<><StateBadge state={model.state} /><Badge>{w(`kind_${model.kind}`)}</Badge></>}
      sub={
        <span className="row wrap" style={{ gap: '2px 14px' }}>
          <Go to={paths.tag(model.tag)} className="row" style={{ gap: 4 }}><Tag size={12} aria-hidden />{model.name}</Go>
          {model.last_run?.state === 'done' && <b style={{ color: 'var(--ink)' }}>{c('people_count', { n: number(model.last_run.people, lang) })}</b>}
          {model.last_run && <span>{w('last_run')} <Ago at={model.last_run.finished_at} /></span>}
          {model.every !== 'never' && <span>{w(`every_${model.every}`)}</span>}
          {model.description && <span>{model.description}</span>}
        </span>
      }
      actions={
        able && (
          <>
            {changed && <Badge tone="warn">{w('unsaved')}</Badge>}
            {changed && <Button onClick={() => setForm(saved)}>{w('discard')}</Button>}
            {changed && <Button type="primary" disabled={lacks(form).length > 0} loading={save.isPending} onClick={() => save.mutate()}>{w('save')}</Button>}
            {!changed && !running && <Button type={model.last_run ? 'default' : 'primary'} icon={<Play size={14} />} loading={run.isPending} onClick={() => run.mutate()}>{w(model.last_run ? 'run' : 'run_first')}</Button>}
            {!changed && <Button icon={<Archive size={14} />} onClick={() => setArchiving(true)}>{w('archive')}</Button>}
          </>
        )
      }
      tabs={(['result', 'settings', 'runs', 'history'] as const).map((id) => ({ id, label: w(`tab_${id}`) }))}
      tab={url.tab}
      onTab={(tab) => setUrl({ tab, run: '' })}
    >
      {guard.question}
      <div className="stack loose">
        {model.progress && <RunProgress model={model} progress={model.progress} able={able} />}
        {url.tab === 'result' && (url.run ? <OldResult model={model} run={url.run} onLatest={() => setUrl({ run: '' })} /> : <LatestResult model={model} able={able} />)}
        {url.tab === 'settings' && (
          <div className="stack" style={{ maxWidth: 1040 }}>
            {save.error && <ProblemView error={save.error} kept />}
            <DraftForm draft={form} onChange={setForm} able={able} tried error={save.error} open />
          </div>
        )}
        {url.tab === 'runs' && <Runs model={model} onSee={(run) => setUrl({ tab: 'result', run })} />}
        {url.tab === 'history' && <ModelHistory id={model.id} />}
      </div>
      <Danger open={archiving} title={w('archive_title', { name: model.title })} confirm={w('archive')} busy={archive.isPending} error={archive.error} onConfirm={() => archive.mutate()} onClose={() => setArchiving(false)}>
        <p>{w('archive_text')}</p>
      </Danger>
    </ObjectPage>
  );
}

function LatestResult({ model, able }: { model: Model; able: boolean }) {
  const w = useWords(mw);
  const r = useWords(rw);
  const toast = useToast();
  // A run that failed says so; the result beside it is that of the last good one, which the tag still holds.
  const last = model.last_run;
  const rename = useMutation({
    mutationFn: ({ value, name }: { value: string; name: string }) => {
      if (model.kind !== 'clusters') throw new Error('only clusters are named');
      return call('PUT /models/{id}', { path: { id: model.id }, body: { ...draftFrom(model), settings: { ...model.settings, names: { ...model.settings.names, [value]: name } } } as Draft });
    },
    onSuccess: () => {
      toast.done(r('cluster_named'));
      refresh();
    },
    onError: toast.failed,
  });
  const result = last?.result;
  return (
    <>
      {!model.progress && last && last.state !== 'done' && (
        <div className={`note-box ${last.state === 'failed' ? 'warn' : 'plain'}`}>
          <strong>{w(last.state === 'failed' ? 'last_failed' : 'last_cancelled')}</strong>
          {last.error && <WhyNot error={last.error} />}
        </div>
      )}
      {result ? (
        <ResultView model={model} result={result} onName={able && model.kind === 'clusters' ? (value, name) => rename.mutate({ value, name }) : undefined} />
      ) : (
        <Empty title={w('result_none')} text={w(model.progress ? 'result_soon' : 'result_none_text')} />
      )}
    </>
  );
}

function OldResult({ model, run, onLatest }: { model: Model; run: string; onLatest: () => void }) {
  const w = useWords(mw);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['models', model.id, 'run', run], queryFn: () => call('GET /models/{id}/runs/{run}', { path: { id: model.id, run } }) });
  return (
    <Answered of={asked} lines={8}>
      {(found) => (
        <>
          <div className="note-box plain row wrap">
            <span>{w('result_of', { time: dateTime(found.finished_at, lang) })}</span>
            <button type="button" className="linkish" onClick={onLatest}>{w('result_latest')}</button>
          </div>
          {found.result ? <ResultView model={model} result={found.result} /> : <Empty title={w('result_none')} text={found.error && <WhyNot error={found.error} />} />}
        </>
      )}
    </Answered>
  );
}

function Runs({ model, onSee }: { model: Model; onSee: (run: string) => void }) {
  const w = useWords(mw);
  const c = useWords(common);
  const lang = useLanguage();
  const actor = useActorName();
  return (
    <List
      id="model-runs"
      label={w('tab_runs')}
      ask={{ key: ['models', model.id, 'runs', model.last_run?.id], fetch: (cursor, signal) => call('GET /models/{id}/runs', { path: { id: model.id }, query: { cursor, limit: 50 }, signal }) }}
      rowKey={(row) => row.id}
      empty={{ title: w('runs_empty') }}
      columns={[
        { id: 'started', title: w('run_started'), fixed: true, render: (row) => dateTime(row.started_at, lang) },
        { id: 'state', title: c('state'), fixed: true, render: (row) => <span className="row wrap" style={{ gap: '2px 8px' }}><StateBadge state={row.state} />{row.error && <WhyNot error={row.error} />}</span> },
        { id: 'took', title: w('run_took'), end: true, render: (row) => duration(new Date(row.finished_at).getTime() - new Date(row.started_at).getTime(), lang) },
        { id: 'people', title: w('people'), end: true, render: (row) => number(row.people, lang) },
        { id: 'tagged', title: w('tagged'), end: true, render: (row) => number(row.tagged, lang) },
        { id: 'by', title: w('run_by'), phone: false, render: (row) => actor(row.started_by) },
        { id: 'see', title: '', fixed: true, end: true, render: (row) => row.state === 'done' && <button type="button" className="linkish" onClick={() => onSee(row.id)}>{w('see')}</button> },
      ]}
    />
  );
}

/** What went wrong, in the reader's words. */
function WhyNot({ error: { code, detail, params } }: { error: RunError }) {
  const text = useProblemText();
  return <span className="small" title={detail}>{text(new Problem(code, 0, detail, {}, params))}</span>;
}

function ModelHistory({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['models', id, 'history'], queryFn: () => call('GET /models/{id}/history', { path: { id }, query: { limit: 500 } }) });
  return <Answered of={asked}>{({ items }) => <HistoryList items={items} />}</Answered>;
}
