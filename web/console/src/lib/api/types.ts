// Every shape the API speaks, by hand until src/generated/api.ts exists; only this file and client.ts know the wire.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Time = string;
export type Page<T> = { items: T[]; next?: string | null };

// ---------- conditions ----------
export type Scalar = string | number | boolean;
export type Test = { [op: string]: Json };
export type NamedTest = { name: string } & Test;
export type PropertyTest = { property: string } & Test;
export type Where = PropertyTest | { all: Where[] } | { any: Where[] } | { not: Where };
export type Since = { trait?: string; event?: string; which?: 'first' | 'last'; within?: string };
export type EventTest = {
  name: string;
  where?: Where;
  count?: Test;
  sum?: PropertyTest;
  avg?: PropertyTest;
  min?: PropertyTest;
  max?: PropertyTest;
  distinct?: PropertyTest;
  first?: PropertyTest;
  last?: PropertyTest;
  within?: string;
  between?: [string, string];
  since?: Since;
};
export type EventStep = { name: string; where?: Where };
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { event: EventTest }
  | { sequence: { steps: EventStep[]; within: string } }
  | { trait: NamedTest }
  | { tag: NamedTest }
  | { segment: string }
  | { consent: { purpose: string; channel?: string } }
  | { property: NamedTest };

// ---------- session ----------
export type User = { id: string; email: string; name?: string };
export type Workspace = { id: string; name: string; time_zone: string; currency?: string };
export type Session = { user: User; workspace: Workspace; permissions?: string[] };

// ---------- collection ----------
export type SourceKind = 'server' | 'web' | 'app' | 'import' | 'internal';
export type Source = { id: string; name: string; kind: SourceKind; write_key?: string; created_at: Time; last_event_at?: Time | null };
export type ApiKey = { id: string; name: string; permissions: string[]; created_at: Time; last_used_at?: Time | null; key?: string };
export type Outcome = 'stored' | 'duplicate' | 'quarantined' | 'withheld' | 'rejected';
export type LiveEvent = {
  id: string; name: string; kind: string; ts: Time; received_at: Time; source: string;
  person?: string | null; identifiers: { t: string; v: string }[]; properties: { [key: string]: Json };
  outcome: Outcome; reason?: string | null;
};
export type EventName = { name: string; count: number; last_at?: Time | null };
export type FactKind = 'text' | 'number' | 'boolean' | 'time' | 'list';
export type PropertyFact = { name: string; kinds: string[]; examples: Json[] };
export type OutcomeRow = { hour: Time; source: string; outcome: Outcome; reason?: string | null; count: number };
export type Outcomes = { items: OutcomeRow[]; totals: { [outcome: string]: number } };

// ---------- people ----------
export type Identifier = { type: string; value: string };
export type PersonLine = { id: string; name?: string | null; identifiers: Identifier[]; first_seen?: Time | null; last_seen?: Time | null; traits?: { [name: string]: Json } };
export type PersonRef = { id: string; name?: string | null; identifiers?: Identifier[] };
export type TraitValue = { value: Json; ts?: Time | null; source?: string | null };
export type Consent = { purpose: string; channel: string; granted: boolean; at: Time };
export type Person = {
  id: string; identifiers: Identifier[]; traits: { [name: string]: TraitValue }; first_seen?: Time | null; last_seen?: Time | null;
  segments: { id: string; name: string }[]; journeys: { id: string; name: string; state: string; node?: string | null }[];
  consents: Consent[]; deliveries_count: number;
};
export type TimelineEvent = { id: string; name: string; kind: string; ts: Time; source?: string | null; channel?: string | null; properties: { [key: string]: Json } };
export type IdentityLink = { a: Identifier | string; b: Identifier | string; evidence: { event_id: string; kind: string; identifiers: (Identifier | { t: string; v: string })[]; at: Time } };
export type Identity = { atoms: number; links: IdentityLink[]; refused: (IdentityLink & { reason?: string })[] };

// ---------- segments ----------
export type Segment = { id: string; name: string; description?: string | null; count: number; as_of?: Time | null; state: 'active' | 'archived'; created_at: Time; updated_at: Time };
export type History = { at: Time; actor: string; what: string; version?: number | null };
export type SegmentFull = Segment & { condition: Condition; version: number; history: History[] };
export type CountAnswer = { count: number; as_of: Time; sample: PersonLine[]; lines: { path: string; count: number }[] };
export type Member = { person: PersonRef; since: Time };
export type GrowthDay = { day: string; count: number; entered: number; left: number };
/** `node` is a condition or its kind; `path` points into the segment's condition. */
export type ExplainNode = { node?: Json; kind?: string; path?: string; holds?: boolean; verdict?: boolean; evidence?: Json; children?: ExplainNode[] };
export type Explanation = { holds: boolean; tree: ExplainNode };

// ---------- content ----------
export type Channel = 'email' | 'sms' | 'webhook';
export type TemplateLine = { id: string; name: string; channel: Channel; subject?: string | null; updated_at: Time };
export type TemplateBody = { name: string; channel: Channel; subject?: string; html?: string; text?: string; sms_template_code?: string; webhook_url?: string };
export type Template = TemplateBody & { id: string; updated_at: Time };
export type Rendered = { subject?: string | null; html?: string | null; text?: string | null };
export type Preview = Rendered & { warnings: { code: string; message: string; line?: number | null }[] };

// ---------- journeys ----------
export type NodeBase = { id: string; x?: number; y?: number; name?: string };
export type WaitNode = NodeBase & { type: 'wait'; for: string; next: string | null };
export type WaitUntilNode = NodeBase & { type: 'wait_until'; event: EventStep; timeout: string; next: string | null; on_timeout: string | null };
export type BranchNode = NodeBase & { type: 'branch'; branches: { name: string; condition: Condition; next: string | null }[]; otherwise: string | null };
export type SplitArm = { key: string; name: string; weight: number; control: boolean; next: string | null };
export type SplitNode = NodeBase & { type: 'split'; arms: SplitArm[] };
export type SendNode = NodeBase & { type: 'send'; channel: Channel; template: string; purpose: string; next: string | null };
export type ExitNode = NodeBase & { type: 'exit' };
export type PlanNode = WaitNode | WaitUntilNode | BranchNode | SplitNode | SendNode | ExitNode;
export type PlanEntry = { event: EventStep } | { segment: string; include_present?: boolean };
export type Plan = {
  entry: PlanEntry;
  reentry: 'never' | 'after_exit' | { after: string };
  goal: { event: EventStep; within: string; exit: boolean } | null;
  exit?: Condition[];
  nodes: PlanNode[];
  start: string | null;
};
export type JourneyState = 'draft' | 'running' | 'paused' | 'stopped';
export type JourneyLine = { id: string; name: string; state: JourneyState; version?: number | null; people_in: number; entered: number; converted: number; updated_at: Time };
export type Journey = { id: string; name: string; state: JourneyState; version?: number | null; draft: Plan; published: Plan | null; has_unpublished_changes: boolean; history: History[] };
export type Counts = { nodes: { [id: string]: { entered: number; in: number; left: number } }; edges: { [edge: string]: number }; arms?: { [key: string]: Json }; as_of: Time };
export type JourneyPerson = { person: PersonRef; version: number; node?: string | null; state: 'in' | 'done' | 'exited' | 'ejected'; entered_at: Time; waiting_for?: Json; until?: Time | null };
export type WayStep = { node: string; at: Time; what: string; reason?: string | null };
export type Way = { entries: { version: number; entered_at: Time; state: string; exit_reason?: string | null; steps: WayStep[] }[] };
export type ResultArm = { key: string; name: string; control: boolean; people: number; converted: number; rate: number; value?: string | null; currency?: string | null };
export type Comparison = { arm: string; difference: number; ci: [number, number]; confidence: number; p_value: number; lift?: number | null; significant: boolean; note?: string | null };
export type JourneyResult = { goal: { event: EventStep | string; window: string } | null; reached: number; arms: ResultArm[]; comparisons: Comparison[]; funnel: { step: string; label: string; people: number }[] };

// ---------- ledger ----------
export type DeliveryState = 'queued' | 'deferred' | 'attempting' | 'sent' | 'failed' | 'suppressed' | 'unknown';
export type Delivery = {
  id: string; person?: string | null; person_name?: string | null; to: string; channel: string; template?: string | null; template_name?: string | null;
  journey?: string | null; node?: string | null; state: DeliveryState; reason?: string | null;
  created_at: Time; sent_at?: Time | null; delivered_at?: Time | null; opened_at?: Time | null; clicked_at?: Time | null;
};
export type DeliveryFull = Delivery & { steps: { at: Time; what: string; reason?: string | null }[]; preview?: Rendered | null };
export type DeliverySummary = { by_state: { [state: string]: number }; by_reason: { reason: string; count: number }[]; by_channel: { [channel: string]: number } };
export type Cap = { channel: string; window: 'rolling' | 'calendar'; period: string; limit: number };
export type SendingSettings = {
  caps: Cap[]; quiet_hours: { from: string; to: string; channels: string[] } | null; default_time_zone: string;
  channels: { [channel: string]: { [key: string]: Json } };
};
export type BlacklistLine = { identifier_type: string; value: string; reason?: string | null; created_at?: Time | null; actor?: string | null };
export type SinkLine = { id: string; to: string; from: string; subject: string; at: Time };
export type SinkMessage = SinkLine & { html?: string | null; text?: string | null; headers?: { [name: string]: string } | [string, string][] };

// ---------- analytics ----------
export type FunnelQuestion = { steps: EventStep[]; within: string; from?: string; to?: string; segment?: string };
export type FunnelAnswer = { steps: { name: string; people: number; rate_from_first: number; rate_from_previous: number }[]; median_time_to_convert_ms?: number | null; as_of: Time };
export type TrendQuestion = { event: string; where?: Where; measure: 'count' | 'people'; interval: 'hour' | 'day' | 'week'; from: string; to: string };
export type TrendAnswer = { points: { at: Time; value: number }[] };
export type QueryAnswer = { columns: { name: string; kind: string }[]; rows: Json[][]; truncated: boolean };

// ---------- imports, audit, system ----------
export type ImportKind = 'orders' | 'events' | 'people' | 'things';
export type ImportWork = {
  id: string; kind: ImportKind; file: string; state: 'running' | 'done' | 'failed' | 'cancelled'; rows: number; total_rows?: number | null;
  accepted: number; rejected: number; skipped: number; created_at: Time; finished_at?: Time | null; error?: string | null;
};
export type ImportPreview = { columns: string[]; rows: Json[][]; suggested?: { [field: string]: string }; mapping?: { [field: string]: string }; suggested_mapping?: { [field: string]: string } };
export type AuditLine = { at: Time; actor: string; actor_name?: string | null; operation: string; target?: string | null };
export type SystemStatus = { version: string; position: number; lag: number; people: number; events: number; disk_bytes: number; uptime_ms: number; log: { failed?: string | boolean | null } };
export type Home = {
  people: number; events_today: number; events_per_minute: number[]; messages: { sent_today: number; suppressed_today: number; unknown: number };
  journeys: { id: string; name: string; people_in: number; lift?: number | null; p_value?: number | null }[];
};

// ---------- operations ----------
type Id = { id: string };
type ListQuery = { q?: string; limit?: number; cursor?: string };
type Nothing = { [key: string]: never };

export interface Operations {
  'GET /setup': { answer: { needed: boolean } };
  'POST /setup': { body: { token: string; workspace_name: string; time_zone: string; email: string; password: string }; answer: Session };
  'GET /session': { answer: Session };
  'POST /session': { body: { email: string; password: string }; answer: Session };
  'DELETE /session': { answer: Nothing };

  'GET /sources': { query: ListQuery; answer: Page<Source> };
  'POST /sources': { body: { name: string; kind: SourceKind }; answer: Source };
  'DELETE /sources/{id}': { path: Id; answer: Nothing };
  'GET /keys': { query: ListQuery; answer: Page<ApiKey> };
  'POST /keys': { body: { name: string; permissions: string[] }; answer: ApiKey };
  'DELETE /keys/{id}': { path: Id; answer: Nothing };

  'GET /events': { query: { name?: string; q?: string; person?: string; limit?: number }; answer: Page<LiveEvent> };
  'GET /events/names': { answer: Page<EventName> };
  'GET /events/properties': { query: { name: string }; answer: Page<PropertyFact> };
  'GET /outcomes': { query: { from?: string; to?: string; source?: string }; answer: Outcomes };

  'GET /people': { query: ListQuery & { identifier?: string }; answer: Page<PersonLine> };
  'GET /people/{id}': { path: Id; answer: Person };
  'GET /people/{id}/timeline': { path: Id; query: { limit?: number; cursor?: string; name?: string }; answer: Page<TimelineEvent> };
  'GET /people/{id}/identity': { path: Id; answer: Identity };
  'POST /people/{id}:consent': { path: Id; body: { purpose: string; channel: string; granted: boolean }; answer: Nothing };
  'GET /traits': { answer: Page<PropertyFact> };

  'GET /segments': { query: ListQuery; answer: Page<Segment> };
  'POST /segments': { body: { name: string; description?: string; condition: Condition }; answer: SegmentFull };
  'GET /segments/{id}': { path: Id; answer: SegmentFull };
  'PUT /segments/{id}': { path: Id; body: { name: string; description?: string; condition: Condition }; answer: SegmentFull };
  'POST /segments/{id}:archive': { path: Id; answer: SegmentFull };
  'POST /segments:count': { body: { condition: Condition }; answer: CountAnswer };
  'GET /segments/{id}/members': { path: Id; query: ListQuery; answer: Page<Member> };
  'GET /segments/{id}/growth': { path: Id; answer: Page<GrowthDay> };
  'POST /segments/{id}:explain': { path: Id; body: { person: string }; answer: Explanation };

  'GET /templates': { query: ListQuery; answer: Page<TemplateLine> };
  'POST /templates': { body: TemplateBody; answer: Template };
  'GET /templates/{id}': { path: Id; answer: Template };
  'PUT /templates/{id}': { path: Id; body: TemplateBody; answer: Template };
  'DELETE /templates/{id}': { path: Id; answer: Nothing };
  'POST /templates:preview': { body: { channel: Channel; subject?: string; html?: string; text?: string; person?: string; sample?: { [key: string]: Json } }; answer: Preview };
  'POST /templates/{id}:test': { path: Id; body: { to: string }; answer: { outcome: string } };

  'GET /journeys': { query: ListQuery; answer: Page<JourneyLine> };
  'POST /journeys': { body: { name: string; plan: Plan }; answer: Journey };
  'GET /journeys/{id}': { path: Id; answer: Journey };
  'PUT /journeys/{id}': { path: Id; body: { name: string; plan: Plan }; answer: Journey };
  'POST /journeys/{id}:publish': { path: Id; answer: Journey };
  'POST /journeys/{id}:pause': { path: Id; answer: Journey };
  'POST /journeys/{id}:resume': { path: Id; answer: Journey };
  'POST /journeys/{id}:stop': { path: Id; answer: Journey };
  'POST /journeys/{id}:duplicate': { path: Id; answer: Journey };
  'GET /journeys/{id}/counts': { path: Id; answer: Counts };
  'GET /journeys/{id}/people': { path: Id; query: ListQuery & { node?: string; state?: string }; answer: Page<JourneyPerson> };
  'GET /journeys/{id}/people/{person}': { path: { id: string; person: string }; answer: Way };
  'GET /journeys/{id}/result': { path: Id; answer: JourneyResult };
  'POST /journeys/{id}:simulate': { path: Id; body: { person: string }; answer: { steps: { node: string; what: string; reason?: string | null }[] } };

  'GET /deliveries': { query: ListQuery & { state?: string; channel?: string; journey?: string; person?: string; reason?: string; from?: string; to?: string }; answer: Page<Delivery> };
  'GET /deliveries/{id}': { path: Id; answer: DeliveryFull };
  'GET /deliveries/summary': { query: { from?: string; to?: string }; answer: DeliverySummary };
  'GET /settings/sending': { answer: SendingSettings };
  'PUT /settings/sending': { body: SendingSettings; answer: SendingSettings };
  'GET /blacklist': { query: ListQuery; answer: Page<BlacklistLine> };
  'POST /blacklist': { body: { identifier_type: string; value: string; reason: string }; answer: BlacklistLine };
  'DELETE /blacklist/{type}/{value}': { path: { type: string; value: string }; answer: Nothing };
  'GET /sink/messages': { query: ListQuery; answer: Page<SinkLine> };
  'GET /sink/messages/{id}': { path: Id; answer: SinkMessage };

  'POST /analytics/funnels:run': { body: FunnelQuestion; answer: FunnelAnswer };
  'POST /analytics/trends:run': { body: TrendQuestion; answer: TrendAnswer };
  'POST /query': { body: { sql: string }; answer: QueryAnswer };

  'GET /imports': { query: ListQuery; answer: Page<ImportWork> };
  'POST /imports': { body: FormData; answer: ImportWork };
  'GET /imports/{id}': { path: Id; answer: ImportWork };
  'POST /imports/{id}:cancel': { path: Id; answer: ImportWork };
  'POST /imports:preview': { body: FormData; answer: ImportPreview };

  'GET /audit': { query: ListQuery; answer: Page<AuditLine> };
  'GET /system': { answer: SystemStatus };
  'GET /home': { answer: Home };
}

export type OperationId = keyof Operations;
export type Answer<O extends OperationId> = Operations[O]['answer'];
export type QueryOf<O extends OperationId> = Operations[O] extends { query: infer Q } ? Q : never;
export type BodyOf<O extends OperationId> = Operations[O] extends { body: infer B } ? B : never;
export type PathOf<O extends OperationId> = Operations[O] extends { path: infer P } ? P : never;
