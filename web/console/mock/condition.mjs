// Judges a condition on a mock person: enough of the language for believable counts.
const UNIT = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
export const span = (text) => [...String(text).matchAll(/(\d+)([smhdw])/g)].reduce((sum, [, n, u]) => sum + Number(n) * UNIT[u], 0);
const moment = (text, now) => (/^[+-]\d/.test(text) ? now + (text[0] === '-' ? -1 : 1) * span(text.slice(1)) : Date.parse(text));

export function test(value, tests, now) {
  return Object.entries(tests).every(([op, operand]) => {
    if (op === 'name' || op === 'property') return true;
    const missing = value === undefined || value === null;
    if (op === 'exists') return operand !== missing;
    if (missing) return false;
    const numeric = typeof value === 'number';
    const cast = (one) => (numeric ? Number(one) : one);
    switch (op) {
      case 'eq': return value === cast(operand);
      case 'ne': return value !== cast(operand);
      case 'in': return operand.map(cast).includes(value);
      case 'nin': return !operand.map(cast).includes(value);
      case 'gt': return value > cast(operand);
      case 'gte': return value >= cast(operand);
      case 'lt': return value < cast(operand);
      case 'lte': return value <= cast(operand);
      case 'between': return value >= cast(operand[0]) && value <= cast(operand[1]);
      case 'contains': return String(value).includes(operand);
      case 'starts_with': return String(value).startsWith(operand);
      case 'matches': return new RegExp(operand).test(String(value));
      case 'before': return Date.parse(value) < moment(operand, now);
      case 'after': return Date.parse(value) > moment(operand, now);
      default: return false;
    }
  });
}

export function where(event, filter, now) {
  if (!filter) return true;
  if (filter.property) return test(event.properties[filter.property], filter, now);
  if (filter.all) return filter.all.every((one) => where(event, one, now));
  if (filter.any) return filter.any.some((one) => where(event, one, now));
  return !where(event, filter.not, now);
}

function events(person, node, now) {
  let from = -Infinity;
  let to = now + 1;
  if (node.within) from = now - span(node.within);
  if (node.between) [from, to] = node.between.map((one) => moment(one, now));
  if (node.since) {
    const own = node.since.event ? person.events.filter((e) => e.name === node.since.event) : [];
    const anchor = node.since.trait ? Date.parse(person.traits[node.since.trait]) : (node.since.which === 'first' ? own[0] : own.at(-1))?.at;
    if (!anchor) return [];
    from = anchor;
    if (node.since.within) to = anchor + span(node.since.within);
  }
  return person.events.filter((e) => (node.name === '*' || e.name === node.name) && e.at > from && e.at < to && where(e, node.where, now));
}

export function holds(person, node, world) {
  const now = Date.now();
  const [kind, inner] = Object.entries(node)[0];
  switch (kind) {
    case 'all': return inner.every((one) => holds(person, one, world));
    case 'any': return inner.length === 0 || inner.some((one) => holds(person, one, world));
    case 'not': return !holds(person, inner, world);
    case 'event': {
      const found = events(person, inner, now);
      if (inner.count) return test(found.length, inner.count, now);
      for (const fn of ['sum', 'avg', 'min', 'max', 'distinct', 'first', 'last']) {
        if (!inner[fn]) continue;
        const values = found.map((e) => e.properties[inner[fn].property]).filter((v) => v !== undefined);
        const sum = values.reduce((a, b) => a + Number(b), 0);
        const value = { sum, avg: values.length ? sum / values.length : undefined, min: values.length ? Math.min(...values) : undefined, max: values.length ? Math.max(...values) : undefined, distinct: new Set(values).size, first: values[0], last: values.at(-1) }[fn];
        return test(value, inner[fn], now);
      }
      return found.length > 0;
    }
    case 'sequence': {
      const starts = events(person, inner.steps[0], now);
      return starts.some((start) => {
        let at = start.at;
        return inner.steps.slice(1).every((step) => {
          const next = person.events.find((e) => e.at > at && e.name === step.name && e.at - start.at <= span(inner.within) && where(e, step.where, now));
          if (!next) return false;
          at = next.at;
          return true;
        });
      });
    }
    case 'trait': return test(person.traits[inner.name], inner, now);
    case 'tag': return test(person.tags?.[inner.name], inner, now);
    case 'segment': {
      const segment = world.segments.find((one) => one.id === inner);
      return segment ? holds(person, segment.condition, world) : false;
    }
    case 'consent': return person.consents.some((one) => one.purpose === inner.purpose && one.granted && (!inner.channel || one.channel === inner.channel || one.channel === '*'));
    default: return false;
  }
}

export function explain(person, node, world, path = '') {
  const [kind, inner] = Object.entries(node)[0];
  const result = { node, holds: holds(person, node, world), children: [] };
  if (kind === 'all' || kind === 'any') result.children = inner.map((one, i) => explain(person, one, world, `${path}/${kind}/${i}`));
  if (kind === 'not') result.children = [explain(person, inner, world, `${path}/not`)];
  if (kind === 'event') {
    const found = events(person, inner, Date.now());
    result.evidence = { kind: 'events', count: found.length, outcome: null, latest: found.at(-1)?.at ?? null };
  }
  if (kind === 'trait') result.evidence = { kind: 'value', value: person.traits[inner.name] ?? null };
  return result;
}

/** Every line of the tree with its path. */
export function lines(node, path = '', list = []) {
  const [kind, inner] = Object.entries(node)[0];
  if (path) list.push({ path, node });
  if (kind === 'all' || kind === 'any') inner.forEach((one, i) => lines(one, `${path}/${kind}/${i}`, list));
  if (kind === 'not') lines(inner, `${path}/not`, list);
  return list;
}

/** What is wrong with a tree, by path. */
export function faults(node, path = '') {
  const [kind, inner] = Object.entries(node ?? {})[0] ?? [];
  if (!kind) return { [path]: 'an empty object is no condition' };
  if (kind === 'all' || kind === 'any') return Object.assign({}, ...inner.map((one, i) => faults(one, `${path}/${kind}/${i}`)));
  if (kind === 'not') return faults(inner, `${path}/not`);
  if ((kind === 'event' || kind === 'trait' || kind === 'tag') && !inner.name) return { [`${path}/${kind}/name`]: 'the name is empty' };
  return {};
}
