// Events that name a thing, day by day.
import { Select } from 'antd';
import { useCallback, useMemo } from 'react';
import type { Thing } from '../../../lib/api';
import { number, short } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel } from '../../../lib/vocabulary';
import { Empty } from '../../../ui/bits';
import { Chart, type ChartColours } from '../../../ui/chart';
import { Table } from '../../../ui/list';
import { Panel } from '../../../ui/page';
import { everyDay } from '../logic/days';
import { cw } from '../words';

export const MEASURES = ['events', 'quantity', 'amount'] as const;
export type Measure = (typeof MEASURES)[number];
export const PERIODS = ['7', '30', '90', '400'] as const;

export function Figures({ thing, ids }: { thing: Thing; ids: string[] }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ event: '', measure: 'events', days: '30' });
  const { totals, from, to } = thing.figures;
  const event = totals.some((one) => one.event === url.event) ? url.event : (totals[0]?.event ?? '');
  const measure: Measure = MEASURES.find((one) => one === url.measure) ?? 'events';
  const what = `${eventLabel(event, lang)} · ${w(`of_${measure}`)}`;
  const points = useMemo(() => everyDay(thing.figures, event, measure), [thing.figures, event, measure]);
  const digits = measure === 'events' ? 0 : 2;
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 12, top: 16, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis', backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 } },
      xAxis: { type: 'category', data: points.map((one) => one.day.slice(5)), axisLabel: { color: colour.ink2 }, axisLine: { lineStyle: { color: colour.ink2 } }, axisTick: { show: false } },
      yAxis: { type: 'value', min: 0, axisLabel: { color: colour.ink2, formatter: (value: number) => short(value, lang) }, splitLine: { lineStyle: { color: colour.line } } },
      series: [{ name: what, type: 'bar', barMaxWidth: 18, data: points.map((one) => one.value), color: colour.series[0] }],
    }),
    [points, lang, what],
  );
  const all = points.reduce((sum, one) => sum + one.value, 0);
  const chooser = <Select size="small" aria-label={w('period')} value={url.days} style={{ minWidth: 110 }} onChange={(days: string) => setUrl({ days })} options={PERIODS.map((value) => ({ value, label: w('days_n', { n: value }) }))} />;
  if (totals.length === 0) {
    return <Panel title={w('figures')} extra={chooser}><Empty title={w('figures_none')} text={w('figures_none_text', { ids: ids.join(lang === 'zh' ? '、' : ', ') })} /></Panel>;
  }
  return (
    <div className="stack">
      <div className="row wrap">
        {totals.length > 1 && <Select size="small" aria-label={w('event')} value={event} popupMatchSelectWidth={false} style={{ minWidth: 130 }} onChange={(next: string) => setUrl({ event: next })} options={totals.map((one) => ({ value: one.event, label: eventLabel(one.event, lang) }))} />}
        <Select size="small" aria-label={w('measure')} value={measure} style={{ minWidth: 90 }} onChange={(next: Measure) => setUrl({ measure: next })} options={MEASURES.map((value) => ({ value, label: w(`of_${value}`) }))} />
        {chooser}
      </div>
      <Chart title={w('figures_day', { what })} summary={w('figures_said', { n: number(all, lang, digits), max: number(Math.max(0, ...points.map((one) => one.value)), lang, digits) })} option={option} height={200} note={w('figures_note', { from, to })} />
      <Table
        label={w('figures')}
        cards={false}
        rows={totals}
        rowKey={(row) => row.event}
        columns={[
          { id: 'event', title: w('event'), render: (row) => eventLabel(row.event, lang) },
          ...MEASURES.map((key) => ({ id: key, title: w(`of_${key}`), end: true, render: (row: (typeof totals)[number]) => <span className="num">{number(Number(row[key]), lang, key === 'events' ? 0 : 2)}</span> })),
        ]}
      />
    </div>
  );
}
