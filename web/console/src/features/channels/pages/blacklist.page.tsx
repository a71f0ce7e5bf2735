// Addresses that never get a message.
import { useMutation } from '@tanstack/react-query';
import { Input, Modal, Select } from 'antd';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type BlacklistLine, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { identifierLabel } from '../../../lib/vocabulary';
import { Ago, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { ProblemView, useFieldText } from '../../../ui/feedback';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { lw } from '../words';

export default function BlacklistPage() {
  const w = useWords(lw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '' });
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<BlacklistLine | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['blacklist'] });
  const [form, setForm] = useState({ identifier_type: 'email', value: '', reason: '' });
  const [tried, setTried] = useState(false);
  const fieldText = useFieldText();
  const able = useMay()('privacy:write');
  const add = useMutation({
    mutationFn: () => call('POST /blacklist', { body: { ...form, value: form.value.trim() } }),
    onSuccess: () => {
      setAdding(false);
      setForm({ identifier_type: 'email', value: '', reason: '' });
      setTried(false);
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (line: BlacklistLine) => call('DELETE /blacklist/{identifier_type}/{value}', { path: { identifier_type: line.identifier_type, value: line.value } }),
    onSuccess: () => {
      setLeaving(null);
      refresh();
    },
  });
  const button = able && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => setAdding(true)}>
      {w('block')}
    </Button>
  );
  return (
    <Page title={w('blacklist')} sub={w('blacklist_sub')} actions={button}>
      <List
        id="blacklist"
        label={w('blacklist')}
        ask={{ key: ['blacklist', url.q], fetch: (cursor, signal) => call('GET /blacklist', { query: { q: url.q, cursor }, signal }) }}
        rowKey={(row) => row.identifier_type + row.value}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('blacklist_search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('blacklist_empty'), text: w('blacklist_empty_text'), action: button }}
        columns={[
          { id: 'value', title: w('value'), fixed: true, render: (row) => <b>{row.value}</b> },
          { id: 'kind', title: w('kind'), fixed: true, render: (row) => identifierLabel(row.identifier_type, lang) },
          { id: 'reason', title: w('reason'), fixed: true, render: (row) => row.reason || <span className="dim">–</span> },
          { id: 'since', title: w('since'), fixed: true, end: true, render: (row) => <Ago at={row.at} /> },
          { id: 'go', title: '', fixed: true, end: true, render: (row) => able && <Button size="small" onClick={() => setLeaving(row)}>{w('unblock')}</Button> },
        ]}
      />
      <Modal open={adding} title={w('block')} onCancel={() => setAdding(false)} footer={null} width={420}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (form.value.trim()) add.mutate();
          }}
        >
          <Field label={w('kind')}>
            <Select value={form.identifier_type} onChange={(identifier_type: string) => setForm({ ...form, identifier_type })} options={['email', 'phone', 'user_id', 'openid', 'unionid'].map((one) => ({ value: one, label: identifierLabel(one, lang) }))} />
          </Field>
          <Field label={w('value')} wrong={tried && !form.value.trim() ? w('value_needed') : fieldText(add.error, 'value')}>
            <Input value={form.value} onChange={(e) => setForm({ ...form, value: e.target.value })} autoFocus />
          </Field>
          <Field label={w('reason')}>
            <Input value={form.reason} onChange={(e) => setForm({ ...form, reason: e.target.value })} />
          </Field>
          {add.error && <ProblemView error={add.error} kept />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button onClick={() => setAdding(false)}>{c('cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={add.isPending}>
              {w('block')}
            </Button>
          </div>
        </form>
      </Modal>
      <Danger open={leaving !== null} title={w('unblock_title', { value: leaving?.value ?? '' })} confirm={w('unblock')} busy={remove.isPending} error={remove.error} onConfirm={() => leaving && remove.mutate(leaving)} onClose={() => setLeaving(null)}>
        <p>{w('unblock_text')}</p>
      </Danger>
    </Page>
  );
}
