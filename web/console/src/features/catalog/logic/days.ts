// Figures of a thing as one point for each day, also for days on which nothing happened.
import type { Thing } from '../../../lib/api';

const DAY = 86_400_000;

export function everyDay(figures: Thing['figures'], event: string, measure: 'events' | 'quantity' | 'amount'): { day: string; value: number }[] {
  const said = new Map(figures.days.filter((one) => one.event === event).map((one) => [one.day, Number(one[measure])]));
  // A year of nothing before the first event is no picture.
  const first = figures.days[0]?.day ?? figures.to;
  const to = Date.parse(figures.to);
  const from = Math.max(Date.parse(figures.from), Math.min(Date.parse(first), to - 6 * DAY));
  const points: { day: string; value: number }[] = [];
  for (let at = from; at <= to; at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    points.push({ day, value: said.get(day) ?? 0 });
  }
  return points;
}
