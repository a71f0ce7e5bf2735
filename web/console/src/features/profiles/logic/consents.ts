// What holds for each channel: a word about the channel and a word about all channels count alike, the later one holds.
import type { Consent } from '../../../lib/api';

const CHANNELS = ['email', 'sms', 'webhook'];
export const MARKETING = 'marketing';

/** `known` is the word that holds there; it may have been said of all channels (`*`). */
export type Row = { purpose: string; channel: string; known?: Consent };

export function holding(consents: Consent[], purpose: string, channel: string): Consent | undefined {
  return consents
    .filter((one) => one.purpose === purpose && (one.channel === channel || one.channel === '*'))
    .sort((a, b) => b.at.localeCompare(a.at))[0];
}

/** Marketing on each channel first, then whatever else was said. */
export function rowsOf(consents: Consent[]): Row[] {
  const others = consents.filter((one) => one.purpose !== MARKETING || (one.channel !== '*' && !CHANNELS.includes(one.channel)));
  return [
    ...CHANNELS.map((channel) => ({ purpose: MARKETING, channel, known: holding(consents, MARKETING, channel) })),
    ...others.map((one) => ({ purpose: one.purpose, channel: one.channel, known: holding(consents, one.purpose, one.channel) })),
  ];
}
