// How a segment grew: its size as a line, who came and went as bars.
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { type GrowthDay, call } from '../../../lib/api';
import { day, number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { Empty, Figure } from '../../../ui/bits';
import { Chart, type ChartColours } from '../../../ui/chart';
import { Answered } from '../../../ui/feedback';
import { Table } from '../../../ui/list';
import { seg } from '../words';

export function Growth({ id }: { id: string }) {
  const w = useWords(seg);
  const asked = useQuery({ queryKey: ['segments', id, 'growth'], queryFn: () => call('GET /segments/{id}/growth', { path: { id } }) });
  return <Answered of={asked}>{({ items }) => (items.length === 0 ? <Empty title={w('growth_none')} /> : <GrowthView days={items} />)}</Answered>;
}

function GrowthView({ days }: { days: GrowthDay[] }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: [
        { left: 48, right: 12, top: 34, height: 150 },
        { left: 48, right: 12, top: 208, height: 92 },
      ],
      legend: { top: 0, left: 0, itemGap: 16, itemWidth: 12, itemHeight: 8, textStyle: { color: colour.ink2 } },
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      tooltip: { trigger: 'axis', valueFormatter: (value: unknown) => number(Math.abs(Number(value)), lang), backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 } },
      xAxis: [0, 1].map((i) => ({ gridIndex: i, type: 'category', data: days.map((one) => day(`${one.day.slice(0, 10)}T12:00:00Z`, lang)), axisLabel: { show: i === 1, color: colour.ink2 }, axisLine: { lineStyle: { color: colour.line }, onZero: false }, axisTick: { show: false } })),
      yAxis: [
        { type: 'value', min: 0, axisLabel: { color: colour.ink2 }, splitLine: { lineStyle: { color: colour.line } } },
        { gridIndex: 1, type: 'value', splitNumber: 2, axisLabel: { color: colour.ink2, formatter: (value: number) => number(Math.abs(value), lang) }, splitLine: { lineStyle: { color: colour.line } } },
      ],
      series: [
        { name: w('growth_count'), type: 'line', data: days.map((one) => one.count), symbol: days.length > 40 ? 'none' : 'circle', symbolSize: 5, lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 }, color: colour.series[0] },
        { name: w('growth_entered'), type: 'bar', stack: 'flow', xAxisIndex: 1, yAxisIndex: 1, data: days.map((one) => one.entered), barMaxWidth: 10, color: colour.series[2] },
        { name: w('growth_left'), type: 'bar', stack: 'flow', xAxisIndex: 1, yAxisIndex: 1, data: days.map((one) => -one.left), barMaxWidth: 10, color: colour.series[1] },
      ],
    }),
    [days, lang, w],
  );
  const first = days[0]!;
  const last = days[days.length - 1]!;
  const came = days.reduce((sum, one) => sum + one.entered, 0);
  const went = days.reduce((sum, one) => sum + one.left, 0);
  const signed = (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${number(Math.abs(value), lang)}`;
  const daily = (sum: number) => w('growth_a_day', { n: number(sum / days.length, lang, 1) });
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('growth_now')} value={number(last.count, lang)} />
        <Figure label={w('growth_change', { days: days.length })} value={signed(last.count - first.count)} />
        <Figure label={w('growth_in', { days: days.length })} value={number(came, lang)} note={daily(came)} />
        <Figure label={w('growth_out', { days: days.length })} value={number(went, lang)} note={daily(went)} />
      </div>
      <Chart title={w('growth_title')} summary={w('growth_summary', { from: number(first.count, lang), to: number(last.count, lang) })} option={option} height={334} />
      <Table
        label={w('growth_title')}
        rows={[...days].reverse().slice(0, 14)}
        rowKey={(row) => row.day}
        cards={false}
        columns={[
          { id: 'day', title: w('day'), render: (row) => row.day.slice(0, 10) },
          { id: 'count', title: w('growth_count'), end: true, render: (row) => number(row.count, lang) },
          { id: 'in', title: w('growth_entered'), end: true, render: (row) => (row.entered > 0 ? `+${number(row.entered, lang)}` : '0') },
          { id: 'out', title: w('growth_left'), end: true, render: (row) => (row.left > 0 ? `−${number(row.left, lang)}` : '0') },
        ]}
      />
    </div>
  );
}
