//! How alike two texts are. All of it works in a [`Scratch`] that is made once: nothing is allocated per pair.

mod dates;
mod edits;
mod jaro;
mod tokens;

pub use dates::{days, equal_date_parts, is_day_month_swapped};
pub use tokens::token_dice;

/// Letters of one of two texts: bytes where both are ASCII, code points elsewhere.
pub(crate) trait Symbol: Copy + Eq {
    fn code(self) -> u32;
}

impl Symbol for u8 {
    fn code(self) -> u32 {
        u32::from(self)
    }
}

impl Symbol for u32 {
    fn code(self) -> u32 {
        self
    }
}

/// Positions of each letter in a text of at most 64 letters, as bits: the table of Myers (1999), hashed so that it also holds Chinese.
pub(crate) struct Positions {
    keys: [u32; SLOTS],
    masks: [u64; SLOTS],
}

/// Twice 64, so that there is always a free slot; ASCII letters never collide.
const SLOTS: usize = 128;
const FREE: u32 = u32::MAX;

impl Positions {
    fn new() -> Self {
        Positions { keys: [FREE; SLOTS], masks: [0; SLOTS] }
    }

    fn fill<S: Symbol>(&mut self, text: &[S]) {
        debug_assert!(text.len() <= 64);
        self.keys.fill(FREE);
        for (place, symbol) in text.iter().enumerate() {
            let slot = self.slot(symbol.code());
            if self.keys[slot] == FREE {
                self.keys[slot] = symbol.code();
                self.masks[slot] = 0;
            }
            self.masks[slot] |= 1 << place;
        }
    }

    fn slot(&self, code: u32) -> usize {
        let mut slot = code as usize % SLOTS;
        while self.keys[slot] != code && self.keys[slot] != FREE {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    fn of<S: Symbol>(&self, symbol: S) -> u64 {
        let slot = self.slot(symbol.code());
        if self.keys[slot] == FREE { 0 } else { self.masks[slot] }
    }
}

/// Room to work in; one per thread.
pub struct Scratch {
    pub(crate) positions: Positions,
    left: Vec<u32>,
    right: Vec<u32>,
    rows: Vec<usize>,
    flags: Vec<bool>,
    pub(crate) left_tokens: Vec<u64>,
    pub(crate) right_tokens: Vec<u64>,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch {
            positions: Positions::new(),
            left: Vec::new(),
            right: Vec::new(),
            rows: Vec::new(),
            flags: Vec::new(),
            left_tokens: Vec::new(),
            right_tokens: Vec::new(),
        }
    }
}

impl Scratch {
    /// Both texts as code points, taken out of the scratch for a while.
    fn decode(&mut self, a: &str, b: &str) -> (Vec<u32>, Vec<u32>) {
        let (mut left, mut right) = (std::mem::take(&mut self.left), std::mem::take(&mut self.right));
        left.clear();
        right.clear();
        left.extend(a.chars().map(u32::from));
        right.extend(b.chars().map(u32::from));
        (left, right)
    }

    fn give_back(&mut self, (left, right): (Vec<u32>, Vec<u32>)) {
        self.left = left;
        self.right = right;
    }

    /// Levenshtein's distance: insertions, deletions, substitutions (Levenshtein 1966).
    pub fn levenshtein(&mut self, a: &str, b: &str) -> usize {
        self.edits::<false>(a, b)
    }

    /// Optimal string alignment, the usual "Damerau-Levenshtein": also counts two neighbours exchanged as one (Damerau 1964),
    /// and edits no part twice.
    pub fn damerau(&mut self, a: &str, b: &str) -> usize {
        self.edits::<true>(a, b)
    }

    fn edits<const SWAPS: bool>(&mut self, a: &str, b: &str) -> usize {
        if a.is_ascii() && b.is_ascii() {
            return edits::distance::<_, SWAPS>(a.as_bytes(), b.as_bytes(), &mut self.positions, &mut self.rows);
        }
        let texts = self.decode(a, b);
        let distance = edits::distance::<_, SWAPS>(&texts.0, &texts.1, &mut self.positions, &mut self.rows);
        self.give_back(texts);
        distance
    }

    /// Jaro's similarity (Jaro 1989), 0 to 1.
    pub fn jaro(&mut self, a: &str, b: &str) -> f64 {
        if a.is_ascii() && b.is_ascii() {
            return jaro::jaro(a.as_bytes(), b.as_bytes(), &mut self.positions, &mut self.flags);
        }
        let texts = self.decode(a, b);
        let similarity = jaro::jaro(&texts.0, &texts.1, &mut self.positions, &mut self.flags);
        self.give_back(texts);
        similarity
    }

    /// Jaro's similarity, raised for a common beginning of up to four letters when it is above 0.7 (Winkler 1990).
    pub fn jaro_winkler(&mut self, a: &str, b: &str) -> f64 {
        let jaro = self.jaro(a, b);
        if jaro <= 0.7 {
            return jaro;
        }
        let prefix = a.chars().zip(b.chars()).take(4).take_while(|(x, y)| x == y).count();
        jaro + 0.1 * prefix as f64 * (1.0 - jaro)
    }
}
