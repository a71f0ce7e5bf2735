// How a number spreads: they above the axis, the others below it, and where the middle of each is.
import type { NumberFeature } from '../../../../lib/api/portraits';
import { percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { pw } from '../../portrait-words';
import { figure } from './feature-text';

/** Where a value stands between the ends of the bins, which need not be equally wide. */
export function place(value: number, bins: { from: number; to: number }[]): number {
  if (bins.length === 0) return 0;
  const i = bins.findIndex((bin) => value < bin.to);
  if (i < 0) return 1;
  const bin = bins[i]!;
  const inside = bin.to > bin.from ? Math.max(0, (value - bin.from) / (bin.to - bin.from)) : 0;
  return (i + inside) / bins.length;
}

export function Histogram({ of, title, restName }: { of: NumberFeature; title: string; restName: string }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { bins } = of;
  const top = Math.max(...bins.flatMap((bin) => [bin.share, bin.rest_share]), 0.0001);
  const text = (value: number) => figure(value, of.unit, lang);
  const bar = (share: number) => ({ height: `${(100 * share) / top}%` });
  const summary = `${title}. ${w('them')}: ${w('median')} ${text(of.median)}. ${restName}: ${w('median')} ${text(of.rest_median)}.`;
  return (
    <figure>
      <div className="hist" role="img" aria-label={summary}>
        <Median at={place(of.median, bins)} text={`${w('median')} ${text(of.median)}`} />
        <div className="hist-half">{bins.map((bin, i) => <i key={i} style={bar(bin.share)} title={`${w('bin', { from: text(bin.from), to: text(bin.to) })} · ${percent(bin.share, lang)}`} />)}</div>
        <div className="hist-half others">{bins.map((bin, i) => <i key={i} style={bar(bin.rest_share)} title={`${w('bin', { from: text(bin.from), to: text(bin.to) })} · ${percent(bin.rest_share, lang)}`} />)}</div>
        <Median at={place(of.rest_median, bins)} text={`${restName} ${text(of.rest_median)}`} others />
      </div>
      <div className="hist-ticks dim small num" aria-hidden>
        <span>{bins.length > 0 && text(bins[0]!.from)}</span>
        <span>{bins.length > 3 && text(bins[Math.floor(bins.length / 2)]!.from)}</span>
        <span>{bins.length > 0 && text(bins[bins.length - 1]!.to)}</span>
      </div>
      <div className="sr">
        <table>
          <caption>{title}</caption>
          <thead><tr><th scope="col">{w('range')}</th><th scope="col">{w('them')}</th><th scope="col">{restName}</th></tr></thead>
          <tbody>{bins.map((bin, i) => <tr key={i}><td>{w('bin', { from: text(bin.from), to: text(bin.to) })}</td><td>{percent(bin.share, lang)}</td><td>{percent(bin.rest_share, lang)}</td></tr>)}</tbody>
        </table>
      </div>
    </figure>
  );
}

function Median({ at, text, others }: { at: number; text: string; others?: boolean }) {
  // Near an edge the words lean inwards.
  const side = at < 0.25 ? 'start' : at > 0.75 ? 'end' : 'middle';
  return (
    <div className={others ? 'hist-median others' : 'hist-median'}>
      <span className={`small ${side}`} style={{ left: `${at * 100}%` }}>{text}</span>
      <s style={{ left: `${at * 100}%` }} />
    </div>
  );
}
