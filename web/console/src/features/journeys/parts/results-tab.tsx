// What the journey brought: arms against control, with uncertainty shown and said in plain words.
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { type JourneyResult, type ResultArm, call } from '../../../lib/api';
import { money, number, percent, span } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { stateLabel } from '../../../lib/vocabulary';
import { Badge, Bars, Empty, Figure } from '../../../ui/bits';
import { Chart, type ChartColours } from '../../../ui/chart';
import { stepText } from '../../../ui/condition-builder';
import { Answered } from '../../../ui/feedback';
import { Table } from '../../../ui/list';
import { Panel } from '../../../ui/page';
import { extra, isSmall, verdict, wilson } from '../logic/results';
import { rw } from '../result-words';

export function ResultsTab({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['journeys', id, 'result'], refetchInterval: 30_000, queryFn: () => call('GET /journeys/{id}/result', { path: { id } }) });
  return (
    <div className="page">
      <Answered of={asked}>{(result) => <ResultView result={result} />}</Answered>
    </div>
  );
}

function ResultView({ result }: { result: JourneyResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  if (!result.goal) return <Empty title={w('none')} text={w('none_goal')} />;
  if (result.arms.length === 0 || result.arms.every((arm) => arm.people === 0)) return <Empty title={w('none')} text={w('none_text')} />;
  const control = result.arms.find((arm) => arm.control);
  const armOf = (key: string) => result.arms.find((arm) => arm.key === key);
  const signed = (points: number) => `${points > 0 ? '+' : points < 0 ? '−' : ''}${number(Math.abs(points * 100), lang, 1)}`;
  const first = result.comparisons[0];
  const firstArm = first ? armOf(first.arm) : undefined;
  const goalText = typeof result.goal.event === 'string' ? stepText({ name: result.goal.event }, lang) : stepText(result.goal.event, lang);
  return (
    <div className="stack loose">
      {result.comparisons.map((comparison) => {
        const arm = armOf(comparison.arm);
        const said = verdict(comparison, arm, control);
        return (
          <div key={comparison.arm} className={`note-box ${said === 'better' ? 'good' : said === 'unclear' ? '' : 'warn'}`} style={{ fontSize: 15 }}>
            {w(said, {
              arm: arm ? (lang === 'zh' ? `「${arm.name}」` : `“${arm.name}”`) : comparison.arm,
              pp: number(Math.abs(comparison.difference * 100), lang, 1),
              level: percent(comparison.confidence, lang, 0),
              low: signed(comparison.ci[0]),
              high: signed(comparison.ci[1]),
              p: comparison.p_value < 0.001 ? '< 0.001' : `= ${number(comparison.p_value, lang, 3)}`,
            })}
            {said === 'too_small' && <div className="small soft">{w('small_note')}</div>}
          </div>
        );
      })}
      {!control && <div className="note-box warn">{w('no_control')}</div>}
      <div className="figures">
        <Figure label={w('goal')} value={<span style={{ fontSize: 15 }}>{w('goal_line', { window: span(result.goal.window, lang), what: goalText })}</span>} />
        <Figure label={w('reached')} value={number(result.reached, lang)} note={w('reached_note')} />
        {first && <Figure label={w('lift')} value={first.lift === null || first.lift === undefined ? '–' : `${first.lift > 0 ? '+' : ''}${percent(first.lift, lang)}`} />}
        {first && firstArm && <Figure label={w('because')} value={number(extra(first, firstArm), lang)} note={w('because_note')} />}
      </div>
      <div className="cols">
        <ArmsChart arms={result.arms} />
        {result.comparisons.length > 0 ? <DifferenceChart result={result} /> : null}
      </div>
      <Table
        label={w('arms_title')}
        rows={result.arms}
        rowKey={(row) => row.key}
        columns={[
          { id: 'arm', title: w('arm'), render: (row) => <span className="row"><b>{row.name}</b>{row.control && <Badge>{w('control')}</Badge>}{isSmall(row) && <Badge tone="warn">n &lt; 100</Badge>}</span> },
          { id: 'people', title: w('people'), end: true, render: (row) => number(row.people, lang) },
          { id: 'converted', title: w('converted'), end: true, render: (row) => number(row.converted, lang) },
          { id: 'rate', title: w('rate'), end: true, render: (row) => <b>{percent(row.rate, lang)}</b> },
          { id: 'ci', title: w('interval'), end: true, render: (row) => wilson(row.converted, row.people).map((one) => percent(one, lang)).join(' – ') },
          { id: 'value', title: w('value'), end: true, render: (row) => (row.value ? money(row.value, row.currency, lang) : '–') },
        ]}
      />
      {result.funnel.length > 0 && (
        <Panel title={w('funnel')}>
          <Bars label={w('funnel')} rows={result.funnel.map((step) => ({ key: step.step, label: stateLabel(step.step, lang) === step.step ? step.label : stateLabel(step.step, lang), value: step.people }))} />
        </Panel>
      )}
    </div>
  );
}

/** Whiskers from `low` to `high` around a value, for a custom series whose data are [x, low, high]. */
function whiskers(colour: string, horizontal: boolean) {
  return (_: unknown, api: { value: (i: number) => number; coord: (point: number[]) => number[] }) => {
    const at = api.value(0);
    const ends = [api.value(1), api.value(2)].map((value) => api.coord(horizontal ? [value, at] : [at, value]));
    const [low, high] = ends as [number[], number[]];
    const cap = 7;
    const line = (x1: number, y1: number, x2: number, y2: number) => ({ type: 'line' as const, shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 1.6 } });
    const caps = (point: number[]) => (horizontal ? line(point[0]!, point[1]! - cap, point[0]!, point[1]! + cap) : line(point[0]! - cap, point[1]!, point[0]! + cap, point[1]!));
    return { type: 'group' as const, children: [line(low[0]!, low[1]!, high[0]!, high[1]!), caps(low), caps(high)] };
  };
}

function ArmsChart({ arms }: { arms: ResultArm[] }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const said = useCallback(
    (arm: ResultArm) => {
      const [low, high] = wilson(arm.converted, arm.people);
      return w('tip', { name: arm.name, rate: percent(arm.rate, lang), low: percent(low, lang), high: percent(high, lang), converted: number(arm.converted, lang), people: number(arm.people, lang) });
    },
    [w, lang],
  );
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 16, top: 30, bottom: 4, containLabel: true },
      tooltip: { trigger: 'item', backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 }, formatter: (point: { dataIndex: number }) => said(arms[point.dataIndex]!) },
      xAxis: { type: 'category', data: arms.map((arm) => arm.name), axisLabel: { color: colour.ink }, axisLine: { lineStyle: { color: colour.ink2 } }, axisTick: { show: false } },
      yAxis: { type: 'value', min: 0, name: w('arms_axis'), nameTextStyle: { color: colour.ink2, align: 'left' }, axisLabel: { color: colour.ink2, formatter: (value: number) => percent(value, lang, 0) }, splitLine: { lineStyle: { color: colour.line } } },
      series: [
        { type: 'bar', barWidth: '38%', data: arms.map((arm) => ({ value: arm.rate, itemStyle: { color: arm.control ? colour.series[5] : colour.series[0], opacity: 0.85 } })), label: { show: true, position: 'insideBottom', color: colour.surface, formatter: (point: { dataIndex: number }) => percent(arms[point.dataIndex]!.rate, lang) } },
        { type: 'custom', renderItem: whiskers(colour.ink, false) as never, data: arms.map((arm, i) => [i, ...wilson(arm.converted, arm.people)]), encode: { x: 0, y: [1, 2] }, z: 10, silent: true },
      ],
    }),
    [arms, lang, said, w],
  );
  return <Chart title={w('arms_title')} summary={arms.map(said).join('; ')} option={option} height={260} />;
}

function DifferenceChart({ result }: { result: JourneyResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const { comparisons, arms } = result;
  const option = useCallback(
    (colour: ChartColours) => {
      const reach = Math.max(...comparisons.flatMap((one) => one.ci.map(Math.abs)), 0.005) * 115;
      return {
        grid: { left: 8, right: 24, top: 20, bottom: 4, containLabel: true },
        tooltip: { show: false },
        // Zero stands in the middle of the picture: an honest line to be left or right of.
        xAxis: { type: 'value', min: -reach, max: reach, axisLabel: { color: colour.ink2, formatter: (value: number) => number(value, lang, 1) }, splitLine: { lineStyle: { color: colour.line } } },
        yAxis: { type: 'category', data: comparisons.map((one) => arms.find((arm) => arm.key === one.arm)?.name ?? one.arm), axisLabel: { color: colour.ink }, axisLine: { show: false }, axisTick: { show: false } },
        series: [
          { type: 'custom', renderItem: whiskers(colour.ink, true) as never, data: comparisons.map((one, i) => [i, one.ci[0] * 100, one.ci[1] * 100]), encode: { y: 0, x: [1, 2] }, silent: true },
          {
            type: 'line', symbol: 'circle', symbolSize: 12, lineStyle: { width: 0 }, data: comparisons.map((one, i) => ({ value: [one.difference * 100, i], itemStyle: { color: one.significant ? (one.difference > 0 ? colour.good : colour.bad) : colour.ink2 } })),
            label: { show: true, position: 'top', color: colour.ink, formatter: (point: { dataIndex: number }) => number(comparisons[point.dataIndex]!.difference * 100, lang, 1) },
            markLine: { symbol: 'none', silent: true, label: { show: false }, lineStyle: { color: colour.ink, type: 'solid', width: 1 }, data: [{ xAxis: 0 }] },
          },
        ],
      };
    },
    [comparisons, arms, lang],
  );
  const summary = comparisons.map((one) => `${one.arm}: ${number(one.difference * 100, lang, 1)} (${one.ci.map((end) => number(end * 100, lang, 1)).join(' – ')})`).join('; ');
  return <Chart title={w('difference_title')} summary={summary} option={option} height={260} />;
}
