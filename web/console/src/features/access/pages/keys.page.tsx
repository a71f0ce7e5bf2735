// Keys for programs, shown once.
import { useMutation } from '@tanstack/react-query';
import { Input, Modal, Select } from 'antd';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type ApiKey, type CreatedKey, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { ProblemView, useFieldText } from '../../../ui/feedback';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { Once } from '../parts/once';
import { kw } from '../words';

export default function KeysPage() {
  const w = useWords(kw);
  const c = useWords(common);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<CreatedKey | null>(null);
  const [leaving, setLeaving] = useState<ApiKey | null>(null);
  const [form, setForm] = useState({ name: '', permissions: ['*'] });
  const [tried, setTried] = useState(false);
  const [url, setUrl] = useUrlState({ q: '' });
  const fieldText = useFieldText();
  const refresh = () => void queries.invalidateQueries({ queryKey: ['keys'] });
  const create = useMutation({
    mutationFn: () => call('POST /keys', { body: { name: form.name.trim(), permissions: form.permissions } }),
    onSuccess: (key) => {
      setCreating(false);
      setTried(false);
      setForm({ name: '', permissions: ['*'] });
      setMade(key);
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE /keys/{id}', { path: { id } }),
    onSuccess: () => {
      setLeaving(null);
      refresh();
    },
  });
  const button = (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => setCreating(true)}>
      {w('new')}
    </Button>
  );
  const permission = (one: string) => (one === '*' ? w('p_all') : one);
  return (
    <Page title={w('title')} sub={w('sub')} actions={button}>
      <List
        id="keys"
        label={w('title')}
        ask={{ key: ['keys', url.q], fetch: (cursor, signal) => call('GET /keys', { query: { q: url.q, cursor }, signal }) }}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        rowKey={(row) => row.id}
        empty={{ title: w('empty'), text: w('empty_text'), action: button }}
        columns={[
          { id: 'name', title: w('name'), fixed: true, render: (row) => <b style={{ fontWeight: 500 }}>{row.name}</b> },
          { id: 'prefix', title: w('prefix'), fixed: true, render: (row) => <code>{row.prefix}…</code> },
          { id: 'permissions', title: w('permissions'), fixed: true, render: (row) => <span className="chips">{row.permissions.map((one) => <Badge key={one}>{permission(one)}</Badge>)}</span> },
          { id: 'used', title: w('last_used'), fixed: true, render: (row) => (row.last_used_at ? <Ago at={row.last_used_at} /> : <span className="dim">{w('never')}</span>) },
          { id: 'created', title: w('created'), fixed: true, render: (row) => <Ago at={row.created_at} /> },
          { id: 'go', title: '', fixed: true, end: true, render: (row) => <Button size="small" onClick={() => setLeaving(row)}>{c('delete')}</Button> },
        ]}
      />
      <Modal open={creating} title={w('new')} onCancel={() => setCreating(false)} footer={null} width={440}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (form.name.trim() && form.permissions.length > 0) create.mutate();
          }}
        >
          <Field label={w('name')} wrong={tried && !form.name.trim() ? w('name_needed') : fieldText(create.error, 'name')}>
            <Input value={form.name} placeholder={w('name_placeholder')} onChange={(e) => setForm({ ...form, name: e.target.value })} autoFocus />
          </Field>
          <Field label={w('permissions')} help={w('permissions_help')} wrong={tried && form.permissions.length === 0 ? w('permissions_needed') : fieldText(create.error, 'permissions')}>
            <Select mode="tags" value={form.permissions} onChange={(permissions: string[]) => setForm({ ...form, permissions })} options={[{ value: '*', label: w('p_all') }, ...['people:read', 'segments:read', 'segments:*', 'content:*', 'journeys:read', 'journeys:*', 'channels:read', 'analytics:read', 'query:run', 'imports:*', 'events:read', 'quality:read', 'system:read'].map((one) => ({ value: one, label: one }))]} />
          </Field>
          {create.error && <ProblemView error={create.error} kept />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button onClick={() => setCreating(false)}>{c('cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={create.isPending}>
              {w('new')}
            </Button>
          </div>
        </form>
      </Modal>
      <Once open={made !== null} title={w('once_title')} text={w('once_text')} secret={made?.key ?? ''} onClose={() => setMade(null)} />
      <Danger open={leaving !== null} title={w('delete_title', { name: leaving?.name ?? '' })} confirm={c('delete')} busy={remove.isPending} error={remove.error} onConfirm={() => leaving && remove.mutate(leaving.id)} onClose={() => setLeaving(null)}>
        <p>{w('delete_text')}</p>
      </Danger>
    </Page>
  );
}
