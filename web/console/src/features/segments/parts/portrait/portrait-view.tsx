// A finished portrait: first what sets them apart, then everything by itself.
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import type { Condition, PortraitLine } from '../../../../lib/api';
import type { PortraitResult } from '../../../../lib/api/portraits';
import { dateTime, number } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { useFacts } from '../../../../lib/use-facts';
import { MakeSegment, type Making } from '../../../../ui/make-segment';
import { Panel } from '../../../../ui/page';
import { REACHES, within } from '../../logic/portrait-condition';
import { pw } from '../../portrait-words';
import { PortraitContext } from './context';
import { DriftPart, Events, Habits, Paths, Value } from './doings';
import { useFeatureText } from './feature-text';
import { EvaluationPart } from './evaluation';
import { Categories, Interests, Numbers } from './features';
import { Lead, StrikingPart } from './striking';

const PARTS = ['striking', 'categories', 'numbers', 'habits', 'value', 'events', 'interests', 'paths', 'drift', 'evaluation'] as const;
type Part = (typeof PARTS)[number];
/** These bring panels of their own. */
const OPEN: Part[] = ['categories', 'numbers', 'interests'];

/** What there is nothing to say of is left out. */
function partsOf(result: PortraitResult): { [part in Part]?: ReactNode } {
  const acts = result.habits.hours.some((one) => one.share > 0 || one.rest_share > 0);
  return {
    ...(result.striking.length > 0 && { striking: <StrikingPart result={result} /> }),
    ...(result.categories.length > 0 && { categories: <Categories result={result} /> }),
    ...(result.numbers.length > 0 && { numbers: <Numbers result={result} /> }),
    ...(acts && { habits: <Habits of={result.habits} /> }),
    ...(result.value && { value: <Value of={result.value} /> }),
    ...(result.events.length > 0 && { events: <Events result={result} /> }),
    ...(result.interests.length > 0 && { interests: <Interests result={result} /> }),
    ...(result.paths.length > 0 && { paths: <Paths result={result} /> }),
    ...(result.drift && result.drift.features.length > 0 && { drift: <DriftPart of={result.drift} /> }),
    ...(result.evaluation && { evaluation: <EvaluationPart of={result.evaluation} /> }),
  };
}

type Props = { of: PortraitLine; result: PortraitResult; segment: { id: string; name: string }; able: boolean };

export function PortraitView({ of, result, segment, able }: Props) {
  const w = useWords(pw);
  const lang = useLanguage();
  const facts = useFacts();
  const text = useFeatureText();
  const box = useRef<HTMLDivElement>(null);
  const [making, setMaking] = useState<Making | null>(null);
  const rest = of.against_name ? (lang === 'zh' ? `「${of.against_name}」` : `“${of.against_name}”`) : w('others');
  const make = useCallback((name: string, condition: Condition) => setMaking({ name, condition, reaches: REACHES.map((reach) => ({ label: w(`reach_${reach}`, { name: segment.name }), condition: within(reach, segment.id, condition) })) }), [w, segment.id, segment.name]);
  const shared = useMemo(() => ({ rest, text, facts, make: able ? make : undefined }), [rest, text, facts, able, make]);
  const parts = partsOf(result);
  const there = PARTS.filter((part) => parts[part]);
  const isSample = result.people_read < result.people || result.others_read < result.others;
  // Said at every part: people look at one, not at all of them.
  const sampled = isSample && <span className="dim small">{w('sampled', { rest, a: number(result.people_read, lang), b: number(result.others_read, lang) })}</span>;
  return (
    <PortraitContext value={shared}>
      <div className="portrait stack loose" ref={box}>
        <div className="portrait-bar">
          <span className="swatch">{w('key_them', { name: segment.name, n: number(result.people, lang) })}</span>
          <span className="swatch others">{w('key_them', { name: of.against_name ?? w('rest'), n: number(result.others, lang) })}</span>
          <span className="grow" />
          <nav className="portrait-nav" aria-label={w('sections')}>
            {there.map((part) => (
              <button key={part} type="button" className="linkish small" onClick={() => box.current?.querySelector(`#portrait-${part}`)?.scrollIntoView({ block: 'start' })}>
                {w(part)}
              </button>
            ))}
          </nav>
        </div>
        <Lead result={result} />
        {there.map((part) => (
          <section key={part} id={`portrait-${part}`} className="portrait-part" aria-label={w(part)}>
            {OPEN.includes(part) ? (
              <div className="stack">
                <div className="row wrap" style={{ justifyContent: 'space-between' }}><h2 className="h" style={{ fontSize: 15 }}>{w(part)}</h2>{sampled}</div>
                {parts[part]}
              </div>
            ) : (
              <Panel title={w(part)} extra={sampled}>{parts[part]}</Panel>
            )}
          </section>
        ))}
        <p className="dim small">{w('as_of', { time: dateTime(result.as_of, lang) })}</p>
        <MakeSegment of={making} onClose={() => setMaking(null)} />
      </div>
    </PortraitContext>
  );
}
