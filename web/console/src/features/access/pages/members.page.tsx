// Who works here, and what each may do.
import { useMutation } from '@tanstack/react-query';
import { Input, Modal, Select } from 'antd';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { type AddedMember, type Member, type Role, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useMay, useSession } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { roleLabel } from '../../../lib/vocabulary';
import { Ago, Avatar, Badge, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { Once } from '../parts/once';
import { kw } from '../words';

const ROLES: Role[] = ['administrator', 'marketer', 'analyst', 'viewer'];

export default function MembersPage() {
  const w = useWords(kw);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const { user } = useSession();
  const able = useMay()('members:write');
  const [url, setUrl] = useUrlState({ q: '' });
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<AddedMember | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['members'] });
  const turn = useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }) => call('PUT /members/{id}', { path: { id }, body: { role } }),
    onSuccess: () => toast.done(w('role_changed')),
    onError: toast.failed,
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE /members/{id}', { path: { id } }),
    onSuccess: () => {
      setLeaving(null);
      refresh();
    },
  });
  const button = able && (
    <Button type="primary" icon={<UserPlus size={14} />} onClick={() => setAdding(true)}>
      {w('add_member')}
    </Button>
  );
  return (
    <Page title={w('members')} sub={w('members_sub')} actions={button}>
      <List
        id="members"
        label={w('members')}
        ask={{ key: ['members', 'list', url.q], fetch: (cursor, signal) => call('GET /members', { query: { q: url.q, cursor }, signal }) }}
        rowKey={(row) => row.id}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('members_search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('members_empty'), action: button }}
        columns={[
          {
            id: 'who',
            title: w('member'),
            fixed: true,
            render: (row) => (
              <span className="row">
                <Avatar name={row.name} size={24} />
                <span style={{ minWidth: 0 }}>
                  <b style={{ fontWeight: 500 }}>{row.name}</b> {row.id === user.id && <Badge>{w('you')}</Badge>}
                  <span className="dim small break" style={{ display: 'block' }}>{row.email}</span>
                </span>
              </span>
            ),
          },
          {
            id: 'role',
            title: w('role'),
            fixed: true,
            render: (row) =>
              able ? (
                <Select aria-label={w('role_of', { name: row.name })} size="small" value={row.role} style={{ width: 130 }} popupMatchSelectWidth={300} loading={turn.isPending && turn.variables.id === row.id} onChange={(role: Role) => turn.mutate({ id: row.id, role })} options={ROLES.map((role) => ({ value: role, label: roleLabel(role, lang) }))} optionRender={(option) => <RoleOption role={option.value as Role} />} />
              ) : (
                <Badge>{roleLabel(row.role, lang)}</Badge>
              ),
          },
          { id: 'since', title: w('since'), fixed: true, end: true, render: (row) => <Ago at={row.since} /> },
          ...(able ? [{ id: 'go', title: '', fixed: true, end: true, render: (row: Member) => row.id !== user.id && <Button size="small" onClick={() => setLeaving(row)}>{c('remove')}</Button> }] : []),
        ]}
      />
      {adding && (
        <AddDialog
          onClose={() => setAdding(false)}
          onDone={(member) => {
            setAdding(false);
            refresh();
            if (member.first_password) setMade(member);
            else toast.done(w('added'));
          }}
        />
      )}
      <Once open={made !== null} title={w('first_title')} text={w('first_text', { email: made?.email })} secret={made?.first_password ?? ''} onClose={() => setMade(null)} />
      <Danger open={leaving !== null} title={w('remove_title', { name: leaving?.name })} confirm={c('remove')} busy={remove.isPending} error={remove.error} onConfirm={() => leaving && remove.mutate(leaving.id)} onClose={() => setLeaving(null)}>
        <p>{w('remove_text')}</p>
      </Danger>
    </Page>
  );
}

function RoleOption({ role }: { role: Role }) {
  const w = useWords(kw);
  const lang = useLanguage();
  return (
    <span>
      {roleLabel(role, lang)}
      <span className="dim small" style={{ display: 'block', whiteSpace: 'normal' }}>{w(`role_${role}`)}</span>
    </span>
  );
}

function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: (member: AddedMember) => void }) {
  const w = useWords(kw);
  const c = useWords(common);
  const lang = useLanguage();
  const fieldText = useFieldText();
  const [form, setForm] = useState<{ email: string; name: string; role: Role }>({ email: '', name: '', role: 'marketer' });
  const [tried, setTried] = useState(false);
  const add = useMutation({ mutationFn: () => call('POST /members', { body: { email: form.email.trim(), name: form.name.trim() || undefined, role: form.role } }), onSuccess: onDone });
  return (
    <Modal open title={w('add_member')} onCancel={onClose} footer={null} width={440}>
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (form.email.trim()) add.mutate();
        }}
      >
        <Field label={w('email')} wrong={tried && !form.email.trim() ? w('email_needed') : fieldText(add.error, 'email')}>
          <Input type="email" value={form.email} onChange={(e) => setForm({ ...form, email: e.target.value })} autoFocus autoComplete="off" />
        </Field>
        <Field label={w('member_name')} wrong={fieldText(add.error, 'name')}>
          <Input value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} autoComplete="off" />
        </Field>
        <Field label={w('role')} help={w(`role_${form.role}`)}>
          <Select value={form.role} onChange={(role: Role) => setForm({ ...form, role })} options={ROLES.map((role) => ({ value: role, label: roleLabel(role, lang) }))} optionRender={(option) => <RoleOption role={option.value as Role} />} />
        </Field>
        {add.error && <ProblemView error={add.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={add.isPending}>
            {w('add_member')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
