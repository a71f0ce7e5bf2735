// A trend: how often something happens over time.
import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useCallback } from 'react';
import { call } from '../../../lib/api';
import { dateTime, isoDay, number, short, utcDate } from '../../../lib/format';
import { useDebounced } from '../../../lib/hooks';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel } from '../../../lib/vocabulary';
import { Empty } from '../../../ui/bits';
import { Chart, type ChartColours } from '../../../ui/chart';
import { Choose, EventChoose } from '../../../ui/condition-builder';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Table } from '../../../ui/list';
import { QuestionPage } from '../../../ui/question-page';
import { type Interval, type Point, wholeSeries } from '../logic/series';
import { aw } from '../words';

type Measure = 'count' | 'people';
const DAY = 86_400_000;

export default function TrendPage() {
  const w = useWords(aw);
  const lang = useLanguage();
  const facts = useFacts();
  const [url, setUrl] = useUrlState({ event: '', measure: 'count', interval: 'day', from: isoDay(Date.now() - 30 * DAY), to: isoDay(Date.now()) });
  const event = url.event || (facts.events[0]?.name ?? '');
  const question = useDebounced({ event, measure: url.measure as Measure, interval: url.interval as Interval, from: url.from, to: url.to }, 250);
  const ready = !!question.event && !!question.from && !!question.to && question.from <= question.to;
  const asked = useQuery({
    queryKey: ['analytics', 'trend', question],
    enabled: ready,
    placeholderData: (before) => before,
    // The server's intervals begin in UTC, and so do the days asked for.
    queryFn: async () => {
      const from = `${question.from}T00:00:00.000Z`;
      const to = new Date(Date.parse(`${question.to}T00:00:00Z`) + DAY).toISOString();
      const answer = await call('POST /analytics/trends:run', { body: { ...question, from, to } });
      return wholeSeries(answer.points, question.interval, from, to);
    },
  });
  const title = w('chart_trend', { event: lang === 'zh' ? `「${eventLabel(event, lang)}」` : eventLabel(event, lang), measure: w(`measure_${url.measure as Measure}`) });
  return (
    <QuestionPage
      title={w('trend')}
      sub={w('trend_sub')}
      data={() => (asked.data ? { name: title, rows: [[w('when'), w('value')], ...asked.data.map((one) => [one.at, one.value])] } : null)}
      question={
        <div className="cb">
          <div className="cb-sentence">
            <span className="word">{w('q_count')}</span>
            {lang === 'en' && <MeasureChoose value={url.measure} onChange={(measure) => setUrl({ measure })} />}
            {lang === 'en' && <span className="word">{w('q_of_event')}</span>}
            <EventChoose value={event} facts={facts} onChange={(next) => setUrl({ event: next })} />
            {lang === 'zh' && <span className="word">{w('q_of_event')}</span>}
            {lang === 'zh' && <MeasureChoose value={url.measure} onChange={(measure) => setUrl({ measure })} />}
            <span className="word">{w('by')}</span>
            <Choose value={url.interval} options={(['hour', 'day', 'week'] as const).map((one) => ({ value: one, label: w(one) }))} onChange={(interval) => setUrl({ interval })} label={w('by')} />
            <span className="word">{w('q_from')}</span>
            <Input size="small" variant="filled" type="date" aria-label={w('q_from')} value={url.from} style={{ width: 136 }} onChange={(e) => setUrl({ from: e.target.value })} />
            <span className="word">{w('q_to')}</span>
            <Input size="small" variant="filled" type="date" aria-label={w('q_to')} value={url.to} style={{ width: 136 }} onChange={(e) => setUrl({ to: e.target.value })} />
          </div>
        </div>
      }
      picture={ready ? <Answered of={asked}>{(points) => <TrendView points={points} title={title} interval={url.interval as Interval} measure={w(`measure_${url.measure as Measure}`)} />}</Answered> : <Empty title={w(facts.events.length === 0 ? 'no_events' : 'choose_event')} action={facts.events.length === 0 ? <Go to={paths.sources}>{w('go_sources')}</Go> : undefined} />}
    />
  );
}

function MeasureChoose({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const w = useWords(aw);
  return <Choose value={value} options={(['count', 'people'] as const).map((one) => ({ value: one, label: w(`measure_${one}`) }))} onChange={onChange} label={w('q_count')} />;
}

function TrendView({ points, title, interval, measure }: { points: Point[]; title: string; interval: Interval; measure: string }) {
  const w = useWords(aw);
  const lang = useLanguage();
  const when = useCallback((at: string) => (interval === 'hour' ? dateTime(at, lang) : utcDate(at, lang)), [interval, lang]);
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 16, top: 30, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis', backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 } },
      xAxis: { type: 'category', data: points.map((one) => when(one.at)), axisLabel: { color: colour.ink2 }, axisLine: { lineStyle: { color: colour.ink2 } }, axisTick: { show: false } },
      yAxis: { type: 'value', min: 0, name: measure, nameTextStyle: { color: colour.ink2, align: 'left' }, axisLabel: { color: colour.ink2, formatter: (value: number) => short(value, lang) }, splitLine: { lineStyle: { color: colour.line } } },
      series: [{ name: measure, type: 'line', data: points.map((one) => one.value), symbol: points.length > 60 ? 'none' : 'circle', symbolSize: 5, lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 }, color: colour.series[0] }],
    }),
    [points, lang, measure, when],
  );
  const total = points.reduce((sum, one) => sum + one.value, 0);
  return (
    <div className="stack loose">
      <Chart title={title} summary={w('summary_trend', { total: number(total, lang), max: number(Math.max(0, ...points.map((one) => one.value)), lang) })} option={option} height={300} note={interval === 'hour' ? w('note_hours') : w('note_days')} />
      <Table
        label={title}
        cards={false}
        rows={[...points].reverse().slice(0, 60)}
        rowKey={(row) => row.at}
        columns={[
          { id: 'at', title: w('when'), render: (row) => when(row.at) },
          { id: 'value', title: measure, end: true, render: (row) => number(row.value, lang) },
        ]}
      />
    </div>
  );
}
