// The ledger: every message, what became of it, and why some did not go out.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useMemo } from 'react';
import { type Delivery, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useJourneyName, useJourneys, useTemplateName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, reasonLabel, stateLabel } from '../../../lib/vocabulary';
import { Ago, Bars, StateBadge } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { lw } from '../words';

const HOUR = 3_600_000;
const STATES = ['queued', 'deferred', 'attempting', 'sent', 'failed', 'suppressed', 'unknown'];
const TONES: { [state: string]: string } = { sent: 'var(--good)', suppressed: 'var(--warn)', failed: 'var(--bad)', unknown: 'var(--warn)', deferred: 'var(--info)', queued: 'var(--info)', attempting: 'var(--info)' };

export default function LedgerPage() {
  const w = useWords(lw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '', state: '', channel: '', reason: '', journey: '', days: '' });
  // Sums are kept by the hour: list and sums begin with the same one.
  const from = useMemo(() => (url.days ? new Date(Math.floor(Date.now() / HOUR) * HOUR - Number(url.days) * 24 * HOUR).toISOString() : undefined), [url.days]);
  const summary = useQuery({ queryKey: ['deliveries', 'summary', from], refetchInterval: 15_000, placeholderData: keepPreviousData, queryFn: () => call('GET /deliveries/summary', { query: { from } }) });
  const journeys = useJourneys();
  const journeyName = useJourneyName();
  const templateName = useTemplateName();
  const reasons = [...new Set([...(summary.data?.by_reason.map((one) => one.reason) ?? []), ...(url.reason ? [url.reason] : [])])];
  const filtered = !!(url.state || url.channel || url.reason || url.journey || url.days || url.q);
  const progress = (row: Delivery) => (row.clicked_at ? 'clicked' : row.opened_at ? 'opened' : row.delivered_at ? 'delivered' : null);
  return (
    <Page
      title={w('title')}
      sub={w('sub')}
      actions={<Select aria-label={w('range')} value={url.days} onChange={(days) => setUrl({ days })} style={{ width: 130 }} options={[{ value: '', label: w('any_time') }, ...['1', '7', '30', '90'].map((one) => ({ value: one, label: one === '1' ? w('last_day') : w('last_days', { n: one }) }))]} />}
    >
      <div className="stack loose">
        <div className="cols">
          <Panel title={w('summary_state')} extra={summary.data && <span className="dim small">{w(from ? 'summary_period' : 'summary_note', { n: number(summary.data.total, lang) })}</span>}>
            <Answered of={summary} lines={4}>
              {(data) => (data.total === 0 ? <p className="dim">{w(from ? 'no_states_period' : 'no_states')}</p> : <Bars label={w('summary_state')} onPick={(state) => setUrl({ state, reason: '' })} rows={STATES.filter((one) => data.by_state[one]).map((one) => ({ key: one, label: stateLabel(one, lang), value: data.by_state[one]!, tone: TONES[one] }))} />)}
            </Answered>
          </Panel>
          <Panel title={w('summary_reason')}>
            <Answered of={summary} lines={4}>
              {(data) => (data.by_reason.length === 0 ? <p className="dim">{w(from ? 'no_reasons_period' : 'no_reasons')}</p> : <Bars label={w('summary_reason')} onPick={(key) => setUrl({ state: key.split(' ')[0], reason: key.slice(key.indexOf(' ') + 1) })} rows={data.by_reason.map((one) => ({ key: `${one.state} ${one.reason}`, label: reasonLabel(one.reason, lang), value: one.count, tone: TONES[one.state] }))} />)}
            </Answered>
          </Panel>
        </div>
        <List
          id="ledger"
          label={w('title')}
          ask={{
            key: ['deliveries', 'list', url, from],
            fetch: (cursor, signal) => call('GET /deliveries', { query: { q: url.q, state: url.state, channel: url.channel, reason: url.reason, journey: url.journey, from, cursor, limit: 50 }, signal }),
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
            </>
          }
          filtered={filtered}
          onClear={() => setUrl({ q: '', state: '', channel: '', reason: '', journey: '', days: '' })}
          empty={{ title: w('empty'), text: w('empty_text'), action: <Go to={paths.journeys}>{w('go_journeys')}</Go> }}
          columns={[
            {
              id: 'who',
              title: w('to'),
              fixed: true,
              render: (row) => (
                <div>
                  <Go className="main-link" to={paths.delivery(row.id)}>{row.person_name || row.to || row.person}</Go>
                  <div className="dim small">{row.to}</div>
                </div>
              ),
            },
            { id: 'state', title: c('state'), fixed: true, render: (row) => <StateBadge state={row.state} /> },
            { id: 'reason', title: w('because'), render: (row) => (row.reason ? <span className="soft">{reasonLabel(row.reason, lang)}</span> : <span className="dim">–</span>) },
            { id: 'channel', title: c('channel'), render: (row) => channelLabel(row.channel, lang) },
            { id: 'template', title: w('template'), render: (row) => <span className="cut" style={{ display: 'block', maxWidth: 180 }}>{templateName(row.template)}</span> },
            { id: 'journey', title: w('journey'), optional: true, phone: false, render: (row) => (row.journey ? <Go to={paths.journey(row.journey)}>{journeyName(row.journey)}</Go> : '–') },
            { id: 'progress', title: w('progress'), phone: false, render: (row) => { const state = progress(row); return state ? <StateBadge state={state} /> : <span className="dim">–</span>; } },
            { id: 'at', title: w('at'), end: true, render: (row) => <Ago at={row.created_at} /> },
          ]}
        />
      </div>
    </Page>
  );
}
