// A condition over a thing, line by line: an attribute, or a figure of the events that name it.
import { InputNumber, Segmented } from 'antd';
import { Plus, X } from 'lucide-react';
import type { AttributeTest, FigureTest, PropertyFact, ThingCondition } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { useFacts } from '../../../lib/use-facts';
import { Button } from '../../../ui/button';
import { Choose, EventChoose, FactChoose, TestEdit } from '../../../ui/condition-builder';
import { type Leaf, conditionOf, emptyLeaf, flatOf } from '../logic/rule';
import { cw } from '../words';
import { MEASURES, type Measure } from './figures';

type Props = { value: ThingCondition; onChange: (condition: ThingCondition) => void; able: boolean; attributes: PropertyFact[]; fault: (path: string) => string | null };

export function ConditionLines({ value, onChange, able, attributes, fault }: Props) {
  const w = useWords(cw);
  const flat = flatOf(value);
  if (!flat) {
    return (
      <div className="stack tight">
        <p className="soft small">{w('nested')}</p>
        <pre className="break small"><code>{JSON.stringify(value, null, 2)}</code></pre>
      </div>
    );
  }
  const set = (tests: Leaf[]) => onChange(conditionOf({ ...flat, tests }));
  return (
    <fieldset className="stack tight" disabled={!able} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
      {flat.tests.length > 1 && <div><Segmented size="small" disabled={!able} value={flat.join} onChange={(join) => onChange(conditionOf({ ...flat, join }))} options={(['all', 'any'] as const).map((one) => ({ value: one, label: w(`match_${one}`) }))} /></div>}
      {flat.tests.length === 0 && <p className="dim small">{w('no_tests')}</p>}
      {flat.tests.map((test, at) => (
        <div key={at} className="test-line" role="group" aria-label={String(at + 1)}>
          {'attribute' in test ? <AttributeLine test={test.attribute} attributes={attributes} onChange={(attribute) => set(flat.tests.map((one, i) => (i === at ? { attribute } : one)))} /> : <FigureLine test={test.figure} onChange={(figure) => set(flat.tests.map((one, i) => (i === at ? { figure } : one)))} />}
          {able && <Button size="small" type="text" aria-label={w('remove_test', { n: at + 1 })} icon={<X size={13} />} onClick={() => set(flat.tests.filter((_, i) => i !== at))} />}
        </div>
      ))}
      {fault('') && <div className="wrong" role="alert">{fault('')}</div>}
      {able && (
        <div className="row wrap">
          <Button size="small" icon={<Plus size={13} />} onClick={() => set([...flat.tests, emptyLeaf('attribute')])}>{w('add_attribute_test')}</Button>
          <Button size="small" icon={<Plus size={13} />} onClick={() => set([...flat.tests, emptyLeaf('figure')])}>{w('add_figure_test')}</Button>
        </div>
      )}
    </fieldset>
  );
}

function AttributeLine({ test, attributes, onChange }: { test: AttributeTest; attributes: PropertyFact[]; onChange: (test: AttributeTest) => void }) {
  const w = useWords(cw);
  return (
    <>
      <FactChoose value={test.name} facts={attributes} label={w('attribute')} onChange={(name) => onChange({ ...test, name })} />
      <TestEdit test={test} fact={attributes.find((one) => one.name === test.name)} label={w('attribute')} onChange={onChange} />
    </>
  );
}

function FigureLine({ test, onChange }: { test: FigureTest; onChange: (test: FigureTest) => void }) {
  const w = useWords(cw);
  return (
    <>
      <InputNumber size="small" variant="filled" min={1} max={400} precision={0} aria-label={w('days')} value={test.days ?? 400} style={{ width: 64 }} onChange={(days) => onChange({ ...test, days: days ?? 30 })} />
      <span className="word">{w('in_days')}</span>
      <EventChoose value={test.event} facts={useFacts()} onChange={(event) => onChange({ ...test, event })} />
      <Choose value={test.of ?? 'events'} label={w('measure')} options={MEASURES.map((value) => ({ value, label: w(`of_${value}`) }))} onChange={(of) => onChange({ ...test, of: of as Measure })} />
      <TestEdit test={test} numeric label={w('figures')} onChange={onChange} />
    </>
  );
}
