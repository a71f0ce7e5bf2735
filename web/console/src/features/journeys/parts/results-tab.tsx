// What the journey brought: arms against control, with uncertainty shown and said in plain words.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { type Comparison, type JourneyResult, type ResultArm, call } from '../../../lib/api';
import { dateTime, money, number, percent, span } from '../../../lib/format';
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
  if (result.entered === 0) return <Empty title={w('none')} text={w('none_text')} />;
  const control = result.arms.find((arm) => arm.control);
  const armOf = (key: string) => result.arms.find((arm) => arm.key === key);
  const first = result.comparisons[0];
  const firstArm = first ? armOf(first.arm) : undefined;
  const compared = result.comparisons.filter((one) => !!one.ci);
  return (
    <div className="stack loose">
      {!result.goal && <div className="note-box warn">{w('none_goal')}</div>}
      {result.goal && result.comparisons.map((comparison) => <VerdictView key={comparison.arm} comparison={comparison} arm={armOf(comparison.arm)} control={control} />)}
      {result.goal && !control && <div className="note-box warn">{w('no_control')}</div>}
      <div className="figures">
        {result.goal && <Figure label={w('goal')} value={<span style={{ fontSize: 15 }}>{w('goal_line', { window: span(result.goal.window, lang), what: stepText(result.goal.event, lang) })}</span>} />}
        <Figure label={w('entered')} value={number(result.entered, lang)} />
        <Figure label={w('reached')} value={number(result.reached, lang)} note={w('reached_note')} />
        <Figure label={w('converted')} value={number(result.converted, lang)} />
        {first && <Figure label={w('lift')} value={first.lift == null ? '–' : `${first.lift > 0 ? '+' : ''}${percent(first.lift, lang)}`} />}
        {first && firstArm && first.difference != null && <Figure label={w('because')} value={number(extra(first, firstArm), lang)} note={w('because_note')} />}
      </div>
      {result.goal && result.arms.length > 0 && (
        <>
          <div className="cols">
            <ArmsChart arms={result.arms} />
            {compared.length > 0 ? <DifferenceChart comparisons={compared} arms={result.arms} /> : null}
          </div>
          <Table
            label={w('arms_title')}
            rows={result.arms}
            rowKey={(row) => row.key}
            columns={[
              { id: 'arm', title: w('arm'), render: (row) => <span className="row"><b>{row.name || row.key}</b>{row.control && <Badge>{w('control')}</Badge>}{isSmall(row) && <Badge tone="warn">{w('small')}</Badge>}</span> },
              { id: 'people', title: w('people'), end: true, render: (row) => number(row.people, lang) },
              { id: 'converted', title: w('converted'), end: true, render: (row) => number(row.converted, lang) },
              { id: 'rate', title: w('rate'), end: true, render: (row) => <b>{row.rate == null ? '–' : percent(row.rate, lang)}</b> },
              { id: 'ci', title: w('interval'), end: true, render: (row) => (row.people > 0 ? wilson(row.converted, row.people).map((one) => percent(one, lang)).join(' – ') : '–') },
              { id: 'value', title: w('value'), end: true, render: (row) => money(row.value, row.currency, lang) },
            ]}
          />
        </>
      )}
      <Panel title={w('funnel')}>
        <Bars label={w('funnel')} rows={result.funnel.map((step) => ({ key: step.step, label: `${stateLabel(step.step, lang)}${result.entered > 0 ? ` · ${percent(step.people / result.entered, lang, 0)}` : ''}`, value: step.people }))} />
      </Panel>
      <p className="dim small">{w('as_of', { time: dateTime(result.as_of, lang, true) })}</p>
    </div>
  );
}

/** What the numbers allow to be said, in one sentence. */
function VerdictView({ comparison, arm, control }: { comparison: Comparison; arm: ResultArm | undefined; control: ResultArm | undefined }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const said = verdict(comparison, arm, control);
  const name = arm?.name || comparison.arm;
  const signed = (points: number) => `${points > 0 ? '+' : points < 0 ? '−' : ''}${number(Math.abs(points * 100), lang, 1)}`;
  const { difference, ci, p_value } = comparison;
  return (
    <div className={`note-box ${said === 'better' ? 'good' : said === 'unclear' ? '' : 'warn'}`} style={{ fontSize: 15 }}>
      {w(said, {
        arm: lang === 'zh' ? `「${name}」` : `“${name}”`,
        pp: number(Math.abs((difference ?? 0) * 100), lang, 1),
        level: percent(comparison.confidence, lang, 0),
        low: signed(ci?.[0] ?? 0),
        high: signed(ci?.[1] ?? 0),
        p: p_value == null ? '–' : p_value < 0.001 ? '< 0.001' : `= ${number(p_value, lang, 3)}`,
      })}
      {said === 'too_small' && <div className="small soft">{w('small_note')}</div>}
      {comparison.note === 'sample_ratio_mismatch' && <div className="small">{w('mismatch')}</div>}
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
      return w('tip', { name: arm.name || arm.key, rate: arm.rate == null ? '–' : percent(arm.rate, lang), low: percent(low, lang), high: percent(high, lang), converted: number(arm.converted, lang), people: number(arm.people, lang) });
    },
    [w, lang],
  );
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 16, top: 30, bottom: 4, containLabel: true },
      tooltip: { trigger: 'item', backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 }, formatter: (point: { dataIndex: number }) => said(arms[point.dataIndex]!) },
      xAxis: { type: 'category', data: arms.map((arm) => arm.name || arm.key), axisLabel: { color: colour.ink }, axisLine: { lineStyle: { color: colour.ink2 } }, axisTick: { show: false } },
      yAxis: { type: 'value', min: 0, name: w('arms_axis'), nameTextStyle: { color: colour.ink2, align: 'left' }, axisLabel: { color: colour.ink2, formatter: (value: number) => percent(value, lang, 0) }, splitLine: { lineStyle: { color: colour.line } } },
      series: [
        { type: 'bar', barWidth: '38%', data: arms.map((arm) => ({ value: arm.rate ?? 0, itemStyle: { color: arm.control ? colour.series[5] : colour.series[0], opacity: 0.85 } })), label: { show: true, position: 'insideBottom', color: colour.surface, formatter: (point: { dataIndex: number }) => percent(arms[point.dataIndex]!.rate ?? 0, lang) } },
        { type: 'custom', renderItem: whiskers(colour.ink, false) as never, data: arms.map((arm, i) => [i, ...wilson(arm.converted, arm.people)]), encode: { x: 0, y: [1, 2] }, z: 10, silent: true },
      ],
    }),
    [arms, lang, said, w],
  );
  return <Chart title={w('arms_title')} summary={arms.map(said).join('; ')} option={option} height={260} />;
}

type Compared = { arm: string; difference: number; ci: number[]; significant: boolean };

function DifferenceChart({ comparisons: given, arms }: { comparisons: Comparison[]; arms: ResultArm[] }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const comparisons = useMemo<Compared[]>(() => given.map(({ arm, difference, ci, significant }) => ({ arm, difference: difference ?? 0, ci: ci ?? [0, 0], significant })), [given]);
  const option = useCallback(
    (colour: ChartColours) => {
      const far = Math.max(...comparisons.flatMap((one) => one.ci.map(Math.abs)), 0.005) * 115;
      const step = far > 25 ? 10 : far > 10 ? 5 : far > 4 ? 2 : far > 2 ? 1 : 0.5;
      const reach = Math.ceil(far / step) * step;
      return {
        grid: { left: 8, right: 24, top: 20, bottom: 4, containLabel: true },
        tooltip: { show: false },
        // Zero stands in the middle of the picture: an honest line to be left or right of.
        xAxis: { type: 'value', min: -reach, max: reach, interval: step, axisLabel: { color: colour.ink2, formatter: (value: number) => number(value, lang, 1) }, splitLine: { lineStyle: { color: colour.line } } },
        yAxis: { type: 'category', data: comparisons.map((one) => arms.find((arm) => arm.key === one.arm)?.name || one.arm), axisLabel: { color: colour.ink }, axisLine: { show: false }, axisTick: { show: false } },
        series: [
          { type: 'custom', renderItem: whiskers(colour.ink, true) as never, data: comparisons.map((one, i) => [i, ...one.ci.map((end) => end * 100)]), encode: { y: 0, x: [1, 2] }, silent: true },
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
