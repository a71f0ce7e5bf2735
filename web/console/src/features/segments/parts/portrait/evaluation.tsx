// How good a portrait is: a score, what it is made of, and what would mend it.
import type { PortraitEvaluation } from '../../../../lib/api/portraits';
import { number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { pw } from '../../portrait-words';

const PARTS = ['coverage', 'read', 'tells_apart', 'holds'] as const;

/** Guessing is nothing, always right is everything. */
const share = (part: (typeof PARTS)[number], value: number) => Math.max(0, Math.min(1, part === 'tells_apart' ? 2 * (value - 0.5) : value));

export function EvaluationPart({ of }: { of: PortraitEvaluation }) {
  const w = useWords(pw);
  const lang = useLanguage();
  return (
    <div className="stack">
      <p><b className="num" style={{ fontSize: 24 }}>{number(of.score, lang)}</b> <span className="dim">{w('evaluation_of')}</span></p>
      <ul aria-label={w('evaluation')} className="stack" style={{ maxWidth: 760 }}>
        {PARTS.map((part) => {
          const value = of[part];
          return (
            <li key={part}>
              <div className="row" style={{ justifyContent: 'space-between', gap: 12 }}>
                <span>{w(`evaluation_${part}`)}</span>
                <b className="num">{value === null ? <span className="dim">{w('evaluation_unknown')}</span> : part === 'tells_apart' ? number(value, lang, 2) : percent(value, lang)}</b>
              </div>
              <div className="bar" aria-hidden><i style={{ width: `${value === null ? 0 : 100 * share(part, value)}%` }} /></div>
            </li>
          );
        })}
      </ul>
      {of.suggestions.length > 0 && <ul className="note-box">{of.suggestions.map((one) => <li key={one}>{w(`remark_${one}`)}</li>)}</ul>}
    </div>
  );
}
