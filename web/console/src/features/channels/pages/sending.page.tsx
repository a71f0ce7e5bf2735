// Frequency caps, quiet hours, and the channels' own settings.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input, InputNumber, Select, Switch } from 'antd';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type Json, type SendingSettings, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { channelLabel } from '../../../lib/vocabulary';
import { Badge, Field } from '../../../ui/bits';
import { Answered, ProblemView, useToast } from '../../../ui/feedback';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { lw } from '../words';

const PERIODS = ['24h', '1d', '7d', '1w', '1mo'] as const;
const CHANNELS = ['email', 'sms', 'webhook'];

export default function SendingPage() {
  const w = useWords(lw);
  const asked = useQuery({ queryKey: ['settings', 'sending'], queryFn: () => call('GET /settings/sending') });
  return asked.data ? (
    <SendingForm saved={asked.data} />
  ) : (
    <Page title={w('sending')} sub={w('sending_sub')}>
      <Answered of={asked}>{() => null}</Answered>
    </Page>
  );
}

function SendingForm({ saved }: { saved: SendingSettings }) {
  const w = useWords(lw);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const [form, setForm] = useState(saved);
  const [kept, setKept] = useState(() => JSON.stringify(saved));
  const changed = JSON.stringify(form) !== kept;
  const set = (patch: Partial<SendingSettings>) => setForm((was) => ({ ...was, ...patch }));
  const save = useMutation({
    mutationFn: () => call('PUT /settings/sending', { body: form }),
    onSuccess: () => {
      toast.done(w('saved'));
      setKept(JSON.stringify(form));
      void queries.invalidateQueries({ queryKey: ['settings'] });
    },
  });
  const cap = (i: number, patch: Partial<SendingSettings['caps'][number]>) => set({ caps: form.caps.map((one, j) => (j === i ? { ...one, ...patch } : one)) });
  const options = [{ value: '*', label: channelLabel('*', lang) }, ...CHANNELS.map((one) => ({ value: one, label: channelLabel(one, lang) }))];
  return (
    <Page
      title={w('sending')}
      sub={w('sending_sub')}
      actions={
        <Button type="primary" disabled={!changed} loading={save.isPending} onClick={() => save.mutate()}>
          {c('save')}
        </Button>
      }
    >
      <div className="stack" style={{ maxWidth: 860 }}>
        {save.error && <ProblemView error={save.error} kept />}
        <Panel title={w('caps')}>
          <div className="stack">
            <p className="soft small">{w('caps_text')}</p>
            {form.caps.map((one, i) => (
              <div key={i} className="row wrap">
                <Select aria-label={w('cap_channel')} value={one.channel} style={{ width: 116 }} options={options} onChange={(channel) => cap(i, { channel })} />
                <span>{w('cap_limit')}</span>
                <InputNumber aria-label={w('cap_limit')} min={1} value={one.limit} style={{ width: 70 }} onChange={(limit) => cap(i, { limit: limit ?? 1 })} />
                <span>{w('cap_per')}</span>
                <Select aria-label={w('cap_per')} value={one.period} style={{ width: 110 }} options={[...new Set([...PERIODS, one.period])].map((period) => ({ value: period, label: `p_${period}` in lw.words ? w(`p_${period}` as 'p_1d') : period }))} onChange={(period) => cap(i, { period })} />
                <Select aria-label={w('cap_window')} value={one.window} style={{ width: 110 }} options={(['rolling', 'calendar'] as const).map((window) => ({ value: window, label: w(window) }))} onChange={(window) => cap(i, { window })} />
                <button type="button" className="icon-button" aria-label={c('remove')} title={c('remove')} onClick={() => set({ caps: form.caps.filter((_, j) => j !== i) })}>
                  <Trash2 size={14} aria-hidden />
                </button>
              </div>
            ))}
            <div>
              <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => set({ caps: [...form.caps, { channel: '*', window: 'rolling', period: '7d', limit: 3 }] })}>
                {w('add_cap')}
              </Button>
            </div>
          </div>
        </Panel>
        <Panel title={w('quiet')}>
          <div className="stack">
            <label className="row">
              <Switch size="small" checked={form.quiet_hours !== null} onChange={(on) => set({ quiet_hours: on ? { from: '22:00', to: '08:00', channels: ['email', 'sms'] } : null })} />
              {w('quiet_on')}
            </label>
            {form.quiet_hours && (
              <div className="row wrap">
                <span>{w('from')}</span>
                <Input type="time" aria-label={w('from')} value={form.quiet_hours.from} style={{ width: 110 }} onChange={(e) => set({ quiet_hours: { ...form.quiet_hours!, from: e.target.value } })} />
                <span>{w('until')}</span>
                <Input type="time" aria-label={w('until')} value={form.quiet_hours.to} style={{ width: 110 }} onChange={(e) => set({ quiet_hours: { ...form.quiet_hours!, to: e.target.value } })} />
                <Select mode="multiple" aria-label={w('quiet_channels')} value={form.quiet_hours.channels} style={{ minWidth: 220 }} options={CHANNELS.map((one) => ({ value: one, label: channelLabel(one, lang) }))} onChange={(channels: string[]) => set({ quiet_hours: { ...form.quiet_hours!, channels } })} />
                <Badge>{form.default_time_zone}</Badge>
              </div>
            )}
          </div>
        </Panel>
        {CHANNELS.map((channel) => (
          <Panel key={channel} title={channelLabel(channel, lang)}>
            <ChannelForm
              channel={channel}
              values={form.channels[channel]}
              onChange={(values) => set({ channels: { ...form.channels, [channel]: values } })}
            />
          </Panel>
        ))}
      </div>
    </Page>
  );
}

const SECRET = /password|secret|token|key$/;

function ChannelForm({ channel, values, onChange }: { channel: string; values: { [key: string]: Json } | undefined; onChange: (values: { [key: string]: Json }) => void }) {
  const w = useWords(lw);
  if (!values || Object.keys(values).length === 0) {
    return (
      <div className="row">
        <span className="dim grow">{w('not_set')}</span>
        {channel === 'email' && (
          <Button size="small" onClick={() => onChange({ provider: 'smtp', host: '', port: 587, username: '', password: '', from: '' })}>
            {w('add_smtp')}
          </Button>
        )}
      </div>
    );
  }
  const keys = Object.keys(values);
  if (values.provider === 'smtp' && !keys.includes('password')) keys.splice(keys.indexOf('username') + 1 || keys.length, 0, 'password');
  return (
    <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(220px, 1fr))' }}>
      {keys.map((key) => {
        const value = values[key];
        if (value !== null && typeof value === 'object') return null;
        const label = `f_${key}` in lw.words ? w(`f_${key}` as 'f_host') : key;
        if (typeof value === 'boolean') {
          return (
            <label key={key} className="row">
              <Switch size="small" checked={value} onChange={(on) => onChange({ ...values, [key]: on })} />
              {label}
            </label>
          );
        }
        return (
          <Field key={key} label={label}>
            {typeof value === 'number' ? (
              <InputNumber value={value} style={{ width: '100%' }} onChange={(next) => onChange({ ...values, [key]: next ?? 0 })} />
            ) : SECRET.test(key) ? (
              <Input.Password value={String(value ?? '')} autoComplete="new-password" placeholder={w('password_kept')} onChange={(e) => onChange({ ...values, [key]: e.target.value })} />
            ) : (
              <Input value={String(value ?? '')} onChange={(e) => onChange({ ...values, [key]: e.target.value })} />
            )}
          </Field>
        );
      })}
    </div>
  );
}
