// The funnel: the question as a sentence, the answer as a picture and a table.
import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { Plus, X } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type EventStep, type FunnelAnswer, call } from '../../../lib/api';
import { clock, duration, isoDay, number, percent, startOfDay } from '../../../lib/format';
import { useDebounced } from '../../../lib/hooks';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel } from '../../../lib/vocabulary';
import { Empty } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Chart, type ChartColours } from '../../../ui/chart';
import { SpanEdit, StepEdit, isSpan } from '../../../ui/condition-builder';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Table } from '../../../ui/list';
import { QuestionPage } from '../../../ui/question-page';
import { SegmentChoose } from '../parts/segment-choose';
import { aw } from '../words';

const LIKELY = [['view_item', 'Product Viewed', 'page'], ['add_to_cart', 'Product Added'], ['purchase', 'Order Completed', 'order_completed', 'order']];

export default function FunnelPage() {
  const w = useWords(aw);
  const lang = useLanguage();
  const facts = useFacts();
  const [url, setUrl] = useUrlState({ steps: '', within: '7d', from: isoDay(Date.now() - 30 * 86_400_000), to: isoDay(Date.now()), segment: '' });
  const steps = useMemo<EventStep[]>(() => read(url.steps), [url.steps]);
  const [guessed, setGuessed] = useState(false);
  const setSteps = (next: EventStep[]) => setUrl({ steps: JSON.stringify(next) });
  // A first visit shows an answer at once: the usual way to an order, from the events there are.
  useEffect(() => {
    if (guessed || url.steps || facts.events.length === 0) return;
    setGuessed(true);
    const known = LIKELY.flatMap((names) => facts.events.filter((one) => names.includes(one.name)).slice(0, 1));
    setSteps((known.length >= 2 ? known : facts.events.slice(0, 2)).map((one) => ({ name: one.name })));
  }, [facts.events, url.steps, guessed]);
  const question = useDebounced({ steps, within: url.within, from: url.from, to: url.to, segment: url.segment || undefined }, 300);
  const ready = question.steps.length >= 2 && question.steps.every((step) => step.name) && isSpan(question.within) && !!question.from && !!question.to;
  const asked = useQuery({
    queryKey: ['analytics', 'funnel', question],
    enabled: ready,
    placeholderData: (before) => before,
    queryFn: () => call('POST /analytics/funnels:run', { body: { ...question, from: startOfDay(question.from), to: startOfDay(question.to, 1) } }),
  });
  return (
    <QuestionPage
      title={w('funnel')}
      sub={w('funnel_sub')}
      data={() => (asked.data ? { name: w('funnel'), rows: [[w('step'), w('people'), w('from_first'), w('from_previous')], ...asked.data.steps.map((one) => [one.name, one.people, one.rate_from_first, one.rate_from_previous])] } : null)}
      question={
        <div className="cb">
          <div className="cb-sentence">
            {lang === 'en' && <span className="word">{w('of')}</span>}
            <SegmentChoose value={url.segment} onChange={(segment) => setUrl({ segment })} />
            <span className="word">{w('q_from')}</span>
            <Input size="small" variant="filled" type="date" aria-label={w('q_from')} value={url.from} style={{ width: 136 }} onChange={(e) => setUrl({ from: e.target.value })} />
            <span className="word">{w('q_to')}</span>
            <Input size="small" variant="filled" type="date" aria-label={w('q_to')} value={url.to} style={{ width: 136 }} onChange={(e) => setUrl({ to: e.target.value })} />
            <span className="word">{w('q_between')}</span>
            <span className="word">{w('q_did')}</span>
            {steps.map((step, i) => (
              <span key={i} className="row" style={{ display: 'inline-flex', gap: 4, flexWrap: 'wrap' }}>
                {i > 0 && <span className="word">{w('q_then')}</span>}
                <StepEdit step={step} facts={facts} onChange={(next) => setSteps(steps.map((one, j) => (j === i ? next : one)))} />
                {steps.length > 2 && (
                  <button type="button" className="icon-button" style={{ minWidth: 20, height: 22 }} aria-label={w('remove_step')} title={w('remove_step')} onClick={() => setSteps(steps.filter((_, j) => j !== i))}>
                    <X size={12} aria-hidden />
                  </button>
                )}
              </span>
            ))}
            <Button size="small" type="dashed" icon={<Plus size={12} />} onClick={() => setSteps([...steps, { name: '' }])}>
              {w('add_step')}
            </Button>
            <span className="word">{w('q_within')}</span>
            <SpanEdit value={url.within} onChange={(within) => setUrl({ within })} label={w('q_within')} />
          </div>
        </div>
      }
      picture={ready ? <Answered of={asked}>{(answer) => <FunnelView answer={answer} />}</Answered> : <Empty title={w(facts.events.length === 0 ? 'no_events' : 'choose_steps')} action={facts.events.length === 0 ? <Go to={paths.sources}>{w('go_sources')}</Go> : undefined} />}
    />
  );
}

function read(text: string): EventStep[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as EventStep[]) : [{ name: '' }, { name: '' }];
  } catch {
    return [{ name: '' }, { name: '' }];
  }
}

function FunnelView({ answer }: { answer: FunnelAnswer }) {
  const w = useWords(aw);
  const lang = useLanguage();
  const { steps } = answer;
  const rate = useCallback((share: number | null | undefined) => (share === null || share === undefined ? '–' : percent(share, lang)), [lang]);
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 12, top: 28, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 } },
      xAxis: { type: 'category', data: steps.map((one, i) => `${i + 1}. ${eventLabel(one.name, lang)}`), axisLabel: { color: colour.ink, interval: 0 }, axisLine: { lineStyle: { color: colour.ink2 } }, axisTick: { show: false } },
      yAxis: { type: 'value', min: 0, name: w('people'), nameTextStyle: { color: colour.ink2 }, axisLabel: { color: colour.ink2 }, splitLine: { lineStyle: { color: colour.line } } },
      series: [
        { name: w('people'), type: 'bar', stack: 'all', barWidth: '46%', color: colour.series[0], data: steps.map((one) => one.people), label: { show: true, position: 'insideTop', color: colour.surface, formatter: (point: { dataIndex: number }) => rate(steps[point.dataIndex]!.rate_from_first) } },
        { name: w('lost'), type: 'bar', stack: 'all', color: colour.line, data: steps.map((one, i) => (i === 0 ? 0 : steps[i - 1]!.people - one.people)) },
      ],
    }),
    [steps, lang, w, rate],
  );
  const first = steps[0];
  const last = steps[steps.length - 1];
  if (!first || !last) return null;
  return (
    <div className="stack loose">
      {first.people < 100 && <div className="note-box warn">{w('small_base')}</div>}
      <Chart
        title={w('chart_funnel')}
        summary={w('summary_funnel', { first: number(first.people, lang), last: number(last.people, lang), rate: rate(last.rate_from_first) })}
        option={option}
        height={300}
        note={
          <>
            {answer.median_time_to_convert_ms ? `${w('median', { time: duration(answer.median_time_to_convert_ms, lang) })} · ` : ''}
            {w('as_of', { time: clock(answer.as_of, lang) })}
          </>
        }
      />
      <Table
        label={w('funnel')}
        rows={steps.map((one, i) => ({ ...one, i }))}
        rowKey={(row) => String(row.i)}
        columns={[
          { id: 'step', title: w('step'), render: (row) => `${row.i + 1}. ${eventLabel(row.name, lang)}` },
          { id: 'people', title: w('people'), end: true, render: (row) => <b>{number(row.people, lang)}</b> },
          { id: 'first', title: w('from_first'), end: true, render: (row) => rate(row.rate_from_first) },
          { id: 'previous', title: w('from_previous'), end: true, render: (row) => (row.i === 0 ? '–' : rate(row.rate_from_previous)) },
          { id: 'lost', title: w('lost'), end: true, render: (row) => (row.i === 0 ? '–' : number(steps[row.i - 1]!.people - row.people, lang)) },
        ]}
      />
    </div>
  );
}
