//! Likeness of addresses and other longer texts: which words they share, in whatever order.

use super::Scratch;
use crate::hash::{mix, of_bytes};

/// 2·|A∩B| / (|A|+|B|) of the sets of words (Dice 1945). Chinese is written without spaces: there the words are pairs of neighbouring characters.
pub fn token_dice(scratch: &mut Scratch, a: &str, b: &str) -> f64 {
    collect(a, &mut scratch.left_tokens);
    collect(b, &mut scratch.right_tokens);
    let all = scratch.left_tokens.len() + scratch.right_tokens.len();
    if all == 0 {
        return 0.0;
    }
    2.0 * shared(&scratch.left_tokens, &scratch.right_tokens) as f64 / all as f64
}

#[derive(PartialEq, Clone, Copy)]
enum Script {
    Gap,
    Digit,
    Latin,
    Han,
}

fn script(c: char) -> Script {
    match c {
        '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' => Script::Han,
        c if c.is_numeric() => Script::Digit,
        c if c.is_alphabetic() => Script::Latin,
        _ => Script::Gap,
    }
}

/// The set of hashes of the words, in order.
fn collect(text: &str, tokens: &mut Vec<u64>) {
    tokens.clear();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = script(first);
        let end = rest.char_indices().find(|(_, c)| script(*c) != kind).map_or(rest.len(), |(at, _)| at);
        let (run, behind) = rest.split_at(end);
        match kind {
            Script::Gap => {}
            Script::Han if run.len() > first.len_utf8() => {
                tokens.extend(run.chars().zip(run.chars().skip(1)).map(|(a, b)| mix(u64::from(a as u32) << 32 | u64::from(b as u32))));
            }
            _ => tokens.push(of_bytes(run.as_bytes())),
        }
        rest = behind;
    }
    tokens.sort_unstable();
    tokens.dedup();
}

/// Both sorted.
fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        shared += usize::from(a[i] == b[j]);
        let (x, y) = (a[i], b[j]);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
}
