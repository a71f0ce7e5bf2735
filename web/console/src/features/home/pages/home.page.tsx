// How is it going: people, events, messages, journeys; and what to do first while nothing goes on yet.
import { useQuery } from '@tanstack/react-query';
import { call } from '../../../lib/api';
import { number, short } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useSession } from '../../../lib/session';
import { Empty, Figure, Sparkline, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { Table } from '../../../ui/list';
import { Page, Panel } from '../../../ui/page';
import { Effect } from '../parts/effect';
import { Start } from '../parts/start';
import { home } from '../words';

export default function HomePage() {
  const w = useWords(home);
  const lang = useLanguage();
  const go = useGo();
  const { workspace } = useSession();
  const today = (n: number) => w('today', { n: number(n, lang) });
  const asked = useQuery({ queryKey: ['home'], queryFn: () => call('GET /home'), refetchInterval: 10_000 });
  return (
    <Page title={w('title')} sub={w('sub', { name: workspace.name })}>
      <Answered of={asked} lines={10}>
        {({ people, events_today, events_per_minute, messages, messages_today, journeys }) => {
          const now = events_per_minute.at(-1) ?? 0;
          const began = journeys.some((one) => one.state !== 'draft');
          return (
            <div className="stack loose">
              {!began && <Start people={people} />}
              <div className="figures">
                <Figure label={<Go to={paths.people}>{w('people')}</Go>} value={short(people, lang)} note={w('people_note')} />
                <Figure label={<Go to={paths.live}>{w('events_today')}</Go>} value={short(events_today, lang)} note={w('per_minute_now', { n: number(now, lang) })} />
                <Figure label={<Go to={paths.ledger} search={{ state: 'sent' }}>{w('sent')}</Go>} value={short(messages.sent, lang)} note={[today(messages_today.sent), ...(messages.waiting > 0 ? [w('waiting_note', { n: number(messages.waiting, lang) })] : [])].join(' · ')} />
                <Figure label={<Go to={paths.ledger} search={{ state: 'suppressed' }}>{w('suppressed')}</Go>} value={short(messages.suppressed, lang)} note={`${today(messages_today.suppressed)} · ${w('suppressed_note')}`} />
                <Figure label={<Go to={paths.ledger} search={{ state: 'failed' }}>{w('failed')}</Go>} value={<span style={{ color: messages.failed > 0 ? 'var(--bad)' : undefined }}>{short(messages.failed, lang)}</span>} note={today(messages_today.failed)} />
                <Figure
                  label={<Go to={paths.ledger} search={{ state: 'unknown' }}>{w('unknown')}</Go>}
                  value={<span style={{ color: messages.unknown > 0 ? 'var(--warn)' : undefined }}>{number(messages.unknown, lang)}</span>}
                  note={w(messages.unknown > 0 ? 'unknown_some' : 'unknown_none')}
                />
              </div>
              <Panel title={w('per_minute')} extra={<span className="dim small num">{w('peak', { n: number(Math.max(0, ...events_per_minute), lang) })}</span>}>
                <Sparkline values={events_per_minute} height={64} label={w('per_minute_label', { n: number(now, lang) })} />
                <div className="row dim small">
                  <span>{w('hour_ago')}</span>
                  <span className="grow" />
                  <span>{w('now')}</span>
                </div>
              </Panel>
              <Panel title={w('journeys')} extra={<Go to={paths.journeys}>{w('all_journeys')}</Go>}>
                {journeys.length === 0 ? (
                  <Empty title={w('none')} text={w('none_text')} action={<Button type="primary" onClick={() => go(paths.journeys, { new: '1' })}>{w('new_journey')}</Button>} />
                ) : (
                  <Table
                    label={w('journeys')}
                    rows={journeys}
                    rowKey={(row) => row.id}
                    columns={[
                      { id: 'name', title: w('journey'), render: (row) => <span className="row"><Go className="main-link cut" to={paths.journey(row.id)}>{row.name}</Go><StateBadge state={row.state} /></span> },
                      { id: 'in', title: w('people_in'), end: true, render: (row) => number(row.people_in, lang) },
                      { id: 'entered', title: w('entered'), end: true, render: (row) => number(row.entered, lang) },
                      { id: 'converted', title: w('converted'), end: true, render: (row) => number(row.converted, lang) },
                      { id: 'effect', title: w('effect'), end: true, render: (row) => (row.entered > 0 ? <Effect journey={row.id} /> : <span className="dim">–</span>) },
                    ]}
                  />
                )}
              </Panel>
            </div>
          );
        }}
      </Answered>
    </Page>
  );
}
