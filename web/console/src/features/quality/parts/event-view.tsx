// One event that was kept apart: why, what to do, and the event as it came.
import { RotateCcw } from 'lucide-react';
import type { LiveEvent, Quarantined } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useSourceName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { eventLabel, factLabel, identifierLabel, isTranslated } from '../../../lib/vocabulary';
import { At, showValue } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { usePlan } from '../logic/queries';
import { qw } from '../words';

type Identifiers = LiveEvent['identifiers'];

/** The strongest identifier, and how many more there are. */
export function Who({ of }: { of: Identifiers }) {
  const lang = useLanguage();
  const first = of[0];
  if (!first) return <span className="dim">–</span>;
  return (
    <span className="row" style={{ gap: 4 }}>
      <span className="cut" title={identifierLabel(first.t, lang)}>{first.v}</span>
      {of.length > 1 && <span className="dim small">+{of.length - 1}</span>}
    </span>
  );
}

type Retry = { busy: boolean; error: unknown; go: () => void };

export function EventView({ of: { event, reason }, retry }: { of: Quarantined; retry?: Retry }) {
  const w = useWords(qw);
  const lang = useLanguage();
  const sourceName = useSourceName();
  const label = eventLabel(event.name, lang);
  const properties = Object.entries(event.properties);
  const blamed = reason.includes(':') ? reason.slice(reason.indexOf(':') + 1) : '';
  return (
    <div className="stack">
      <div className="note-box warn stack tight">
        <Why event={event} reason={reason} />
        <div className="row wrap">
          {retry && (
            <Button type="primary" size="small" icon={<RotateCcw size={13} />} loading={retry.busy} onClick={retry.go}>
              {w('retry')}
            </Button>
          )}
          <Go to={paths.trackingPlan} search={{ event: event.name }}>
            {w(reason === 'plan.unknown_event' ? 'fix_add' : 'fix_change')}
          </Go>
        </div>
      </div>
      {retry?.error ? <ProblemView error={retry.error} /> : null}
      <dl className="facts">
        <dt>{w('event')}</dt>
        <dd>
          {label} {isTranslated(event.name, label) && <code className="dim">{event.name}</code>}
        </dd>
        <dt>{w('happened')}</dt>
        <dd><At at={event.ts} seconds /></dd>
        <dt>{w('came_at')}</dt>
        <dd><At at={event.received_at} seconds /></dd>
        <dt>{w('source')}</dt>
        <dd>{sourceName(event.source)}</dd>
        <dt>{w('person')}</dt>
        <dd className="chips">
          {event.identifiers.length === 0 && <span className="dim">–</span>}
          {event.identifiers.map((one) => (
            <Go key={one.t + one.v} className="chip" to={one.t === 'person' ? paths.person(one.v) : paths.people} search={one.t === 'person' ? {} : { q: one.v }}>
              <span>{identifierLabel(one.t, lang)}</span>
              {one.v}
            </Go>
          ))}
        </dd>
        {properties.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt style={{ color: name === blamed ? 'var(--bad)' : undefined }}>{factLabel(name, lang)}</dt>
            <dd>{showValue(value)}</dd>
          </div>
        ))}
      </dl>
      <pre className="code" tabIndex={0} aria-label={w('whole')}>{JSON.stringify(event, null, 2)}</pre>
    </div>
  );
}

/** The reason in a sentence, with what to do about it. */
function Why({ event, reason }: { event: Quarantined['event']; reason: string }) {
  const w = useWords(qw);
  const lang = useLanguage();
  const plan = usePlan();
  const [code = '', name = ''] = reason.replace(/^plan\./, '').split(/:(.*)/s);
  const kind = plan.data?.events[event.name]?.properties?.[name];
  const property = factLabel(name, lang);
  switch (code) {
    case 'unknown_event':
    case 'blocked_event':
      return <span>{w(`why_${code}`)}</span>;
    case 'missing_property':
      return <span>{w('why_missing_property', { property })}</span>;
    case 'wrong_type':
      return <span>{w('why_wrong_type', { property, kind: w(`k_${kind ?? 'any'}`), value: showValue(event.properties[name]) })}</span>;
    default:
      return <span>{w('why_other')}</span>;
  }
}
