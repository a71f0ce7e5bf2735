// What one journey brought, in a word: the difference in points, and how sure that is.
import { useQuery } from '@tanstack/react-query';
import { call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { Badge } from '../../../ui/bits';
import { Go } from '../../../ui/go';
import { home } from '../words';

export function Effect({ journey }: { journey: string }) {
  const w = useWords(home);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['journeys', journey, 'result'], staleTime: 30_000, queryFn: () => call('GET /journeys/{id}/result', { path: { id: journey } }) });
  const best = asked.data?.comparisons[0];
  if (!asked.data) return <span className="dim">…</span>;
  if (!best || best.difference == null || best.p_value == null || best.note === 'small_base') return <Badge>{w('sig_none')}</Badge>;
  const points = `${best.difference > 0 ? '+' : best.difference < 0 ? '−' : ''}${number(Math.abs(best.difference * 100), lang, 1)}`;
  const p = best.p_value < 0.001 ? '< 0.001' : `= ${number(best.p_value, lang, 3)}`;
  return (
    <Go to={paths.journey(journey)} search={{ tab: 'results' }} className="row wrap" style={{ justifyContent: 'flex-end', gap: '2px 8px' }}>
      <b style={{ color: best.significant ? (best.difference > 0 ? 'var(--good)' : 'var(--bad)') : 'var(--ink)' }}>{w('effect_points', { points })}</b>
      <Badge tone={best.significant ? (best.difference > 0 ? 'good' : 'bad') : 'quiet'}>{w(best.significant ? 'sig_yes' : 'sig_no', { p })}</Badge>
    </Go>
  );
}
