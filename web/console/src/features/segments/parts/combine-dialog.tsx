// Two segments become a third: union, intersection or difference, with the number of people at once.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { ArrowLeftRight } from 'lucide-react';
import { useState } from 'react';
import { call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useFacts } from '../../../lib/use-facts';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { common } from '../../../ui/words';
import { OPERATIONS, type Operation, combined, parts, sizeOf } from '../logic/combine';
import { seg } from '../words';
import { Choice } from './choice';
import { SegmentSelect } from './segment-select';
import { Venn, VennMark } from './venn';

/** `with` is the first of the two, when it is known. */
export function CombineDialog({ with: given, onClose }: { with: string; onClose: () => void }) {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const facts = useFacts();
  const [a, setA] = useState(given);
  const [b, setB] = useState('');
  const [operation, setOperation] = useState<Operation>('union');
  const [typed, setTyped] = useState<string | null>(null);
  const able = !!a && !!b && a !== b;
  const asked = useQuery({ queryKey: ['segments', 'overlap', [a, b].sort()], enabled: able, queryFn: ({ signal }) => call('POST /segments:overlap', { body: { segments: [a, b] }, signal }) });
  const found = able && asked.data ? parts(asked.data, a, b) : undefined;
  const nameOf = (id: string) => facts.segments.find((one) => one.id === id)?.name ?? '';
  const name = typed ?? (able ? w(`name_${operation}`, { a: nameOf(a), b: nameOf(b) }).slice(0, 100) : '');
  const create = useMutation({
    mutationFn: () => call('POST /segments', { body: { name: name.trim(), condition: combined(operation, a, b) } }),
    onSuccess: (made) => {
      toast.done(w('created'));
      void queries.invalidateQueries({ queryKey: ['segments'] });
      go(paths.segment(made.id));
    },
  });
  return (
    <Modal open title={w('combine_title')} onCancel={onClose} footer={null} width={640}>
      <div className="stack">
        <div className="combine-pick">
          <Field label={w('first')}>
            <SegmentSelect label={w('first')} value={a} except={b} onChange={setA} />
          </Field>
          <Button
            icon={<ArrowLeftRight size={14} />}
            aria-label={w('swap')}
            title={w('swap')}
            disabled={!a && !b}
            onClick={() => {
              setA(b);
              setB(a);
            }}
          />
          <Field label={w('second')}>
            <SegmentSelect label={w('second')} value={b} except={a} onChange={setB} />
          </Field>
        </div>
        <Choice label={w('operation')} value={operation} onChange={setOperation} options={OPERATIONS.map((one) => ({ value: one, title: w(`op_${one}`), text: w(`op_${one}_text`), picture: <VennMark operation={one} /> }))} />
        {able && (
          <>
            {asked.error ? <ProblemView error={asked.error} retry={() => void asked.refetch()} /> : <Venn operation={operation} found={found} />}
            <p style={{ textAlign: 'center' }} aria-live="polite">
              <span className="soft">{c('now')}</span>{' '}
              <b style={{ fontSize: 20 }} data-testid="live-count">{found ? c('people_count', { n: number(sizeOf(operation, found), lang) }) : '–'}</b>
            </p>
            <Field label={w('name')} wrong={name.trim() ? fieldText(create.error, 'name') : w('name_needed')}>
              <Input value={name} maxLength={100} onChange={(event) => setTyped(event.target.value)} />
            </Field>
          </>
        )}
        {create.error && <ProblemView error={create.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={!able || !name.trim()} loading={create.isPending} onClick={() => create.mutate()}>{w('create')}</Button>
        </div>
      </div>
    </Modal>
  );
}
