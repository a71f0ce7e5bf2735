// Events as they come in: paused, filtered, opened.
import { useQuery } from '@tanstack/react-query';
import { Input, Select } from 'antd';
import { Pause, Play } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type LiveEvent, call } from '../../../lib/api';
import { clock, dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useEventFacts } from '../../../lib/event-facts';
import { useSourceName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useNarrow } from '../../../lib/theme';
import { eventLabel, factLabel, identifierLabel, isTranslated, reasonLabel, stateLabel } from '../../../lib/vocabulary';
import { Empty, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, Skeleton } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { dw } from '../words';

const KEEP = 300;
const OUTCOMES = ['stored', 'duplicate', 'quarantined', 'withheld', 'rejected'];

export default function LivePage() {
  const w = useWords(dw);
  const c = useWords(common);
  const lang = useLanguage();
  const [events, setEvents] = useState<LiveEvent[]>([]);
  const [held, setHeld] = useState<LiveEvent[]>([]);
  const [paused, setPaused] = useState(false);
  const [connected, setConnected] = useState(false);
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const [outcome, setOutcome] = useState('');
  const [open, setOpen] = useState<string | null>(null);
  const sourceName = useSourceName();
  const narrow = useNarrow();
  const stopped = useRef(false);
  stopped.current = paused;

  const recent = useQuery({ queryKey: ['events', 'recent'], staleTime: 0, gcTime: 0, queryFn: () => call('GET /events', { query: { limit: 100 } }) });
  useEffect(() => {
    if (recent.data) setEvents((was) => merge(was, recent.data.items));
  }, [recent.data]);

  useEffect(() => {
    const stream = new EventSource('/api/v1/events/live');
    // What arrives within a breath is drawn at once, so that a busy stream does not draw a thousand times a second.
    let queue: LiveEvent[] = [];
    const flush = setInterval(() => {
      if (queue.length === 0) return;
      const batch = queue.reverse();
      queue = [];
      if (stopped.current) setHeld((was) => [...batch, ...was].slice(0, KEEP));
      else setEvents((was) => merge(batch, was));
    }, 250);
    stream.onopen = () => setConnected(true);
    stream.onerror = () => setConnected(false);
    stream.onmessage = (message) => {
      try {
        queue.push(JSON.parse(message.data as string) as LiveEvent);
      } catch {
        // A line that is no event is not worth stopping for.
      }
    };
    return () => {
      clearInterval(flush);
      stream.close();
    };
  }, []);

  const resume = () => {
    setEvents((was) => merge(held, was));
    setHeld([]);
    setPaused(false);
  };
  const wanted = text.trim().toLowerCase();
  const shown = useMemo(
    () =>
      events.filter(
        (event) =>
          (!name || event.name === name) &&
          (!outcome || event.outcome === outcome) &&
          (!wanted || `${event.name} ${eventLabel(event.name, lang)} ${sourceName(event.source)} ${event.identifiers.map((one) => one.v).join(' ')} ${JSON.stringify(event.properties)} ${JSON.stringify(event.traits)}`.toLowerCase().includes(wanted)),
      ),
    [events, name, outcome, wanted, lang, sourceName],
  );
  const clear = () => {
    setText('');
    setName('');
    setOutcome('');
  };
  const names = [...new Set(events.map((event) => event.name))];
  return (
    <Page
      title={w('live')}
      sub={w('live_sub')}
      actions={
        <>
          {paused && <span className="dim small" aria-live="polite">{w('waiting_new', { count: held.length })}</span>}
          <Button icon={paused ? <Play size={13} /> : <Pause size={13} />} onClick={() => (paused ? resume() : setPaused(true))}>
            {w(paused ? 'resume' : 'pause')}
          </Button>
        </>
      }
    >
      <div className="list-tools">
        <Input className="search" allowClear value={text} onChange={(e) => setText(e.target.value)} placeholder={w('filter')} aria-label={w('filter')} />
        <Select aria-label={w('any_event')} value={name} onChange={setName} style={{ width: 150 }} popupMatchSelectWidth={false} options={[{ value: '', label: w('any_event') }, ...names.map((one) => ({ value: one, label: eventLabel(one, lang) }))]} />
        <Select aria-label={w('any_outcome')} value={outcome} onChange={setOutcome} style={{ width: 136 }} options={[{ value: '', label: w('any_outcome') }, ...OUTCOMES.map((one) => ({ value: one, label: stateLabel(one, lang) }))]} />
        <span className="grow" />
        <span className="dim small">{connected ? w('connected') : w('lost')}</span>
      </div>
      {events.length === 0 ? (
        recent.error ? (
          <ProblemView error={recent.error} retry={() => void recent.refetch()} />
        ) : recent.isPending ? (
          <Skeleton lines={10} />
        ) : (
          <Empty title={w('empty')} text={w('empty_text')} action={<Go to={paths.sources}>{w('go_sources')}</Go>} />
        )
      ) : (
        <ul className="panel" aria-label={w('live')}>
          {shown.length === 0 && <li><Empty title={c('filtered_empty')} text={c('filtered_why')} action={<Button onClick={clear}>{c('clear_filters')}</Button>} /></li>}
          {shown.slice(0, 120).map((event) => (
            <li key={event.id}>
              <Line event={event} source={sourceName(event.source)} narrow={narrow} open={open === event.id} onToggle={() => setOpen(open === event.id ? null : event.id)} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function merge(newer: LiveEvent[], older: LiveEvent[]): LiveEvent[] {
  const seen = new Set<string>();
  return [...newer, ...older].filter((one) => (seen.has(one.id) ? false : (seen.add(one.id), true))).slice(0, KEEP);
}

function Line({ event, source, narrow, open, onToggle }: { event: LiveEvent; source: string; narrow: boolean; open: boolean; onToggle: () => void }) {
  const w = useWords(dw);
  const lang = useLanguage();
  const label = eventLabel(event.name, lang);
  const about = useEventFacts()({ ...event.traits, ...event.properties })
    .slice(0, 3)
    .map((one) => `${one.label} ${one.text}`)
    .join(' · ');
  const known = event.identifiers.filter((one) => one.t !== 'person');
  const who = known.find((one) => one.t !== 'anonymous_id') ?? known[0];
  return (
    <>
      <button type="button" className="live-line" aria-expanded={open} onClick={onToggle}>
        <time className="dim num" dateTime={event.received_at}>{clock(event.received_at, lang)}</time>
        <span className="cut">
          <b style={{ fontWeight: 500 }}>{label}</b> {isTranslated(event.name, label) && <code className="dim wide-only">{event.name}</code>}
          {narrow && <small className="dim cut" style={{ display: 'block' }}>{[who ? who.v : source, about].filter(Boolean).join(' · ')}</small>}
        </span>
        <span className="dim cut wide-only">{who ? who.v : source}</span>
        <span className="soft cut wide-only">{about}</span>
        <StateBadge state={event.outcome} />
      </button>
      {open && (
        <div className="stack" style={{ padding: '10px 12px 14px', borderBottom: '1px solid var(--line)' }}>
          <div className={event.outcome === 'stored' ? 'note-box good' : 'note-box warn'}>
            <strong>{stateLabel(event.outcome, lang)}</strong>
            {event.reason ? ` — ${reasonLabel(event.reason, lang)}` : ''}
            <div className="small soft">
              {w(`${event.outcome}_text`)} {event.outcome === 'quarantined' && <Go to={paths.quarantine} search={{ q: event.name }}>{w('open_quarantine')}</Go>}
            </div>
          </div>
          <div className="row wrap soft small" style={{ gap: '4px 16px' }}>
            <span>{w('happened')} {dateTime(event.ts, lang, true)}</span>
            <span>{w('received')} {dateTime(event.received_at, lang, true)}</span>
            <span>{w('source')} {source}</span>
            {event.identifiers.map((one) => (
              <span className="chip" key={one.t + one.v}>
                <span>{identifierLabel(one.t, lang)}</span>
                {one.v}
              </span>
            ))}
            {event.sealed_traits?.map((name) => <span className="chip" key={name} title={w('sealed_hint')}><span>{w('sealed')}</span>{factLabel(name, lang)}</span>)}
            {event.person && <Go to={paths.person(event.person)}>{w('open_person')}</Go>}
          </div>
          <pre className="code" tabIndex={0} aria-label={w('json')}>{JSON.stringify(event, null, 2)}</pre>
        </div>
      )}
    </>
  );
}
