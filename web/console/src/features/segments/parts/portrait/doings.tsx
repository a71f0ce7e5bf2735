// What they do and when: habits, value, events, paths, and what has drifted.
import { Fragment, useState } from 'react';
import type { Drift, PortraitResult, Shares, ValueSummary } from '../../../../lib/api/portraits';
import { dateTime, money, number, percent, short } from '../../../../lib/format';
import { type Language, useLanguage, useWords } from '../../../../lib/i18n';
import { eventLabel, factLabel } from '../../../../lib/vocabulary';
import { Button } from '../../../../ui/button';
import { didEvent } from '../../logic/portrait-condition';
import { MAY_BE_CHANCE, niceTop } from '../../logic/strength';
import { pw } from '../../portrait-words';
import { Columns } from './columns';
import { useMaker, usePortrait } from './context';
import { Lift, PairBars, PairRow } from './pair-row';

/** Monday first; any Monday does. */
const weekday = (i: number, lang: Language, style: 'short' | 'long') => new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { weekday: style, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, 1 + i)));

export function Habits({ of }: { of: PortraitResult['habits'] }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest } = usePortrait();
  const peak = (shares: Shares[], name: (i: number) => string) => {
    const i = shares.reduce((best, one, at) => (one.share > shares[best]!.share ? at : best), 0);
    const top = shares[i];
    return top ? w('peak', { at: name(i), share: percent(top.share, lang), rest, rest_share: percent(top.rest_share, lang) }) : '';
  };
  const hour = (i: number) => w('hours_between', { from: i, to: i + 1 });
  const day = (i: number) => weekday(i, lang, 'long');
  const hours = peak(of.hours, hour);
  const days = peak(of.weekdays, day);
  return (
    <div className="stack">
      <div className="two">
        <Columns title={w('hours')} head={w('hour')} note={hours} summary={hours} restName={rest} columns={of.hours.map((one, i) => ({ ...one, label: hour(i), tick: i % 6 === 0 || i === 23 ? String(i) : '' }))} />
        <Columns title={w('weekdays')} head={w('weekday')} note={days} summary={days} restName={rest} columns={of.weekdays.map((one, i) => ({ ...one, label: day(i), tick: weekday(i, lang, 'short') }))} />
      </div>
      <p className="dim small">{w('events_share')}</p>
    </div>
  );
}

export function Value({ of }: { of: ValueSummary }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest } = usePortrait();
  const maker = useMaker();
  const make = maker(w('make_buyers'), didEvent(of.event));
  const rows = [
    { id: 'buyers' as const, a: of.buyers, b: of.rest_buyers, say: (value: number) => percent(value, lang) },
    { id: 'orders' as const, a: of.orders_per_buyer, b: of.rest_orders_per_buyer, say: (value: number) => number(value, lang, 2) },
    { id: 'amount' as const, a: of.amount_per_person, b: of.rest_amount_per_person, say: (value: number) => money(value, of.currency, lang) },
  ];
  return (
    <div className="stack">
      <div className="value-tiles">
        {rows.map(({ id, a, b, say }) => (
          <div key={id}>
            <div className="soft small">{w(id)}</div>
            <div className="row" style={{ alignItems: 'baseline' }}>
              <span className="big num">{say(a)}</span>
              <span className="lift"><Lift value={b > 0 ? a / b : null} share={a} rest={b} name={rest} /></span>
            </div>
            <PairBars share={a} rest={b} top={Math.max(a, b)} text={say(a)} restText={say(b)} />
          </div>
        ))}
        <div>
          <div className="soft small">{w('total')}</div>
          <div className="big num">{of.amount_total >= 1_000_000 ? `${of.currency} ${short(of.amount_total, lang)}` : money(of.amount_total, of.currency, lang)}</div>
        </div>
      </div>
      <div className="row wrap">
        <span className="dim small">{w('made_of', { event: eventLabel(of.event, lang), property: factLabel(of.property, lang) })}</span>
        {make && <button type="button" className="linkish small" onClick={make.onMake}>{w('make', { what: make.label })}</button>}
      </div>
    </div>
  );
}

const FIRST = 10;

export function Events({ result }: { result: PortraitResult }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest } = usePortrait();
  const maker = useMaker();
  const [all, setAll] = useState(false);
  const top = niceTop(result.events.flatMap((one) => [one.share, one.rest_share]));
  return (
    <div className="stack">
      <ul className="two" aria-label={w('did_share')}>
        {(all ? result.events : result.events.slice(0, FIRST)).map((one) => {
          const label = eventLabel(one.name, lang);
          return (
            <PairRow
              key={one.name}
              label={label}
              note={w('per_person', { a: number(one.per_person, lang, 1), b: number(one.rest_per_person, lang, 1) })}
              share={one.share}
              rest={one.rest_share}
              top={top}
              lift={one.lift}
              restName={rest}
              isChance={one.q_value > MAY_BE_CHANCE}
              make={maker(w('did', { what: label }), didEvent(one.name))}
            />
          );
        })}
      </ul>
      {result.events.length > FIRST && <div><Button onClick={() => setAll(!all)} aria-expanded={all}>{all ? w('fewer') : w('more_features', { n: result.events.length - FIRST })}</Button></div>}
      <p className="dim small">{w('did_share')}</p>
    </div>
  );
}

export function Paths({ result }: { result: PortraitResult }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest } = usePortrait();
  const top = niceTop(result.paths.flatMap((one) => [one.share, one.rest_share]));
  return (
    <div className="stack">
      <ul aria-label={w('paths')}>
        {result.paths.map((one, i) => (
          <PairRow
            key={i}
            label={
              <span className="steps">
                {one.steps.map((step, at) => (
                  <Fragment key={at}>
                    {at > 0 && <span className="dim" aria-hidden>→</span>}
                    <b>{eventLabel(step, lang)}</b>
                  </Fragment>
                ))}
              </span>
            }
            note={w('path_people', { n: number(one.people, lang) })}
            share={one.share}
            rest={one.rest_share}
            top={top}
            lift={one.rest_share > 0 ? one.share / one.rest_share : null}
            restName={rest}
          />
        ))}
      </ul>
      <p className="dim small">{w('share_of_people')}</p>
    </div>
  );
}

/** The customary bounds of the population stability index. */
const BOUNDS = [0.1, 0.25];

export function DriftPart({ of }: { of: Drift }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { text, facts } = usePortrait();
  const sorted = [...of.features].sort((a, b) => b.population_stability_index - a.population_stability_index);
  const top = Math.max(0.3, ...sorted.map((one) => one.population_stability_index));
  const titled = (one: Drift['features'][number]) => text.title({ kind: facts.tags.some((tag) => tag.name === one.feature.replace(/^tag[:/]/, '')) ? 'tag' : 'trait', feature: one.feature, title: one.title });
  return (
    <div className="stack">
      <p className="soft">
        {w('drift_since', { time: dateTime(of.since_at, lang) })}
        {sorted.every((one) => one.shift === 'none') && ` · ${w('drift_none')}`}
      </p>
      <ul aria-label={w('drift')} style={{ maxWidth: 760 }}>
        {sorted.slice(0, 12).map((one) => (
          <li key={one.feature} className="drift-row">
            <span className="cut">{titled(one)}</span>
            <span className="drift-track" aria-hidden>
              <i className={one.shift} style={{ width: `${(100 * one.population_stability_index) / top}%` }} />
              {BOUNDS.map((bound) => <s key={bound} style={{ left: `${(100 * bound) / top}%` }} />)}
            </span>
            <span className="num" style={{ textAlign: 'right' }}>{number(one.population_stability_index, lang, 2)}</span>
            <span className="small" style={{ color: one.shift === 'strong' ? 'var(--bad)' : one.shift === 'some' ? 'var(--warn)' : 'var(--ink-3)' }}>{w(`shift_${one.shift}`)}</span>
          </li>
        ))}
      </ul>
      <p className="dim small">{w('drift_hint')}</p>
    </div>
  );
}
