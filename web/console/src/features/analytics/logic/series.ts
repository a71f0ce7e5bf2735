// A series without holes: where nothing happened the server is silent, and the line must show nothing as nothing.
export type Interval = 'hour' | 'day' | 'week';
export type Point = { at: string; value: number };

const HOUR = 3_600_000;
const STEP: { [interval in Interval]: number } = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR };
/** Thursday, 1 January 1970: the first Monday lies three days before the next Monday. */
const MONDAY = 4 * 24 * HOUR;
const MOST = 5_000;

/** The beginning of the interval that holds a moment, as the server cuts them: in UTC, weeks on Mondays. */
export function cut(at: number, interval: Interval): number {
  const offset = interval === 'week' ? MONDAY : 0;
  return Math.floor((at - offset) / STEP[interval]) * STEP[interval] + offset;
}

export function wholeSeries(points: Point[], interval: Interval, from: string, to: string, now = Date.now()): Point[] {
  const end = Math.min(Date.parse(to), now);
  const first = cut(Date.parse(from), interval);
  if ((end - first) / STEP[interval] > MOST) return points;
  const known = new Map(points.map((one) => [Date.parse(one.at), one.value]));
  const whole: Point[] = [];
  for (let at = first; at < end; at += STEP[interval]) whole.push({ at: new Date(at).toISOString(), value: known.get(at) ?? 0 });
  // What lies in the future by a client's clock is not dropped.
  return [...whole, ...points.filter((one) => Date.parse(one.at) >= end)];
}
