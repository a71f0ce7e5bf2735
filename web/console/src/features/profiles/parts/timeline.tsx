// What a person did, newest first, a day at a time, without end.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { Bell, CircleDot, Eye, GitMerge, LogIn, Mail, MailOpen, MousePointerClick, Route, Search, Shield, ShoppingBag, ShoppingCart, Ticket, UserPlus, Users } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { type Person, type TimelineEvent, call } from '../../../lib/api';
import { clock, date } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useEventFacts } from '../../../lib/event-facts';
import { useSourceName } from '../../../lib/names';
import { useFacts } from '../../../lib/use-facts';
import { channelLabel, eventLabel } from '../../../lib/vocabulary';
import { Empty } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { common } from '../../../ui/words';
import { people } from '../words';

const ICONS: [RegExp, typeof Eye, string][] = [
  [/sign.?up|register|identify/, UserPlus, 'accent'],
  [/log.?in|signed_in/, LogIn, ''],
  [/purchase|order(_completed|_paid|$)|order completed/, ShoppingBag, 'good'],
  [/refund|cancel|fail|bounce|suppress/, Bell, 'bad'],
  [/cart|checkout/, ShoppingCart, 'warn'],
  [/coupon/, Ticket, 'warn'],
  [/search/, Search, ''],
  [/open/, MailOpen, 'info'],
  [/click/, MousePointerClick, 'info'],
  [/message|mail/, Mail, 'info'],
  [/segment/, Users, 'accent'],
  [/journey|experiment/, Route, 'accent'],
  [/consent|subscribe/, Shield, 'good'],
  [/merge|alias/, GitMerge, ''],
  [/view|page|screen/, Eye, ''],
];
const iconOf = (name: string) => ICONS.find(([test]) => test.test(name.toLowerCase())) ?? ([/./, CircleDot, ''] as const);

export function Timeline({ person }: { person: Person }) {
  const w = useWords(people);
  const c = useWords(common);
  const lang = useLanguage();
  const facts = useFacts();
  const [name, setName] = useState('');
  const list = useInfiniteQuery({
    queryKey: ['people', person.id, 'timeline', name],
    queryFn: ({ pageParam, signal }) => call('GET /people/{id}/timeline', { path: { id: person.id }, query: { limit: 40, cursor: pageParam, name }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next || undefined,
  });
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current) return;
    const watch = new IntersectionObserver((seen) => {
      if (seen[0]?.isIntersecting && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
    });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [list]);
  return (
    <div>
      <div className="list-tools">
        <Select
          aria-label={w('filter_event')}
          value={name}
          onChange={setName}
          style={{ minWidth: 180 }}
          showSearch={{ optionFilterProp: 'label' }}
          options={[{ value: '', label: w('all_events') }, ...facts.events.map((one) => ({ value: one.name, label: eventLabel(one.name, lang) }))]}
        />
      </div>
      <Answered of={list} lines={10}>
        {(data) => {
          const events = data.pages.flatMap((page) => page.items);
          if (events.length === 0) return <Empty title={w('timeline_empty')} action={name ? <Button onClick={() => setName('')}>{c('clear_filters')}</Button> : undefined} />;
          let before = '';
          return (
            <ol className="timeline">
              {events.map((event) => {
                const today = date(event.ts, lang);
                const head = today !== before ? today : null;
                before = today;
                return [head && <li key={`d${event.id}`} className="day">{head}</li>, <Line key={event.id} event={event} />];
              })}
            </ol>
          );
        }}
      </Answered>
      <div ref={end} style={{ height: 1 }} />
      {list.hasNextPage && (
        <div className="list-foot">
          <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {c('more')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Line({ event }: { event: TimelineEvent }) {
  const lang = useLanguage();
  const sourceName = useSourceName();
  const [open, setOpen] = useState(false);
  const [, Icon, tone] = iconOf(event.name);
  const pairs = useEventFacts()(event.properties);
  const rest = Object.keys(event.properties ?? {}).length > 4 || Object.values(event.properties ?? {}).some((value) => value !== null && typeof value === 'object');
  return (
    <li className="tl">
      <span className={`dot ${tone}`}>
        <Icon size={13} aria-hidden />
      </span>
      <div style={{ minWidth: 0 }}>
        <div className="row wrap" style={{ gap: '2px 8px' }}>
          {rest ? (
            <button type="button" className="linkish" style={{ color: 'var(--ink)', fontWeight: 500 }} aria-expanded={open} onClick={() => setOpen(!open)}>
              {eventLabel(event.name, lang)}
            </button>
          ) : (
            <span style={{ fontWeight: 500 }}>{eventLabel(event.name, lang)}</span>
          )}
          {(event.channel || event.source) && <span className="dim small">{event.channel ? channelLabel(event.channel, lang) : sourceName(event.source)}</span>}
        </div>
        {pairs.length > 0 && !open && (
          <div className="soft small break">
            {pairs.slice(0, 4).map((one, i) => (
              <span key={one.key}>
                {i > 0 && <span className="dim"> · </span>}
                <span className="dim">{one.label} </span>
                {one.text.slice(0, 60)}
              </span>
            ))}
          </div>
        )}
        {open && <pre className="code" tabIndex={0}>{JSON.stringify(event.properties, null, 2)}</pre>}
      </div>
      <time className="dim small num when" dateTime={event.ts}>
        {clock(event.ts, lang)}
      </time>
    </li>
  );
}
