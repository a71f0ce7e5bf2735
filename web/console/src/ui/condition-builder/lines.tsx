// One line of the builder for each kind of condition, read from left to right as a sentence.
import { Minus, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Condition, EventStep, EventTest, NamedTest, PropertyFact, PropertyTest } from '../../lib/api';
import { number } from '../../lib/format';
import { useLanguage, useWords } from '../../lib/i18n';
import { channelLabel as channelWord, eventLabel, factLabel, purposeLabel as purposeWord } from '../../lib/vocabulary';
import { Choose, DateEdit, EventChoose, FactChoose, SpanEdit, StepEdit, TestEdit, WhereEdit, useProperties } from './controls';
import { type Facts, type TitledFact, freshTest, mainKind } from './facts';
import { Negated } from './group-editor';
import { bare } from './groups';
import { aggregateLabel } from './sentence';
import { AGGREGATES, type Aggregate, aggregateOf, withAggregate } from './tree';
import { cb } from './words';

type LineProps = { node: Condition; facts: Facts; onChange: (node: Condition) => void; self?: string };

export function Line({ node, facts, onChange, self }: LineProps) {
  const { node: inner, negated } = bare(node);
  const set = (next: Condition, not = negated) => onChange(not ? { not: next } : next);
  if ('event' in inner) return <EventLine event={inner.event} negated={negated} facts={facts} onChange={(event, not) => set({ event }, not)} />;
  if ('sequence' in inner) return <SequenceLine sequence={inner.sequence} negated={negated} facts={facts} onChange={(sequence, not) => set({ sequence }, not)} />;
  if ('trait' in inner) return <NamedLine test={inner.trait} negated={negated} facts={facts} kind="trait" onChange={(trait, not) => set({ trait }, not)} />;
  if ('tag' in inner) return <NamedLine test={inner.tag} negated={negated} facts={facts} kind="tag" onChange={(tag, not) => set({ tag }, not)} />;
  if ('property' in inner) return <NamedLine test={inner.property} negated={negated} facts={facts} kind="property" onChange={(property, not) => set({ property }, not)} />;
  if ('segment' in inner) return <SegmentLine id={inner.segment} negated={negated} facts={facts} self={self} onChange={(segment, not) => set({ segment }, not)} />;
  if ('consent' in inner) return <ConsentLine consent={inner.consent} negated={negated} onChange={(consent, not) => set({ consent }, not)} />;
  return null;
}

function YesNo({ negated, yes, no, onChange }: { negated: boolean; yes: string; no: string; onChange: (negated: boolean) => void }) {
  const w = useWords(cb);
  return (
    <Choose
      value={negated ? 'no' : 'yes'}
      options={[
        { value: 'yes', label: yes },
        { value: 'no', label: no },
      ]}
      onChange={(next) => onChange(next === 'no')}
      label={`${yes} / ${no}`}
      placeholder={w('negate')}
      width={48}
    />
  );
}

function EventLine({ event, negated, facts, onChange }: { event: EventTest; negated: boolean; facts: Facts; onChange: (event: EventTest, negated: boolean) => void }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const properties = useProperties(event.name, facts);
  const set = (next: EventTest) => onChange(next, negated);
  const did = <YesNo key="did" negated={negated} yes={w('did')} no={w('did_not')} onChange={(not) => onChange(event, not)} />;
  const name = (
    <EventChoose
      key="name"
      value={event.name}
      facts={facts}
      any
      onChange={(next) => {
        const copy = { ...event, name: next };
        delete copy.where;
        set(copy);
      }}
    />
  );
  const where = event.name ? (
    <WhereEdit
      key="where"
      where={event.where}
      properties={properties}
      onChange={(next) => {
        const copy = { ...event, where: next };
        if (!next) delete copy.where;
        set(copy);
      }}
    />
  ) : null;
  const aggregate = <AggregateEdit key="aggregate" event={event} negated={negated} properties={properties} onChange={set} />;
  const window = <WindowEdit key="window" event={event} facts={facts} onChange={set} />;
  // Chinese puts the time first, English last: the same blanks, each in its order.
  return <>{lang === 'zh' ? [window, did, name, where, aggregate] : [did, name, where, aggregate, window]}</>;
}

function AggregateEdit({ event, negated, properties, onChange }: { event: EventTest; negated: boolean; properties: PropertyFact[]; onChange: (event: EventTest) => void }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const now = aggregateOf(event);
  const choice = (
    <Choose
      value={now ?? 'occurs'}
      options={[{ value: 'occurs', label: w(negated ? 'not_once' : 'at_least_once') }, ...AGGREGATES.map((key) => ({ value: key, label: aggregateLabel(key, lang) }))]}
      onChange={(next) => onChange(withAggregate(event, next === 'occurs' ? null : (next as Aggregate)))}
      label={w('aggregate')}
      width={48}
    />
  );
  if (!now) return choice;
  if (now === 'count') {
    return (
      <>
        {choice}
        <TestEdit test={event.count!} numeric label={aggregateLabel('count', lang)} onChange={(count) => onChange({ ...event, count })} />
        <span className="word">{w('times')}</span>
      </>
    );
  }
  const test = event[now] as PropertyTest;
  const numeric = now !== 'first' && now !== 'last';
  const property = <FactChoose value={test.property} facts={properties} numeric={numeric} label={w('choose_property')} onChange={(next) => onChange({ ...event, [now]: { ...test, property: next } })} />;
  const value = <TestEdit test={test} numeric={numeric} fact={properties.find((one) => one.name === test.property)} label={factLabel(test.property, lang) || w('choose_property')} onChange={(next) => onChange({ ...event, [now]: next })} />;
  return lang === 'zh' ? (
    <>
      <span className="word">{w('of')}</span>
      {property}
      {choice}
      {value}
    </>
  ) : (
    <>
      {choice}
      <span className="word">{w('of')}</span>
      {property}
      {value}
    </>
  );
}

function WindowEdit({ event, facts, onChange }: { event: EventTest; facts: Facts; onChange: (event: EventTest) => void }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const now = event.within !== undefined ? 'within' : event.between ? 'between' : event.since ? 'since' : 'ever';
  const without = () => {
    const copy = { ...event };
    delete copy.within;
    delete copy.between;
    delete copy.since;
    return copy;
  };
  const change = (next: string) => {
    const copy = without();
    if (next === 'within') copy.within = '30d';
    if (next === 'between') copy.between = ['', ''];
    if (next === 'since') copy.since = { event: facts.events[0]?.name ?? '', which: 'last' };
    onChange(copy);
  };
  return (
    <>
      <Choose
        value={now}
        options={[
          { value: 'ever', label: w('ever') },
          { value: 'within', label: w('last') },
          { value: 'between', label: w('between_dates') },
          { value: 'since', label: w('since') },
        ]}
        onChange={change}
        label={w('window')}
        width={56}
      />
      {now === 'within' && (
        <>
          <SpanEdit value={event.within ?? ''} onChange={(within) => onChange({ ...without(), within })} label={w('window')} />
          {lang === 'zh' && <span className="word">{w('inside')}</span>}
        </>
      )}
      {now === 'between' && event.between && (
        <>
          <DateEdit label={w('start_date')} value={event.between[0]} onChange={(from) => onChange({ ...without(), between: [from, event.between![1]] })} />
          <span className="word">{w('until_date')}</span>
          <DateEdit label={w('end_date')} value={event.between[1]} onChange={(to) => onChange({ ...without(), between: [event.between![0], to] })} />
          {lang === 'zh' && <span className="word">{w('before_date')}</span>}
        </>
      )}
      {now === 'since' && event.since && (
        <>
          <Choose
            value={event.since.trait ? `t:${event.since.trait}` : `${event.since.which === 'first' ? 'f' : 'l'}:${event.since.event ?? ''}`}
            options={[
              ...facts.events.map((one) => ({ value: `l:${one.name}`, label: w('last_event', { name: eventLabel(one.name, lang) }) })),
              ...facts.events.map((one) => ({ value: `f:${one.name}`, label: w('first_event', { name: eventLabel(one.name, lang) }) })),
              ...facts.traits.filter((one) => mainKind(one) === 'time').map((one) => ({ value: `t:${one.name}`, label: w('of_trait', { name: factLabel(one.name, lang) }) })),
            ]}
            onChange={(next) => {
              const name = next.slice(2);
              const within = event.since?.within;
              onChange({ ...without(), since: next.startsWith('t:') ? { trait: name, ...(within ? { within } : {}) } : { event: name, which: next.startsWith('f') ? 'first' : 'last', ...(within ? { within } : {}) } });
            }}
            label={w('anchor')}
          />
          <Choose
            value={event.since.within === undefined ? 'open' : 'within'}
            options={[
              { value: 'open', label: w('after_it') },
              { value: 'within', label: w('after_it_within') },
            ]}
            onChange={(next) => {
              const { within: _before, ...since } = event.since!;
              onChange({ ...without(), since: next === 'within' ? { ...since, within: '30d' } : since });
            }}
            label={w('since_span')}
          />
          {event.since.within !== undefined && (
            <>
              <SpanEdit value={event.since.within} onChange={(within) => onChange({ ...without(), since: { ...event.since!, within } })} label={w('since_span')} />
              {lang === 'zh' && <span className="word">{w('inside')}</span>}
            </>
          )}
        </>
      )}
    </>
  );
}

function SequenceLine({ sequence, negated, facts, onChange }: { sequence: { steps: EventStep[]; within: string }; negated: boolean; facts: Facts; onChange: (sequence: { steps: EventStep[]; within: string }, negated: boolean) => void }) {
  const w = useWords(cb);
  const parts: ReactNode[] = [];
  sequence.steps.forEach((step, i) => {
    if (i > 0) parts.push(<span key={`t${i}`} className="word">{w('then')}</span>);
    parts.push(<StepEdit key={i} step={step} facts={facts} nth={i + 1} onChange={(next) => onChange({ ...sequence, steps: sequence.steps.map((one, j) => (j === i ? next : one)) }, negated)} />);
  });
  return (
    <>
      <YesNo negated={negated} yes={w('in_order')} no={w('not_in_order')} onChange={(not) => onChange(sequence, not)} />
      {parts}
      <button type="button" className="icon-button" aria-label={w('add_step')} title={w('add_step')} onClick={() => onChange({ ...sequence, steps: [...sequence.steps, { name: '' }] }, negated)}>
        <Plus size={13} aria-hidden />
      </button>
      {sequence.steps.length > 2 && (
        <button type="button" className="icon-button" aria-label={w('remove_step')} title={w('remove_step')} onClick={() => onChange({ ...sequence, steps: sequence.steps.slice(0, -1) }, negated)}>
          <Minus size={13} aria-hidden />
        </button>
      )}
      <span className="word">{w('within_after')}</span>
      <SpanEdit value={sequence.within} onChange={(within) => onChange({ ...sequence, within }, negated)} label={w('within_after')} />
    </>
  );
}

function NamedLine({ test, negated, facts, kind, onChange }: { test: NamedTest; negated: boolean; facts: Facts; kind: 'trait' | 'tag' | 'property'; onChange: (test: NamedTest, negated: boolean) => void }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const offered: TitledFact[] = kind === 'trait' ? facts.traits : kind === 'tag' ? (facts.tags ?? []) : [];
  const fact = offered.find((one) => one.name === test.name);
  return (
    <>
      <span className="word">{w(kind === 'tag' ? 'is_tag' : kind === 'property' ? 'choose_property' : 'is_trait')}</span>
      <FactChoose
        value={test.name}
        facts={offered}
        label={w(kind === 'tag' ? 'choose_tag' : 'choose_trait')}
        none={kind === 'tag' ? w('no_tags') : undefined}
        onChange={(name) => onChange({ name, ...freshTest(offered.find((one) => one.name === name)) } as NamedTest, negated)}
      />
      {negated && <Negated onPlain={() => onChange(test, false)} />}
      <TestEdit test={test} fact={fact} label={fact?.title ?? (factLabel(test.name, lang) || w('choose_trait'))} onChange={(next) => onChange(next, negated)} />
    </>
  );
}

function SegmentLine({ id, negated, facts, self, onChange }: { id: string; negated: boolean; facts: Facts; self?: string; onChange: (id: string, negated: boolean) => void }) {
  const w = useWords(cb);
  const lang = useLanguage();
  return (
    <>
      <YesNo negated={negated} yes={w('in_segment')} no={w('not_in_segment')} onChange={(not) => onChange(id, not)} />
      <Choose
        value={id}
        options={facts.segments.filter((one) => one.id !== self).map((one) => ({ value: one.id, label: one.name, hint: one.count === undefined ? undefined : number(one.count, lang) }))}
        none={w('no_segments')}
        onChange={(next) => onChange(next, negated)}
        label={w('choose_segment')}
        width={110}
      />
    </>
  );
}

function ConsentLine({ consent, negated, onChange }: { consent: { purpose: string; channel?: string }; negated: boolean; onChange: (consent: { purpose: string; channel?: string }, negated: boolean) => void }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const purposes = ['marketing', 'analytics', 'personalization', 'advertising', 'service'];
  const channel = (
    <Choose
      key="channel"
      value={consent.channel ?? '*'}
      options={[{ value: '*', label: w('any_channel') }, ...['email', 'sms', 'webhook', 'push', 'wechat'].map((one) => ({ value: one, label: channelWord(one, lang) }))]}
      onChange={(next) => onChange(next === '*' ? { purpose: consent.purpose } : { ...consent, channel: next }, negated)}
      label={w('by_channel')}
    />
  );
  const purpose = <Choose key="purpose" value={consent.purpose} options={purposes.map((one) => ({ value: one, label: purposeWord(one, lang) }))} onChange={(next) => onChange({ ...consent, purpose: next }, negated)} label={w('agrees')} />;
  return (
    <>
      <YesNo negated={negated} yes={w('agrees')} no={w('not_agrees')} onChange={(not) => onChange(consent, not)} />
      {lang === 'zh' ? [channel, purpose] : [purpose, <span key="by" className="word">{w('by_channel')}</span>, channel]}
    </>
  );
}
