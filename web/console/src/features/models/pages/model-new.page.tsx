// A new model: one question, chosen; its settings are there already, so that a second press starts it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { call } from '../../../lib/api';
import { type Draft, KINDS, type Kind } from '../../../lib/api/models';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Button } from '../../../ui/button';
import { ProblemView, Skeleton } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import '../models.css';
import { NAMES, QUESTIONS, draftOf, freeName, lacks } from '../logic/drafts';
import { DraftForm } from '../parts/draft-form';
import { ICONS, questionOf } from '../parts/kinds';
import { mw } from '../words';

export default function ModelNewPage() {
  const w = useWords(mw);
  const [url, setUrl] = useUrlState({ kind: '' });
  const kind = KINDS.find((one) => one === url.kind);
  return (
    <Page title={w('new')} back={{ to: paths.models, label: w('title') }}>
      <div className="stack loose" style={{ maxWidth: 1040 }}>
        <div className="stack">
          <h2 className="h">{w('ask')}</h2>
          <div className="ask-cards">
            {QUESTIONS.map((one) => {
              const Icon = ICONS[one.id];
              return (
                <button key={one.id} type="button" className="ask-card" aria-pressed={!!kind && questionOf(kind).id === one.id} onClick={() => setUrl({ kind: one.kinds[0] })}>
                  <span className="mark"><Icon size={18} aria-hidden /></span>
                  <span><strong>{w(`q_${one.id}`)}</strong><span className="soft small">{w(`q_${one.id}_text`)}</span></span>
                </button>
              );
            })}
          </div>
        </div>
        {kind && <Begin key={questionOf(kind).id} kind={kind} onKind={(next) => setUrl({ kind: next })} />}
      </div>
    </Page>
  );
}

/** Waits for what the beginning is made of: events, segments, names that are taken. */
function Begin({ kind, onKind }: { kind: Kind; onKind: (kind: Kind) => void }) {
  const facts = useFacts();
  const events = useQuery({ queryKey: ['events', 'names'], staleTime: 60_000, queryFn: () => call('GET /events/names').then((answer) => answer.items) });
  const segments = useQuery({ queryKey: ['segments', 'all'], staleTime: 30_000, queryFn: () => call('GET /segments', { query: { limit: 200 } }).then((answer) => answer.items) });
  const taken = useQuery({ queryKey: ['tags', 'names'], queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => new Set(answer.items.map((one) => one.name))) });
  if ([events, segments, taken].some((one) => one.isPending)) return <Skeleton lines={5} />;
  return <BeginForm key={kind} kind={kind} onKind={onKind} known={facts} taken={taken.data ?? new Set()} />;
}

type FormProps = { kind: Kind; onKind: (kind: Kind) => void; known: Parameters<typeof draftOf>[2]; taken: Set<string> };

function BeginForm({ kind, onKind, known, taken }: FormProps) {
  const w = useWords(mw);
  const c = useWords(common);
  const go = useGo();
  const [draft, setDraft] = useState<Draft>(() => draftOf(kind, w(`title_${kind}`), known));
  const [name, setName] = useState(() => freeName(NAMES[kind], taken));
  const [tried, setTried] = useState(false);
  const question = questionOf(kind);
  const make = useMutation({
    mutationFn: async (run: boolean) => {
      const made = await call('POST /models', { body: { ...draft, name, title: draft.title.trim() } as Draft & { name: string } });
      if (run && !made.progress) await call('POST /models/{id}:run', { path: { id: made.id } });
      return made;
    },
    onSuccess: (made) => {
      for (const key of ['models', 'tags']) void queries.invalidateQueries({ queryKey: [key] });
      go(paths.model(made.id));
    },
  });
  const submit = (run: boolean) => {
    setTried(true);
    if (lacks(draft, name).length === 0) make.mutate(run);
  };
  // The settings are looked at as soon as a question is chosen, also on a phone, where the cards fill the screen.
  useEffect(() => {
    void document.getElementById('model-begin')?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div id="model-begin">
      <Panel
        title={w(`q_${question.id}`)}
        extra={question.kinds.length > 1 && <Segmented size="small" aria-label={w('way')} value={kind} onChange={(next) => onKind(next)} options={question.kinds.map((one) => ({ value: one as Kind, label: w(`kind_${one}`) }))} />}
      >
        <div className="stack loose">
          <p className="soft">{w('defaults')}</p>
          {make.error && <ProblemView error={make.error} kept />}
          <DraftForm draft={draft} onChange={setDraft} able name={{ value: name, onChange: setName }} tried={tried} error={make.error} />
          <div className="row wrap" style={{ justifyContent: 'flex-end' }}>
            <Button onClick={() => go(paths.models)}>{c('cancel')}</Button>
            <Button disabled={make.isPending} onClick={() => submit(false)}>{w('save_only')}</Button>
            <Button type="primary" loading={make.isPending} onClick={() => submit(true)}>{w('start')}</Button>
          </div>
        </div>
      </Panel>
    </div>
  );
}
