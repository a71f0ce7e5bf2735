// Sources, their write keys, and how to connect.
import { useMutation } from '@tanstack/react-query';
import { Drawer, Input, Modal, Select } from 'antd';
import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Source, type SourceKind, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { CopyButton, ProblemView, useFieldText } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page, Tabs } from '../../../ui/page';
import { common } from '../../../ui/words';
import { SNIPPETS, type Snippet, snippet } from '../logic/snippets';
import { dw } from '../words';

export default function SourcesPage() {
  const w = useWords(dw);
  const c = useWords(common);
  const [url, setUrl] = useUrlState({ new: '', q: '' });
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<Source | null>(null);
  const [leaving, setLeaving] = useState<Source | null>(null);
  const [form, setForm] = useState<{ name: string; kind: SourceKind }>({ name: '', kind: 'web' });
  const [tried, setTried] = useState(false);
  const fieldText = useFieldText();
  const able = useMay()('sources:write');
  useEffect(() => {
    if (url.new) setCreating(true);
  }, [url.new]);
  const close = () => {
    setCreating(false);
    setTried(false);
    setUrl({ new: '' });
  };
  const refresh = () => void queries.invalidateQueries({ queryKey: ['sources'] });
  const create = useMutation({
    mutationFn: () => call('POST /sources', { body: { name: form.name.trim(), kind: form.kind } }),
    onSuccess: (made) => {
      close();
      setForm({ name: '', kind: 'web' });
      refresh();
      setShown(made);
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE /sources/{id}', { path: { id } }),
    onSuccess: () => {
      setLeaving(null);
      refresh();
    },
  });
  const button = able && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => setCreating(true)}>
      {w('new_source')}
    </Button>
  );
  return (
    <Page title={w('sources')} sub={w('sources_sub')} actions={button}>
      <List
        id="sources"
        label={w('sources')}
        ask={{ key: ['sources', 'list', url.q], fetch: (cursor, signal) => call('GET /sources', { query: { q: url.q, cursor }, signal }) }}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('sources_search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        rowKey={(row) => row.id}
        empty={{ title: w('sources_empty'), text: w('sources_empty_text'), action: button }}
        columns={[
          { id: 'name', title: w('source_name'), fixed: true, render: (row) => <button type="button" className="linkish" style={{ fontWeight: 500 }} onClick={() => setShown(row)}>{row.name}</button> },
          { id: 'kind', title: w('kind'), fixed: true, render: (row) => <Badge>{w(`k_${row.kind}`)}</Badge> },
          { id: 'key', title: w('write_key'), fixed: true, render: (row) => (row.write_key ? <span className="row"><code className="break">{row.write_key}</code><span className="wide-only-block"><CopyButton text={row.write_key} /></span></span> : '–') },
          { id: 'last', title: w('last_event'), end: true, fixed: true, render: (row) => <LastEvent of={row} /> },
          { id: 'created', title: w('created'), end: true, fixed: true, render: (row) => <Ago at={row.created_at} /> },
          {
            id: 'go',
            title: '',
            fixed: true,
            end: true,
            render: (row) => (
              <span className="row" style={{ justifyContent: 'flex-end' }}>
                {row.write_key && (
                  <Button size="small" onClick={() => setShown(row)}>
                    {w('snippet')}
                  </Button>
                )}
                {able && row.kind !== 'internal' && (
                  <Button size="small" onClick={() => setLeaving(row)}>
                    {c('delete')}
                  </Button>
                )}
              </span>
            ),
          },
        ]}
      />
      <Modal open={creating} title={w('new_source')} onCancel={close} footer={null} width={420}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (form.name.trim()) create.mutate();
          }}
        >
          <Field label={w('source_name')} wrong={tried && !form.name.trim() ? w('name_needed') : fieldText(create.error, 'name')}>
            <Input value={form.name} placeholder={w('source_name_placeholder')} onChange={(e) => setForm({ ...form, name: e.target.value })} autoFocus />
          </Field>
          <Field label={w('kind')}>
            <Select value={form.kind} onChange={(kind: SourceKind) => setForm({ ...form, kind })} options={(['web', 'mini_program', 'app', 'server'] as const).map((one) => ({ value: one, label: w(`k_${one}`) }))} />
          </Field>
          {create.error && <ProblemView error={create.error} kept />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button onClick={close}>{c('cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={create.isPending}>
              {w('new_source')}
            </Button>
          </div>
        </form>
      </Modal>
      <Drawer open={shown !== null} onClose={() => setShown(null)} size={620} title={shown?.name}>
        {shown?.write_key && <Snippets source={shown} writeKey={shown.write_key} />}
      </Drawer>
      <Danger open={leaving !== null} title={w('delete_title', { name: leaving?.name ?? '' })} confirm={c('delete')} busy={remove.isPending} error={remove.error} onConfirm={() => leaving && remove.mutate(leaving.id)} onClose={() => setLeaving(null)}>
        <p>{w('delete_text')}</p>
      </Danger>
    </Page>
  );
}

const HOUR = 3_600_000;
/** The server knows the hour of the last event, and looks back thirty days. */
function LastEvent({ of: { last_event_hour: hour, created_at } }: { of: Source }) {
  const w = useWords(dw);
  const age = (at: string) => Date.now() - Date.parse(at);
  if (!hour) return <span className="dim">{w(age(created_at) < 30 * 24 * HOUR ? 'last_none' : 'last_long_ago')}</span>;
  return age(hour) < HOUR ? <time dateTime={hour}>{w('last_hour')}</time> : <Ago at={hour} />;
}

function Snippets({ source, writeKey }: { source: Source; writeKey: string }) {
  const w = useWords(dw);
  const [kind, setKind] = useState<Snippet>(source.kind === 'server' ? 'node' : 'web');
  const code = snippet(kind, location.origin, writeKey);
  return (
    <div className="stack">
      <p className="soft">{w('snippet_text')}</p>
      <div className="row wrap">
        <span className="dim">{w('write_key')}</span>
        <code className="break">{writeKey}</code>
        <CopyButton text={writeKey} />
      </div>
      <Tabs label={w('snippet')} active={kind} onChange={(next) => setKind(next as Snippet)} tabs={SNIPPETS.map((one) => ({ id: one, label: w(`s_${one}`) }))} />
      <pre className="code" tabIndex={0}>{code}</pre>
      <div className="row">
        <CopyButton text={code} />
        <Go to={paths.live}>{w('snippet_check')}</Go>
      </div>
    </div>
  );
}
