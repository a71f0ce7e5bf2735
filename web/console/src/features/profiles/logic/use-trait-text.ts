// A trait's value as people read it.
import type { Json } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { valueLabel } from '../../../lib/vocabulary';
import { showValue } from '../../../ui/bits';
import { common } from '../../../ui/words';

/** Moments as times, yes and no as words, codes by their names. */
export function useTraitText(): (name: string, value: Json) => string {
  const c = useWords(common);
  const lang = useLanguage();
  return (name, value) => {
    if (typeof value === 'boolean') return c(value ? 'yes' : 'no');
    if (/_at$|birthday/.test(name) && typeof value === 'string' && value.length > 12) return dateTime(value, lang);
    return valueLabel(name, showValue(value), lang);
  };
}
