//! The house against its papers.

use xtask::{Check, bans, doors, errors, graph, map, paths, readmes, root};

fn holds(check: Check) {
    let found = check(&root()).unwrap();
    assert!(found.wrong.is_empty(), "\n{}\n", found.wrong.join("\n"));
}

#[test]
fn the_house_stands_as_drawn() {
    holds(graph::the_house_stands_as_drawn);
}

#[test]
fn the_map_matches_the_land() {
    holds(map::the_map_matches_the_land);
}

#[test]
fn every_door_has_a_lock() {
    holds(doors::every_door_has_a_lock);
}

#[test]
fn every_room_has_a_readme() {
    holds(readmes::every_room_has_a_readme);
}

#[test]
fn every_error_code_is_explained() {
    holds(errors::every_error_code_is_explained);
}

#[test]
fn nobody_is_named_by_a_path() {
    holds(paths::nobody_is_named_by_a_path);
}

#[test]
fn nothing_banned_is_locked() {
    holds(bans::nothing_banned_is_locked);
}
