// What its members get of marketing: everything, nothing, or nothing so that the rest can be compared with them.
import { useMutation } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useState } from 'react';
import { type Pool, type Segment, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { Button } from '../../../ui/button';
import { ProblemView, useToast } from '../../../ui/feedback';
import { common } from '../../../ui/words';
import { POOLS } from '../logic/make';
import { seg } from '../words';
import { Choice } from './choice';

export function PoolChoice({ value, onChange }: { value: Pool | null; onChange: (pool: Pool | null) => void }) {
  const w = useWords(seg);
  const options = ['none' as const, ...POOLS];
  return <Choice label={w('pool')} value={value ?? 'none'} onChange={(next) => onChange(next === 'none' ? null : next)} options={options.map((one) => ({ value: one, title: w(`pool_${one}`), text: w(`pool_${one}_text`) }))} />;
}

export function PoolDialog({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const [pool, setPool] = useState<Pool | null>(segment.pool ?? null);
  const save = useMutation({
    mutationFn: () => call('POST /segments/{id}:use_as', { path: { id: segment.id }, body: { pool } }),
    onSuccess: () => {
      toast.done(w('saved'));
      void queries.invalidateQueries({ queryKey: ['segments'] });
      onClose();
    },
  });
  return (
    <Modal open title={segment.name} onCancel={onClose} footer={null} width={640}>
      <div className="stack">
        <PoolChoice value={pool} onChange={setPool} />
        {pool && <p className="note-box">{w('pool_effect', { n: number(segment.count, lang) })}</p>}
        {save.error && <ProblemView error={save.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={pool === (segment.pool ?? null)} loading={save.isPending} onClick={() => save.mutate()}>{c('save')}</Button>
        </div>
      </div>
    </Modal>
  );
}
