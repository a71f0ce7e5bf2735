// Trees of lines joined by all, any and not, whatever a line says. Edits go by JSON pointer and are pure, so that undo is only keeping the last one.

export type Group<N> = { all: N[] } | { any: N[] };

export function kind(node: object): string {
  return Object.keys(node)[0]!;
}
export function isGroup<N extends object>(node: N): node is N & Group<N> {
  return 'all' in node || 'any' in node;
}
export function children<N>(group: Group<N>): N[] {
  return 'all' in group ? group.all : group.any;
}
export function withChildren<N extends object>(group: Group<N>, next: N[]): N & Group<N> {
  return ('all' in group ? { all: next } : { any: next }) as N & Group<N>;
}
/** What a `not` wraps, or the node itself. */
export function bare<N extends object>(node: N): { node: N; negated: boolean } {
  return 'not' in node ? { node: node.not as N, negated: true } : { node, negated: false };
}
export function denied<N extends object>(node: N): N {
  return { not: node } as N;
}
export function negate<N extends object>(node: N): N {
  const { node: inner, negated } = bare(node);
  return negated ? inner : denied(node);
}

/** A builder always shows a group at the top; what is none is put into one. */
export function rooted<N extends object>(node: N): N & Group<N> {
  return isGroup(node) ? node : ({ all: [node] } as N & Group<N>);
}

/** `/all/0/not/any/2` → its parts; the root is ''. */
export function parts(path: string): string[] {
  return path === '' ? [] : path.slice(1).split('/');
}

export function at<N extends object>(tree: N, path: string): N | undefined {
  let here: unknown = tree;
  for (const part of parts(path)) {
    if (here === null || typeof here !== 'object') return undefined;
    here = (here as Record<string, unknown>)[part];
  }
  return here as N | undefined;
}

export function replace<N extends object>(tree: N, path: string, next: N): N {
  return put(tree, parts(path), next) as N;
}

function put(here: unknown, path: string[], next: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return next;
  if (Array.isArray(here)) return here.map((member, i) => (String(i) === first ? put(member, rest, next) : member));
  const object = here as Record<string, unknown>;
  return { ...object, [first]: put(object[first], rest, next) };
}

/** The group a line stands in, and its place there. A path that ends in a group's list index. */
function place(path: string): { list: string[]; index: number } {
  const all = parts(path);
  return { list: all.slice(0, -1), index: Number(all[all.length - 1]) };
}

function editList<N extends object>(tree: N, list: string[], edit: (members: N[]) => N[]): N {
  const members = at(tree, list.length ? `/${list.join('/')}` : '') as unknown as N[];
  return put(tree, list, edit(members)) as N;
}

export function remove<N extends object>(tree: N, path: string): N {
  const { list, index } = place(path);
  return editList(tree, list, (members) => members.filter((_, i) => i !== index));
}

/** Adds a line at the end of the group at `path` (which may be wrapped in `not`: give the group's own path). */
export function append<N extends object>(tree: N, groupPath: string, node: N): N {
  const group = at(tree, groupPath);
  if (!group || !isGroup(group)) return tree;
  return replace(tree, groupPath, withChildren<N>(group, [...children<N>(group), node]));
}

export function insertAfter<N extends object>(tree: N, path: string, node: N): N {
  const { list, index } = place(path);
  return editList(tree, list, (members) => [...members.slice(0, index + 1), node, ...members.slice(index + 1)]);
}

export function move<N extends object>(tree: N, path: string, by: -1 | 1): N {
  const { list, index } = place(path);
  return editList(tree, list, (members) => {
    const to = index + by;
    if (to < 0 || to >= members.length) return members;
    const next = [...members];
    [next[index], next[to]] = [next[to]!, next[index]!];
    return next;
  });
}

/** Puts a line into a group of its own, of the other kind than its parent. */
export function wrap<N extends object>(tree: N, path: string): N {
  const node = at(tree, path);
  if (!node) return tree;
  const { list } = place(path);
  return replace(tree, path, (list[list.length - 1] === 'all' ? { any: [node] } : { all: [node] }) as N);
}

/** Takes a group apart: its lines move up to where it stood. */
export function unwrap<N extends object>(tree: N, path: string): N {
  const node = at(tree, path);
  if (!node || !isGroup(node)) return tree;
  const { list, index } = place(path);
  return editList(tree, list, (members) => [...members.slice(0, index), ...children<N>(node), ...members.slice(index + 1)]);
}

export function switchJoin<N extends object>(group: Group<N>): N {
  return ('all' in group ? { any: group.all } : { all: group.any }) as N;
}

/** How many lines say something. */
export function size(tree: object): number {
  const { node } = bare(tree);
  return isGroup(node) ? children<object>(node).reduce<number>((sum, child) => sum + size(child), 0) : 1;
}

// ---------- what is still missing ----------

export type Fault = 'event' | 'name' | 'value' | 'segment' | 'property' | 'span' | 'steps' | 'empty' | 'dates';

/** Each line that is not complete, by its path: the reason to show beside it. */
export function faultsOf<N extends object>(tree: N, ofLine: (line: N) => Fault | null, path = ''): { [path: string]: Fault } {
  const { node, negated } = bare(tree);
  if (negated) {
    // A denied line shows its fault where the line is.
    const inner = faultsOf(node, ofLine, `${path}/not`);
    return Object.fromEntries(Object.entries(inner).map(([where, what]) => [where === `${path}/not` ? path : where, what]));
  }
  if (isGroup(node)) {
    const list = children<N>(node);
    if (list.length === 0 && path !== '') return { [path]: 'empty' };
    return Object.assign({}, ...list.map((child, i) => faultsOf(child, ofLine, `${path}/${kind(node)}/${i}`))) as { [path: string]: Fault };
  }
  const fault = ofLine(node);
  return fault ? { [path]: fault } : {};
}
