// A tag whose values are said and not judged: by hand, its values are written here; by a model, the model is named.
import { useQuery } from '@tanstack/react-query';
import { Input, Segmented } from 'antd';
import { BrainCircuit, Plus, Trash2 } from 'lucide-react';
import { type Tag, type TagAssigned, type TagRule, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { Button } from '../../../ui/button';
import { Go } from '../../../ui/go';
import { Panel } from '../../../ui/page';
import { tw } from '../words';

type Props = { assigned: TagAssigned; onChange: (rule: TagRule) => void; able: boolean; fault: (path: string) => string | null };

export function HandEditor({ assigned, onChange, able, fault }: Props) {
  const w = useWords(tw);
  const values = assigned.values ?? null;
  const set = (next: TagAssigned['values']) => onChange({ assigned: { by: 'hand', values: next } });
  const change = (at: number, patch: { value?: string; label?: string }) => set(values!.map((one, i) => (i === at ? { ...one, ...patch } : one)));
  return (
    <Panel title={w('assigned_hand')}>
      <div className="stack">
        <p className="soft">{w('assigned_hand_text')}</p>
        <div>
          <Segmented disabled={!able} value={values ? 'some' : 'any'} onChange={(next) => set(next === 'any' ? null : [{ value: '' }])} options={[{ value: 'some', label: w('assigned_values') }, { value: 'any', label: w('assigned_any') }]} />
        </div>
        {values?.map((one, at) => (
          <div key={at} className="row top">
            <div className="grow field">
              <Input aria-label={`${w('value')} ${at + 1}`} placeholder={w('value')} value={one.value} maxLength={100} disabled={!able} status={fault(`rule.assigned.values.${at}.value`) ? 'error' : undefined} onChange={(event) => change(at, { value: event.target.value })} />
              {fault(`rule.assigned.values.${at}.value`) && <div className="wrong" role="alert">{fault(`rule.assigned.values.${at}.value`)}</div>}
            </div>
            <div className="grow"><Input aria-label={`${w('value_label')} ${at + 1}`} placeholder={w('value_label')} value={one.label ?? ''} maxLength={100} disabled={!able} onChange={(event) => change(at, { label: event.target.value || undefined })} /></div>
            {able && <Button type="text" disabled={values.length === 1} aria-label={w('remove', { value: one.value })} icon={<Trash2 size={14} />} onClick={() => set(values.filter((_, i) => i !== at))} />}
          </div>
        ))}
        {able && values && <div><Button icon={<Plus size={14} />} onClick={() => set([...values, { value: '' }])}>{w('add_value')}</Button></div>}
      </div>
    </Panel>
  );
}

export function WrittenByModel({ tag }: { tag: Tag }) {
  const w = useWords(tw);
  const may = useMay()('models:read');
  const asked = useQuery({ queryKey: ['models', 'of', tag.id], enabled: may, queryFn: () => call('GET /models', { query: { limit: 500 } }).then((answer) => answer.items.find((one) => one.tag === tag.id) ?? null) });
  return (
    <Panel title={w('assigned_model')}>
      <div className="stack">
        <p className="soft">{w('assigned_model_text')}</p>
        {asked.data && (
          <Go to={paths.model(asked.data.id)} className="row" style={{ gap: 6 }}>
            <BrainCircuit size={15} aria-hidden />
            <strong>{asked.data.title}</strong>
            <span>{w('assigned_model_go')}</span>
          </Go>
        )}
      </div>
    </Panel>
  );
}
