// A, B and C: how much the few bring, and who belongs to each class.
import { useCallback } from 'react';
import type { AbcResult, Model } from '../../../../lib/api/models';
import { number, percent, short } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { Figure } from '../../../../ui/bits';
import { Chart, type ChartColours } from '../../../../ui/chart';
import { SegmentOf } from '../../../../ui/segment-of';
import { common } from '../../../../ui/words';
import { figure, valueCondition } from '../../logic/says';
import { rw } from '../../result-words';
import { FeatureNotes } from './notes';
import { Pair, ShareKeys } from './rfm';

export function AbcView({ model, result }: { model: Model; result: AbcResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const c = useWords(common);
  const first = result.classes.find((one) => one.value === 'A');
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('people')} value={number(result.people, lang)} />
        <Figure label={w('total_amount')} value={short(result.amount, lang)} />
        {first && <Figure label={w('abc_class', { value: 'A' })} value={percent(first.share, lang, 0)} note={w('abc_said', { people: percent(first.share, lang, 0), amount: percent(first.amount_share, lang, 0) })} />}
      </div>
      <ShareKeys />
      <div className="abc-cards">
        {result.classes.map((one) => (
          <section key={one.value} className="cluster-card" aria-label={w('abc_class', { value: one.value })}>
            <div className="row"><strong style={{ fontSize: 20 }}>{one.value}</strong><span className="grow" /><span className="soft">{c('people_count', { n: number(one.people, lang) })}</span></div>
            <div className="two-bars" style={{ display: 'block', border: 0, padding: 0 }}><Pair people={one.share} amount={one.amount_share} top={1} /></div>
            <div className="dim small">{w('least')} {figure(one.least, lang)} · {w('amount')} {short(one.amount, lang)}</div>
            <footer><SegmentOf condition={valueCondition(model, one.value)} name={`${model.title} · ${one.value}`} /></footer>
          </section>
        ))}
      </div>
      <Curve result={result} />
      <FeatureNotes notes={result.feature_notes} />
    </div>
  );
}

function Curve({ result }: { result: AbcResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const said = first(result) ? w('abc_said', { people: percent(first(result)!.share, lang), amount: percent(first(result)!.amount_share, lang) }) : '';
  const option = useCallback(
    (colour: ChartColours) => ({
      grid: { left: 8, right: 18, top: 28, bottom: 22, containLabel: true },
      tooltip: { trigger: 'axis', backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 12 }, formatter: (points: { value: [number, number] }[]) => w('abc_tip', { people: percent(points[0]!.value[0], lang), amount: percent(points[0]!.value[1], lang) }) },
      xAxis: { type: 'value', min: 0, max: 1, name: w('abc_axis_people'), nameLocation: 'middle', nameGap: 26, nameTextStyle: { color: colour.ink2 }, axisLabel: { color: colour.ink2, formatter: (value: number) => percent(value, lang, 0) }, splitLine: { show: false } },
      yAxis: { type: 'value', min: 0, max: 1, name: w('abc_axis_amount'), nameTextStyle: { color: colour.ink2, align: 'left' }, axisLabel: { color: colour.ink2, formatter: (value: number) => percent(value, lang, 0) }, splitLine: { lineStyle: { color: colour.line } } },
      series: [
        {
          type: 'line', data: [[0, 0], ...result.curve.map((one) => [one.people_share, one.amount_share])], symbol: 'none', lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 }, color: colour.series[0],
          markLine: { symbol: 'none', silent: true, lineStyle: { color: colour.ink2, type: 'dashed' }, label: { color: colour.ink, position: 'end', rotate: 0, distance: 4, formatter: (line: { name: string }) => line.name }, data: edges(result) },
        },
      ],
    }),
    [result, lang, w],
  );
  return <Chart title={w('abc_curve')} summary={said} option={option} height={300} />;
}

const first = (result: AbcResult) => result.classes.find((one) => one.value === 'A');

/** Where A ends, and B. */
function edges(result: AbcResult): { name: string; xAxis: number }[] {
  let sum = 0;
  return result.classes.slice(0, -1).map((one) => ({ name: one.value, xAxis: (sum += one.share) }));
}
