// Whose events are counted: everybody's, or those of a segment's members.
import { useFacts } from '../../../lib/use-facts';
import { useWords } from '../../../lib/i18n';
import { Choose } from '../../../ui/condition-builder';
import { aw } from '../words';

const EVERYONE = '*';

export function SegmentChoose({ value, onChange }: { value: string; onChange: (segment: string) => void }) {
  const w = useWords(aw);
  const facts = useFacts();
  return (
    <Choose
      value={value || EVERYONE}
      options={[{ value: EVERYONE, label: w('everyone') }, ...facts.segments.map((one) => ({ value: one.id, label: one.name }))]}
      onChange={(next) => onChange(next === EVERYONE ? '' : next)}
      label={w('in_segment')}
    />
  );
}
