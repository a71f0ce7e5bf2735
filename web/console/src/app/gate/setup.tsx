// The first run: a token from the terminal, a workspace, an administrator.
import { Input, Select } from 'antd';
import { type FormEvent, useState } from 'react';
import { Problem, type Session, call } from '../../lib/api';
import { zones } from '../../lib/format';
import { useTitle } from '../../lib/hooks';
import { useWords } from '../../lib/i18n';
import { Field } from '../../ui/bits';
import { Button } from '../../ui/button';
import { ProblemView, useFieldText } from '../../ui/feedback';
import { app } from '../words';
import { GateFrame } from './frame';

const CURRENCIES = ['CNY', 'USD', 'EUR', 'HKD', 'TWD', 'SGD', 'JPY', 'GBP'];

export default function Setup({ onDone }: { onDone: (session: Session) => void }) {
  const w = useWords(app);
  useTitle(w('setup_title'));
  const [form, setForm] = useState({ token: new URLSearchParams(location.search).get('token') ?? '', workspace_name: '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Shanghai', currency: 'CNY', name: '', email: '', password: '' });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (patch: Partial<typeof form>) => setForm((was) => ({ ...was, ...patch }));
  const fieldText = useFieldText();
  const missing = {
    token: !form.token.trim() ? w('needed_token') : null,
    workspace: !form.workspace_name.trim() ? w('needed_workspace') : null,
    email: !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(form.email.trim()) ? w('needed_email') : null,
    password: [...form.password].length < 12 ? w('needed_password') : null,
  };
  const wrong = {
    token: missing.token ?? (error instanceof Problem && error.code === 'setup.token_wrong' ? w('wrong_token') : null),
    workspace: missing.workspace ?? fieldText(error, 'workspace_name'),
    email: missing.email ?? fieldText(error, 'email'),
    password: missing.password ?? fieldText(error, 'password'),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(missing).some(Boolean)) return;
    setBusy(true);
    setError(null);
    call('POST /setup', { body: { ...form, token: form.token.trim(), email: form.email.trim(), name: form.name.trim() || undefined, workspace_name: form.workspace_name.trim() } })
      .then(onDone, (failure: unknown) => setError(failure))
      .finally(() => setBusy(false));
  };
  const show = (text: string | null) => (tried ? text : null);
  return (
    <GateFrame wide>
      <div className="stack loose">
        <div>
          <h1>{w('setup_title')}</h1>
          <p className="soft">{w('setup_sub')}</p>
        </div>
        <form className="gate-card form" onSubmit={submit} noValidate>
          <Field label={w('setup_token')} help={w('setup_token_help')} wrong={show(wrong.token)}>
            <Input value={form.token} onChange={(e) => set({ token: e.target.value })} autoComplete="off" autoFocus spellCheck={false} />
          </Field>
          <Field label={w('setup_workspace')} wrong={show(wrong.workspace)}>
            <Input value={form.workspace_name} placeholder={w('setup_workspace_placeholder')} onChange={(e) => set({ workspace_name: e.target.value })} />
          </Field>
          <Field label={w('setup_zone')} help={w('setup_zone_help')} wrong={show(fieldText(error, 'time_zone'))}>
            <Select value={form.time_zone} onChange={(time_zone: string) => set({ time_zone })} showSearch options={zones().map((zone) => ({ value: zone, label: zone }))} />
          </Field>
          <Field label={w('setup_currency')} wrong={show(fieldText(error, 'currency'))}>
            <Select value={form.currency} onChange={(currency: string) => set({ currency })} options={CURRENCIES.map((one) => ({ value: one, label: one }))} />
          </Field>
          <Field label={w('setup_name')} wrong={show(fieldText(error, 'name'))}>
            <Input autoComplete="name" value={form.name} onChange={(e) => set({ name: e.target.value })} />
          </Field>
          <Field label={w('email')} wrong={show(wrong.email)}>
            <Input type="email" autoComplete="username" value={form.email} onChange={(e) => set({ email: e.target.value })} />
          </Field>
          <Field label={w('password')} wrong={show(wrong.password)} help={`${w('setup_policy')}${form.password ? ` ${w('setup_length', { n: [...form.password].length })}` : ''}`}>
            <Input.Password autoComplete="new-password" value={form.password} onChange={(e) => set({ password: e.target.value })} />
          </Field>
          {error ? <ProblemView error={error} kept /> : null}
          <Button type="primary" size="large" htmlType="submit" loading={busy} block>
            {w('setup_go')}
          </Button>
        </form>
      </div>
    </GateFrame>
  );
}
