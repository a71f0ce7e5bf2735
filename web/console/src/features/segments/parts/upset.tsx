// Who is in which of several segments: a row for every combination, its people as a bar.
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { Overlap, Region } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useNarrow } from '../../../lib/theme';
import { Button } from '../../../ui/button';
import { Go } from '../../../ui/go';
import { inAny } from '../logic/combine';
import { seg } from '../words';

const LETTERS = 'ABCDEF';
const FIRST = 16;

export function Letter({ at }: { at: number }) {
  return <span className="letter" aria-hidden>{LETTERS[at]}</span>;
}

export function Sizes({ of }: { of: Overlap }) {
  const lang = useLanguage();
  const w = useWords(seg);
  const top = Math.max(1, ...of.sizes.map((one) => one.count));
  return (
    <ul className="sizes" aria-label={w('sizes')}>
      {of.sizes.map((one, i) => (
        <li key={one.id}>
          <Letter at={i} />
          <Go to={paths.segment(one.id)} className="cut" title={one.name}>{one.name}</Go>
          <span className="bar" aria-hidden>{one.count > 0 && <i style={{ width: `${(100 * one.count) / top}%`, background: 'var(--c6)' }} />}</span>
          <span className="num" style={{ textAlign: 'right' }}>{number(one.count, lang)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Names of the segments of a region, as they are read. */
export function useRegionText(of: Overlap): (region: Region) => { inside: string; outside: string; short: string } {
  const w = useWords(seg);
  const lang = useLanguage();
  const joined = (ids: string[]) => of.sizes.filter((one) => ids.includes(one.id)).map((one) => (lang === 'zh' ? `「${one.name}」` : `“${one.name}”`)).join(lang === 'zh' ? '' : ' + ');
  return (region) => {
    const inside = joined(region.in);
    const short = region.in.length === of.sizes.length ? w('region_all') : region.in.length === 1 ? w('region_only', { in: inside }) : of.sizes.flatMap((one, i) => (region.in.includes(one.id) ? [LETTERS[i]] : [])).join(' + ');
    return { inside, outside: joined(of.sizes.map((one) => one.id).filter((id) => !region.in.includes(id))), short };
  };
}

export function Upset({ of, onPick }: { of: Overlap; onPick?: (region: Region) => void }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const text = useRegionText(of);
  const [all, setAll] = useState(false);
  const step = useNarrow() ? 22 : 26;
  const top = Math.max(1, ...of.regions.map((one) => one.count));
  const everybody = inAny(of);
  const shown = all ? of.regions : of.regions.slice(0, FIRST);
  const rest = of.regions.slice(FIRST);
  return (
    <div>
      <div className="upset-head" aria-hidden>
        <span className="letters">{of.sizes.map((one, i) => <span key={one.id} title={one.name}><Letter at={i} /></span>)}</span>
        <span className="says" />
        <span />
        <span />
        <span />
        <span className="go-on" />
      </div>
      <ol className="upset" aria-label={w('regions')}>
        {shown.map((region) => {
          const { inside, outside, short } = text(region);
          const share = percent(everybody > 0 ? region.count / everybody : 0, lang);
          return (
            <li key={region.in.join()}>
              <button
                type="button"
                disabled={!onPick}
                aria-label={outside ? w('region_label_not', { in: inside, out: outside, n: number(region.count, lang), share }) : w('region_label', { in: inside, n: number(region.count, lang), share })}
                onClick={() => onPick?.(region)}
              >
                <Dots of={of} region={region} step={step} />
                <span className="says cut soft" title={inside}>{short}</span>
                <span className="bar"><i style={{ width: `${(100 * region.count) / top}%` }} /></span>
                <b className="num" style={{ textAlign: 'right' }}>{number(region.count, lang)}</b>
                <span className="dim num" style={{ textAlign: 'right' }}>{share}</span>
                <span className="go-on">{onPick && <Plus size={15} />}</span>
              </button>
            </li>
          );
        })}
      </ol>
      {!all && rest.length > 0 && (
        <div className="list-foot">
          {w('regions_rest', { n: rest.length, people: number(rest.reduce((sum, one) => sum + one.count, 0), lang) })}
          <Button size="small" onClick={() => setAll(true)}>{w('show_all')}</Button>
        </div>
      )}
    </div>
  );
}

/** Full for what the people are in, joined by a line. */
function Dots({ of, region, step }: { of: Overlap; region: Region; step: number }) {
  const full = of.sizes.flatMap((one, i) => (region.in.includes(one.id) ? [i] : []));
  const x = (i: number) => step / 2 + i * step;
  return (
    <svg width={step * of.sizes.length} height={26} aria-hidden>
      {of.sizes.map((one, i) => <circle key={one.id} cx={x(i)} cy={13} r={5} fill="var(--line)" />)}
      {full.length > 1 && <line x1={x(full[0]!)} x2={x(full[full.length - 1]!)} y1={13} y2={13} stroke="var(--accent)" strokeWidth={2.5} />}
      {full.map((i) => <circle key={i} cx={x(i)} cy={13} r={6} fill="var(--accent)" />)}
    </svg>
  );
}
