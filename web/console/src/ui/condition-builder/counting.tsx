// The number under a condition while it is written: an estimate first where people are many, then exactly.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Condition, type CountAnswer, Problem } from '../../lib/api';
import { clock, number } from '../../lib/format';
import { useDebounced } from '../../lib/hooks';
import { useLanguage, useWords } from '../../lib/i18n';
import { paths } from '../../lib/paths';
import { Avatar } from '../bits';
import { Button } from '../button';
import { ProblemView } from '../feedback';
import { Go } from '../go';
import { type Numbers, type Question, countable, learn, lineKey, plain, question, refusedLines, within } from './question';
import type { Group } from './tree';
import { cb } from './words';

/** Counts who matches; `atOnce` takes an estimate where counting would take long. */
export type Count = (condition: Condition, signal: AbortSignal, atOnce?: boolean) => Promise<CountAnswer>;

export type Live = {
  answer: CountAnswer | null;
  /** The answer is of what is written now. */
  isCurrent: boolean;
  counting: boolean;
  error: unknown;
  /** Lines the server did not accept, by what they say. */
  refused: Set<string>;
  /** How many satisfy a line alone, as it is shown. */
  ofLine: (line: Condition) => string | undefined;
};

type Asked = { answer: CountAnswer | null; of: string; counting: boolean; error: unknown; refused: Set<string> };

export function useLiveCount(tree: Condition, count: Count | undefined): Live {
  const lang = useLanguage();
  const whole = count ? countable(tree) : null;
  const text = whole ? lineKey(whole) : '';
  const settled = useDebounced(text, 150);
  const [asked, setAsked] = useState<Asked>({ answer: null, of: '', counting: false, error: null, refused: new Set() });
  const [numbers, setNumbers] = useState<Numbers>({});
  const now = useRef({ count, numbers });
  now.current = { count, numbers };
  useEffect(() => {
    if (!settled) {
      setAsked((was) => (was.counting ? { ...was, counting: false } : was));
      return;
    }
    const stop = new AbortController();
    const group = JSON.parse(settled) as Group;
    setAsked((was) => ({ ...was, counting: true }));
    const ask = async (what: Question, atOnce: boolean) => {
      const answer = await now.current.count!(what.condition, stop.signal, atOnce);
      if (!stop.signal.aborted) setNumbers((was) => learn(was, what, answer, Date.now()));
      return answer;
    };
    const show = (answer: CountAnswer, more: boolean) => !stop.signal.aborted && setAsked({ answer, of: settled, counting: more, error: null, refused: new Set() });
    const counted = async (what: Question) => {
      const first = await ask(what, true);
      // Lines may be estimates where the whole is not.
      const isEstimate = !!first.estimate || first.lines.some((line) => line.is_estimate && what.lines.has(line.path));
      show(first, !!first.estimate);
      if (isEstimate) show(await ask(what, false), false);
      if (stop.signal.aborted) return;
      const inner = within(group, now.current.numbers, Date.now());
      if (inner.length > 0) await ask(plain({ any: inner }), false);
    };
    const given = question(group, now.current.numbers, Date.now());
    counted(given)
      // The server points at lines as they were asked: only the tree as it was written says which line is meant.
      .catch((error: unknown) => (error instanceof Problem && !stop.signal.aborted && given.condition !== group ? counted(plain(group)) : Promise.reject(error)))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setAsked((was) => ({ ...was, counting: false, error, refused: error instanceof Problem ? refusedLines(group, error.fields) : new Set() }));
      });
    return () => stop.abort();
  }, [settled]);
  const isCurrent = asked.of === text;
  return {
    ...asked,
    answer: text ? asked.answer : null,
    isCurrent,
    ofLine: (line) => {
      const known = numbers[lineKey(line)];
      return known && `${known.isEstimate ? '≈ ' : ''}${number(known.count, lang)}`;
    },
  };
}

/** Stays in sight while a long condition is written. `missing` lines are not in the number. */
export function CountView({ live, missing, lines, action }: { live: Live; missing: number; lines: number; action?: ReactNode }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const [ten, setTen] = useState(false);
  const { answer } = live;
  const isDone = !!answer && live.isCurrent && !live.counting;
  const state = live.counting ? w(answer?.estimate && live.isCurrent ? 'counting_exactly' : 'counting') : isDone ? w('as_of', { time: clock(answer.as_of, lang) }) : '';
  return (
    <div className="cb-live stack tight" aria-live="polite">
      <div className="cb-sum">
        <span className="big num" style={{ opacity: live.counting || !live.isCurrent ? 0.65 : 1 }} data-testid="condition-count">
          {answer ? `${answer.estimate ? '≈ ' : ''}${number(answer.count, lang)}` : '–'}
        </span>
        <span className="soft">
          {w('matching')}
          {answer?.estimate && ` · ${w('between', { low: number(answer.estimate.low, lang), high: number(answer.estimate.high, lang) })}`}
        </span>
        <span className={isDone ? 'as-of dim small' : 'dim small'}>{lines === 0 ? w('empty') : state}</span>
        {missing > 0 && <span className="dim small">{w(answer ? 'left_out' : 'incomplete', { n: missing })}</span>}
        <span className="grow" />
        {answer && answer.count > 0 && (
          <Button size="small" onClick={() => setTen(!ten)} aria-expanded={ten}>
            {w(ten ? 'hide_ten' : 'show_ten')}
          </Button>
        )}
        {action}
      </div>
      {live.error && !live.counting && live.refused.size === 0 ? <ProblemView error={live.error} /> : null}
      {ten && answer && (
        <ul className="chips">
          {answer.sample.map((person) => (
            <li key={person.id}>
              <Go to={paths.person(person.id)} className="chip" style={{ alignItems: 'center', lineHeight: '26px' }}>
                <Avatar name={person.name ?? person.identifiers[0]?.value ?? '?'} size={18} />
                {person.name ?? person.identifiers[0]?.value ?? person.id}
              </Go>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
