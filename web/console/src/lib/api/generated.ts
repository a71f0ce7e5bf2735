// Made of openapi.json by `npm run generate`; what the server itself says it takes and gives.

export interface Schemas {
  AddedMember: Schemas['MemberView'] & { first_password?: string | null; };
  /** Two identifiers that are kept apart. */
  ApartView: { a?: Schemas['IdentifierBrief'] | null; at: string; b?: Schemas['IdentifierBrief'] | null; by: string; by_name?: string | null; cause: string; cut?: Schemas['EvidenceView'] | null; person: string; reason: string; };
  ArmResult: { control: boolean; converted: number; currency: string; key: string; name: string; people: number; rate?: number | null; value: string; };
  /** Values that are not judged but said. */
  AssignedTag: { by: Schemas['Assigner']; values?: Schemas['AssignedValue'][] | null; };
  /** A value and what people read. */
  AssignedValue: { label?: string | null; value: string; };
  /** Who says it. */
  Assigner: 'model' | 'hand';
  AuditEntry: { actor: string; actor_name?: string | null; at: string; id: number; operation: string; target: string; };
  AuditEntryDetail: Schemas['AuditEntry'] & { after?: unknown; before?: unknown; hash: string; previous: string; };
  BlacklistEntry: { identifier_type: string; reason?: string; value: string; };
  BlacklistLine: { at: string; identifier_type: string; reason: string; value: string; };
  /** All that may be said; which parts count depends on the channel. */
  Body: { fields?: { [key: string]: string; }; html?: string; sms_template_code?: string; subject?: string; text?: string; webhook_url?: string; };
  /** Where the chain breaks. */
  Broken: { number: number; wrong: Schemas['Wrong']; };
  /** At most `limit` messages to a person, on a channel or (`*`) on all together. */
  Cap: { channel?: string; limit: number; period: string; window: Schemas['WindowKind']; };
  /** How many things of a type there are. */
  CatalogTypeCounts: { archived: number; described: number; seen: number; };
  /** How events name things of a type. */
  CatalogTypeSettings: { amounts?: string[]; ids?: string[]; is_told_by_events?: boolean; lists?: string[]; title?: string; };
  Channel: 'email' | 'sms' | 'webhook';
  /** An arm against the control group. Differences are shares: 0.02 is two points. */
  Comparison: { arm: string; ci?: number[] | null; confidence: number; difference?: number | null; lift?: number | null; note?: string | null; p_value?: number | null; significant: boolean; };
  /** The last word said on a purpose and a channel; `*` is every channel. */
  Consent: { at: string; channel: string; event_id: string; granted: boolean; purpose: string; source: string; };
  ConsentChange: { channel?: string; granted: boolean; purpose?: string; };
  CountAnswer: { as_of: string; count: number; estimate?: Schemas['CountEstimate'] | null; lines: Schemas['LineCount'][]; sample: Schemas['PersonBrief'][]; };
  /** Between so many and so many, in 19 of 20 cases. */
  CountEstimate: { high: number; low: number; };
  CountRequest: { at_once?: boolean; condition: object; };
  CreatedKey: { id: string; key: string; name: string; permissions: string[]; prefix: string; };
  Delivery: Schemas['DeliveryLine'] & { preview?: Schemas['Rendered'] | null; steps: Schemas['DeliveryStep'][]; };
  /** A delivery as the ledger lists it. */
  DeliveryLine: { attempts: number; channel: string; clicked_at?: string | null; created_at: string; delivered_at?: string | null; due?: string | null; id: string; journey?: string | null; node?: string | null; opened_at?: string | null; person: string; person_name?: string | null; purpose: string; reason: string; sent_at?: string | null; state: Schemas['DeliveryState']; template: string; to: string; };
  /** Every delivery ends as sent, failed, suppressed or unknown. */
  DeliveryState: 'queued' | 'deferred' | 'attempting' | 'sent' | 'failed' | 'suppressed' | 'unknown';
  /** One step of a delivery. */
  DeliveryStep: { at: string; reason: string; what: string; };
  DeliverySummary: { by_channel: { [key: string]: number; }; by_reason: Schemas['ReasonCount'][]; by_state: { [key: string]: number; }; total: number; };
  DescribeRequest: { condition: object; lang: string; };
  /** The answer of an operation that is done and has nothing to say. */
  Done: object;
  DuplicateDecision: { reason?: string; };
  /** One comparison. */
  DuplicateEvidence: { bits: number; comparison: string; level: string; };
  /** Two people and why they are probably one. */
  DuplicatePair: { a: Schemas['PersonBrief']; b: Schemas['PersonBrief']; decided_at?: string | null; decided_by?: string | null; evidence: Schemas['DuplicateEvidence'][]; found_at: string; id: string; probability: number; state: string; values: object; };
  /** What is known of searches. */
  DuplicateSearch: { last?: Schemas['EndedSearch'] | null; running?: Schemas['Progress'] | null; };
  /** A search that ended. */
  EndedSearch: { compared: number; error?: string | null; finished_at: string; left_out: number; pairs: number; people: number; started_at: string; state: string; };
  Estimate: { as_of: string; members: number; would_enter_now: number; };
  /** An event as it was sent. */
  Event: { channel?: string | null; id: string; identifiers: object[]; kind: string; name: string; properties: object; received_at: string; sealed_traits?: string[]; source: string; traits: object; ts: string; };
  EventName: { count: number; last_at: string; name: string; };
  EventRule: { blocked?: boolean; description?: string; properties?: { [key: string]: Schemas['ValueKind']; }; required?: string[]; };
  /** The event that spoke for a link. */
  EvidenceView: { at: string; detail: object; event_id: string; identifiers: Schemas['IdentifierBrief'][]; kind: string; };
  ExplainRequest: { person: string; };
  /** A feature, and how well it is known. */
  FeatureSuggestion: { feature: Schemas['ModelFeature']; kind: string; known_people: number; looked_at: number; };
  FunnelAnswer: { as_of: string; median_time_to_convert_ms?: number | null; steps: Schemas['FunnelLevel'][]; };
  FunnelLevel: { name: string; people: number; rate_from_first?: number | null; rate_from_previous?: number | null; };
  FunnelQuestion: { from?: string | null; segment?: string | null; steps: object[]; to?: string | null; within: string; };
  FunnelStep: { people: number; step: string; };
  GrowthDay: { count: number; day: string; entered: number; left: number; };
  /** One thing that happened, as the time line shows it. */
  Happened: { channel?: string | null; id: string; kind: string; name: string; properties: object; source: string; ts: string; };
  /** One thing that was done. */
  HistoryEntry: { actor: string; actor_name?: string | null; at: string; what: string; };
  Home: { events_per_minute: number[]; events_today: number; journeys: Schemas['JourneyLine'][]; messages: Schemas['MessageCounts']; messages_today: Schemas['MessageCounts']; people: number; };
  /** How what is told stands to what is known. */
  How: 'replace' | 'merge' | 'set_once' | 'increment' | 'append' | 'unset' | 'archive' | 'restore';
  /** A kind of identifier. */
  IdType: { joins?: boolean; may_be_shared?: boolean; name: string; newest_wins?: boolean; per_person: number; weight: number; };
  IdentifierBrief: { type: string; value: string; };
  IdentifierView: { first_seen: string; type: string; value: string; };
  /** Rules by which identifiers become people. */
  IdentityRules: { identifiers_per_person: number; links_per_minute: number; shared_after: number; types: Schemas['IdType'][]; };
  IdentityView: { apart: Schemas['ApartView'][]; identifiers: Schemas['NodeView'][]; links: Schemas['LinkView'][]; refused: Schemas['RefusedLink'][]; };
  Import: { accepted: number; created_at: string; created_by: string; error?: string | null; error_code?: string | null; events: number; file: string; finished_at?: string | null; has_rejected_file: boolean; id: string; kind: string; mapping: Schemas['Mapping']; notes: string[]; people_created: number; rejected: number; rows: number; skipped: number; state: string; total_rows?: number | null; };
  ImportPreview: { columns: string[]; delimiter?: string | null; encoding?: string | null; fields: { [key: string]: string; }; format: string; kind: Schemas['Kind']; known_fields: { [key: string]: string[]; }; rows: string[][]; };
  Interval: 'hour' | 'day' | 'week';
  Journey: Schemas['JourneyLine'] & { draft: object; has_unpublished_changes: boolean; history: Schemas['HistoryEntry'][]; published?: object | null; };
  JourneyCounts: { arms: { [key: string]: number; }; as_of: string; edges: { [key: string]: number; }; entered: number; nodes: { [key: string]: Schemas['NodeCounts']; }; };
  JourneyDraft: { name: string; plan: object; };
  JourneyGoal: { event: object; window: string; };
  /** A journey as a list shows it. */
  JourneyLine: { converted: number; created_at: string; created_by: string; entered: number; id: string; name: string; people_in: number; state: string; updated_at: string; version: number; };
  JourneyPerson: { arm?: string | null; converted_at?: string | null; entered_at: string; exit_reason?: string | null; node: string; person: Schemas['PersonBrief']; state: Schemas['PlaceState']; until?: string | null; version: number; };
  JourneyResult: { arms: Schemas['ArmResult'][]; as_of: string; comparisons: Schemas['Comparison'][]; converted: number; entered: number; funnel: Schemas['FunnelStep'][]; reached: number; };
  JourneyResultView: Schemas['JourneyResult'] & { goal?: Schemas['JourneyGoal'] | null; };
  KeyView: { created_at: string; created_by: string; id: string; last_used_at?: string | null; name: string; permissions: string[]; prefix: string; };
  /** What the rows of a file are. */
  Kind: 'orders' | 'events' | 'people' | 'things';
  /** How many satisfy one line of the condition alone. */
  LineCount: { count: number; is_estimate: boolean; path: string; };
  LinkView: { a?: Schemas['IdentifierBrief'] | null; b?: Schemas['IdentifierBrief'] | null; evidence: Schemas['EvidenceView']; };
  ListChanged: { changed: number; unchanged: number; unknown: number; unknown_ids: string[]; };
  ListDraft: { snapshot_of?: string | null; };
  ListIds: { id_type: string; ids: string[]; };
  /** An event and what became of it. */
  LiveEvent: Schemas['Event'] & { outcome: string; person?: string | null; reason: string; };
  LogState: { failed?: string | null; first: number; next: number; };
  /** How a file is read. In a mapping file (TOML or JSON) every key but `fields` may be left out. */
  Mapping: { cancelled?: string[]; currency?: string | null; decimal_mark?: string | null; delimiter?: string | null; encoding?: string | null; fields: { [key: string]: string; }; kind: Schemas['Kind']; refunded?: string[]; sheet?: string | null; time_format?: string | null; time_zone?: string | null; unmapped?: Schemas['Unmapped']; };
  Measure: 'count' | 'people';
  MemberView: { email: string; id: string; name: string; role: Schemas['Role']; since: string; };
  MergeWith: { dry_run?: boolean; reason?: string; with: string; };
  /** How many messages stand where. */
  MessageCounts: { failed: number; sent: number; suppressed: number; unknown: number; waiting: number; };
  ModelDraft: { description?: string; every?: Schemas['ModelEvery']; features?: Schemas['ModelFeature'][]; kind: Schemas['ModelKind']; name?: string | null; population?: object | null; settings: object; title: string; };
  ModelEvery: 'never' | 'day' | 'week';
  /** A column about people. */
  ModelFeature: { label: string; recency?: Schemas['Recency'] | null; statistic?: Schemas['Statistic'] | null; tag?: string | null; trait?: string | null; };
  ModelKind: 'clusters' | 'tree' | 'rfm' | 'abc' | 'preference' | 'look_alike' | 'propensity';
  /** What came of a run. */
  ModelRun: { error?: object | null; finished_at: string; id: string; model: string; people: number; result?: object | null; started_at: string; started_by: string; state: string; tagged: number; };
  ModelView: { created_at: string; created_by: string; description: string; every: Schemas['ModelEvery']; features: Schemas['ModelFeature'][]; id: string; kind: Schemas['ModelKind']; last_run?: Schemas['ModelRun'] | null; name: string; population?: object | null; progress?: Schemas['Progress'] | null; settings: object; state: string; tag: string; title: string; updated_at: string; version: number; };
  NamedIdentifier: { type: string; value: string; };
  NewKey: { name: string; permissions: string[]; };
  NewMember: { email: string; name?: string | null; role: Schemas['Role']; };
  NewPassword: { current_password: string; password: string; };
  NewRole: { role: Schemas['Role']; };
  NewSource: { kind: Schemas['SourceKind']; name: string; };
  NewTag: { category?: string; description?: string; name: string; rule: Schemas['TagRule']; title: string; };
  NewThingTag: { category?: string; description?: string; name: string; owner?: string; rule: Schemas['ThingTagRule']; title: string; type: string; };
  NodeCounts: { entered: number; in: number; left: number; };
  /** An identifier as a node of the graph. */
  NodeView: { events: number; first_seen: string; type: string; value: string; weight: number; };
  Outcomes: { items: object[]; totals: { [key: string]: number; }; };
  Overlap: { as_of: string; pairs: Schemas['OverlapPair'][]; people: number; regions: Schemas['OverlapRegion'][]; sizes: Schemas['OverlapSize'][]; };
  /** Two segments beside each other. */
  OverlapPair: { a: string; b: string; both: number; jaccard: number; only_a: number; only_b: number; };
  /** People who are in exactly these segments, of those that were asked about. */
  OverlapRegion: { count: number; in: string[]; };
  OverlapRequest: { segments: string[]; };
  OverlapSize: { count: number; id: string; name: string; };
  PersonBrief: { id: string; identifiers: Schemas['IdentifierBrief'][]; name?: string | null; };
  PersonJourney: { arm?: string | null; entered_at: string; id: string; name?: string | null; node: string; state: Schemas['PlaceState']; };
  PersonLine: { events: number; first_seen: string; id: string; identifiers: Schemas['IdentifierView'][]; last_seen: string; name?: string | null; traits: object; };
  /** One of the persons. */
  PersonPart: { events: number; first_seen: string; id: string; identifiers: Schemas['IdentifierBrief'][]; last_seen: string; name?: string | null; stays: boolean; traits: string[]; };
  PersonSegment: { id: string; name?: string | null; since: string; };
  PersonTag: { id: string; name: string; since: string; value: unknown; };
  PersonView: { events: number; first_seen: string; hidden_traits: string[]; id: string; identifiers: Schemas['IdentifierView'][]; last_seen: string; name?: string | null; traits: { [key: string]: Schemas['TraitView']; }; };
  PlaceState: 'in' | 'done' | 'exited';
  /** One per workspace. An empty plan allows everything. */
  Plan: { events?: { [key: string]: Schemas['EventRule']; }; refuse_unknown?: boolean; };
  Pool: 'exclusion' | 'control';
  Portrait: { against?: string | null; against_name?: string | null; condition?: object | null; error?: string | null; finished_at?: string | null; id: string; progress?: Schemas['Progress'] | null; result?: object | null; segment?: string | null; segment_name?: string | null; started_at: string; started_by: string; state: string; };
  PortraitRequest: { against?: string | null; condition?: object | null; segment?: string | null; };
  PreviewRequest: Schemas['Body'] & { channel: Schemas['Channel']; person?: string | null; };
  Problem: { type?: string; status?: number; code: string; title: string; detail: string; trace_id: string; fields?: { [key: string]: string; }; params?: { [key: string]: string; }; };
  /** How far it is. */
  Progress: { done: number; stage: string; started_at: string; total: number; };
  /** A property or a trait, as it was seen used. */
  PropertyUse: { examples: string[]; is_sensitive?: boolean; kinds: Schemas['ValueKind'][]; name: string; };
  ProviderSettings: { config: object; kind: string; };
  Quarantined: { event: Schemas['Event']; position: number; reason: string; };
  Query: { sql: string; };
  QueryAnswer: { columns: Schemas['QueryColumn'][]; rows: unknown[][]; truncated: boolean; };
  QueryColumn: { kind: string; name: string; };
  /** From `from` to `to` in the person's time zone, over midnight if need be. */
  QuietHours: { channels?: string[]; from: string; to: string; };
  ReasonCount: { count: number; reason: string; state: string; };
  /** Of which event. */
  Recency: { event: object; };
  RefusedLink: { evidence: Schemas['EvidenceView']; reason: string; };
  RefusedThing: { code: string; detail: string; id?: string | null; line: number; };
  /** Who is there afterwards. */
  Regrouping: { done: boolean; people: Schemas['PersonPart'][]; };
  /** The same parts, for one person. */
  Rendered: { fields: { [key: string]: string; }; html?: string | null; subject?: string | null; text?: string | null; };
  Retried: { retried: number; };
  RetryRequest: { all?: boolean; positions?: number[]; };
  /** A fixed set to begin with. */
  Role: 'administrator' | 'marketer' | 'analyst' | 'viewer';
  RoleView: { permissions: string[]; role: Schemas['Role']; };
  SegmentDraft: { condition?: object | null; description?: string; list?: Schemas['ListDraft'] | null; name: string; sample?: Schemas['SegmentSample'] | null; };
  SegmentExplanation: { as_of: string; holds: boolean; tree: object; };
  SegmentMember: { person: Schemas['PersonBrief']; since?: string | null; };
  SegmentOwner: { owner: string; };
  /** What somebody may do with a segment. */
  SegmentRight: 'none' | 'read' | 'edit' | 'own';
  /** As people say it. */
  SegmentSample: { percent: number; salt?: string | null; };
  SegmentSharing: { can: Schemas['SharedTo']; with: 'workspace'; } | { users: Schemas['SharedWith'][]; with: 'named'; };
  SegmentText: { text: string; };
  SegmentUse: { pool?: Schemas['Pool'] | null; };
  SegmentView: { as_of: string; condition?: object | null; count: number; created_at: string; created_by: string; description: string; id: string; is_filled: boolean; kind: string; name: string; owner: string; owner_name?: string | null; pool?: Schemas['Pool'] | null; right: Schemas['SegmentRight']; sample?: Schemas['SegmentSample'] | null; sharing: Schemas['SegmentSharing']; state: string; updated_at: string; version: number; };
  SendingSettings: Schemas['Settings'] & { providers?: { [key: string]: Schemas['ProviderSettings']; }; };
  /** Who is signed in. */
  SessionView: { demo: boolean; permissions: string[]; user?: Schemas['UserView'] | null; workspace: Schemas['WorkspaceView']; };
  Settings: { caps?: Schemas['Cap'][]; needs_consent?: boolean; quiet_hours?: Schemas['QuietHours'] | null; };
  Setup: { currency?: string | null; email: string; name?: string | null; password: string; time_zone: string; token: string; workspace_name: string; };
  SetupState: { needed: boolean; };
  SharedTo: 'read' | 'edit';
  SharedWith: { can: Schemas['SharedTo']; id: string; };
  SignIn: { email: string; password: string; workspace?: string | null; };
  SimulateRequest: { person: string; };
  Simulation: { steps: Schemas['WayStep'][]; };
  /** A source as the console shows it. */
  Source: { created_at: string; id: string; kind: Schemas['SourceKind']; last_event_hour?: string | null; name: string; write_key?: string | null; };
  /** What sends. The last two are the house itself: they have no key, and cannot be deleted. */
  SourceKind: 'web' | 'app' | 'mini_program' | 'server' | 'import' | 'internal';
  /** An aggregate over a person's events. */
  Statistic: { event: object; function: string; property?: string | null; };
  SurestDuplicates: { at_least: number; only_count?: boolean; reason?: string; skip?: number; };
  SurestDuplicatesJoined: { joined: number; left: number; refused: number; };
  System: { demo: boolean; is_live: boolean; lag: number; lake_marker?: number | null; log: Schemas['LogState']; people: number; position: number; state_bytes: number; uptime_ms: number; version: string; };
  TagAssigned: { changed: number; };
  TagAssignment: { days?: number | null; people: string[]; value?: string | null; };
  /** What the values of a tag look like. */
  TagDistribution: { numbers: object; others: number; people: number; tagged: number; values: Schemas['TagValueCount'][]; };
  TagDraft: { category?: string; description?: string; rule: Schemas['TagRule']; title: string; };
  TagEvaluation: { as_of: string; coverage: number; distinct_values: number; entropy: number; outcome?: Schemas['TagOutcome'] | null; parts: Schemas['TagScorePart'][]; people: number; score: number; suggestions: Schemas['TagSuggestion'][]; tagged: number; used_by: Schemas['TagUse'][]; };
  TagOutcome: { days: number; effect: number; event: string; information: number; looked_at: number; p_value: number; rate: number; reached: number; reached_lift?: number | null; values: Schemas['TagOutcomeLine'][]; };
  TagOutcomeLine: { high: number; lift?: number | null; low: number; people: number; rate: number; value?: string | null; };
  TagOwner: { owner: string; };
  TagPerson: { person: Schemas['PersonBrief']; since: string; value: unknown; };
  TagPreview: { rule: Schemas['TagRule']; };
  /** How fresh a tag is kept. */
  TagRefresh: 'event' | 'day';
  /** A rule as people write it. */
  TagRule: { assigned?: Schemas['AssignedTag'] | null; otherwise?: string | null; refresh?: Schemas['TagRefresh']; statistic?: Schemas['Statistic'] | null; values?: Schemas['TagValue'][] | null; };
  TagScorePart: { part: string; score: number; weight: number; };
  TagSuggestion: { code: string; };
  /** A ready rule. */
  TagTemplate: { category: string; name: string; rule: Schemas['TagRule']; title_en: string; title_zh: string; };
  TagUse: { id: string; kind: string; name: string; };
  /** A value, and the condition under which a person has it. */
  TagValue: { condition: object; label?: string | null; value: string; };
  TagValueCount: { count: number; value: unknown; };
  TagView: { as_of: string; category: string; created_at: string; created_by: string; description: string; id: string; is_filled: boolean; name: string; owner: string; owner_name?: string | null; rule: Schemas['TagRule']; state: string; tagged: number; title: string; updated_at: string; version: number; };
  TemplateDraft: Schemas['Body'] & { channel: Schemas['Channel']; name: string; };
  TemplatePreview: Schemas['Rendered'] & { warnings: Schemas['TemplateWarning'][]; };
  TemplateView: Schemas['Body'] & { channel: Schemas['Channel']; created_at: string; id: string; name: string; updated_at: string; version: number; };
  TemplateWarning: { code: string; detail: string; line: number; part: string; variable?: string | null; };
  /** What became of a test message. */
  TestOutcome: { outcome: 'accepted'; } | { code: string; detail: string; outcome: 'rejected'; } | { detail: string; outcome: 'unknown'; };
  TestRequest: { to: string; };
  Thing: { attributes: object; changes: Schemas['ThingChange'][]; created_at: string; figures: Schemas['ThingFigures']; id: string; name: string; seen?: Schemas['ThingSeen'] | null; state: Schemas['ThingState']; tags: Schemas['ThingTag'][]; type: string; updated_at: string; };
  ThingChange: { at: string; by: string; by_name?: string | null; fields: Schemas['ThingFieldChange'][]; how: Schemas['How']; };
  ThingDay: Schemas['ThingTotal'] & { day: string; };
  ThingDraft: { attributes?: object; name?: string; };
  ThingFieldChange: { after: unknown; before: unknown; name: string; };
  /** What is counted of events. */
  ThingFigure: 'events' | 'quantity' | 'amount';
  /** Events that name the thing, by the day on which they happened in UTC. */
  ThingFigures: { days: Schemas['ThingDay'][]; from: string; to: string; totals: Schemas['ThingTotal'][]; };
  /** A thing in a list. */
  ThingLine: { attributes: object; events: number; id: string; last_seen?: string | null; name: string; state: Schemas['ThingState']; tags: { [key: string]: string; }; updated_at: string; };
  /** Events that ever named it. */
  ThingSeen: { events: number; first: string; last: string; };
  ThingState: 'described' | 'seen' | 'archived';
  ThingTag: { name: string; since: string; value: string; };
  ThingTagAssigned: { changed: number; unchanged: number; unknown: string[]; };
  ThingTagAssignment: { things: string[]; value?: string | null; };
  ThingTagCount: { count: number; value: string; };
  ThingTagDraft: { category?: string; description?: string; owner?: string; rule: Schemas['ThingTagRule']; title: string; };
  /** A value and what people read. */
  ThingTagNamed: { label?: string | null; value: string; };
  ThingTagPart: { label?: string | null; to: number; value: string; };
  ThingTagPreview: { rule: Schemas['ThingTagRule']; type: string; };
  /** A rule as people write it. */
  ThingTagRule: { assigned?: Schemas['ThingTagNamed'][] | null; otherwise?: string | null; share?: Schemas['ThingTagShare'] | null; values?: Schemas['ThingTagValue'][] | null; };
  /** All things of a type, the best first: those that make up the first 70 % of it together are A, and so on. */
  ThingTagShare: { days: number; event: string; of?: Schemas['ThingFigure']; values: Schemas['ThingTagPart'][]; };
  /** How many would be called what. */
  ThingTagSurvey: { things: number; values: Schemas['ThingTagSurveyValue'][]; };
  ThingTagSurveyValue: { count: number; some: string[]; value: string; };
  ThingTagTemplate: { category: string; name: string; rule: Schemas['ThingTagRule']; title_en: string; title_zh: string; type: string; };
  /** A value and the condition under which a thing has it. */
  ThingTagValue: { condition: object; label?: string | null; value: string; };
  ThingTagView: { category: string; created_at: string; created_by: string; description: string; id: string; is_filled: boolean; name: string; next_night?: string | null; owner: string; owner_name?: string | null; rule: Schemas['ThingTagRule']; state: string; title: string; type: string; updated_at: string; values: Schemas['ThingTagCount'][]; version: number; };
  ThingTotal: { amount: string; event: string; events: number; quantity: string; };
  ThingType: { counts: Schemas['CatalogTypeCounts']; settings: Schemas['CatalogTypeSettings']; type: string; };
  ThingsImport: { replace?: boolean; things: object[]; };
  ThingsImported: { changed: number; created: number; refused: Schemas['RefusedThing'][]; unchanged: number; };
  /** Of one trait. */
  TraitRule: { is_sensitive?: boolean; sources?: string[]; };
  /** Of all traits that anything is said of, by name. */
  TraitRules: { traits: { [key: string]: Schemas['TraitRule']; }; };
  /** One thing that was told. */
  TraitTelling: { kind: string; source: string; stands: boolean; ts: string; value: unknown; };
  TraitView: { source: string; ts: string; value: unknown; };
  TrendAnswer: { as_of: string; points: Schemas['TrendPoint'][]; };
  TrendPoint: { at: string; value: number; };
  TrendQuestion: { event: object; from: string; interval: Schemas['Interval']; measure?: Schemas['Measure']; segment?: string | null; to: string; };
  /** What is done with columns that the mapping does not name. */
  Unmapped: 'keep' | 'drop';
  Unmerge: { dry_run?: boolean; identifiers: Schemas['NamedIdentifier'][]; reason?: string; };
  UserView: { email: string; id: string; name: string; };
  ValueKind: 'text' | 'number' | 'bool' | 'list' | 'object';
  /** What the walk found. */
  Verdict: { broken?: Schemas['Broken'] | null; entries: number; head: string; whole: boolean; };
  Way: { entries: Schemas['WayEntry'][]; };
  WayEntry: { arm?: string | null; converted_at?: string | null; entered_at: string; entry: number; exit_reason?: string | null; node: string; reason: string; state: Schemas['PlaceState']; steps: Schemas['WayStep'][]; until?: string | null; value?: string | null; version: number; };
  /** One step of a person's way. */
  WayStep: { at: string; node: string; reason: string; what: string; };
  WindowKind: 'rolling' | 'calendar';
  /** What is absent stays as it is. */
  WorkspaceChange: { currency?: string | null; name?: string | null; time_zone?: string | null; };
  WorkspaceView: { currency: string; id: string; name: string; time_zone: string; };
  Wrong: 'edited' | 'missing' | 'not_linked' | 'after_head' | 'head_differs';
}

/** The query, the body and the answer. `unknown`: the document says nothing of it; types.ts does. */
export interface ServerOperations {
  /** Who did what, newest first */
  'GET /audit': { asks: { q?: string; actor?: string; operation?: string; target?: string; from?: string; to?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['AuditEntry'][]; next?: string; } };
  /** One entry with what it was before and after */
  'GET /audit/{id}': { asks: never; takes: unknown; gives: Schemas['AuditEntryDetail'] };
  /** Walk the chain of entries and say whether it is whole */
  'POST /audit:verify': { asks: never; takes: unknown; gives: Schemas['Verdict'] };
  /** Whether the house still has to be set up */
  'GET /setup': { asks: never; takes: unknown; gives: Schemas['SetupState'] };
  /** Make the first workspace and its administrator, and sign in */
  'POST /setup': { asks: never; takes: Schemas['Setup']; gives: Schemas['SessionView'] };
  /** Who one is and what one may */
  'GET /session': { asks: never; takes: unknown; gives: Schemas['SessionView'] };
  /** Sign in with e-mail and password */
  'POST /session': { asks: never; takes: Schemas['SignIn']; gives: Schemas['SessionView'] };
  /** Sign out */
  'DELETE /session': { asks: never; takes: unknown; gives: Schemas['Done'] };
  /** Change one's own password; all other sessions end */
  'PUT /session/password': { asks: never; takes: Schemas['NewPassword']; gives: Schemas['SessionView'] };
  /** The API keys of the workspace */
  'GET /keys': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['KeyView'][]; next?: string; } };
  /** Make an API key; it is shown once */
  'POST /keys': { asks: never; takes: Schemas['NewKey']; gives: Schemas['CreatedKey'] };
  /** Disable an API key at once */
  'DELETE /keys/{id}': { asks: never; takes: unknown; gives: Schemas['Done'] };
  /** Who works in the workspace */
  'GET /members': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['MemberView'][]; next?: string; } };
  /** Add somebody; a new account's first password is shown once */
  'POST /members': { asks: never; takes: Schemas['NewMember']; gives: Schemas['AddedMember'] };
  /** Give a member another role */
  'PUT /members/{id}': { asks: never; takes: Schemas['NewRole']; gives: Schemas['MemberView'] };
  /** Remove somebody from the workspace; her sessions in it end */
  'DELETE /members/{id}': { asks: never; takes: unknown; gives: Schemas['Done'] };
  /** Change the workspace's name, time zone or currency */
  'PUT /workspace': { asks: never; takes: Schemas['WorkspaceChange']; gives: Schemas['WorkspaceView'] };
  /** The roles and what each of them may */
  'GET /roles': { asks: never; takes: unknown; gives: { items: Schemas['RoleView'][]; next?: string; } };
  /** Record that a person granted or withdrew consent */
  'POST /people/{id}:consent': { asks: never; takes: Schemas['ConsentChange']; gives: Schemas['Done'] };
  /** Identifiers that must not be reached */
  'GET /blacklist': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['BlacklistLine'][]; next?: string; } };
  /** Put an identifier on the black list */
  'POST /blacklist': { asks: never; takes: Schemas['BlacklistEntry']; gives: Schemas['Done'] };
  /** Take an identifier off the black list */
  'DELETE /blacklist/{identifier_type}/{value}': { asks: never; takes: unknown; gives: Schemas['Done'] };
  /** The sources that may send events, with their write keys */
  'GET /sources': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['Source'][]; next?: string; } };
  /** Make a source with a new write key */
  'POST /sources': { asks: never; takes: Schemas['NewSource']; gives: Schemas['Source'] };
  /** Delete a source: its write key is refused from now on, what it sent stays */
  'DELETE /sources/{id}': { asks: never; takes: unknown; gives: Schemas['Source'] };
  /** Imports of files, newest first */
  'GET /imports': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['Import'][]; next?: string; } };
  /** Import a file: multipart with the parts file, kind (orders, events, people, things) and mapping (JSON) */
  'POST /imports': { asks: never; takes: unknown; gives: Schemas['Import'] };
  /** One import, and how far it is */
  'GET /imports/{id}': { asks: never; takes: unknown; gives: Schemas['Import'] };
  /** Stop an import after the batch at hand; what was imported stays */
  'POST /imports/{id}:cancel': { asks: never; takes: unknown; gives: Schemas['Import'] };
  /** The rejected rows as CSV, with line, code and reason; mended, the file can be imported again */
  'GET /imports/{id}/rejected': { asks: never; takes: unknown; gives: unknown };
  /** Look at a file (multipart, part file): its columns, first rows and a suggested mapping */
  'POST /imports:preview': { asks: never; takes: unknown; gives: Schemas['ImportPreview'] };
  /** Event names seen, most frequent first */
  'GET /events/names': { asks: never; takes: unknown; gives: { items: Schemas['EventName'][]; next?: string; } };
  /** Properties seen on an event name, with kinds and examples */
  'GET /events/properties': { asks: { name: string; }; takes: unknown; gives: { items: Schemas['PropertyUse'][]; next?: string; } };
  /** Traits seen on people, with kinds and examples */
  'GET /traits': { asks: never; takes: unknown; gives: { items: Schemas['PropertyUse'][]; next?: string; } };
  /** What became of every event, per source and hour, with reasons */
  'GET /outcomes': { asks: { from?: string; to?: string; source?: string; }; takes: unknown; gives: Schemas['Outcomes'] };
  /** Events set apart, with the reason, newest first */
  'GET /quality/quarantine': { asks: { q?: string; reason?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['Quarantined'][]; next?: string; } };
  /** Send events set apart through the front door again, under the tracking plan as it is now */
  'POST /quality/quarantine:retry': { asks: never; takes: Schemas['RetryRequest']; gives: Schemas['Retried'] };
  /** The tracking plan */
  'GET /tracking-plan': { asks: never; takes: unknown; gives: Schemas['Plan'] };
  /** Replace the tracking plan */
  'PUT /tracking-plan': { asks: never; takes: Schemas['Plan']; gives: Schemas['Plan'] };
  /** Kinds of identifiers with their weights, and the guard rails */
  'GET /identity/rules': { asks: never; takes: unknown; gives: Schemas['IdentityRules'] };
  /** Change them; they hold for what comes in from now on */
  'PUT /identity/rules': { asks: never; takes: Schemas['IdentityRules']; gives: Schemas['IdentityRules'] };
  /** People, newest first */
  'GET /people': { asks: { q?: string; identifier?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['PersonLine'][]; next?: string; } };
  /** One person: identifiers and traits with their sources */
  'GET /people/{id}': { asks: never; takes: unknown; gives: Schemas['PersonView'] };
  /** What happened to a person, newest first */
  'GET /people/{id}/timeline': { asks: { name?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['Happened'][]; next?: string; } };
  /** Why these identifiers are one person: links with evidence, and links that were refused */
  'GET /people/{id}/identity': { asks: never; takes: unknown; gives: Schemas['IdentityView'] };
  /** Take identifiers out of a person: both get back their own traits and history */
  'POST /people/{id}:unmerge': { asks: never; takes: Schemas['Unmerge']; gives: Schemas['Regrouping'] };
  /** Say that two persons are one */
  'POST /people/{id}:merge': { asks: never; takes: Schemas['MergeWith']; gives: Schemas['Regrouping'] };
  /** Whose word counts about a trait, and which traits are sensitive */
  'GET /traits/rules': { asks: never; takes: unknown; gives: Schemas['TraitRules'] };
  /** Change them; everybody's traits are folded anew */
  'PUT /traits/rules': { asks: never; takes: Schemas['TraitRules']; gives: Schemas['TraitRules'] };
  /** Everything that was ever told of one trait of a person, newest first */
  'GET /people/{id}/traits/{name}/history': { asks: never; takes: unknown; gives: { items: Schemas['TraitTelling'][]; next?: string; } };
  /** Pairs of people who are probably one, the surest first */
  'GET /duplicates': { asks: { state?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['DuplicatePair'][]; next?: string; } };
  /** The search under way, and the last that ended */
  'GET /duplicates/search': { asks: never; takes: unknown; gives: Schemas['DuplicateSearch'] };
  /** Look for duplicates among everybody */
  'POST /duplicates:find': { asks: never; takes: unknown; gives: Schemas['Progress'] };
  /** Stop the search; the pairs of the one before stay */
  'POST /duplicates:cancel': { asks: never; takes: unknown; gives: Schemas['Done'] };
  /** The two are one person */
  'POST /duplicates/{id}:join': { asks: never; takes: Schemas['DuplicateDecision']; gives: Schemas['DuplicatePair'] };
  /** All that are as sure as that are one person each; some hundred a call */
  'POST /duplicates:join_surest': { asks: never; takes: Schemas['SurestDuplicates']; gives: Schemas['SurestDuplicatesJoined'] };
  /** The two are two people; events do not join them either */
  'POST /duplicates/{id}:keep_apart': { asks: never; takes: Schemas['DuplicateDecision']; gives: Schemas['DuplicatePair'] };
  /** Tags of things with how many are called what */
  'GET /catalog/tags': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['ThingTagView'][]; next?: string; } };
  /** Make a tag of things */
  'POST /catalog/tags': { asks: never; takes: Schemas['NewThingTag']; gives: Schemas['ThingTagView'] };
  /** Ready rules to start from */
  'GET /catalog/tags/templates': { asks: never; takes: unknown; gives: { items: Schemas['ThingTagTemplate'][]; next?: string; } };
  /** What things would be called, asked of all now */
  'POST /catalog/tags:preview': { asks: never; takes: Schemas['ThingTagPreview']; gives: Schemas['ThingTagSurvey'] };
  /** One tag of things */
  'GET /catalog/tags/{id}': { asks: never; takes: unknown; gives: Schemas['ThingTagView'] };
  /** Change a tag; a changed rule judges all things again */
  'PUT /catalog/tags/{id}': { asks: never; takes: Schemas['ThingTagDraft']; gives: Schemas['ThingTagView'] };
  /** Put a tag away */
  'POST /catalog/tags/{id}:archive': { asks: never; takes: unknown; gives: Schemas['ThingTagView'] };
  /** Say by hand what up to 1,000 things are called */
  'POST /catalog/tags/{id}:assign': { asks: never; takes: Schemas['ThingTagAssignment']; gives: Schemas['ThingTagAssigned'] };
  /** What was done to a tag, newest first */
  'GET /catalog/tags/{id}/history': { asks: { limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['HistoryEntry'][]; next?: string; } };
  /** Types of things, how events name them, and how many there are */
  'GET /catalog/types': { asks: never; takes: unknown; gives: { items: Schemas['ThingType'][]; next?: string; } };
  /** Say how events name things of a type; events from now on count so */
  'PUT /catalog/types/{type}': { asks: never; takes: Schemas['CatalogTypeSettings']; gives: Schemas['ThingType'] };
  /** Things of a type by id, with their tags */
  'GET /catalog/{type}': { asks: { q?: string; tag?: string; state?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['ThingLine'][]; next?: string; } };
  /** Say what up to 1,000 things are; each refused line is explained, and takes no other with it */
  'POST /catalog/{type}:import': { asks: never; takes: Schemas['ThingsImport']; gives: Schemas['ThingsImported'] };
  /** One thing with its tags, its figures by day, and what changed */
  'GET /catalog/{type}/{id}': { asks: { days?: number; }; takes: unknown; gives: Schemas['Thing'] };
  /** Say what a thing is, all of it; what is archived comes back */
  'PUT /catalog/{type}/{id}': { asks: never; takes: Schemas['ThingDraft']; gives: Schemas['Thing'] };
  /** Put a thing away; events go on counting */
  'POST /catalog/{type}/{id}:archive': { asks: never; takes: unknown; gives: Schemas['Thing'] };
  /** Bring a thing back */
  'POST /catalog/{type}/{id}:restore': { asks: never; takes: unknown; gives: Schemas['Thing'] };
  /** Tags with how many people have them */
  'GET /tags': { asks: { q?: string; owner?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['TagView'][]; next?: string; } };
  /** Make a tag from a rule */
  'POST /tags': { asks: never; takes: Schemas['NewTag']; gives: Schemas['TagView'] };
  /** Ready rules to start from */
  'GET /tags/templates': { asks: never; takes: unknown; gives: { items: Schemas['TagTemplate'][]; next?: string; } };
  /** Who would be called what, asked of everybody now */
  'POST /tags:preview': { asks: never; takes: Schemas['TagPreview']; gives: Schemas['TagDistribution'] };
  /** One tag */
  'GET /tags/{id}': { asks: never; takes: unknown; gives: Schemas['TagView'] };
  /** Change a tag; a changed rule judges everybody again */
  'PUT /tags/{id}': { asks: never; takes: Schemas['TagDraft']; gives: Schemas['TagView'] };
  /** Give a tag to another owner */
  'POST /tags/{id}:hand_over': { asks: never; takes: Schemas['TagOwner']; gives: Schemas['TagView'] };
  /** Put a tag away */
  'POST /tags/{id}:archive': { asks: never; takes: unknown; gives: Schemas['TagView'] };
  /** How many are called what */
  'GET /tags/{id}/distribution': { asks: never; takes: unknown; gives: Schemas['TagDistribution'] };
  /** Who has it, with their values */
  'GET /tags/{id}/people': { asks: { value?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['TagPerson'][]; next?: string; } };
  /** Say by hand what people are called, for ever or for some days */
  'POST /tags/{id}/people:assign': { asks: never; takes: Schemas['TagAssignment']; gives: Schemas['TagAssigned'] };
  /** What was done to a tag, newest first */
  'GET /tags/{id}/history': { asks: { limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['HistoryEntry'][]; next?: string; } };
  /** What a person is called */
  'GET /people/{id}/tags': { asks: never; takes: unknown; gives: { items: Schemas['PersonTag'][]; next?: string; } };
  /** Segments with their size */
  'GET /segments': { asks: { q?: string; owner?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['SegmentView'][]; next?: string; } };
  /** Make a segment from a condition, as a list, or as a sample of everybody */
  'POST /segments': { asks: never; takes: Schemas['SegmentDraft']; gives: Schemas['SegmentView'] };
  /** One segment */
  'GET /segments/{id}': { asks: never; takes: unknown; gives: Schemas['SegmentView'] };
  /** Change a segment; a changed condition judges everybody again without signals */
  'PUT /segments/{id}': { asks: never; takes: Schemas['SegmentDraft']; gives: Schemas['SegmentView'] };
  /** Put a segment away */
  'POST /segments/{id}:archive': { asks: never; takes: unknown; gives: Schemas['SegmentView'] };
  /** Say who may look at a segment and who may change it */
  'POST /segments/{id}:share': { asks: never; takes: Schemas['SegmentSharing']; gives: Schemas['SegmentView'] };
  /** Give a segment to another owner */
  'POST /segments/{id}:hand_over': { asks: never; takes: Schemas['SegmentOwner']; gives: Schemas['SegmentView'] };
  /** Keep a segment's members from all marketing, or hold them out to compare with; or no longer */
  'POST /segments/{id}:use_as': { asks: never; takes: Schemas['SegmentUse']; gives: Schemas['SegmentView'] };
  /** Put people on a list, by one type of identifier */
  'POST /segments/{id}/members:add': { asks: never; takes: Schemas['ListIds']; gives: Schemas['ListChanged'] };
  /** Take people off a list */
  'POST /segments/{id}/members:remove': { asks: never; takes: Schemas['ListIds']; gives: Schemas['ListChanged'] };
  /** How 2 to 6 segments lie over each other */
  'POST /segments:overlap': { asks: never; takes: Schemas['OverlapRequest']; gives: Schemas['Overlap'] };
  /** How many people satisfy a condition now, with a sample and a count per line */
  'POST /segments:count': { asks: never; takes: Schemas['CountRequest']; gives: Schemas['CountAnswer'] };
  /** A condition as a sentence */
  'POST /segments:describe': { asks: never; takes: Schemas['DescribeRequest']; gives: Schemas['SegmentText'] };
  /** Who is in */
  'GET /segments/{id}/members': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['SegmentMember'][]; next?: string; } };
  /** Entered, left and size per day */
  'GET /segments/{id}/growth': { asks: never; takes: unknown; gives: { items: Schemas['GrowthDay'][]; next?: string; } };
  /** What was done to a segment, newest first */
  'GET /segments/{id}/history': { asks: { limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['HistoryEntry'][]; next?: string; } };
  /** Why a person is in or not */
  'POST /segments/{id}:explain': { asks: never; takes: Schemas['ExplainRequest']; gives: Schemas['SegmentExplanation'] };
  /** The segments a person is in */
  'GET /people/{id}/segments': { asks: never; takes: unknown; gives: { items: Schemas['PersonSegment'][]; next?: string; } };
  /** How many people did these steps, in order, within a window */
  'POST /analytics/funnels:run': { asks: never; takes: Schemas['FunnelQuestion']; gives: Schemas['FunnelAnswer'] };
  /** How often an event happened, or to how many people, per interval */
  'POST /analytics/trends:run': { asks: never; takes: Schemas['TrendQuestion']; gives: Schemas['TrendAnswer'] };
  /** One SELECT over events, people, identifiers, memberships, deliveries, things */
  'POST /query': { asks: never; takes: Schemas['Query']; gives: Schemas['QueryAnswer'] };
  /** Models and what they found last */
  'GET /models': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['ModelView'][]; next?: string; } };
  /** Make a model and the tag it writes */
  'POST /models': { asks: never; takes: Schemas['ModelDraft']; gives: Schemas['ModelView'] };
  /** Columns about people that a model can learn from */
  'GET /models/features': { asks: never; takes: unknown; gives: { items: Schemas['FeatureSuggestion'][]; next?: string; } };
  /** One model with its last run */
  'GET /models/{id}': { asks: never; takes: unknown; gives: Schemas['ModelView'] };
  /** Change a model; the next run goes by it */
  'PUT /models/{id}': { asks: never; takes: Schemas['ModelDraft']; gives: Schemas['ModelView'] };
  /** Put a model and its tag away */
  'POST /models/{id}:archive': { asks: never; takes: unknown; gives: Schemas['ModelView'] };
  /** Read people, learn, and write the tag */
  'POST /models/{id}:run': { asks: never; takes: unknown; gives: Schemas['ModelView'] };
  /** Stop the run; the tag stays as it is */
  'POST /models/{id}:cancel': { asks: never; takes: unknown; gives: Schemas['ModelView'] };
  /** Runs, newest first, without their results */
  'GET /models/{id}/runs': { asks: { limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['ModelRun'][]; next?: string; } };
  /** One run with its result */
  'GET /models/{id}/runs/{run}': { asks: never; takes: unknown; gives: Schemas['ModelRun'] };
  /** What was done to a model, newest first */
  'GET /models/{id}/history': { asks: { limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['HistoryEntry'][]; next?: string; } };
  /** What a tag is worth, with suggestions */
  'GET /tags/{id}/evaluation': { asks: { event?: string; days?: number; weights?: string; }; takes: unknown; gives: Schemas['TagEvaluation'] };
  /** Begin a portrait of a segment, or of who satisfies a condition */
  'POST /segments:portrait': { asks: never; takes: Schemas['PortraitRequest']; gives: Schemas['Portrait'] };
  /** Portraits, newest first, without their results */
  'GET /portraits': { asks: { segment?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['Portrait'][]; next?: string; } };
  /** One portrait, or how far it is */
  'GET /portraits/{id}': { asks: never; takes: unknown; gives: Schemas['Portrait'] };
  /** Stop drawing */
  'POST /portraits/{id}:cancel': { asks: never; takes: unknown; gives: Schemas['Portrait'] };
  /** Templates */
  'GET /templates': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['TemplateView'][]; next?: string; } };
  /** Make a template */
  'POST /templates': { asks: never; takes: Schemas['TemplateDraft']; gives: Schemas['TemplateView'] };
  /** One template */
  'GET /templates/{id}': { asks: never; takes: unknown; gives: Schemas['TemplateView'] };
  /** Change a template; messages not yet sent use the new one */
  'PUT /templates/{id}': { asks: never; takes: Schemas['TemplateDraft']; gives: Schemas['TemplateView'] };
  /** Delete a template */
  'DELETE /templates/{id}': { asks: never; takes: unknown; gives: Schemas['Done'] };
  /** The ledger: every message and what became of it, newest first */
  'GET /deliveries': { asks: { q?: string; state?: string; channel?: string; reason?: string; journey?: string; person?: string; from?: string; to?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['DeliveryLine'][]; next?: string; } };
  /** How many deliveries stand in which state, and why */
  'GET /deliveries/summary': { asks: { from?: string; to?: string; }; takes: unknown; gives: Schemas['DeliverySummary'] };
  /** One delivery with its steps and the message */
  'GET /deliveries/{id}': { asks: never; takes: unknown; gives: Schemas['Delivery'] };
  /** What a person said, the last word per purpose and channel */
  'GET /people/{id}/consents': { asks: never; takes: unknown; gives: { items: Schemas['Consent'][]; next?: string; } };
  /** Caps, quiet hours, consent rule, providers (without their secrets) */
  'GET /settings/sending': { asks: never; takes: unknown; gives: Schemas['SendingSettings'] };
  /** Replace caps, quiet hours, consent rule and providers; a provider that is not named is removed */
  'PUT /settings/sending': { asks: never; takes: Schemas['SendingSettings']; gives: Schemas['SendingSettings'] };
  /** A template for a person, or for a sample, with warnings */
  'POST /templates:preview': { asks: never; takes: Schemas['PreviewRequest']; gives: Schemas['TemplatePreview'] };
  /** Send one test message to an address of one's own */
  'POST /templates/{id}:test': { asks: never; takes: Schemas['TestRequest']; gives: Schemas['TestOutcome'] };
  /** Journeys with how many came in and converted */
  'GET /journeys': { asks: { q?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['JourneyLine'][]; next?: string; } };
  /** Draft a journey */
  'POST /journeys': { asks: never; takes: Schemas['JourneyDraft']; gives: Schemas['Journey'] };
  /** One journey: draft, what is published, history */
  'GET /journeys/{id}': { asks: never; takes: unknown; gives: Schemas['Journey'] };
  /** Save the draft */
  'PUT /journeys/{id}': { asks: never; takes: Schemas['JourneyDraft']; gives: Schemas['Journey'] };
  /** Check the draft and open it as the next version */
  'POST /journeys/{id}:publish': { asks: never; takes: unknown; gives: Schemas['Journey'] };
  /** Nobody enters, moves or is written to until it is resumed */
  'POST /journeys/{id}:pause': { asks: never; takes: unknown; gives: Schemas['Journey'] };
  /** Go on; who should have moved in between moves now */
  'POST /journeys/{id}:resume': { asks: never; takes: unknown; gives: Schemas['Journey'] };
  /** Everybody leaves; messages that have not left will not go */
  'POST /journeys/{id}:stop': { asks: never; takes: unknown; gives: Schemas['Journey'] };
  /** Copy the draft */
  'POST /journeys/{id}:duplicate': { asks: never; takes: unknown; gives: Schemas['Journey'] };
  /** How many people would enter if it were published now */
  'POST /journeys/{id}:estimate': { asks: never; takes: unknown; gives: Schemas['Estimate'] };
  /** The way a person would take through the draft, with waits cut short */
  'POST /journeys/{id}:simulate': { asks: never; takes: Schemas['SimulateRequest']; gives: Schemas['Simulation'] };
  /** People on nodes and edges */
  'GET /journeys/{id}/counts': { asks: never; takes: unknown; gives: Schemas['JourneyCounts'] };
  /** Who entered, and where they are */
  'GET /journeys/{id}/people': { asks: { q?: string; node?: string; state?: string; limit?: number; cursor?: string; }; takes: unknown; gives: { items: Schemas['JourneyPerson'][]; next?: string; } };
  /** One person's way, step by step, with reasons */
  'GET /journeys/{id}/people/{person}': { asks: never; takes: unknown; gives: Schemas['Way'] };
  /** Arms against control, with difference, interval and p-value */
  'GET /journeys/{id}/result': { asks: never; takes: unknown; gives: Schemas['JourneyResultView'] };
  /** The journeys a person entered */
  'GET /people/{id}/journeys': { asks: never; takes: unknown; gives: { items: Schemas['PersonJourney'][]; next?: string; } };
  /** Events as they are worked off (server-sent events) */
  'GET /events/live': { asks: never; takes: unknown; gives: unknown };
  /** The last events, newest first */
  'GET /events': { asks: { name?: string; q?: string; person?: string; limit?: number; }; takes: unknown; gives: { items: Schemas['LiveEvent'][]; next?: string; } };
  /** How it is going */
  'GET /home': { asks: never; takes: unknown; gives: Schemas['Home'] };
  /** How the house is */
  'GET /system': { asks: never; takes: unknown; gives: Schemas['System'] };
}
