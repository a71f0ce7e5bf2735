// Every shape the API speaks: taken from what is generated where the server's document says it, by hand where it does not.
// contract.test.ts holds both against each other.
import type { Schemas, ServerOperations } from './generated';
import type { Thing, ThingDraft, ThingLine, ThingSaid, ThingTag, ThingTagDraft, ThingTagRule, ThingTagSurvey, ThingTagTemplate, ThingType, ThingTypeSettings, ThingsImported } from './catalog';
import type { Draft as ModelDraft, FeatureLine, Model, Run as ModelRun, RunLine as ModelRunLine } from './models';
import type { PortraitResult } from './portraits';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Values = { [name: string]: Json };
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
/** What of an event the document leaves open. */
type EventContent = { identifiers: { t: string; v: string }[]; properties: Values; traits: Values };
/** An event as it was sent. */
export type SentEvent = Omit<Schemas['Event'], keyof EventContent> & EventContent;
export type LiveEvent = SentEvent & Omit<Schemas['LiveEvent'], keyof SentEvent | 'outcome'> & { outcome: Outcome };
export type EventName = Schemas['EventName'];
export type ValueKind = Schemas['ValueKind'];
export type PropertyFact = Schemas['PropertyUse'];
export type OutcomeRow = { hour: Time; source: string; outcome: Outcome; reason?: string; count: number };
export type Outcomes = { items: OutcomeRow[]; totals: { [outcome: string]: number } };

// ---------- quality ----------
export type EventRule = Schemas['EventRule'];
export type TrackingPlan = Required<Schemas['Plan']>;
/** An event kept apart; `position` is where it stands in the log. */
export type Quarantined = Omit<Schemas['Quarantined'], 'event'> & { event: SentEvent };

// ---------- people ----------
export type Identifier = Schemas['IdentifierBrief'];
export type PersonLine = Omit<Schemas['PersonLine'], 'traits'> & { traits: Values };
export type PersonBrief = Schemas['PersonBrief'];
export type TraitValue = Omit<Schemas['TraitView'], 'value'> & { value: Json };
export type TraitTelling = Omit<Schemas['TraitTelling'], 'value'> & { value: Json };
export type TraitRule = Required<Schemas['TraitRule']>;
export type TraitRules = { traits: { [name: string]: TraitRule } };
export type Person = Omit<Schemas['PersonView'], 'traits'> & { traits: { [name: string]: TraitValue } };
export type Consent = Schemas['Consent'];
export type PersonSegment = Schemas['PersonSegment'];
export type PersonJourney = Schemas['PersonJourney'];
export type TimelineEvent = Omit<Schemas['Happened'], 'properties'> & { properties: Values };
export type Evidence = Omit<Schemas['EvidenceView'], 'detail'> & { detail: { cause?: string; reason?: string; by?: string } };
export type IdentityLink = Omit<Schemas['LinkView'], 'evidence'> & { evidence: Evidence };
export type RefusedLink = Omit<Schemas['RefusedLink'], 'evidence'> & { evidence: Evidence };
export type IdentityNode = Schemas['NodeView'];
export type ApartPair = Omit<Schemas['ApartView'], 'cut'> & { cut?: Evidence | null };
export type Identity = { identifiers: IdentityNode[]; links: IdentityLink[]; refused: RefusedLink[]; apart: ApartPair[] };
export type PersonPart = Schemas['PersonPart'];
export type DuplicatePair = Omit<Schemas['DuplicatePair'], 'values'> & { values: { [comparison: string]: [string, string] } };
export type Regrouping = Schemas['Regrouping'];
export type IdType = Required<Schemas['IdType']>;
export type IdentityRules = Omit<Schemas['IdentityRules'], 'types'> & { types: IdType[] };

// ---------- tags ----------
export type TagValue = Omit<Schemas['TagValue'], 'condition'> & { condition: Condition };
export type TagStatistic = Omit<Schemas['Statistic'], 'event'> & { event: { name: string; within?: string } & Values };
/** What people were said to be, by a model or by hand; any text where no values are named. */
export type TagAssigned = { by: 'model' | 'hand'; values?: { value: string; label?: string }[] | null };
export type TagRule = { values?: TagValue[]; otherwise?: string; statistic?: TagStatistic; assigned?: TagAssigned; refresh?: Schemas['TagRefresh'] };
export type Tag = Omit<Schemas['TagView'], 'rule'> & { rule: TagRule };
export type TagTemplate = Omit<Schemas['TagTemplate'], 'rule'> & { rule: TagRule };
export type TagDistribution = Omit<Schemas['TagDistribution'], 'numbers' | 'values'> & { numbers: { [at: string]: string }; values: { value: Json; count: number }[] };
export type TagPerson = Omit<Schemas['TagPerson'], 'value'> & { value: Json };
export type PersonTag = Omit<Schemas['PersonTag'], 'value'> & { value: Json };
export type TagAssignment = Schemas['TagAssignment'];
export type TagUse = Omit<Schemas['TagUse'], 'kind'> & { kind: 'segment' | 'tag' | 'model' | 'journey' };
/** What becomes of the values: how many of those who had one did it in the days after. */
export type TagOutcome = Schemas['TagOutcome'];
export type TagScorePart = Omit<Schemas['TagScorePart'], 'part'> & { part: 'coverage' | 'usage' | 'freshness' | 'discrimination' | 'marketing' };
export type TagEvaluation = Omit<Schemas['TagEvaluation'], 'used_by' | 'parts'> & { used_by: TagUse[]; parts: TagScorePart[] };
type TagBody = { title: string; category: string; description?: string; rule: TagRule };

// ---------- segments ----------
/** A list has members put in by hand, a sample has them by lot; neither has a condition. */
export type Segment = Omit<Schemas['SegmentView'], 'condition' | 'kind'> & { kind: 'rule' | 'list' | 'sample'; condition?: Condition | null };
export type Sharing = Segment['sharing'];
export type SegmentSample = Schemas['SegmentSample'];
export type Pool = NonNullable<Segment['pool']>;
export type MembersAnswer = Schemas['ListChanged'];
export type Overlap = Schemas['Overlap'];
export type Region = Schemas['OverlapRegion'];
export type Pair = Schemas['OverlapPair'];
export type CountAnswer = Schemas['CountAnswer'];
export type SegmentMember = Schemas['SegmentMember'];
export type GrowthDay = Schemas['GrowthDay'];
export type ExplainNode = { kind: string; path: string; verdict: boolean; evidence?: Values; children?: ExplainNode[] };
export type PortraitState = 'running' | 'done' | 'failed' | 'cancelled';
export type PortraitProgress = Omit<Schemas['Progress'], 'stage'> & { stage: 'reading' | 'comparing' };
export type PortraitLine = Omit<Schemas['Portrait'], 'result' | 'condition' | 'state' | 'progress'> & { condition?: Condition | null; state: PortraitState; progress?: PortraitProgress | null };
export type Portrait = PortraitLine & { result?: PortraitResult | null };
export type Explanation = Omit<Schemas['SegmentExplanation'], 'tree'> & { tree: ExplainNode };

// ---------- content ----------
export type Channel = Schemas['Channel'];
export type TemplateBody = Schemas['TemplateDraft'];
export type Template = Schemas['TemplateView'];
export type Rendered = Schemas['Rendered'];
export type TemplateWarning = Schemas['TemplateWarning'];
export type Preview = Schemas['TemplatePreview'];
export type TestOutcome = Schemas['TestOutcome'];

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
export type JourneyLine = Omit<Schemas['JourneyLine'], 'state'> & { state: JourneyState };
/** `what` is the operation, as in the audit. */
export type History = Schemas['HistoryEntry'];
export type Journey = JourneyLine & Pick<Schemas['Journey'], 'has_unpublished_changes' | 'history'> & { draft: Plan; published?: Plan | null };
export type Counts = Schemas['JourneyCounts'];
export type PlaceState = Schemas['PlaceState'];
export type JourneyPerson = Schemas['JourneyPerson'];
export type WayStep = Schemas['WayStep'];
export type WayEntry = Schemas['WayEntry'];
export type Way = Schemas['Way'];
/** The way through the draft, and last of all how many messages it would have asked for. */
export type Simulation = Schemas['Simulation'];
export type Estimate = Schemas['Estimate'];
export type ResultArm = Schemas['ArmResult'];
/** Shares: 0.02 is two points. Nothing is said while a group is empty. */
export type Comparison = Schemas['Comparison'];
export type JourneyResult = Omit<Schemas['JourneyResultView'], 'goal'> & { goal?: { event: EventStep; window: string } | null };

// ---------- ledger ----------
export type DeliveryState = Schemas['DeliveryState'];
export type Delivery = Schemas['DeliveryLine'];
export type DeliveryFull = Schemas['Delivery'];
export type DeliverySummary = Schemas['DeliverySummary'];
export type Cap = Required<Schemas['Cap']>;
export type QuietHours = Required<Schemas['QuietHours']>;
export type Provider = Omit<Schemas['ProviderSettings'], 'config'> & { config: Values };
export type SendingSettings = { caps: Cap[]; quiet_hours: QuietHours | null; needs_consent: boolean; providers: { [channel: string]: Provider } };
export type BlacklistLine = Schemas['BlacklistLine'];
/** The inbox of the demo is not in the document. */
export type SinkLine = { id: string; to: string; from: string; subject: string; at: Time };
export type SinkMessage = SinkLine & { html?: string | null; text?: string | null; headers?: { [name: string]: string } | [string, string][] };

// ---------- analytics ----------
export type FunnelQuestion = Omit<Schemas['FunnelQuestion'], 'steps'> & { steps: EventStep[] };
export type FunnelAnswer = Schemas['FunnelAnswer'];
export type TrendQuestion = Omit<Schemas['TrendQuestion'], 'event'> & { event: EventStep };
export type TrendAnswer = Schemas['TrendAnswer'];
export type QueryAnswer = Omit<Schemas['QueryAnswer'], 'rows'> & { rows: Json[][] };

// ---------- imports, audit, system ----------
export type ImportKind = Schemas['Kind'];
export type ImportWork = Schemas['Import'];
export type ImportPreview = Schemas['ImportPreview'];
export type AuditLine = Schemas['AuditEntry'];
export type AuditDetail = Schemas['AuditEntryDetail'];
export type AuditVerdict = Schemas['Verdict'];
export type SystemStatus = Schemas['System'];
/** `messages` since the beginning, `messages_today` since midnight in the workspace's zone; `journeys` are those touched last. */
export type Home = Omit<Schemas['Home'], 'journeys'> & { journeys: JourneyLine[] };

// ---------- operations ----------
type Id = { id: string };
type Nothing = Schemas['Done'];
type JourneyDraft = Omit<Schemas['JourneyDraft'], 'plan'> & { plan: Plan };
/** Who is in: by a condition, or one by one. */
export type SegmentDraft = Omit<Schemas['SegmentDraft'], 'condition' | 'list' | 'sample'> & ({ condition: Condition } | { list: Schemas['ListDraft'] } | { sample: SegmentSample });
type SegmentChange = Omit<Schemas['SegmentDraft'], 'condition' | 'list'> & { condition?: Condition };

export interface Operations {
  'GET /setup': { answer: Schemas['SetupState'] };
  'POST /setup': { body: Schemas['Setup']; answer: Session };
  'GET /session': { answer: Session };
  'POST /session': { body: Schemas['SignIn']; answer: Session };
  'DELETE /session': { answer: Nothing };
  'PUT /session/password': { body: Schemas['NewPassword']; answer: Session };
  'PUT /workspace': { body: Schemas['WorkspaceChange']; answer: Workspace };
  'GET /members': { answer: Page<Member> };
  'POST /members': { body: Schemas['NewMember']; answer: AddedMember };
  'PUT /members/{id}': { path: Id; body: Schemas['NewRole']; answer: Member };
  'DELETE /members/{id}': { path: Id; answer: Nothing };
  'GET /roles': { answer: Page<RoleLine> };

  'GET /sources': { answer: Page<Source> };
  'POST /sources': { body: Schemas['NewSource']; answer: Source };
  'DELETE /sources/{id}': { path: Id; answer: Source };
  'GET /keys': { answer: Page<ApiKey> };
  'POST /keys': { body: Schemas['NewKey']; answer: CreatedKey };
  'DELETE /keys/{id}': { path: Id; answer: Nothing };

  'GET /events': { answer: Page<LiveEvent> };
  'GET /events/names': { answer: Page<EventName> };
  'GET /events/properties': { answer: Page<PropertyFact> };
  'GET /outcomes': { answer: Outcomes };
  'GET /tracking-plan': { answer: TrackingPlan };
  'PUT /tracking-plan': { body: TrackingPlan; answer: TrackingPlan };
  'GET /quality/quarantine': { answer: Page<Quarantined> };
  'POST /quality/quarantine:retry': { body: { positions: number[] } | { all: true }; answer: Schemas['Retried'] };

  'GET /people': { answer: Page<PersonLine> };
  'GET /people/{id}': { path: Id; answer: Person };
  'GET /people/{id}/timeline': { path: Id; answer: Page<TimelineEvent> };
  'GET /people/{id}/identity': { path: Id; answer: Identity };
  'POST /people/{id}:unmerge': { path: Id; body: Schemas['Unmerge']; answer: Regrouping };
  'POST /people/{id}:merge': { path: Id; body: Schemas['MergeWith']; answer: Regrouping };
  'GET /duplicates': { answer: Page<DuplicatePair> };
  'GET /duplicates/search': { answer: Schemas['DuplicateSearch'] };
  'POST /duplicates:find': { answer: Schemas['Progress'] };
  'POST /duplicates:cancel': { answer: Nothing };
  'POST /duplicates:join_surest': { body: { at_least: number; only_count?: boolean; skip?: number; reason?: string }; answer: { joined: number; refused: number; left: number } };
  'POST /duplicates/{id}:join': { path: Id; body: Schemas['DuplicateDecision']; answer: DuplicatePair };
  'POST /duplicates/{id}:keep_apart': { path: Id; body: Schemas['DuplicateDecision']; answer: DuplicatePair };
  'GET /identity/rules': { answer: IdentityRules };
  'PUT /identity/rules': { body: IdentityRules; answer: IdentityRules };
  'GET /people/{id}/segments': { path: Id; answer: Page<PersonSegment> };
  'GET /people/{id}/journeys': { path: Id; answer: Page<PersonJourney> };
  'GET /people/{id}/consents': { path: Id; answer: Page<Consent> };
  'POST /people/{id}:consent': { path: Id; body: Schemas['ConsentChange']; answer: Nothing };
  'GET /traits': { answer: Page<PropertyFact> };
  'GET /traits/rules': { answer: TraitRules };
  'PUT /traits/rules': { body: TraitRules; answer: TraitRules };
  'GET /people/{id}/traits/{name}/history': { path: Id & { name: string }; answer: Page<TraitTelling> };

  'GET /tags': { answer: Page<Tag> };
  'POST /tags': { body: TagBody & { name: string }; answer: Tag };
  'GET /tags/templates': { answer: Page<TagTemplate> };
  'POST /tags:preview': { body: { rule: TagRule }; answer: TagDistribution };
  'GET /tags/{id}': { path: Id; answer: Tag };
  'PUT /tags/{id}': { path: Id; body: TagBody; answer: Tag };
  'POST /tags/{id}:archive': { path: Id; answer: Tag };
  'POST /tags/{id}:hand_over': { path: Id; body: Schemas['TagOwner']; answer: Tag };
  'GET /tags/{id}/distribution': { path: Id; answer: TagDistribution };
  'GET /tags/{id}/people': { path: Id; answer: Page<TagPerson> };
  'GET /tags/{id}/history': { path: Id; answer: Page<History> };
  'POST /tags/{id}/people:assign': { path: Id; body: TagAssignment; answer: Schemas['TagAssigned'] };
  'GET /tags/{id}/evaluation': { path: Id; answer: TagEvaluation };
  'GET /people/{id}/tags': { path: Id; answer: Page<PersonTag> };

  'GET /segments': { answer: Page<Segment> };
  'POST /segments': { body: SegmentDraft; answer: Segment };
  'GET /segments/{id}': { path: Id; answer: Segment };
  'PUT /segments/{id}': { path: Id; body: SegmentChange; answer: Segment };
  'POST /segments/{id}:archive': { path: Id; answer: Segment };
  'POST /segments/{id}:share': { path: Id; body: Sharing; answer: Segment };
  'POST /segments/{id}:hand_over': { path: Id; body: Schemas['SegmentOwner']; answer: Segment };
  'POST /segments/{id}:use_as': { path: Id; body: Schemas['SegmentUse']; answer: Segment };
  'POST /segments:count': { body: { condition: Condition; at_once?: boolean }; answer: CountAnswer };
  'GET /segments/{id}/members': { path: Id; answer: Page<SegmentMember> };
  'GET /segments/{id}/growth': { path: Id; answer: Page<GrowthDay> };
  'GET /segments/{id}/history': { path: Id; answer: Page<History> };
  'POST /segments/{id}:explain': { path: Id; body: Schemas['ExplainRequest']; answer: Explanation };
  'POST /segments/{id}/members:add': { path: Id; body: Schemas['ListIds']; answer: MembersAnswer };
  'POST /segments/{id}/members:remove': { path: Id; body: Schemas['ListIds']; answer: MembersAnswer };
  'POST /segments:overlap': { body: Schemas['OverlapRequest']; answer: Overlap };
  'POST /segments:portrait': { body: Omit<Schemas['PortraitRequest'], 'condition'> & { condition?: Condition | null }; answer: Portrait };
  'GET /portraits': { answer: Page<PortraitLine> };
  'GET /portraits/{id}': { path: Id; answer: Portrait };
  'POST /portraits/{id}:cancel': { path: Id; answer: Portrait };

  'GET /models/features': { answer: Page<FeatureLine> };
  'GET /models': { answer: Page<Model> };
  'POST /models': { body: ModelDraft & { name: string }; answer: Model };
  'GET /models/{id}': { path: Id; answer: Model };
  'PUT /models/{id}': { path: Id; body: ModelDraft; answer: Model };
  'POST /models/{id}:archive': { path: Id; answer: Model };
  'POST /models/{id}:run': { path: Id; answer: Model };
  'POST /models/{id}:cancel': { path: Id; answer: Model };
  'GET /models/{id}/runs': { path: Id; answer: Page<ModelRunLine> };
  'GET /models/{id}/runs/{run}': { path: { id: string; run: string }; answer: ModelRun };
  'GET /models/{id}/history': { path: Id; answer: Page<History> };

  'GET /templates': { answer: Page<Template> };
  'POST /templates': { body: TemplateBody; answer: Template };
  'GET /templates/{id}': { path: Id; answer: Template };
  'PUT /templates/{id}': { path: Id; body: TemplateBody; answer: Template };
  'DELETE /templates/{id}': { path: Id; answer: Nothing };
  'POST /templates:preview': { body: Schemas['PreviewRequest']; answer: Preview };
  'POST /templates/{id}:test': { path: Id; body: Schemas['TestRequest']; answer: TestOutcome };

  'GET /journeys': { answer: Page<JourneyLine> };
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
  'GET /journeys/{id}/people': { path: Id; answer: Page<JourneyPerson> };
  'GET /journeys/{id}/people/{person}': { path: { id: string; person: string }; answer: Way };
  'GET /journeys/{id}/result': { path: Id; answer: JourneyResult };

  'GET /deliveries': { answer: Page<Delivery> };
  'GET /deliveries/{id}': { path: Id; answer: DeliveryFull };
  'GET /deliveries/summary': { answer: DeliverySummary };
  'GET /settings/sending': { answer: SendingSettings };
  'PUT /settings/sending': { body: SendingSettings; answer: SendingSettings };
  'GET /blacklist': { answer: Page<BlacklistLine> };
  'POST /blacklist': { body: Schemas['BlacklistEntry']; answer: Nothing };
  'DELETE /blacklist/{identifier_type}/{value}': { path: { identifier_type: string; value: string }; answer: Nothing };
  'GET /sink/messages': { query: { q?: string; limit?: number; cursor?: string }; answer: Page<SinkLine> };
  'GET /sink/messages/{id}': { path: Id; answer: SinkMessage };

  'POST /analytics/funnels:run': { body: FunnelQuestion; answer: FunnelAnswer };
  'POST /analytics/trends:run': { body: TrendQuestion; answer: TrendAnswer };
  'POST /query': { body: Schemas['Query']; answer: QueryAnswer };

  'GET /catalog/types': { answer: Page<ThingType> };
  'PUT /catalog/types/{type}': { path: { type: string }; body: ThingTypeSettings; answer: ThingType };
  'GET /catalog/{type}': { path: { type: string }; answer: Page<ThingLine> };
  'POST /catalog/{type}:import': { path: { type: string }; body: { things: ThingSaid[]; replace?: boolean }; answer: ThingsImported };
  'GET /catalog/{type}/{id}': { path: { type: string; id: string }; answer: Thing };
  'PUT /catalog/{type}/{id}': { path: { type: string; id: string }; body: ThingDraft; answer: Thing };
  'POST /catalog/{type}/{id}:archive': { path: { type: string; id: string }; answer: Thing };
  'POST /catalog/{type}/{id}:restore': { path: { type: string; id: string }; answer: Thing };
  'GET /catalog/tags': { answer: Page<ThingTag> };
  'POST /catalog/tags': { body: ThingTagDraft & { name: string; type: string }; answer: ThingTag };
  'GET /catalog/tags/templates': { answer: Page<ThingTagTemplate> };
  'POST /catalog/tags:preview': { body: { type: string; rule: ThingTagRule }; answer: ThingTagSurvey };
  'GET /catalog/tags/{id}': { path: Id; answer: ThingTag };
  'PUT /catalog/tags/{id}': { path: Id; body: ThingTagDraft; answer: ThingTag };
  'POST /catalog/tags/{id}:archive': { path: Id; answer: ThingTag };
  'POST /catalog/tags/{id}:assign': { path: Id; body: Schemas['ThingTagAssignment']; answer: Schemas['ThingTagAssigned'] };
  'GET /catalog/tags/{id}/history': { path: Id; answer: Page<History> };

  'GET /imports': { answer: Page<ImportWork> };
  'POST /imports': { body: FormData; answer: ImportWork };
  'GET /imports/{id}': { path: Id; answer: ImportWork };
  'POST /imports/{id}:cancel': { path: Id; answer: ImportWork };
  'POST /imports:preview': { body: FormData; answer: ImportPreview };

  'GET /audit': { answer: Page<AuditLine> };
  'GET /audit/{id}': { path: Id; answer: AuditDetail };
  'POST /audit:verify': { answer: AuditVerdict };
  'GET /system': { answer: SystemStatus };
  'GET /home': { answer: Home };
}

export type OperationId = keyof Operations;
export type Answer<O extends OperationId> = Operations[O]['answer'];
/** As the document has it. */
export type QueryOf<O extends OperationId> = O extends keyof ServerOperations ? ServerOperations[O]['asks'] : Operations[O] extends { query: infer Q } ? Q : never;
export type BodyOf<O extends OperationId> = Operations[O] extends { body: infer B } ? B : never;
export type PathOf<O extends OperationId> = Operations[O] extends { path: infer P } ? P : never;
