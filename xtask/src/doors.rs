//! Every operation is found by one word, and every door that stands open is listed with its reason.
//! That no operation lacks a lock is kept by the compiler: `Routes::get` and its sisters take one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::plan::Plan;
use crate::{Findings, Result, read, source};

const VERBS: [&str; 5] = [".get(\"", ".post(\"", ".put(\"", ".patch(\"", ".delete(\""];
const ROLES: &str = "crates/access/src/domain/permission.rs";

/// One line of a room's `routes`.
#[derive(Debug, PartialEq)]
struct Door<'a> {
    id: &'a str,
    path: &'a str,
    is_open: bool,
    handler: &'a str,
}

pub fn every_door_has_a_lock(root: &Path) -> Result<Findings> {
    let plan = Plan::read(root)?;
    let sources = source::of_crates(root)?;
    let mut found = Findings::default();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open: BTreeMap<String, &str> = BTreeMap::new();
    for (file, text) in sources.iter().filter(|(file, _)| !file.starts_with("crates/http-kit/")) {
        for door in doors(text) {
            if let Some(other) = ids.insert(door.id, file) {
                found.wrong(format!("the operation {} is in {file} and in {other}: one name, one thing", door.id));
            }
            if !door.handler.starts_with(door.id) {
                found.wrong(format!("{file}: the operation {} is handled by {}: give both one name", door.id, door.handler));
            }
            if door.is_open {
                open.insert(format!("/api/v1{}", door.path), file);
            }
        }
        open.extend(text.lines().filter_map(root_route).map(|path| (path.to_owned(), file.as_str())));
    }
    for (path, file) in open.iter().filter(|(path, _)| !plan.open_doors.contains_key(*path)) {
        found.wrong(format!("{path} ({file}) stands open: list it under [open_doors] in architecture.toml with its reason, or lock it"));
    }
    for path in plan.open_doors.keys().filter(|path| !open.contains_key(*path)) {
        found.wrong(format!("{path} is listed under [open_doors] and is not there: take its line away"));
    }
    permissions(&plan, &sources, &read(&root.join(ROLES))?, &mut found);
    Ok(found)
}

fn doors(text: &str) -> Vec<Door<'_>> {
    let starts = VERBS.iter().flat_map(|verb| text.match_indices(verb).map(|(at, _)| at + verb.len()));
    let mut doors: Vec<(usize, Door)> = starts.filter_map(|at| Some((at, door(&text[at..])?))).collect();
    doors.sort_by_key(|(at, _)| *at);
    doors.into_iter().map(|(_, door)| door).collect()
}

/// `list_people", "/people", READ, list_people, parts)`
fn door(text: &str) -> Option<Door<'_>> {
    let (id, rest) = text.split_once('"')?;
    let (path, rest) = rest.trim_start().strip_prefix(',')?.trim_start().strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim_start().strip_prefix(',')?.trim_start();
    let is_open = rest.starts_with("Lock::Open");
    // The reason of an open door may hold commas.
    let after_lock = if is_open { rest.split_once("\")")?.1 } else { &rest[rest.find(',')?..] };
    let handler = after_lock.trim_start().strip_prefix(',')?.trim_start().split([',', ')']).next()?.trim();
    path.starts_with('/').then_some(Door { id, path, is_open, handler })
}

/// A path that a room hangs at the root by itself.
fn root_route(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix(".route(\"")?.split('"').next()
}

/// A permission that nobody was given is a door that only administrators open. Said so, it is meant so.
fn permissions(plan: &Plan, sources: &[(String, String)], roles: &str, found: &mut Findings) {
    let at_doors: BTreeSet<&str> = sources
        .iter()
        .flat_map(|(_, text)| text.match_indices("Lock::Permission(\"").filter_map(|(at, mark)| text[at + mark.len()..].split('"').next()))
        .collect();
    for permission in &at_doors {
        let room = permission.split(':').next().unwrap_or_default();
        let is_given = [format!("\"{permission}\""), format!("\"{room}:*\"")].iter().any(|text| roles.contains(text.as_str()));
        if !is_given && !plan.administrators_only.iter().any(|p| p == permission) {
            found.remark(format!("{permission} is held by administrators only: give it to a role, or list it under administrators_only"));
        }
    }
    for permission in plan.administrators_only.iter().filter(|p| !at_doors.contains(p.as_str())) {
        found.wrong(format!("{permission} is listed under administrators_only and opens no door: take it away"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_are_read_as_they_are_written() {
        let text = "Routes::new()\n.get(\"list_people\", \"/people\", READ, list_people, parts)\n\
                    .post(\"run_setup\", \"/setup\", Lock::Open(\"a token, printed once\"), run_setup, room)\n\
                    .put(\"x\", \"/x\", Lock::Permission(\"x:write\"), x_now, room)\nmap.get(\"a\")\n";
        let open: Vec<_> = doors(text).into_iter().map(|d| (d.id, d.path, d.is_open, d.handler)).collect();
        assert_eq!(
            open,
            [("list_people", "/people", false, "list_people"), ("run_setup", "/setup", true, "run_setup"), ("x", "/x", false, "x_now")]
        );
        assert_eq!(root_route("        .route(\"/sa\", get(a).post(b))"), Some("/sa"));
    }
}
