//! The catalogue over HTTP.

mod tags;
mod things;
mod wire;

use std::sync::Arc;

use weft_context_kit::{HistoryEntry, Parts};
use weft_http_kit::{Lock, Routes};

use crate::survey::Survey;
use crate::types::Settings;
use tags::{archive_thing_tag, assign_thing_tag, create_thing_tag, get_thing_tag, list_thing_tag_history, list_thing_tag_templates, list_thing_tags, preview_thing_tag, update_thing_tag};
use things::{archive_thing, define_thing_type, get_thing, import_things, list_thing_types, list_things, put_thing, restore_thing};
use wire::{Assigned, Assignment, FiguresQuery, HistoryQuery, Imported, NewTag, Preview, TagDraft, TagTemplate, TagView, ThingDraft, ThingLine, ThingView, Things, ThingsQuery, TypeView};

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("catalog:read");
const WRITE: Lock = Lock::Permission("catalog:write");

pub(crate) fn routes(parts: &Room) -> Routes {
    of_tags(parts).and(of_things(parts))
}

fn of_things(parts: &Room) -> Routes {
    Routes::new()
        .get("list_thing_types", "/catalog/types", READ, list_thing_types, parts)
        .summary("Types of things, how events name them, and how many there are")
        .lists_whole::<TypeView>()
        .put("define_thing_type", "/catalog/types/{type}", WRITE, define_thing_type, parts)
        .summary("Say how events name things of a type; events from now on count so")
        .takes::<Settings>()
        .gives::<TypeView>()
        .get("list_things", "/catalog/{type}", READ, list_things, parts)
        .summary("Things of a type by id, with their tags")
        .lists::<ThingLine>()
        .asks::<ThingsQuery>()
        .post("import_things", "/catalog/{type}:import", WRITE, import_things, parts)
        .summary("Say what up to 1,000 things are; each refused line is explained, and takes no other with it")
        .takes::<Things>()
        .gives::<Imported>()
        .get("get_thing", "/catalog/{type}/{id}", READ, get_thing, parts)
        .summary("One thing with its tags, its figures by day, and what changed")
        .gives::<ThingView>()
        .asks::<FiguresQuery>()
        .put("put_thing", "/catalog/{type}/{id}", WRITE, put_thing, parts)
        .summary("Say what a thing is, all of it; what is archived comes back")
        .takes::<ThingDraft>()
        .gives::<ThingView>()
        .post("archive_thing", "/catalog/{type}/{id}:archive", WRITE, archive_thing, parts)
        .summary("Put a thing away; events go on counting")
        .gives::<ThingView>()
        .post("restore_thing", "/catalog/{type}/{id}:restore", WRITE, restore_thing, parts)
        .summary("Bring a thing back")
        .gives::<ThingView>()
}

fn of_tags(parts: &Room) -> Routes {
    Routes::new()
        .get("list_thing_tags", "/catalog/tags", READ, list_thing_tags, parts)
        .summary("Tags of things with how many are called what")
        .lists::<TagView>()
        .post("create_thing_tag", "/catalog/tags", WRITE, create_thing_tag, parts)
        .summary("Make a tag of things")
        .takes::<NewTag>()
        .gives::<TagView>()
        .get("list_thing_tag_templates", "/catalog/tags/templates", READ, list_thing_tag_templates, parts)
        .summary("Ready rules to start from")
        .lists_whole::<TagTemplate>()
        .post("preview_thing_tag", "/catalog/tags:preview", READ, preview_thing_tag, parts)
        .summary("What things would be called, asked of all now")
        .takes::<Preview>()
        .gives::<Survey>()
        .get("get_thing_tag", "/catalog/tags/{id}", READ, get_thing_tag, parts)
        .summary("One tag of things")
        .gives::<TagView>()
        .put("update_thing_tag", "/catalog/tags/{id}", WRITE, update_thing_tag, parts)
        .summary("Change a tag; a changed rule judges all things again")
        .takes::<TagDraft>()
        .gives::<TagView>()
        .post("archive_thing_tag", "/catalog/tags/{id}:archive", WRITE, archive_thing_tag, parts)
        .summary("Put a tag away")
        .gives::<TagView>()
        .post("assign_thing_tag", "/catalog/tags/{id}:assign", WRITE, assign_thing_tag, parts)
        .summary("Say by hand what up to 1,000 things are called")
        .takes::<Assignment>()
        .gives::<Assigned>()
        .get("list_thing_tag_history", "/catalog/tags/{id}/history", READ, list_thing_tag_history, parts)
        .summary("What was done to a tag, newest first")
        .lists::<HistoryEntry>()
        .asks::<HistoryQuery>()
}
