// How large a sample is: of a hundred people, drawn by lot.
import { InputNumber } from 'antd';
import { useWords } from '../../../lib/i18n';
import { Field } from '../../../ui/bits';
import { seg } from '../words';

type Props = { value: number | null; disabled?: boolean; wrong?: string | null; onChange: (percent: number | null) => void };

export function SampleShare({ value, disabled, wrong, onChange }: Props) {
  const w = useWords(seg);
  return (
    <Field label={w('sample_share')} help={w('sample_help')} wrong={wrong}>
      <InputNumber aria-label={w('sample_share')} value={value} min={0.01} max={99.99} step={1} suffix="%" disabled={disabled} style={{ width: 160 }} onChange={onChange} />
    </Field>
  );
}
