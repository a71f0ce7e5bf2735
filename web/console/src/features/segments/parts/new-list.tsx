// A new list: of a file, of a segment as it is now, or empty.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Pool, Segment } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { Panel } from '../../../ui/page';
import { makeSegment } from '../logic/make';
import { seg } from '../words';
import { Choice } from './choice';
import { type ChosenIds, IdsSource } from './ids-source';
import { SegmentSelect } from './segment-select';
import { SendingIds, useSendIds } from './sending-ids';

export const STARTS = ['file', 'snapshot', 'empty'] as const;
export type Start = (typeof STARTS)[number];

/** What a new list begins with, what is missing of it, and how it is made. */
export function useNewList({ name, description, start, snapshotOf, pool }: { name: string; description: string; start: Start; snapshotOf: string; pool: Pool | null }) {
  const go = useGo();
  const toast = useToast();
  const w = useWords(seg);
  const [chosen, setChosen] = useState<ChosenIds | null>(null);
  const sending = useSendIds();
  const create = useMutation({
    mutationFn: () => makeSegment({ name: name.trim(), description: description.trim() || undefined, list: start === 'snapshot' ? { snapshot_of: snapshotOf } : {} }, pool),
    onSuccess: (made: Segment) => {
      void queries.invalidateQueries({ queryKey: ['segments'] });
      if (start === 'file' && chosen) return sending.start(made.id, 'add', chosen);
      toast.done(w('created'));
      go(paths.segment(made.id));
    },
  });
  const missing = start === 'file' && !chosen ? w('ids_needed') : start === 'snapshot' && !snapshotOf ? w('snapshot_needed') : null;
  return { create, missing, setChosen, sending };
}

type Props = { start: Start; onStart: (start: Start) => void; snapshotOf: string; onSnapshotOf: (id: string) => void; list: ReturnType<typeof useNewList>; tried: boolean };

export function NewList({ start, onStart, snapshotOf, onSnapshotOf, list, tried }: Props) {
  const w = useWords(seg);
  return (
    <div className="stack">
      <Choice label={w('list_from')} value={start} onChange={onStart} options={STARTS.map((one) => ({ value: one, title: w(`from_${one}`), text: w(`from_${one}_text`) }))} />
      {start === 'file' && (
        <Panel>
          {tried && list.missing && <div className="note-box warn" role="alert" style={{ marginBottom: 8 }}>{list.missing}</div>}
          <IdsSource onChange={list.setChosen} />
        </Panel>
      )}
      {start === 'snapshot' && (
        <div style={{ maxWidth: 420 }}>
          <Field label={w('snapshot_of')} wrong={tried ? list.missing : null}>
            <SegmentSelect label={w('snapshot_of')} value={snapshotOf} onChange={onSnapshotOf} />
          </Field>
        </div>
      )}
    </div>
  );
}

/** Once the list is there and its people are on their way. */
export function FillingList({ made, sending }: { made: Segment; sending: ReturnType<typeof useSendIds> }) {
  const w = useWords(seg);
  const go = useGo();
  const guard = useLeaveGuard(sending.work?.state === 'running', { title: w('sending_leave'), text: w('sending_leave_text'), go: w('sending_leave_go') });
  if (!sending.work) return null;
  return (
    <Panel title={made.name}>
      {guard.question}
      <div className="stack">
        <SendingIds work={sending.work} change="add" onStop={sending.stop} name={made.name} />
        {sending.work.state !== 'running' && (
          <div>
            <Button type="primary" onClick={() => go(paths.segment(made.id))}>{w('open_list')}</Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
