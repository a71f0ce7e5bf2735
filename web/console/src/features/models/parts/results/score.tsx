// Look-alikes and propensity: how well the score tells people apart, whether it comes true, and what it looks at.
import { useCallback } from 'react';
import type { Model, ScoreResult } from '../../../../lib/api/models';
import { date, number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { Figure } from '../../../../ui/bits';
import { Chart, type ChartColours } from '../../../../ui/chart';
import { Panel } from '../../../../ui/page';
import { SegmentOf } from '../../../../ui/segment-of';
import { common } from '../../../../ui/words';
import { discernment, valueCondition } from '../../logic/says';
import { rw } from '../../result-words';
import { FeatureNotes } from './notes';
import { ImportancePanel } from './tree';

const TONES: { [value: string]: string } = { high: 'var(--c1)', alike: 'var(--c1)', seed: 'var(--c6)', medium: 'var(--c3)', low: 'var(--c6)' };

export function ScoreView({ model, result }: { model: Model; result: ScoreResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const c = useWords(common);
  const values = result.values.reduce((sum, one) => sum + one.people, 0);
  const nameOf = (value: string) => (value in TONES ? w(`v_${value as 'high'}`) : value);
  const errors = { now: date(result.as_of, lang), log_loss: number(result.log_loss, lang, 3), brier: number(result.brier, lang, 3) };
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('auc')} value={w(`auc_${discernment(result.auc)}`)} note={`${number(result.auc, lang, 2)} · ${w('auc_note', { n: percent(result.auc, lang, 0) })}`} />
        <Figure label={w(model.kind === 'look_alike' ? 'seeds' : 'positives')} value={number(result.positives, lang)} note={`${w('base_rate')} ${percent(result.positives / (result.people || 1), lang)}`} />
        <Figure label={w('trained_with')} value={c('people_count', { n: number(result.trained_with, lang) })} note={w(`method_${result.method}`)} />
      </div>
      <Panel title={w('values')}>
        <ul>
          {result.values.map((one) => (
            <li key={one.value} className="bar-line">
              <strong>{nameOf(one.value)}</strong>
              <span className="bar" aria-hidden><i style={{ width: `${(100 * one.people) / (values || 1)}%`, background: TONES[one.value] }} /></span>
              <span className="row" style={{ gap: 14 }}>
                <span className="num">{c('people_count', { n: number(one.people, lang) })}</span>
                <SegmentOf condition={valueCondition(model, one.value)} name={`${model.title} · ${nameOf(one.value)}`} />
              </span>
            </li>
          ))}
        </ul>
      </Panel>
      <div className="cols">
        {result.lift.length > 0 && <Gains result={result} />}
        {result.calibration.length > 1 && <Calibration result={result} />}
      </div>
      <ImportancePanel importance={result.importance} />
      <p className="dim small">{result.learnt_as_of ? w('learnt_as_of', { ...errors, then: date(result.learnt_as_of, lang) }) : w('learnt_now', errors)}</p>
      <FeatureNotes notes={result.feature_notes} />
    </div>
  );
}

const axis = (name: string, colour: ChartColours, lang: 'zh' | 'en', max?: number) => ({
  type: 'value' as const, min: 0, max, name, nameTextStyle: { color: colour.ink2 }, axisLabel: { color: colour.ink2, hideOverlap: true, formatter: (value: number) => percent(value, lang, (max ?? 1) <= 0.05 ? 1 : 0) }, splitLine: { lineStyle: { color: colour.line } },
});
const tip = (colour: ChartColours) => ({ trigger: 'axis' as const, backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 } });
const below = { nameLocation: 'middle' as const, nameGap: 26 };

/** How many of those wanted are among the best so many, as a line; the lift of each tenth as bars under it. */
function Gains({ result }: { result: ScoreResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const people = result.lift.reduce((sum, one) => sum + one.people, 0) || 1;
  const points = result.lift.map((one, i) => ({ ...one, reached: result.lift.slice(0, i + 1).reduce((sum, other) => sum + other.people, 0) / people }));
  const second = points[Math.min(1, points.length - 1)]!;
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: [
        { left: 8, right: 18, top: 48, height: 160, containLabel: true },
        { left: 8, right: 18, top: 272, bottom: 4, containLabel: true },
      ],
      tooltip: { ...tip(colour), formatter: (shown: { dataIndex: number; axisIndex: number; seriesIndex: number }[]) => {
        const { dataIndex, axisIndex } = shown[0]!;
        const one = points[axisIndex === 1 ? dataIndex : dataIndex - 1];
        if (!one) return '';
        return axisIndex === 1 ? w('tenth_tip', { n: dataIndex + 1, people: number(one.people, lang), rate: percent(one.rate, lang), lift: number(one.lift, lang, 1) }) : w('gains_said', { people: percent(one.reached, lang, 0), found: percent(one.cumulative_capture, lang, 0) });
      } },
      legend: { top: 0, left: 0, itemGap: 16, itemWidth: 12, itemHeight: 8, textStyle: { color: colour.ink2 }, data: [w('gains_model'), w('gains_chance')] },
      xAxis: [
        { ...axis(w('gains_axis_people'), colour, lang, 1), ...below, splitLine: { show: false } },
        { gridIndex: 1, type: 'category', data: points.map((_, i) => i + 1), axisLabel: { color: colour.ink2 }, axisLine: { lineStyle: { color: colour.line } }, axisTick: { show: false } },
      ],
      yAxis: [{ ...axis(w('gains_axis_found'), colour, lang, 1), nameTextStyle: { color: colour.ink2, align: 'left' } }, { gridIndex: 1, type: 'value', min: 0, splitNumber: 2, name: w('tenths_axis'), nameTextStyle: { color: colour.ink2, align: 'left' }, axisLabel: { color: colour.ink2 }, splitLine: { lineStyle: { color: colour.line } } }],
      series: [
        { name: w('gains_model'), type: 'line', data: [[0, 0], ...points.map((one) => [one.reached, one.cumulative_capture])], symbolSize: 5, symbol: 'circle', lineStyle: { width: 2 }, areaStyle: { opacity: 0.07 }, color: colour.series[0] },
        { name: w('gains_chance'), type: 'line', data: [[0, 0], ...points.map((one) => [one.reached, one.reached])], symbol: 'none', lineStyle: { type: 'dashed', width: 1.5 }, color: colour.ink2 },
        { name: w('tenths'), type: 'bar', xAxisIndex: 1, yAxisIndex: 1, data: points.map((one) => one.lift), barMaxWidth: 26, color: colour.series[2], markLine: { symbol: 'none', silent: true, label: { show: false }, lineStyle: { color: colour.ink2, type: 'dashed' }, data: [{ yAxis: 1 }] } },
      ],
    }),
    [points, lang, w],
  );
  const said = w('gains_said', { people: percent(second.reached, lang, 0), found: percent(second.cumulative_capture, lang, 0) });
  return <Chart title={w('gains')} summary={said} option={option} height={390} note={said} />;
}

function Calibration({ result }: { result: ScoreResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const far = Math.max(...result.calibration.flatMap((one) => [one.predicted, one.observed]), 0.001);
  const step = far > 0.5 ? 0.25 : far > 0.2 ? 0.1 : far > 0.1 ? 0.05 : far > 0.04 ? 0.02 : 0.01;
  const top = Math.min(1, Math.ceil(far / step) * step);
  const said = (one: ScoreResult['calibration'][number]) => w('calibration_tip', { people: number(one.people, lang), predicted: percent(one.predicted, lang), observed: percent(one.observed, lang) });
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 18, top: 48, bottom: 24, containLabel: true },
      tooltip: { ...tip(colour), trigger: 'item' as const, formatter: (shown: { dataIndex: number; seriesIndex: number }) => (shown.seriesIndex === 0 ? said(result.calibration[shown.dataIndex]!) : w('perfect')) },
      legend: { top: 0, left: 0, itemGap: 16, itemWidth: 12, itemHeight: 8, textStyle: { color: colour.ink2 } },
      xAxis: { ...axis(w('predicted'), colour, lang, top), ...below, splitLine: { show: false } },
      yAxis: { ...axis(w('observed'), colour, lang, top), nameTextStyle: { color: colour.ink2, align: 'left' } },
      series: [
        { name: w('observed'), type: 'line', data: result.calibration.map((one) => [one.predicted, one.observed]), symbol: 'circle', symbolSize: 8, lineStyle: { width: 1.5 }, color: colour.series[0] },
        { name: w('perfect'), type: 'line', data: [[0, 0], [top, top]], symbol: 'none', lineStyle: { type: 'dashed', width: 1.5 }, color: colour.ink2 },
      ],
    }),
    [result, lang, w, top],
  );
  return <Chart title={w('calibration')} summary={result.calibration.map(said).join('; ')} option={option} height={390} note={w('calibration_note')} />;
}
