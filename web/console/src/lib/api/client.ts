// The one way to the server: typed calls, problems as values, and a request that waits while somebody signs in again.
import type { Answer, BodyOf, OperationId, PathOf, QueryOf } from './types';

const BASE = '/api/v1';

type Options<O extends OperationId> = {
  signal?: AbortSignal;
} & ([PathOf<O>] extends [never] ? unknown : { path: PathOf<O> }) &
  ([QueryOf<O>] extends [never] ? unknown : { query?: QueryOf<O> }) &
  ([BodyOf<O>] extends [never] ? unknown : { body: BodyOf<O> });

type Rest<O extends OperationId> = object extends Options<O> ? [options?: Options<O>] : [options: Options<O>];

/** A failure the server (or the way to it) described: shown by code, quoted by trace id. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: string,
    readonly fields: { [field: string]: string } = {},
    readonly params: { [name: string]: string | number } = {},
    readonly trace?: string,
  ) {
    super(code);
    this.name = 'Problem';
  }
}

/** Asked when a call meets 401: resolves once somebody has signed in again. */
type Gatekeeper = () => Promise<void>;
let gatekeeper: Gatekeeper | null = null;
export function onSessionLost(keeper: Gatekeeper | null): void {
  gatekeeper = keeper;
}

export async function call<O extends OperationId>(operation: O, ...rest: Rest<O>): Promise<Answer<O>> {
  const options = (rest[0] ?? {}) as { path?: Record<string, string>; query?: Record<string, unknown>; body?: unknown; signal?: AbortSignal };
  const [method, template] = operation.split(' ') as [string, string];
  const ask = () => send(method, url(template, options.path, options.query), options.body === undefined ? undefined : options.body, options.signal);
  let response = await ask();
  if (response.status === 401 && gatekeeper && !operation.endsWith('/session') && !operation.endsWith('/setup')) {
    await gatekeeper();
    response = await ask();
  }
  return (await read(response)) as Answer<O>;
}

export function url(template: string, path: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(path[key] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return BASE + filled + (text ? `?${text}` : '');
}

async function send(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Weft-Console'] = '1';
  let payload: BodyInit | undefined;
  if (body instanceof FormData) payload = body;
  else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    payload = JSON.stringify(body);
  }
  try {
    return await fetch(address, { method, headers, body: payload, signal, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem('console.unreachable', 0, String(error));
  }
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) {
    try {
      return text ? JSON.parse(text) : {};
    } catch {
      throw new Problem('console.answer_unreadable', response.status, text.slice(0, 200));
    }
  }
  let problem: Record<string, unknown> = {};
  try {
    problem = JSON.parse(text) as Record<string, unknown>;
  } catch {
    problem = { detail: text.slice(0, 300) };
  }
  throw new Problem(
    typeof problem.code === 'string' ? problem.code : `http.${response.status}`,
    response.status,
    String(problem.detail ?? problem.title ?? ''),
    (problem.fields ?? {}) as { [field: string]: string },
    (problem.params ?? {}) as { [name: string]: string },
    (problem.trace_id as string | undefined) ?? response.headers.get('x-trace-id') ?? undefined,
  );
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('console.broken', 0, error instanceof Error ? error.message : String(error));
}
