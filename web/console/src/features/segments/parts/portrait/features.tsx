// Traits and tags as paired bars, numbers as paired histograms, interests like traits.
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Category, Interest, NumberFeature, PortraitResult } from '../../../../lib/api/portraits';
import { number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { Badge } from '../../../../ui/bits';
import { Button } from '../../../../ui/button';
import { Panel } from '../../../../ui/page';
import { categoryCondition, interestCondition, numberCondition } from '../../logic/portrait-condition';
import { MAY_BE_CHANCE, type Strength, niceTop, ofCliffsDelta, ofCramersV } from '../../logic/strength';
import { pw } from '../../portrait-words';
import { useMaker, usePortrait } from './context';
import { figure } from './feature-text';
import { Histogram } from './histogram';
import { PairRow } from './pair-row';

/** Tiles, the strongest first; many are opened on demand. */
function Tiles({ children, first = 6, note }: { children: ReactNode[]; first?: number; /** What there is to say of those behind the button. */ note?: string }) {
  const w = useWords(pw);
  const [all, setAll] = useState(false);
  return (
    <div className="stack">
      {(all || first > 0) && <div className="tiles">{all ? children : children.slice(0, first)}</div>}
      {note && !all && <p className="soft">{note}</p>}
      {children.length > first && (
        <div><Button onClick={() => setAll(!all)} aria-expanded={all}>{all ? w('fewer') : w('more_features', { n: children.length - first })}</Button></div>
      )}
    </div>
  );
}

function StrengthBadge({ of, effect }: { of: Strength; effect: string }) {
  const w = useWords(pw);
  return <span title={effect}><Badge tone={of === 'strong' ? 'accent' : of === 'medium' ? 'info' : 'quiet'}>{w(`strength_${of}`)}</Badge></span>;
}

export function Categories({ result }: { result: PortraitResult }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest, text } = usePortrait();
  const sorted = [...result.categories].sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  // Where they are alike there is nothing to look at: said in a sentence, and there for who asks.
  const alike = sorted.filter((one) => ofCramersV(one.effect) === 'none');
  const names = alike.map((one) => text.title(one)).join(lang === 'zh' ? '、' : ', ');
  return <Tiles first={Math.min(6, sorted.length - alike.length)} note={alike.length > 0 ? w('alike', { rest, names }) : undefined}>{sorted.map((one) => <CategoryTile key={`${one.kind} ${one.feature}`} of={one} result={result} />)}</Tiles>;
}

function CategoryTile({ of, result }: { of: Category; result: PortraitResult }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest, text, facts } = usePortrait();
  const maker = useMaker();
  const title = text.title(of);
  const other = of.other && (of.other.share > 0 || of.other.rest_share > 0) ? of.other : null;
  const top = niceTop([...of.values, ...(other ? [other] : [])].flatMap((one) => [one.share, one.rest_share]));
  const part = (known: number, read: number) => percent(read > 0 ? Math.min(1, known / read) : 0, lang, 0);
  return (
    <Panel title={title} extra={<StrengthBadge of={ofCramersV(of.effect)} effect={w('effect_v', { n: number(of.effect, lang, 2) })} />}>
      <ul aria-label={title}>
        {of.values.map((one) => {
          const label = text.value(of, one.value);
          const condition = categoryCondition(of, one.value, { traits: facts.traits, tags: facts.tags });
          return (
            <PairRow
              key={one.value}
              label={label}
              share={one.share}
              rest={one.rest_share}
              top={top}
              low={one.low}
              high={one.high}
              lift={one.lift}
              restName={rest}
              isSmall={one.is_small}
              isChance={one.q_value > MAY_BE_CHANCE}
              make={maker(w('is', { what: title, value: label }), condition)}
            />
          );
        })}
        {other && <PairRow label={<span className="dim">{w('other')}</span>} share={other.share} rest={other.rest_share} top={top} restName={rest} />}
      </ul>
      <p className="dim small" style={{ marginTop: 6 }}>{w('known', { rest, a: part(of.known, result.people_read), b: part(of.rest_known, result.others_read) })}</p>
    </Panel>
  );
}

export function Numbers({ result }: { result: PortraitResult }) {
  const sorted = [...result.numbers].sort((a, b) => Math.abs(b.cliffs_delta) - Math.abs(a.cliffs_delta));
  return <Tiles>{sorted.map((one) => <NumberTile key={`${one.kind} ${one.feature}`} of={one} />)}</Tiles>;
}

function NumberTile({ of }: { of: NumberFeature }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest, text, facts } = usePortrait();
  const maker = useMaker();
  const title = text.title(of);
  const say = (value: number) => figure(value, of.unit, lang);
  const n = say(of.median);
  const make = maker(w(of.median >= of.rest_median ? 'at_least' : 'at_most', { what: title, n }), numberCondition(of, { traits: facts.traits, tags: facts.tags }));
  return (
    <Panel
      title={title}
      extra={
        <>
          <StrengthBadge of={ofCliffsDelta(of.cliffs_delta)} effect={w('effect_d', { n: number(of.cliffs_delta, lang, 2) })} />
          {make && (
            <button type="button" className="icon-button" style={{ minWidth: 24, height: 24 }} aria-label={w('make', { what: make.label })} title={w('half')} onClick={make.onMake}>
              <Plus size={14} aria-hidden />
            </button>
          )}
        </>
      }
    >
      <Histogram of={of} title={title} restName={rest} />
      <p className="dim small" style={{ marginTop: 6 }}>
        {w('spread', { rest, a: say(of.quartiles[0]), b: say(of.quartiles[1]), c: say(of.rest_quartiles[0]), d: say(of.rest_quartiles[1]) })}
        {lang === 'zh' ? '；' : '; '}
        {w('mean', { rest, a: say(of.mean), b: say(of.rest_mean) })}
        {of.q_value > MAY_BE_CHANCE && ` · ${w('chance')}`}
      </p>
    </Panel>
  );
}

export function Interests({ result }: { result: PortraitResult }) {
  // A name says to people what its id says to machines.
  const shown = result.interests.filter((one) => !(one.property.endsWith('_id') && result.interests.some((other) => other.event === one.event && other.property === one.property.replace(/_id$/, '_name'))));
  return <Tiles>{shown.map((one) => <InterestTile key={`${one.event} ${one.property}`} of={one} />)}</Tiles>;
}

function InterestTile({ of }: { of: Interest }) {
  const w = useWords(pw);
  const { rest, text } = usePortrait();
  const maker = useMaker();
  const about = { kind: 'interest' as const, feature: `${of.event}.${of.property}`, title: of.property };
  const title = text.title(about);
  const top = niceTop(of.values.flatMap((one) => [one.share, one.rest_share]));
  return (
    <Panel title={title}>
      <ul aria-label={title}>
        {of.values.map((one) => {
          const label = text.value(about, one.value);
          return <PairRow key={one.value} label={label} share={one.share} rest={one.rest_share} top={top} lift={one.lift} restName={rest} isChance={one.q_value > MAY_BE_CHANCE} make={maker(w('is', { what: title, value: label }), interestCondition(of, one.value))} />;
        })}
      </ul>
    </Panel>
  );
}
