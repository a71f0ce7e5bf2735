// From a condition that a picture speaks of to a segment: made in one step, and led to once it is there.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { Users } from 'lucide-react';
import { useState } from 'react';
import { type Condition, call } from '../lib/api';
import { number } from '../lib/format';
import { useLanguage, useWords } from '../lib/i18n';
import { paths } from '../lib/paths';
import { queries } from '../lib/query';
import { useMay } from '../lib/session';
import { countCondition } from '../lib/use-facts';
import { Field } from './bits';
import { Button } from './button';
import { same, sentence } from './condition-builder';
import { ProblemView, useFieldText, useToast } from './feedback';
import { Go, useGo } from './go';
import { common } from './words';

/** `name` is what the segment will be called unless somebody says otherwise, `text` who they are, in a sentence. */
export function SegmentOf({ condition, name, text }: { condition: Condition; name: string; text?: string }) {
  const w = useWords(common);
  const may = useMay();
  const [open, setOpen] = useState(false);
  const known = useQuery({ queryKey: ['segments', 'conditions'], enabled: may('segments:read'), staleTime: 30_000, queryFn: () => call('GET /segments', { query: { limit: 500 } }).then((answer) => answer.items) });
  const found = known.data?.find((one) => one.state === 'active' && one.condition && same(one.condition, condition));
  if (found) {
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
      <Button size="small" icon={<Users size={13} />} onClick={() => setOpen(true)} aria-label={`${w('segment_make')} ${name}`}>
        {w('segment_make')}
      </Button>
      {open && <Make condition={condition} name={name} text={text} onClose={() => setOpen(false)} />}
    </>
  );
}

function Make({ condition, name: wanted, text, onClose }: { condition: Condition; name: string; text?: string; onClose: () => void }) {
  const w = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const [name, setName] = useState(wanted);
  const counted = useQuery({ queryKey: ['segments', 'counted', condition], retry: false, queryFn: ({ signal }) => countCondition(condition, signal) });
  const make = useMutation({
    mutationFn: () => call('POST /segments', { body: { name: name.trim(), condition } }),
    onSuccess: (made) => {
      toast.done(w('segment_made'));
      void queries.invalidateQueries({ queryKey: ['segments'] });
      onClose();
      go(paths.segment(made.id));
    },
  });
  return (
    <Modal open title={w('segment_make')} onCancel={onClose} footer={null} width={480}>
      <div className="stack">
        <Field label={w('name')} wrong={fieldText(make.error, 'name')}>
          <Input value={name} maxLength={100} autoFocus onChange={(event) => setName(event.target.value)} onPressEnter={() => name.trim() && make.mutate()} />
        </Field>
        <div className="note-box plain">{text ?? sentence(condition, lang)}</div>
        {counted.data && <p><b>{w('people_count', { n: number(counted.data.count, lang) })}</b></p>}
        {make.error && <ProblemView error={make.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{w('cancel')}</Button>
          <Button type="primary" disabled={!name.trim()} loading={make.isPending} onClick={() => make.mutate()}>{w('segment_make')}</Button>
        </div>
      </div>
    </Modal>
  );
}
