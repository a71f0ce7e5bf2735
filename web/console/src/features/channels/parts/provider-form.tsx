// One channel's provider: what it must be told, its secrets never shown again.
import { Input, InputNumber, Select } from 'antd';
import type { Json, Provider } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { channelLabel } from '../../../lib/vocabulary';
import { Badge, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { KEPT, PROVIDERS, type ProviderField, signingSecret } from '../logic/providers';
import { lw } from '../words';

type Props = { channel: string; value?: Provider; saved?: Provider; onChange: (next: Provider | null) => void; onRemove: () => void; wrong: (field: string) => string | null };

export function ProviderForm({ channel, value, saved, onChange, onRemove, wrong }: Props) {
  const w = useWords(lw);
  const c = useWords(common);
  const lang = useLanguage();
  const known = PROVIDERS[channel]!;
  const kindName = `p_${known.kind}` in lw.words ? w(`p_${known.kind}` as 'p_smtp') : known.kind;
  return (
    <Panel
      title={channelLabel(channel, lang)}
      extra={
        <>
          {saved && <Badge tone="good">{w('ready')}</Badge>}
          <span className="dim small">{kindName}</span>
        </>
      }
    >
      {value ? (
        <div className="stack">
          <Fields fields={known.fields.filter((one) => !one.rare)} value={value} saved={saved} onChange={onChange} wrong={wrong} />
          {known.fields.some((one) => one.rare) && (
            <details open={known.fields.some((one) => one.rare && wrong(one.key) !== null) || undefined}>
              <summary className="soft small">{w('more')}</summary>
              <div style={{ marginTop: 10 }}>
                <Fields fields={known.fields.filter((one) => one.rare)} value={value} saved={saved} onChange={onChange} wrong={wrong} />
              </div>
            </details>
          )}
          <div className="row">
            <span className="dim small grow">{w('test_hint')}</span>
            {saved ? (
              <Button size="small" aria-label={`${c('remove')} ${channelLabel(channel, lang)}`} onClick={onRemove}>
                {c('remove')}
              </Button>
            ) : (
              <Button size="small" onClick={() => onChange(null)}>
                {w('undo_set_up')}
              </Button>
            )}
          </div>
        </div>
      ) : (
        <div className="row wrap">
          <span className="dim grow">{w('not_set')}</span>
          <Button size="small" aria-label={`${w('set_up')} ${channelLabel(channel, lang)}`} onClick={() => onChange({ kind: known.kind, config: known.begin })}>
            {w('set_up')}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Fields({ fields, value, saved, onChange, wrong }: { fields: ProviderField[]; value: Provider; saved?: Provider; onChange: (next: Provider) => void; wrong: (field: string) => string | null }) {
  const w = useWords(lw);
  const put = (key: string, next: Json) => onChange({ ...value, config: { ...value.config, [key]: next } });
  return (
    <div className="field-grid">
      {fields.map((field) => {
        const { key } = field;
        const now = value.config[key];
        const label = w(`f_${key}` as 'f_host');
        const help = `h_${key}` in lw.words ? w(`h_${key}` as 'h_port') : undefined;
        return (
          <Field key={key} label={field.needed ? `${label} *` : label} help={help} wrong={wrong(key)}>
            {field.kind === 'number' ? (
              <InputNumber value={typeof now === 'number' ? now : null} min={1} max={65_535} precision={0} style={{ width: '100%' }} onChange={(next) => put(key, next)} />
            ) : field.kind === 'choice' ? (
              <Select value={String(now ?? field.choices![0])} onChange={(next: string) => put(key, next)} options={field.choices!.map((one) => ({ value: one, label: w(`tls_${one}` as 'tls_tls') }))} />
            ) : field.kind === 'secret' ? (
              <Input.Password
                value={now === KEPT ? '' : String(now ?? '')}
                placeholder={now === KEPT ? w('secret_kept') : undefined}
                autoComplete="new-password"
                // Emptied again, it is as it was.
                onChange={(e) => put(key, e.target.value || (saved?.config[key] === KEPT ? KEPT : ''))}
                addonAfter={
                  key === 'secret' && !now ? (
                    <button type="button" className="linkish" onClick={() => put(key, signingSecret())}>
                      {w('make_secret')}
                    </button>
                  ) : undefined
                }
              />
            ) : field.kind === 'long' ? (
              <Input.TextArea value={String(now ?? '')} rows={3} onChange={(e) => put(key, e.target.value)} />
            ) : (
              <Input value={String(now ?? '')} onChange={(e) => put(key, e.target.value)} />
            )}
          </Field>
        );
      })}
    </div>
  );
}
