// Two circles: which part of them an operation takes.
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import type { Operation, parts } from '../logic/combine';
import { seg } from '../words';

type Parts = ReturnType<typeof parts>;
const TAKES: { [operation in Operation]: (keyof Parts)[] } = { union: ['onlyA', 'both', 'onlyB'], intersection: ['both'], difference: ['onlyA'] };
/** Circles of radius 50 around (80, 60) and (140, 60): outer arcs and the lens between. */
const SHAPES: { [part in keyof Parts]: string } = {
  onlyA: 'M110 20 A50 50 0 1 0 110 100 A50 50 0 0 1 110 20 Z',
  both: 'M110 20 A50 50 0 0 1 110 100 A50 50 0 0 1 110 20 Z',
  onlyB: 'M110 20 A50 50 0 1 1 110 100 A50 50 0 0 0 110 20 Z',
};
const AT: { [part in keyof Parts]: number } = { onlyA: 58, both: 110, onlyB: 162 };

export function Venn({ operation, found }: { operation: Operation; found?: Parts }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const on = TAKES[operation];
  const keys = Object.keys(SHAPES) as (keyof Parts)[];
  return (
    <svg className="venn" viewBox="0 0 220 120" role="img" aria-label={found ? w('venn', { a: found.onlyA, both: found.both, b: found.onlyB }) : w(`op_${operation}`)}>
      {keys.map((part) => (
        <path key={part} d={SHAPES[part]} className={on.includes(part) ? 'on' : 'off'} />
      ))}
      <circle cx="80" cy="60" r="50" className="ring" />
      <circle cx="140" cy="60" r="50" className="ring" />
      <text x="14" y="20" className="side">A</text>
      <text x="206" y="20" className="side">B</text>
      {found && keys.map((part) => <text key={part} x={AT[part]} y="64">{number(found[part], lang)}</text>)}
    </svg>
  );
}

/** The same in small, beside the word. */
export function VennMark({ operation }: { operation: Operation }) {
  const on = TAKES[operation];
  return (
    <svg className="venn" viewBox="26 6 168 108" width="40" height="26" style={{ width: 40 }} aria-hidden>
      {(Object.keys(SHAPES) as (keyof Parts)[]).map((part) => (
        <path key={part} d={SHAPES[part]} className={on.includes(part) ? 'on' : 'off'} />
      ))}
      <circle cx="80" cy="60" r="50" className="ring" strokeWidth="4" />
      <circle cx="140" cy="60" r="50" className="ring" strokeWidth="4" />
    </svg>
  );
}
