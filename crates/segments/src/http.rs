//! Segments over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::{Path, State};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_condition::{Condition, Explanation, Lang, describe_with};
use weft_context_kit::{HistoryEntry, Parts, blocking};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, ListQuery, Lock, OwnedListQuery, QueryOf, Routes, cursor_of, items_on_a_page};
use weft_profile_kv::Read;
use weft_profiles::{MOST_FOUND, PersonBrief, brief, find_person, search_people};

use crate::around::{Surroundings, zone_of};
use crate::count::{Asking, count, count_at_once};
use crate::kernel::{Atom, Error, Millis, Page, Result, SegmentId};
use crate::operations::{self, Draft, LIST, SAMPLE, Who, parse};
use crate::pools::Pool;
use crate::sample::SampleDraft;
use crate::sharing::{self, Right, Sharing, right_of};
use crate::store::Model;
use crate::{definition, membership, overlap};

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("segments:read");
const WRITE: Lock = Lock::Permission("segments:write");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_segments", "/segments", READ, list_segments, parts)
        .summary("Segments with their size")
        .lists::<SegmentView>()
        .asks::<OwnedListQuery>()
        .post("create_segment", "/segments", WRITE, create_segment, parts)
        .summary("Make a segment from a condition, as a list, or as a sample of everybody")
        .takes::<SegmentDraft>()
        .gives::<SegmentView>()
        .get("get_segment", "/segments/{id}", READ, get_segment, parts)
        .summary("One segment")
        .gives::<SegmentView>()
        .put("update_segment", "/segments/{id}", WRITE, update_segment, parts)
        .summary("Change a segment; a changed condition judges everybody again without signals")
        .takes::<SegmentDraft>()
        .gives::<SegmentView>()
        .post("archive_segment", "/segments/{id}:archive", WRITE, archive_segment, parts)
        .summary("Put a segment away")
        .gives::<SegmentView>()
        .post("share_segment", "/segments/{id}:share", WRITE, share_segment, parts)
        .summary("Say who may look at a segment and who may change it")
        .takes::<Sharing>()
        .gives::<SegmentView>()
        .post("hand_over_segment", "/segments/{id}:hand_over", WRITE, hand_over_segment, parts)
        .summary("Give a segment to another owner")
        .takes::<NewOwner>()
        .gives::<SegmentView>()
        .post("use_segment_as", "/segments/{id}:use_as", WRITE, use_segment_as, parts)
        .summary("Keep a segment's members from all marketing, or hold them out to compare with; or no longer")
        .takes::<UseAs>()
        .gives::<SegmentView>()
        .post("add_to_list", "/segments/{id}/members:add", WRITE, add_to_list, parts)
        .summary("Put people on a list, by one type of identifier")
        .takes::<ListIds>()
        .gives::<ListChanged>()
        .post("remove_from_list", "/segments/{id}/members:remove", WRITE, remove_from_list, parts)
        .summary("Take people off a list")
        .takes::<ListIds>()
        .gives::<ListChanged>()
        .post("overlap_segments", "/segments:overlap", READ, overlap_segments, parts)
        .summary("How 2 to 6 segments lie over each other")
        .takes::<OverlapRequest>()
        .gives::<Overlap>()
        .post("count_segment", "/segments:count", READ, count_segment, parts)
        .summary("How many people satisfy a condition now, with a sample and a count per line")
        .takes::<CountRequest>()
        .gives::<CountAnswer>()
        .post("describe_segment", "/segments:describe", READ, describe_segment, parts)
        .summary("A condition as a sentence")
        .takes::<DescribeRequest>()
        .gives::<SegmentText>()
        .get("list_segment_members", "/segments/{id}/members", READ, list_segment_members, parts)
        .summary("Who is in")
        .lists::<SegmentMember>()
        .get("list_segment_growth", "/segments/{id}/growth", READ, list_segment_growth, parts)
        .summary("Entered, left and size per day")
        .lists_whole::<GrowthDay>()
        .get("list_segment_history", "/segments/{id}/history", READ, list_segment_history, parts)
        .summary("What was done to a segment, newest first")
        .lists::<HistoryEntry>()
        .asks::<HistoryQuery>()
        .post("explain_segment", "/segments/{id}:explain", READ, explain_segment, parts)
        .summary("Why a person is in or not")
        .takes::<ExplainRequest>()
        .gives::<SegmentExplanation>()
        .get("list_person_segments", "/people/{id}/segments", READ, list_person_segments, parts)
        .summary("The segments a person is in")
        .lists_whole::<PersonSegment>()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SegmentDraft {
    name: String,
    #[serde(default)]
    description: String,
    /// Who belongs; or give `list`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    condition: Option<Value>,
    /// People are named one by one; or give `condition`.
    #[serde(default)]
    list: Option<ListDraft>,
    /// A share of everybody, drawn by lot; or give `condition`.
    #[serde(default)]
    #[schema(value_type = Option<SampleDraft>)]
    sample: Option<SampleDraft>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListDraft {
    /// Begins with the members that this segment has now.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    snapshot_of: Option<SegmentId>,
}

impl SegmentDraft {
    /// Of a list or a sample that is there already nothing needs to be said.
    fn draft(self, kind: &str) -> Result<Draft> {
        let who = match (self.condition, self.list, self.sample) {
            (Some(condition), None, None) => Who::Condition(condition),
            (None, Some(list), None) => Who::List { snapshot_of: list.snapshot_of },
            (None, None, Some(sample)) => Who::Sample(Some(sample)),
            (None, None, None) if kind == LIST => Who::List { snapshot_of: None },
            (None, None, None) if kind == SAMPLE => Who::Sample(None),
            _ => {
                return Err(Error::invalid("segments.list_or_condition", "give a condition, a list or a sample").field("condition", "one of this, list and sample"));
            }
        };
        Ok(Draft { name: self.name, description: self.description, who })
    }
}

#[derive(Serialize, ToSchema)]
struct SegmentView {
    id: String,
    name: String,
    description: String,
    /// `rule`, `list` or `sample`
    kind: String,
    /// Null for what is no rule.
    #[schema(value_type = Option<Object>)]
    condition: Value,
    sample: Option<SampleDraft>,
    owner: String,
    /// Null when nobody knows it.
    owner_name: Option<String>,
    sharing: Sharing,
    /// What the caller may do with it, if her permissions allow it too.
    right: Right,
    /// What its members are kept from marketing as.
    pool: Option<Pool>,
    version: i64,
    state: String,
    count: u64,
    #[schema(value_type = String)]
    as_of: Millis,
    /// False while people are still being judged by a new definition.
    is_filled: bool,
    created_by: String,
    #[schema(value_type = String)]
    created_at: Millis,
    #[schema(value_type = String)]
    updated_at: Millis,
}

fn view(parts: &Parts, caller: &Caller, model: Model, names: &BTreeMap<String, String>) -> Result<SegmentView> {
    let (id, workspace) = (SegmentId(model.id.clone()), caller.workspace());
    let is_filled = definition::stored(&*parts.state, workspace, &id)?.is_none_or(|d| d.filling_from.is_none());
    Ok(SegmentView {
        count: membership::size(&*parts.state, workspace, &id)?,
        as_of: parts.clock.now(),
        is_filled,
        right: right_of(caller, &model),
        owner_name: names.get(&model.owner).cloned(),
        owner: model.owner,
        sharing: model.sharing.0,
        pool: model.pool.as_deref().map(Pool::of_name).transpose()?,
        sample: model.sample.0.map(|s| s.shown()),
        id: model.id,
        name: model.name,
        description: model.description,
        kind: model.kind,
        condition: model.condition.0,
        version: model.version,
        state: model.state,
        created_by: model.created_by,
        created_at: model.created_at.0,
        updated_at: model.updated_at.0,
    })
}

/// Models as the caller sees them, their owners by name.
async fn views(parts: &Parts, caller: &Caller, models: Vec<Model>) -> Result<Vec<SegmentView>> {
    let owners: Vec<String> = models.iter().map(|m| m.owner.clone()).collect();
    let names = parts.names.names(caller.workspace(), &owners).await?;
    models.into_iter().map(|m| view(parts, caller, m, &names)).collect()
}

async fn shown(parts: &Parts, caller: &Caller, model: Model) -> Answer<SegmentView> {
    let names = parts.names.names(caller.workspace(), std::slice::from_ref(&model.owner)).await?;
    Ok(Json(view(parts, caller, model, &names)?))
}

async fn list_segments(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<OwnedListQuery>) -> Answer<Page<SegmentView>> {
    let (owner, list) = query.apart();
    let page = operations::list_segments(&parts, &caller, &list, &owner).await?;
    Ok(Json(Page { items: views(&parts, &caller, page.items).await?, next: page.next }))
}

async fn create_segment(State(parts): State<Room>, caller: Caller, Body(draft): Body<SegmentDraft>) -> Answer<SegmentView> {
    let model = operations::create_segment(&parts, &caller, draft.draft("")?).await?;
    shown(&parts, &caller, model).await
}

async fn get_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<SegmentView> {
    let model = operations::get_segment(&parts, &caller, &id).await?;
    shown(&parts, &caller, model).await
}

async fn update_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(draft): Body<SegmentDraft>) -> Answer<SegmentView> {
    let kind = operations::get_segment(&parts, &caller, &id).await?.kind;
    let model = operations::update_segment(&parts, &caller, &id, draft.draft(&kind)?).await?;
    shown(&parts, &caller, model).await
}

async fn archive_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<SegmentView> {
    let model = operations::archive_segment(&parts, &caller, &id).await?;
    shown(&parts, &caller, model).await
}

async fn share_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(sharing): Body<Sharing>) -> Answer<SegmentView> {
    let model = operations::share_segment(&parts, &caller, &id, sharing).await?;
    shown(&parts, &caller, model).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SegmentOwner)]
struct NewOwner {
    /// A user who works in the workspace.
    owner: String,
}

async fn hand_over_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(new): Body<NewOwner>) -> Answer<SegmentView> {
    let model = operations::hand_over_segment(&parts, &caller, &id, new.owner).await?;
    shown(&parts, &caller, model).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SegmentUse)]
struct UseAs {
    /// Null: as a pool no longer.
    pool: Option<Pool>,
}

async fn use_segment_as(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<UseAs>) -> Answer<SegmentView> {
    let model = operations::use_segment_as(&parts, &caller, &id, request.pool).await?;
    shown(&parts, &caller, model).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListIds {
    /// `user_id`, `email_md5` …
    id_type: String,
    /// At most 10,000.
    ids: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct ListChanged {
    changed: u64,
    /// Were on it already, or were not; and people named twice.
    unchanged: u64,
    /// Ids that nobody was ever seen with.
    unknown: u64,
    /// The first hundred of them.
    unknown_ids: Vec<String>,
}

async fn change_list(parts: &Parts, caller: &Caller, id: &str, request: &ListIds, is_in: bool) -> Answer<ListChanged> {
    let named = operations::change_list(parts, caller, id, request.id_type.trim(), &request.ids, is_in).await?;
    Ok(Json(ListChanged { changed: named.changed, unchanged: named.unchanged, unknown: named.unknown, unknown_ids: named.unknown_ids }))
}

async fn add_to_list(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<ListIds>) -> Answer<ListChanged> {
    change_list(&parts, &caller, &id, &request, true).await
}

async fn remove_from_list(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<ListIds>) -> Answer<ListChanged> {
    change_list(&parts, &caller, &id, &request, false).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverlapRequest {
    /// 2 to 6 of them.
    segments: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct OverlapSize {
    id: String,
    name: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct Overlap {
    /// How many people there are.
    people: u64,
    #[schema(value_type = String)]
    as_of: Millis,
    sizes: Vec<OverlapSize>,
    /// Exclusive: exactly in these and in no other. Only those with somebody in them, the largest first.
    regions: Vec<overlap::Region>,
    pairs: Vec<overlap::Pair>,
}

async fn overlap_segments(State(parts): State<Room>, caller: Caller, Body(request): Body<OverlapRequest>) -> Answer<Overlap> {
    let different: std::collections::BTreeSet<&String> = request.segments.iter().collect();
    if different.len() != request.segments.len() || !(2..=6).contains(&different.len()) {
        return Err(Error::invalid("segments.overlap_size", "choose 2 to 6 different segments").field("segments", "2 to 6 different ones").into());
    }
    let mut names = Vec::new();
    for id in &request.segments {
        names.push(operations::get_segment(&parts, &caller, id).await?.name);
    }
    let workspace = caller.workspace();
    let as_of = parts.clock.now();
    let answer = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let ids = request.segments;
        let sets = membership::sets(read, workspace, &ids)?;
        let sizes = ids.iter().zip(names).zip(&sets).map(|((id, name), set)| OverlapSize { id: id.clone(), name, count: set.len() }).collect();
        Ok(Overlap { people: weft_profiles::count_people(read, workspace)?, as_of, sizes, regions: overlap::regions(&ids, &sets), pairs: overlap::pairs(&ids, &sets) })
    })
    .await?;
    Ok(Json(answer))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountRequest {
    #[schema(value_type = Object)]
    condition: Value,
    /// An answer at once: where everybody would have to be asked and they are many, an estimate.
    #[serde(default)]
    at_once: bool,
}

#[derive(Serialize, ToSchema)]
struct CountAnswer {
    count: u64,
    /// Not everybody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<CountEstimate>,
    #[schema(value_type = String)]
    as_of: Millis,
    /// Up to ten of them, newest first.
    sample: Vec<PersonBrief>,
    lines: Vec<LineCount>,
}

/// Between so many and so many, in 19 of 20 cases.
#[derive(Serialize, ToSchema)]
struct CountEstimate {
    low: u64,
    high: u64,
}

/// How many satisfy one line of the condition alone.
#[derive(Serialize, ToSchema)]
struct LineCount {
    /// Its place in the tree.
    path: String,
    count: u64,
    is_estimate: bool,
}

/// Tells the threads that whoever asked has gone.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn count_segment(State(parts): State<Room>, caller: Caller, Body(request): Body<CountRequest>) -> Answer<CountAnswer> {
    let condition = parse(&request.condition)?;
    operations::refuse_unknown(&parts, &caller, &condition).await?;
    let workspace = caller.workspace();
    let now = parts.clock.now();
    let over = Over(Arc::default());
    let is_over = over.0.clone();
    let answer = blocking(move || {
        let zone = zone_of(&*parts.state, workspace)?;
        let asking = Asking { store: &*parts.state, workspace, zone: &zone, now, is_over: &is_over };
        let counted = if request.at_once { count_at_once(asking, &condition)? } else { count(asking, &condition)? };
        let sample = counted.sample.into_iter().map(|p| brief(&*parts.state, workspace, p)).collect::<Result<Vec<_>>>()?;
        let lines = counted.lines.into_iter().map(|l| LineCount { path: l.path, count: l.count, is_estimate: l.is_estimate }).collect();
        let estimate = counted.estimate.map(|(low, high)| CountEstimate { low, high });
        Ok(CountAnswer { count: counted.count, estimate, as_of: now, sample, lines })
    })
    .await?;
    Ok(Json(answer))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DescribeRequest {
    #[schema(value_type = Object)]
    condition: Value,
    /// `zh` or `en`.
    lang: String,
}

#[derive(Serialize, ToSchema)]
struct SegmentText {
    text: String,
}

async fn describe_segment(State(parts): State<Room>, caller: Caller, Body(request): Body<DescribeRequest>) -> Answer<SegmentText> {
    let condition = parse(&request.condition)?;
    let lang = if request.lang == "zh" { Lang::Zh } else { Lang::En };
    let workspace = caller.workspace();
    let hidden = sharing::hidden_from(&parts, &caller).await?;
    let text = describe_with(&condition, lang, &|named| match named {
        weft_condition::Named::Segment(id) if !hidden.contains(&SegmentId::from(id)) => definition::stored(&*parts.state, workspace, &SegmentId::from(id)).ok().flatten().map(|d| d.name),
        _ => None,
    });
    Ok(Json(SegmentText { text }))
}

#[derive(Serialize, ToSchema)]
struct SegmentMember {
    person: PersonBrief,
    #[schema(value_type = Option<String>)]
    since: Option<Millis>,
}

async fn list_segment_members(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Answer<Page<SegmentMember>> {
    operations::get_segment(&parts, &caller, &id).await?;
    let workspace = caller.workspace();
    let after: Option<Atom> = cursor_of(query.cursor.as_deref())?;
    let page = blocking(move || {
        let segment = SegmentId(id);
        let read: &dyn Read = &*parts.state;
        let mut members = membership::bitmap(read, workspace, &segment)?;
        if !query.q.trim().is_empty() {
            members &= search_people(read, workspace, query.q.trim(), MOST_FOUND)?.into_iter().collect::<RoaringBitmap>();
        }
        let mut chosen: Vec<Atom> = members.range(after.map_or(0, |a| a + 1)..).take(query.limit() + 1).collect();
        let next = (chosen.len() > query.limit()).then(|| chosen[query.limit() - 1].to_string());
        chosen.truncate(query.limit());
        let member = |person| -> Result<SegmentMember> {
            let since = membership::since_when(read, workspace, &segment, person)?;
            Ok(SegmentMember { person: brief(read, workspace, person)?, since })
        };
        Ok(Page { items: chosen.into_iter().map(member).collect::<Result<_>>()?, next })
    })
    .await?;
    Ok(Json(page))
}

#[derive(Serialize, ToSchema)]
struct GrowthDay {
    /// When the day (UTC) begins.
    #[schema(value_type = String)]
    day: Millis,
    entered: u64,
    left: u64,
    /// Members at its end.
    count: i64,
}

async fn list_segment_growth(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<GrowthDay>> {
    operations::get_segment(&parts, &caller, &id).await?;
    let workspace = caller.workspace();
    let days = blocking(move || membership::days(&*parts.state, workspace, &SegmentId(id))).await?;
    let mut count = 0i64;
    let items = days
        .into_iter()
        .map(|(day, entered, left)| {
            count += entered as i64 - left as i64;
            GrowthDay { day, entered, left, count }
        })
        .collect();
    Ok(Json(Page { items, next: None }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

async fn list_segment_history(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    QueryOf(query): QueryOf<HistoryQuery>,
) -> Answer<Page<HistoryEntry>> {
    operations::get_segment(&parts, &caller, &id).await?;
    Ok(Json(parts.history(caller.workspace(), &id, query.cursor.as_deref(), items_on_a_page(query.limit)).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExplainRequest {
    person: String,
}

#[derive(Serialize, ToSchema)]
struct SegmentExplanation {
    holds: bool,
    #[schema(value_type = String)]
    as_of: Millis,
    /// The condition, each node with `kind`, `path`, `verdict`, `evidence` and `children`.
    #[schema(value_type = Object)]
    tree: Explanation,
}

async fn explain_segment(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    Body(request): Body<ExplainRequest>,
) -> Answer<SegmentExplanation> {
    let model = operations::get_segment(&parts, &caller, &id).await?;
    // Of a list or a sample all that can be said is whether she is in it.
    let condition = if matches!(model.kind.as_str(), LIST | SAMPLE) { Condition::Segment(SegmentId::from(id.as_str())) } else { parse(&model.condition.0)? };
    let workspace = caller.workspace();
    let now = parts.clock.now();
    let explanation: Explanation = blocking(move || {
        let person = find_person(&*parts.state, workspace, &request.person)?;
        let zone = zone_of(&*parts.state, workspace)?;
        let around = Surroundings::of(&*parts.state, workspace, person, &zone);
        let facts = around.facts();
        let explanation = weft_condition::explain(&condition, &facts, now);
        facts.sound()?;
        around.sound()?;
        let names = weft_condition::mentions(&condition);
        let is_sensitive = weft_profiles::trait_rules(&*parts.state, workspace)?.traits.iter().any(|(name, rule)| rule.is_sensitive && names.is_of_trait(name));
        Ok(if is_sensitive && !caller.may("people:sensitive") { explanation.without_evidence() } else { explanation })
    })
    .await?;
    Ok(Json(SegmentExplanation { holds: explanation.verdict, as_of: now, tree: explanation }))
}

#[derive(Serialize, ToSchema)]
struct PersonSegment {
    #[schema(value_type = String)]
    id: SegmentId,
    name: Option<String>,
    #[schema(value_type = String)]
    since: Millis,
}

async fn list_person_segments(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<PersonSegment>> {
    let workspace = caller.workspace();
    let hidden = sharing::hidden_from(&parts, &caller).await?;
    let items = blocking(move || {
        let person = find_person(&*parts.state, workspace, &id)?;
        let mut items = Vec::new();
        for m in membership::of_person(&*parts.state, workspace, person)?.into_iter().filter(|m| !hidden.contains(&m.segment)) {
            let name = definition::stored(&*parts.state, workspace, &m.segment)?.map(|d| d.name);
            items.push(PersonSegment { id: m.segment, name, since: m.since });
        }
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}
