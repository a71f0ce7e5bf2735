//! `weft link FILE`: who would be whom, by a file of identifiers, before any of it is brought in.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;
use weft_identity::bulk::{Found, Rows};

use super::Common;
use crate::kernel::Identifier;

/// Shared identifiers that are named.
const MOST_SHOWN: usize = 20;

#[derive(Args)]
pub struct LinkArgs {
    /// CSV with a header; each row holds the identifiers of one person.
    file: PathBuf,
    /// The columns that hold identifiers, and their kinds where the column is named otherwise: phone=mobile,openid.
    /// All columns, when left out.
    #[arg(long, value_name = "KIND=COLUMN,…")]
    ids: Option<String>,
    /// What more rows name than this belongs to nobody: a shop's phone, a shared device.
    #[arg(long, default_value_t = 200)]
    shared_after: u32,
    /// Writes person, kind and identifier to a CSV.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(common: &Common, args: &LinkArgs) -> anyhow::Result<()> {
    let (rows, read, empty) = read(&args.file, args.ids.as_deref())?;
    let found = rows.people(args.shared_after);
    if let Some(out) = &args.out {
        write(out, &rows, &found)?;
    }
    let shared = rows.shared(args.shared_after);
    if common.json {
        let shared: Vec<_> = shared.iter().take(MOST_SHOWN).map(|(id, rows)| json!({"kind": id.id_type, "value": id.value, "rows": rows})).collect();
        println!(
            "{}",
            json!({"rows": read, "rows_without_identifier": empty, "identifiers": rows.identifiers().len(), "links": rows.links(), "people": found.count, "largest": found.largest, "shared": shared})
        );
        return Ok(());
    }
    println!("{read} rows, {empty} of them without an identifier that stands for anybody");
    println!("{} identifiers, {} links: {} people; the largest has {} identifiers", rows.identifiers().len(), rows.links(), found.count, found.largest);
    if !shared.is_empty() {
        println!("{} identifiers are in more than {} rows and link nobody:", shared.len(), args.shared_after);
        for (id, rows) in shared.iter().take(MOST_SHOWN) {
            println!("  {} {}: {rows} rows", id.id_type, id.value);
        }
    }
    Ok(())
}

/// The rows, how many there were, and how many named nobody.
fn read(file: &Path, ids: Option<&str>) -> anyhow::Result<(Rows, u64, u64)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let header = reader.headers()?.clone();
    let columns = columns(&header, ids)?;
    let (mut rows, mut read, mut empty) = (Rows::default(), 0, 0);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).with_context(|| format!("row {} cannot be read", read + 1))? {
        let row = columns.iter().filter_map(|(kind, at)| Some(Identifier::new(kind.clone(), record.get(*at)?)));
        read += 1;
        empty += u64::from(rows.push(row) == 0);
    }
    Ok((rows, read, empty))
}

/// Kind and place of each column with identifiers.
fn columns(header: &csv::StringRecord, ids: Option<&str>) -> anyhow::Result<Vec<(String, usize)>> {
    let clean = |name: &str| name.trim().trim_start_matches('\u{feff}').to_owned();
    let names: Vec<String> = header.iter().map(clean).collect();
    let Some(ids) = ids else { return Ok(names.into_iter().enumerate().map(|(at, name)| (name, at)).collect()) };
    let mut found = Vec::new();
    for one in ids.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        let (kind, column) = one.split_once('=').unwrap_or((one, one));
        let at = names.iter().position(|name| name == column).with_context(|| format!("there is no column {column}; there are {}", names.join(", ")))?;
        found.push((kind.to_owned(), at));
    }
    ensure!(!found.is_empty(), "name at least one column with identifiers");
    Ok(found)
}

/// People are numbered as they come in the file.
fn write(out: &Path, rows: &Rows, found: &Found) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_path(out).with_context(|| format!("{} cannot be written", out.display()))?;
    writer.write_record(["person", "kind", "identifier"])?;
    for (person, id) in found.people.iter().zip(rows.identifiers()) {
        writer.write_record([(person + 1).to_string().as_str(), id.id_type.as_str(), id.value.as_str()])?;
    }
    writer.flush()?;
    Ok(())
}
