// What a model looks at: chosen from what the house suggests, or left to it.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { call } from '../../../lib/api';
import type { Feature } from '../../../lib/api/models';
import { percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { featureText } from '../../../lib/labels';
import { useFacts } from '../../../lib/use-facts';
import { featureKey } from '../logic/says';
import { mw } from '../words';

const GROUPS = { traits: (one: Feature) => 'trait' in one, tags: (one: Feature) => 'tag' in one, events: (one: Feature) => 'statistic' in one || 'recency' in one };

/** `id` and the description come from the field around it. */
export function FeaturePicker({ value, onChange, disabled, ...field }: { value: Feature[]; onChange: (features: Feature[]) => void; disabled?: boolean; id?: string; 'aria-describedby'?: string }) {
  const w = useWords(mw);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['models', 'features'], staleTime: 60_000, queryFn: () => call('GET /models/features').then((answer) => answer.items) });
  const offered = asked.data ?? [];
  const tags = useFacts().tags;
  const titleOf = (name: string) => tags.find((one) => one.name === name)?.title ?? name;
  // What was chosen once stays choosable when the house suggests it no more.
  const all = [...value.filter((one) => !offered.some(({ feature }) => featureKey(feature) === featureKey(one))).map((feature) => ({ feature })), ...offered];
  const known = new Map(offered.map((one) => [featureKey(one.feature), one.known_people / (one.looked_at || 1)]));
  const byKey = new Map(all.map((one) => [featureKey(one.feature), one.feature]));
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => ({
    label: w(`features_${group}`),
    options: all.filter((one) => GROUPS[group](one.feature)).map((one) => ({ value: featureKey(one.feature), label: 'tag' in one.feature ? titleOf(one.feature.tag) : featureText(one.feature.label, lang) })),
  }));
  return (
    <Select
      {...field}
      mode="multiple"
      disabled={disabled}
      loading={asked.isPending}
      placeholder={w('features_auto')}
      value={value.map(featureKey)}
      onChange={(keys: string[]) => onChange(keys.flatMap((key) => byKey.get(key) ?? []))}
      showSearch={{ optionFilterProp: 'label' }}
      style={{ width: '100%' }}
      options={groups.filter((group) => group.options.length > 0)}
      optionRender={(option) => (
        <span className="row" style={{ justifyContent: 'space-between', gap: 14 }}>
          <span className="cut">{option.label}</span>
          {known.has(String(option.value)) && <span className="dim small">{w('known', { n: percent(known.get(String(option.value))!, lang, 0) })}</span>}
        </span>
      )}
    />
  );
}
