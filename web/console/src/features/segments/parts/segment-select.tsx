// Choosing a segment, with its size beside the name.
import { Select } from 'antd';
import { number } from '../../../lib/format';
import { useLanguage } from '../../../lib/i18n';
import { useFacts } from '../../../lib/use-facts';

type Props = { id?: string; label: string; value: string; onChange: (id: string) => void; except?: string; first?: { value: string; label: string } };

export function SegmentSelect({ id, label, value, onChange, except, first }: Props) {
  const lang = useLanguage();
  const { segments } = useFacts();
  return (
    <Select
      id={id}
      aria-label={label}
      placeholder={label}
      value={value || first?.value}
      style={{ width: '100%', minWidth: 150 }}
      popupMatchSelectWidth={false}
      showSearch={{ optionFilterProp: 'label' }}
      onChange={onChange}
      options={[...(first ? [{ ...first, count: undefined as number | undefined }] : []), ...segments.filter((one) => one.id !== except).map((one) => ({ value: one.id, label: one.name, count: one.count }))]}
      optionRender={(option) => (
        <span className="row" style={{ justifyContent: 'space-between', gap: 18 }}>
          <span className="cut">{option.data.label}</span>
          {option.data.count !== undefined && <span className="dim small num">{number(option.data.count, lang)}</span>}
        </span>
      )}
    />
  );
}
