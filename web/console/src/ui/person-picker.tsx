// Choosing one person by any identifier; the search itself is given.
import { Select } from 'antd';
import { useRef, useState } from 'react';
import type { PersonBrief } from '../lib/api';
import { useLanguage } from '../lib/i18n';
import { identifierLabel } from '../lib/vocabulary';

export const personName = (person: { id: string; name?: string | null; identifiers?: { type: string; value: string }[] }): string =>
  person.name || person.identifiers?.find((one) => one.type !== 'anonymous_id')?.value || person.identifiers?.[0]?.value || person.id;

/** What tells people of one name apart. */
function Hint({ of: { identifiers }, name }: { of: PersonBrief; name: string }) {
  const lang = useLanguage();
  const other = identifiers.find((one) => one.value !== name && one.type !== 'anonymous_id') ?? identifiers.find((one) => one.value !== name);
  return other ? <span className="dim small cut">{identifierLabel(other.type, lang)} {other.value}</span> : null;
}

type Props = { value?: string; onChange: (id: string) => void; search: (q: string) => Promise<PersonBrief[]>; label: string; known?: PersonBrief[]; clearable?: boolean };

export function PersonPicker({ value, onChange, search, label, known = [], clearable }: Props) {
  const [answered, setFound] = useState<PersonBrief[]>([]);
  const found = [...known.filter((one) => !answered.some((other) => other.id === one.id)), ...answered];
  // An answer that comes late says nothing about what was typed since.
  const newest = useRef(0);
  const typed = useRef('');
  const ask = (q: string) => {
    typed.current = q;
    const own = (newest.current += 1);
    const take = (people: PersonBrief[]) => own === newest.current && setFound(people);
    void search(q).then(take, () => take([]));
  };
  return (
    <Select
      aria-label={label}
      placeholder={label}
      value={value || undefined}
      style={{ width: '100%', minWidth: 180 }}
      showSearch={{ filterOption: false, onSearch: ask }}
      onOpenChange={(open) => {
        if (!open) typed.current = '';
        else if (!typed.current) ask('');
      }}
      options={[...(value && !found.some((one) => one.id === value) ? [{ value, label: value }] : []), ...found.map((one) => ({ value: one.id, label: personName(one) }))]}
      optionRender={(option) => {
        const person = found.find((one) => one.id === option.value);
        return (
          <span className="row" style={{ justifyContent: 'space-between', gap: 12 }}>
            <span className="cut">{option.label}</span>
            {person && <Hint of={person} name={String(option.label)} />}
          </span>
        );
      }}
      allowClear={clearable}
      onChange={(id?: string) => onChange(id ?? '')}
    />
  );
}
