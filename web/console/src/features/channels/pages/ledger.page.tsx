// The ledger: every message, what became of it, and why some did not go out.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useMemo } from 'react';
import { type Delivery, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { searchPeople, useKnownPerson } from '../../../lib/people';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, reasonLabel, stateLabel } from '../../../lib/vocabulary';
import { Ago, Bars, StateBadge } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page, Panel } from '../../../ui/page';
import { PersonPicker } from '../../../ui/person-picker';
import { common } from '../../../ui/words';
import { lw } from '../words';

const STATES = ['queued', 'deferred', 'attempting', 'sent', 'failed', 'suppressed', 'unknown'];
const TONES: { [state: string]: string } = { sent: 'var(--good)', suppressed: 'var(--warn)', failed: 'var(--bad)', unknown: 'var(--warn)', deferred: 'var(--info)', queued: 'var(--info)', attempting: 'var(--info)' };

export default function LedgerPage() {
  const w = useWords(lw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '', state: '', channel: '', reason: '', journey: '', person: '', days: '30' });
  const from = useMemo(() => new Date(Math.floor(Date.now() / 60_000) * 60_000 - Number(url.days) * 86_400_000).toISOString(), [url.days]);
  const summary = useQuery({ queryKey: ['deliveries', 'summary', from], refetchInterval: 15_000, queryFn: () => call('GET /deliveries/summary', { query: { from } }) });
  const journeys = useQuery({ queryKey: ['journeys', 'all'], staleTime: 30_000, queryFn: () => call('GET /journeys', { query: { limit: 200 } }).then((answer) => answer.items) });
  const reasons = [...new Set([...(summary.data?.by_reason.map((one) => one.reason) ?? []), ...(url.reason ? [url.reason] : [])])];
  const filtered = !!(url.q || url.state || url.channel || url.reason || url.journey || url.person);
  const known = useKnownPerson(url.person);
  const progress = (row: Delivery) => (row.clicked_at ? 'clicked' : row.opened_at ? 'opened' : row.delivered_at ? 'delivered' : null);
  return (
    <Page
      title={w('title')}
      sub={w('sub')}
      actions={<Select aria-label={w('range')} value={url.days} onChange={(days) => setUrl({ days })} style={{ width: 130 }} options={['1', '7', '30', '90'].map((one) => ({ value: one, label: w('last_days', { n: one }) }))} />}
    >
      <div className="stack loose">
        <div className="cols">
          <Panel title={w('summary_state')}>
            <Answered of={summary} lines={4}>
              {(data) => <Bars label={w('summary_state')} onPick={(state) => setUrl({ state, reason: '' })} rows={STATES.filter((one) => data.by_state[one]).map((one) => ({ key: one, label: stateLabel(one, lang), value: data.by_state[one]!, tone: TONES[one] }))} />}
            </Answered>
          </Panel>
          <Panel title={w('summary_reason')}>
            <Answered of={summary} lines={4}>
              {(data) => (data.by_reason.length === 0 ? <p className="dim">{w('no_reasons')}</p> : <Bars label={w('summary_reason')} onPick={(reason) => setUrl({ reason, state: '' })} rows={data.by_reason.map((one) => ({ key: one.reason, label: reasonLabel(one.reason, lang), value: one.count, tone: 'var(--warn)' }))} />)}
            </Answered>
          </Panel>
        </div>
        <List
          id="ledger"
          label={w('title')}
          ask={{
            key: ['deliveries', 'list', url, from],
            fetch: (cursor, signal) => call('GET /deliveries', { query: { q: url.q, state: url.state, channel: url.channel, reason: url.reason, journey: url.journey, person: url.person, from, cursor, limit: 50 }, signal }),
          }}
          rowKey={(row) => row.id}
          rowTo={(row) => paths.delivery(row.id)}
          search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
          filters={
            <>
              <Select aria-label={w('any_state')} value={url.state} onChange={(state) => setUrl({ state })} style={{ width: 116 }} options={[{ value: '', label: w('any_state') }, ...STATES.map((one) => ({ value: one, label: stateLabel(one, lang) }))]} />
              <Select aria-label={w('any_channel')} value={url.channel} onChange={(channel) => setUrl({ channel })} style={{ width: 116 }} options={[{ value: '', label: w('any_channel') }, ...['email', 'sms', 'webhook'].map((one) => ({ value: one, label: channelLabel(one, lang) }))]} />
              <Select aria-label={w('any_reason')} value={url.reason} onChange={(reason) => setUrl({ reason })} style={{ width: 140 }} popupMatchSelectWidth={false} options={[{ value: '', label: w('any_reason') }, ...reasons.map((one) => ({ value: one, label: reasonLabel(one, lang) }))]} />
              <Select aria-label={w('any_journey')} value={url.journey} onChange={(journey) => setUrl({ journey })} style={{ width: 140 }} popupMatchSelectWidth={false} options={[{ value: '', label: w('any_journey') }, ...(journeys.data ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
              <div style={{ width: 150 }}>
                <PersonPicker label={w('any_person')} value={url.person} onChange={(person) => setUrl({ person })} search={searchPeople} known={known} />
              </div>
            </>
          }
          filtered={filtered}
          onClear={() => setUrl({ q: '', state: '', channel: '', reason: '', journey: '', person: '' })}
          empty={{ title: w('empty'), text: w('empty_text') }}
          columns={[
            {
              id: 'who',
              title: w('to'),
              fixed: true,
              render: (row) => (
                <div>
                  <Go className="main-link" to={paths.delivery(row.id)}>{row.person_name || row.to || row.id}</Go>
                  <div className="dim small">{row.to}</div>
                </div>
              ),
            },
            { id: 'state', title: c('state'), fixed: true, render: (row) => <StateBadge state={row.state} /> },
            { id: 'reason', title: w('because'), render: (row) => (row.reason ? <span className="soft">{reasonLabel(row.reason, lang)}</span> : <span className="dim">–</span>) },
            { id: 'channel', title: c('channel'), render: (row) => channelLabel(row.channel, lang) },
            { id: 'template', title: w('template'), render: (row) => <span className="cut" style={{ display: 'block', maxWidth: 180 }}>{row.template_name ?? row.template ?? '–'}</span> },
            { id: 'journey', title: w('journey'), optional: true, phone: false, render: (row) => (row.journey ? <Go to={paths.journey(row.journey)}>{journeys.data?.find((one) => one.id === row.journey)?.name ?? row.journey}</Go> : '–') },
            { id: 'progress', title: w('progress'), phone: false, render: (row) => { const state = progress(row); return state ? <StateBadge state={state} /> : <span className="dim">–</span>; } },
            { id: 'at', title: w('at'), end: true, render: (row) => <Ago at={row.created_at} /> },
          ]}
        />
      </div>
    </Page>
  );
}
