// What became of every event: sums by outcome, source and reason.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useCallback, useMemo } from 'react';
import { type Outcome, type Outcomes, call } from '../../../lib/api';
import { clock, dateTime, number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useSourceName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useNarrow } from '../../../lib/theme';
import { useUrlState } from '../../../lib/use-url-state';
import { reasonLabel, stateLabel } from '../../../lib/vocabulary';
import { Badge, Bars, Figure } from '../../../ui/bits';
import { Chart, type ChartColours } from '../../../ui/chart';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Table } from '../../../ui/list';
import { Page, Panel } from '../../../ui/page';
import { dw } from '../words';

const OUTCOMES: Outcome[] = ['stored', 'duplicate', 'quarantined', 'withheld', 'rejected'];
/** The columns of the table of sources, as far as there is room. */
const WIDE: Outcome[] = ['stored', 'duplicate', 'quarantined'];
const NARROW: Outcome[] = ['stored', 'quarantined'];

export default function OutcomesPage() {
  const w = useWords(dw);
  const [url, setUrl] = useUrlState({ hours: '24', source: '' });
  const sourceName = useSourceName();
  const from = useMemo(() => new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - (Number(url.hours) - 1) * 3_600_000).toISOString(), [url.hours]);
  const asked = useQuery({ queryKey: ['outcomes', from, url.source], refetchInterval: 15_000, placeholderData: (before) => before, queryFn: () => call('GET /outcomes', { query: { from, source: url.source } }) });
  const sources = [...new Set(asked.data?.items.map((one) => one.source) ?? [])];
  return (
    <Page
      title={w('outcomes')}
      sub={w('outcomes_sub')}
      actions={
        <>
          <Select aria-label={w('source')} value={url.source} onChange={(source) => setUrl({ source })} style={{ width: 140 }} options={[{ value: '', label: w('all_sources') }, ...[...new Set([...sources, ...(url.source ? [url.source] : [])])].map((one) => ({ value: one, label: sourceName(one) }))]} />
          <Select aria-label={w('range')} value={url.hours} onChange={(hours) => setUrl({ hours })} style={{ width: 140 }} options={[{ value: '24', label: w('last_24') }, { value: '168', label: w('last_7d') }]} />
        </>
      }
    >
      <Answered of={asked} lines={10}>{(data) => <OutcomesView data={data} from={from} long={url.hours !== '24'} />}</Answered>
    </Page>
  );
}

/** Each hour from the beginning to now, also those in which nothing came. */
function everyHour(from: string, items: Outcomes['items']): string[] {
  const hours = new Set(items.map((one) => one.hour));
  for (let at = Date.parse(from); at <= Date.now(); at += 3_600_000) hours.add(new Date(at).toISOString());
  return [...hours].sort();
}

function OutcomesView({ data, from, long }: { data: Outcomes; from: string; long: boolean }) {
  const w = useWords(dw);
  const lang = useLanguage();
  const sourceName = useSourceName();
  const narrow = useNarrow();
  const all = Object.values(data.totals).reduce((sum, one) => sum + one, 0);
  const lines = data.items.reduce((sum, one) => sum + one.count, 0);
  const hours = useMemo(() => everyHour(from, data.items), [from, data.items]);
  const option = useCallback(
    (colour: ChartColours) => {
      const tones = [colour.series[0], colour.series[5], colour.series[1], colour.series[2], colour.bad];
      return {
        grid: { left: 8, right: 12, top: 34, bottom: 4, containLabel: true },
        legend: { type: 'scroll', top: 0, left: 0, right: 0, itemGap: 16, itemWidth: 12, itemHeight: 8, textStyle: { color: colour.ink2 } },
        tooltip: { trigger: 'axis', backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 } },
        xAxis: { type: 'category', data: hours.map((hour) => (long ? dateTime(hour, lang) : clock(hour, lang, false))), axisLabel: { color: colour.ink2 }, axisLine: { lineStyle: { color: colour.ink2 } }, axisTick: { show: false } },
        yAxis: { type: 'value', min: 0, axisLabel: { color: colour.ink2 }, splitLine: { lineStyle: { color: colour.line } } },
        series: OUTCOMES.map((outcome, i) => ({
          name: stateLabel(outcome, lang), type: 'bar', stack: 'all', barMaxWidth: 26, color: tones[i],
          data: hours.map((hour) => data.items.filter((one) => one.hour === hour && one.outcome === outcome).reduce((sum, one) => sum + one.count, 0)),
        })),
      };
    },
    [data.items, hours, lang, long],
  );
  const sum = (key: (one: Outcomes['items'][number]) => string | null | undefined) => {
    const found = new Map<string, number>();
    for (const one of data.items) {
      const name = key(one);
      if (name) found.set(name, (found.get(name) ?? 0) + one.count);
    }
    return [...found].sort((a, b) => b[1] - a[1]);
  };
  const reasons = sum((one) => (one.outcome === 'stored' ? null : (one.reason || one.outcome)));
  const sources = sum((one) => one.source);
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('received_all')} value={number(all, lang)} note={<Badge tone={all === lines ? 'good' : 'bad'}>{w(all === lines ? 'sum_ok' : 'sum_bad')}</Badge>} />
        {OUTCOMES.map((outcome) => (
          <Figure key={outcome} label={outcome === 'quarantined' ? <Go to={paths.quarantine}>{stateLabel(outcome, lang)}</Go> : stateLabel(outcome, lang)} value={number(data.totals[outcome] ?? 0, lang)} note={all > 0 ? percent((data.totals[outcome] ?? 0) / all, lang) : ''} />
        ))}
      </div>
      <Chart title={w('by_hour')} summary={w('chart_summary', { n: number(all, lang) })} option={option} height={260} />
      <div className="cols">
        <Panel title={w('by_reason')}>{reasons.length === 0 ? <p className="dim">{w('none_lost')}</p> : <Bars label={w('by_reason')} rows={reasons.map(([reason, value]) => ({ key: reason, label: reasonLabel(reason, lang), value, tone: 'var(--c2)', to: reason.startsWith('plan.') ? { path: paths.quarantine, search: { reason } } : undefined }))} />}</Panel>
        <Panel title={w('by_source')}>
          <Table
            label={w('by_source')}
            cards={false}
            rows={sources}
            rowKey={(row) => row[0]}
            columns={[
              { id: 'source', title: w('source'), render: (row) => sourceName(row[0]) },
              ...(narrow ? NARROW : WIDE).map((outcome) => ({ id: outcome, title: stateLabel(outcome, lang), end: true, render: (row: [string, number]) => number(data.items.filter((one) => one.source === row[0] && one.outcome === outcome).reduce((total, one) => total + one.count, 0), lang) })),
              { id: 'total', title: w('total'), end: true, render: (row: [string, number]) => <b>{number(row[1], lang)}</b> },
            ]}
          />
        </Panel>
      </div>
    </div>
  );
}
