// Every shape the API speaks: taken from what is generated where the server's document says it, by hand where it does not.
// contract.test.ts holds both against each other.
import type { Schemas } from './generated';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Time = string;
export type Page<T> = { items: T[]; next?: string };

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

// ---------- session, members, keys ----------
export type User = Schemas['UserView'];
export type Workspace = Schemas['WorkspaceView'];
/** A browser's session is always somebody's. */
export type Session = Schemas['SessionView'] & { user: User };
export type Role = Schemas['Role'];
export type RoleLine = Schemas['RoleView'];
export type Member = Schemas['MemberView'];
export type AddedMember = Schemas['AddedMember'];
export type ApiKey = Schemas['KeyView'];
export type CreatedKey = Schemas['CreatedKey'];

// ---------- collection ----------
export type SourceKind = Schemas['SourceKind'];
export type Source = Schemas['Source'];
export type Outcome = 'stored' | 'duplicate' | 'quarantined' | 'withheld' | 'rejected';
export type LiveEvent = {
  id: string; name: string; kind: string; ts: Time; received_at: Time; source: string; channel: string | null;
  person: string | null; identifiers: { t: string; v: string }[]; properties: { [key: string]: Json }; traits: { [key: string]: Json };
  outcome: Outcome; reason: string;
};
export type EventName = { name: string; count: number; last_at: Time };
export type ValueKind = Schemas['ValueKind'];
export type PropertyFact = { name: string; kinds: ValueKind[]; examples: Json[] };
export type OutcomeRow = { hour: Time; source: string; outcome: Outcome; reason?: string; count: number };
export type Outcomes = { items: OutcomeRow[]; totals: { [outcome: string]: number } };

// ---------- quality ----------
export type EventRule = Schemas['EventRule'];
export type TrackingPlan = { events: { [name: string]: EventRule }; refuse_unknown: boolean };
export type KeptEvent = Omit<LiveEvent, 'person' | 'outcome' | 'reason'>;
/** An event kept apart; `position` is where it stands in the log. */
export type Quarantined = { position: number; reason: string; event: KeptEvent };

// ---------- people ----------
export type Identifier = { type: string; value: string };
export type PersonLine = { id: string; name?: string | null; identifiers: Identifier[]; first_seen?: Time; last_seen?: Time; events?: number; traits?: { [name: string]: Json } };
export type PersonRef = { id: string; name?: string | null; identifiers?: Identifier[] };
export type TraitValue = { value: Json; ts: Time; source: string };
export type Person = Omit<Schemas['PersonView'], 'traits'> & { traits: { [name: string]: TraitValue } };
/** The last word said per purpose and channel; `*` is every channel. */
export type Consent = { purpose: string; channel: string; granted: boolean; at: Time; event_id: string; source: string };
export type PersonSegment = { id: string; name: string | null; since: Time | null };
export type PersonJourney = { id: string; name: string | null; state: string; node: string; entered_at: Time; arm: string | null };
export type TimelineEvent = { id: string; name: string; kind: string; ts: Time; source: string; channel?: string; properties: { [key: string]: Json } };
export type Evidence = { event_id: string; kind: string; identifiers: Identifier[]; at: Time };
export type IdentityLink = { a: Identifier | null; b: Identifier | null; evidence: Evidence };
export type RefusedLink = { reason: string; evidence: Evidence };
export type Identity = { atoms: number; links: IdentityLink[]; refused: RefusedLink[] };

// ---------- segments ----------
export type Segment = Omit<Schemas['SegmentView'], 'condition'> & { condition: Condition };
export type CountAnswer = Omit<Schemas['CountAnswer'], 'sample' | 'lines'> & { sample: PersonLine[]; lines: { path: string; count: number }[] };
export type SegmentMember = { person: PersonRef; since: Time | null };
export type GrowthDay = { day: Time; count: number; entered: number; left: number };
export type ExplainNode = { kind: string; path: string; verdict: boolean; evidence?: { [key: string]: Json }; children?: ExplainNode[] };
export type Explanation = { holds: boolean; as_of: Time; tree: ExplainNode };

// ---------- content ----------
export type Channel = Schemas['Channel'];
export type TemplateBody = Schemas['TemplateDraft'];
export type Template = Schemas['TemplateView'];
export type Rendered = { subject?: string | null; html?: string | null; text?: string | null; fields?: { [name: string]: string } };
export type TemplateWarning = { part: string; line: number; code: string; variable?: string; detail: string };
export type Preview = Rendered & { warnings: TemplateWarning[] };
export type TestOutcome = { outcome: 'accepted' | 'rejected' | 'unknown'; code?: string; detail?: string };

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
export type JourneyLine = { id: string; name: string; state: JourneyState; version: number; people_in: number; entered: number; converted: number; created_by: string; created_at: Time; updated_at: Time };
/** `what` is the operation, as in the audit. */
export type History = { at: Time; actor: string; actor_name?: string | null; what: string };
export type Journey = JourneyLine & { draft: Plan; published: Plan | null; has_unpublished_changes: boolean; history: History[] };
export type Counts = { nodes: { [id: string]: { entered: number; in: number; left: number } }; edges: { [edge: string]: number }; arms: { [key: string]: number }; entered: number; as_of: Time };
export type PlaceState = 'in' | 'done' | 'exited';
export type JourneyPerson = { person: PersonRef; version: number; node: string; state: PlaceState; entered_at: Time; until: Time | null; arm: string | null; converted_at: Time | null; exit_reason: string | null };
export type WayStep = { node: string; at: Time; what: string; reason: string };
export type WayEntry = { entry: number; version: number; state: PlaceState; node: string; entered_at: Time; reason: string; arm: string | null; until: Time | null; converted_at: Time | null; value: string | null; exit_reason: string | null; steps: WayStep[] };
export type Way = { entries: WayEntry[] };
/** The way through the draft, and last of all how many messages it would have asked for. */
export type Simulation = { steps: WayStep[] };
export type Estimate = { would_enter_now: number; members: number; as_of: Time };
export type ResultArm = { key: string; name: string; control: boolean; people: number; converted: number; rate: number | null; value: string; currency: string };
/** Shares: 0.02 is two points. Nothing is said while a group is empty. */
export type Comparison = { arm: string; difference: number | null; ci: [number, number] | null; confidence: number; p_value: number | null; lift: number | null; significant: boolean; note?: string };
export type JourneyResult = {
  goal: { event: EventStep; window: string } | null; entered: number; reached: number; converted: number;
  arms: ResultArm[]; comparisons: Comparison[]; funnel: { step: string; people: number }[]; as_of: Time;
};

// ---------- ledger ----------
export type DeliveryState = 'queued' | 'deferred' | 'attempting' | 'sent' | 'failed' | 'suppressed' | 'unknown';
export type Delivery = {
  id: string; person: string; person_name: string | null; to: string; channel: string; template: string; purpose: string;
  journey: string | null; node: string | null; state: DeliveryState; reason: string; attempts: number;
  created_at: Time; due: Time | null; sent_at: Time | null; delivered_at: Time | null; opened_at: Time | null; clicked_at: Time | null;
};
export type DeliveryFull = Delivery & { steps: { at: Time; what: string; reason: string }[]; preview: Rendered | null };
export type DeliverySummary = { by_state: { [state: string]: number }; by_reason: { state: string; reason: string; count: number }[]; by_channel: { [channel: string]: number }; total: number };
export type Cap = Required<Schemas['Cap']>;
export type QuietHours = Required<Schemas['QuietHours']>;
export type Provider = { kind: string; config: { [key: string]: Json } };
export type SendingSettings = { caps: Cap[]; quiet_hours: QuietHours | null; needs_consent: boolean; providers: { [channel: string]: Provider } };
export type BlacklistLine = { identifier_type: string; value: string; reason: string; at: Time };
export type SinkLine = { id: string; to: string; from: string; subject: string; at: Time };
export type SinkMessage = SinkLine & { html?: string | null; text?: string | null; headers?: { [name: string]: string } | [string, string][] };

// ---------- analytics ----------
export type FunnelQuestion = { steps: EventStep[]; within: string; from?: string; to?: string; segment?: string };
export type FunnelAnswer = Schemas['FunnelAnswer'];
export type TrendQuestion = { event: EventStep; measure: Schemas['Measure']; interval: Schemas['Interval']; from: string; to: string; segment?: string };
export type TrendAnswer = Schemas['TrendAnswer'];
export type QueryAnswer = { columns: { name: string; kind: string }[]; rows: Json[][]; truncated: boolean };

// ---------- imports, audit, system ----------
export type ImportKind = Schemas['Kind'];
export type ImportWork = Schemas['Import'];
export type ImportPreview = Schemas['ImportPreview'];
export type AuditLine = Schemas['AuditEntry'];
export type AuditDetail = Schemas['AuditEntryDetail'];
export type AuditVerdict = Schemas['Verdict'];
export type SystemStatus = {
  version: string; position: number; lag: number; is_live: boolean; people: number;
  log: { first: number; next: number; failed: string | null }; lake_marker: number | null; state_bytes: number; uptime_ms: number;
};
export type Home = {
  people: number; events_today: number; events_per_minute: number[];
  /** Since the beginning. */
  messages: { sent: number; suppressed: number; failed: number; unknown: number; waiting: number };
  /** Those touched last, at most five. */
  journeys: JourneyLine[];
};

// ---------- operations ----------
type Id = { id: string };
type ListQuery = { q?: string; limit?: number; cursor?: string };
type Nothing = object;
type JourneyDraft = { name: string; plan: Plan };
type SegmentDraft = { name: string; description?: string; condition: Condition };

export interface Operations {
  'GET /setup': { answer: Schemas['SetupState'] };
  'POST /setup': { body: Schemas['Setup']; answer: Session };
  'GET /session': { answer: Session };
  'POST /session': { body: Schemas['SignIn']; answer: Session };
  'DELETE /session': { answer: Nothing };
  'PUT /session/password': { body: Schemas['NewPassword']; answer: Session };
  'PUT /workspace': { body: Schemas['WorkspaceChange']; answer: Workspace };
  'GET /members': { query: ListQuery; answer: Page<Member> };
  'POST /members': { body: Schemas['NewMember']; answer: AddedMember };
  'PUT /members/{id}': { path: Id; body: Schemas['NewRole']; answer: Member };
  'DELETE /members/{id}': { path: Id; answer: Nothing };
  'GET /roles': { answer: { items: RoleLine[] } };

  'GET /sources': { query: ListQuery; answer: Page<Source> };
  'POST /sources': { body: Schemas['NewSource']; answer: Source };
  'DELETE /sources/{id}': { path: Id; answer: Source };
  'GET /keys': { query: ListQuery; answer: Page<ApiKey> };
  'POST /keys': { body: Schemas['NewKey']; answer: CreatedKey };
  'DELETE /keys/{id}': { path: Id; answer: Nothing };

  'GET /events': { query: { name?: string; q?: string; person?: string; limit?: number }; answer: Page<LiveEvent> };
  'GET /events/names': { answer: Page<EventName> };
  'GET /events/properties': { query: { name: string }; answer: Page<PropertyFact> };
  'GET /outcomes': { query: { from?: string; to?: string; source?: string }; answer: Outcomes };
  'GET /tracking-plan': { answer: TrackingPlan };
  'PUT /tracking-plan': { body: TrackingPlan; answer: TrackingPlan };
  'GET /quality/quarantine': { query: ListQuery & { reason?: string }; answer: Page<Quarantined> };
  'POST /quality/quarantine:retry': { body: { positions: number[] } | { all: true }; answer: { retried: number } };

  'GET /people': { query: ListQuery & { identifier?: string }; answer: Page<PersonLine> };
  'GET /people/{id}': { path: Id; answer: Person };
  'GET /people/{id}/timeline': { path: Id; query: { limit?: number; cursor?: string; name?: string }; answer: Page<TimelineEvent> };
  'GET /people/{id}/identity': { path: Id; answer: Identity };
  'GET /people/{id}/segments': { path: Id; answer: Page<PersonSegment> };
  'GET /people/{id}/journeys': { path: Id; answer: Page<PersonJourney> };
  'GET /people/{id}/consents': { path: Id; answer: Page<Consent> };
  'POST /people/{id}:consent': { path: Id; body: Schemas['ConsentChange']; answer: Nothing };
  'GET /traits': { answer: Page<PropertyFact> };

  'GET /segments': { query: ListQuery; answer: Page<Segment> };
  'POST /segments': { body: SegmentDraft; answer: Segment };
  'GET /segments/{id}': { path: Id; answer: Segment };
  'PUT /segments/{id}': { path: Id; body: SegmentDraft; answer: Segment };
  'POST /segments/{id}:archive': { path: Id; answer: Segment };
  'POST /segments:count': { body: { condition: Condition }; answer: CountAnswer };
  'GET /segments/{id}/members': { path: Id; query: ListQuery; answer: Page<SegmentMember> };
  'GET /segments/{id}/growth': { path: Id; answer: Page<GrowthDay> };
  'POST /segments/{id}:explain': { path: Id; body: { person: string }; answer: Explanation };

  'GET /templates': { query: ListQuery; answer: Page<Template> };
  'POST /templates': { body: TemplateBody; answer: Template };
  'GET /templates/{id}': { path: Id; answer: Template };
  'PUT /templates/{id}': { path: Id; body: TemplateBody; answer: Template };
  'DELETE /templates/{id}': { path: Id; answer: Nothing };
  'POST /templates:preview': { body: Schemas['PreviewRequest']; answer: Preview };
  'POST /templates/{id}:test': { path: Id; body: { to: string }; answer: TestOutcome };

  'GET /journeys': { query: ListQuery; answer: Page<JourneyLine> };
  'POST /journeys': { body: JourneyDraft; answer: Journey };
  'GET /journeys/{id}': { path: Id; answer: Journey };
  'PUT /journeys/{id}': { path: Id; body: JourneyDraft; answer: Journey };
  'POST /journeys/{id}:publish': { path: Id; answer: Journey };
  'POST /journeys/{id}:pause': { path: Id; answer: Journey };
  'POST /journeys/{id}:resume': { path: Id; answer: Journey };
  'POST /journeys/{id}:stop': { path: Id; answer: Journey };
  'POST /journeys/{id}:duplicate': { path: Id; answer: Journey };
  'POST /journeys/{id}:estimate': { path: Id; answer: Estimate };
  'POST /journeys/{id}:simulate': { path: Id; body: Schemas['SimulateRequest']; answer: Simulation };
  'GET /journeys/{id}/counts': { path: Id; answer: Counts };
  'GET /journeys/{id}/people': { path: Id; query: { node?: string; state?: string; limit?: number; cursor?: string }; answer: Page<JourneyPerson> };
  'GET /journeys/{id}/people/{person}': { path: { id: string; person: string }; answer: Way };
  'GET /journeys/{id}/result': { path: Id; answer: JourneyResult };

  'GET /deliveries': { query: { state?: string; channel?: string; journey?: string; person?: string; reason?: string; from?: string; to?: string; limit?: number; cursor?: string }; answer: Page<Delivery> };
  'GET /deliveries/{id}': { path: Id; answer: DeliveryFull };
  'GET /deliveries/summary': { answer: DeliverySummary };
  'GET /settings/sending': { answer: SendingSettings };
  'PUT /settings/sending': { body: SendingSettings; answer: SendingSettings };
  'GET /blacklist': { query: ListQuery; answer: Page<BlacklistLine> };
  'POST /blacklist': { body: Schemas['BlacklistEntry']; answer: Nothing };
  'DELETE /blacklist/{identifier_type}/{value}': { path: { identifier_type: string; value: string }; answer: Nothing };
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

  'GET /audit': { query: ListQuery & { actor?: string; operation?: string; target?: string; from?: string; to?: string }; answer: Page<AuditLine> };
  'GET /audit/{id}': { path: Id; answer: AuditDetail };
  'POST /audit:verify': { answer: AuditVerdict };
  'GET /system': { answer: SystemStatus };
  'GET /home': { answer: Home };
}

export type OperationId = keyof Operations;
export type Answer<O extends OperationId> = Operations[O]['answer'];
export type QueryOf<O extends OperationId> = Operations[O] extends { query: infer Q } ? Q : never;
export type BodyOf<O extends OperationId> = Operations[O] extends { body: infer B } ? B : never;
export type PathOf<O extends OperationId> = Operations[O] extends { path: infer P } ? P : never;
