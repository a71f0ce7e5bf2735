// One identifier: its kind and its value.
import type { Identifier } from '../../../lib/api';
import { useLanguage } from '../../../lib/i18n';
import { identifierLabel } from '../../../lib/vocabulary';

export function IdentifierChip({ of }: { of: Identifier }) {
  const lang = useLanguage();
  return (
    <span className="chip">
      <span>{identifierLabel(of.type, lang)}</span>
      <span className="cut" style={{ color: 'var(--ink)' }} title={of.value}>{of.value}</span>
    </span>
  );
}
