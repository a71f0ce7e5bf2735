//! One JSON object per line; a column is a key that any line has.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};

use super::decode::{self, UNREADABLE};
use super::{CellKind, Line, MOST_COLUMNS, Next, Row, Shape, Visit};
use crate::kernel::Result;

const LONGEST_LINE: usize = 8 * 1024 * 1024;

fn lines(path: &Path, shape: &Shape, each: &mut dyn FnMut(u64, &str) -> Result<Next>) -> Result<()> {
    let encoding = decode::encoding_of(shape.encoding.unwrap_or("utf-8"))?;
    let mut input = decode::open(path, encoding)?;
    let mut line = Vec::new();
    let mut number = 0;
    while decode::read_line(&mut input, &mut line, LONGEST_LINE)? {
        number += 1;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if !text.is_empty() && each(number, text)? == Next::Stop {
            break;
        }
    }
    Ok(())
}

/// All keys, in the order in which they first appear. Reads the whole file: a key may come late.
pub fn columns(path: &Path, shape: &Shape) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let mut columns = Vec::new();
    lines(path, shape, &mut |_, text| {
        if let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) {
            for key in object.keys() {
                if !seen.contains(key) && columns.len() <= MOST_COLUMNS {
                    seen.insert(key.clone());
                    columns.push(key.clone());
                }
            }
        }
        Ok(Next::Go)
    })?;
    Ok(columns)
}

pub fn read(path: &Path, shape: &Shape, columns: &[String], visit: &mut Visit<'_>) -> Result<()> {
    let mut row = Row::default();
    lines(path, shape, &mut |number, text| {
        row.clear(number);
        let object = match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(object) if !text.contains(UNREADABLE) => object,
            Ok(_) => {
                row.push(text, CellKind::Text);
                return visit(Line::Bad { row: &row, code: "encoding", reason: "some bytes cannot be read in this encoding" });
            }
            Err(e) => {
                row.push(text, CellKind::Text);
                return visit(Line::Bad { row: &row, code: "row_unreadable", reason: &format!("the line is not a JSON object: {e}") });
            }
        };
        for column in columns {
            cell(&mut row, object.get(column).unwrap_or(&Value::Null));
        }
        visit(Line::Row(&row))
    })
}

fn cell(row: &mut Row, value: &Value) {
    match value {
        Value::Null => row.push("", CellKind::Text),
        Value::String(text) => row.push(text, CellKind::Text),
        Value::Number(number) => row.push(&number.to_string(), CellKind::Number),
        Value::Bool(flag) => row.push(if *flag { "true" } else { "false" }, CellKind::Flag),
        nested => row.push(&nested.to_string(), CellKind::Json),
    }
}
