// A condition over a thing: an attribute, or a figure of the events that name it, in the builder that every condition has.
import { InputNumber } from 'antd';
import type { ReactNode } from 'react';
import type { AttributeTest, FigureTest, PropertyFact, ThingCondition } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useFacts } from '../../../lib/use-facts';
import { Choose, EventChoose, FactChoose, type Grammar, GroupEditor, Negated, TestEdit, bare, denied, freshTest, rooted } from '../../../ui/condition-builder';
import { ALL_DAYS, attributeLabel, conditionText, freshLine, thingFaults } from '../logic/condition';
import { cw } from '../words';
import { MEASURES, type Measure } from './figures';

type Props = { value: ThingCondition; onChange: (condition: ThingCondition) => void; able: boolean; attributes: PropertyFact[]; fault: (path: string) => string | null };

export function ConditionLines({ value, onChange, able, attributes, fault }: Props) {
  const w = useWords(cw);
  const lang = useLanguage();
  const said = <p className="cb-read">{conditionText(value, lang)}</p>;
  if (!able) return said;
  const tree = rooted(value);
  const missing = thingFaults(tree);
  const grammar: Grammar<ThingCondition> = {
    subject: w('things_matching'),
    line: (node, set) => <ThingLine line={node} attributes={attributes} onChange={set} />,
    fresh: (['attribute', 'figure', 'group'] as const).map((one) => ({ label: w(`add_${one}_test`), make: freshLine[one] })),
  };
  return (
    <div className="cb">
      <GroupEditor tree={tree} onChange={onChange} grammar={grammar} wrong={(path) => missing[path]} />
      {fault('') && <div className="wrong" role="alert">{fault('')}</div>}
      {said}
    </div>
  );
}

function ThingLine({ line, attributes, onChange }: { line: ThingCondition; attributes: PropertyFact[]; onChange: (line: ThingCondition) => void }) {
  const { node, negated } = bare(line);
  const set = (next: ThingCondition) => onChange(negated ? denied(next) : next);
  const not = negated && <Negated onPlain={() => onChange(node)} />;
  if ('attribute' in node) return <AttributeLine not={not} test={node.attribute} attributes={attributes} onChange={(attribute) => set({ attribute })} />;
  if ('figure' in node) return <FigureLine not={not} test={node.figure} onChange={(figure) => set({ figure })} />;
  return null;
}

function AttributeLine({ not, test, attributes, onChange }: { not: ReactNode; test: AttributeTest; attributes: PropertyFact[]; onChange: (test: AttributeTest) => void }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const titled = attributes.map((one) => ({ ...one, title: attributeLabel(one.name, lang) }));
  const label = attributeLabel(test.name, lang) || w('attribute');
  return (
    <>
      {not}
      <FactChoose value={test.name} facts={titled} label={w('attribute')} onChange={(name) => onChange({ name, ...freshTest(attributes.find((one) => one.name === name)) })} />
      <TestEdit test={test} fact={attributes.find((one) => one.name === test.name)} label={label} onChange={onChange} />
    </>
  );
}

function FigureLine({ not, test, onChange }: { not: ReactNode; test: FigureTest; onChange: (test: FigureTest) => void }) {
  const w = useWords(cw);
  const lang = useLanguage();
  return (
    <>
      {not}
      <span className="word">{w('in_last')}</span>
      <InputNumber size="small" variant="filled" min={1} max={ALL_DAYS} precision={0} controls={false} aria-label={w('days')} value={test.days ?? ALL_DAYS} style={{ width: 52 }} onChange={(days) => onChange({ ...test, days: days ?? 30 })} />
      <span className="word">{w('in_days')}</span>
      <EventChoose value={test.event} facts={useFacts()} onChange={(event) => onChange({ ...test, event })} />
      {lang === 'zh' && <span className="word">{w('figure_of')}</span>}
      <Choose value={test.of ?? 'events'} label={w('measure')} options={MEASURES.map((value) => ({ value, label: w(`of_${value}`) }))} onChange={(of) => onChange({ ...test, of: of as Measure })} />
      <TestEdit test={test} numeric label={w('figures')} onChange={onChange} />
    </>
  );
}
