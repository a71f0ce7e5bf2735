// The way from an empty house to a first proven result, with what is done already.
import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { Go } from '../../../ui/go';
import { home } from '../words';

export function Start({ people }: { people: number }) {
  const w = useWords(home);
  const asked = useQuery({
    queryKey: ['home', 'start'],
    queryFn: async () => {
      const [segments, sending, templates] = await Promise.allSettled([call('GET /segments', { query: { limit: 1 } }), call('GET /settings/sending'), call('GET /templates', { query: { limit: 1 } })]);
      return {
        segments: segments.status === 'fulfilled' && segments.value.items.length > 0,
        channel: sending.status === 'fulfilled' && Object.keys(sending.value.providers).length > 0,
        templates: templates.status === 'fulfilled' && templates.value.items.length > 0,
      };
    },
  });
  if (!asked.data) return null;
  const steps = [
    { id: 'events', done: people > 0, to: paths.sources },
    { id: 'segment', done: asked.data.segments, to: paths.segmentNew },
    { id: 'channel', done: asked.data.channel, to: paths.sending },
    { id: 'template', done: asked.data.templates, to: paths.templateNew },
    { id: 'journey', done: false, to: `${paths.journeys}?new=1` },
  ] as const;
  const next = steps.find((one) => !one.done)?.id;
  return (
    <section className="panel" aria-label={w('start')}>
      <header>
        <h2>{w('start')}</h2>
        <span className="grow" />
        <span className="dim small">{w('start_progress', { done: steps.filter((one) => one.done).length, all: steps.length })}</span>
      </header>
      <div className="body">
        <p className="soft">{w('start_text')}</p>
        <ol className="start">
          {steps.map((step, i) => (
            <li key={step.id} className={step.done ? 'done' : step.id === next ? 'next' : undefined}>
              <span className="mark">{step.done ? <Check size={13} strokeWidth={3} role="img" aria-label={w('step_done')} /> : i + 1}</span>
              <div style={{ minWidth: 0 }}>
                {step.done ? <span>{w(`step_${step.id}`)}</span> : <Go to={step.to.split('?')[0]!} search={step.to.includes('?') ? { new: '1' } : {}}>{w(`step_${step.id}`)}</Go>}
                <div className="dim small">{w(`step_${step.id}_text`)}</div>
              </div>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
