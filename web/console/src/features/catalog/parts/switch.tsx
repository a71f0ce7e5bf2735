// The two halves of the catalogue: things, and the tags on them.
import { Segmented } from 'antd';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useGo } from '../../../ui/go';
import { cw } from '../words';

export function Halves({ at }: { at: 'things' | 'tags' }) {
  const w = useWords(cw);
  const go = useGo();
  return <Segmented aria-label={w('title')} value={at} onChange={(next) => go(next === 'tags' ? paths.thingTags : paths.catalog)} options={(['things', 'tags'] as const).map((value) => ({ value, label: w(`tab_${value}`) }))} />;
}
