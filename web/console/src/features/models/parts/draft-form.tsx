// A model as it is written: its question's settings first, everything that is usual behind one line.
import { Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { Problem } from '../../../lib/api';
import type { Every } from '../../../lib/api/models';
import { useWords } from '../../../lib/i18n';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { Field } from '../../../ui/bits';
import { ConditionBuilder, rooted } from '../../../ui/condition-builder';
import { useFieldText } from '../../../ui/feedback';
import { type Lack, hasFeatures, lacks } from '../logic/drafts';
import { mw } from '../words';
import { FeaturePicker } from './feature-picker';
import { type FormProps, FurtherSettings, MainSettings } from './kind-settings';

type Props = Omit<FormProps, 'wrong'> & {
  /** Only while it is new. */
  name?: { value: string; onChange: (name: string) => void };
  /** Is it time to say what is lacking? */
  tried: boolean;
  error: unknown;
  /** Everything in sight: where somebody came to change it. */
  open?: boolean;
};

const SAID: { [lack in Lack]?: string[] } = { title: ['title'], name: ['name'], event: ['settings.event'], property: ['settings.property'], seed: ['settings.seed'], outcome: ['settings.outcome'], cuts: ['settings.cuts'] };
/** Faults of these are behind the line. */
const BEHIND: Lack[] = ['name', 'population', 'cuts', 'steps', 'shares'];

export function DraftForm({ draft, onChange, able, name, tried, error, open }: Props) {
  const w = useWords(mw);
  const facts = useFacts();
  const fieldText = useFieldText();
  const lacking = lacks(draft, name?.value);
  const wrong = (...fields: Lack[]): string | null => {
    const lack = tried ? fields.find((field) => lacking.includes(field)) : undefined;
    return lack ? w(`lack_${lack}`) : fieldText(error, ...fields.flatMap((field) => SAID[field] ?? []));
  };
  const [opened, setOpened] = useState(!!open);
  const must = (tried && lacking.some((one) => BEHIND.includes(one))) || !!wrong('name');
  const shared = { draft, onChange, able, wrong };
  return (
    <div className="stack loose">
      <div className="field-grid">
        <Field label={w('name')} wrong={wrong('title')}>
          <Input value={draft.title} maxLength={100} disabled={!able} onChange={(event) => onChange({ ...draft, title: event.target.value })} />
        </Field>
        {draft.kind !== 'tree' && <MainSettings {...shared} />}
      </div>
      {draft.kind === 'tree' && <MainSettings {...shared} />}
      <details open={opened || must} onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>{w('more')}</summary>
        <div className="stack loose" style={{ marginTop: 12 }}>
          <div className="field-grid">
            <FurtherSettings {...shared} />
            <Field label={w('every')}>
              <Select disabled={!able} value={draft.every} onChange={(every: Every) => onChange({ ...draft, every })} options={(['never', 'day', 'week'] as const).map((value) => ({ value, label: w(`every_${value}`) }))} />
            </Field>
            {name && (
              <Field label={w('word')} help={w('word_hint')} wrong={wrong('name')}>
                <Input value={name.value} maxLength={64} onChange={(event) => name.onChange(event.target.value)} />
              </Field>
            )}
            <Field label={w('description')}>
              <Input value={draft.description} maxLength={500} disabled={!able} onChange={(event) => onChange({ ...draft, description: event.target.value })} />
            </Field>
          </div>
          {hasFeatures(draft.kind) && (
            <Field label={w('features')} help={w('features_hint')}>
              <FeaturePicker value={draft.features} disabled={!able} onChange={(features) => onChange({ ...draft, features })} />
            </Field>
          )}
          <fieldset className="plain field" disabled={!able}>
            <span className="label">{w('population')}</span>
            <div className="stack">
              <div>
                <Segmented disabled={!able} value={draft.population ? 'some' : 'all'} onChange={(next) => onChange({ ...draft, population: next === 'some' ? { all: [] } : null })} options={[{ value: 'all', label: w('population_all') }, { value: 'some', label: w('population_some') }]} />
              </div>
              {draft.population && <ConditionBuilder value={draft.population} onChange={(population) => onChange({ ...draft, population: rooted(population) })} facts={facts} count={countCondition} refused={error instanceof Problem ? error.fields : undefined} />}
              {wrong('population') && <div className="wrong" role="alert">{wrong('population')}</div>}
            </div>
          </fieldset>
        </div>
      </details>
    </div>
  );
}
