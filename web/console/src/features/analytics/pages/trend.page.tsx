// A trend: how often something happens over time.
import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useCallback, useMemo } from 'react';
import { type EventStep, type TrendAnswer, call } from '../../../lib/api';
import { date, dateTime, isoDay, number, short, startOfDay, timeZone } from '../../../lib/format';
import { useDebounced } from '../../../lib/hooks';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel } from '../../../lib/vocabulary';
import { Empty } from '../../../ui/bits';
import { Chart, type ChartColours } from '../../../ui/chart';
import { Choose, StepEdit } from '../../../ui/condition-builder';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Table } from '../../../ui/list';
import { QuestionPage } from '../../../ui/question-page';
import { SegmentChoose } from '../parts/segment-choose';
import { aw } from '../words';

type Measure = 'count' | 'people';
type Interval = 'hour' | 'day' | 'week';
type Point = TrendAnswer['points'][number];
const DAY = 86_400_000;

export default function TrendPage() {
  const w = useWords(aw);
  const lang = useLanguage();
  const facts = useFacts();
  const [url, setUrl] = useUrlState({ event: '', where: '', segment: '', measure: 'count', interval: 'day', from: isoDay(Date.now() - 30 * DAY), to: isoDay(Date.now()) });
  const name = url.event || (facts.events[0]?.name ?? '');
  const event = useMemo<EventStep>(() => ({ name, ...read(url.where) }), [name, url.where]);
  const question = useDebounced({ event, measure: url.measure as Measure, interval: url.interval as Interval, from: url.from, to: url.to, segment: url.segment || undefined }, 250);
  const ready = !!question.event.name && !!question.from && !!question.to && question.from <= question.to;
  const asked = useQuery({
    queryKey: ['analytics', 'trend', question],
    enabled: ready,
    placeholderData: (before) => before,
    queryFn: () => call('POST /analytics/trends:run', { body: { ...question, from: startOfDay(question.from), to: startOfDay(question.to, 1) } }),
  });
  const title = w('chart_trend', { event: lang === 'zh' ? `「${eventLabel(name, lang)}」` : eventLabel(name, lang), measure: w(`measure_${url.measure as Measure}`) });
  return (
    <QuestionPage
      title={w('trend')}
      sub={w('trend_sub')}
      data={() => (asked.data ? { name: title, rows: [[w('when'), w('value')], ...asked.data.points.map((one) => [one.at, one.value])] } : null)}
      question={
        <div className="cb">
          <div className="cb-sentence">
            <span className="word">{w('q_count')}</span>
            {lang === 'en' && <MeasureChoose value={url.measure} onChange={(measure) => setUrl({ measure })} />}
            {lang === 'en' && <span className="word">{w('q_of_event')}</span>}
            <StepEdit step={event} facts={facts} any onChange={(next) => setUrl({ event: next.name, where: next.where ? JSON.stringify(next.where) : '' })} />
            {lang === 'zh' && <span className="word">{w('q_of_event')}</span>}
            {lang === 'zh' && <MeasureChoose value={url.measure} onChange={(measure) => setUrl({ measure })} />}
            <span className="word">{w('q_by_whom')}</span>
            <SegmentChoose value={url.segment} onChange={(segment) => setUrl({ segment })} />
            <span className="word">{w('by')}</span>
            <Choose value={url.interval} options={(['hour', 'day', 'week'] as const).map((one) => ({ value: one, label: w(one) }))} onChange={(interval) => setUrl({ interval })} label={w('by')} />
            <span className="word">{w('q_from')}</span>
            <Input size="small" variant="filled" type="date" aria-label={w('q_from')} value={url.from} style={{ width: 136 }} onChange={(e) => setUrl({ from: e.target.value })} />
            <span className="word">{w('q_to')}</span>
            <Input size="small" variant="filled" type="date" aria-label={w('q_to')} value={url.to} style={{ width: 136 }} onChange={(e) => setUrl({ to: e.target.value })} />
          </div>
        </div>
      }
      picture={ready ? <Answered of={asked}>{(answer) => <TrendView points={answer.points} title={title} interval={url.interval as Interval} measure={w(`measure_${url.measure as Measure}`)} />}</Answered> : <Empty title={w(facts.events.length === 0 ? 'no_events' : 'choose_event')} action={facts.events.length === 0 ? <Go to={paths.sources}>{w('go_sources')}</Go> : undefined} />}
    />
  );
}

function read(where: string): { where?: EventStep['where'] } {
  try {
    return where ? { where: JSON.parse(where) as EventStep['where'] } : {};
  } catch {
    return {};
  }
}

function MeasureChoose({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const w = useWords(aw);
  return <Choose value={value} options={(['count', 'people'] as const).map((one) => ({ value: one, label: w(`measure_${one}`) }))} onChange={onChange} label={w('q_count')} />;
}

function TrendView({ points, title, interval, measure }: { points: Point[]; title: string; interval: Interval; measure: string }) {
  const w = useWords(aw);
  const lang = useLanguage();
  const when = useCallback((at: string) => (interval === 'hour' ? dateTime(at, lang) : date(at, lang)), [interval, lang]);
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
      <Chart title={title} summary={w('summary_trend', { total: number(total, lang), max: number(Math.max(0, ...points.map((one) => one.value)), lang) })} option={option} height={300} note={w('note_zone', { zone: timeZone() })} />
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
