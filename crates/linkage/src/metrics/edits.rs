//! Edit distances, bit by bit for texts of up to 64 letters.

use super::{Positions, Symbol};

/// With `SWAPS`, an exchange of neighbours is one edit.
pub(super) fn distance<S: Symbol, const SWAPS: bool>(a: &[S], b: &[S], positions: &mut Positions, rows: &mut Vec<usize>) -> usize {
    let (a, b) = without_common_ends(a, b);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        long.len()
    } else if short.len() <= 64 {
        bit_parallel::<S, SWAPS>(short, long, positions)
    } else {
        by_rows::<S, SWAPS>(short, long, rows)
    }
}

/// What both begin and end with costs nothing.
fn without_common_ends<'a, S: Symbol>(a: &'a [S], b: &'a [S]) -> (&'a [S], &'a [S]) {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    (&a[..a.len() - suffix], &b[..b.len() - suffix])
}

/// A column of the matrix as its vertical differences in two words: Myers, A fast bit-vector algorithm for approximate string matching,
/// JACM 46 (1999), in the form of Hyyrö, A bit-vector algorithm for computing Levenshtein and Damerau edit distances, NJC 10 (2003).
fn bit_parallel<S: Symbol, const SWAPS: bool>(pattern: &[S], text: &[S], positions: &mut Positions) -> usize {
    positions.fill(pattern);
    let last = 1u64 << (pattern.len() - 1);
    let mut distance = pattern.len();
    let (mut plus, mut minus) = (u64::MAX, 0u64);
    let (mut diagonal, mut before) = (0u64, 0u64);
    for &symbol in text {
        let here = positions.of(symbol);
        let swap = if SWAPS { ((!diagonal & here) << 1) & before } else { 0 };
        diagonal = ((here & plus).wrapping_add(plus) ^ plus) | here | minus | swap;
        let mut up = minus | !(diagonal | plus);
        let mut down = diagonal & plus;
        distance += usize::from(up & last != 0);
        distance -= usize::from(down & last != 0);
        up = (up << 1) | 1;
        down <<= 1;
        plus = down | !(diagonal | up);
        minus = up & diagonal;
        before = here;
    }
    distance
}

/// Wagner and Fischer (1974), three rows.
fn by_rows<S: Symbol, const SWAPS: bool>(a: &[S], b: &[S], rows: &mut Vec<usize>) -> usize {
    let width = a.len() + 1;
    rows.clear();
    rows.resize(3 * width, 0);
    let (mut two_up, rest) = rows.split_at_mut(width);
    let (mut up, mut row) = rest.split_at_mut(width);
    up.iter_mut().enumerate().for_each(|(i, cell)| *cell = i);
    for j in 1..=b.len() {
        row[0] = j;
        for i in 1..width {
            let mut least = (up[i - 1] + usize::from(a[i - 1] != b[j - 1])).min(up[i] + 1).min(row[i - 1] + 1);
            if SWAPS && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(two_up[i - 2] + 1);
            }
            row[i] = least;
        }
        (two_up, up, row) = (up, row, two_up);
    }
    up[width - 1]
}
