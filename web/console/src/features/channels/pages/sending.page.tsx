// Frequency caps, quiet hours, consent, and who carries each channel's messages.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Input, InputNumber, Select, Switch } from 'antd';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type Cap, type SendingSettings, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useMay, useSession } from '../../../lib/session';
import { channelLabel } from '../../../lib/vocabulary';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { outgoing } from '../logic/providers';
import { ProviderForm } from '../parts/provider-form';
import { lw } from '../words';

const PERIODS = { rolling: ['24h', '7d', '30d'], calendar: ['1d', '1w', '1mo'] } as const;
const CHANNELS = ['email', 'sms', 'webhook'];

const put = (settings: SendingSettings) => call('PUT /settings/sending', { body: { ...settings, providers: Object.fromEntries(Object.entries(settings.providers).map(([channel, provider]) => [channel, outgoing(provider)])) } });

function without(providers: SendingSettings['providers'], channel: string): SendingSettings['providers'] {
  const { [channel]: _gone, ...rest } = providers;
  return rest;
}

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
  const fieldText = useFieldText();
  const { workspace } = useSession();
  const able = useMay()('channels:write');
  const [form, setForm] = useState(saved);
  const [kept, setKept] = useState(saved);
  const [removing, setRemoving] = useState<string | null>(null);
  const changed = JSON.stringify(form) !== JSON.stringify(kept);
  const { question } = useLeaveGuard(changed);
  const set = (patch: Partial<SendingSettings>) => setForm((was) => ({ ...was, ...patch }));
  const keep = (after: SendingSettings) => {
    setKept(after);
    queries.setQueryData(['settings', 'sending'], after);
  };
  const save = useMutation({
    mutationFn: () => put(form),
    onSuccess: (after) => {
      toast.done(w('saved'));
      setForm(after);
      keep(after);
    },
  });
  // At once, and of what is saved: what was typed elsewhere on the page waits for its own button.
  const remove = useMutation({
    mutationFn: (channel: string) => put({ ...kept, providers: without(kept.providers, channel) }),
    onSuccess: (after, channel) => {
      toast.done(w('removed'));
      setRemoving(null);
      set({ providers: without(form.providers, channel) });
      keep(after);
    },
  });
  const quiet = form.quiet_hours;
  const provide = (channel: string, next: SendingSettings['providers'][string] | null) => {
    const rest = without(form.providers, channel);
    set({ providers: next ? { ...rest, [channel]: next } : rest });
  };
  return (
    <Page
      title={w('sending')}
      sub={w('sending_sub')}
      actions={
        able && (
          <Button type="primary" disabled={!changed} loading={save.isPending} onClick={() => save.mutate()}>
            {c('save')}
          </Button>
        )
      }
    >
      <fieldset className="stack plain" disabled={!able} style={{ maxWidth: 860 }}>
        {save.error && <ProblemView error={save.error} kept />}
        <Panel title={w('caps')}>
          <Caps caps={form.caps} onChange={(caps) => set({ caps })} wrong={(i) => fieldText(save.error, `caps.${i}.period`, `caps.${i}.limit`)} />
        </Panel>
        <Panel title={w('quiet')}>
          <div className="stack">
            <label className="row">
              <Switch size="small" checked={quiet !== null} onChange={(on) => set({ quiet_hours: on ? { from: '22:00', to: '08:00', channels: ['email', 'sms'] } : null })} />
              {w('quiet_on')}
            </label>
            {quiet && (
              <>
                <div className="row wrap">
                  <span>{w('from')}</span>
                  <Input type="time" aria-label={w('from')} value={quiet.from} style={{ width: 110 }} onChange={(e) => set({ quiet_hours: { ...quiet, from: e.target.value } })} />
                  <span>{w('until')}</span>
                  <Input type="time" aria-label={w('until')} value={quiet.to} style={{ width: 110 }} onChange={(e) => set({ quiet_hours: { ...quiet, to: e.target.value } })} />
                  <Select mode="multiple" aria-label={w('quiet_channels')} placeholder={w('quiet_all')} value={quiet.channels} style={{ minWidth: 220 }} options={CHANNELS.map((one) => ({ value: one, label: channelLabel(one, lang) }))} onChange={(channels: string[]) => set({ quiet_hours: { ...quiet, channels } })} />
                </div>
                {fieldText(save.error, 'quiet_hours') && <div className="small" role="alert" style={{ color: 'var(--bad)' }}>{fieldText(save.error, 'quiet_hours')}</div>}
                <p className="dim small">{w('quiet_zone', { zone: workspace.time_zone })}</p>
              </>
            )}
          </div>
        </Panel>
        <Panel title={w('consent')}>
          <label className="row">
            <Switch size="small" checked={form.needs_consent} onChange={(needs_consent) => set({ needs_consent })} />
            {w('consent_needed')}
          </label>
          <p className="dim small" style={{ marginTop: 6 }}>{w('consent_needed_text')}</p>
        </Panel>
        {CHANNELS.map((channel) => (
          <ProviderForm key={channel} channel={channel} value={form.providers[channel]} saved={kept.providers[channel]} onChange={(next) => provide(channel, next)} onRemove={() => setRemoving(channel)} wrong={(field) => fieldText(save.error, `providers.${channel}.config.${field}`)} />
        ))}
      </fieldset>
      <Danger open={removing !== null} title={w('remove_title', { channel: channelLabel(removing ?? '', lang) })} confirm={c('remove')} busy={remove.isPending} error={remove.error} onConfirm={() => removing && remove.mutate(removing)} onClose={() => setRemoving(null)}>
        <p>{w('remove_text')}</p>
      </Danger>
      {question}
    </Page>
  );
}

function Caps({ caps, onChange, wrong }: { caps: Cap[]; onChange: (caps: Cap[]) => void; wrong: (i: number) => string | null }) {
  const w = useWords(lw);
  const c = useWords(common);
  const lang = useLanguage();
  const put = (i: number, patch: Partial<Cap>) => onChange(caps.map((one, j) => (j === i ? { ...one, ...patch } : one)));
  const channels = ['*', ...CHANNELS].map((one) => ({ value: one, label: channelLabel(one, lang) }));
  const periodName = (period: string) => (`p_${period}` in lw.words ? w(`p_${period}` as 'p_1d') : period);
  return (
    <div className="stack">
      <p className="soft small">{w('caps_text')}</p>
      {caps.map((one, i) => (
        <div key={i}>
          <div className="row wrap">
            <Select aria-label={`${w('cap_channel')} ${i + 1}`} value={one.channel} style={{ width: 116 }} options={channels} onChange={(channel: string) => put(i, { channel })} />
            <span>{w('cap_limit')}</span>
            <InputNumber aria-label={`${w('cap_limit')} ${i + 1}`} min={1} precision={0} value={one.limit} style={{ width: 70 }} onChange={(limit) => put(i, { limit: limit ?? 1 })} />
            <span>{w('cap_per')}</span>
            <Select aria-label={`${w('cap_per')} ${i + 1}`} value={one.period} style={{ width: 110 }} options={[...new Set<string>([...PERIODS[one.window], one.period])].map((period) => ({ value: period, label: periodName(period) }))} onChange={(period: string) => put(i, { period })} />
            <Select
              aria-label={`${w('cap_window')} ${i + 1}`}
              value={one.window}
              style={{ width: 110 }}
              options={(['rolling', 'calendar'] as const).map((window) => ({ value: window, label: w(window) }))}
              onChange={(window: Cap['window']) => put(i, { window, period: PERIODS[window][1] })}
            />
            <button type="button" className="icon-button" aria-label={c('remove')} title={c('remove')} onClick={() => onChange(caps.filter((_, j) => j !== i))}>
              <Trash2 size={14} aria-hidden />
            </button>
          </div>
          {wrong(i) && <div className="small" role="alert" style={{ color: 'var(--bad)' }}>{wrong(i)}</div>}
        </div>
      ))}
      <div>
        <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => onChange([...caps, { channel: '*', window: 'rolling', period: '7d', limit: 3 }])}>
          {w('add_cap')}
        </Button>
      </div>
    </div>
  );
}
