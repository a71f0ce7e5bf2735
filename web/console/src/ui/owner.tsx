// Whose something is: by name, mine or everybody's, and how it is handed over.
import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useWords } from '../lib/i18n';
import { useActorName, useMembers } from '../lib/names';
import { Field } from './bits';
import { Button } from './button';
import { ProblemView } from './feedback';
import { common } from './words';

export function OwnerName({ of }: { of: { owner: string; owner_name?: string | null } }) {
  const actor = useActorName();
  return <>{of.owner_name ?? actor(of.owner)}</>;
}

type MemberProps = { label: string; value: string; except?: readonly string[]; onChange: (id: string) => void };

export function MemberSelect({ label, value, except = [], onChange }: MemberProps) {
  const members = useMembers();
  return (
    <Select
      aria-label={label}
      placeholder={label}
      // Null, so that what was added is not still shown as chosen.
      value={value || null}
      style={{ width: '100%', minWidth: 150 }}
      showSearch={{ optionFilterProp: 'search' }}
      loading={members.isPending}
      onChange={onChange}
      options={(members.data ?? []).filter((one) => !except.includes(one.id)).map((one) => ({ value: one.id, label: one.name, search: `${one.name} ${one.email}`, email: one.email }))}
      optionRender={({ data }) => (
        <span className="row" style={{ justifyContent: 'space-between', gap: 18 }}>
          <span className="cut">{data.label}</span>
          <span className="dim small cut">{data.email}</span>
        </span>
      )}
    />
  );
}

/** Everybody's, or mine. */
export function OwnerFilter({ value, onChange }: { value: string; onChange: (owner: string) => void }) {
  const w = useWords(common);
  return <Select aria-label={w('owner')} value={value} style={{ minWidth: 130 }} onChange={onChange} options={[{ value: '', label: w('owner_all') }, { value: 'me', label: w('owner_mine') }]} />;
}

type HandOverProps = { name: string; owner: string; busy: boolean; error: unknown; onConfirm: (owner: string) => void; onClose: () => void };

export function HandOver({ name, owner, busy, error, onConfirm, onClose }: HandOverProps) {
  const w = useWords(common);
  const [chosen, setChosen] = useState('');
  return (
    <Modal open title={w('hand_over_title', { name })} onCancel={onClose} footer={null} width={440}>
      <div className="stack">
        <Field label={w('hand_over_to')}>
          <MemberSelect label={w('hand_over_to')} value={chosen} except={[owner]} onChange={setChosen} />
        </Field>
        {!!error && <ProblemView error={error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{w('cancel')}</Button>
          <Button type="primary" disabled={!chosen} loading={busy} onClick={() => onConfirm(chosen)}>{w('hand_over')}</Button>
        </div>
      </div>
    </Modal>
  );
}
