// The blanks of the sentence: choosing a name, an operator, a value, a span of time.
import { AutoComplete, Input, InputNumber, Select } from 'antd';
import { Plus, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { EventStep, PropertyFact, PropertyTest, Where } from '../../lib/api';
import { spanParts } from '../../lib/format';
import { useLanguage, useWords } from '../../lib/i18n';
import { eventLabel, factLabel, isTranslated, valueLabel } from '../../lib/vocabulary';
import { type Facts, type TitledFact, freshTest, mainKind } from './facts';
import { whereText } from './sentence';
import { type Operator, convert, flatWhere, operatorOf, whereOf, withOperator } from './tree';
import { cb } from './words';

type Option = { value: string; label: string; hint?: string };

/** A blank to fill by choosing; what is not in the list may be typed when `open` says so. */
export function Choose({ value, options, onChange, label, placeholder, open: free, width, none }: { value: string; options: Option[]; onChange: (value: string) => void; label: string; placeholder?: string; open?: boolean; width?: number; none?: string }) {
  const [typed, setTyped] = useState('');
  const known = options.some((option) => option.value === value);
  const all = [
    ...(value && !known ? [{ value, label: value }] : []),
    ...options,
    ...(free && typed && !options.some((option) => option.value === typed || option.label === typed) && typed !== value ? [{ value: typed, label: typed }] : []),
  ];
  return (
    <Select
      size="small"
      variant="filled"
      aria-label={label}
      value={value || undefined}
      placeholder={placeholder ?? label}
      popupMatchSelectWidth={false}
      style={{ minWidth: width ?? 64, maxWidth: 260 }}
      showSearch={
        options.length > 8 || free
          ? { onSearch: setTyped, filterOption: (text, option) => `${String(option?.label)} ${String(option?.value)}`.toLowerCase().includes(text.toLowerCase()) }
          : false
      }
      options={all}
      notFoundContent={none && <span className="dim small">{none}</span>}
      optionRender={(option) => <OptionText label={option.data.label} hint={option.data.hint} />}
      onChange={onChange}
    />
  );
}

/** What can be chosen, and the name that machines know it by. */
function OptionText({ label, hint }: { label: string; hint?: string }) {
  return (
    <span className="row" style={{ justifyContent: 'space-between', gap: 18 }}>
      <span>{label}</span>
      {hint && <span className="dim small">{hint}</span>}
    </span>
  );
}

export function EventChoose({ value, onChange, facts, any, nth }: { value: string; onChange: (name: string) => void; facts: Facts; any?: boolean; nth?: number }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const options = facts.events.map(({ name }) => {
    const label = eventLabel(name, lang);
    return { value: name, label, hint: isTranslated(name, label) ? name : undefined };
  });
  if (any) options.unshift({ value: '*', label: eventLabel('*', lang), hint: undefined });
  if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: eventLabel(value, lang), hint: undefined });
  return <Choose value={value} options={options} onChange={onChange} label={nth === undefined ? w('choose_event') : w('choose_event_n', { n: nth })} placeholder={w('choose_event')} open width={96} />;
}

export function FactChoose({ value, onChange, facts, label, numeric, none }: { value: string; onChange: (name: string) => void; facts: TitledFact[]; label: string; numeric?: boolean; none?: string }) {
  const lang = useLanguage();
  const offered = numeric ? [...facts].sort((a, b) => Number(b.kinds.includes('number')) - Number(a.kinds.includes('number'))) : facts;
  const options = offered.map((fact) => {
    const text = fact.title ?? factLabel(fact.name, lang);
    return { value: fact.name, label: text, hint: isTranslated(fact.name, text) ? fact.name : undefined };
  });
  if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: factLabel(value, lang), hint: undefined });
  return <Choose value={value} options={options} onChange={onChange} label={label} none={none} open width={80} />;
}

const BY_KIND: { [kind: string]: Operator[] } = {
  text: ['eq', 'ne', 'in', 'nin', 'contains', 'starts_with', 'matches', 'exists'],
  number: ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'between', 'in', 'exists'],
  boolean: ['eq', 'exists'],
  time: ['before', 'after', 'between', 'exists'],
  list: ['contains', 'exists'],
};
const TIMES: Operator[] = ['gte', 'eq', 'lte', 'gt', 'lt', 'between'];

/** Operator and operand of one test. */
export function TestEdit<T extends object>({ test, onChange, fact, numeric, label }: { test: T; onChange: (test: T) => void; fact?: TitledFact; numeric?: boolean; label: string }) {
  const w = useWords(cb);
  const { op, operand } = operatorOf(test as never);
  const kind = numeric ? 'number' : mainKind(fact);
  const offered = numeric ? TIMES : BY_KIND[kind]!;
  const list = offered.includes(op) ? offered : [op, ...offered];
  return (
    <>
      <Choose
        value={op}
        options={list.map((one) => ({ value: one, label: w(`op_${one}`) }))}
        onChange={(next) => onChange(withOperator(test, next as Operator, convert(operand, next as Operator, kind === 'number')))}
        label={w('operator')}
        width={48}
      />
      <ValueEdit op={op} operand={operand} kind={kind} fact={fact} label={label} onChange={(next) => onChange(withOperator(test, op, next))} />
    </>
  );
}

type ValueProps = { operand: unknown; kind: string; fact?: TitledFact; onChange: (operand: unknown) => void; label: string };

function ValueEdit({ op, operand, kind, fact, onChange, label }: ValueProps & { op: Operator }) {
  const w = useWords(cb);
  const options = useValues(fact);
  const name = `${label} · ${w('value')}`;
  if (op === 'exists' || (kind === 'boolean' && op === 'eq')) {
    return (
      <Choose
        value={operand === '' || operand === undefined ? '' : String(operand)}
        label={name}
        placeholder={w('choose_value')}
        options={[
          { value: 'true', label: w('true') },
          { value: 'false', label: w('false') },
        ]}
        onChange={(next) => onChange(next === 'true')}
        width={52}
      />
    );
  }
  if (op === 'in' || op === 'nin') {
    const list = Array.isArray(operand) ? operand : [];
    return (
      <Select
        size="small"
        variant="filled"
        mode="tags"
        aria-label={name}
        placeholder={w('values')}
        value={list.map(String)}
        style={{ minWidth: 120, maxWidth: 320 }}
        popupMatchSelectWidth={false}
        tokenSeparators={[',', '，', '、']}
        options={options}
        optionFilterProp="label"
        onChange={(next: string[]) => {
          // Who types what a value is called means the value.
          const meant = next.map((one) => options.find((option) => option.label === one)?.value ?? one);
          onChange(kind === 'number' ? meant.map(Number).filter((n) => !Number.isNaN(n)) : [...new Set(meant)]);
        }}
      />
    );
  }
  if (op === 'between') {
    const [low, high] = Array.isArray(operand) ? operand : ['', ''];
    return (
      <>
        <One kind={kind} operand={low} fact={fact} label={`${name} 1`} onChange={(next) => onChange([next, high])} />
        <span className="word">–</span>
        <One kind={kind} operand={high} fact={fact} label={`${name} 2`} onChange={(next) => onChange([low, next])} />
      </>
    );
  }
  if (op === 'before' || op === 'after') return <MomentEdit value={String(operand ?? '')} onChange={onChange} label={name} />;
  return <One kind={kind} operand={operand} fact={fact} label={name} onChange={onChange} />;
}

/** Values that were seen, by what they are called. */
function useValues(fact: TitledFact | undefined): Option[] {
  const lang = useLanguage();
  return (fact?.examples ?? [])
    .filter((one) => typeof one !== 'object')
    .map((one) => {
      const value = String(one);
      return { value, label: fact?.labels?.[value] ?? valueLabel(fact?.name ?? '', value, lang) };
    });
}

/** A date of the calendar, or so long before or after now. */
function MomentEdit({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  const w = useWords(cb);
  const [, sign, span] = /^([+-])(.*)$/.exec(value) ?? [];
  const mode = sign === '-' ? 'ago' : sign === '+' ? 'ahead' : 'date';
  return (
    <>
      {mode === 'date' ? (
        <DateEdit value={value} onChange={onChange} label={label} />
      ) : (
        <SpanEdit value={span ?? ''} onChange={(next) => onChange(`${sign}${next}`)} label={label} units={['h', 'd', 'w']} />
      )}
      <Choose
        value={mode}
        label={`${label} · ${w('moment')}`}
        options={(['date', 'ago', 'ahead'] as const).map((one) => ({ value: one, label: w(`moment_${one}`) }))}
        onChange={(next) => onChange(next === 'date' ? '' : `${next === 'ago' ? '-' : '+'}${span || '30d'}`)}
        width={48}
      />
    </>
  );
}

export function DateEdit({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  return <Input size="small" variant="filled" type="date" aria-label={label} value={value.slice(0, 10)} onChange={(event) => onChange(event.target.value)} style={{ width: 136 }} />;
}

function One({ kind, operand, fact, onChange, label }: ValueProps) {
  const w = useWords(cb);
  const options = useValues(fact);
  if (kind === 'number') {
    return <InputNumber size="small" variant="filled" aria-label={label} value={operand === '' ? null : (operand as number)} onChange={(next) => onChange(next === null ? '' : next)} style={{ width: 84 }} controls={false} />;
  }
  const text = String(operand ?? '');
  if (kind === 'time' && !/^[+-]\d/.test(text)) return <DateEdit value={text} onChange={onChange} label={label} />;
  // Values with names are chosen by them; any other may still be typed.
  if (fact?.labels) return <Choose value={text} options={options} onChange={onChange} label={label} placeholder={w('choose_value')} open width={92} />;
  return (
    <AutoComplete
      size="small"
      variant="filled"
      aria-label={label}
      value={text}
      placeholder={w('choose_value')}
      style={{ width: Math.min(220, Math.max(92, text.length * 13 + 30)) }}
      popupMatchSelectWidth={false}
      options={options.map(({ value, label: called }) => ({ value, label: called === value ? value : <OptionText label={called} hint={value} /> }))}
      showSearch={{ filterOption: (typed, option) => options.some((one) => one.value === option?.value && `${one.value} ${one.label}`.toLowerCase().includes(typed.toLowerCase())) }}
      onChange={(next: string) => onChange(next)}
    />
  );
}

/** `30d` as two blanks. A span of several parts stays a text. */
export function SpanEdit({ value, onChange, label, units = ['m', 'h', 'd', 'w'] }: { value: string; onChange: (span: string) => void; label: string; units?: string[] }) {
  const w = useWords(cb);
  const read = spanParts(value);
  const part = read?.[0];
  if (read && read.length > 1) return <Input size="small" variant="filled" aria-label={label} value={value} style={{ width: 90 }} onChange={(event) => onChange(event.target.value)} />;
  const unit = part?.unit ?? (/[a-z]+$/.exec(value)?.[0] || 'd');
  return (
    <span className="row" style={{ gap: 2, display: 'inline-flex' }}>
      <InputNumber
        size="small"
        variant="filled"
        min={1}
        precision={0}
        controls={false}
        aria-label={`${label} · ${w('amount')}`}
        value={part?.amount ?? null}
        style={{ width: 52 }}
        onChange={(next) => onChange(`${next ?? ''}${unit}`)}
      />
      <Choose value={unit} options={[...new Set([...units, unit])].map((one) => ({ value: one, label: one in cb.words ? w(one as 'd') : one }))} onChange={(next) => onChange(`${part?.amount ?? 1}${next}`)} label={`${label} · ${w('unit')}`} width={44} />
    </span>
  );
}

const asked = new Map<string, PropertyFact[]>();

export function useProperties(event: string, facts: Facts): PropertyFact[] {
  const [list, setList] = useState<PropertyFact[]>(asked.get(event) ?? []);
  useEffect(() => {
    let gone = false;
    setList(asked.get(event) ?? []);
    if (!event) return;
    facts
      .properties(event)
      .then((found) => {
        asked.set(event, found);
        if (!gone) setList(found);
      })
      .catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [event, facts]);
  return list;
}

/** The property conditions of one event, as small chips in the sentence. */
export function WhereEdit({ where, onChange, properties }: { where: Where | undefined; onChange: (where: Where | undefined) => void; properties: PropertyFact[] }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const tests = flatWhere(where);
  if (tests === null) {
    return (
      <span className="cb-where" title={w('complex_where')}>
        {whereText(where, lang)}
      </span>
    );
  }
  const set = (next: PropertyTest[]) => onChange(whereOf(next));
  return (
    <>
      {tests.map((test, i) => {
        const fact = properties.find((one) => one.name === test.property);
        return (
          <span className="cb-where" key={i}>
            <span className="word">{i === 0 ? w('where') : w('and')}</span>
            <FactChoose
              value={test.property}
              facts={properties}
              label={w('choose_property')}
              onChange={(property) => set(tests.map((one, j) => (j === i ? ({ property, ...freshTest(properties.find((known) => known.name === property)) } as PropertyTest) : one)))}
            />
            <TestEdit test={test} fact={fact} label={factLabel(test.property, lang) || w('choose_property')} onChange={(next) => set(tests.map((one, j) => (j === i ? next : one)))} />
            <button type="button" className="icon-button" style={{ minWidth: 20, height: 22 }} aria-label={w('remove_where')} title={w('remove_where')} onClick={() => set(tests.filter((_, j) => j !== i))}>
              <X size={12} aria-hidden />
            </button>
          </span>
        );
      })}
      <button type="button" className="icon-button text" onClick={() => set([...tests, { property: '', eq: '' } as PropertyTest])}>
        <span className="row" style={{ gap: 3 }}>
          <Plus size={12} aria-hidden />
          {w('add_where')}
        </span>
      </button>
    </>
  );
}

/** An event and its property conditions: what starts a journey, what is waited for, a step of a funnel. */
export function StepEdit({ step, onChange, facts, any, nth }: { step: EventStep; onChange: (step: EventStep) => void; facts: Facts; any?: boolean; nth?: number }) {
  const properties = useProperties(step.name, facts);
  return (
    <span className="cb-sentence">
      <EventChoose value={step.name} facts={facts} any={any} nth={nth} onChange={(name) => onChange({ name })} />
      {step.name && (
        <WhereEdit
          where={step.where}
          properties={properties}
          onChange={(where) => {
            const next: EventStep = { ...step, where };
            if (!where) delete next.where;
            onChange(next);
          }}
        />
      )}
    </span>
  );
}
