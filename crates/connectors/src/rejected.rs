//! The file of rejected rows: the rows as they were, each with its line, a code and a reason, ready to be
//! mended and imported again.
//!
//! Three columns are put before the row's own. A cell that a spreadsheet would take for a formula
//! (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, and is not simply a number) gets an
//! apostrophe in front, because whoever opens the file in Excel must be safe from whoever wrote it. When the
//! file is imported again it is known by its three columns: they are left out, and the apostrophes go.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::kernel::{Error, Result};
use crate::readers::Row;

/// The columns that are put before the row's own.
pub const MARKS: [&str; 3] = ["rejected_line", "rejected_code", "rejected_reason"];

/// Is this the header of a file of rejected rows?
pub fn is_ours(header: &[String]) -> bool {
    header.len() > MARKS.len() && header.iter().zip(MARKS).all(|(name, mark)| name.trim() == mark)
}

/// A row that could not become part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    pub row: Row,
    pub code: &'static str,
    pub reason: String,
}

/// Copies a row of our own file without the marks and the apostrophes. It keeps the line it has now.
pub(crate) fn unmark(row: &Row, marks: usize, plain: &mut Row) {
    plain.clear(row.line);
    for index in marks..row.len() {
        let cell = row.get(index);
        plain.push(cell.strip_prefix('\'').filter(|rest| is_risky(rest)).unwrap_or(cell), row.kind(index));
    }
}

fn is_risky(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) && !is_plain_number(cell)
}

fn is_plain_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.matches('.').count() < 2
}

/// Writes the file; it comes into being with its first row.
pub struct RejectedFile {
    path: PathBuf,
    columns: Vec<String>,
    out: Option<csv::Writer<BufWriter<File>>>,
}

impl RejectedFile {
    /// Goes on after the first `bytes` bytes of what is there; what stands behind them was not yet true.
    pub fn open(path: &Path, columns: &[String], bytes: u64) -> Result<Self> {
        let mut file = Self { path: path.to_owned(), columns: columns.to_vec(), out: None };
        if bytes == 0 {
            match std::fs::remove_file(path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                _ => return Ok(file),
            }
        }
        let mut there = OpenOptions::new().write(true).open(path)?;
        if there.metadata()?.len() < bytes {
            return Err(Error::conflict("connectors.rejected_file_changed", "the file of rejected rows of the interrupted import is shorter than it was; delete its checkpoint to start again"));
        }
        there.set_len(bytes)?;
        there.seek(SeekFrom::End(0))?;
        file.out = Some(writer(there));
        Ok(file)
    }

    pub fn write(&mut self, rejected: &RejectedRow) -> Result<()> {
        if self.out.is_none() {
            let mut there = File::create(&self.path)?;
            // Without the mark Excel reads Chinese as Windows-1252.
            there.write_all("\u{feff}".as_bytes())?;
            let mut out = writer(there);
            out.write_record(MARKS.into_iter().chain(self.columns.iter().map(String::as_str))).map_err(write_error)?;
            self.out = Some(out);
        }
        let Some(out) = self.out.as_mut() else { return Ok(()) };
        let line = rejected.row.line.to_string();
        out.write_field(&line).map_err(write_error)?;
        out.write_field(rejected.code).map_err(write_error)?;
        out.write_field(safe(&rejected.reason).as_ref()).map_err(write_error)?;
        for cell in rejected.row.cells() {
            out.write_field(safe(cell).as_ref()).map_err(write_error)?;
        }
        out.write_record(None::<&[u8]>).map_err(write_error)
    }

    /// Brings everything to disk; answers how long the file is now.
    pub fn flush(&mut self) -> Result<u64> {
        let Some(out) = self.out.as_mut() else { return Ok(0) };
        out.flush()?;
        let file = out.get_ref().get_ref();
        file.sync_data()?;
        Ok(file.metadata()?.len())
    }
}

fn writer(file: File) -> csv::Writer<BufWriter<File>> {
    csv::WriterBuilder::new().flexible(true).from_writer(BufWriter::new(file))
}

fn write_error(e: csv::Error) -> Error {
    Error::unavailable("connectors.rejected_file_unwritable", format!("the file of rejected rows cannot be written: {e}"))
}

fn safe(cell: &str) -> std::borrow::Cow<'_, str> {
    if is_risky(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// A row of text cells.
#[cfg(test)]
pub(crate) fn text_row(line: u64, cells: &[&str]) -> Row {
    let mut row = Row::default();
    row.clear(line);
    cells.iter().for_each(|cell| row.push(cell, crate::readers::CellKind::Text));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::{Line, Next, ReadOptions, Table};
    use proptest::prelude::*;

    fn round(rows: &[Vec<String>]) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.csv");
        let columns: Vec<String> = (0..rows[0].len()).map(|i| format!("c{i}")).collect();
        let mut file = RejectedFile::open(&path, &columns, 0).unwrap();
        for (index, cells) in rows.iter().enumerate() {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            file.write(&RejectedRow { row: text_row(index as u64 + 2, &cells), code: "time_unreadable", reason: "the time \"x\" cannot be read".into() }).unwrap();
        }
        file.flush().unwrap();
        let table = Table::open(&path, &ReadOptions { delimiter: Some(','), ..Default::default() }).unwrap();
        assert_eq!(table.columns(), columns);
        let mut back = Vec::new();
        table
            .read(&mut |line| {
                let Line::Row(row) = line else { panic!("a row of ours is bad: {line:?}") };
                back.push(row.cells().map(str::to_owned).collect());
                Ok(Next::Go)
            })
            .unwrap();
        back
    }

    #[test]
    fn formulas_are_put_to_sleep_and_wake_again() {
        let rows = vec![vec!["=1+1".to_owned(), "-6.0".into(), "'-x".into(), "+8613800000000".into()], vec!["@SUM(A1)".into(), "\tx".into(), "-".into(), "普通".into()]];
        assert_eq!(safe("=1+1"), "'=1+1");
        assert_eq!(safe("-6.0"), "-6.0", "a negative number is no formula");
        assert_eq!(round(&rows), rows);
    }

    #[test]
    fn it_goes_on_where_it_was_true() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.csv");
        let columns = vec!["a".to_owned()];
        let row = |n: u64| RejectedRow { row: text_row(n, &["x"]), code: "encoding", reason: "r".into() };
        let mut file = RejectedFile::open(&path, &columns, 0).unwrap();
        file.write(&row(2)).unwrap();
        let bytes = file.flush().unwrap();
        file.write(&row(3)).unwrap();
        drop(file);
        let mut file = RejectedFile::open(&path, &columns, bytes).unwrap();
        file.write(&row(4)).unwrap();
        file.flush().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "\u{feff}rejected_line,rejected_code,rejected_reason,a\n2,encoding,r,x\n4,encoding,r,x\n");
        assert_eq!(RejectedFile::open(&path, &columns, 9_999).err().unwrap().code, "connectors.rejected_file_changed");
        RejectedFile::open(&path, &columns, 0).unwrap();
        assert!(!path.exists(), "a new import begins without rejected rows");
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were(rows in prop::collection::vec(prop::collection::vec("[=+@'\"a1,.\t-]{1,6}", 3), 1..6)) {
            prop_assume!(rows.iter().all(|row| row.iter().any(|cell| !cell.trim().is_empty())));
            prop_assert_eq!(round(&rows), rows);
        }
    }
}
