// A new segment: by a condition with the number of people under it, or a list of people.
import { useMutation } from '@tanstack/react-query';
import { Input, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import { type Condition, type Pool, Problem } from '../../../lib/api';
import { isoDay } from '../../../lib/format';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ConditionBuilder, faults, size } from '../../../ui/condition-builder';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { makeSegment } from '../logic/make';
import { KINDS } from '../logic/types';
import { Choice } from '../parts/choice';
import { FillingList, NewList, STARTS, type Start, useNewList } from '../parts/new-list';
import { PoolChoice } from '../parts/pool-choice';
import { SampleShare } from '../parts/sample-share';
import '../segments.css';
import { seg } from '../words';

export default function SegmentNewPage() {
  const w = useWords(seg);
  const c = useWords(common);
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const facts = useFacts();
  const [url, setUrl] = useUrlState({ kind: 'rule', start: 'file', of: '' });
  const kind = KINDS.find((one) => one === url.kind) ?? 'rule';
  const isList = kind === 'list';
  const start = STARTS.find((one) => one === url.start) ?? 'file';
  const source = facts.segments.find((one) => one.id === url.of)?.name;
  const suggested = isList && start === 'snapshot' && source ? w('snapshot_name', { name: source, day: isoDay(Date.now()) }).slice(0, 100) : '';
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? suggested;
  const [description, setDescription] = useState('');
  const [condition, setCondition] = useState<Condition>({ all: [] });
  const [percent, setPercent] = useState<number | null>(5);
  const [chosenPool, setPool] = useState<Pool | null | undefined>(undefined);
  // A share of everybody is mostly drawn to be held out.
  const pool = chosenPool === undefined ? (kind === 'sample' ? 'control' : null) : chosenPool;
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: () => makeSegment({ name: name.trim(), description: description.trim() || undefined, ...(kind === 'sample' ? { sample: { percent: percent ?? 0 } } : { condition }) }, pool),
    onSuccess: (made) => {
      toast.done(w('created'));
      void queries.invalidateQueries({ queryKey: ['segments'] });
      go(paths.segment(made.id));
    },
  });
  const list = useNewList({ name, description, start, snapshotOf: url.of, pool });
  const error = isList ? list.create.error : create.error;
  const nameBox = useRef<InputRef>(null);
  const unfilled = Object.keys(faults(condition)).length;
  const submit = () => {
    setTried(true);
    if (!name.trim()) {
      // It may be asked for below a long condition.
      nameBox.current?.focus();
      return;
    }
    if (isList && !list.missing) list.create.mutate();
    if (kind === 'sample' && percent) create.mutate();
    if (kind === 'rule' && size(condition) > 0 && unfilled === 0) create.mutate();
  };
  const filling = list.create.data && list.sending.work;
  return (
    <Page
      title={w('new')}
      back={{ to: paths.segments, label: w('title') }}
      actions={
        !filling && (
          <>
            <Button onClick={() => go(paths.segments)}>{c('cancel')}</Button>
            <Button type="primary" onClick={submit} loading={create.isPending || list.create.isPending}>
              {w('create')}
            </Button>
          </>
        )
      }
    >
      {filling && list.create.data ? (
        <div style={{ maxWidth: 720 }}>
          <FillingList made={list.create.data} sending={list.sending} />
        </div>
      ) : (
        <div className="stack" style={{ maxWidth: 1040 }}>
          {error && <ProblemView error={error} kept />}
          <div className="cols">
            <Field label={w('name')} wrong={tried && !name.trim() ? w('name_needed') : fieldText(error, 'name')}>
              <Input value={name} placeholder={w('name_placeholder')} maxLength={100} onChange={(e) => setTyped(e.target.value)} autoFocus ref={nameBox} />
            </Field>
            <Field label={w('description')}>
              <Input value={description} onChange={(e) => setDescription(e.target.value)} />
            </Field>
          </div>
          <Choice label={w('kind')} value={kind} onChange={(next) => setUrl({ kind: next })} options={KINDS.map((one) => ({ value: one, title: w(`kind_${one}`), text: w(`kind_${one}_text`) }))} />
          {isList && <NewList start={start} onStart={(next: Start) => setUrl({ start: next })} snapshotOf={url.of} onSnapshotOf={(of) => setUrl({ of })} list={list} tried={tried} />}
          {kind === 'sample' && <SampleShare value={percent} onChange={setPercent} wrong={tried && !percent ? w('sample_needed') : fieldText(create.error, 'sample.percent')} />}
          {kind === 'rule' && (
            <Panel title={w('who')}>
              {tried && size(condition) === 0 && <div className="note-box warn" role="alert" style={{ marginBottom: 8 }}>{w('condition_needed')}</div>}
              {tried && unfilled > 0 && <div className="note-box warn" role="alert" style={{ marginBottom: 8 }}>{w('condition_unfilled', { n: unfilled })}</div>}
              <ConditionBuilder
                value={condition}
                onChange={setCondition}
                facts={facts}
                count={countCondition}
                refused={create.error instanceof Problem ? create.error.fields : undefined}
                tried={tried}
                action={<Button size="small" type="primary" onClick={submit} loading={create.isPending}>{w('create_here')}</Button>}
              />
            </Panel>
          )}
          <PoolChoice value={pool} onChange={setPool} />
        </div>
      )}
    </Page>
  );
}
