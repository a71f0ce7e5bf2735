// What somebody is worth, out of her own orders.
import type { EventName, TimelineEvent } from '../../../lib/api';

/** How brands call an order, the surest first. */
const ORDERS = ['purchase', 'order_completed', 'order_paid', 'order_placed', 'order'];
const AMOUNTS = ['value', 'amount', 'total', 'revenue', 'total_amount', 'pay_amount', 'price'];

const normal = (name: string) => name.trim().toLowerCase().replace(/[\s-]+/g, '_');

/** The event that is an order here; nothing where none comes in. */
export const orderEvent = (events: EventName[]): string | undefined => ORDERS.map((wanted) => events.find((one) => normal(one.name) === wanted)?.name).find(Boolean);

export type Worth = { orders: number; amounts: { currency: string | null; sum: number }[]; last: string | null };

function amountOf(event: TimelineEvent): number | null {
  for (const name of AMOUNTS) {
    const value = event.properties[name];
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  }
  return null;
}

/** Amounts of different currencies are not added up. */
export function worthOf(orders: TimelineEvent[]): Worth {
  const sums = new Map<string | null, number>();
  for (const order of orders) {
    const amount = amountOf(order);
    if (amount === null) continue;
    const currency = typeof order.properties.currency === 'string' ? order.properties.currency : null;
    sums.set(currency, (sums.get(currency) ?? 0) + amount);
  }
  const last = orders.reduce<string | null>((latest, one) => (latest === null || one.ts > latest ? one.ts : latest), null);
  return { orders: orders.length, amounts: [...sums].map(([currency, sum]) => ({ currency, sum: Math.round(sum * 100) / 100 })), last };
}
