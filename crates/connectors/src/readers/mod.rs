//! Tables in files, read row by row in bounded memory: delimited text, Excel, JSON lines.

mod decode;
mod delimited;
mod excel;
mod json_lines;
mod row;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::kernel::{Error, Result};
use crate::rejected;

pub use decode::encoding_of;
pub(crate) use row::take;
pub use row::{CellKind, Row};

/// More columns than this is not a table of customers, orders or events.
const MOST_COLUMNS: usize = 2_000;

/// What the caller knows about the file; what is `None` is found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// A WHATWG label: `utf-8`, `gbk`, `gb18030`, `utf-16le`, `windows-1252`, …
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// Sheet of a workbook; otherwise the first.
    pub sheet: Option<String>,
}

/// What the file was found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// `delimited`, `xlsx`, `xls` or `json_lines`.
    pub format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// A row as the file has it, or one that cannot be read as a row of this table.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    Row(&'a Row),
    Bad { row: &'a Row, code: &'static str, reason: &'a str },
}

/// Told by the visitor after each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Go,
    Stop,
}

/// Called for each line, in the order of the file.
pub type Visit<'v> = dyn FnMut(Line<'_>) -> Result<Next> + 'v;

/// A file whose columns are known. It can be read as often as needed.
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    shape: Shape,
    columns: Vec<String>,
    /// Leading columns that an earlier import put before the rejected rows.
    marks: usize,
}

impl Table {
    /// Finds out format, encoding and delimiter, and reads the header.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self> {
        let shape = shape_of(path, options)?;
        let columns = match shape.format {
            "delimited" => delimited::columns(path, &shape)?,
            "json_lines" => json_lines::columns(path, &shape)?,
            _ => excel::columns(path, &shape)?,
        };
        let marks = if rejected::is_ours(&columns) { rejected::MARKS.len() } else { 0 };
        let columns = named(columns.into_iter().skip(marks));
        if columns.is_empty() {
            return Err(Error::invalid("connectors.file_empty", "the file has no header row; the first row must name the columns"));
        }
        if columns.len() > MOST_COLUMNS {
            return Err(Error::invalid("connectors.too_many_columns", format!("the file has {} columns; an import takes at most {MOST_COLUMNS}", columns.len()))
                .param("columns", columns.len())
                .param("most", MOST_COLUMNS));
        }
        Ok(Self { path: path.to_owned(), shape, columns, marks })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
    pub fn shape(&self) -> &Shape {
        &self.shape
    }
    /// Names of the columns, each once: an empty name is `column_3`, a second `price` is `price_2`.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Shows every line after the header to `visit`. Rows in which every cell is empty are no rows.
    pub fn read(&self, visit: &mut Visit<'_>) -> Result<()> {
        let mut plain = Row::default();
        let mut visit = |line: Line<'_>| -> Result<Next> {
            let (row, bad) = match line {
                Line::Row(row) => (row, None),
                Line::Bad { row, code, reason } => (row, Some((code, reason))),
            };
            if bad.is_none() && row.is_blank() {
                return Ok(Next::Go);
            }
            if self.marks == 0 {
                return visit(line);
            }
            rejected::unmark(row, self.marks, &mut plain);
            match bad {
                None => visit(Line::Row(&plain)),
                Some((code, reason)) => visit(Line::Bad { row: &plain, code, reason }),
            }
        };
        let width = self.columns.len() + self.marks;
        match self.shape.format {
            "delimited" => delimited::read(&self.path, &self.shape, width, &mut visit),
            "json_lines" => json_lines::read(&self.path, &self.shape, &self.columns, &mut visit),
            _ => excel::read(&self.path, &self.shape, width, &mut visit),
        }
    }

    /// The first rows, for people who choose the mapping.
    pub fn first_rows(&self, count: usize) -> Result<Vec<Vec<String>>> {
        let mut rows = Vec::new();
        self.read(&mut |line| {
            if let Line::Row(row) = line {
                rows.push(row.cells().map(str::to_owned).collect());
            }
            Ok(if rows.len() < count { Next::Go } else { Next::Stop })
        })?;
        Ok(rows)
    }
}

fn shape_of(path: &Path, options: &ReadOptions) -> Result<Shape> {
    let head = head_of(path, 8)?;
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let workbook = |format| Ok(Shape { format, encoding: None, delimiter: None, sheet: options.sheet.clone() });
    if head.starts_with(b"PK\x03\x04") {
        return workbook("xlsx");
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return workbook("xls");
    }
    let sample = decode::sample(path)?;
    let encoding = match &options.encoding {
        Some(label) => encoding_of(label)?,
        None => decode::guess(&sample),
    };
    let text = decode::text_of(&sample, encoding);
    let json = extension == "jsonl" || extension == "ndjson" || (extension != "csv" && extension != "tsv" && text.trim_start().starts_with('{'));
    if json {
        return Ok(Shape { format: "json_lines", encoding: Some(encoding.name()), delimiter: None, sheet: None });
    }
    let delimiter = options.delimiter.unwrap_or_else(|| delimited::guess_delimiter(&text));
    if !delimiter.is_ascii() || matches!(delimiter, '"' | '\n' | '\r') {
        return Err(Error::invalid("connectors.delimiter_unusable", "the delimiter must be one ASCII character, and no quote or line end"));
    }
    Ok(Shape { format: "delimited", encoding: Some(encoding.name()), delimiter: Some(delimiter), sheet: None })
}

fn head_of(path: &Path, length: usize) -> Result<Vec<u8>> {
    let mut head = Vec::with_capacity(length);
    open_file(path)?.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn open_file(path: &Path) -> Result<BufReader<File>> {
    File::open(path).map(BufReader::new).map_err(|e| {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Error::not_found("connectors.file_unreadable", format!("the file {name} cannot be opened: {e}")).param("file", name)
    })
}

fn named(headers: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, header) in headers.enumerate() {
        let header = header.trim().trim_matches(['\u{feff}', '\u{200b}']).trim();
        let wanted = if header.is_empty() { format!("column_{}", index + 1) } else { header.to_owned() };
        let mut name = wanted.clone();
        let mut again = 2;
        while names.contains(&name) {
            name = format!("{wanted}_{again}");
            again += 1;
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_gets_a_name_of_its_own() {
        let names = named(["price", "", "price", " price_2 "].into_iter().map(str::to_owned));
        assert_eq!(names, ["price", "column_2", "price_2", "price_2_2"]);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Table::open(Path::new("/nowhere/orders.csv"), &ReadOptions::default()).unwrap_err();
        assert_eq!(error.code, "connectors.file_unreadable");
        assert!(error.detail.contains("orders.csv") && !error.detail.contains("/nowhere/"), "{error}");
    }
}
