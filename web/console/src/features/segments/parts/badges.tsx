// What a segment is besides a rule: a list, a sample, a pool; and whether not everybody sees it.
import { Lock } from 'lucide-react';
import type { Segment } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { Badge } from '../../../ui/bits';
import { seg } from '../words';

export function SegmentBadges({ segment }: { segment: Segment }) {
  const w = useWords(seg);
  return (
    <>
      {segment.kind !== 'rule' && <Badge tone="accent">{w(`kind_${segment.kind}`)}</Badge>}
      {segment.pool && <Badge tone="warn">{w(`pool_${segment.pool}`)}</Badge>}
      {segment.sharing.with === 'named' && (
        <span className="dim" role="img" aria-label={w('shared_named')} title={w('shared_named')}>
          <Lock size={13} aria-hidden />
        </span>
      )}
    </>
  );
}
