// Beside a line of a picture: the segment it is already, or the button that makes one.
import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { useState } from 'react';
import { call } from '../lib/api';
import { useWords } from '../lib/i18n';
import { paths } from '../lib/paths';
import { useMay } from '../lib/session';
import { Button } from './button';
import { same } from './condition-builder';
import { Go } from './go';
import { MakeSegment, type Making } from './make-segment';
import { common } from './words';

export function SegmentOf(of: Omit<Making, 'reaches'>) {
  const w = useWords(common);
  const may = useMay();
  const [open, setOpen] = useState(false);
  const known = useQuery({ queryKey: ['segments', 'conditions'], enabled: may('segments:read'), staleTime: 30_000, queryFn: () => call('GET /segments', { query: { limit: 500 } }).then((answer) => answer.items) });
  const found = known.data?.find((one) => one.state === 'active' && one.condition && same(one.condition, of.condition));
  // It is there as soon as it is made; what the dialog still says is read first.
  if (found && !open) {
    return (
      <Go to={paths.segment(found.id)} search={{ tab: 'portrait' }} className="row nowrap" title={found.name} style={{ gap: 5, display: 'inline-flex' }}>
        <Users size={13} aria-hidden />
        {w('segment_portrait')}
      </Go>
    );
  }
  if (!may('segments:write')) return null;
  return (
    <>
      <Button size="small" icon={<Users size={13} />} onClick={() => setOpen(true)} aria-label={`${w('segment_make')} ${of.name}`}>
        {w('segment_make')}
      </Button>
      <MakeSegment of={open ? of : null} onClose={() => setOpen(false)} />
    </>
  );
}
