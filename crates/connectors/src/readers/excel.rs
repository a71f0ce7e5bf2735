//! Workbooks of Excel, old and new; the new ones are streamed cell by cell.

use std::path::Path;

use calamine::{Data, DataRef, ExcelDateTime, Range, Reader, Xls, Xlsx};
use rust_decimal::Decimal;

use super::{CellKind, Line, Next, Row, Shape, Visit, open_file};
use crate::kernel::{Error, Result};

fn broken(e: impl std::fmt::Display) -> Error {
    Error::invalid("connectors.workbook_unreadable", format!("the workbook cannot be read: {e}"))
}

fn sheet_of(names: Vec<String>, wanted: Option<&str>) -> Result<String> {
    match wanted {
        None => names.into_iter().next().ok_or_else(|| broken("it has no sheet")),
        Some(wanted) if names.iter().any(|n| n == wanted) => Ok(wanted.to_owned()),
        Some(wanted) => Err(Error::invalid("connectors.sheet_missing", format!("there is no sheet \"{wanted}\"; the sheets are: {}", names.join(", ")))
            .field("sheet", "missing")
            .param("sheet", wanted)
            .param("sheets", names.join(", "))),
    }
}

/// Collects cells into rows. The header decides the width.
struct Gather<'a, 'v> {
    row: Row,
    /// Zero: the next row that is not blank is the header.
    width: usize,
    header: Option<&'a mut Vec<String>>,
    visit: &'a mut Visit<'v>,
    /// Columns filled in the row at hand.
    filled: usize,
}

impl Gather<'_, '_> {
    fn begin(&mut self, line: u64) {
        self.row.clear(line);
        self.filled = 0;
    }
    fn cell(&mut self, column: usize, text: &str, kind: CellKind) {
        // A sheet can claim a cell far to the right of its table.
        if column >= 16_384 || column < self.filled {
            return;
        }
        while self.filled < column {
            self.row.push("", CellKind::Text);
            self.filled += 1;
        }
        self.row.push(text, kind);
        self.filled += 1;
    }
    fn end(&mut self) -> Result<Next> {
        if self.row.is_blank() {
            return Ok(Next::Go);
        }
        if let Some(header) = self.header.as_deref_mut() {
            *header = self.row.cells().map(str::to_owned).collect();
            while header.last().is_some_and(|name| name.trim().is_empty()) {
                header.pop();
            }
            return Ok(Next::Stop);
        }
        if self.width == 0 {
            return Ok(Next::Go);
        }
        while self.filled < self.width {
            self.row.push("", CellKind::Text);
            self.filled += 1;
        }
        if self.row.fit(self.width) {
            return (self.visit)(Line::Row(&self.row));
        }
        let reason = format!("the row has {} columns, the header has {}", self.row.len(), self.width);
        (self.visit)(Line::Bad { row: &self.row, code: "column_count", reason: &reason })
    }
}

pub fn columns(path: &Path, shape: &Shape) -> Result<Vec<String>> {
    let mut header = Vec::new();
    let mut nobody = |_: Line<'_>| Ok(Next::Go);
    let mut gather = Gather { row: Row::default(), width: 0, header: Some(&mut header), visit: &mut nobody, filled: 0 };
    walk(path, shape, &mut gather)?;
    Ok(header)
}

pub fn read(path: &Path, shape: &Shape, width: usize, visit: &mut Visit<'_>) -> Result<()> {
    let mut is_header = true;
    let mut after_header = |line: Line<'_>| {
        if std::mem::take(&mut is_header) { Ok(Next::Go) } else { visit(line) }
    };
    let mut gather = Gather { row: Row::default(), width, header: None, visit: &mut after_header, filled: 0 };
    walk(path, shape, &mut gather)
}

fn walk(path: &Path, shape: &Shape, gather: &mut Gather<'_, '_>) -> Result<()> {
    if shape.format == "xlsx" { walk_xlsx(path, shape, gather) } else { walk_xls(path, shape, gather) }
}

fn walk_xlsx(path: &Path, shape: &Shape, gather: &mut Gather<'_, '_>) -> Result<()> {
    let mut book = Xlsx::new(open_file(path)?).map_err(broken)?;
    let sheet = sheet_of(book.sheet_names(), shape.sheet.as_deref())?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    let mut at: Option<u32> = None;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
        let (line, column) = cell.get_position();
        if at != Some(line) {
            if at.is_some() && gather.end()? == Next::Stop {
                return Ok(());
            }
            gather.begin(u64::from(line) + 1);
            at = Some(line);
        }
        let format = cells.styles().get(style).and_then(|s| s.number_format.as_ref()).map_or("", |f| f.format_code.as_str());
        let (text, kind) = shown(cell.get_value(), format);
        gather.cell(column as usize, &text, kind);
    }
    gather.end().map(|_| ())
}

fn walk_xls(path: &Path, shape: &Shape, gather: &mut Gather<'_, '_>) -> Result<()> {
    // At most 65,536 rows fit into this format, so it may be held whole.
    let mut book = Xls::new(open_file(path)?).map_err(broken)?;
    let sheet = sheet_of(book.sheet_names(), shape.sheet.as_deref())?;
    let range: Range<Data> = book.worksheet_range(&sheet).map_err(broken)?;
    let (top, left) = range.start().unwrap_or((0, 0));
    for (index, cells) in range.rows().enumerate() {
        gather.begin(u64::from(top) + index as u64 + 1);
        for (column, value) in cells.iter().enumerate() {
            let (text, kind) = shown(&streamed(value), "");
            gather.cell(left as usize + column, &text, kind);
        }
        if gather.end()? == Next::Stop {
            return Ok(());
        }
    }
    Ok(())
}

/// Sees a stored cell as the streamed kind, so that both formats are shown by one function.
fn streamed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(v) => DataRef::Int(*v),
        Data::Float(v) => DataRef::Float(*v),
        Data::String(v) => DataRef::SharedString(v),
        Data::Bool(v) => DataRef::Bool(*v),
        Data::DateTime(v) => DataRef::DateTime(*v),
        Data::DateTimeIso(v) => DataRef::DateTimeIso(v.clone()),
        Data::DurationIso(v) => DataRef::DurationIso(v.clone()),
        Data::Error(_) | Data::Empty => DataRef::Empty,
    }
}

/// A cell as a person sees it: dates as ISO 8601, numbers in the 15 digits that Excel keeps,
/// with the leading zeros of a format such as `000000`.
fn shown(value: &DataRef<'_>, format: &str) -> (String, CellKind) {
    match value {
        DataRef::Int(v) => padded(v.to_string(), format),
        DataRef::Float(v) => padded(number(*v), format),
        DataRef::String(v) => (v.clone(), CellKind::Text),
        DataRef::SharedString(v) => ((*v).to_owned(), CellKind::Text),
        DataRef::Bool(v) => (v.to_string(), CellKind::Flag),
        DataRef::DateTime(v) if v.is_datetime() => (moment(v), CellKind::Time),
        DataRef::DateTime(v) => (number(v.as_f64()), CellKind::Number),
        DataRef::DateTimeIso(v) => (v.clone(), CellKind::Time),
        DataRef::DurationIso(v) => (v.clone(), CellKind::Text),
        // `#N/A`, `#REF!` and their like are no values.
        DataRef::Error(_) | DataRef::Empty => (String::new(), CellKind::Text),
    }
}

fn padded(text: String, format: &str) -> (String, CellKind) {
    let zeros = format.len();
    let plain = zeros > 1 && format.bytes().all(|b| b == b'0') && text.bytes().all(|b| b.is_ascii_digit());
    if plain { (format!("{text:0>zeros$}"), CellKind::Text) } else { (text, CellKind::Number) }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e18 {
        return format!("{value:.0}");
    }
    // Sums such as 0.1 + 0.2 carry digits beyond the 15 that Excel shows.
    Decimal::from_scientific(&format!("{value:.14e}")).map_or_else(|_| value.to_string(), |d| d.normalize().to_string())
}

fn moment(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_excel_shows() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(17850.0), "17850");
        assert_eq!(number(-2.55), "-2.55");
        assert_eq!(number(13_800_138_000.0), "13800138000");
        assert_eq!(padded("42".into(), "000000"), ("000042".into(), CellKind::Text));
        assert_eq!(padded("42".into(), "0"), ("42".into(), CellKind::Number));
        assert_eq!(padded("4.5".into(), "000"), ("4.5".into(), CellKind::Number));
    }
}
