// The workspace's name, zone and currency, and one's own password.
import { useMutation } from '@tanstack/react-query';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { call } from '../../../lib/api';
import { setTimeZone, zones } from '../../../lib/format';
import { useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useMay, useSession } from '../../../lib/session';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { kw } from '../words';

const CURRENCIES = ['CNY', 'USD', 'EUR', 'HKD', 'TWD', 'SGD', 'JPY', 'GBP', 'AUD'];

export default function SettingsPage() {
  const w = useWords(kw);
  return (
    <Page title={w('settings')} sub={w('settings_sub')}>
      <div className="stack" style={{ maxWidth: 560 }}>
        <WorkspaceForm />
        <PasswordForm />
      </div>
    </Page>
  );
}

function WorkspaceForm() {
  const w = useWords(kw);
  const c = useWords(common);
  const toast = useToast();
  const fieldText = useFieldText();
  const { workspace } = useSession();
  const able = useMay()('workspace:write');
  const [form, setForm] = useState({ name: workspace.name, time_zone: workspace.time_zone, currency: workspace.currency });
  const changed = form.name !== workspace.name || form.time_zone !== workspace.time_zone || form.currency !== workspace.currency;
  const save = useMutation({
    mutationFn: () => call('PUT /workspace', { body: { ...form, name: form.name.trim() } }),
    onSuccess: (after) => {
      setTimeZone(after.time_zone);
      void queries.invalidateQueries();
      toast.done(w('saved'));
    },
  });
  return (
    <Panel title={w('workspace')}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (form.name.trim()) save.mutate();
        }}
      >
        {!able && <p className="dim">{w('workspace_locked')}</p>}
        <Field label={w('workspace_name')} wrong={form.name.trim() ? fieldText(save.error, 'name') : w('workspace_needed')}>
          <Input value={form.name} disabled={!able} onChange={(e) => setForm({ ...form, name: e.target.value })} />
        </Field>
        <Field label={w('zone')} help={w('zone_help')} wrong={fieldText(save.error, 'time_zone')}>
          <Select value={form.time_zone} disabled={!able} showSearch onChange={(time_zone: string) => setForm({ ...form, time_zone })} options={zones().map((zone) => ({ value: zone, label: zone }))} />
        </Field>
        <Field label={w('currency')} help={w('currency_help')} wrong={fieldText(save.error, 'currency')}>
          <Select value={form.currency} disabled={!able} showSearch onChange={(currency: string) => setForm({ ...form, currency })} options={[...new Set([...CURRENCIES, form.currency])].map((one) => ({ value: one, label: one }))} />
        </Field>
        {save.error && <ProblemView error={save.error} kept />}
        {able && (
          <div>
            <Button type="primary" htmlType="submit" disabled={!changed || !form.name.trim()} loading={save.isPending}>
              {c('save')}
            </Button>
          </div>
        )}
      </form>
    </Panel>
  );
}

function PasswordForm() {
  const w = useWords(kw);
  const toast = useToast();
  const fieldText = useFieldText();
  const { user } = useSession();
  const empty = { current_password: '', password: '' };
  const [form, setForm] = useState(empty);
  const change = useMutation({
    mutationFn: () => call('PUT /session/password', { body: form }),
    onSuccess: () => {
      setForm(empty);
      toast.done(w('password_changed'));
    },
  });
  return (
    <Panel title={w('account')}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        <Field label={w('current_password')} wrong={fieldText(change.error, 'current_password')}>
          <Input.Password autoComplete="current-password" value={form.current_password} onChange={(e) => setForm({ ...form, current_password: e.target.value })} />
        </Field>
        <Field label={w('new_password')} help={w('password_help')} wrong={fieldText(change.error, 'password')}>
          <Input.Password autoComplete="new-password" value={form.password} onChange={(e) => setForm({ ...form, password: e.target.value })} />
        </Field>
        {change.error && <ProblemView error={change.error} kept />}
        <div>
          <Button htmlType="submit" disabled={!form.current_password || !form.password} loading={change.isPending}>
            {w('change_password')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
