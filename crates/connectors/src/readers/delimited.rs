//! Comma, tab, semicolon or bar separated text, as real programs write it.
//!
//! Reads what RFC 4180 allows, and goes on after what it does not: a quote that is opened and never
//! closed costs the row where it was opened, not the rest of the file.

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::Path;

use super::decode::{self, UNREADABLE};
use super::{CellKind, Line, Next, Row, Shape, Visit};
use crate::kernel::Result;

const LONGEST_LINE: usize = 8 * 1024 * 1024;
/// A quoted cell that runs over more lines or bytes than these was never meant to be quoted.
const MOST_LINES_IN_A_CELL: usize = 100;
const MOST_BYTES_IN_A_CELL: usize = 64 * 1024;

/// What `next` found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Row,
    /// A quote is opened in this row and not closed; the row holds the line, cut at every delimiter.
    Unclosed,
    End,
}

/// Rows of delimited text, quoted ones over several lines included.
struct Records<R> {
    input: R,
    delimiter: u8,
    line: Vec<u8>,
    line_number: u64,
    /// Lines read ahead in search of a closing quote, to be read again.
    again: VecDeque<Vec<u8>>,
    /// Lines of the row at hand after its first, while a quote is open.
    ahead: Vec<Vec<u8>>,
}

impl<R: BufRead> Records<R> {
    fn new(input: R, delimiter: char) -> Self {
        Self { input, delimiter: delimiter as u8, line: Vec::new(), line_number: 0, again: VecDeque::new(), ahead: Vec::new() }
    }

    fn next_line(&mut self) -> Result<bool> {
        let found = match self.again.pop_front() {
            Some(line) => {
                self.line = line;
                true
            }
            None => decode::read_line(&mut self.input, &mut self.line, LONGEST_LINE)?,
        };
        self.line_number += u64::from(found);
        Ok(found)
    }

    fn next(&mut self, row: &mut Row) -> Result<Found> {
        if !self.next_line()? {
            return Ok(Found::End);
        }
        row.clear(self.line_number);
        self.ahead.clear();
        let mut open = split(&self.line, self.delimiter, row, false);
        if !open {
            return Ok(Found::Row);
        }
        let first = self.line.clone();
        let mut bytes = 0;
        while open {
            let more = bytes <= MOST_BYTES_IN_A_CELL && self.ahead.len() < MOST_LINES_IN_A_CELL && self.next_line()?;
            if !more {
                return Ok(self.give_back(&first, row));
            }
            bytes += self.line.len();
            open = split(&self.line, self.delimiter, row, true);
            self.ahead.push(self.line.clone());
        }
        Ok(Found::Row)
    }

    fn give_back(&mut self, first: &[u8], row: &mut Row) -> Found {
        let line = row.line;
        self.line_number = line;
        for line in self.ahead.drain(..).rev() {
            self.again.push_front(line);
        }
        row.clear(line);
        // Cut without regard to quotes, so that the reader still sees most cells.
        for part in String::from_utf8_lossy(first).trim_end_matches(['\r', '\n']).split(char::from(self.delimiter)) {
            row.push(part, CellKind::Text);
        }
        Found::Unclosed
    }
}

/// Cuts a line into cells. `open`: it begins inside a quoted cell. Answers whether it ends inside one.
fn split(line: &[u8], delimiter: u8, row: &mut Row, open: bool) -> bool {
    let ends_in = |text: &[u8], end: u8| text.last() == Some(&end);
    let mut end = line.len();
    if ends_in(&line[..end], b'\n') {
        end -= 1;
        if ends_in(&line[..end], b'\r') {
            end -= 1;
        }
    }
    let mut at = 0;
    let mut quoted = open;
    loop {
        if quoted || line[at..end].first() == Some(&b'"') {
            at += usize::from(!quoted);
            match quoted_part(line, at, row) {
                None => return true,
                Some(after) => at = after,
            }
            quoted = false;
        }
        // Unquoted text, or what stands after a closing quote.
        let rest = &line[at.min(end)..end];
        match rest.iter().position(|b| *b == delimiter) {
            Some(length) => {
                write(row, &rest[..length]);
                row.end_cell(CellKind::Text);
                at += length + 1;
            }
            None => {
                write(row, rest);
                row.end_cell(CellKind::Text);
                return false;
            }
        }
    }
}

/// Copies a quoted cell; answers where it goes on after the closing quote, if there is one in this line.
fn quoted_part(line: &[u8], mut at: usize, row: &mut Row) -> Option<usize> {
    loop {
        let Some(length) = line[at..].iter().position(|b| *b == b'"') else {
            write(row, &line[at..]);
            return None;
        };
        write(row, &line[at..at + length]);
        at += length + 1;
        if line.get(at) != Some(&b'"') {
            return Some(at);
        }
        row.write("\"");
        at += 1;
    }
}

fn write(row: &mut Row, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => row.write(text),
        // The decoder hands out whole letters, and delimiters are ASCII; so this is never walked.
        Err(_) => row.write(&String::from_utf8_lossy(bytes)),
    }
}

fn records(path: &Path, shape: &Shape) -> Result<Records<impl BufRead + use<>>> {
    let encoding = decode::encoding_of(shape.encoding.unwrap_or("utf-8"))?;
    Ok(Records::new(decode::open(path, encoding)?, shape.delimiter.unwrap_or(',')))
}

/// The first row that is not blank.
pub fn columns(path: &Path, shape: &Shape) -> Result<Vec<String>> {
    let mut records = records(path, shape)?;
    let mut row = Row::default();
    header(&mut records, &mut row)?;
    Ok(row.cells().map(str::to_owned).collect())
}

fn header(records: &mut Records<impl BufRead>, row: &mut Row) -> Result<()> {
    while records.next(row)? != Found::End {
        if !row.is_blank() {
            return Ok(());
        }
    }
    row.clear(0);
    Ok(())
}

pub fn read(path: &Path, shape: &Shape, width: usize, visit: &mut Visit<'_>) -> Result<()> {
    let mut records = records(path, shape)?;
    let mut row = Row::default();
    header(&mut records, &mut row)?;
    loop {
        let found = records.next(&mut row)?;
        let next = match found {
            Found::End => return Ok(()),
            Found::Unclosed => visit(Line::Bad { row: &row, code: "quote_unclosed", reason: "a quotation mark is opened and never closed" })?,
            Found::Row if row.is_blank() => Next::Go,
            Found::Row => {
                let had = row.len();
                if row.text().contains(UNREADABLE) {
                    visit(Line::Bad { row: &row, code: "encoding", reason: "some bytes cannot be read in this encoding" })?
                } else if row.fit(width) {
                    visit(Line::Row(&row))?
                } else {
                    let reason = format!("the row has {had} columns, the header has {width}");
                    visit(Line::Bad { row: &row, code: "column_count", reason: &reason })?
                }
            }
        };
        if next == Next::Stop {
            return Ok(());
        }
    }
}

/// The delimiter by which the first rows fall into the same number of cells, and most of them.
pub fn guess_delimiter(text: &str) -> char {
    // Of equals the last is taken.
    let best = ['|', ';', '\t', ','].into_iter().max_by_key(|delimiter| {
        let mut records = Records::new(text.as_bytes(), *delimiter);
        let mut row = Row::default();
        let mut widths = Vec::new();
        while widths.len() < 20 && matches!(records.next(&mut row), Ok(Found::Row)) {
            if !row.is_blank() {
                widths.push(row.len());
            }
        }
        let first = widths.first().copied().unwrap_or(0);
        if first < 2 {
            return (0, 0);
        }
        let alike = widths.iter().filter(|w| **w == first).count();
        (alike * 100 / widths.len(), first)
    });
    // A table of one column has no delimiter at all: then any is good.
    best.filter(|d| text.lines().next().is_some_and(|line| line.contains(*d))).unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str, delimiter: char) -> Vec<(u64, Found, Vec<String>)> {
        let mut records = Records::new(text.as_bytes(), delimiter);
        let mut row = Row::default();
        let mut out = Vec::new();
        loop {
            match records.next(&mut row).unwrap() {
                Found::End => return out,
                found => out.push((row.line, found, row.cells().map(str::to_owned).collect())),
            }
        }
    }
    fn cells(text: &str) -> Vec<Vec<String>> {
        all(text, ',').into_iter().map(|(_, _, cells)| cells).collect()
    }

    #[test]
    fn quotes_commas_and_lines_inside_cells() {
        assert_eq!(cells("a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\n"), [vec!["a", "b"], vec!["x,\"y\"", "two\nlines"]]);
        assert_eq!(cells("a \"quoted\" word,b"), [vec!["a \"quoted\" word", "b"]]);
        assert_eq!(cells("\"a\"b,c\n,\n"), [vec!["ab", "c"], vec!["", ""]]);
        assert_eq!(cells("\"keeps\r\nits ends\",1\r\n"), [vec!["keeps\r\nits ends", "1"]]);
    }

    #[test]
    fn lines_are_counted_where_rows_begin() {
        let lines: Vec<_> = all("h\n\n\"a\nb\nc\"\nd\n", ',').into_iter().map(|(line, _, cells)| (line, cells.concat())).collect();
        assert_eq!(lines, [(1, "h".into()), (2, String::new()), (3, "a\nb\nc".into()), (6, "d".into())]);
    }

    #[test]
    fn an_unclosed_quote_costs_one_row() {
        let got = all("1,a\n2,\"5\" pipe\n3,\"open\n4,d\n5,e\n", ',');
        assert_eq!(got[1], (2, Found::Row, vec!["2".into(), "5 pipe".into()]));
        assert_eq!(got[2], (3, Found::Unclosed, vec!["3".into(), "\"open".into()]));
        assert_eq!(got[3], (4, Found::Row, vec!["4".into(), "d".into()]));
        assert_eq!(got[4], (5, Found::Row, vec!["5".into(), "e".into()]));
        let long = format!("1,\"open\n{}", "2,b\n".repeat(1_000));
        let got = all(&long, ',');
        assert_eq!(got.len(), 1_001);
        assert!(got[1..].iter().all(|(_, found, _)| *found == Found::Row));
        assert_eq!(got[1_000].0, 1_001);
    }

    #[test]
    fn delimiters_are_guessed() {
        assert_eq!(guess_delimiter("a,b,c\n1,2,3\n"), ',');
        assert_eq!(guess_delimiter("a\tb\n1,5\t2\n"), '\t');
        assert_eq!(guess_delimiter("name;price\n\"a;b\";1,50\nc;2,00\n"), ';');
        assert_eq!(guess_delimiter("a|b|c\n1|2,0|3\n"), '|');
        assert_eq!(guess_delimiter("single\nx\n"), ',');
        assert_eq!(guess_delimiter(""), ',');
    }

    proptest! {
        /// What an independent writer writes is read as it was.
        #[test]
        fn agrees_with_another_writer(table in prop::collection::vec(prop::collection::vec("[a-z,;\"\n\r 订é]{0,8}", 2..5), 1..12)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).quote_style(csv::QuoteStyle::Necessary).from_writer(Vec::new());
            for record in &table {
                writer.write_record(record).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(cells(&text), table);
        }

        /// Whatever the text, nothing breaks, and line numbers rise.
        #[test]
        fn any_text_is_read_to_its_end(text in "[a,\"\n]{0,200}") {
            let lines: Vec<u64> = all(&text, ',').into_iter().map(|(line, _, _)| line).collect();
            prop_assert!(lines.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
