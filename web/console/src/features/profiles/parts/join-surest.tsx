// All pairs that leave little doubt are joined at once, some hundred a call; it can be stopped between them.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Modal, Segmented } from 'antd';
import { useRef, useState } from 'react';
import { call } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { Button } from '../../../ui/button';
import { Answered, ProblemView } from '../../../ui/feedback';
import { LongWork } from '../../../ui/long-work';
import { common } from '../../../ui/words';
import { people } from '../words';

const THRESHOLDS = [0.999, 0.99, 0.95];

type Came = { joined: number; refused: number };

export function JoinSurest({ onClose }: { onClose: () => void }) {
  const w = useWords(people);
  const c = useWords(common);
  const lang = useLanguage();
  const [atLeast, setAtLeast] = useState(0.99);
  const [came, setCame] = useState<Came | null>(null);
  const stopped = useRef(false);
  const count = useQuery({ queryKey: ['duplicates', 'surest', atLeast], staleTime: 0, queryFn: () => call('POST /duplicates:join_surest', { body: { at_least: atLeast, only_count: true } }) });
  const join = useMutation({
    mutationFn: async () => {
      const sum: Came = { joined: 0, refused: 0 };
      stopped.current = false;
      for (;;) {
        setCame({ ...sum });
        const next = await call('POST /duplicates:join_surest', { body: { at_least: atLeast, skip: sum.refused, reason: w('surest_reason', { share: percent(atLeast, lang) }) } });
        sum.joined += next.joined;
        sum.refused += next.refused;
        setCame({ ...sum });
        if (next.left === 0 || stopped.current) return;
      }
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['duplicates', 'list'] });
      void queries.invalidateQueries({ queryKey: ['people'] });
    },
  });
  return (
    <Modal open title={w('join_surest')} onCancel={join.isPending ? undefined : onClose} closable={!join.isPending} footer={null} width={520}>
      <div className="stack">
        <p className="soft">{w('surest_text')}</p>
        <Segmented block aria-label={w('sure')} disabled={join.isPending || join.isSuccess} value={atLeast} onChange={setAtLeast} options={THRESHOLDS.map((one) => ({ value: one, label: w('surer_than', { share: percent(one, lang) }) }))} />
        {came ? (
          <>
            {join.isPending && <LongWork done={came.joined + came.refused} total={count.data?.left} label={w('join_surest')} onCancel={() => (stopped.current = true)} />}
            <p aria-live="polite">{w('surest_came', { joined: number(came.joined, lang), refused: number(came.refused, lang) })}</p>
          </>
        ) : (
          <Answered of={count} lines={1}>
            {({ left }) => <p aria-live="polite">{left > 0 ? w('surest_count', { n: number(left, lang) }) : w('surest_none')}</p>}
          </Answered>
        )}
        {join.error && <ProblemView error={join.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          {join.isSuccess ? (
            <Button type="primary" onClick={onClose}>{c('close')}</Button>
          ) : (
            <>
              <Button disabled={join.isPending} onClick={onClose}>{c('cancel')}</Button>
              <Button type="primary" disabled={!count.data?.left} loading={join.isPending} onClick={() => join.mutate()}>{w('merge_go')}</Button>
            </>
          )}
        </div>
      </div>
    </Modal>
  );
}
