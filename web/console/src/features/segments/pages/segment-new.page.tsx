// A new segment: a name and a condition, with the number of people under it.
import { useMutation } from '@tanstack/react-query';
import { Input } from 'antd';
import { useState } from 'react';
import { type Condition, Problem, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ConditionBuilder, faults, size } from '../../../ui/condition-builder';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { seg } from '../words';

export default function SegmentNewPage() {
  const w = useWords(seg);
  const c = useWords(common);
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const facts = useFacts();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [condition, setCondition] = useState<Condition>({ all: [] });
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: () => call('POST /segments', { body: { name: name.trim(), description: description.trim() || undefined, condition } }),
    onSuccess: (made) => {
      toast.done(w('created'));
      void queries.invalidateQueries({ queryKey: ['segments'] });
      go(paths.segment(made.id));
    },
  });
  const submit = () => {
    setTried(true);
    if (name.trim() && size(condition) > 0 && Object.keys(faults(condition)).length === 0) create.mutate();
  };
  return (
    <Page
      title={w('new')}
      back={{ to: paths.segments, label: w('title') }}
      actions={
        <>
          <Button onClick={() => go(paths.segments)}>{c('cancel')}</Button>
          <Button type="primary" onClick={submit} loading={create.isPending}>
            {w('create')}
          </Button>
        </>
      }
    >
      <div className="stack" style={{ maxWidth: 1040 }}>
        {create.error && <ProblemView error={create.error} kept />}
        <div className="cols">
          <Field label={w('name')} wrong={tried && !name.trim() ? w('name_needed') : fieldText(create.error, 'name')}>
            <Input value={name} placeholder={w('name_placeholder')} onChange={(e) => setName(e.target.value)} autoFocus />
          </Field>
          <Field label={w('description')}>
            <Input value={description} onChange={(e) => setDescription(e.target.value)} />
          </Field>
        </div>
        <Panel title={w('who')}>
          {tried && size(condition) === 0 && <div className="note-box warn" role="alert" style={{ marginBottom: 8 }}>{w('condition_needed')}</div>}
          <ConditionBuilder value={condition} onChange={setCondition} facts={facts} count={countCondition} refused={create.error instanceof Problem ? create.error.fields : undefined} />
        </Panel>
      </div>
    </Page>
  );
}
