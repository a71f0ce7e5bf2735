// Choosing one person by any identifier; the search itself is given.
import { Select } from 'antd';
import { useState } from 'react';
import type { PersonLine } from '../lib/api';

export const personName = (person: { id: string; name?: string | null; identifiers?: { type: string; value: string }[] }): string =>
  person.name || person.identifiers?.find((one) => one.type !== 'anonymous_id')?.value || person.identifiers?.[0]?.value || person.id;

type Props = { value?: string; onChange: (id: string) => void; search: (q: string) => Promise<PersonLine[]>; label: string; known?: PersonLine[]; clearable?: boolean };

export function PersonPicker({ value, onChange, search, label, known = [], clearable }: Props) {
  const [answered, setFound] = useState<PersonLine[]>([]);
  const found = [...known.filter((one) => !answered.some((other) => other.id === one.id)), ...answered];
  const ask = (q: string) => void search(q).then(setFound, () => setFound([]));
  return (
    <Select
      aria-label={label}
      placeholder={label}
      value={value || undefined}
      style={{ width: '100%', minWidth: 180 }}
      showSearch={{ filterOption: false, onSearch: ask }}
      onOpenChange={(open) => open && answered.length === 0 && ask('')}
      options={[...(value && !found.some((one) => one.id === value) ? [{ value, label: value }] : []), ...found.map((one) => ({ value: one.id, label: personName(one) }))]}
      allowClear={clearable}
      onChange={(id?: string) => onChange(id ?? '')}
    />
  );
}
