// How is it going: people, events, messages, journeys.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { call } from '../../../lib/api';
import { number, percent, short } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useSession } from '../../../lib/session';
import { Badge, Empty, Figure, Sparkline } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go, useGo } from '../../../ui/go';
import { Table } from '../../../ui/list';
import { Page, Panel } from '../../../ui/page';
import { home } from '../words';

export default function HomePage() {
  const w = useWords(home);
  const lang = useLanguage();
  const go = useGo();
  const { workspace } = useSession();
  const asked = useQuery({ queryKey: ['home'], queryFn: () => call('GET /home'), refetchInterval: 10_000 });
  const pText = (p: number) => (p < 0.001 ? '< 0.001' : `= ${number(p, lang, 3)}`);
  return (
    <Page title={w('title')} sub={w('sub', { name: workspace.name })}>
      <Answered of={asked} lines={10}>
        {(data) => {
          const now = data.events_per_minute.at(-1) ?? 0;
          return (
            <div className="stack loose">
              <div className="figures">
                <Figure label={<Go to={paths.people}>{w('people')}</Go>} value={short(data.people, lang)} note={w('people_note')} />
                <Figure label={<Go to={paths.live}>{w('events_today')}</Go>} value={short(data.events_today, lang)} note={w('per_minute_now', { n: number(now, lang) })} />
                <Figure label={<Go to={paths.ledger} search={{ state: 'sent' }}>{w('sent_today')}</Go>} value={short(data.messages.sent_today, lang)} />
                <Figure label={<Go to={paths.ledger} search={{ state: 'suppressed' }}>{w('suppressed_today')}</Go>} value={short(data.messages.suppressed_today, lang)} note={w('suppressed_note')} />
                <Figure
                  label={<Go to={paths.ledger} search={{ state: 'unknown' }}>{w('unknown')}</Go>}
                  value={<span style={{ color: data.messages.unknown > 0 ? 'var(--warn)' : undefined }}>{number(data.messages.unknown, lang)}</span>}
                  note={w(data.messages.unknown > 0 ? 'unknown_some' : 'unknown_none')}
                />
              </div>
              <Panel title={w('per_minute')} extra={<span className="dim small num">{w('per_minute_now', { n: number(now, lang) })}</span>}>
                <Sparkline values={data.events_per_minute} height={64} label={w('per_minute_label', { n: number(now, lang) })} />
              </Panel>
              <Panel title={w('journeys')} extra={<Go to={paths.journeys}>{w('all_journeys')}</Go>}>
                {data.journeys.length === 0 ? (
                  <Empty title={w('none')} text={w('none_text')} action={<Button type="primary" onClick={() => go(paths.journeys)}>{w('new_journey')}</Button>} />
                ) : (
                  <Table
                    label={w('journeys')}
                    rows={data.journeys}
                    rowKey={(row) => row.id}
                    columns={[
                      { id: 'name', title: w('journey'), render: (row) => <Go className="main-link" to={paths.journey(row.id)}>{row.name}</Go> },
                      { id: 'in', title: w('people_in'), end: true, render: (row) => number(row.people_in, lang) },
                      { id: 'lift', title: w('lift'), end: true, render: (row) => (row.lift === null || row.lift === undefined ? <span className="dim">–</span> : <b style={{ color: row.p_value != null && row.p_value < 0.05 ? (row.lift > 0 ? 'var(--good)' : 'var(--bad)') : undefined }}>{`${row.lift > 0 ? '+' : ''}${percent(row.lift, lang)}`}</b>) },
                      {
                        id: 'sure',
                        title: w('sure'),
                        render: (row) =>
                          row.p_value === null || row.p_value === undefined ? <Badge>{w('sig_none')}</Badge> : row.p_value < 0.05 ? <Badge tone="good">{w('sig_yes', { p: pText(row.p_value) })}</Badge> : <Badge>{w('sig_no', { p: pText(row.p_value) })}</Badge>,
                      },
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
