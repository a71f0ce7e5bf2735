//! One row of a table, its cells in one piece of memory.

/// What the file said a cell is. Delimited text knows only text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    Text,
    /// The text is a number as the file had it.
    Number,
    /// The text is `true` or `false`.
    Flag,
    /// The text is a JSON array or object.
    Json,
    /// The text is a time in ISO 8601 without a zone, made from a date cell.
    Time,
}

impl CellKind {
    const ALL: [CellKind; 5] = [CellKind::Text, CellKind::Number, CellKind::Flag, CellKind::Json, CellKind::Time];
    fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|k| *k as u8 == byte)
    }
}

/// The next `N` bytes.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// A row and where it stands. Cheap to use again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Number of the line in the file (of the row in a sheet), counted from 1.
    pub line: u64,
    text: String,
    cells: Vec<(u32, CellKind)>,
}

impl Row {
    pub fn clear(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.cells.clear();
    }
    /// Appends to the cell that is being written.
    pub fn write(&mut self, part: &str) {
        self.text.push_str(part);
    }
    /// Ends the cell that is being written.
    pub fn end_cell(&mut self, kind: CellKind) {
        self.cells.push((self.text.len() as u32, kind));
    }
    pub fn push(&mut self, text: &str, kind: CellKind) {
        self.write(text);
        self.end_cell(kind);
    }
    /// The text of a cell; empty beyond the last.
    pub fn get(&self, index: usize) -> &str {
        let Some((end, _)) = self.cells.get(index) else { return "" };
        &self.text[self.start(index)..*end as usize]
    }
    pub fn kind(&self, index: usize) -> CellKind {
        self.cells.get(index).map_or(CellKind::Text, |(_, kind)| *kind)
    }
    pub fn len(&self) -> usize {
        self.cells.len()
    }
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }
    /// Is there nothing but white space in it?
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
    /// Bytes it holds, about.
    pub fn weight(&self) -> usize {
        self.text.len() + self.cells.len() * 8 + 64
    }
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
    /// The row as bytes, for files that this process alone reads again.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.line.to_le_bytes());
        out.extend_from_slice(&(self.cells.len() as u32).to_le_bytes());
        for (end, kind) in &self.cells {
            out.extend_from_slice(&end.to_le_bytes());
            out.push(*kind as u8);
        }
        out.extend_from_slice(&(self.text.len() as u32).to_le_bytes());
        out.extend_from_slice(self.text.as_bytes());
    }
    /// Reads what [`Row::save`] wrote, and moves `bytes` behind it.
    pub(crate) fn load(bytes: &mut &[u8]) -> Option<Self> {
        let line = u64::from_le_bytes(take(bytes)?);
        let count = u32::from_le_bytes(take(bytes)?);
        let mut cells = Vec::with_capacity(count.min(10_000) as usize);
        for _ in 0..count {
            let end = u32::from_le_bytes(take(bytes)?);
            let [kind] = take::<1>(bytes)?;
            cells.push((end, CellKind::of(kind)?));
        }
        let length = u32::from_le_bytes(take(bytes)?) as usize;
        let (text, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(Self { line, text: String::from_utf8(text.to_vec()).ok()?, cells })
    }
    /// Takes away cells beyond `width` if they are empty; tells whether the row is that wide now.
    pub(crate) fn fit(&mut self, width: usize) -> bool {
        while self.cells.len() > width && self.get(self.cells.len() - 1).trim().is_empty() {
            self.cells.pop();
        }
        self.cells.len() == width
    }
    fn start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.cells[index - 1].0 as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were_written() {
        let mut row = Row::default();
        row.clear(7);
        for (text, kind) in [("a", CellKind::Text), ("", CellKind::Text), ("1.5", CellKind::Number), ("  ", CellKind::Text)] {
            row.push(text, kind);
        }
        assert_eq!(row.cells().collect::<Vec<_>>(), ["a", "", "1.5", "  "]);
        assert_eq!((row.kind(2), row.get(9), row.line), (CellKind::Number, "", 7));
        assert!(row.fit(3), "an empty cell too many is none");
        assert!(!row.fit(2));
        let mut saved = Vec::new();
        row.save(&mut saved);
        saved.extend_from_slice(b"rest");
        let mut bytes = saved.as_slice();
        assert_eq!(Row::load(&mut bytes), Some(row.clone()));
        assert_eq!(bytes, b"rest");
        assert_eq!(Row::load(&mut &saved[..10]), None);
        row.clear(8);
        assert!(row.is_blank() && row.is_empty());
    }
}
