// Which provider serves a channel, and what it has to be told.
import type { Json, Provider } from '../../../lib/api';

export type ProviderField = { key: string; kind: 'text' | 'secret' | 'number' | 'choice' | 'long'; choices?: string[]; needed?: boolean; rare?: boolean };
type Known = { kind: string; fields: ProviderField[]; begin: { [key: string]: Json } };

export const PROVIDERS: { [channel: string]: Known } = {
  email: {
    kind: 'smtp',
    fields: [
      { key: 'host', kind: 'text', needed: true },
      { key: 'tls', kind: 'choice', choices: ['starttls', 'tls', 'none'] },
      { key: 'port', kind: 'number' },
      { key: 'user', kind: 'text' },
      { key: 'password', kind: 'secret' },
      { key: 'from_address', kind: 'text', needed: true },
      { key: 'from_name', kind: 'text' },
      { key: 'bounce_address', kind: 'text', rare: true },
      { key: 'hello_name', kind: 'text', rare: true },
      { key: 'ca_pem', kind: 'long', rare: true },
    ],
    begin: { host: '', tls: 'starttls', from_address: '' },
  },
  sms: {
    kind: 'sms_aliyun',
    fields: [
      { key: 'access_key_id', kind: 'text', needed: true },
      { key: 'access_key_secret', kind: 'secret', needed: true },
      { key: 'sign_name', kind: 'text', needed: true },
      { key: 'template_code', kind: 'text' },
      { key: 'region', kind: 'text', rare: true },
      { key: 'endpoint', kind: 'text', rare: true },
    ],
    begin: { access_key_id: '', access_key_secret: '', sign_name: '' },
  },
  webhook: {
    kind: 'webhook',
    fields: [
      { key: 'url', kind: 'text' },
      { key: 'secret', kind: 'secret', needed: true },
      { key: 'previous_secret', kind: 'secret', rare: true },
    ],
    begin: { secret: '' },
  },
};

/** What the server says instead of a secret, and takes for "as it was". */
export const KEPT = '***';

/** A provider on its way out: what is empty is left out, for the server knows a default or will say what is missing. */
export function outgoing(provider: Provider): Provider {
  const needed = new Set(Object.values(PROVIDERS).find((one) => one.kind === provider.kind)?.fields.filter((one) => one.needed).map((one) => one.key));
  return { kind: provider.kind, config: Object.fromEntries(Object.entries(provider.config).filter(([key, value]) => (value !== '' && value !== null) || needed.has(key))) };
}

/** A signing secret: `whsec_` and 32 random bytes. */
export function signingSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}
