//! Jaro's similarity: common letters not too far apart, less half of those out of order.

use super::{Positions, Symbol};

/// Jaro, Advances in record-linkage methodology, JASA 84 (1989); counted like Winkler's strcmp95: an odd exchange is rounded down.
pub(super) fn jaro<S: Symbol>(a: &[S], b: &[S], positions: &mut Positions, flags: &mut Vec<bool>) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (common, exchanged) = if a.len() <= 64 && b.len() <= 64 { by_bits(a, b, window, positions) } else { by_flags(a, b, window, flags) };
    if common == 0 {
        return 0.0;
    }
    let m = common as f64;
    (m / a.len() as f64 + m / b.len() as f64 + (common - exchanged / 2) as f64 / m) / 3.0
}

/// Number of common letters, and of those that stand elsewhere in the other's order.
fn by_bits<S: Symbol>(a: &[S], b: &[S], window: usize, positions: &mut Positions) -> (usize, usize) {
    positions.fill(b);
    let (mut in_a, mut in_b) = (0u64, 0u64);
    for (i, &symbol) in a.iter().enumerate() {
        let near = below(i + window + 1) & !below(i.saturating_sub(window));
        let free = positions.of(symbol) & near & !in_b;
        if free != 0 {
            in_b |= free & free.wrapping_neg();
            in_a |= 1 << i;
        }
    }
    let common = in_a.count_ones() as usize;
    let mut exchanged = 0;
    while in_a != 0 {
        exchanged += usize::from(a[in_a.trailing_zeros() as usize] != b[in_b.trailing_zeros() as usize]);
        in_a &= in_a - 1;
        in_b &= in_b - 1;
    }
    (common, exchanged)
}

/// Bits 0 to n − 1.
fn below(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

fn by_flags<S: Symbol>(a: &[S], b: &[S], window: usize, flags: &mut Vec<bool>) -> (usize, usize) {
    flags.clear();
    flags.resize(a.len() + b.len(), false);
    let (in_a, in_b) = flags.split_at_mut(a.len());
    let mut common = 0;
    for (i, symbol) in a.iter().enumerate() {
        let near = i.saturating_sub(window)..(i + window + 1).min(b.len());
        if let Some(j) = near.into_iter().find(|&j| !in_b[j] && b[j] == *symbol) {
            (in_a[i], in_b[j]) = (true, true);
            common += 1;
        }
    }
    let of_a = a.iter().zip(in_a.iter()).filter(|(_, common)| **common).map(|(symbol, _)| symbol);
    let of_b = b.iter().zip(in_b.iter()).filter(|(_, common)| **common).map(|(symbol, _)| symbol);
    (common, of_a.zip(of_b).filter(|(x, y)| x != y).count())
}
