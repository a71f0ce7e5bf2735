// The first run: a token from the terminal, a workspace, an administrator.
import { Button, Input, Select } from 'antd';
import { type FormEvent, useState } from 'react';
import { Problem, type Session, call } from '../../lib/api';
import { useTitle } from '../../lib/hooks';
import { useWords } from '../../lib/i18n';
import { Field } from '../../ui/bits';
import { ProblemView } from '../../ui/feedback';
import { app } from '../words';
import { GateFrame } from './frame';

const ZONES: string[] = (() => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return [...new Set(['Asia/Shanghai', own, 'Asia/Hong_Kong', 'Asia/Taipei', 'Asia/Singapore', 'UTC', ...all])].filter(Boolean);
})();

export default function Setup({ onDone }: { onDone: (session: Session) => void }) {
  const w = useWords(app);
  useTitle(w('setup_title'));
  const [form, setForm] = useState({ token: new URLSearchParams(location.search).get('token') ?? '', workspace_name: '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Shanghai', email: '', password: '' });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (patch: Partial<typeof form>) => setForm((was) => ({ ...was, ...patch }));
  const server = error instanceof Problem ? error : null;
  const wrong = {
    token: !form.token.trim() ? w('needed_token') : null,
    workspace: !form.workspace_name.trim() ? w('needed_workspace') : null,
    email: !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(form.email.trim()) ? w('needed_email') : null,
    password: [...form.password].length < 12 ? w('needed_password') : server?.fields.password ? w('weak_password') : null,
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong.token || wrong.workspace || wrong.email || [...form.password].length < 12) return;
    setBusy(true);
    setError(null);
    call('POST /setup', { body: { ...form, token: form.token.trim(), email: form.email.trim(), workspace_name: form.workspace_name.trim() } })
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
          <Field label={w('setup_zone')} help={w('setup_zone_help')}>
            <Select value={form.time_zone} onChange={(time_zone: string) => set({ time_zone })} showSearch options={ZONES.map((zone) => ({ value: zone, label: zone }))} />
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
