// One journey: canvas, people, results, history; its buttons always in sight.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { CircleStop, Copy, Pause, Play, Rocket } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Journey, type Plan, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Badge, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { HistoryList, PageHead, Tabs } from '../../../ui/page';
import { useUndo } from '../../../ui/use-undo';
import { serverFaults, validate } from '../logic/validate';
import { Editor } from '../parts/editor';
import type { CardNames } from '../parts/node-card';
import { PeopleTab } from '../parts/people-tab';
import { placed } from '../parts/plan-canvas';
import { PublishDialog } from '../parts/publish-dialog';
import { ResultsTab } from '../parts/results-tab';
import { jw } from '../words';

export default function JourneyPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['journeys', 'one', id], queryFn: () => call('GET /journeys/{id}', { path: { id } }) });
  return asked.data ? <JourneyView key={id} journey={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function JourneyView({ journey }: { journey: Journey }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const may = useMay();
  const facts = useFacts();
  const [url, setUrl] = useUrlState({ tab: 'canvas' });
  const [name, setName] = useState(journey.name);
  const draft = useUndo<Plan>(useMemo(() => placed(journey.draft), []));
  const [publishing, setPublishing] = useState(false);
  const [stopping, setStopping] = useState(false);
  const [refused, setRefused] = useState<{ [path: string]: string }>({});
  const templates = useQuery({ queryKey: ['templates', 'all'], staleTime: 15_000, queryFn: () => call('GET /templates', { query: { limit: 200 } }).then((answer) => answer.items) });
  const names = useMemo<CardNames>(
    () => ({ template: (id) => templates.data?.find((one) => one.id === id)?.name, segment: (id) => facts.segments.find((one) => one.id === id)?.name }),
    [templates.data, facts.segments],
  );
  const put = (next: Journey) => {
    queries.setQueryData(['journeys', 'one', journey.id], next);
    void queries.invalidateQueries({ queryKey: ['journeys', 'list'] });
    void queries.invalidateQueries({ queryKey: ['journeys', journey.id] });
  };

  const saving = useAutosave(journey, name, draft.value, put);
  const faults = useMemo(() => [...validate(draft.value), ...serverFaults(refused)], [draft.value, refused]);
  useEffect(() => setRefused({}), [draft.value]);
  const grave = faults.filter((one) => one.grave).length;

  const turn = useMutation({
    mutationFn: (verb: 'pause' | 'resume' | 'stop') => call(`POST /journeys/{id}:${verb}`, { path: { id: journey.id } }),
    onSuccess: (next) => {
      setStopping(false);
      put(next);
    },
    onError: toast.failed,
  });
  const duplicate = useMutation({
    mutationFn: () => call('POST /journeys/{id}:duplicate', { path: { id: journey.id } }),
    onSuccess: (made) => {
      toast.done(w('duplicated'));
      void queries.invalidateQueries({ queryKey: ['journeys'] });
      go(paths.journey(made.id));
    },
    onError: toast.failed,
  });
  const counts = useQuery({ queryKey: ['journeys', journey.id, 'counts'], enabled: stopping, queryFn: () => call('GET /journeys/{id}/counts', { path: { id: journey.id } }) });
  const inside = Object.values(counts.data?.nodes ?? {}).reduce((sum, one) => sum + one.in, 0);
  const changed = !journey.published || journey.has_unpublished_changes || draft.canUndo;

  const head = (
    <PageHead
      title={name || journey.name}
      back={{ to: paths.journeys, label: w('title') }}
      badge={
        <>
          <StateBadge state={journey.state} />
          {journey.version ? <span className="dim small">v{journey.version}</span> : null}
          {!may('journeys:write') && <Badge>{w('read_only')}</Badge>}
          <span className="dim small" aria-live="polite">
            {saving.state === 'saving' ? w('saving') : saving.state === 'saved' ? w('saved') : saving.state === 'failed' ? <span style={{ color: 'var(--bad)' }}>{w('save_failed')}</span> : ''}
          </span>
        </>
      }
      actions={
        <>
          {may('journeys:publish') && journey.state === 'running' && (
            <Button icon={<Pause size={14} />} loading={turn.isPending && turn.variables === 'pause'} onClick={() => turn.mutate('pause')}>
              {w('pause')}
            </Button>
          )}
          {may('journeys:publish') && journey.state === 'paused' && (
            <Button icon={<Play size={14} />} loading={turn.isPending && turn.variables === 'resume'} onClick={() => turn.mutate('resume')}>
              {w('resume')}
            </Button>
          )}
          {may('journeys:publish') && (journey.state === 'running' || journey.state === 'paused') && (
            <Button danger icon={<CircleStop size={14} />} onClick={() => setStopping(true)}>
              {w('stop')}
            </Button>
          )}
          {may('journeys:write') && (
            <Button icon={<Copy size={14} />} loading={duplicate.isPending} onClick={() => duplicate.mutate()}>
              {w('duplicate')}
            </Button>
          )}
          {may('journeys:publish') && (changed || journey.state === 'stopped') && (
            <Button type="primary" icon={<Rocket size={14} />} disabled={grave > 0 || saving.state === 'saving' || saving.state === 'failed'} title={grave > 0 ? w('faults', { count: grave }) : undefined} onClick={() => setPublishing(true)}>
              {w(journey.published ? 'publish_changes' : 'publish')}
            </Button>
          )}
        </>
      }
    />
  );
  const tabs = (
    <Tabs
      label={journey.name}
      active={url.tab}
      onChange={(tab) => setUrl({ tab })}
      tabs={[
        { id: 'canvas', label: w('tab_canvas') },
        { id: 'people', label: w('tab_people') },
        { id: 'results', label: w('tab_results') },
        { id: 'history', label: w('tab_history') },
      ]}
    />
  );
  return (
    <div className={url.tab === 'canvas' ? 'canvas-page' : 'canvas-page flows'}>
      {head}
      {tabs}
      {saving.error ? (
        <div style={{ padding: '8px 20px' }}>
          <ProblemView error={saving.error} kept retry={saving.again} />
        </div>
      ) : null}
      {journey.state === 'paused' && url.tab === 'canvas' && (
        <div className="note-box warn small" style={{ borderRadius: 0 }}>
          {w('pause_text')}
        </div>
      )}
      {url.tab === 'canvas' && <Editor journey={journey} name={name} onName={setName} plan={draft.value} change={draft.change} undo={draft.undo} redo={draft.redo} canUndo={draft.canUndo} canRedo={draft.canRedo} faults={faults} names={names} templates={templates.data ?? []} kept={saving.state === 'idle' || saving.state === 'saved'} onRefused={setRefused} />}
      {url.tab === 'people' && <PeopleTab journey={journey} names={names} />}
      {url.tab === 'results' && <ResultsTab id={journey.id} />}
      {url.tab === 'history' && (
        <div className="page">
          <HistoryList items={journey.history ?? []} />
        </div>
      )}
      <PublishDialog
        journey={journey}
        plan={draft.value}
        names={names}
        open={publishing}
        onClose={() => setPublishing(false)}
        onRefused={(problem) => {
          // The nodes say what is wrong with them; the question is in their way.
          setPublishing(false);
          setUrl({ tab: 'canvas' });
          setRefused(problem.fields);
          toast.failed(problem);
        }}
        onDone={(next) => {
          setPublishing(false);
          toast.done(w('published'));
          put(next);
        }}
      />
      <Danger open={stopping} title={w('stop_title', { name: journey.name })} confirm={w('stop')} busy={turn.isPending} onConfirm={() => turn.mutate('stop')} onClose={() => setStopping(false)}>
        <p>{w('stop_text', { n: counts.data ? number(inside, lang) : '…' })}</p>
      </Danger>
    </div>
  );
}

type Saving = { state: 'idle' | 'saving' | 'saved' | 'failed'; error: unknown; again: () => void };

/** Keeps the draft on the server a moment after each change; what fails stays on the canvas and can be tried again. */
function useAutosave(journey: Journey, name: string, plan: Plan, put: (journey: Journey) => void): Saving {
  const [state, setState] = useState<Saving['state']>('idle');
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const saved = useRef({ name, plan });
  useEffect(() => {
    if (saved.current.name === name && saved.current.plan === plan) {
      // Undone before it was sent: there is nothing to save any more.
      setState((was) => (was === 'idle' ? 'idle' : 'saved'));
      return;
    }
    if (!name.trim()) return;
    setState('saving');
    const timer = setTimeout(() => {
      call('PUT /journeys/{id}', { path: { id: journey.id }, body: { name: name.trim(), plan } }).then(
        (next) => {
          saved.current = { name, plan };
          setState('saved');
          setError(null);
          put(next);
        },
        (failure: unknown) => {
          setState('failed');
          setError(failure);
        },
      );
    }, 700);
    return () => clearTimeout(timer);
  }, [name, plan, tries]);
  return { state, error, again: () => setTries((n) => n + 1) };
}
