// Made of openapi.json by `npm run generate`; what the server itself says it takes and gives.

export interface Schemas {
  AddedMember: Schemas['MemberView'] & { first_password?: string | null; };
  AuditEntry: { actor: string; actor_name?: string | null; at: string; id: number; operation: string; target: string; };
  AuditEntryDetail: Schemas['AuditEntry'] & { after?: unknown; before?: unknown; hash: string; previous: string; };
  AuditEntryList: { items: Schemas['AuditEntry'][]; next?: string | null; };
  BlacklistEntry: { identifier_type: string; reason?: string; value: string; };
  /** All that may be said; which parts count depends on the channel. */
  Body: { fields?: { [key: string]: string; }; html?: string; sms_template_code?: string; subject?: string; text?: string; webhook_url?: string; };
  /** Where the chain breaks. */
  Broken: { number: number; wrong: Schemas['Wrong']; };
  /** At most `limit` messages to a person, on a channel or (`*`) on all together. */
  Cap: { channel?: string; limit: number; period: string; window: Schemas['WindowKind']; };
  Channel: 'email' | 'sms' | 'webhook';
  ConsentChange: { channel?: string; granted: boolean; purpose?: string; };
  CountAnswer: { as_of: string; count: number; lines: object[]; sample: object[]; };
  CountRequest: { condition: object; };
  CreatedKey: { id: string; key: string; name: string; permissions: string[]; prefix: string; };
  DescribeRequest: { condition: object; lang: string; };
  /** It is done, and there is nothing to tell. */
  Done: object;
  EventRule: { blocked?: boolean; description?: string; properties?: { [key: string]: Schemas['ValueKind']; }; required?: string[]; };
  ExplainRequest: { person: string; };
  FunnelAnswer: { as_of: string; median_time_to_convert_ms?: number | null; steps: Schemas['FunnelLevel'][]; };
  FunnelLevel: { name: string; people: number; rate_from_first?: number | null; rate_from_previous?: number | null; };
  FunnelQuestion: { from?: string | null; segment?: string | null; steps: object[]; to?: string | null; within: string; };
  IdentifierView: { first_seen: string; type: string; value: string; };
  Import: { accepted: number; created_at: string; created_by: string; error?: string | null; error_code?: string | null; events: number; file: string; finished_at?: string | null; has_rejected_file: boolean; id: string; kind: string; mapping: Schemas['Mapping']; notes: string[]; people_created: number; rejected: number; rows: number; skipped: number; state: string; total_rows?: number | null; };
  ImportList: { items: Schemas['Import'][]; next?: string | null; };
  ImportPreview: { columns: string[]; delimiter?: string | null; encoding?: string | null; fields: { [key: string]: string; }; format: string; kind: Schemas['Kind']; known_fields: { [key: string]: string[]; }; rows: string[][]; };
  Interval: 'hour' | 'day' | 'week';
  JourneyDraft: { name: string; plan: object; };
  KeyList: { items: Schemas['KeyView'][]; next?: string | null; };
  KeyView: { created_at: string; created_by: string; id: string; last_used_at?: string | null; name: string; permissions: string[]; prefix: string; };
  /** What the rows of a file are. */
  Kind: 'orders' | 'events' | 'people' | 'things';
  /** How a file is read. In a mapping file (TOML or JSON) every key but `fields` may be left out. */
  Mapping: { cancelled?: string[]; currency?: string | null; decimal_mark?: string | null; delimiter?: string | null; encoding?: string | null; fields: { [key: string]: string; }; kind: Schemas['Kind']; refunded?: string[]; sheet?: string | null; time_format?: string | null; time_zone?: string | null; unmapped?: Schemas['Unmapped']; };
  Measure: 'count' | 'people';
  MemberList: { items: Schemas['MemberView'][]; next?: string | null; };
  MemberView: { email: string; id: string; name: string; role: Schemas['Role']; since: string; };
  NewKey: { name: string; permissions: string[]; };
  NewMember: { email: string; name?: string | null; role: Schemas['Role']; };
  NewPassword: { current_password: string; password: string; };
  NewRole: { role: Schemas['Role']; };
  NewSource: { kind: Schemas['SourceKind']; name: string; };
  PersonView: { events: number; first_seen: string; id: string; identifiers: Schemas['IdentifierView'][]; last_seen: string; name?: string | null; traits: { [key: string]: Schemas['TraitView']; }; };
  /** One per workspace. An empty plan allows everything. */
  Plan: { events?: { [key: string]: Schemas['EventRule']; }; refuse_unknown?: boolean; };
  PreviewRequest: Schemas['Body'] & { channel: Schemas['Channel']; person?: string | null; };
  Problem: { type?: string; status?: number; code: string; title: string; detail: string; trace_id: string; fields?: { [key: string]: string; }; params?: { [key: string]: string; }; };
  ProviderSettings: { config: object; kind: string; };
  Query: { sql: string; };
  /** From `from` to `to` in the person's time zone, over midnight if need be. */
  QuietHours: { channels?: string[]; from: string; to: string; };
  /** A fixed set to begin with. */
  Role: 'administrator' | 'marketer' | 'analyst' | 'viewer';
  RoleList: { items: Schemas['RoleView'][]; };
  RoleView: { permissions: string[]; role: Schemas['Role']; };
  SegmentDraft: { condition: object; description?: string; name: string; };
  SegmentView: { as_of: string; condition: object; count: number; created_at: string; created_by: string; description: string; id: string; is_filled: boolean; name: string; state: string; updated_at: string; version: number; };
  SendingSettings: Schemas['Settings'] & { providers?: { [key: string]: Schemas['ProviderSettings']; }; };
  /** Who is signed in. */
  SessionView: { permissions: string[]; user?: Schemas['UserView'] | null; workspace: Schemas['WorkspaceView']; };
  Settings: { caps?: Schemas['Cap'][]; needs_consent?: boolean; quiet_hours?: Schemas['QuietHours'] | null; };
  Setup: { currency?: string | null; email: string; name?: string | null; password: string; time_zone: string; token: string; workspace_name: string; };
  SetupState: { needed: boolean; };
  SignIn: { email: string; password: string; workspace?: string | null; };
  SimulateRequest: { person: string; };
  /** A source as the console shows it. */
  Source: { created_at: string; id: string; kind: Schemas['SourceKind']; name: string; write_key?: string | null; };
  /** What sends. The last two are the house itself: they have no key, and cannot be deleted. */
  SourceKind: 'web' | 'app' | 'mini_program' | 'server' | 'import' | 'internal';
  SourceList: { items: Schemas['Source'][]; next?: string | null; };
  TemplateDraft: Schemas['Body'] & { channel: Schemas['Channel']; name: string; };
  TemplateView: Schemas['Body'] & { channel: Schemas['Channel']; created_at: string; id: string; name: string; updated_at: string; version: number; };
  TestRequest: { to: string; };
  TraitView: { source: string; ts: string; value: object; };
  TrendAnswer: { as_of: string; points: Schemas['TrendPoint'][]; };
  TrendPoint: { at: string; value: number; };
  TrendQuestion: { event: object; from: string; interval: Schemas['Interval']; measure?: Schemas['Measure']; segment?: string | null; to: string; };
  /** What is done with columns that the mapping does not name. */
  Unmapped: 'keep' | 'drop';
  UserView: { email: string; id: string; name: string; };
  ValueKind: 'text' | 'number' | 'bool' | 'list' | 'object';
  /** What the walk found. */
  Verdict: { broken?: Schemas['Broken'] | null; entries: number; head: string; whole: boolean; };
  WindowKind: 'rolling' | 'calendar';
  /** What is absent stays as it is. */
  WorkspaceChange: { currency?: string | null; name?: string | null; time_zone?: string | null; };
  WorkspaceView: { currency: string; id: string; name: string; time_zone: string; };
  Wrong: 'edited' | 'missing' | 'not_linked' | 'after_head' | 'head_differs';
}

/** `unknown`: the document says nothing of it; types.ts does. */
export interface ServerOperations {
  /** Who did what, newest first; filters: q, actor, operation, target, from, to */
  'GET /audit': { takes: unknown; gives: Schemas['AuditEntryList'] };
  /** One entry with what it was before and after */
  'GET /audit/{id}': { takes: unknown; gives: Schemas['AuditEntryDetail'] };
  /** Walk the chain of entries and say whether it is whole */
  'POST /audit:verify': { takes: unknown; gives: Schemas['Verdict'] };
  /** Whether the house still has to be set up */
  'GET /setup': { takes: unknown; gives: Schemas['SetupState'] };
  /** Make the first workspace and its administrator, and sign in */
  'POST /setup': { takes: Schemas['Setup']; gives: Schemas['SessionView'] };
  /** Who one is and what one may */
  'GET /session': { takes: unknown; gives: Schemas['SessionView'] };
  /** Sign in with e-mail and password */
  'POST /session': { takes: Schemas['SignIn']; gives: Schemas['SessionView'] };
  /** Sign out */
  'DELETE /session': { takes: unknown; gives: Schemas['Done'] };
  /** Change one's own password; all other sessions end */
  'PUT /session/password': { takes: Schemas['NewPassword']; gives: Schemas['SessionView'] };
  /** The API keys of the workspace */
  'GET /keys': { takes: unknown; gives: Schemas['KeyList'] };
  /** Make an API key; it is shown once */
  'POST /keys': { takes: Schemas['NewKey']; gives: Schemas['CreatedKey'] };
  /** Disable an API key at once */
  'DELETE /keys/{id}': { takes: unknown; gives: Schemas['Done'] };
  /** Who works in the workspace */
  'GET /members': { takes: unknown; gives: Schemas['MemberList'] };
  /** Add somebody; a new account's first password is shown once */
  'POST /members': { takes: Schemas['NewMember']; gives: Schemas['AddedMember'] };
  /** Give a member another role */
  'PUT /members/{id}': { takes: Schemas['NewRole']; gives: Schemas['MemberView'] };
  /** Remove somebody from the workspace; her sessions in it end */
  'DELETE /members/{id}': { takes: unknown; gives: Schemas['Done'] };
  /** Change the workspace's name, time zone or currency */
  'PUT /workspace': { takes: Schemas['WorkspaceChange']; gives: Schemas['WorkspaceView'] };
  /** The roles and what each of them may */
  'GET /roles': { takes: unknown; gives: Schemas['RoleList'] };
  /** Record that a person granted or withdrew consent */
  'POST /people/{id}:consent': { takes: Schemas['ConsentChange']; gives: unknown };
  /** Identifiers that must not be reached */
  'GET /blacklist': { takes: unknown; gives: unknown };
  /** Put an identifier on the black list */
  'POST /blacklist': { takes: Schemas['BlacklistEntry']; gives: unknown };
  /** Take an identifier off the black list */
  'DELETE /blacklist/{identifier_type}/{value}': { takes: unknown; gives: unknown };
  /** The sources that may send events, with their write keys */
  'GET /sources': { takes: unknown; gives: Schemas['SourceList'] };
  /** Make a source with a new write key */
  'POST /sources': { takes: Schemas['NewSource']; gives: Schemas['Source'] };
  /** Delete a source: its write key is refused from now on, what it sent stays */
  'DELETE /sources/{id}': { takes: unknown; gives: Schemas['Source'] };
  /** Imports of files, newest first */
  'GET /imports': { takes: unknown; gives: Schemas['ImportList'] };
  /** Import a file: multipart with the parts file, kind (orders, events, people, things) and mapping (JSON) */
  'POST /imports': { takes: unknown; gives: Schemas['Import'] };
  /** One import, and how far it is */
  'GET /imports/{id}': { takes: unknown; gives: Schemas['Import'] };
  /** Stop an import after the batch at hand; what was imported stays */
  'POST /imports/{id}:cancel': { takes: unknown; gives: Schemas['Import'] };
  /** The rejected rows as CSV, with line, code and reason; mended, the file can be imported again */
  'GET /imports/{id}/rejected': { takes: unknown; gives: unknown };
  /** Look at a file (multipart, part file): its columns, first rows and a suggested mapping */
  'POST /imports:preview': { takes: unknown; gives: Schemas['ImportPreview'] };
  /** Event names seen, most frequent first */
  'GET /events/names': { takes: unknown; gives: unknown };
  /** Properties seen on an event name, with kinds and examples */
  'GET /events/properties': { takes: unknown; gives: unknown };
  /** Traits seen on people, with kinds and examples */
  'GET /traits': { takes: unknown; gives: unknown };
  /** What became of every event, per source and hour, with reasons */
  'GET /outcomes': { takes: unknown; gives: unknown };
  /** Events set apart, with the reason, newest first */
  'GET /quality/quarantine': { takes: unknown; gives: unknown };
  /** The tracking plan */
  'GET /tracking-plan': { takes: unknown; gives: Schemas['Plan'] };
  /** Replace the tracking plan */
  'PUT /tracking-plan': { takes: Schemas['Plan']; gives: Schemas['Plan'] };
  /** People, newest first; `q` finds by the beginning of an identifier, name or e-mail, `identifier=type:value` exactly */
  'GET /people': { takes: unknown; gives: unknown };
  /** One person: identifiers and traits with their sources */
  'GET /people/{id}': { takes: unknown; gives: Schemas['PersonView'] };
  /** What happened to a person, newest first */
  'GET /people/{id}/timeline': { takes: unknown; gives: unknown };
  /** Why these identifiers are one person: links with evidence, and links that were refused */
  'GET /people/{id}/identity': { takes: unknown; gives: unknown };
  /** Segments with their size */
  'GET /segments': { takes: unknown; gives: unknown };
  /** Make a segment from a condition */
  'POST /segments': { takes: Schemas['SegmentDraft']; gives: Schemas['SegmentView'] };
  /** One segment */
  'GET /segments/{id}': { takes: unknown; gives: Schemas['SegmentView'] };
  /** Change a segment; a changed condition judges everybody again without signals */
  'PUT /segments/{id}': { takes: Schemas['SegmentDraft']; gives: Schemas['SegmentView'] };
  /** Put a segment away */
  'POST /segments/{id}:archive': { takes: unknown; gives: Schemas['SegmentView'] };
  /** How many people satisfy a condition now, with a sample and a count per line */
  'POST /segments:count': { takes: Schemas['CountRequest']; gives: Schemas['CountAnswer'] };
  /** A condition as a sentence */
  'POST /segments:describe': { takes: Schemas['DescribeRequest']; gives: unknown };
  /** Who is in */
  'GET /segments/{id}/members': { takes: unknown; gives: unknown };
  /** Entered, left and size per day */
  'GET /segments/{id}/growth': { takes: unknown; gives: unknown };
  /** Why a person is in or not */
  'POST /segments/{id}:explain': { takes: Schemas['ExplainRequest']; gives: unknown };
  /** The segments a person is in */
  'GET /people/{id}/segments': { takes: unknown; gives: unknown };
  /** How many people did these steps, in order, within a window */
  'POST /analytics/funnels:run': { takes: Schemas['FunnelQuestion']; gives: Schemas['FunnelAnswer'] };
  /** How often an event happened, or to how many people, per interval */
  'POST /analytics/trends:run': { takes: Schemas['TrendQuestion']; gives: Schemas['TrendAnswer'] };
  /** One SELECT over events, people, identifiers, memberships, deliveries */
  'POST /query': { takes: Schemas['Query']; gives: unknown };
  /** Templates */
  'GET /templates': { takes: unknown; gives: unknown };
  /** Make a template */
  'POST /templates': { takes: Schemas['TemplateDraft']; gives: Schemas['TemplateView'] };
  /** One template */
  'GET /templates/{id}': { takes: unknown; gives: Schemas['TemplateView'] };
  /** Change a template; messages not yet sent use the new one */
  'PUT /templates/{id}': { takes: Schemas['TemplateDraft']; gives: Schemas['TemplateView'] };
  /** Delete a template */
  'DELETE /templates/{id}': { takes: unknown; gives: unknown };
  /** The ledger: every message and what became of it, newest first */
  'GET /deliveries': { takes: unknown; gives: unknown };
  /** How many deliveries stand in which state, and why */
  'GET /deliveries/summary': { takes: unknown; gives: unknown };
  /** One delivery with its steps and the message */
  'GET /deliveries/{id}': { takes: unknown; gives: unknown };
  /** What a person said, the last word per purpose and channel */
  'GET /people/{id}/consents': { takes: unknown; gives: unknown };
  /** Caps, quiet hours, consent rule, providers (without their secrets) */
  'GET /settings/sending': { takes: unknown; gives: unknown };
  /** Change caps, quiet hours, consent rule and providers */
  'PUT /settings/sending': { takes: Schemas['SendingSettings']; gives: unknown };
  /** A template for a person, or for a sample, with warnings */
  'POST /templates:preview': { takes: Schemas['PreviewRequest']; gives: unknown };
  /** Send one test message to an address of one's own */
  'POST /templates/{id}:test': { takes: Schemas['TestRequest']; gives: unknown };
  /** Journeys with how many came in and converted */
  'GET /journeys': { takes: unknown; gives: unknown };
  /** Draft a journey */
  'POST /journeys': { takes: Schemas['JourneyDraft']; gives: unknown };
  /** One journey: draft, what is published, history */
  'GET /journeys/{id}': { takes: unknown; gives: unknown };
  /** Save the draft */
  'PUT /journeys/{id}': { takes: Schemas['JourneyDraft']; gives: unknown };
  /** Check the draft and open it as the next version */
  'POST /journeys/{id}:publish': { takes: unknown; gives: unknown };
  /** Nobody enters, moves or is written to until it is resumed */
  'POST /journeys/{id}:pause': { takes: unknown; gives: unknown };
  /** Go on; who should have moved in between moves now */
  'POST /journeys/{id}:resume': { takes: unknown; gives: unknown };
  /** Everybody leaves; messages that have not left will not go */
  'POST /journeys/{id}:stop': { takes: unknown; gives: unknown };
  /** Copy the draft */
  'POST /journeys/{id}:duplicate': { takes: unknown; gives: unknown };
  /** How many people would enter if it were published now */
  'POST /journeys/{id}:estimate': { takes: unknown; gives: unknown };
  /** The way a person would take through the draft, with waits cut short */
  'POST /journeys/{id}:simulate': { takes: Schemas['SimulateRequest']; gives: unknown };
  /** People on nodes and edges */
  'GET /journeys/{id}/counts': { takes: unknown; gives: unknown };
  /** Who entered, and where they are */
  'GET /journeys/{id}/people': { takes: unknown; gives: unknown };
  /** One person's way, step by step, with reasons */
  'GET /journeys/{id}/people/{person}': { takes: unknown; gives: unknown };
  /** Arms against control, with difference, interval and p-value */
  'GET /journeys/{id}/result': { takes: unknown; gives: unknown };
  /** The journeys a person entered */
  'GET /people/{id}/journeys': { takes: unknown; gives: unknown };
  /** Events as they are worked off (server-sent events) */
  'GET /events/live': { takes: unknown; gives: unknown };
  /** The last events, newest first */
  'GET /events': { takes: unknown; gives: unknown };
  /** How it is going */
  'GET /home': { takes: unknown; gives: unknown };
  /** How the house is */
  'GET /system': { takes: unknown; gives: unknown };
}
